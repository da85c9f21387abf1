//! Every input that an action declares is read: a wrong value of it is told by name, and a blank one is an absent one.

use std::fmt::Write as _;

use bivouac::contract::ACTIONS;
use bivouac::emulator::{Actor, CommitStatusState, NewCommitStatus, Role};
use serde_json::json;

use super::commands::comment;
use super::{Caller, Ended};
use crate::reference::actions::{Input, inputs, setup_inputs};
use crate::world::{APPLICATION, World, sha};

/// The verbs of previews. Those of a Vault have other inputs, and tests of their own; `validate` asks no apps repository, and
/// takes none of these but what `deploy` takes too.
fn verbs() -> impl Iterator<Item = &'static str> {
    ACTIONS.iter().map(|(verb, _)| *verb).filter(|verb| !verb.contains("vault") && *verb != "validate")
}

/// A wrong value for an input, and what is said of it.
fn wrong(name: &str) -> (&'static str, &'static str) {
    match name {
        "apps-repository" => ("acme/nowhere", "acme/nowhere"),
        "apps-branch" => ("nowhere", "has no branch `nowhere`"),
        "apps-token" => ("not-the-token", "does not accept the credentials"),
        "github-token" => ("not-the-token", "does not accept the token"),
        "apps-token-file" => ("/nowhere/apps-token", "`/nowhere/apps-token` can not be read"),
        "github-token-file" => ("/nowhere/github-token", "`/nowhere/github-token` can not be read"),
        "notify-addresses-file" => ("/nowhere/addresses", "`/nowhere/addresses` can not be read"),
        "notify-secrets-file" => ("/nowhere/secrets", "`/nowhere/secrets` can not be read"),
        "notify-timeout" => ("banana", "'banana' for '--notify-timeout"),
        "notify-allow-private" => ("banana", "'banana' for '--notify-allow-private"),
        "path" => ("elsewhere", "`elsewhere/bivouac.yaml`"),
        "images" => ("backend=1\nnowhere=1", "has no image `nowhere`"),
        "binary" => ("/nowhere/bivouac", "/nowhere/bivouac"),
        "build-from-source" => ("banana", "banana"),
        "mirror" => ("ftp://nowhere.example", "the input `mirror`"),
        "ssh-key" => ("/nowhere/key", "-i /nowhere/key"),
        "ssh-known-hosts" => ("/nowhere/hosts", "UserKnownHostsFile=\"/nowhere/hosts\""),
        "patience" => ("banana", "'banana' for '--patience"),
        "dry-run" => ("banana", "'banana' for '--dry-run"),
        "format" => ("banana", "'banana' for '--format"),
        "deployments" => ("banana", "'banana' for '--deployments"),
        "repository" => ("banana", "'banana' for '--repository"),
        "pull-request" => ("banana", "'banana' for '--pull-request"),
        "commit" => ("banana", "'banana' for '--commit"),
        "backend" => ("banana", "'banana' for '--backend"),
        "author" => ("banana", "'banana' for '--author"),
        "allow-http" => ("banana", "'banana' for '--allow-http"),
        "wait" => ("banana", "'banana' for '--wait"),
        "wait-timeout" => ("banana", "'banana' for '--wait-timeout"),
        "image-timeout" => ("banana", "'banana' for '--image-timeout"),
        "kustomize" => ("/nowhere/kustomize", "`--kustomize /nowhere/kustomize` names no program"),
        "helm" => ("/nowhere/helm", "`--helm /nowhere/helm` names no program"),
        "force" => ("banana", "'banana' for '--force"),
        "all" => ("banana", "'banana' for '--all"),
        "build-workflow" => ("banana", "'banana' for '--build-workflow"),
        "vault-addresses" => ("nowhere", "what `--vault-address` says is not the address of a Vault"),
        "ca-certificate" => ("/nowhere/authority.pem", "`/nowhere/authority.pem` can not be read"),
        "kv-mount" => ("/banana", "'/banana' for '--kv-mount"),
        "vault-role" => ("Banana", "'Banana' for '--vault-role"),
        "vault-jwt-mount" => ("/banana", "'/banana' for '--vault-jwt-mount"),
        "vault-approle-mount" => ("/banana", "'/banana' for '--vault-approle-mount"),
        "vault-audience" => ("a banana", "'a banana' for '--vault-audience"),
        "vault-role-id" => ("a banana", "'a banana' for '--vault-role-id"),
        "vault-secret-id" => ("a banana", "`BIVOUAC_VAULT_SECRET_ID` holds something that is no secret-id"),
        "vault-secret-id-file" => ("/nowhere/secret-id", "`/nowhere/secret-id` can not be read"),
        other => panic!("the input `{other}` is new: say here what comes of a wrong value"),
    }
}

/// A job for each of `inputs`, which gives that input to the action and is called like it.
fn jobs(verb: &str, inputs: &[Input], value: impl Fn(&str) -> String) -> String {
    let mut text = String::from("name: Inputs\non: [pull_request, issue_comment]\njobs:\n");
    for Input { name, .. } in inputs {
        let mut with = json!({"apps-repository": "acme/apps"});
        if name == "github-token" {
            with["apps-token"] = json!("${{ secrets.BIVOUAC_APPS_TOKEN }}");
        }
        if name.starts_with("ssh-") {
            with["apps-repository"] = json!("ssh://git@127.0.0.1:1/acme/apps.git");
        }
        with[name] = json!(value(name));
        let _ = write!(
            text,
            "  {name}:\n    runs-on: ubuntu-latest\n    steps:\n      \
             - uses: bivouac-dev/bivouac/actions/{verb}@PIN\n        with: {with}\n"
        );
    }
    text
}

/// Lets Flux say that the preview of pull request 7, at `a`, is ready, and `bivouac.yaml` wait for that.
pub(super) fn ready_for_flux(world: &World) {
    let configuration = world.file("bivouac.yaml").unwrap() + "checks: {ready: {flux: true}}\n";
    world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Say when a preview is ready");
    let said = NewCommitStatus::new("helmrelease/wildside/1", CommitStatusState::Success, "Helm install succeeded");
    world.emulator.forge().post_status(APPLICATION, &sha('a'), said).unwrap();
}

/// Runs a workflow for pull request 7, which has a preview.
fn run(workflow: &str) -> Ended {
    run_verb("deploy", workflow)
}

/// The same, for the event that a verb is for.
fn run_verb(verb: &str, workflow: &str) -> Ended {
    let caller = Caller::new();
    caller.program("ssh", "echo \"ssh $*\" >&2\nexit 255");
    caller.world.open(7, &sha('a'));
    caller.world.deploy(7, &sha('a')).ok();
    ready_for_flux(&caller.world);
    caller.add_workflow("inputs.yml", workflow);
    if verb == "command" {
        caller.world.emulator.forge().set_role(APPLICATION, "ada", Role::Write).unwrap();
        let said = comment(&caller.world, 7, &Actor::user("ada"), "/preview deploy");
        return caller.run("inputs.yml", "issue_comment", &said);
    }
    caller.pull_request("inputs.yml", "synchronize", 7, &sha('a'))
}

#[test]
fn a_wrong_value_of_any_input_is_told() {
    for verb in verbs() {
        let mut inputs = [inputs(verb), setup_inputs()].concat();
        // A wrong line of these fails no run.
        inputs.retain(|input| !["notify-addresses", "notify-secrets"].contains(&input.name.as_str()));
        let ended = run_verb(verb, &jobs(verb, &inputs, |name| wrong(name).0.to_owned())).red();
        for Input { name, .. } in &inputs {
            assert_eq!(ended.jobs[name], "failure", "{verb}: {name}: {}", ended.logs[name]);
            let said = &ended.logs[name];
            assert!(said.contains(wrong(name).1), "{verb}: {name}: {said}");
            assert_eq!(said.matches("::error ").count(), 1, "{verb}: {name}: {said}");
        }
    }
}

#[test]
fn a_blank_input_is_an_absent_one() {
    for verb in verbs() {
        let with: Vec<_> = [inputs(verb), setup_inputs()].concat();
        let blank: serde_json::Map<_, _> = with
            .iter()
            .map(|input| (input.name.clone(), json!(if input.name == "apps-repository" { "acme/apps" } else { " " })))
            .collect();
        let workflow = format!(
            "name: Blank\non: [pull_request, issue_comment]\njobs:\n  blank:\n    runs-on: ubuntu-latest\n    steps:\n      \
             - uses: bivouac-dev/bivouac/actions/{verb}@PIN\n        with: {}\n",
            json!(blank)
        );
        run_verb(verb, &workflow).green();
    }
}

#[test]
fn a_token_that_is_given_comes_before_what_the_job_has_for_it() {
    let workflow = "name: Tokens\non: pull_request\nenv: {BIVOUAC_APPS_TOKEN_FILE: /nowhere, BIVOUAC_GITHUB_TOKEN: wrong}\n\
                    jobs:\n  given:\n    runs-on: ubuntu-latest\n    steps:\n      \
                    - run: printf '%s' \"$TOKEN\" > \"$RUNNER_TEMP/token\"\n        \
                    env: {TOKEN: \"${{ secrets.GITHUB_TOKEN }}\"}\n      \
                    - uses: bivouac-dev/bivouac@PIN\n        with:\n          apps-repository: acme/apps\n          \
                    apps-token: ${{ secrets.BIVOUAC_APPS_TOKEN }}\n          \
                    github-token-file: ${{ runner.temp }}/token\n";
    run(workflow).green();
}

#[test]
fn the_same_is_said_by_the_variables_of_the_job() {
    let workflow = "name: Variables\non: pull_request\nenv: {BIVOUAC_DRY_RUN: 'true', BIVOUAC_APPS_REPOSITORY: acme/apps, \
                    BIVOUAC_SETUP_MIRROR: 'https://nowhere.invalid'}\n\
                    jobs:\n  dry:\n    runs-on: ubuntu-latest\n    steps:\n      \
                    - uses: bivouac-dev/bivouac/actions/teardown@PIN\n        with: {force: true}\n";
    let ended = run(workflow).green();
    assert!(ended.log.contains("would be removed"), "{}", ended.log);
    assert!(ended.log.contains("dry run: nothing was written"), "{}", ended.log);
}
