//! The tokens: what they may do, as far as that can be told without writing.

use bivouac::emulator::{Answer, RequestKind, Verdict};
use serde_json::json;

use super::{doctor, examined, findings, finds, healthy};
use crate::world::READER;

#[test]
fn a_token_that_may_only_read_is_told() {
    for backend in ["git", "github"] {
        let mut world = healthy();
        world.backend = backend;
        let mut command = doctor(&world);
        command.env("BIVOUAC_APPS_TOKEN", READER);
        let expected = [("tokens", "set-up", "does not allow to push to it", "contents: write")];
        finds(&world, command, 11, &expected);
        let mut command = doctor(&world);
        command.env("BIVOUAC_GITHUB_TOKEN", READER).env("BIVOUAC_APPS_TOKEN", crate::world::TOKEN);
        let expected = [("tokens", "set-up", "may only read `acme/wildside`", "pull-requests: write")];
        finds(&world, command, 11, &expected);
    }
}

#[test]
fn a_token_that_is_wrong_or_missing_is_told() {
    let world = healthy();
    let mut command = doctor(&world);
    command.env("BIVOUAC_GITHUB_TOKEN", "ghp_nobody").env("BIVOUAC_APPS_TOKEN", crate::world::TOKEN);
    finds(&world, command, 11, &[("tokens", "set-up", "", "")]);
    let mut command = doctor(&world);
    command.env_remove("GITHUB_TOKEN").env("BIVOUAC_APPS_TOKEN", crate::world::TOKEN);
    finds(&world, command, 11, &[("tokens", "set-up", "there is no token for the forge", "GITHUB_TOKEN")]);
    let mut command = doctor(&world);
    command.env("BIVOUAC_APPS_TOKEN", "ghp_nobody");
    let expected = [
        ("tokens", "set-up", "does not accept the credentials", "BIVOUAC_APPS_TOKEN"),
        ("apps-repository", "set-up", "does not accept the credentials", "BIVOUAC_APPS_TOKEN"),
    ];
    let run = examined(&world, {
        let mut command = doctor(&world);
        command.env("BIVOUAC_APPS_TOKEN", "ghp_nobody");
        command
    });
    assert!(!format!("{}{}", run.stdout, run.summary).contains("ghp_nobody"));
    finds(&world, command, 11, &expected);
}

/// Headers, whether the repository is archived, the exit code, and a part of the finding.
type Told<'a> = (&'static [(&'static str, &'static str)], bool, i32, &'a str);

#[test]
fn what_the_forge_tells_of_a_token_counts() {
    let table: [Told<'_>; 5] = [
        (&[("x-oauth-scopes", "repo, workflow")], false, 0, "may write to"),
        (&[("x-oauth-scopes", "gist")], false, 11, "without the scope `repo` (it has `gist`)"),
        (&[("github-authentication-token-expiration", "2020-01-01 00:00:00 UTC")], false, 11, "ended at"),
        (
            &[("github-authentication-token-expiration", "2999-01-01 00:00:00 UTC")],
            false,
            0,
            "can not be told without writing",
        ),
        (&[], true, 11, "is archived"),
    ];
    for (headers, is_archived, code, expected) in table {
        let world = healthy();
        world.intercept(move |request| {
            if request.kind != RequestKind::Api || !request.path.ends_with("/repos/acme/wildside") {
                return Verdict::Pass;
            }
            let answer = Answer::json(200, &json!({"archived": is_archived}));
            Verdict::Answer(headers.iter().fold(answer, |answer, (name, value)| answer.with_header(name, *value)))
        });
        let run = examined(&world, doctor(&world));
        assert_eq!(run.code, code, "{expected}: {}", run.stderr);
        assert!(findings(&run).iter().any(|[_, _, what, _]| what.contains(expected)), "{expected}: {}", run.stdout);
    }
}

#[test]
fn the_end_of_the_apps_token_is_told_before_it_comes() {
    let world = healthy();
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
    let end = end.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    world.intercept(move |request| {
        let is_asked = request.kind == RequestKind::Api && request.path.ends_with("/repos/acme/apps");
        let answer = || Answer::json(200, &json!({})).with_header("github-authentication-token-expiration", &end);
        if is_asked { Verdict::Answer(answer()) } else { Verdict::Pass }
    });
    let run = examined(&world, doctor(&world)).ok();
    let found = findings(&run);
    let advice = found.iter().find(|[_, verdict, ..]| verdict == "advice").unwrap_or_else(|| panic!("{found:#?}"));
    assert!(advice[2].starts_with("the apps token ends at") && advice[3].contains("make a new one"), "{advice:?}");
}

#[test]
fn a_forge_that_is_down_is_told_and_the_rest_is_looked_at() {
    let world = healthy();
    world.intercept(|request| match request.kind {
        RequestKind::Api => Verdict::Answer(Answer::json(502, &json!({"message": "down"}))),
        _ => Verdict::Pass,
    });
    let mut command = doctor(&world);
    command.env("BIVOUAC_BACKEND", "git");
    finds(&world, command, 11, &[("tokens", "set-up", "status 502", "")]);
}
