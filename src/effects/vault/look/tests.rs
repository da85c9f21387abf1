//! The answers as both servers document them.

use serde_json::json;

use super::*;

/// <https://developer.hashicorp.com/vault/api-docs/system/seal-status#sample-response>, of a server that is unsealed.
#[test]
fn the_seal_of_an_unsealed_vault_is_read() {
    let answer = json!({
        "type": "shamir", "initialized": true, "sealed": false, "t": 3, "n": 5, "progress": 0, "nonce": "",
        "version": "1.18.0", "build_date": "2024-10-08T09:12:52Z", "migration": false,
        "cluster_name": "vault-cluster-336172e1", "cluster_id": "f94053ad-d80e-4270-2006-2efd67d0910a",
        "recovery_seal": false, "storage_type": "raft", "removed_from_cluster": false,
    });
    let seal = seal(&answer).unwrap();
    assert_eq!((seal.is_sealed, seal.threshold, seal.shares), (false, 3, 5));
    assert_eq!(seal.cluster_id.as_deref(), Some("f94053ad-d80e-4270-2006-2efd67d0910a"));
    assert!(!seal.is_automatic() && !seal.is_migrating);
    assert_eq!((seal.storage.as_str(), seal.version.as_str()), ("raft", "1.18.0"));
}

/// <https://developer.hashicorp.com/vault/api-docs/system/unseal#sample-response>: half of the way, and no cluster yet.
#[test]
fn the_progress_of_an_attempt_to_unseal_is_read() {
    let answer = json!({
        "sealed": true, "initialized": true, "t": 3, "n": 5, "progress": 2,
        "nonce": "ef05d55d-4d2c-c594-a5e8-55bc88604c24", "version": "0.6.2", "type": "shamir",
    });
    let seal = seal(&answer).unwrap();
    assert_eq!((seal.is_sealed, seal.progress, seal.cluster_id.clone()), (true, 2, None));
    assert_eq!(seal.nonce, "ef05d55d-4d2c-c594-a5e8-55bc88604c24");
    assert!(!seal.is_automatic());
}

/// With a seal of its own, Vault says `recovery_seal` and, since 1.14, `recovery_seal_type`:
/// <https://developer.hashicorp.com/vault/api-docs/system/seal-status>. `OpenBao` says the type alone.
#[test]
fn a_seal_that_opens_by_itself_is_known_by_either_sign() {
    let answer = |kind: &str, recovery: bool| json!({ "type": kind, "recovery_seal_type": "shamir", "initialized": true, "sealed": true, "recovery_seal": recovery });
    for (kind, recovery, is_automatic) in
        [("awskms", true, true), ("static", false, true), ("shamir", true, true), ("shamir", false, false)]
    {
        assert_eq!(seal(&answer(kind, recovery)).unwrap().is_automatic(), is_automatic, "{kind} {recovery}");
    }
}

#[test]
fn a_cluster_without_a_name_has_none_and_an_answer_without_a_seal_is_none() {
    let answer = json!({ "initialized": false, "sealed": true, "type": "shamir", "cluster_id": "" });
    assert_eq!(seal(&answer).unwrap().cluster_id, None);
    for answer in [json!({}), json!({ "sealed": true }), json!({ "errors": ["no"] }), json!(null), json!([])] {
        assert_eq!(seal(&answer), None, "{answer}");
    }
}

/// <https://developer.hashicorp.com/vault/api-docs/system/health>: the code says it all; the body, which has
/// `performance_standby`, `replication_*` and a license in one server and not in the other, is not read.
#[test]
fn each_code_of_health_stands_for_a_role_and_no_other_does() {
    let codes = [200, 429, 472, 473, 474, 501, 503, 530];
    let roles: Vec<_> = codes.iter().map(|code| Health::of(*code).unwrap()).collect();
    assert_eq!(roles[0], Health::Active);
    assert_eq!(roles[3..5], [Health::PerformanceStandby, Health::Lonely]);
    assert_eq!(roles[7], Health::Removed);
    for other in [204, 302, 400, 403, 404, 500, 502, 504] {
        assert_eq!(Health::of(other), None, "{other}");
    }
}
