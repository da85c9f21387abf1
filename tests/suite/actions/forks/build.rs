//! The build of a fork's commit: it is hostile code, and finds nothing.

use std::fs;

use super::{BUILD, Forked};
use crate::world::{APPLICATION, WEBHOOKS, sha};

/// Secrets of the repository, none of which is to be found.
const SECRETS: [(&str, &str); 5] = [
    ("GITHUB_TOKEN", "ghs_token0of0this0run0000000000000000000"),
    ("BIVOUAC_APPS_TOKEN", "ghp_token0for0the0apps000000000000000000"),
    ("BIVOUAC_VAULT_TOKEN", "hvs.token-of-the-vault"),
    ("BIVOUAC_AGE_IDENTITY", "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQ"),
    ("NPM_TOKEN", "npm_another0one0of0theirs"),
];

/// A forked application with these secrets.
fn with_secrets() -> Forked {
    let mut forked = Forked::new("");
    for (name, value) in SECRETS {
        forked.caller.set_secret(name, value);
    }
    forked.open(&sha('a'));
    forked
}

/// What the fork's code found.
fn loot(forked: &Forked) -> String {
    let loot = fs::read(forked.caller.machine.path().join("loot")).unwrap();
    String::from_utf8_lossy(&loot).into_owned()
}

/// The secrets that are in a text.
fn secrets_in(text: &str) -> Vec<&'static str> {
    SECRETS.into_iter().filter(|(_, value)| text.contains(value)).map(|(name, _)| name).collect()
}

#[test]
fn the_code_of_a_fork_finds_no_secret() {
    let forked = with_secrets();
    let ended = forked.build("opened", &sha('a'));
    let loot = loot(&forked);
    // It did look: at the environment, the event, the workspace, Git's configuration, and the runner's home.
    for seen in ["GITHUB_WORKSPACE=", "\"pull_request\"", "FROM scratch", "remote.origin.url=", "as GitHub's own"] {
        assert!(loot.to_lowercase().contains(&seen.to_lowercase()), "{seen}");
    }
    assert_eq!(secrets_in(&loot), [""; 0]);
    assert_eq!(secrets_in(&ended.all), [""; 0]);
    assert_eq!(forked.world().comments(7), [""; 0]);
}

#[test]
fn a_build_that_left_the_token_in_the_checkout_would_be_found_out() {
    let forked = with_secrets();
    let file = forked.caller.checkout.path().join(".github/workflows").join(BUILD);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("persist-credentials: false", "persist-credentials: true")).unwrap();
    forked.build("opened", &sha('a'));
    assert_eq!(secrets_in(&loot(&forked)), ["GITHUB_TOKEN"]);
}

#[test]
fn the_build_is_of_the_head_and_leaves_one_file_for_each_directory() {
    let forked = with_secrets();
    let file = forked.caller.checkout.path().join(".github/workflows").join(BUILD);
    let text = fs::read_to_string(&file).unwrap();
    let two = text.replace(r#"directory: ["."]"#, r#"directory: [".", "Services/Frontend"]"#);
    assert_ne!(text, two);
    fs::write(&file, two).unwrap();
    let event = forked.event("synchronize", &sha('b'));
    forked.caller.run(BUILD, "pull_request", &event).green();
    assert!(loot(&forked).contains(&sha('b')));
    let docker = forked.caller.said_to("docker");
    for line in ["build --tag wildside:fork .\n", "build --tag wildside-services-frontend:fork Services/Frontend\n"] {
        assert!(docker.contains(line), "{docker}");
    }
    assert!(!docker.contains("push") && !docker.contains("login"), "{docker}");
    for name in ["wildside", "wildside-services-frontend"] {
        let left = format!("artifacts/bivouac-image-{name}/{name}.tar");
        assert!(forked.caller.machine.path().join(&left).is_file(), "{left}");
    }
}

#[test]
fn a_branch_of_the_repository_is_not_built_so() {
    let forked = with_secrets();
    let event = WEBHOOKS.pull_request("opened").numbered(7).at(&sha('a')).in_repository(APPLICATION);
    let ended = forked.caller.run(BUILD, "pull_request", &event.into_value()).green();
    assert!(!ended.jobs.contains_key("build"), "{:?}", ended.jobs);
    assert_eq!(forked.caller.said_to("docker"), "");
}
