//! Nothing is committed that looks like a secret, by whichever backend, and no run shows what it has found.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bivouac::emulator::{NewPullRequest, RequestKind};

use crate::world::{APPLICATION, Run, TOKEN, World, sha};

/// What must never be seen.
const CANARY: &str = "canary-Zq81-Wv33-hush";
const PATCH: &str = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";

/// A world whose configuration has these lines more, with an open pull request.
fn world(more: &str) -> World {
    let world = World::new();
    world.configure(more);
    world.open(7, &sha('a'));
    world
}

fn deploy(world: &World, more: &[&str]) -> Command {
    let mut command = world.event_command("deploy", "synchronize", 7, &sha('a'), more);
    command.env("DB_PASSWORD", CANARY);
    command
}

/// Runs a command that must be refused, commit nothing, tell nobody and show nothing of any of these.
fn is_refused(world: &World, command: Command, hushed: &[&str]) -> Run {
    let tip = world.tip();
    drop(world.emulator.requests());
    let run = world.run(command);
    assert_eq!(run.code, 7, "{}\n{}", run.stdout, run.stderr);
    assert_eq!((world.tip(), run.output("result")), (tip, ""));
    assert_eq!(world.comments(7), Vec::<String>::new());
    assert!(world.emulator.forge().deployments(APPLICATION).unwrap().is_empty());
    shows_none(&run, hushed);
    let requests = world.emulator.requests();
    let is_write = |path: &str| path.contains("receive-pack");
    assert!(!requests.iter().any(|request| is_write(&request.path)), "{requests:#?}");
    for request in requests.iter().filter(|request| request.kind != RequestKind::Git) {
        let sent = format!("{} {}", request.path, request.body);
        assert!(hushed.iter().all(|hushed| !sent.contains(hushed)), "{sent}");
    }
    run
}

fn shows_none(run: &Run, hushed: &[&str]) {
    let log: String = run.stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    let outputs: String = run.outputs.values().cloned().collect();
    for text in [&log, &run.stdout, &outputs, &run.summary] {
        assert!(hushed.iter().all(|hushed| !text.contains(hushed)), "{text}");
    }
}

#[test]
fn a_secret_of_the_environment_is_refused_in_whatever_form_the_values_have_it() {
    let world = world("");
    let base64 = STANDARD.encode(CANARY);
    let json = STANDARD.encode(format!("{{\"auths\": {{\"ghcr.io\": {{\"auth\": \"{base64}\"}}}}}}"));
    let configuration = world.file("bivouac.yaml").unwrap();
    for value in [CANARY, &base64, &json, &CANARY.replace('-', "%2D"), &format!("postgres://app:{CANARY}@db/app")] {
        let text = format!("{configuration}values: {{note: \"{value}\"}}\n");
        world.commit_apps(&[("bivouac.yaml".to_owned(), text)].into(), "Configure");
        let run = is_refused(&world, deploy(&world, &[]), &[CANARY, &base64, &json]);
        assert!(run.stderr.contains(&format!("`{PATCH}`, line 2")), "{}", run.stderr);
        assert!(run.stderr.contains("`spec.values.note`: the value of the variable `DB_PASSWORD`"), "{}", run.stderr);
    }
}

#[test]
fn a_secret_as_a_key_or_in_a_tag_is_refused() {
    let world = world(&format!("values: {{\"{CANARY}\": {{a: b}}}}\n"));
    let run = is_refused(&world, deploy(&world, &[]), &[CANARY]);
    assert!(run.stderr.contains("`spec.values.…`: the value of the variable `DB_PASSWORD`"), "{}", run.stderr);
    let world = self::world("");
    let run = is_refused(&world, deploy(&world, &["--image", &format!("backend={CANARY}")]), &[CANARY]);
    assert!(
        run.stderr.contains("`spec.values.backend.image.tag`: the value of the variable `DB_PASSWORD`"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_token_that_commits_is_never_committed() {
    let world = world(&format!("values: {{note: \"say {TOKEN}!\"}}\n"));
    let run = is_refused(&world, deploy(&world, &[]), &[TOKEN]);
    assert!(run.stderr.contains("`spec.values.note`: a secret of this run"), "{}", run.stderr);
    assert!(run.stderr.contains("is kept in a Vault and named under `secrets`"), "{}", run.stderr);
}

#[test]
fn a_dry_run_shows_no_secret_either() {
    let world = world(&format!("values: {{note: \"{CANARY}\"}}\n"));
    for more in [&["--dry-run"][..], &["--dry-run", "--format", "json"]] {
        is_refused(&world, deploy(&world, more), &[CANARY]);
    }
}

#[test]
fn what_only_looks_like_a_secret_is_refused_until_somebody_vouches_for_it() {
    let world = world("values: {oidc: {clientSecret: q9Zrkk31aaXX}}\n");
    let run = is_refused(&world, deploy(&world, &[]), &["q9Zrkk31aaXX"]);
    let key = "spec.values.oidc.clientSecret";
    assert!(
        run.stderr.contains(&format!("`{key}`: a random value, under a key that tells of a secret")),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("list its key under `checks.not-secret` with the reason"), "{}", run.stderr);
    world.configure(&format!("checks: {{not-secret: [{{key: {key}, reason: it is of a public client}}]}}\n"));
    let run = world.run(deploy(&world, &[])).ok();
    assert_eq!(run.output("result"), "created");
    assert!(world.file(PATCH).unwrap().contains("q9Zrkk31aaXX"));
}

#[test]
fn a_token_that_was_given_can_not_be_vouched_for_and_a_variable_can() {
    let vouched = |value: &str| {
        world(&format!(
            "values: {{note: \"{value}\"}}\nchecks: {{not-secret: [{{key: spec.values.note, reason: x}}]}}\n"
        ))
    };
    let world = vouched(TOKEN);
    is_refused(&world, deploy(&world, &[]), &[TOKEN]);
    let world = vouched(CANARY);
    world.run(deploy(&world, &[])).ok();
}

#[test]
fn a_secret_manifest_and_a_token_in_the_values_are_refused() {
    let token = format!("ghp_{}", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5");
    let world = world(&format!(
        "values:\n  extraObjects: [{{apiVersion: v1, kind: Secret, data: {{a: aGk=}}}}]\n  note: {token}\n"
    ));
    let run = is_refused(&world, deploy(&world, &[]), &[&token, "aGk="]);
    assert!(run.stderr.contains("`spec.values.extraObjects[0]`: a Secret with its values"), "{}", run.stderr);
    assert!(run.stderr.contains("`spec.values.note`: a token of GitHub"), "{}", run.stderr);
}

#[test]
fn what_the_pull_request_says_is_not_committed_and_keeps_nothing_back() {
    let world = World::new();
    let branch = NewPullRequest::from_branch(CANARY, sha('a'));
    let labels = vec![CANARY.to_owned()];
    let new =
        NewPullRequest { number: Some(7), title: "A change".to_owned(), body: CANARY.to_owned(), labels, ..branch };
    world.emulator.forge().open_pull_request(APPLICATION, new).unwrap();
    let run = world.run(deploy(&world, &[])).ok();
    assert_eq!(run.output("result"), "created");
    shows_none(&run, &[CANARY]);
    assert!(world.comments(7).iter().all(|comment| !comment.contains(CANARY)));
    assert!(!world.git(&["log", "--all", "-p", "--format=%B%an%ae"]).contains(CANARY));
}

#[test]
fn a_preview_that_holds_a_secret_already_can_be_taken_down() {
    for verb in ["teardown", "sweep"] {
        let world = world(&format!("values: {{note: \"{CANARY}\"}}\n"));
        world.on_event("deploy", "synchronize", 7, &sha('a'), &[]).ok();
        assert!(world.file(PATCH).unwrap().contains(CANARY));
        let roster = "overlays/ephemeral/kustomization.yaml".to_owned();
        let text = world.file(&roster).unwrap() + &format!("# {CANARY}\n");
        world.commit_apps(&[(roster, text)].into(), "A comment");
        world.emulator.forge().close(APPLICATION, 7).unwrap();
        let mut command = world.event_command(verb, "closed", 7, &sha('a'), &[]);
        command.env("DB_PASSWORD", CANARY);
        let run = world.run(command).ok();
        shows_none(&run, &[CANARY]);
        assert_eq!(world.file(PATCH), None, "{verb}: {}", run.stdout);
    }
}

#[test]
fn a_configuration_that_vouches_wrongly_is_refused_where_it_does() {
    for (wrong, place, words) in [
        ("[{key: a, reason: \" \"}]", "line 9, column 40: ", "the reason is blank"),
        ("[{key: a..b, reason: x}]", "line 9, column ", "does not lead to a value: a key is empty"),
        ("[{key: a}]", "line 9, column ", "reason"),
        ("[{key: a, file: b/c, reason: x}]", "line 9, column ", "is not the name of a file"),
    ] {
        let world = world(&format!("checks: {{not-secret: {wrong}}}\n"));
        let run = world.run(deploy(&world, &[]));
        assert_eq!(run.code, 3, "{wrong}: {}", run.stderr);
        assert!(run.stderr.contains(place) && run.stderr.contains(words), "{wrong}: {}", run.stderr);
    }
}
