//! Comments, and forks.

use bivouac::emulator::Role;

use super::{Ear, TEN_HOURS, listen, world_with_preview};
use crate::command::{ADA, say};
use crate::forks::{self, approve, pushed};
use crate::sweep::sweep;
use crate::world::{APPLICATION, World, sha};

fn heard(world: &World, ear: &Ear, comment: &str) -> String {
    say(world, comment).ok();
    ear.told()
}

#[test]
fn a_command_tells_what_it_changed_and_an_answer_is_no_event() {
    let (world, ear) = world_with_preview(TEN_HOURS);
    world.emulator.forge().set_role(APPLICATION, ADA, Role::Write).unwrap();
    for comment in ["/preview status", "/preview help", "/preview keep", "/preview extend 3h", "/preview nonsense"] {
        assert_eq!(heard(&world, &ear, comment), "", "{comment}");
    }
    world.push(7, &sha('b'));
    assert_eq!(heard(&world, &ear, "/preview deploy"), "updated pr-7");
    assert_eq!(heard(&world, &ear, "/preview remove"), "removed pr-7");
    assert_eq!(heard(&world, &ear, "/preview remove"), "");
    assert_eq!(heard(&world, &ear, "/preview status"), "");
    assert_eq!(heard(&world, &ear, "/preview deploy"), "deploying pr-7");
}

#[test]
fn a_later_end_is_no_event_and_its_own_warning_is() {
    let (world, ear) = world_with_preview(TEN_HOURS);
    world.emulator.forge().set_role(APPLICATION, ADA, Role::Write).unwrap();
    world.pass_hours(9);
    sweep(&world, &[]).ok();
    assert_eq!(ear.told(), "expiring pr-7");
    assert_eq!(heard(&world, &ear, "/preview extend 20h"), "");
    sweep(&world, &[]).ok();
    assert_eq!(ear.told(), "");
    world.pass_hours(19);
    sweep(&world, &[]).ok();
    assert_eq!(ear.told(), "expiring pr-7");
}

#[test]
fn a_fork_is_told_of_as_its_commits_are_approved() {
    let (world, ear) = (forks::world(""), Ear::new());
    world.configure("notify: [{name: ear, kind: cloudevents}]\n");
    listen(&world, &ear);
    let events = |run: &dyn Fn()| {
        run();
        ear.told()
    };
    let push = |digit| move |world: &World| drop(pushed(world, digit));
    assert_eq!(events(&|| push('a')(&world)), "refused pr-7");
    assert_eq!(events(&|| push('a')(&world)), "");
    assert_eq!(events(&|| push('b')(&world)), "refused pr-7", "of another head");
    approve(&world, &sha('b'));
    let told = ear.events();
    assert_eq!(super::ear::words(&told), "deploying pr-7");
    assert_eq!(told[0]["data"]["preview"]["approved-by"], ADA);
    assert_eq!(told[0]["data"]["by"], ADA);
    assert_eq!(events(&|| push('c')(&world)), "", "the preview stays as it is");
    assert_eq!(events(&|| drop(approve(&world, &sha('c')))), "updated pr-7");
}
