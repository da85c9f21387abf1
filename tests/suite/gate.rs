//! What keeps a preview from being committed, through `deploy`: the real kustomize and helm, a real registry, schemas.

mod broken;
mod charts;
mod images;
mod manifests;
mod programs;
mod roster;

use std::fs;
use std::process::Command;

use crate::built::{Layout, kustomization};
use crate::world::{Run, World, sha};
pub(crate) use charts::with_chart;

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n";

/// Deploys pull request 7, which the checks must refuse.
fn kept_back(world: &World) -> Run {
    ends_without_commit(world, deploy(world, &[]), 12)
}

fn deploy(world: &World, more: &[&str]) -> Command {
    world.event_command("deploy", "synchronize", 7, &sha('a'), more)
}

/// Runs a command that must commit nothing, tell nobody, and leave nothing on this machine.
fn ends_without_commit(world: &World, command: Command, code: i32) -> Run {
    let tip = world.tip();
    let run = world.run(command);
    assert_eq!(run.code, code, "{}\n{}", run.stdout, run.stderr);
    assert_eq!(world.tip(), tip);
    assert_eq!((world.comments(7).len(), run.output("result")), (0, ""));
    shows_nothing_of_this_machine(world, &run);
    run
}

fn shows_nothing_of_this_machine(world: &World, run: &Run) {
    let home = world.home.path().to_string_lossy().into_owned();
    for text in [&run.stdout, &run.stderr, &plain(&run.summary)] {
        assert!(!text.contains(&home) && !text.contains("/bivouac-"), "{text}");
    }
    let there = fs::read_dir(home).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> = there.filter(|name| name.starts_with("bivouac-")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The place and the words are on standard output, in an annotation, and in the summary.
fn is_told(run: &Run, word: &str, place: &str, words: &str) {
    let line = format!("{word} {place}: ");
    assert!(run.stdout.contains(&line) && run.stdout.contains(words), "{line}{words}\n{}", run.stdout);
    let level = if word == "refused" { "error" } else { "warning" };
    let annotations = run.stderr.lines().filter(|line| line.starts_with(&format!("::{level} title=Bivouac%3A ")));
    let found: Vec<_> = annotations.filter(|line| line.contains(place) && line.contains(words)).collect();
    assert!(!found.is_empty(), "{}", run.stderr);
    // The files are in another repository than the one that the run is of.
    assert!(!found[0].contains("file="), "{}", found[0]);
    let summary = plain(&run.summary);
    assert!(summary.contains(&format!("| {word} | {place} | ")) && summary.contains(words), "{summary}");
}

/// Markdown as it is read.
fn plain(markdown: &str) -> String {
    let text = markdown.replace(['\\', '\u{2060}'], "");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A layout whose base kustomize refuses, and Bivouac by itself does not.
fn broken() -> Layout {
    Layout::new().base("resources: [helmrelease.yaml]\nfoo: 1")
}
