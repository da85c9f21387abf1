//! What of a change is searched, what is allowed, and how it is told.

use proptest::prelude::*;

use super::*;
use crate::domain::configuration::NotSecret;

fn not_secret(yaml: &str) -> Vec<NotSecret> {
    crate::domain::yaml::parse(yaml).unwrap()
}

fn clear(edits: &[Edit], message: &str, change: impl FnOnce(Guard<'_>) -> Guard<'_>) -> Result<(), String> {
    let known = Known::new([CANARY]);
    change(Guard::new(&known)).clear(edits, message).map(|_| ()).map_err(|leak| leak.to_string())
}

#[test]
fn a_refusal_names_the_place_and_never_the_value() {
    let text = format!(
        "spec:\n  values:\n    auth: {{password: q9Zrkk31aaXX}}\n    {CANARY}: {{x: ghp_{}}}\n    note: {CANARY}\n",
        "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
    );
    let told = clear(&write(None, &text), "x", |guard| guard).unwrap_err();
    insta::assert_snapshot!(told, @"the commit would hold what looks like a secret: `overlays/ephemeral/pr-7/patch-helmrelease-values.yaml`, line 3, `spec.values.auth.password`: a random value, under a key that tells of a secret; `overlays/ephemeral/pr-7/patch-helmrelease-values.yaml`, line 4, `spec.values.…`: a secret of this run; `overlays/ephemeral/pr-7/patch-helmrelease-values.yaml`, line 4, `spec.values.….x`: a token of GitHub; and 1 more");
}

#[test]
fn the_message_and_the_names_of_files_are_searched() {
    let told =
        clear(&write(None, "a: 1\n"), &format!("subject\n\nBivouac-Run: {CANARY}\n"), |guard| guard).unwrap_err();
    assert_eq!(
        told,
        "the commit would hold what looks like a secret: the message of the commit, line 3: a secret of this run"
    );
    let path: RepoPath = format!("overlays/{CANARY}/a.yaml").parse().unwrap();
    let edits = [Edit::Write { path, before: None, after: "password: q9Zrkk31aaXX\n".to_owned() }];
    let told = clear(&edits, "x", |guard| guard).unwrap_err();
    assert!(
        told.starts_with("the commit would hold what looks like a secret: the name of a file: a secret of this run; ")
    );
    assert!(!told.contains(CANARY) && !told.contains("q9Z"), "{told}");
}

#[test]
fn of_a_file_that_is_there_only_what_is_new_is_searched() {
    let before = format!("password: q9Zrkk31aaXX\nnote: {CANARY}\nlist:\n  - a\n  - b\n");
    for after in [before.replace("  - a\n", ""), before.replace("  - b\n", "  - b\n  - c\n"), before.clone()] {
        assert_eq!(clear(&write(Some(&before), &after), "x", |guard| guard), Ok(()));
    }
    let after = format!("{before}token:\n  value: kJhGfDsAqWeRtY\n  b: {CANARY}\n");
    let told = clear(&write(Some(&before), &after), "x", |guard| guard).unwrap_err();
    assert!(told.contains("line 7, `token.value`: a random") && told.contains("line 8, `token.b`: a secret"), "{told}");
}

#[test]
fn what_is_rendered_is_searched_whole() {
    let text = "password: q9Zrkk31aaXX\n";
    let edits = write(Some(text), &format!("{text}a: 1\n"));
    let below = |directory: &str| clear(&edits, "x", |guard| guard.rendering(directory.parse().unwrap()));
    assert!(below("overlays/ephemeral/pr-7").is_err());
    assert_eq!(below("overlays/ephemeral/pr-70"), Ok(()));
    assert_eq!(below(FILE), Ok(()));
}

#[test]
fn a_removal_is_never_refused() {
    let files = [("a.yaml".to_owned(), format!("password: {CANARY}\n"))].into();
    let edits = [Edit::RemoveDirectory { path: format!("overlays/{CANARY}").parse().unwrap(), files }];
    assert_eq!(clear(&edits, "take down pr-7", |guard| guard), Ok(()));
}

#[test]
fn what_people_vouch_for_is_let_through_and_a_secret_of_this_run_is_not() {
    let text = "oidc:\n  clientSecret: q9Zrkk31aaXX\nenv: [{name: API_TOKEN, value: kk31aaXXq9Zr}]\n";
    let both = "[{key: oidc.clientSecret, reason: public}, {key: \"env[0].value\", file: patch-helmrelease-values.yaml, reason: x}]";
    let edits = write(None, text);
    let with = |edits: &[Edit], yaml: &str| {
        let (known, allowed) = (Known::new([CANARY]), not_secret(yaml));
        Guard::new(&known).allowing(&allowed).clear(edits, "x").is_ok()
    };
    assert!(with(&edits, both));
    for less in [
        "[{key: oidc.clientSecret, reason: public}]",
        "[{key: oidc, reason: public}, {key: \"env[0].value\", reason: x}]",
        "[{key: oidc.clientSecret, file: other.yaml, reason: x}, {key: \"env[0].value\", reason: x}]",
    ] {
        assert!(!with(&edits, less), "{less}");
    }
    assert!(!with(&write(None, &format!("oidc: {{clientSecret: {CANARY}}}\n")), both));
}

#[test]
fn a_key_that_holds_a_secret_is_not_told() {
    for (text, expected) in [
        ("\"canary-Zq81 -Wv33-hush\": {password: q9Zrkk31aaXX}", "….password"),
        ("\"admin:hunter2\": {password: q9Zrkk31aaXX}", "….password"),
        ("canary-Zq81-Wv33-h: {ush: {password: q9Zrkk31aaXX}}", "…"),
        ("a: {password: q9Zrkk31aaXX}\nb: {password: q9Zrkk31aaXX}", "b.password"),
    ] {
        assert_eq!(found(text).pop().unwrap().key.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn a_variable_may_be_vouched_for_and_is_named() {
    let named = || Kind::Variable("REGION_TOKEN".to_owned());
    let allowed = not_secret("[{key: region, reason: public}]");
    let edits = write(None, "region: eu-west-1-x9k2\n");
    let known = Known::of([("eu-west-1-x9k2", named())]);
    let told = Guard::new(&known).clear(&edits, "x").unwrap_err().to_string();
    assert!(told.ends_with("`region`: the value of the variable `REGION_TOKEN`"), "{told}");
    assert!(Guard::new(&known).allowing(&allowed).clear(&edits, "x").is_ok());
    let both = Known::of([("eu-west-1-x9k2", named()), ("eu-west-1-x9k2", Kind::Known)]);
    assert!(Guard::new(&both).allowing(&allowed).clear(&edits, "x").is_err());
}

#[test]
fn what_is_allowed_many_times_hides_nothing_else() {
    let text = "---\npassword: q9Zrkk31aaXX\n".repeat(150) + "---\ntoken: q9Zrkk31aaXX\n";
    let allowed = not_secret("[{key: password, reason: public}]");
    let known = Known::default();
    let edits = write(None, &text);
    let leak = Guard::new(&known).allowing(&allowed).clear(&edits, "x").unwrap_err();
    assert_eq!(leak.found().iter().map(|found| found.key.as_deref()).collect::<Vec<_>>(), [Some("token")]);
}

#[test]
fn ciphertext_may_be_random_and_still_holds_no_secret() {
    let known = Known::new([CANARY]);
    let guard = Guard::new(&known).of_ciphertext();
    assert!(guard.clear(&write(None, "{\"secret\": \"q9Zrkk31aaXXkJhGfDsAqWeRtY\"}\n"), "x").is_ok());
    assert!(guard.clear(&write(None, &format!("{{\"secret\": \"{CANARY}\"}}\n")), "x").is_err());
}

proptest! {
    #[test]
    fn what_a_preview_is_made_of_is_never_taken_for_a_secret(
        commit in "[0-9a-f]{40}", digest in "[0-9a-f]{64}", name in "[a-z]([-a-z0-9]{0,20}[a-z0-9])?", number in 1..2_147_483_647_u32,
        second in 0..4_000_000_000_i64,
    ) {
        let time = jiff::Timestamp::from_second(second).unwrap();
        let text = format!(
            "metadata:\n  name: \"{name}\"\n  annotations:\n    bivouac.dev/application-repository: \"{name}/{name}\"\n    \
             bivouac.dev/pull-request: \"{number}\"\n    bivouac.dev/commit: \"{commit}\"\n    \
             bivouac.dev/expires-at: \"{time}\"\n    bivouac.dev/approved-by: \"{name}\"\n    \
             event.toolkit.fluxcd.io/preview-url: \"https://{name}.example.com\"\nspec:\n  secretStoreRef: {{name: \"{name}\"}}\n  \
             data: [{{secretKey: \"{name}\", remoteRef: {{key: \"previews/{name}/pr-{number}\"}}}}]\n  values:\n    image: \
             {{repository: \"ghcr.io/{name}/{name}\", tag: \"{commit}@sha256:{digest}\", digest: \"sha256:{digest}\"}}\n"
        );
        let message = format!("preview({name}): put up pr-{number} at {}\n\nBivouac-Commit: {commit}\n", &commit[..7]);
        let (known, edits) = (Known::default(), write(None, &text));
        let cleared = Guard::new(&known).clear(&edits, &message);
        prop_assert!(cleared.is_ok(), "{:?}", cleared.err());
    }
}
