//! GitHub's Deployments: one for each change of a preview, and none that is left standing.

use bivouac::emulator::{Deployment, DeploymentStatusState, RequestKind};
use serde_json::json;

use super::{rest, world};
use crate::world::{APPLICATION, World, sha};

fn deployments(world: &World) -> Vec<Deployment> {
    world.emulator.forge().deployments(APPLICATION).unwrap()
}

/// The commit of each deployment, and how it stands.
fn standing(world: &World) -> Vec<(String, Option<DeploymentStatusState>)> {
    deployments(world).iter().map(|known| (known.sha.clone(), known.latest())).collect()
}

const UP: Option<DeploymentStatusState> = Some(DeploymentStatusState::InProgress);
const OVER: Option<DeploymentStatusState> = Some(DeploymentStatusState::Inactive);

/// The life of a preview, and how its deployments stand at each step of it.
fn live(world: &World) {
    world.deploy(7, &sha('a')).ok();
    assert_eq!(standing(world), [(sha('a'), UP)]);
    world.push(7, &sha('b'));
    world.deploy(7, &sha('b')).ok();
    assert_eq!(standing(world), [(sha('a'), OVER), (sha('b'), UP)]);

    world.emulator.forget_requests();
    assert_eq!(world.deploy(7, &sha('b')).ok().output("result"), "unchanged");
    assert_eq!((world.requests(RequestKind::Graphql).len(), rest(world)), (1, vec![]));

    world.emulator.forge().close(APPLICATION, 7).unwrap();
    world.teardown(7, &sha('b')).ok();
    assert_eq!(standing(world), [(sha('a'), OVER), (sha('b'), OVER)]);
    world.emulator.forget_requests();
    world.teardown(7, &sha('b')).ok();
    assert_eq!(rest(world), [""; 0]);
}

#[test]
fn deployments_go_in_step_with_the_preview() {
    live(&world());
}

#[test]
fn deployments_whose_numbers_have_outgrown_graphql_go_in_step_too() {
    let world = world();
    world.emulator.forge().number_deployments_from(4_442_074_271);
    live(&world);
}

#[test]
fn a_deployment_says_what_it_is_of_and_leaves_no_environment_behind() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    let deployment = deployments(&world).remove(0);
    assert_eq!(deployment.payload, json!({"application": "wildside", "pull-request": 7, "generation": 1}));
    assert_eq!(
        (deployment.environment.as_str(), deployment.transient, deployment.production),
        ("preview", true, false)
    );
    assert_eq!(deployment.description.as_deref(), Some("Preview pr-7 of wildside"));
    let status = deployment.statuses.last().unwrap();
    assert_eq!(status.environment_url, "https://pr-7.preview.example.com");
    assert!(status.log_url.ends_with("/acme/wildside/actions/runs/42"), "{}", status.log_url);
}

#[test]
fn nothing_is_made_or_asked_of_deployments_when_they_are_off() {
    let world = world();
    for verb in ["opened", "synchronize"] {
        world.on_event("deploy", verb, 7, &sha('a'), &["--deployments", "off"]).ok();
    }
    assert_eq!(standing(&world), []);
    assert_eq!(rest(&world), ["POST wildside/issues/7/comments"]);
}
