//! Apps repositories with any number of previews, as the program itself writes them, and back to their start after each run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bivouac::domain::roster::Roster;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Fallible;

/// The list of all previews.
const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";
/// The files of one preview.
pub(crate) const FILES: [&str; 3] = ["kustomization.yaml", "namespace.yaml", "patch-helmrelease-values.yaml"];
/// What the program is let loose on to see how it writes a preview; nothing else has this number in it.
pub(crate) const EXAMPLE: u64 = 777_777;
/// When the first preview was put up.
const BEGIN: i64 = 1_767_225_600;

/// A bare apps repository, packed.
pub(crate) struct Apps {
    /// `acme/apps-10`.
    pub(crate) name: String,
    pub(crate) previews: usize,
    folder: PathBuf,
    start: String,
    packs: BTreeSet<PathBuf>,
    roster_bytes: u64,
    roster_json_bytes: u64,
}

/// What a repository is like.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Described {
    pub(crate) previews: usize,
    pub(crate) files: usize,
    pub(crate) pack_bytes: u64,
    pub(crate) roster_bytes: u64,
    /// The same as a text in JSON.
    pub(crate) roster_json_bytes: u64,
}

/// How the program writes a preview: the texts of its files and of the roster, with `@NUMBER@` and `@COMMIT@` in them.
pub(crate) struct Example {
    pub(crate) files: BTreeMap<&'static str, String>,
    roster: String,
    created_at: String,
}

/// The files of an apps repository without any preview.
fn laid_out() -> BTreeMap<String, String> {
    let files = [
        ("bivouac.yaml", include_str!("../fixtures/bivouac.yaml")),
        ("base/kustomization.yaml", include_str!("../fixtures/base/kustomization.yaml")),
        ("base/helmrelease.yaml", include_str!("../fixtures/base/helmrelease.yaml")),
        ("overlays/production/kustomization.yaml", include_str!("../fixtures/production/kustomization.yaml")),
    ];
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
}

/// Commits the repository that is only laid out.
pub(crate) fn lay_out(folder: &Path) -> Fallible<()> {
    import(folder, &laid_out())
}

/// A commit's id that belongs to this number: as random as a real one, and always the same.
pub(crate) fn commit_of(number: u64) -> String {
    let mut state = number;
    let words = (0..5).map(|_| {
        // SplitMix64: https://prng.di.unimi.it/splitmix64.c
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:08x}", (mixed ^ (mixed >> 31)) >> 32)
    });
    words.collect()
}

impl Example {
    /// Reads what the program wrote for the pull request [`EXAMPLE`].
    pub(crate) fn read(folder: &Path) -> Fallible<Self> {
        let (number, commit) = (EXAMPLE.to_string(), commit_of(EXAMPLE));
        let read = |path: &str| {
            let text = git(folder, &["show", &format!("main:{path}")])?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
                text.replace(&number, "@NUMBER@").replace(&commit, "@COMMIT@"),
            )
        };
        let mut files = BTreeMap::new();
        for file in FILES {
            files.insert(file, read(&format!("overlays/ephemeral/pr-{EXAMPLE}/{file}"))?);
        }
        let created_at = files[FILES[2]].lines().find_map(|line| line.trim().strip_prefix("bivouac.dev/created-at: "));
        let created_at = created_at.ok_or("the patch does not say when it was made")?.trim_matches('"').to_owned();
        Ok(Self { roster: read(ROSTER)?, created_at, files })
    }

    /// All files of a repository with this many previews.
    fn repository(&self, previews: usize) -> Fallible<BTreeMap<String, String>> {
        let mut files = laid_out();
        let (head, entry) = self.roster.split_once("resources:\n").ok_or("the roster has no list")?;
        let mut roster = format!("{head}resources:\n");
        for number in 1..=previews as u64 {
            let created = Timestamp::from_second(BEGIN)? + SignedDuration::from_mins(7) * i32::try_from(number)?;
            let fill = |text: &str| {
                let text = text.replace("@NUMBER@", &number.to_string()).replace("@COMMIT@", &commit_of(number));
                text.replace(&self.created_at, &created.to_string())
            };
            for (name, text) in &self.files {
                files.insert(format!("overlays/ephemeral/pr-{number}/{name}"), fill(text));
            }
            roster.push_str(&fill(entry));
        }
        if previews == 0 {
            roster = format!("{head}resources: []\n");
        }
        files.insert(ROSTER.to_owned(), roster);
        Ok(files)
    }
}

impl Apps {
    /// A repository that nobody goes back to the start of.
    pub(crate) fn open(name: &str, folder: PathBuf) -> Self {
        let (name, start, packs) = (name.to_owned(), String::new(), BTreeSet::new());
        Self { name, previews: 0, folder, start, packs, roster_bytes: 0, roster_json_bytes: 0 }
    }

    /// Fills an empty repository, with `more` files than its previews have, and packs it as a server would.
    pub(crate) fn generate(
        name: &str,
        folder: PathBuf,
        previews: usize,
        example: &Example,
        more: &BTreeMap<String, String>,
    ) -> Fallible<Self> {
        let mut files = example.repository(previews)?;
        files.extend(more.clone());
        import(&folder, &files)?;
        git(&folder, &["gc", "--quiet"])?;
        let start = git(&folder, &["rev-parse", "main"])?.trim().to_owned();
        let packs = packs(&folder)?;
        let roster = &files[ROSTER];
        let (roster_bytes, roster_json_bytes) = (roster.len() as u64, serde_json::to_string(roster)?.len() as u64);
        Ok(Self { name: name.to_owned(), previews, folder, start, packs, roster_bytes, roster_json_bytes })
    }

    pub(crate) fn describe(&self) -> Fallible<Described> {
        let sizes = self.packs.iter().filter(|path| path.extension().is_some_and(|extension| extension == "pack"));
        let sizes: Result<Vec<_>, _> = sizes.map(|path| fs::metadata(path).map(|metadata| metadata.len())).collect();
        let files = git(&self.folder, &["ls-tree", "-r", "--name-only", &self.start])?.lines().count();
        Ok(Described {
            previews: self.previews,
            files,
            pack_bytes: sizes?.iter().sum(),
            roster_bytes: self.roster_bytes,
            roster_json_bytes: self.roster_json_bytes,
        })
    }

    /// Checks it out into a folder that is not there yet.
    #[allow(dead_code, clippy::allow_attributes, reason = "another benchmark takes it from here")]
    pub(crate) fn check_out(&self, into: &Path) -> Fallible<()> {
        git(&self.folder, &["clone", "--quiet", "--branch", "main", ".", &into.to_string_lossy()])?;
        Ok(())
    }

    /// Takes back whatever was pushed: the branch, and the objects that came with it.
    pub(crate) fn reset(&self) -> Fallible<()> {
        git(&self.folder, &["update-ref", "refs/heads/main", &self.start])?;
        for entry in fs::read_dir(self.folder.join("objects"))? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.len() == 2) {
                fs::remove_dir_all(path)?;
            }
        }
        for path in packs(&self.folder)?.difference(&self.packs) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    /// Which of these pull requests have their entry in the roster and their directory with all files.
    pub(crate) fn landed(&self, numbers: &[u64]) -> Fallible<BTreeSet<u64>> {
        let roster = git(&self.folder, &["show", &format!("main:{ROSTER}")])?;
        // A roster that can not be read lists nobody.
        let Ok(roster) = Roster::parse(&roster) else { return Ok(BTreeSet::new()) };
        let listed: BTreeSet<_> = roster.directories().collect();
        let mut landed = BTreeSet::new();
        for number in numbers.iter().filter(|number| listed.contains(format!("pr-{number}").as_str())) {
            let directory = format!("overlays/ephemeral/pr-{number}/");
            let names = git(&self.folder, &["ls-tree", "--name-only", "main", &directory])?;
            let names: Vec<_> = names.lines().filter_map(|path| path.strip_prefix(&directory)).collect();
            if names == FILES {
                landed.insert(*number);
            }
        }
        Ok(landed)
    }
}

fn packs(folder: &Path) -> Fallible<BTreeSet<PathBuf>> {
    let entries = fs::read_dir(folder.join("objects/pack"))?;
    Ok(entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?)
}

/// Commits files to `main`: `git fast-import`, whatever their number.
fn import(folder: &Path, files: &BTreeMap<String, String>) -> Fallible<()> {
    let mut stream = format!("commit refs/heads/main\ncommitter A person <person@example.com> {BEGIN} +0000\n");
    writeln!(stream, "{}deleteall", data("Lay out the apps repository"))?;
    for (path, text) in files {
        write!(stream, "M 100644 inline {path}\n{}", data(text))?;
    }
    let mut command = hermetic(folder);
    let mut running = command.args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped()).spawn()?;
    running.stdin.take().ok_or("git has no input")?.write_all(stream.as_bytes())?;
    if running.wait()?.success() { Ok(()) } else { Err("`git fast-import` failed".into()) }
}

fn data(text: &str) -> String {
    format!("data {}\n{text}\n", text.len())
}

/// What git says, run on a repository by itself and without anybody's configuration.
fn git(folder: &Path, arguments: &[&str]) -> Fallible<String> {
    let output = hermetic(folder).args(arguments).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(format!("`git {}` failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into())
}

fn hermetic(folder: &Path) -> Command {
    let mut command = Command::new("git");
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.current_dir(folder).env_clear().env("PATH", path).env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1");
    command
}
