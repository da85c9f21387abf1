//! The comments that the documentation shows pictures of, as the program writes them: `make pictures`.

use std::fs;
use std::path::Path;

use bivouac::emulator::{CommitStatusState, NewCommitStatus};

use crate::forks;
use crate::world::{APPLICATION, World, sha};

const SETTINGS: &str = "preview:\n  ttl: 7d\n  drafts: false\n  limit: 2\nchecks: {ready: {flux: true}}\n";

fn world() -> World {
    let world = World::new();
    let configuration = world.file("bivouac.yaml").unwrap() + SETTINGS;
    world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Make rules");
    for (number, digit) in [(7, '7'), (8, '8'), (9, '9'), (10, 'a')] {
        world.open(number, &sha(digit));
    }
    world
}

/// `deploy` as octocat.
fn deploy(world: &World, number: u64, digit: char) {
    let mut command =
        world.event_command("deploy", "synchronize", number, &sha(digit), &["--image", "frontend=v1.4.2"]);
    command.env("GITHUB_ACTOR", "octocat");
    world.run(command).ok();
}

/// What `wait` makes of the comment of pull request 7, when Flux has said that of its release.
fn waited(world: &World, state: CommitStatusState, description: &str) -> String {
    let said = NewCommitStatus::new("helmrelease/wildside/0c9c2e41", state, description);
    world.emulator.forge().post_status(APPLICATION, &sha('7'), said).unwrap();
    let mut command = world.event_command("wait", "synchronize", 7, &sha('7'), &["--wait-timeout", "2s"]);
    command.env("GITHUB_ACTOR", "octocat");
    world.run(command);
    world.comments(7).remove(0)
}

/// Every state that a comment has, by its name.
fn comments() -> [(&'static str, String); 9] {
    let world = world();
    deploy(&world, 7, '7');
    deploy(&world, 8, '8');
    let deploying = world.comments(7).remove(0);
    let failed = waited(&world, CommitStatusState::Failure, "Helm install failed: timed out");
    let ready = waited(&world, CommitStatusState::Success, "Helm install succeeded");
    deploy(&world, 9, '9');
    let limit = world.comments(9).remove(0);

    let patch = "overlays/ephemeral/pr-8/patch-helmrelease-values.yaml";
    let text = world.file(patch).unwrap();
    let ends = |line: &&str| line.trim_start().starts_with("bivouac.dev/expires-at");
    let line = text.lines().find(ends).unwrap();
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(5);
    let sooner =
        text.replace(line, &format!("    bivouac.dev/expires-at: \"{}\"", soon.strftime("%Y-%m-%dT%H:%M:%SZ")));
    world.commit_apps(&[(patch.to_owned(), sooner)].into(), "Let it end");
    deploy(&world, 8, '8');
    let expiring = world.comments(8).remove(0);

    let (unread, unapproved) = of_a_fork();
    world.emulator.forge().mark_draft(APPLICATION, 10, true).unwrap();
    deploy(&world, 10, 'a');
    world.emulator.forge().merge(APPLICATION, 7).unwrap();
    let mut command = world.event_command("teardown", "closed", 7, &sha('7'), &[]);
    command.env("GITHUB_ACTOR", "octocat");
    world.run(command).ok();
    [
        ("deploying", deploying),
        ("expiring", expiring),
        ("failed", failed),
        ("limit", limit),
        ("unread", unread),
        ("unapproved", unapproved),
        ("ready", ready),
        ("refused", world.comments(10).remove(0)),
        ("removed", world.comments(7).remove(0)),
    ]
}

/// What a fork's pull request is told before anybody has read its head, and after a push that nobody has read.
fn of_a_fork() -> (String, String) {
    let world = forks::world("");
    forks::on(&world, "deploy", &forks::event("opened", &sha('a')), &[]).ok();
    let unread = world.comments(7).remove(0);
    forks::approve(&world, &sha('a'));
    forks::pushed(&world, 'b');
    let of_ours = |body: &String| body.starts_with("<!-- bivouac");
    (unread, world.comments(7).into_iter().find(of_ours).unwrap())
}

#[test]
fn every_comment_says_in_words_what_its_marker_says() {
    let folder = std::env::var_os("BIVOUAC_WRITE_COMMENTS");
    for (name, body) in comments() {
        let state = match name {
            "limit" | "unread" => "refused",
            "unapproved" => "deploying",
            state => state,
        };
        let heading = if state == "refused" { "none" } else { state };
        assert!(body.contains(&format!(" state={state} ")), "{body}");
        assert!(body.lines().nth(1).unwrap().ends_with(heading), "{body}");
        if let Some(folder) = &folder {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("{name}.md")), body).unwrap();
        }
    }
}
