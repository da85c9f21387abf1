//! The workflow that `bivouac init --workflows` writes, started by hand.

use serde_json::{Value, json};

use super::{Site, shown};
use crate::actions::Ended;
use crate::trouble::US;
use crate::vault::settings::Settings;
use crate::world::{APPLICATION, TOKEN};

const WORKFLOW: &str = "bootstrap-vault.yml";
const ESCROW: &str = "vault/preview.jsonl";

/// A repository whose environment `preview` has what the workflow asks for.
fn site() -> Site {
    let mut site = Site::new(Settings::in_memory().audited());
    let recipients = site.recipients();
    site.caller.set_variable("BIVOUAC_VAULT_ESCROW", &format!("git:{ESCROW}"));
    site.caller.set_variable("BIVOUAC_VAULT_RECIPIENTS", &recipients);
    site.caller.set_variable("BIVOUAC_VAULT_SECRETS_ENVIRONMENT", "preview");
    site.caller.set_secret("BIVOUAC_ENVIRONMENT_TOKEN", TOKEN);
    let emulator = &site.caller.world.emulator;
    emulator.forge().create_environment(APPLICATION, "preview").unwrap();
    emulator.change_account(US, |account| account.keeps_secrets = true).unwrap();
    site
}

/// Starts it. What is ticked arrives as text.
fn start(site: &Site, more: &Value) -> Ended {
    let mut inputs = json!({"environment": "preview", "vault-address": format!(" {} ", site.bao.address())});
    for (name, value) in more.as_object().unwrap() {
        inputs[name] = value.clone();
    }
    site.caller.dispatch(WORKFLOW, &inputs)
}

/// The deployer's login, as later workflows of that environment find it.
fn login(site: &Site) -> [String; 2] {
    let forge = site.caller.world.emulator.forge();
    ["BIVOUAC_VAULT_ROLE_ID", "BIVOUAC_VAULT_SECRET_ID"]
        .map(|name| forge.environment_secret(APPLICATION, "preview", name).unwrap().unwrap())
}

#[test]
fn the_workflow_only_looks_unless_it_is_told_otherwise() {
    let site = site();
    let ended = start(&site, &json!({})).red();
    assert!(ended.all.contains("exit status 8") && ended.summary.contains("| differs "), "{}", ended.all);
    let ended = start(&site, &json!({"dry-run": "true"})).green();
    assert!(ended.summary.contains("these are the steps; nothing was written"), "{}", ended.summary);
    assert_eq!((site.caller.world.file(ESCROW), site.bao.health()), (None, 501));
}

#[test]
fn the_workflow_brings_a_vault_up_and_keeps_the_login_in_the_environment() {
    let site = site();
    let ended = start(&site, &json!({"check": "false"})).green();
    assert_eq!(ended.output("bootstrap-vault.state"), "uninitialised");
    let [role_id, secret_id] = login(&site);
    site.log_in(&role_id, &secret_id);
    let escrow = site.caller.world.file(ESCROW).unwrap();
    for secret in site.secrets(&escrow).into_iter().chain([secret_id.clone(), TOKEN.to_owned()]) {
        assert!(!shown(&ended).contains(&secret), "{}", shown(&ended));
    }
    assert!(ended.log.contains("removed approle-secret-id\n"), "{}", ended.log);

    let again = start(&site, &json!({"check": "false"})).green();
    assert_eq!((again.output("bootstrap-vault.changed"), login(&site)[1] == secret_id), ("false", true));
    assert_eq!(site.caller.world.file(ESCROW).unwrap(), escrow);

    let rotated = start(&site, &json!({"check": "false", "rotate-secret-id": "true"})).green();
    assert_eq!(rotated.output("bootstrap-vault.changed"), "true");
    let [role_id, rotated] = login(&site);
    assert_ne!(rotated, secret_id);
    site.log_in(&role_id, &rotated);
    let old = json!({"role_id": role_id, "secret_id": secret_id});
    assert_eq!(site.bao.api("POST", "auth/approle/login", None, Some(old)).0, 400, "the old one is destroyed");
}

#[test]
fn the_workflow_does_the_same_when_it_is_called() {
    let site = site();
    let with = json!({"environment": "preview", "vault-address": site.bao.address(), "check": false});
    let secrets = ["APPS_TOKEN", "AGE_IDENTITY", "ENVIRONMENT_TOKEN"]
        .map(|name| format!("      BIVOUAC_{name}: ${{{{ secrets.BIVOUAC_{name} }}}}\n"))
        .concat();
    let workflow = format!(
        "name: Ours\non: workflow_dispatch\npermissions: {{}}\njobs:\n  vault:\n    \
         uses: bivouac-dev/bivouac/.github/workflows/{WORKFLOW}@PIN\n    with: {with}\n    secrets:\n{secrets}"
    );
    site.caller.add_workflow("ours.yml", &workflow);
    let ended = site.caller.dispatch("ours.yml", &json!({})).green();
    assert_eq!(ended.output("bootstrap-vault.state"), "uninitialised");
    let [role_id, secret_id] = login(&site);
    site.log_in(&role_id, &secret_id);
}
