//! Other writers: the tip moves right before a push lands, and nothing of anybody's is lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bivouac::emulator::Verdict;
use tempfile::TempDir;

use crate::world::{APPLICATION, Run, World, commit, sha, wildside};

const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

fn world() -> World {
    let world = World::new();
    world.open(7, &sha('a'));
    world
}

fn file(path: &str, text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(path.to_owned(), text.to_owned())])
}

/// Lets `compete` happen right before each push is handled, with the number of the push, counted from 0.
/// Returns the number of pushes so far.
fn before_each_push(world: &World, compete: impl Fn(usize) + Send + Sync + 'static) -> Arc<AtomicUsize> {
    let pushes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&pushes);
    world.intercept(move |request| {
        if request.is_push() {
            compete(counter.fetch_add(1, Ordering::SeqCst));
        }
        Verdict::Pass
    });
    pushes
}

/// Commits files right before the first `times` pushes, each in a commit of its own.
fn others_commit(
    world: &World,
    times: usize,
    files: impl Fn(usize) -> BTreeMap<String, String> + Send + Sync + 'static,
) -> Arc<AtomicUsize> {
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    before_each_push(world, move |push| {
        if push < times {
            commit(&apps, &home, &files(push), &format!("Somebody else's {push}"));
        }
    })
}

fn subjects(world: &World) -> Vec<String> {
    world.git(&["log", "--format=%s", "main"]).lines().map(str::to_owned).collect()
}

/// The entries of the roster, as they are written.
fn entries(world: &World) -> Vec<String> {
    let roster = world.file(ROSTER).unwrap();
    let entries = roster.lines().filter_map(|line| line.trim().strip_prefix("- "));
    entries.map(|entry| entry.trim_matches('"').to_owned()).collect()
}

#[test]
fn a_tip_that_moves_ten_times_is_caught_on_the_eleventh_attempt() {
    let world = world();
    let pushes = others_commit(&world, 10, |push| file(&format!("notes/{push}.md"), &format!("note {push}\n")));
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((run.output("result"), pushes.load(Ordering::SeqCst)), ("created", 11));
    assert_eq!(run.output("apps-commit"), world.tip());
    let mut expected: Vec<_> = (0..10).map(|push| format!("Somebody else's {push}")).collect();
    expected.insert(0, "Lay out the apps repository".to_owned());
    expected.push("preview(wildside): put up pr-7 at aaaaaaa".to_owned());
    expected.reverse();
    assert_eq!(subjects(&world), expected);
    for push in 0..10 {
        assert_eq!(world.file(&format!("notes/{push}.md")), Some(format!("note {push}\n")));
    }
    assert_eq!(world.comments(7).len(), 1);
}

#[test]
fn a_roster_that_others_write_to_keeps_their_entries_and_comments() {
    let world = world();
    let roster = "# ours\nkind: Kustomization\nresources:\n  - \"by-hand\" # kept\n";
    others_commit(&world, 1, move |_| {
        let by_hand = ("overlays/ephemeral/by-hand/kustomization.yaml".to_owned(), "resources: []\n".to_owned());
        [(ROSTER.to_owned(), roster.to_owned()), by_hand].into()
    });
    world.deploy(7, &sha('a')).ok();
    assert_eq!(world.file(ROSTER).unwrap(), format!("{roster}  - \"pr-7\"\n"));
}

#[test]
fn a_tip_that_never_stands_still_ends_the_patience_and_nothing_is_left() {
    let world = world();
    let pushes = others_commit(&world, usize::MAX, |push| file("busy.md", &format!("{push}\n")));
    let started = Instant::now();
    let run = world.on_event("deploy", "synchronize", 7, &sha('a'), &["--patience", "2s"]);
    let elapsed = started.elapsed();
    assert_eq!(run.code, 5, "{}", run.stderr);
    let attempts = pushes.load(Ordering::SeqCst);
    assert!(run.stderr.contains(&format!("tip moved {attempts} times in a row")), "{}", run.stderr);
    assert!(run.stderr.contains("raise `--patience`, or serialise the jobs"), "{}", run.stderr);
    assert!(elapsed < Duration::from_secs(20), "{elapsed:?}");
    assert!(subjects(&world).iter().all(|subject| !subject.starts_with("preview(")));
    assert_eq!(world.file("overlays/ephemeral/pr-7/kustomization.yaml"), None);
    assert_eq!((run.outputs.len(), run.summary.as_str(), world.comments(7).len()), (0, "", 0));
}

#[test]
fn a_patience_of_nothing_is_one_attempt() {
    let world = world();
    let pushes = others_commit(&world, usize::MAX, |push| file("busy.md", &format!("{push}\n")));
    let run = world.on_event("deploy", "synchronize", 7, &sha('a'), &["--patience", "0s"]);
    assert_eq!((run.code, pushes.load(Ordering::SeqCst)), (5, 1), "{}", run.stderr);
}

/// Runs `verb` for pull requests 1 to 6 at the same time, each as a job of its own.
fn six_at_once(world: &World, verb: &str) -> Vec<Run> {
    thread::scope(|scope| {
        let jobs: Vec<_> = (1..=6)
            .map(|number| {
                scope.spawn(move || {
                    let home = TempDir::new().unwrap();
                    world.run_at_home(world.bivouac(&[verb, "--pull-request", &format!("{number}")]), home.path())
                })
            })
            .collect();
        jobs.into_iter().map(|job| job.join().unwrap().ok()).collect()
    })
}

#[test]
fn six_pull_requests_at_the_same_time_all_land_and_all_go() {
    let world = World::new();
    let before = world.file(ROSTER).unwrap();
    for number in 1..=6 {
        world.open(number, &sha('a'));
    }
    let results = six_at_once(&world, "deploy").into_iter().map(|run| run.output("result").to_owned());
    assert!(results.into_iter().all(|result| result == "created"));
    let mut listed = entries(&world);
    listed.sort();
    assert_eq!(listed, ["pr-1", "pr-2", "pr-3", "pr-4", "pr-5", "pr-6"]);
    for number in 1..=6 {
        assert!(world.file(&format!("overlays/ephemeral/pr-{number}/namespace.yaml")).is_some());
        assert_eq!(world.comments(number).len(), 1);
        world.emulator.forge().close(APPLICATION, number).unwrap();
    }
    assert_eq!(subjects(&world).len(), 7);

    assert!(six_at_once(&world, "teardown").iter().all(|run| run.output("result") == "removed"));
    assert_eq!(world.file(ROSTER).unwrap(), before);
    assert_eq!(world.git(&["ls-tree", "--name-only", "main:overlays/ephemeral"]), "kustomization.yaml\n");
}

#[test]
fn a_competing_change_of_the_configuration_is_honoured() {
    let world = world();
    let moved = wildside()["bivouac.yaml"].replace("preview.example.com", "moved.example.com");
    others_commit(&world, 1, move |_| file("bivouac.yaml", &moved));
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!(run.output("url"), "https://pr-7.moved.example.com");
    assert!(world.comments(7)[0].contains("https://pr-7.moved.example.com"));
    let patch = world.file("overlays/ephemeral/pr-7/patch-helmrelease-values.yaml").unwrap();
    assert!(patch.contains("pr-7.moved.example.com") && !patch.contains("preview.example.com"), "{patch}");
}

#[test]
fn a_competing_change_that_forbids_the_preview_is_honoured() {
    let world = world();
    let other = wildside()["bivouac.yaml"].replace("repository: acme/wildside", "repository: acme/other");
    others_commit(&world, 1, move |_| file("bivouac.yaml", &other));
    let run = world.deploy(7, &sha('a'));
    assert_eq!((run.code, world.comments(7).len()), (7, 0), "{}", run.stderr);
    assert_eq!(subjects(&world).len(), 2);
}

#[test]
fn a_pull_request_that_closes_between_two_attempts_gets_no_preview() {
    let world = world();
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    let forge = world.emulator.forge().clone();
    let pushes = before_each_push(&world, move |_| {
        forge.close(APPLICATION, 7).unwrap();
        commit(&apps, &home, &file("busy.md", "x\n"), "Somebody else's");
    });
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((run.output("result"), run.output("reason")), ("absent", "the pull request is closed"));
    assert_eq!(pushes.load(Ordering::SeqCst), 1);
    assert_eq!(subjects(&world), ["Somebody else's", "Lay out the apps repository"]);
    assert_eq!((run.output("apps-commit"), world.comments(7).len()), ("", 0));
}

#[test]
fn a_pull_request_that_moves_on_between_two_attempts_is_left_to_its_own_run() {
    let world = world();
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    let forge = world.emulator.forge().clone();
    before_each_push(&world, move |_| {
        forge.push(APPLICATION, 7, &sha('b')).unwrap();
        commit(&apps, &home, &file("busy.md", "x\n"), "Somebody else's");
    });
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((run.output("result"), world.comments(7).len()), ("superseded", 0));
    assert_eq!(subjects(&world), ["Somebody else's", "Lay out the apps repository"]);
}

/// Lets `first` run to its end right before the first push of `second`; returns both.
fn overtaken(world: &World, first: &[&str], second: &[&str]) -> (Run, Run) {
    let (started, may_start) = std::sync::mpsc::channel();
    let (ended, has_ended) = std::sync::mpsc::channel();
    let has_ended = std::sync::Mutex::new(has_ended);
    let is_first = std::sync::atomic::AtomicBool::new(true);
    world.intercept(move |request| {
        if request.is_push() && is_first.swap(false, Ordering::SeqCst) {
            started.send(()).unwrap();
            has_ended.lock().unwrap().recv_timeout(Duration::from_mins(1)).unwrap();
        }
        Verdict::Pass
    });
    thread::scope(|scope| {
        let second = scope.spawn(|| world.run_at_home(world.bivouac(second), TempDir::new().unwrap().path()));
        may_start.recv_timeout(Duration::from_mins(1)).unwrap();
        let first = world.run(world.bivouac(first));
        ended.send(()).unwrap();
        (first, second.join().unwrap())
    })
}

#[test]
fn a_deploy_that_is_overtaken_by_its_like_finds_nothing_left_to_do() {
    let world = world();
    let deploy = ["deploy", "--pull-request", "7"];
    let (first, second) = overtaken(&world, &deploy, &deploy);
    assert_eq!(first.ok().output("result"), "created");
    assert_eq!(second.ok().output("result"), "unchanged");
    assert_eq!(subjects(&world).len(), 2);
    assert_eq!(world.comments(7).len(), 1);
    let patch = world.file("overlays/ephemeral/pr-7/patch-helmrelease-values.yaml").unwrap();
    assert!(patch.contains("bivouac.dev/generation: \"1\""), "{patch}");
}

#[test]
fn a_deploy_that_is_overtaken_by_a_forced_teardown_puts_the_preview_up_with_a_later_generation() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.push(7, &sha('b'));
    let teardown = ["teardown", "--force", "--pull-request", "7"];
    let (first, second) = overtaken(&world, &teardown, &["deploy", "--pull-request", "7"]);
    assert_eq!(first.ok().output("result"), "removed");
    assert_eq!(second.ok().output("result"), "created");
    let patch = world.file("overlays/ephemeral/pr-7/patch-helmrelease-values.yaml").unwrap();
    assert!(patch.contains("bivouac.dev/generation: \"3\""), "{patch}");
    assert!(world.comments(7)[0].contains("generation=3 state=deploying"), "{:?}", world.comments(7));
}

#[test]
fn a_preview_that_somebody_makes_by_hand_meanwhile_is_left_alone() {
    let world = world();
    others_commit(&world, 1, |_| file("overlays/ephemeral/pr-7/kustomization.yaml", "resources: []\n"));
    let run = world.deploy(7, &sha('a'));
    assert_eq!((run.code, world.comments(7).len()), (7, 0), "{}", run.stderr);
    assert_eq!(world.file("overlays/ephemeral/pr-7/kustomization.yaml").unwrap(), "resources: []\n");
}

#[test]
fn a_branch_that_is_rewritten_meanwhile_is_not_written_over() {
    let world = world();
    let apps = world.apps.clone();
    world.commit_apps(&file("dropped.md", "x\n"), "To be dropped");
    before_each_push(&world, move |push| {
        if push == 0 {
            let main = apps.join("refs/heads/main");
            let home = apps.clone();
            let parent = crate::world::git_command(&apps, &home).args(["rev-parse", "main~1"]).output().unwrap();
            std::fs::write(main, crate::world::checked(&parent)).unwrap();
        }
    });
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "created");
    assert_eq!(subjects(&world).len(), 2);
    assert_eq!(world.file("dropped.md"), None);
}
