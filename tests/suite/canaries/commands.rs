//! Each verb once, with all secrets there are.

use std::fs;
use std::process::Command;

use bivouac::emulator::Actor;
use tempfile::TempDir;

use super::ground::{Ground, Way};
use crate::command::{ADA, event, hearing};
use crate::world::{APPLICATION, sha};

impl Ground {
    fn on(&self, verb: &str, action: &str, digit: char, more: &[&str]) -> Command {
        self.world.event_command(verb, action, 7, &sha(digit), more)
    }

    /// Fails the test unless it ends with this code.
    fn ends(&self, command: Command, code: i32, what: &str) -> crate::world::Run {
        let run = self.run(command, what);
        assert_eq!(run.code, code, "{what}: {run:#?}");
        run
    }

    fn verb(&self, arguments: &[&str], code: i32) -> crate::world::Run {
        self.ends(self.world.bivouac(arguments), code, &arguments.join(" "))
    }
}

/// A preview's whole life, and all that can be asked of it.
fn live(ground: &Ground) {
    ground.ends(ground.on("deploy", "opened", 'a', &["--dry-run"]), 0, "a deploy that is only planned");
    let run = ground.ends(ground.on("deploy", "opened", 'a', &[]), 0, "deploy");
    assert_eq!(run.output("result"), "created");
    assert!(ground.started().contains(&"kubectl".to_owned()) && ground.started().contains(&"helm".to_owned()));
    let wait = ground.on("wait", "synchronize", 'a', &["--wait-timeout", "1s"]);
    assert_ne!(ground.run(wait, "wait").code, 2);
    for arguments in [
        &["list", "--format", "json"][..],
        &["list"],
        &["history", "--stats"],
        &["history", "pr-7"],
        &["diff", "pr-7", "--summary"],
        &["sweep", "--dry-run"],
        &["sweep", "--all"],
        &["schema"],
    ] {
        ground.verb(arguments, 0);
    }
    ground.world.push(7, &sha('b'));
    ground.ends(ground.on("deploy", "synchronize", 'b', &["--format", "json"]), 0, "a second deploy");
    let comment = ground.world.emulator.forge().comment(APPLICATION, 7, Actor::user(ADA), "/preview redeploy").unwrap();
    let heard = hearing(&ground.world, &event(7, comment.id, &Actor::user(ADA), "/preview redeploy"), &[]);
    ground.ends(heard, 0, "command");
    ground.world.emulator.forge().close(APPLICATION, 7).unwrap();
    let run = ground.ends(ground.on("teardown", "closed", 'b', &[]), 0, "teardown");
    assert_eq!(run.output("result"), "removed");
    ground.verb(&["sweep"], 0);
}

/// What looks at things, and what lays them out.
fn look(ground: &Ground) {
    ground.ends(ground.on("deploy", "opened", 'a', &[]), 0, "deploy");
    let tree = ground.world.checkout();
    let mut validate = ground.world.bivouac(&["validate", "--format", "json"]);
    validate.current_dir(tree.path().join("tree"));
    ground.ends(validate, 0, "validate");
    let doctor = ground.run(ground.world.bivouac(&["doctor"]), "doctor");
    assert!(matches!(doctor.code, 0 | 11 | 12), "{doctor:#?}");
    let folder = TempDir::new().unwrap();
    let there = folder.path().join("apps").display().to_string();
    let application = ["--application", "wildside", "--repository", APPLICATION, "--domain", "preview.example.com"];
    ground.verb(&[&["init", &there], &application[..]].concat(), 0);
    let laid_out = fs::read_to_string(folder.path().join("apps/bivouac.yaml")).unwrap();
    for canary in &ground.canaries {
        assert!(canary.secrets.iter().all(|secret| !laid_out.contains(secret)), "{}", canary.name);
    }
}

#[test]
fn a_preview_lives_and_shows_no_secret_that_is_in_a_variable() {
    live(&Ground::new(Way::Variables));
}

#[test]
fn a_preview_lives_and_shows_no_secret_that_is_in_a_file() {
    live(&Ground::new(Way::Files));
}

#[test]
fn who_looks_at_previews_shows_no_secret() {
    for way in [Way::Variables, Way::Files] {
        look(&Ground::new(way));
    }
}
