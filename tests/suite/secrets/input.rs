//! What is refused as values, without a word of it.

use super::world::{CANARY, SecretsWorld};

#[test]
fn what_are_no_values_is_refused_and_never_quoted() {
    let it = SecretsWorld::new();
    let large = format!("A={CANARY}{}", "x".repeat(512 * 1024));
    for (input, why) in [
        (String::new(), "there are no values in it"),
        (CANARY.to_owned(), "line 1 is not `KEY=VALUE`"),
        (format!("A=1\n{CANARY} x=2\n"), "line 2 has a key that is none of a Secret"),
        (format!("A={CANARY}\nA=2"), "line 2 has a key that is there already"),
        (format!("{{\"A\": [\"{CANARY}\"]}}"), "value 1 of the JSON object"),
        (format!("{{\"A\": \"{CANARY}\""), "line 1, column"),
        (format!("A={CANARY}\0"), "not UTF-8 text"),
        (large, "larger than 512 KiB"),
    ] {
        let run = it.secrets_of(&input, &["put"]);
        assert!(run.code == 2 && run.stderr.contains(why), "{why}: {}", run.stderr);
        assert!(!run.stderr.contains(CANARY), "{}", run.stderr);
    }
    assert_eq!(it.logins(), 0);
}

#[test]
fn a_value_that_was_given_as_an_argument_is_not_repeated() {
    let it = SecretsWorld::new();
    for arguments in [
        &["put", &format!("TOKEN={CANARY}")][..],
        &["put", &format!("--token={CANARY}")],
        &["put", "--secret", &format!("TOKEN={CANARY}")],
        &["put", "--key", &format!("TOKEN={CANARY}")],
        &["put", &format!("TOKEN={CANARY}\nmore")],
        &["put", "--patience", &format!("TOKEN={CANARY}")],
        &["put", "--dry-run", &format!("--replace=TOKEN={CANARY}")],
        &["copy", "--from", "previews/wildside", &format!("TOKEN={CANARY}")],
        &["copy", "--from", &format!("TOKEN={CANARY} x")],
        &["remove", &format!("TOKEN={CANARY}")],
        &["remove", "--pull-request", &format!("TOKEN={CANARY}")],
        &["list", &format!("TOKEN={CANARY}")],
        &["list", "--format", &format!("TOKEN={CANARY}")],
        &["list", "--kv-mount", &format!("TOKEN={CANARY} x")],
        &[&format!("TOKEN={CANARY}")],
    ] {
        let run = it.secrets(arguments);
        assert!(run.code == 2 && run.stderr.contains("values are never arguments"), "{run:?}");
        assert!(!run.stderr.contains(CANARY), "{}", run.stderr);
    }
    assert_eq!(it.logins(), 0);
}

#[test]
fn what_was_given_for_a_file_or_an_address_is_not_repeated() {
    let it = SecretsWorld::new();
    for option in ["--file", "--vault-secret-id-file", "--vault-address"] {
        let run = it.secrets(&["put", option, &format!("TOKEN={CANARY}")]);
        assert!(run.code == 2 && run.stderr.contains(option), "{run:?}");
        assert!(!run.stderr.contains(CANARY), "{}", run.stderr);
    }
}
