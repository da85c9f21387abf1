//! Every output that an action declares is set, and reaches the jobs that follow.

use std::fs;

use bivouac::contract::{ACTIONS, Described, SETUP_OUTPUTS};
use bivouac::emulator::{Actor, Role};
use serde_json::Value;

use super::commands::comment;
use super::inputs::ready_for_flux;
use super::{Caller, Ended};
use crate::world::{APPLICATION, sha, tools, wildside};

/// A workflow that runs an action, and hands all its outputs to a job that prints them.
fn handing_over(action: &str, outputs: &[Described]) -> String {
    let handed = |(name, _): &Described| format!("      {name}: ${{{{ steps.it.outputs.{name} }}}}\n");
    let handed = outputs.iter().map(handed).collect::<Vec<_>>().concat();
    let with = match action {
        "setup" => "{}".to_owned(),
        "deploy" => "{apps-repository: acme/apps, wait: true}".to_owned(),
        "validate" => format!("{{kustomize: {}}}", tools().join("bin/kubectl").display()),
        _ => "{apps-repository: acme/apps}".to_owned(),
    };
    let before = if action == "validate" { CHECK_OUT } else { "" };
    format!(
        "name: Outputs\non: [pull_request, issue_comment]\njobs:\n  first:\n    runs-on: ubuntu-latest\n    outputs:\n{handed}    \
         steps:\n{before}      - id: it\n        uses: bivouac-dev/bivouac/actions/{action}@PIN\n        with: {with}\n  \
         second:\n    needs: first\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"$OUTPUTS\"\n        \
         env: {{OUTPUTS: \"${{{{ toJSON(needs.first.outputs) }}}}\"}}\n"
    )
}

/// What the second job got when the action ran for pull request 7.
fn handed(caller: &Caller, action: &str, outputs: &[Described]) -> Value {
    caller.add_workflow("outputs.yml", &handing_over(action, outputs));
    from_second(caller.pull_request("outputs.yml", "synchronize", 7, &sha('a')))
}

/// What the second job got when the command was given on pull request 7.
fn handed_to_commenter(caller: &Caller, body: &str, outputs: &[Described]) -> Value {
    caller.add_workflow("outputs.yml", &handing_over("command", outputs));
    let said = comment(&caller.world, 7, &Actor::user("ada"), body);
    from_second(caller.run("outputs.yml", "issue_comment", &said))
}

fn from_second(ended: Ended) -> Value {
    let ended = ended.green();
    serde_json::from_str(&ended.logs["second"]).unwrap_or_else(|why| panic!("{why}: {}", ended.logs["second"]))
}

/// The outputs that hold something.
fn set(handed: &Value) -> Vec<String> {
    let outputs = handed.as_object().unwrap().iter();
    outputs.filter(|(_, value)| **value != "").map(|(name, _)| name.clone()).collect()
}

/// The step that checks the apps repository out, as far as `validate` can tell.
const CHECK_OUT: &str = "      - run: cp -R \"$HOME/apps/.\" .\n";

/// Puts the files of an apps repository where that step finds them.
fn lay_out_apps(caller: &Caller) {
    for (path, text) in wildside() {
        let file = caller.machine.path().join("apps").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}

#[test]
fn validate_shows_what_it_finds_beside_the_line_that_is_meant() {
    let caller = Caller::new();
    lay_out_apps(&caller);
    let base = caller.machine.path().join("apps/base/kustomization.yaml");
    fs::write(&base, fs::read_to_string(&base).unwrap() + "nonsense: true\n").unwrap();
    let kustomize = tools().join("bin/kubectl");
    caller.add_workflow(
        "validate.yml",
        &format!(
            "name: Validate\non: pull_request\njobs:\n  validate:\n    runs-on: ubuntu-latest\n    steps:\n{CHECK_OUT}      \
             - uses: bivouac-dev/bivouac/actions/validate@PIN\n        with: {{kustomize: {}}}\n",
            kustomize.display()
        ),
    );
    let ended = caller.pull_request("validate.yml", "opened", 7, &sha('a')).red();
    assert!(ended.all.contains("file=base/kustomization.yaml"), "{}", ended.all);
    assert!(ended.all.contains("json: unknown field"), "{}", ended.all);
    assert!(ended.summary.contains("Checks of the apps repository"), "{}", ended.summary);
}

#[test]
fn every_output_of_every_verb_is_set() {
    let caller = Caller::new();
    let outputs = |verb: &str| ACTIONS.iter().find(|(known, _)| *known == verb).unwrap().1;
    caller.world.open(7, &sha('a'));
    ready_for_flux(&caller.world);
    let mut seen = vec![("deploy", handed(&caller, "deploy", outputs("deploy")))];
    seen.push(("wait", handed(&caller, "wait", outputs("wait"))));
    seen.push(("list", handed(&caller, "list", outputs("list"))));
    let forge = caller.world.emulator.forge();
    forge.close(APPLICATION, 7).unwrap();
    seen.push(("sweep", handed(&caller, "sweep", outputs("sweep"))));
    // A reason and an address exclude each other: the other halves.
    seen.push(("deploy", handed(&caller, "deploy", outputs("deploy"))));
    seen.push(("wait", handed(&caller, "wait", outputs("wait"))));
    forge.reopen(APPLICATION, 7).unwrap();
    forge.set_role(APPLICATION, "ada", Role::Write).unwrap();
    for body in ["/preview deploy", "/preview remove"] {
        seen.push(("command", handed_to_commenter(&caller, body, outputs("command"))));
    }
    forge.unlabel(APPLICATION, 7, "no-preview").unwrap();
    caller.world.deploy(7, &sha('a')).ok();
    seen.push(("teardown", handed(&caller, "teardown", outputs("teardown"))));
    forge.close(APPLICATION, 7).unwrap();
    seen.push(("teardown", handed(&caller, "teardown", outputs("teardown"))));
    lay_out_apps(&caller);
    seen.push(("validate", handed(&caller, "validate", outputs("validate"))));
    // Those of a Vault have their own tests.
    for (verb, outputs) in ACTIONS.into_iter().filter(|(verb, _)| !verb.contains("vault")) {
        let found: Vec<_> = seen.iter().filter(|(of, _)| *of == verb).flat_map(|(_, handed)| set(handed)).collect();
        for (name, _) in outputs {
            assert!(found.iter().any(|found| found == name), "`{name}` of {verb} was never set: {seen:#?}");
        }
    }
}

#[test]
fn setup_says_where_the_program_is_and_changes_nothing_else() {
    let caller = Caller::new();
    let said = handed(&caller, "setup", &SETUP_OUTPUTS);
    assert_eq!(said["version"], env!("CARGO_PKG_VERSION"));
    caller.add_workflow(
        "steps.yml",
        "name: Steps\non: pull_request\njobs:\n  steps:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - id: bivouac\n        uses: bivouac-dev/bivouac/actions/setup@PIN\n      \
         - run: |\n          \"$BIVOUAC\" --version\n          echo \"[$(cat \"$GITHUB_ENV\" \"$GITHUB_PATH\")]\"\n          \
         command -v bivouac || echo not on the path\n        env: {BIVOUAC: \"${{ steps.bivouac.outputs.path }}\"}\n",
    );
    let ended = caller.pull_request("steps.yml", "opened", 7, &sha('a')).green();
    let expected = format!("bivouac {}\n[]\nnot on the path\n", env!("CARGO_PKG_VERSION"));
    assert!(ended.log.contains(&expected), "{}", ended.log);
}
