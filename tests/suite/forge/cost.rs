//! How much a run asks for.

use bivouac::emulator::RequestKind;

use super::{rest, world};
use crate::world::{APPLICATION, World, sha};

/// The requests to the Git server and to the forge since they were forgotten.
fn requests(world: &World) -> (usize, usize) {
    let forge = world.requests(RequestKind::Graphql).len() + world.requests(RequestKind::Api).len();
    (world.requests(RequestKind::Git).len(), forge)
}

#[test]
fn a_first_deploy_asks_the_git_server_five_times_at_most_and_the_forge_four_times() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    let (git, forge) = requests(&world);
    assert!(git <= 5, "{:#?}", world.requests(RequestKind::Git));
    let said = rest(&world);
    let deployment = said[2].strip_prefix("POST wildside/deployments/").and_then(|rest| rest.strip_suffix("/statuses"));
    assert!(deployment.is_some_and(|id| id.parse::<u64>().is_ok()), "{said:#?}");
    assert_eq!((forge, &*said[0], &*said[1]), (4, "POST wildside/deployments", "POST wildside/issues/7/comments"));
}

#[test]
fn a_deploy_that_updates_asks_the_git_server_five_times_at_most_and_the_forge_five_times() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.push(7, &sha('b'));
    world.emulator.forget_requests();
    world.deploy(7, &sha('b')).ok();
    let (git, forge) = requests(&world);
    assert!(git <= 5 && forge == 5, "{:#?}", world.emulator.requests());
}

#[test]
fn a_deploy_that_changes_nothing_asks_the_git_server_three_times_at_most_and_the_forge_once() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.emulator.forget_requests();
    world.deploy(7, &sha('a')).ok();
    let (git, forge) = requests(&world);
    assert!(git <= 3 && forge == 1, "{:#?}", world.emulator.requests());
}

#[test]
fn a_teardown_costs_no_more_than_a_deploy() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    world.emulator.forget_requests();
    world.teardown(7, &sha('a')).ok();
    let (git, forge) = requests(&world);
    assert!(git <= 5 && forge == 3, "{:#?}", world.emulator.requests());
}

#[test]
fn every_request_carries_its_credentials_at_once() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    let requests = world.emulator.requests();
    assert!(requests.iter().all(|request| request.has_authorization), "{requests:#?}");
    assert!(requests.iter().all(|request| request.status.is_some_and(|status| status < 300)), "{requests:#?}");
}

#[test]
fn a_dry_run_only_looks() {
    let world = world();
    let tip = world.tip();
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &["--dry-run"]).ok();
    assert!(run.stdout.contains("+  - \"pr-7\"") && run.stdout.contains("nothing was written"), "{}", run.stdout);
    assert_eq!((run.outputs.len(), run.summary.as_str()), (0, ""));
    assert_eq!((world.tip(), world.comments(7).len(), rest(&world)), (tip, 0, vec![]));
    let git = world.requests(RequestKind::Git);
    assert!(git.iter().all(|request| !request.path.contains("receive-pack")), "{git:#?}");
}
