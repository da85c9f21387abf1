//! Three servers that keep one set of data.

use serde_json::json;

use super::bao::Bao;
use super::settings::Settings;

/// Three servers with these settings, named `node-0` to `node-2`, each of which knows of itself only.
pub(crate) fn three_nodes(settings: &Settings) -> [Bao; 3] {
    [0, 1, 2].map(|number| Bao::start(settings.clone().named(&format!("node-{number}"))))
}

/// Makes them one cluster of three votes, whose first node is the active one, and returns the shares and the root token.
pub(crate) fn form(nodes: &[Bao; 3], shares: u64, threshold: u64) -> (Vec<String>, String) {
    let [first, others @ ..] = nodes;
    let (keys, root) = first.initialise(shares, threshold);
    if !first.unseals_itself() {
        first.unseal(&keys);
    }
    first.wait_until_active();
    // By itself a new node may vote after ten seconds.
    let soon = json!({"server_stabilization_time": "1s"});
    first.done("POST", "sys/storage/raft/autopilot/configuration", Some(&root), Some(soon));
    for node in others {
        join(node, first);
        if !node.unseals_itself() {
            node.unseal(&keys);
        }
        node.wait_until_open();
    }
    first.wait_until("all nodes vote", || voters(first, &root) == 3);
    (keys, root)
}

/// How many nodes have a vote in the cluster that a node belongs to.
pub(crate) fn voters(node: &Bao, root: &str) -> usize {
    let answer = node.done("GET", "sys/storage/raft/configuration", Some(root), None);
    let servers = answer["data"]["config"]["servers"].as_array().unwrap();
    servers.iter().filter(|server| server["voter"] == true).count()
}

/// Has a node ask another one to be taken into its cluster. Unless it unseals itself, it waits for shares then.
pub(crate) fn join(node: &Bao, leader: &Bao) {
    let mut body = json!({"leader_api_addr": leader.address()});
    if let Some(authority) = leader.authority() {
        body["leader_ca_cert"] = authority.into();
    }
    node.done("POST", "sys/storage/raft/join", None, Some(body));
}
