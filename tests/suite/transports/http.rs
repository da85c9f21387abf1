//! HTTP that sends elsewhere, breaks, fails for a moment, or is somebody else's.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use bivouac::emulator::{Answer, RequestKind, Verdict};

use super::{deploy, proxy};
use crate::world::{TOKEN, World, sha};

fn at(command: &mut Command, port: u16) {
    command.env("BIVOUAC_APPS_REPOSITORY", format!("http://127.0.0.1:{port}/acme/apps.git"));
}

fn unavailable() -> Verdict {
    Verdict::Answer(Answer::new(503, "text/plain", "down for maintenance"))
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    let world = World::new();
    world.open(7, &sha('a'));
    let target = format!("{}/acme/apps.git", world.emulator.server_url());
    let location = format!("Location: {target}/info/refs?service=git-upload-pack");
    let answer =
        format!("HTTP/1.1 301 Moved Permanently\r\n{location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let port = proxy::that_always_says(&world, answer);
    let run = deploy(&world, 'a', &|command| at(command, port));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains(&format!("has moved to `{target}`")), "{}", run.stderr);
    assert_eq!(world.requests(RequestKind::Git), []);
}

#[test]
fn a_line_that_breaks_in_a_pack_is_told() {
    let world = World::new();
    world.open(7, &sha('a'));
    let tip = world.tip();
    let port = proxy::that_breaks_in_a_pack(&world);
    let run = deploy(&world, 'a', &|command| at(command, port));
    assert_eq!((run.code, world.tip()), (6, tip), "{}", run.stderr);
    assert!(run.stderr.contains("can not be reached"), "{}", run.stderr);
}

#[test]
fn a_server_that_fails_once_is_asked_again() {
    let world = World::new();
    world.open(7, &sha('a'));
    let asked = AtomicUsize::new(0);
    world.intercept(move |request| {
        let is_first = request.path.ends_with("/info/refs") && asked.fetch_add(1, Ordering::SeqCst) == 0;
        if is_first { unavailable() } else { Verdict::Pass }
    });
    assert_eq!(deploy(&world, 'a', &|_| {}).ok().output("result"), "created");
}

#[test]
fn a_server_that_keeps_failing_is_told_in_its_own_words() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.intercept(|request| if request.kind == RequestKind::Git { unavailable() } else { Verdict::Pass });
    let run = deploy(&world, 'a', &|_| {});
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(run.stderr.contains("503") && run.stderr.contains("down for maintenance"), "{}", run.stderr);
    assert_eq!(world.requests(RequestKind::Git).len(), 3);
}

#[test]
fn a_push_that_keeps_failing_is_sent_again_only_after_a_look() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.intercept(|request| if request.is_push() { unavailable() } else { Verdict::Pass });
    let run = deploy(&world, 'a', &|_| {});
    assert_eq!(run.code, 6, "{}", run.stderr);
    let asked =
        world.requests(RequestKind::Git).into_iter().skip_while(|request| !request.path.ends_with("receive-pack"));
    let asked: Vec<_> = asked.map(|request| request.path.rsplit_once('-').unwrap().1.to_owned()).collect();
    assert_eq!(asked.len(), 6, "{asked:?}");
}

#[test]
fn a_deploy_asks_the_server_four_times_and_an_unchanged_one_three_times() {
    let world = World::new();
    world.open(7, &sha('a'));
    for (result, requests) in [("created", 4), ("unchanged", 3)] {
        world.emulator.forget_requests();
        assert_eq!(deploy(&world, 'a', &|_| {}).ok().output("result"), result);
        let asked = world.requests(RequestKind::Git);
        assert!(asked.len() <= requests, "{asked:#?}");
    }
}

/// `git.example.com`, played by the emulator: the program reaches it through a proxy that never asks who is meant.
fn abroad(world: &World, command: &mut Command) {
    command
        .env("http_proxy", world.emulator.server_url())
        .env("GITHUB_SERVER_URL", "https://github.com")
        .env("BIVOUAC_APPS_REPOSITORY", "http://git.example.com/acme/apps.git")
        .env("BIVOUAC_ALLOW_HTTP", "true");
}

#[test]
fn the_github_token_is_not_sent_abroad() {
    let world = World::new();
    world.open(7, &sha('a'));
    let run = deploy(&world, 'a', &|command| abroad(&world, command));
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("BIVOUAC_APPS_TOKEN"), "{}", run.stderr);
    let asked = world.requests(RequestKind::Git);
    assert!(!asked.is_empty() && asked.iter().all(|request| !request.has_authorization), "{asked:#?}");
}

#[test]
fn a_token_for_the_apps_repository_is_sent_wherever_it_is() {
    let world = World::new();
    world.open(7, &sha('a'));
    let run = deploy(&world, 'a', &|command| {
        abroad(&world, command);
        command.env("BIVOUAC_APPS_TOKEN", TOKEN);
    });
    assert_eq!(run.ok().output("result"), "created");
}

#[test]
fn the_forge_is_reached_through_the_same_proxy() {
    let world = World::new();
    world.open(7, &sha('a'));
    let run = deploy(&world, 'a', &|command| {
        abroad(&world, command);
        command
            .env("GITHUB_API_URL", "http://github.example.com/api/v3")
            .env("GITHUB_GRAPHQL_URL", "http://github.example.com/api/graphql")
            .env("BIVOUAC_APPS_TOKEN", TOKEN);
    });
    assert_eq!(run.ok().output("result"), "created");
}

#[test]
fn a_name_in_the_address_goes_with_the_token() {
    let world = World::new();
    world.open(7, &sha('a'));
    let address = world.emulator.server_url().replace("http://", "http://somebody@") + "/acme/apps.git";
    let run = deploy(&world, 'a', &|command| {
        command.env("BIVOUAC_APPS_REPOSITORY", &address);
    });
    assert_eq!(run.ok().output("result"), "created");
}

#[test]
fn the_users_git_configuration_sends_the_token_nowhere() {
    let world = World::new();
    let address = format!("{}/acme/apps.git", world.emulator.server_url());
    for elsewhere in ["http://127.0.0.1:9/", "ssh://git@127.0.0.1:9/"] {
        let rule = format!("[url \"{elsewhere}\"]\n\tinsteadOf = {}/\n", world.emulator.server_url());
        std::fs::write(world.home.path().join(".gitconfig"), rule).unwrap();
        let listed = super::list(&world, &|command| {
            command.env("BIVOUAC_APPS_REPOSITORY", &address);
        });
        assert_eq!(listed, serde_json::json!([]), "{elsewhere}");
    }
}

#[test]
fn a_broken_git_configuration_of_the_user_stops_nobody() {
    let world = World::new();
    std::fs::write(world.home.path().join(".gitconfig"), "[url \"\n").unwrap();
    assert_eq!(super::list(&world, &|_| {}), serde_json::json!([]));
}
