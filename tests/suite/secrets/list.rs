//! Which previews have secrets of their own.

use serde_json::{Value, json};

use super::world::{CANARY, SecretsWorld};
use crate::world::sha;

#[test]
fn what_previews_have_for_themselves_is_listed_without_a_value() {
    let lines = "secrets:\n  - {name: one, store: vault, path: previews/wildside}\n  - {name: two, store: vault, path: previews/wildside/backend}\n";
    let it = SecretsWorld::configured(lines);
    assert_eq!(it.secrets(&["list"]).ok().stdout, "No preview has secrets of its own.\n");
    it.world.open(12, &sha('b'));
    it.world.deploy(12, &sha('b')).ok();
    it.by_hand("previews/wildside", &json!({"A": CANARY}));
    it.by_hand("previews/wildside/backend", &json!({"A": CANARY}));
    it.by_hand("previews/wildside/staging", &json!({"A": CANARY}));
    it.by_hand("previews/wildside/pr-3", &json!({"A": CANARY}));
    for (number, secret) in [("7", "one"), ("12", "one"), ("12", "two")] {
        it.secrets_of(&format!("A={CANARY}"), &["put", "--pull-request", number, "--secret", secret]).ok();
    }
    let run = it.secrets(&["list", "--format", "json"]).ok();
    let listed: Value = serde_json::from_str(&run.stdout).unwrap();
    let shown = listed.as_array().unwrap().iter().map(|one| {
        (one["path"].as_str().unwrap(), one["pull-request"].clone(), one["has-preview"] == true, one["version"] == 1)
    });
    let shown: Vec<_> = shown.into_iter().collect();
    assert_eq!(
        shown,
        [
            ("previews/wildside/pr-3", Value::Null, false, true),
            ("previews/wildside/pr-7", json!(7), false, true),
            ("previews/wildside/backend/pr-12", json!(12), true, true),
            ("previews/wildside/pr-12", json!(12), true, true),
        ]
    );
    let first = &listed[1];
    assert_eq!(
        (&first["commit"], &first["secret"], &first["managed"]),
        (&json!(sha('a')), &json!("one"), &json!(true))
    );
    let text = it.secrets(&["list", "--pull-request", "12"]).ok().stdout;
    assert!(text.starts_with("NAME") && text.contains("acme/wildside#12") && !text.contains("pr-7"), "{text}");
    assert_eq!(text.lines().count(), 3, "{text}");
    let text = it.secrets(&["list", "--pull-request", "99"]).ok().stdout;
    assert_eq!(text, "Pull request 99 has no secrets of its own.\n");
    assert!(it.secrets(&["list", "--repository", "acme/wildside"]).ok().stdout.contains("acme/wildside#7"));
    assert_eq!(it.secrets(&["list", "--repository", "acme/other"]).code, 7);
    assert_eq!(it.tokens_left(), 0);
}

#[test]
fn without_a_repository_the_one_of_the_configuration_is_meant() {
    let it = SecretsWorld::new();
    for (arguments, result) in
        [(&["put"][..], "created"), (&["copy", "--from", "previews/wildside"], "updated"), (&["remove"], "removed")]
    {
        it.by_hand("previews/wildside", &json!({"B": CANARY}));
        let mut command = it.command(arguments);
        command.env_remove("GITHUB_REPOSITORY").stdin(it.input(&format!("A={CANARY}")));
        assert_eq!(it.run(command).ok().output("result"), result);
    }
}
