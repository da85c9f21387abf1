//! Every input of the Vault's actions is read, and a blank one is an absent one.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::actions::{Caller, Ended};
use crate::reference::actions::{Input, inputs, setup_inputs};

/// What is taken as it is, and shows only in what is done with it: the other tests give these.
const TAKEN: [&str; 4] = ["acknowledge-new-cluster", "secrets-environment", "unseal-shares", "age-identity"];

/// A wrong value for an input, and what is said of it.
fn wrong(name: &str) -> (&'static str, &'static str) {
    match name {
        "vault-token" | "environment-token" => ("no token", "holds something that is no token"),
        "apps-repository" => ("acme/nowhere", "acme/nowhere"),
        "apps-branch" => ("nowhere", "nowhere"),
        "apps-token" | "github-token" => ("not-the-token", "does not accept the"),
        "apps-token-file" | "github-token-file" => ("/nowhere/token", "`/nowhere/token` can not be read"),
        "config" => ("/nowhere/vault.yaml", "`/nowhere/vault.yaml` can not be read"),
        "ca-certificate" => ("/nowhere/ca.pem", "`/nowhere/ca.pem` can not be read"),
        "approle-policy" => ("/nowhere/policy.hcl", "`/nowhere/policy.hcl` can not be read"),
        // Several may stand in one line.
        "vault-addresses" => ("https://a.example:8200 ftp://banana", "banana"),
        "pgp-keys" => ("banana", "`--pgp-key`: a PGP key for each share"),
        "recipients" => ("banana", "at least two different recipients"),
        "path" => ("../banana", "'../banana' for '--path"),
        "kv-mount" => ("../banana", "../banana"),
        "environment" | "approle-name" | "approle-policy-name" => ("ba nana", "ba nana"),
        "binary" => ("/nowhere/bivouac", "/nowhere/bivouac"),
        "mirror" => ("ftp://nowhere.example", "the input `mirror`"),
        "ssh-key" => ("/nowhere/key", "-i /nowhere/key"),
        "ssh-known-hosts" => ("/nowhere/hosts", "UserKnownHostsFile=\"/nowhere/hosts\""),
        _ => ("banana", "banana"),
    }
}

/// What the action needs, so that only the wrong input is wrong. Nobody listens at that address.
fn given(verb: &str, name: &str) -> Value {
    if verb == "vault-cleanup" {
        return json!({});
    }
    let ssh = name.starts_with("ssh-");
    let mut given = json!({
        "vault-addresses": "http://127.0.0.1:1",
        "escrows": "git:escrow.jsonl",
        "apps-repository": if ssh { "ssh://git@127.0.0.1:1/acme/apps.git" } else { "acme/apps" },
        "patience": "1s",
        "recipients": RECIPIENTS,
    });
    if name == "environment-token" {
        given["secrets-environment"] = json!("preview");
    }
    given
}

const RECIPIENTS: &str = "age1cy0su9fwf3gf9mw868g5yut09p6nytfmmnktexz2ya5uqg9vl9sss4euqm\n\
                          age1fsyn0ceher98z32zedzpxjs6ggvp75ge0j27a4lhdwmk5u6xsshs9pvdya";

fn job(verb: &str, id: &str, with: &Value) -> String {
    format!(
        "  {id}:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - uses: bivouac-dev/bivouac/actions/{verb}@PIN\n        with: {with}\n"
    )
}

fn run(jobs: &str) -> Ended {
    let caller = Caller::new();
    caller.program("ssh", "echo \"ssh $*\" >&2\nexit 255");
    caller.add_workflow("inputs.yml", &format!("name: Inputs\non: workflow_dispatch\njobs:\n{jobs}"));
    caller.dispatch("inputs.yml", &json!({}))
}

#[test]
fn a_wrong_value_of_any_input_is_told() {
    for verb in ["bootstrap-vault", "vault-cleanup"] {
        let inputs: Vec<_> = [inputs(verb), setup_inputs()].concat();
        let inputs: Vec<_> = inputs.iter().filter(|input| !TAKEN.contains(&input.name.as_str())).collect();
        let mut jobs = String::new();
        for Input { name, .. } in &inputs {
            let mut with = given(verb, name);
            with[name] = json!(wrong(name).0);
            let _ = write!(jobs, "{}", job(verb, name, &with));
        }
        let ended = run(&jobs).red();
        let mut untold = String::new();
        for Input { name, .. } in &inputs {
            let said = &ended.logs[name];
            let is_told = said.contains(wrong(name).1) && said.matches("::error ").count() == 1;
            if ended.jobs[name] != "failure" || !is_told {
                let _ = writeln!(untold, "{verb}: {name}: {said}");
            }
        }
        assert_eq!(untold, "");
    }
}

#[test]
fn a_blank_input_is_an_absent_one() {
    let blank = |verb: &str| -> serde_json::Map<_, _> {
        let inputs = [inputs(verb), setup_inputs()].concat();
        inputs.into_iter().map(|input| (input.name, json!(" "))).collect()
    };
    let jobs = ["bootstrap-vault", "vault-cleanup"].map(|verb| job(verb, verb, &json!(blank(verb)))).concat();
    let ended = run(&jobs).red();
    assert_eq!(ended.jobs["vault-cleanup"], "success", "{}", ended.log);
    // There is nothing else to complain of.
    let said = &ended.logs["bootstrap-vault"];
    assert!(
        said.contains("::error title=Bivouac::no node of the Vault is named") && said.contains("--vault-address"),
        "{said}"
    );
}
