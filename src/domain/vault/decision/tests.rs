//! Each row of the table of states, and what holds for all of them.
//!
//! What the codes of `sys/health` stand for: <https://developer.hashicorp.com/vault/api-docs/system/health>, and
//! <https://openbao.org/api-docs/system/health/>. What the seal tells:
//! <https://developer.hashicorp.com/vault/api-docs/system/seal-status>; who leads:
//! <https://developer.hashicorp.com/vault/api-docs/system/leader>.

use proptest::prelude::*;

use super::*;
use crate::domain::vault::seen::Seal;

fn address(number: usize) -> NodeAddress {
    format!("https://vault-{number}.example.com:8200").parse().unwrap()
}

/// A node with that code of health, as its other answers go with it.
fn status(code: u16) -> Status {
    let is_sealed = matches!(code, 501 | 503);
    Status {
        health: Health::of(code).unwrap(),
        is_initialised: code != 501,
        leader: (!is_sealed).then(|| address(0).to_string()),
        is_active: code == 200,
        seal: Seal {
            kind: "shamir".to_owned(),
            is_sealed,
            threshold: 3,
            shares: 5,
            cluster_id: (!is_sealed).then(|| "ours".to_owned()),
            storage: "raft".to_owned(),
            ..Seal::default()
        },
    }
}

fn node(code: u16) -> View {
    View::Answers(status(code))
}

fn changed(code: u16, change: impl FnOnce(&mut Status)) -> View {
    let mut status = status(code);
    change(&mut status);
    View::Answers(status)
}

fn silence() -> View {
    View::Silent { why: "connection refused".to_owned() }
}

fn intent(is_recent: bool) -> Held {
    Held::Intent { node: Some(address(0)), is_recent }
}

fn keys() -> Held {
    Held::Keys { cluster_id: Some("ours".to_owned()), generation: 3, is_given_up: false }
}

/// What else there is.
#[derive(Clone, Copy, Default)]
struct Rest {
    shares: Option<Shares>,
    has_token: bool,
    given_up: Option<&'static str>,
}

/// Shares that are open.
const OPEN: Rest = Rest { shares: Some(Shares::Open(5)), has_token: false, given_up: None };
/// Shares that no identity opens.
const LOCKED: Rest = Rest { shares: Some(Shares::Locked), ..NOTHING };
const NOTHING: Rest = Rest { shares: None, has_token: false, given_up: None };
const TOKEN: Rest = Rest { has_token: true, ..NOTHING };

fn step(views: Vec<View>, escrow: Held, rest: Rest) -> Step {
    let nodes = views.into_iter().enumerate().map(|(number, view)| NodeSeen { address: address(number), view });
    let nodes: Vec<_> = nodes.collect();
    let Rest { shares, has_token, given_up } = rest;
    decide(&Seen { nodes: &nodes, escrow, shares: shares.unwrap_or(Shares::None), has_token, given_up })
}

fn initialise(number: usize) -> Step {
    Step::Initialise { node: address(number) }
}

fn unseal(number: usize) -> Step {
    Step::Unseal { node: address(number) }
}

fn configure(number: usize, is_foreign: bool) -> Step {
    Step::Configure { node: address(number), is_foreign, cluster_id: Some("ours".to_owned()) }
}

fn unreachable(number: usize) -> Obstacle {
    Obstacle::Unreachable { node: address(number), why: "connection refused".to_owned() }
}

fn assert_all(rows: Vec<(&str, Vec<View>, Held, Rest, Step)>) {
    for (row, views, escrow, rest, expected) in rows {
        assert_eq!(step(views, escrow, rest), expected, "{row}");
    }
}

#[test]
fn nothing_is_concluded_from_silence() {
    let wait = |number| Step::Wait(unreachable(number));
    assert_all(vec![
        ("unreachable", vec![silence()], Held::Nothing, NOTHING, wait(0)),
        ("unreachable, whatever the escrow holds", vec![silence()], keys(), OPEN, wait(0)),
        ("one is uninitialised, one is silent", vec![node(501), silence()], Held::Nothing, NOTHING, wait(1)),
        ("one is active, one is silent", vec![silence(), node(200)], keys(), OPEN, configure(1, false)),
        ("one is sealed, one is silent", vec![silence(), node(503)], keys(), OPEN, unseal(1)),
    ]);
}

#[test]
fn a_vault_is_initialised_only_where_all_say_that_it_is_not() {
    let lost = |cluster: &str| Step::Refuse(Obstacle::DataLost { cluster: cluster.to_owned() });
    let given_up = |name| Rest { given_up: Some(name), ..NOTHING };
    let captured = || Held::Keys { cluster_id: None, generation: 2, is_given_up: false };
    let old_keys = || Held::Keys { cluster_id: Some("ours".to_owned()), generation: 3, is_given_up: true };
    let elsewhere = Obstacle::IntentElsewhere { begun: address(7) };
    let began_at = |number| Held::Intent { node: Some(address(number)), is_recent: true };
    assert_all(vec![
        ("no escrow", vec![node(501)], Held::Nothing, NOTHING, initialise(0)),
        (
            "three nodes: the first of them",
            vec![node(501), node(501), node(501)],
            Held::Nothing,
            NOTHING,
            initialise(0),
        ),
        ("intent only: the one it was begun at", vec![node(501), node(501)], began_at(1), NOTHING, initialise(1)),
        ("intent at a node that is not named", vec![node(501)], began_at(7), NOTHING, Step::Refuse(elsewhere)),
        (
            "that node given up",
            vec![node(501)],
            began_at(7),
            given_up("https://vault-7.example.com:8200"),
            initialise(0),
        ),
        ("keys, given up by an intent", vec![node(501)], old_keys(), OPEN, initialise(0)),
        ("given up, and back again", vec![node(503)], old_keys(), OPEN, unseal(0)),
        ("the connection broke, still false", vec![node(501)], intent(false), NOTHING, initialise(0)),
        ("keys: data loss", vec![node(501)], keys(), OPEN, lost("ours")),
        ("keys, another cluster given up", vec![node(501)], keys(), given_up("theirs"), lost("ours")),
        ("keys, the cluster given up", vec![node(501)], keys(), given_up("ours"), initialise(0)),
        ("captured only", vec![node(501)], captured(), given_up("ours"), lost("generation-2")),
        ("captured only, given up", vec![node(501)], captured(), given_up("generation-2"), initialise(0)),
    ]);
}

#[test]
fn the_keys_of_an_initialisation_that_broke_are_waited_for_and_then_lost() {
    let lost = || Obstacle::InitLost { node: address(0) };
    let unknown = || Obstacle::NoKeys { node: address(0) };
    assert_all(vec![
        ("sealed, an old intent", vec![node(503)], intent(false), NOTHING, Step::Refuse(lost())),
        ("sealed, another run's of just now", vec![node(503)], intent(true), NOTHING, Step::Wait(lost())),
        ("unsealed, an old intent", vec![node(200)], intent(false), NOTHING, Step::Refuse(unknown())),
        ("unsealed, of just now", vec![node(200)], intent(true), NOTHING, Step::Wait(unknown())),
        ("unsealed, with a token", vec![node(200)], intent(false), TOKEN, configure(0, true)),
        ("sealed, shares by hand", vec![node(503)], intent(false), OPEN, unseal(0)),
    ]);
}

#[test]
fn a_sealed_node_gets_shares_where_there_are_any() {
    let few = Rest { shares: Some(Shares::Open(1)), ..NOTHING };
    let half = || changed(503, |status| (status.seal.progress, status.seal.nonce) = (2, "theirs".to_owned()));
    let own = |kind: &str, has_recovery| {
        let kind = kind.to_owned();
        changed(503, move |status| (status.seal.kind, status.seal.has_recovery) = (kind, has_recovery))
    };
    let by_itself = |kind: &str| Step::Wait(Obstacle::AutoUnseal { node: address(0), kind: kind.to_owned() });
    let no_identity = Step::Ask(Obstacle::NoIdentity { node: address(0) });
    let no_shares = || Step::Ask(Obstacle::NoShares { node: address(0) });
    let migrating = changed(503, |status| status.seal.is_migrating = true);
    assert_all(vec![
        ("enough shares", vec![node(503)], keys(), OPEN, unseal(0)),
        ("fewer than the threshold", vec![node(503)], keys(), few, unseal(0)),
        ("half unsealed", vec![half()], keys(), OPEN, unseal(0)),
        ("shares by hand, no escrow", vec![node(503)], Held::Nothing, few, unseal(0)),
        ("no identity", vec![node(503)], keys(), LOCKED, no_identity),
        ("no shares, no escrow", vec![node(503)], Held::Nothing, NOTHING, no_shares()),
        ("shares are with people", vec![node(503)], keys(), NOTHING, no_shares()),
        ("auto-unseal", vec![own("awskms", true)], keys(), OPEN, by_itself("awskms")),
        (
            "auto-unseal of a server that says no more",
            vec![own("static", false)],
            Held::Nothing,
            NOTHING,
            by_itself("static"),
        ),
        ("a migration", vec![migrating], keys(), OPEN, Step::Refuse(Obstacle::Migrating { node: address(0) })),
    ]);
}

#[test]
fn an_unsealed_vault_is_configured_if_it_is_ours() {
    let of = |id: &str| {
        let id = id.to_owned();
        changed(200, move |status| status.seal.cluster_id = Some(id))
    };
    let wrong = Obstacle::WrongCluster { found: "theirs".to_owned(), held: "ours".to_owned() };
    let nameless = Obstacle::WrongCluster { found: "unknown".to_owned(), held: "ours".to_owned() };
    let two = Obstacle::Split { one: address(0).to_string(), other: address(1).to_string() };
    let split = Obstacle::Split { one: "ours".to_owned(), other: "theirs".to_owned() };
    assert_all(vec![
        ("keys", vec![node(200)], keys(), OPEN, configure(0, false)),
        ("keys, not to be opened: the login says", vec![node(200)], keys(), LOCKED, configure(0, false)),
        (
            "captured: which cluster is not known",
            vec![node(200)],
            Held::Keys { cluster_id: None, generation: 2, is_given_up: false },
            OPEN,
            configure(0, false),
        ),
        ("another cluster", vec![of("theirs")], keys(), OPEN, Step::Refuse(wrong.clone())),
        ("another cluster, with a token", vec![of("theirs")], keys(), TOKEN, Step::Refuse(wrong)),
        ("somebody else's", vec![node(200)], Held::Nothing, NOTHING, Step::Refuse(Obstacle::Foreign)),
        ("somebody else's, with a token", vec![node(200)], Held::Nothing, TOKEN, configure(0, true)),
        (
            "no name, where one is known",
            vec![changed(200, |status| status.seal.cluster_id = None)],
            keys(),
            OPEN,
            Step::Refuse(nameless),
        ),
        ("two active nodes", vec![node(200), node(200)], keys(), OPEN, Step::Refuse(two)),
        ("two clusters", vec![of("ours"), of("theirs")], keys(), OPEN, Step::Refuse(split)),
    ]);
}

#[test]
fn the_nodes_of_a_cluster_join_one_after_the_other_and_follow_its_leader() {
    let join = |number| Step::Join { node: address(number), leader: address(0) };
    let alone = changed(501, |status| status.seal.storage = "inmem".to_owned());
    let not_of = Obstacle::NotOfCluster { node: address(1), storage: "inmem".to_owned() };
    let strange = changed(429, |status| status.leader = Some("https://10.0.0.9:8200".to_owned()));
    let no_leader = changed(429, |status| status.leader = None);
    let strange_leader = Obstacle::StrangeLeader { leader: "https://10.0.0.9:8200".to_owned() };
    assert_all(vec![
        ("initialised, not unsealed yet", vec![node(503), node(501), node(501)], keys(), OPEN, unseal(0)),
        ("the first follower", vec![node(200), node(501), node(501)], keys(), OPEN, join(1)),
        ("it has joined", vec![node(200), node(503), node(501)], keys(), OPEN, unseal(1)),
        ("the second follower", vec![node(200), node(429), node(501)], keys(), OPEN, join(2)),
        ("all are in", vec![node(200), node(429), node(429)], keys(), OPEN, configure(0, false)),
        ("standby: through the leader", vec![node(429), node(200)], keys(), OPEN, configure(1, false)),
        ("a storage that does not join", vec![node(200), alone], keys(), OPEN, Step::Refuse(not_of)),
        ("nobody leads yet", vec![no_leader], keys(), OPEN, Step::Wait(Obstacle::NoActiveNode)),
        ("a leader that is not named", vec![strange], keys(), OPEN, Step::Wait(strange_leader)),
        ("the leader is sealed", vec![node(429), node(503)], keys(), OPEN, unseal(1)),
        (
            "a follower is sealed, with a token only",
            vec![node(200), node(503)],
            Held::Nothing,
            TOKEN,
            configure(0, true),
        ),
    ]);
}

/// What `OpenBao` never says.
#[test]
fn what_only_vault_enterprise_says_is_understood() {
    let refuse = Step::Refuse;
    let disaster = Obstacle::DisasterRecovery { node: address(0) };
    let lonely = |number| Step::Wait(Obstacle::Lonely { node: address(number) });
    let removed = |number| Obstacle::Removed { node: address(number) };
    assert_all(vec![
        ("472: disaster recovery", vec![node(472)], keys(), OPEN, refuse(disaster)),
        (
            "473: a performance standby, through the leader",
            vec![node(473), node(200)],
            keys(),
            OPEN,
            configure(1, false),
        ),
        ("474: no connection to the active node", vec![node(474)], keys(), OPEN, lonely(0)),
        ("474 beside the active node", vec![node(200), node(474)], keys(), OPEN, lonely(1)),
        ("530: removed", vec![node(530)], keys(), OPEN, refuse(removed(0))),
        ("530 beside the active node", vec![node(200), node(530)], keys(), OPEN, refuse(removed(1))),
    ]);
}

#[test]
fn a_node_that_contradicts_itself_is_looked_at_again() {
    for (code, is_initialised) in [(501, true), (503, false), (200, false)] {
        let view = changed(code, |status| status.is_initialised = is_initialised);
        let expected = Step::Wait(Obstacle::Contradiction { node: address(0) });
        assert_eq!(step(vec![view], Held::Nothing, NOTHING), expected, "{code}");
    }
}

fn any_view() -> impl Strategy<Value = View> {
    let codes = prop::sample::select(vec![200_u16, 429, 472, 473, 474, 501, 503, 530]);
    let id = prop::option::of(prop::sample::select(vec!["ours", "theirs"]));
    let told = (codes, any::<(bool, bool, bool, bool, bool)>(), id);
    let told = told.prop_map(|(code, (is_initialised, is_sealed, is_active, is_migrating, has_recovery), id)| {
        changed(code, |status| {
            (status.is_initialised, status.is_active) = (is_initialised, is_active);
            (status.seal.is_sealed, status.seal.is_migrating) = (is_sealed, is_migrating);
            (status.seal.has_recovery, status.seal.cluster_id) = (has_recovery, id.map(str::to_owned));
        })
    });
    prop_oneof![1 => Just(silence()), 4 => prop::sample::select(vec![200, 429, 501, 503]).prop_map(node), 4 => told]
}

fn any_held() -> impl Strategy<Value = Held> {
    let keys = (prop::option::of(Just("ours".to_owned())), 1..9_u64);
    prop_oneof![
        Just(Held::Nothing),
        any::<bool>().prop_map(intent),
        keys.prop_map(|(cluster_id, generation)| Held::Keys { cluster_id, generation, is_given_up: false }),
    ]
}

proptest! {
    #[test]
    fn whatever_is_seen_nothing_irreversible_is_done_on_a_guess(
        views in prop::collection::vec(any_view(), 0..4),
        escrow in any_held(),
        shares in prop_oneof![Just(Shares::None), Just(Shares::Locked), (1..6_u32).prop_map(Shares::Open)],
        has_token: bool,
        given_up in prop::option::of(prop::sample::select(vec!["ours", "theirs", "generation-1"])),
    ) {
        let rest = Rest { shares: Some(shares), has_token, given_up };
        let step = step(views.clone(), escrow.clone(), rest);
        let told: Vec<_> = views.iter().map(|view| match view {
            View::Answers(status) => Some((status.is_initialised, status.health)),
            View::Silent { .. } => None,
        }).collect();
        if let Step::Initialise { .. } = step {
            prop_assert!(!told.is_empty() && told.iter().all(|told| *told == Some((false, Health::Uninitialised))));
            if let Held::Keys { cluster_id, generation, .. } = &escrow {
                let name = cluster_id.clone().unwrap_or_else(|| format!("generation-{generation}"));
                prop_assert_eq!(given_up, Some(name.as_str()));
            }
        }
        if let Step::Unseal { .. } = step {
            prop_assert!(matches!(shares, Shares::Open(_)), "shares are there to be given");
        }
        if let Step::Configure { is_foreign, .. } = step {
            prop_assert_eq!(is_foreign, !matches!(escrow, Held::Keys { .. }));
            prop_assert!(!is_foreign || has_token);
        }
    }
}
