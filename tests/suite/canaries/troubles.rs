//! What goes wrong is told without the secrets that it went wrong with.

use std::process::Command;

use bivouac::emulator::{Answer, Verdict};
use serde_json::json;

use super::ground::{Ground, Way};
use crate::world::sha;

fn deploy(ground: &Ground) -> Command {
    ground.world.event_command("deploy", "opened", 7, &sha('a'), &[])
}

/// A forge that says back what it was told, secrets and all.
fn echo(ground: &Ground, status: u16, is_it: fn(&str) -> bool) {
    ground.world.intercept(move |request| {
        if !is_it(&request.path) {
            return Verdict::Pass;
        }
        let headers = format!("{:?}", request.headers);
        Verdict::Answer(Answer::json(
            status,
            &json!({"message": headers, "errors": [{"message": headers}], "data": null}),
        ))
    });
}

#[test]
fn a_forge_that_repeats_the_token_is_not_quoted() {
    let mut leaks = Vec::new();
    for (status, is_it) in [
        (401, (|path| path.contains("graphql") || path.contains("/v3/")) as fn(&str) -> bool),
        (403, |path| path.contains("graphql")),
        (422, |path| path.contains("/comments") || path.contains("/deployments")),
        (500, |path| path.contains("/v3/")),
        (200, |path| path.contains("graphql")),
        (403, |path| path.contains("git-receive-pack")),
        (500, |path| path.contains("git-upload-pack")),
    ] {
        let ground = Ground::new(Way::Variables);
        echo(&ground, status, is_it);
        let (run, leak) = ground.searched(deploy(&ground));
        leaks.extend(leak.map(|leak| format!("{status}: {leak}\n{}", run.stderr)));
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n\n"));
}

#[test]
fn wrong_credentials_and_unreachable_places_are_told_without_them() {
    for (variable, value) in [
        ("BIVOUAC_APPS_TOKEN", "canary-of-a-wrong-apps-token"),
        ("BIVOUAC_GITHUB_TOKEN", "canary-of-a-wrong-github-token"),
        ("BIVOUAC_REGISTRY_TOKEN", "canary-of-a-wrong-registry-token"),
        ("BIVOUAC_NOTIFY_ADDRESSES", "ear=http://127.0.0.1:1/canary-of-a-wrong-address"),
        ("BIVOUAC_NOTIFY_SECRETS", "ear=whsec_canary-of-a-wrong-key"),
        ("BIVOUAC_APPS_TOKEN", "canary with blanks in it"),
        ("BIVOUAC_APPS_REPOSITORY", "https://ada:canary-of-an-address@127.0.0.1:1/acme/apps.git"),
        ("BIVOUAC_APPS_REPOSITORY", "http://canary-of-an-address@127.0.0.1:1/acme/apps.git"),
    ] {
        let mut ground = Ground::new(Way::Variables);
        ground.canaries.retain(|canary| canary.name != variable);
        let secret = &value[value.find("canary").unwrap()..].split('@').next().unwrap().to_owned();
        ground.canaries.push(super::Canary::text(variable, value, &[secret]));
        let mut command = deploy(&ground);
        command.env("BIVOUAC_IMAGE_TIMEOUT", "1s");
        ground.run(command, &format!("a wrong {variable}"));
    }
}
