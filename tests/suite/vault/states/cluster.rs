//! Three nodes that keep one set of data, and nodes whose address is new.

use serde_json::{Value, json};

use crate::vault::bao::Bao;
use crate::vault::cluster::three_nodes;
use crate::vault::proxy::Proxy;
use crate::vault::settings::Settings;
use crate::vault::world::{VaultWorld, new_root};

#[test]
fn three_nodes_become_one_cluster_and_stay_it() {
    let [first, mut second, third] = three_nodes(&Settings::raft("node").lenient());
    let proxies = [Proxy::before(&second), Proxy::before(&third)];
    let mut world = VaultWorld::around(first);
    world.addresses.extend([&second, &third].map(Bao::address));
    let run = world.bootstrap(&["--patience", "60s"]).ok();
    assert_eq!(run.output("state"), "uninitialised");
    let root = new_root(&world.bao, &world.shares());
    let servers = world.bao.done("GET", "sys/storage/raft/configuration", Some(&root), None);
    let servers = servers["data"]["config"]["servers"].as_array().unwrap().clone();
    assert_eq!(servers.iter().filter(|server| server["voter"] == true).count(), 3, "{servers:#?}");

    // Through a proxy each, the two that follow are asked four things.
    world.addresses.truncate(1);
    world.addresses.extend(proxies.iter().map(Proxy::address));
    assert_eq!(world.bootstrap(&[]).ok().output("changed"), "false");
    assert_eq!(proxies.map(|proxy| proxy.requests().len()), [4, 4]);
    world.addresses.truncate(1);
    world.addresses.extend([&second, &third].map(Bao::address));

    // What can be configured is, while one of them is away.
    second.stop();
    world.bao.done("DELETE", "sys/policies/acl/bivouac-reader", Some(&root), None);
    let run = world.bootstrap(&["--patience", "1s"]);
    assert_eq!((run.code, run.output("changed")), (6, "true"), "{}", run.stderr);
    assert!(run.stderr.contains(&second.address()), "{}", run.stderr);
    world.bao.done("GET", "sys/policies/acl/bivouac-reader", Some(&root), None);

    // It comes back sealed, and gets its shares.
    second.start_again();
    assert!(second.is_sealed());
    let run = world.bootstrap(&["--patience", "60s"]).ok();
    assert_eq!((run.output("state"), run.output("changed")), ("sealed", "true"));
    second.wait_until_open();

    // Another one leads, and everything goes through that one.
    world.bao.done("PUT", "sys/step-down", Some(&root), None);
    let run = world.bootstrap(&["--patience", "60s"]).ok();
    assert_eq!(run.output("changed"), "false");
    let leader = |node: &Bao| node.done("GET", "sys/leader", None, None)["leader_address"].clone();
    assert_eq!(Value::from(run.output("vault-address")), leader(&world.bao));
    drop(third);
}

#[test]
fn shares_go_to_no_address_that_the_escrow_does_not_know() {
    let mut world = VaultWorld::with(Settings::raft("alone"));
    world.bootstrap(&["--patience", "30s"]).ok();
    world.bao.stop();
    world.bao.start_again();
    let proxy = Proxy::before(&world.bao);
    world.addresses = vec![proxy.address()];
    let run = world.bootstrap(&[]);
    assert_eq!((run.code, world.bao.is_sealed()), (7, true), "{}", run.stderr);
    assert!(run.stderr.contains(&proxy.address()) && run.stderr.contains("--acknowledge-address"), "{}", run.stderr);
    assert_eq!(proxy.count("PUT", "sys/unseal"), 0);
    assert_eq!(world.bootstrap(&["--acknowledge-address", "http://127.0.0.1:1"]).code, 7);
    world.bootstrap(&["--acknowledge-address", &proxy.address(), "--patience", "30s"]).ok();
    assert!(!world.bao.is_sealed());
}

#[test]
fn a_node_that_can_not_join_is_refused() {
    let (mut world, other) = (VaultWorld::new(), Bao::start(Settings::in_memory()));
    world.bootstrap(&[]).ok();
    world.addresses.push(other.address());
    let run = world.bootstrap(&[]);
    assert_eq!(run.code, 7, "{}", run.stderr);
    assert_eq!(other.done("GET", "sys/init", None, None), json!({ "initialized": false }));
}
