//! Deployments that are not read, as their numbers are beyond GraphQL's 32 bits, or their environment is not in use any more:
//! what the comment remembers has to do.

use super::truth::Told;
use super::{is_silent, world};
use crate::world::{APPLICATION, World, sha};

/// A world in which the preview of pull request 7 is up, with a deployment that can not be read.
fn unreadable() -> World {
    let world = world();
    world.emulator.forge().number_deployments_from(1 << 32);
    world.deploy(7, &sha('a')).ok();
    world
}

#[test]
fn a_deployment_that_can_not_be_read_is_not_made_again() {
    let world = unreadable();
    is_silent(&world, "unchanged", || world.deploy(7, &sha('a')));
    is_silent(&world, "", || world.run(world.bivouac(&["sweep"])));
    assert_eq!(Told::of(&world, 7), Told::up(7, &sha('a')));
}

#[test]
fn a_deployment_that_can_not_be_read_ends_when_another_takes_over() {
    let world = unreadable();
    world.push(7, &sha('b'));
    world.deploy(7, &sha('b')).ok();
    assert_eq!(Told::of(&world, 7), Told::up(7, &sha('b')));
    is_silent(&world, "unchanged", || world.deploy(7, &sha('b')));
}

#[test]
fn a_deployment_that_can_not_be_read_ends_with_its_preview() {
    for verb in ["teardown", "sweep"] {
        let world = unreadable();
        world.emulator.forge().close(APPLICATION, 7).unwrap();
        let arguments = if verb == "sweep" { vec![verb] } else { vec![verb, "--pull-request", "7"] };
        world.run(world.bivouac(&arguments)).ok();
        assert_eq!(Told::of(&world, 7), Told::gone("removed"), "{verb}");
        is_silent(&world, "absent", || world.teardown(7, &sha('a')));
        is_silent(&world, "", || world.run(world.bivouac(&["sweep"])));
    }
}

/// A world in which the preview has an environment of its own, as none has any more.
fn in_its_own_environment() -> World {
    let world = world();
    world.on_event("deploy", "opened", 7, &sha('a'), &["--deployments", "per-preview"]).ok();
    world
}

#[test]
fn a_deployment_in_an_environment_of_its_own_ends_when_it_goes_over_to_the_shared_one() {
    for verb in ["deploy", "sweep"] {
        let world = in_its_own_environment();
        let arguments = if verb == "sweep" { vec![verb] } else { vec![verb, "--pull-request", "7"] };
        world.run(world.bivouac(&arguments)).ok();
        assert_eq!(Told { repeated: 0, ..Told::of(&world, 7) }, Told::up(7, &sha('a')), "{verb}");
        is_silent(&world, "unchanged", || world.deploy(7, &sha('a')));
        is_silent(&world, "", || world.run(world.bivouac(&["sweep"])));
    }
}

#[test]
fn a_deployment_in_an_environment_of_its_own_ends_with_its_preview() {
    for verb in ["teardown", "sweep"] {
        let world = in_its_own_environment();
        world.emulator.forge().close(APPLICATION, 7).unwrap();
        let arguments = if verb == "sweep" { vec![verb] } else { vec![verb, "--pull-request", "7"] };
        world.run(world.bivouac(&arguments)).ok();
        assert_eq!(Told::of(&world, 7), Told::gone("removed"), "{verb}");
    }
}
