//! Two dozen writers at the same moment, each a process of its own: whichever backends they go by, each lands once.

use std::process::Stdio;

use tempfile::TempDir;

use crate::world::{World, sha};

const WRITERS: u64 = 24;
const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

/// Deploys pull requests 1 to 24 at once, each by the backend that `backend` gives its number.
fn all_land(backend: impl Fn(u64) -> &'static str) {
    let world = World::new();
    let homes: Vec<_> = (1..=WRITERS).map(|_| TempDir::new().unwrap()).collect();
    let mut running = Vec::new();
    for (number, home) in (1..=WRITERS).zip(&homes) {
        world.open(number, &sha('a'));
        let number_given = number.to_string();
        let arguments = ["deploy", "--pull-request", &number_given, "--backend", backend(number), "--patience", "10m"];
        let mut command = world.bivouac(&arguments);
        command.env("HOME", home.path()).env("TMPDIR", home.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        running.push((number, command.spawn().unwrap()));
    }
    for (number, child) in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{number}: {}", String::from_utf8_lossy(&output.stderr));
    }
    world.accepts_all();
    has_each_once(&world);
}

fn has_each_once(world: &World) {
    let roster = world.file(ROSTER).unwrap();
    let directories = world.git(&["ls-tree", "-d", "--name-only", "main:overlays/ephemeral"]);
    let mut subjects = Vec::new();
    for number in 1..=WRITERS {
        assert_eq!(roster.matches(&format!("\"pr-{number}\"")).count(), 1, "{roster}");
        assert!(directories.lines().any(|name| name == format!("pr-{number}")), "{directories}");
        assert_eq!(world.comments(number).len(), 1, "{number}");
        subjects.push(format!("preview(wildside): put up pr-{number} at aaaaaaa"));
    }
    subjects.push("Lay out the apps repository".to_owned());
    subjects.sort();
    let mut told: Vec<_> = world.git(&["log", "--format=%s", "main"]).lines().map(str::to_owned).collect();
    told.sort();
    assert_eq!(told, subjects);
    assert_eq!(world.git(&["rev-list", "--merges", "main"]), "");
    world.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn two_dozen_writers_by_the_api_all_land() {
    all_land(|_| "github");
}

#[test]
fn a_dozen_writers_by_the_api_and_a_dozen_by_git_all_land() {
    all_land(|number| if number % 2 == 0 { "github" } else { "git" });
}
