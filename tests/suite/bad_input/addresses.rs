//! Addresses that are not used.

use super::{Refusal, deploy};
use crate::world::{TOKEN, World, sha};

/// What is said of an address of the apps repository, without asking anybody.
fn refused(address: &str) -> String {
    let world = World::new();
    world.open(7, &sha('a'));
    let refusal = Refusal::of(&world, deploy(&world, &["--apps-repository", address]));
    assert_eq!((refusal.code, refusal.git_requests), (2, 0), "{}", refusal.said);
    assert_eq!(world.requests(bivouac::emulator::RequestKind::Graphql), []);
    refusal.said
}

#[test]
fn plain_http_over_a_network_is_refused() {
    insta::assert_snapshot!(refused("http://git.example.com/acme/apps"), @"error: the apps repository `http://git.example.com/acme/apps` can not be used: plain HTTP would send the token in the clear, use `https://` or give `--allow-http`");
    let said = refused("http://127.0.0.1.example.com/acme/apps");
    assert!(said.contains("plain HTTP"), "{said}");
}

#[test]
fn plain_http_to_the_forge_over_a_network_is_refused() {
    for name in ["GITHUB_API_URL", "GITHUB_GRAPHQL_URL"] {
        let world = World::new();
        world.open(7, &sha('a'));
        let mut command = deploy(&world, &[]);
        command.env(name, "http://github.example.com/api/v3");
        let refusal = Refusal::of(&world, command);
        assert_eq!((refusal.code, refusal.git_requests), (2, 0));
        assert!(refusal.said.contains("plain HTTP would send the token in the clear"), "{}", refusal.said);
    }
}

#[test]
fn a_password_in_an_address_is_refused_and_not_shown() {
    let said = refused("https://me:hush@git.example.com/acme/apps");
    assert!(!said.contains("hush"), "{said}");
    insta::assert_snapshot!(said, @"error: the apps repository `https://git.example.com/acme/apps` can not be used: it holds a password, give that in `BIVOUAC_APPS_TOKEN` instead");
}

#[test]
fn a_password_that_makes_an_address_senseless_is_not_shown() {
    for address in [
        "https://me:hu/sh@git.example.com/acme/apps",
        "https://me:hu#sh@git.example.com/acme/apps",
        "https://me:hu?sh@git.example.com/acme/apps",
        "http://me:hu sh@git.example.com/acme/apps",
    ] {
        let said = refused(address);
        assert!(!said.contains("hu") && !said.contains("sh@"), "{said}");
    }
}

#[test]
fn a_user_in_an_address_goes_with_the_token() {
    let world = World::new();
    world.open(7, &sha('a'));
    let server = world.emulator.server_url().replace("http://", "http://oauth2@");
    let run = world.run(deploy(&world, &["--apps-repository", &format!("{server}/acme/apps")])).ok();
    assert_eq!(run.output("result"), "created");
}

#[test]
fn a_token_in_the_place_of_a_user_is_never_shown() {
    let world = World::new();
    world.open(7, &sha('a'));
    let server = world.emulator.server_url().replace("http://", &format!("http://{TOKEN}@"));
    // The world itself fails a run that shows the token.
    let run = world.run(deploy(&world, &["-v", "--apps-repository", &format!("{server}/acme/nowhere")]));
    assert_ne!(run.code, 0);
}

#[test]
fn an_address_of_no_known_kind_is_refused() {
    for address in ["apps", "ftp://git.example.com/acme/apps", "-oProxyCommand=x:y", "git@host:a'b", "\u{1b}[31m://x"] {
        let said = refused(address);
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn an_apps_repository_has_to_be_named() {
    let world = World::new();
    let mut command = deploy(&world, &[]);
    command.env("BIVOUAC_APPS_REPOSITORY", " ");
    let refusal = Refusal::of(&world, command);
    assert_eq!(refusal.code, 2);
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository is not named
      hint give `--apps-repository` (the input `apps-repository` of an action, the variable `BIVOUAC_APPS_REPOSITORY` of the repository): OWNER/NAME, or a URL
    ");
}
