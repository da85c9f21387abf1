//! How many previews there may be at once.

use super::{comment, configure, configured, dispatched, ending, notice, patch, plain, quietly};
use crate::world::{APPLICATION, World, sha};

/// A world with room for two previews, which 1 and 2 have, and the open pull request 3.
fn full() -> World {
    let world = configured("{limit: 2}");
    for number in 1..=3 {
        world.open(number, &sha('a'));
    }
    for number in 1..=2 {
        assert_eq!(ending(&world.deploy(number, &sha('a')).ok()), plain("created"));
    }
    world
}

fn refused() -> (String, String) {
    ("refused".to_owned(), "the limit of 2 is reached, by pr-1, pr-2".to_owned())
}

#[test]
fn one_too_many_is_refused_and_told_who_holds_the_places() {
    let world = full();
    let tip = world.tip();
    let run = world.deploy(3, &sha('a')).ok();
    assert_eq!((ending(&run), world.tip()), (refused(), tip));
    insta::assert_snapshot!(notice(&run), @"::notice title=Preview pr-3::refused: the limit of 2 is reached, by pr-1, pr-2%0AWhen one of them has gone, push, or run `deploy` by hand, to get one.");
    insta::assert_snapshot!(comment(&world, 3), @"
    <!-- bivouac application=wildside generation=0 state=refused reason=limit text=… -->
    ### Preview of wildside: none

    There is no preview because the limit of 2 is reached. These are there:

    - [pr-1](http://SERVER/acme/wildside/pull/1)
    - [pr-2](http://SERVER/acme/wildside/pull/2)

    When one of them has gone, push, or run `deploy` by hand, to get one.
    ");
    assert_eq!(quietly(&world, || ending(&world.deploy(3, &sha('a')).ok())), refused());
}

#[test]
fn bringing_one_up_to_date_never_counts() {
    let world = full();
    configure(&world, "{limit: 1}");
    world.push(1, &sha('b'));
    assert_eq!(ending(&world.deploy(1, &sha('b')).ok()), plain("updated"));
    configure(&world, "{limit: 0}");
    assert_eq!(ending(&world.deploy(2, &sha('a')).ok()), plain("unchanged"));
}

#[test]
fn a_place_that_gets_free_is_taken_by_the_next_event() {
    let world = full();
    assert_eq!(ending(&world.deploy(3, &sha('a')).ok()), refused());
    world.emulator.forge().close(APPLICATION, 1).unwrap();
    assert_eq!(world.teardown(1, &sha('a')).ok().output("result"), "removed");
    assert_eq!(ending(&world.deploy(3, &sha('a')).ok()), plain("created"));
    assert!(comment(&world, 3).contains("generation=1 state=deploying"), "{}", comment(&world, 3));
}

#[test]
fn the_comment_names_those_who_hold_the_places_now() {
    let world = full();
    world.deploy(3, &sha('a')).ok();
    world.open(4, &sha('a'));
    world.emulator.forge().close(APPLICATION, 1).unwrap();
    world.teardown(1, &sha('a')).ok();
    assert_eq!(ending(&world.deploy(4, &sha('a')).ok()), plain("created"));
    assert_eq!(world.deploy(3, &sha('a')).ok().output("reason"), "the limit of 2 is reached, by pr-2, pr-4");
    let told = comment(&world, 3);
    assert!(told.contains("- [pr-4](") && told.contains("- [pr-2](") && !told.contains("pr-1]"), "{told}");
}

#[test]
fn who_asks_by_hand_is_told_of_the_limit_too() {
    let world = full();
    assert_eq!(ending(&world.run(dispatched(&world, 3)).ok()), refused());
}

#[test]
fn a_limit_of_nothing_refuses_all_and_names_nobody() {
    let world = configured("{limit: 0}");
    world.open(7, &sha('a'));
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!(run.output("reason"), "there may be no previews at all (`preview.limit` is 0)");
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=0 state=refused reason=limit text=… -->
    ### Preview of wildside: none

    There is no preview because there may be no previews at all (`preview.limit` is 0). 
    Raise `preview.limit` in `bivouac.yaml`.
    ");
    assert_eq!(patch(&world, 7), None);
}

#[test]
fn a_directory_that_a_person_made_holds_no_place() {
    let world = configured("{limit: 1}");
    world.open(7, &sha('a'));
    let by_hand = "overlays/ephemeral/by-hand/kustomization.yaml".to_owned();
    world.commit_apps(&[(by_hand, "resources: []\n".to_owned())].into(), "Mine");
    assert_eq!(ending(&world.deploy(7, &sha('a')).ok()), plain("created"));
}

#[test]
fn a_refused_pull_request_that_closes_is_left_with_its_comment() {
    let world = full();
    world.deploy(3, &sha('a')).ok();
    world.emulator.forge().close(APPLICATION, 3).unwrap();
    assert_eq!(quietly(&world, || world.teardown(3, &sha('a')).ok()).output("result"), "absent");
}
