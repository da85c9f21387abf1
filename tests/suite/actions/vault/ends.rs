//! Red where it must be red, with what people need of it, and with nothing left behind.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use bivouac::emulator::{Answer, Verdict};
use serde_json::json;

use super::{CLEAN_UP, Site, shown};
use crate::vault::settings::Settings;

#[test]
fn a_check_of_a_vault_that_somebody_has_changed_is_red_and_names_the_change() {
    let site = Site::new(Settings::in_memory().audited());
    site.run(&json!({}), "\n").green();
    let checked = site.run(&json!({"check": true}), CLEAN_UP).green();
    assert_eq!(checked.output("vault.changed"), "false");
    assert!(checked.summary.contains("all as wanted"), "{}", checked.summary);

    let operator = site.open(&fs::read_to_string(site.escrow()).unwrap()).operator.unwrap();
    let token = site.log_in(operator.role_id.expose(), operator.secret_id.expose());
    let wider = json!({"policy": "path \"*\" { capabilities = [\"read\"] }"});
    site.bao.done("PUT", "sys/policies/acl/bivouac-deployer", Some(&token), Some(wider));
    let ended = site.run(&json!({"check": true}), CLEAN_UP).red();
    assert!(ended.all.contains("exit status 8"), "{}", ended.all);
    assert!(ended.summary.contains("policy") && ended.summary.contains("deployer"), "{}", ended.summary);
    assert!(ended.summary.contains("| differs "), "{}", ended.summary);
    assert_eq!((ended.output("vault.changed"), ended.log.matches("::error ").count()), ("false", 1), "{}", ended.log);
    assert!(ended.log.contains("left over []\n"), "{}", ended.log);
    site.kept_its_secrets(&ended);

    let mended = site.run(&json!({}), CLEAN_UP).green();
    assert_eq!(mended.output("vault.changed"), "true");
}

#[test]
fn a_step_that_fails_leaves_no_file_behind() {
    let site = Site::new(Settings::in_memory());
    let fails = "\n      - env: {FILE: \"${{ steps.vault.outputs.approle-secret-id-file }}\"}\n        \
                 run: test -s \"$FILE\" && echo it was there && exit 3";
    let ended = site.run(&json!({}), &format!("{fails}{CLEAN_UP}")).red();
    assert!(ended.log.contains("it was there\n") && ended.log.contains("left over []\n"), "{}", ended.log);
    site.kept_its_secrets(&ended);
}

#[test]
fn keys_that_no_escrow_takes_are_in_the_summary_encrypted_and_unseal_the_vault() {
    let site = Site::new(Settings::in_memory());
    let pushes = AtomicU32::new(0);
    // The intent goes in; the keys do not.
    site.caller.world.intercept(move |request| {
        let is_late = request.is_push() && pushes.fetch_add(1, Ordering::SeqCst) > 0;
        let archived = Answer::json(403, &json!({"message": "Repository was archived so is read-only."}));
        if is_late { Verdict::Answer(archived) } else { Verdict::Pass }
    });
    let inputs = json!({
        "escrows": "git:vault/preview.jsonl",
        "apps-repository": "acme/apps",
        "apps-token": "${{ secrets.BIVOUAC_APPS_TOKEN }}",
    });
    let ended = site.run(&inputs, CLEAN_UP).red();
    assert!(ended.all.contains("exit status 9"), "{}", ended.all);
    assert!(ended.summary.contains("The keys of the Vault are here only"), "{}", ended.summary);
    let left = ended.log.split("left over [").nth(1).unwrap_or_default();
    assert!(left.starts_with("escrow-preview-") && left.contains(".jsonl]\n"), "{}", ended.log);
    assert!(ended.log.contains("::warning title=Escrow::"), "{}", ended.log);

    for secret in site.secrets(&ended.summary) {
        assert!(!shown(&ended).contains(&secret), "{}", shown(&ended));
    }
    let shares = site.open(&ended.summary).unseal_shares;
    assert!(site.bao.is_sealed());
    site.bao.unseal(&shares.iter().map(|share| share.expose().to_owned()).collect::<Vec<_>>());
}
