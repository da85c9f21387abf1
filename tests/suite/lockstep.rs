//! One long life in two worlds, one for each backend: after every step the trees are the same, and so is all that was said.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, thread};

use jiff::Timestamp;

use crate::bad_input::{commit_change, write};
use crate::world::{APPLICATION, Run, World, sha, wildside};

const STEPS: usize = 48;
const NUMBERS: u64 = 5;
const PREVIEWS: &str = "overlays/ephemeral";
const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

/// What happens next, the same in both worlds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Step {
    Open(u64),
    Push(u64, char),
    Label(u64),
    Unlabel(u64),
    Close(u64),
    Reopen(u64),
    Again(u64),
    ForcedTeardown(u64),
    Sweep,
    List,
    Hours(i64),
    Configure(&'static str),
    Foreign(Foreign, u64),
}

/// What somebody else commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Foreign {
    Notes,
    RosterInAnotherHand,
    RosterWithoutPreviews,
    NoRoster,
    MoreInPreview,
    NoPreview,
    EditedPreview,
    LinkBeside,
}

const FOREIGN: [Foreign; 8] = [
    Foreign::Notes,
    Foreign::RosterInAnotherHand,
    Foreign::RosterWithoutPreviews,
    Foreign::NoRoster,
    Foreign::MoreInPreview,
    Foreign::NoPreview,
    Foreign::EditedPreview,
    Foreign::LinkBeside,
];

const POLICIES: [&str; 4] = ["{}", "{ttl: 2d}", "{limit: 3}", "{ttl: 1d, limit: 4, host: \"{name}.next.{domain}\"}"];

/// Numbers that look like chance, and are the same every time.
/// <https://prng.di.unimi.it/splitmix64.c>
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// The pull requests as they are in both worlds: the last digit of the head, and whether it is open.
type PullRequests = BTreeMap<u64, (char, bool)>;

fn next(chance: &mut Chance, known: &PullRequests) -> Step {
    let number = 1 + chance.below(NUMBERS);
    let Some((head, is_open)) = known.get(&number).copied() else { return Step::Open(number) };
    match chance.below(16) {
        0..=2 if is_open => Step::Push(number, if head == 'f' { 'a' } else { char::from(head as u8 + 1) }),
        0..=2 => Step::Reopen(number),
        3 => Step::Label(number),
        4 => Step::Unlabel(number),
        5 if is_open => Step::Close(number),
        6 | 7 => Step::Again(number),
        8 => Step::ForcedTeardown(number),
        9 | 10 => Step::Sweep,
        11 => Step::Configure(chance.of(&POLICIES)),
        12 => Step::Hours(chance.of(&[1, 20, 50])),
        13 => Step::List,
        _ => Step::Foreign(chance.of(&FOREIGN), number),
    }
}

fn remember(known: &mut PullRequests, step: &Step) {
    match *step {
        Step::Open(number) => drop(known.insert(number, ('a', true))),
        Step::Push(number, head) => known.get_mut(&number).unwrap().0 = head,
        Step::Close(number) => known.get_mut(&number).unwrap().1 = false,
        Step::Reopen(number) => known.get_mut(&number).unwrap().1 = true,
        _ => {}
    }
}

/// Lets a step happen in a world; what the program said of it, if it ran.
fn happen(world: &World, known: &PullRequests, step: &Step) -> Option<Run> {
    let forge = world.emulator.forge();
    let deploy = |action: &str, number: u64| world.on_event("deploy", action, number, &sha(known[&number].0), &[]);
    match step {
        Step::Open(number) => {
            world.open(*number, &sha('a'));
            return Some(deploy("opened", *number));
        }
        Step::Push(number, head) => {
            world.push(*number, &sha(*head));
            return Some(deploy("synchronize", *number));
        }
        Step::Label(number) => {
            forge.label(APPLICATION, *number, "no-preview").unwrap();
            return Some(deploy("labeled", *number));
        }
        Step::Unlabel(number) => {
            let _may_not_have_it = forge.unlabel(APPLICATION, *number, "no-preview");
            return Some(deploy("unlabeled", *number));
        }
        Step::Close(number) => {
            forge.close(APPLICATION, *number).unwrap();
            return Some(world.teardown(*number, &sha(known[number].0)));
        }
        Step::Reopen(number) => {
            forge.reopen(APPLICATION, *number).unwrap();
            return Some(deploy("reopened", *number));
        }
        Step::Again(number) => return Some(deploy("synchronize", *number)),
        Step::ForcedTeardown(number) => {
            let number = number.to_string();
            return Some(world.run(world.bivouac(&["teardown", "--force", "--pull-request", &number])));
        }
        Step::Sweep => return Some(world.run(world.bivouac(&["sweep"]))),
        Step::List => return Some(world.run(world.bivouac(&["list", "--format", "json"]))),
        Step::Hours(hours) => world.pass_hours(*hours),
        Step::Configure(policy) => {
            let text = format!("{}preview: {policy}\n", wildside()["bivouac.yaml"]);
            world.commit_apps(&[("bivouac.yaml".to_owned(), text)].into(), "Change the policy");
        }
        Step::Foreign(foreign, number) => commit_change(world, |tree| interfere(tree, *foreign, *number)),
    }
    None
}

/// Changes the files of the apps repository by hand. Something always changes, so that there is something to commit.
fn interfere(tree: &Path, foreign: Foreign, number: u64) {
    let preview = tree.join(PREVIEWS).join(format!("pr-{number}"));
    let notes = tree.join("notes.md");
    write(&notes, format!("{}{foreign:?} {number}\n", fs::read_to_string(&notes).unwrap_or_default()));
    let roster = fs::read_to_string(tree.join(ROSTER)).unwrap_or_default();
    match foreign {
        Foreign::RosterInAnotherHand => {
            let text = roster.replace("resources:", "# ours\nresources:").replace('"', "'").replace('\n', "\r\n");
            write(&tree.join(ROSTER), text.trim_end());
        }
        Foreign::RosterWithoutPreviews => write(&tree.join(ROSTER), "resources: []\n"),
        Foreign::NoRoster if !roster.is_empty() => fs::remove_file(tree.join(ROSTER)).unwrap(),
        Foreign::MoreInPreview if preview.exists() => {
            write(&preview.join("notes/a \"quoted\" näme"), b"\0\xff");
            std::os::unix::fs::symlink("notes", preview.join("link")).unwrap_or_default();
        }
        Foreign::NoPreview if preview.exists() => fs::remove_dir_all(&preview).unwrap(),
        Foreign::EditedPreview if preview.exists() => {
            let path = preview.join("kustomization.yaml");
            write(&path, fs::read_to_string(&path).unwrap() + "# by hand\n");
        }
        Foreign::LinkBeside => {
            let _may_be_there = std::os::unix::fs::symlink("pr-1", tree.join(PREVIEWS).join("latest"));
        }
        _ => {}
    }
}

/// All that must be the same in both worlds.
#[derive(Debug, PartialEq, Eq)]
struct Sight {
    tree: String,
    messages: Vec<String>,
    comments: Vec<Vec<String>>,
    code: i32,
    outputs: BTreeMap<String, String>,
    said: Vec<String>,
}

fn sight(world: &World, known: &PullRequests, run: Option<Run>) -> Sight {
    let (server, tip) = (world.emulator.server_url(), world.tip());
    let plain = |text: &str| plain(text, &server, &tip);
    let comments = known.keys().map(|number| world.comments(*number).iter().map(|body| plain(body)).collect());
    let tree = world.git(&["rev-parse", "main^{tree}"]);
    let messages = world.git(&["log", "--format=%B%x00", "main"]);
    // GitHub leaves out the line end after the last line.
    let messages: Vec<_> = messages.split('\0').map(|message| plain(message.trim_end())).collect();
    let (code, outputs, said) = match run {
        None => (0, BTreeMap::new(), Vec::new()),
        Some(run) => {
            assert!(["", tip.as_str()].contains(&run.output("apps-commit")), "{run:#?}");
            let outputs = run.outputs.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
            let notes = run.stderr.lines().filter(|line| !line.contains("this machine's clock says"));
            let notes: Vec<_> = notes.collect();
            (run.code, outputs, [run.stdout.as_str(), &notes.join("\n"), &run.summary].map(plain).into())
        }
    };
    Sight { tree, messages, comments: comments.collect(), code, outputs, said }
}

/// A text without the address of the server and the commit, which differ, and what comments have as a sum of such a text.
fn plain(text: &str, server: &str, tip: &str) -> String {
    let text = text.replace(server, "http://SERVER").replace(tip, "TIP").replace(&tip[..7], "TIP");
    let words = text.split(' ').map(|word| if word.starts_with("text=") { "text=…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn lives_alike(seed: u64) -> Vec<Step> {
    let mut worlds = ["git", "github"].map(|backend| {
        let mut world = World::new();
        world.backend = backend;
        // So far off that the forge's clock counts.
        world.stop_clock(Timestamp::from_second(2_000_000_000).unwrap());
        world
    });
    let (mut chance, mut known, mut steps) = (Chance(seed), PullRequests::new(), Vec::new());
    for index in 0..STEPS {
        let step = next(&mut chance, &known);
        remember(&mut known, &step);
        let [git, github] = thread::scope(|scope| {
            let sights = worlds.each_mut().map(|world| {
                let (world, known, step) = (&*world, &known, &step);
                scope.spawn(move || sight(world, known, happen(world, known, step)))
            });
            sights.map(|sight| sight.join().unwrap())
        });
        steps.push(step);
        assert_eq!(git, github, "seed {seed}, step {index} of {steps:?}");
    }
    for world in &worlds {
        world.git(&["fsck", "--strict", "--no-dangling"]);
    }
    steps
}

#[test]
fn a_long_life_is_the_same_by_either_backend() {
    let steps = lives_alike(1);
    println!("{steps:?}");
}
