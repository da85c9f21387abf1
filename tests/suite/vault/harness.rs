//! The servers and the proxy do what the tests that use them take for granted.

use serde_json::json;

use super::bao::Bao;
use super::cluster::{form, three_nodes};
use super::settings::Settings;

#[test]
fn a_server_is_initialised_unsealed_and_sealed() {
    let bao = Bao::start(Settings::in_memory());
    assert_eq!(bao.health(), 501);
    let (keys, root) = bao.initialise(5, 3);
    assert_eq!((keys.len(), bao.is_sealed(), bao.health()), (5, true, 503));
    bao.unseal(&keys[2..]);
    assert_eq!((bao.is_sealed(), bao.health()), (false, 200));
    bao.seal(&root);
    assert!(bao.is_sealed());
    bao.unseal(&keys[..3]);
    assert_eq!(bao.api("GET", "sys/mounts", Some("wrong"), None).0, 403);
    assert_eq!(bao.api("GET", "sys/mounts", Some(&root), None).0, 200);
}

#[test]
fn a_server_that_keeps_its_data_has_it_after_a_stop_and_after_a_kill() {
    let mut bao = Bao::start(Settings::raft("alone"));
    let (keys, root) = bao.initialise(1, 1);
    bao.unseal(&keys);
    bao.done("POST", "sys/mounts/secret", Some(&root), Some(json!({"type": "kv", "options": {"version": "2"}})));
    let (address, first) = (bao.address(), bao.pid());
    for end in [Bao::stop, Bao::kill] {
        end(&mut bao);
        assert!(bao.ask("GET", "sys/health", None, None).is_err());
        bao.start_again();
        assert!(bao.is_sealed() && bao.pid() != first);
        bao.unseal(&keys);
        let mounts = bao.done("GET", "sys/mounts", Some(&root), None);
        assert_eq!((mounts["data"]["secret/"]["type"].as_str(), bao.address()), (Some("kv"), address.clone()));
    }
}

#[test]
fn a_server_in_memory_has_forgotten_everything_after_a_stop() {
    let mut bao = Bao::start(Settings::in_memory());
    bao.initialise(1, 1);
    bao.stop();
    bao.start_again();
    assert_eq!(bao.health(), 501);
}

#[test]
fn a_server_with_a_static_seal_unseals_itself() {
    let mut bao = Bao::start(Settings::raft("alone").with_static_seal());
    let (recovery, root) = bao.initialise(3, 2);
    assert_eq!((recovery.len(), bao.is_sealed()), (3, false));
    bao.kill();
    bao.start_again();
    assert!(!bao.is_sealed());
    assert_eq!(bao.api("GET", "sys/mounts", Some(&root), None).0, 200);
}

#[test]
fn a_server_with_tls_is_known_by_its_authority() {
    let bao = Bao::start(Settings::in_memory().with_tls());
    assert!(bao.address().starts_with("https://127.0.0.1:"));
    let (keys, _) = bao.initialise(1, 1);
    bao.unseal(&keys);
    assert_eq!(bao.authority(), std::fs::read_to_string(bao.authority_file()).ok());
}

#[test]
fn only_a_lenient_server_takes_audit_devices_and_makes_root_tokens() {
    for (settings, device, root_token) in
        [(Settings::in_memory(), 400, 405), (Settings::in_memory().lenient(), 204, 200)]
    {
        let bao = Bao::start(settings);
        let (keys, root) = bao.initialise(1, 1);
        bao.unseal(&keys);
        let body = json!({"type": "file", "options": {"file_path": bao.audit_file()}});
        assert_eq!(bao.api("PUT", "sys/audit/file", Some(&root), Some(body)).0, device);
        assert_eq!(bao.audit_lines().is_empty(), device == 400);
        assert_eq!(bao.api("PUT", "sys/generate-root/attempt", None, Some(json!({}))).0, root_token);
    }
}

#[test]
fn a_declared_audit_device_notes_every_request_without_the_token() {
    let bao = Bao::start(Settings::in_memory().audited());
    let (keys, root) = bao.initialise(1, 1);
    bao.unseal(&keys);
    bao.done("GET", "sys/mounts", Some(&root), None);
    let lines = bao.audit_lines();
    let last = lines.last().unwrap();
    assert_eq!((&last["type"], &last["request"]["path"]), (&json!("response"), &json!("sys/mounts")));
    assert!(!last.to_string().contains(&root));
}

#[test]
fn three_servers_are_one_cluster() {
    for settings in [Settings::raft("").with_tls(), Settings::raft("").with_static_seal()] {
        let mut nodes = three_nodes(&settings);
        let (_, root) = form(&nodes, 3, 2);
        let leaders = nodes.each_ref().map(|node| node.done("GET", "sys/leader", None, None)["leader_address"].clone());
        assert_eq!(leaders, [(); 3].map(|()| json!(nodes[0].address())));
        assert_eq!(nodes.each_ref().map(Bao::health), [200, 429, 429]);
        nodes[2].done("POST", "sys/mounts/secret", Some(&root), Some(json!({"type": "kv"})));
        nodes[0].kill();
        let is_active = || nodes[1..].iter().any(|node| node.health() == 200);
        nodes[1].wait_until("another one is active", is_active);
        let mounts = nodes[1].done("GET", "sys/mounts", Some(&root), None);
        assert_eq!(mounts["data"]["secret/"]["type"], "kv");
    }
}
