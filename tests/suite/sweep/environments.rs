//! Which environments the deployments are in.

use bivouac::emulator::RequestKind;

use super::{close, is_quiet_now, list, sweep, told, world};
use crate::world::{APPLICATION, World, sha};

const PER_PREVIEW: [&str; 2] = ["--deployments", "per-preview"];

/// A world where pull requests 1 and 2 have previews in environments of their own, and 1 is closed.
fn own_environments() -> World {
    let world = world(&[]);
    for number in ["1", "2"] {
        world.open(number.parse().unwrap(), &sha('a'));
        let [option, value] = PER_PREVIEW;
        world.run(world.bivouac(&["deploy", "--pull-request", number, option, value])).ok();
    }
    close(&world, &[1]);
    world
}

fn environments(world: &World) -> Vec<String> {
    world.emulator.forge().environments(APPLICATION).unwrap()
}

fn administer(world: &World) {
    world.emulator.change_account("github-actions[bot]", |account| account.administers = true).unwrap();
}

#[test]
fn an_environment_goes_with_its_preview_where_the_token_may_delete_it() {
    let world = own_environments();
    administer(&world);
    assert_eq!(list(&sweep(&world, &PER_PREVIEW).ok(), "announced"), ["pr-1"]);
    assert_eq!(
        (told(&world, 1), environments(&world)),
        ("removed closed / over".to_owned(), vec!["preview/pr-2".to_owned()])
    );
    is_quiet_now(&world, &PER_PREVIEW);
}

#[test]
fn an_environment_that_may_not_be_deleted_is_left_and_goes_when_it_may_be() {
    let world = own_environments();
    assert_eq!(list(&sweep(&world, &PER_PREVIEW).ok(), "failed"), [""; 0]);
    assert_eq!((told(&world, 1), environments(&world).len()), ("removed closed / over".to_owned(), 2));
    world.emulator.forget_requests();
    sweep(&world, &PER_PREVIEW).ok();
    assert!(world.requests(RequestKind::Api).len() <= 1, "{:#?}", world.requests(RequestKind::Api));
    administer(&world);
    sweep(&world, &PER_PREVIEW).ok();
    assert_eq!(environments(&world), ["preview/pr-2"]);
    is_quiet_now(&world, &PER_PREVIEW);
}

#[test]
fn without_deployments_comments_are_all_that_is_written() {
    let world = world(&[1, 2]);
    close(&world, &[1]);
    let off = ["--deployments", "off"];
    assert_eq!(list(&sweep(&world, &off).ok(), "announced"), ["pr-1"]);
    assert_eq!(told(&world, 1), "removed closed / up");
    let asked = world.requests(RequestKind::Graphql);
    assert!(asked.iter().all(|request| request.body["operationName"] != "ObserveDeployments"), "{asked:#?}");
    is_quiet_now(&world, &off);
    // What is still there of earlier runs is put right when deployments are wanted again.
    sweep(&world, &[]).ok();
    assert_eq!(told(&world, 1), "removed closed / over");
    is_quiet_now(&world, &[]);
}
