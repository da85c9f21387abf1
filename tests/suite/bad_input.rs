//! What can be wrong with what Bivouac is given: it says so in a message with the right exit code, and writes nothing.

mod addresses;
mod base;
mod configuration;
mod credentials;
mod event;
mod hostile_hook;
mod hostile_title;
mod in_the_way;
mod options;
mod roots;
mod servers;
mod strangers;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use bivouac::emulator::{ReceivedRequest, RequestKind};
use tempfile::TempDir;

use crate::world::{World, checked, git_command, sha, wildside};

/// A run that was refused.
pub(crate) struct Refusal {
    pub(crate) code: i32,
    /// What it said on standard error, without masks and the annotation, and with what differs between runs taken out.
    pub(crate) said: String,
    /// How often the Git server was asked.
    pub(crate) git_requests: usize,
}

impl Refusal {
    /// Runs a command, and proves that it wrote nothing anywhere and did not even begin to push.
    pub(crate) fn of(world: &World, command: Command) -> Self {
        let refusal = Self::of_a_push(world, command);
        let requests = world.emulator.requests();
        assert!(!requests.iter().any(ReceivedRequest::begins_push), "{requests:#?}");
        refusal
    }

    /// Runs a command that may try to push, and proves that it wrote nothing anywhere.
    pub(crate) fn of_a_push(world: &World, command: Command) -> Self {
        let before = branches(world);
        let comments = world.emulator.forge().comments(crate::world::APPLICATION, 7).ok();
        world.emulator.forget_requests();
        let run = world.run(command);
        assert_ne!(run.code, 0, "{}\n{}", run.stdout, run.stderr);
        assert_eq!((run.stdout.as_str(), run.summary.as_str()), ("", ""));
        assert!(run.outputs.is_empty(), "{:?}", run.outputs);
        assert_eq!(branches(world), before);
        assert_eq!(world.emulator.forge().comments(crate::world::APPLICATION, 7).ok(), comments);
        assert_eq!(world.requests(RequestKind::Api), []);
        let left: Vec<_> = fs::read_dir(world.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("bivouac-")), "{left:?}");
        let git_requests = world.requests(RequestKind::Git).len();
        Self { code: run.code, said: words(world, &run.stderr), git_requests }
    }

    /// Runs `deploy` for the open pull request 7 with these files in the apps repository beside the usual ones.
    pub(crate) fn with_files(files: &[(&str, &str)]) -> Self {
        let world = World::empty();
        world.open(7, &sha('a'));
        let mut all = wildside();
        all.extend(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
        world.commit_apps(&all, "Lay out the apps repository");
        Self::of(&world, deploy(&world, &[]))
    }

    /// Runs `deploy` for the open pull request 7 with `change` made to the files of the apps repository.
    pub(crate) fn after(change: impl FnOnce(&Path)) -> Self {
        let world = World::new();
        world.open(7, &sha('a'));
        commit_change(&world, change);
        Self::of(&world, deploy(&world, &[]))
    }

    /// Runs `deploy` with more arguments for the open pull request 7 and the usual files.
    pub(crate) fn of_arguments(arguments: &[&str]) -> Self {
        let world = World::new();
        world.open(7, &sha('a'));
        Self::of(&world, deploy(&world, arguments))
    }
}

/// `deploy` for pull request 7 at its commit `a…`.
pub(crate) fn deploy(world: &World, arguments: &[&str]) -> Command {
    world.event_command("deploy", "synchronize", 7, &sha('a'), arguments)
}

/// `teardown` for pull request 7 at its commit `a…`.
pub(crate) fn teardown(world: &World, arguments: &[&str]) -> Command {
    world.event_command("teardown", "closed", 7, &sha('a'), arguments)
}

/// Every branch of the apps repository with its commit.
fn branches(world: &World) -> String {
    world.git(&["for-each-ref"])
}

/// The file of the configuration with one text in it replaced.
pub(crate) fn configuration(from: &str, to: &str) -> String {
    let text = wildside().remove("bivouac.yaml").unwrap();
    assert!(text.contains(from), "{text}");
    text.replace(from, to)
}

/// What was said on standard error. Proves that the runner gets one annotation, and no other command but masks.
fn words(world: &World, stderr: &str) -> String {
    let mut said = Vec::new();
    for line in stderr.lines().filter(|line| !line.starts_with("::add-mask::")) {
        let is_annotation = line.starts_with("::error title=Bivouac::");
        assert!(is_annotation || !is_command(line), "{line}");
        // A cause that was told before is told again nowhere: `base::a_cause_is_told_once` sees to that.
        let is_known = |cause: &str| said.iter().any(|said: &&str| said.contains(cause));
        if !is_annotation && !line.strip_prefix("  because ").is_some_and(is_known) {
            said.push(line);
        }
    }
    let annotations = stderr.lines().filter(|line| line.starts_with("::error")).count();
    assert!(annotations <= 1, "{stderr}");
    let said = said.join("\n").replace(&world.emulator.server_url(), "http://SERVER");
    said.replace(&*world.home.path().to_string_lossy(), "HOME")
}

/// Whether a runner would take a line for a command.
/// <https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("::") || line.contains("##[")
}

/// Commits what `change` does to the files of the apps repository, which may be anything that git can hold.
pub(crate) fn commit_change(world: &World, change: impl FnOnce(&Path)) {
    let folder = TempDir::new().unwrap();
    let tree = folder.path().join("tree");
    let home = world.home.path();
    let clone = [&*world.apps.to_string_lossy(), &*tree.to_string_lossy()].map(str::to_owned);
    checked(&git_command(Path::new("/"), home).args(["clone", "--quiet"]).args(clone).output().unwrap());
    change(&tree);
    for arguments in [&["add", "--all"][..], &["commit", "--quiet", "--message", "Change"], &["push", "--quiet"]] {
        checked(&git_command(&tree, home).args(arguments).output().unwrap());
    }
}

/// Writes a file, with the directories that lead to it.
pub(crate) fn write(path: &Path, contents: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, contents).unwrap();
}

/// Files by name, as [`World::commit_apps`] takes them.
pub(crate) fn files(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}
