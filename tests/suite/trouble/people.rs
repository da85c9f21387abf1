//! What people do to our comments and deployments between two runs: the next one tells the truth again, and then is silent.

use bivouac::emulator::{Actor, DeploymentStatusState, NewDeploymentStatus};

use super::truth::{Told, deployments, field, our_comments};
use super::{US, is_silent, world_with_preview};
use crate::world::{APPLICATION, World, sha};

fn person() -> Actor {
    Actor::user("mallory")
}

/// A deploy of what is there already, which puts right what people did; returns the world.
fn is_put_right(meddle: impl FnOnce(&World)) -> World {
    let world = world_with_preview();
    let tip = world.tip();
    meddle(&world);
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((run.output("result"), world.tip()), ("unchanged", tip));
    assert_eq!(Told::of(&world, 7), Told::up(7, &sha('a')), "{:#?}", world.comments(7));
    let named = our_comments(&world, 7).remove(0);
    assert!(run.output("comment-url").ends_with(&format!("#issuecomment-{}", named.id)), "{:?}", run.outputs);
    is_silent(&world, "unchanged", || world.deploy(7, &sha('a')));
    world
}

/// Lets a person write something else into our comment.
fn edit(world: &World, change: impl FnOnce(&str) -> String) {
    let ours = our_comments(world, 7).remove(0);
    world.emulator.forge().edit_comment_as(APPLICATION, ours.id, person(), &change(&ours.body)).unwrap();
}

#[test]
fn a_text_that_a_person_changed_below_the_marker_is_written_anew() {
    let world = is_put_right(|world| {
        edit(world, |body| body.replace("https://pr-7.preview.example.com", "https://evil.example.com"));
    });
    assert!(!world.comments(7)[0].contains("evil"), "{:?}", world.comments(7));
}

#[test]
fn a_text_that_a_person_emptied_below_the_marker_is_written_anew() {
    is_put_right(|world| edit(world, |body| format!("{}-->", body.split_once("-->").unwrap().0)));
}

#[test]
fn a_comment_whose_marker_a_person_destroyed_is_followed_by_a_new_one() {
    for destroyed in ["", "<!-- bivouac -->", "<!-- wildside generation=1 state=deploying -->"] {
        let world = is_put_right(|world| {
            edit(world, |body| format!("{destroyed}{}", body.split_once("-->").unwrap().1));
        });
        assert_eq!(world.comments(7).len(), 2);
    }
}

#[test]
fn a_comment_whose_marker_a_person_broke_is_put_right() {
    for broken in ["generation=x state=deploying", "generation=1", "generation=1 state=ready?"] {
        let world = is_put_right(|world| {
            let marker = format!("<!-- bivouac application=wildside {broken} -->");
            edit(world, |body| format!("{marker}{}", body.split_once("-->").unwrap().1));
        });
        assert_eq!(world.comments(7).len(), 1);
    }
}

#[test]
fn a_comment_that_a_person_replaced_whole_is_followed_by_a_new_one() {
    let world = is_put_right(|world| edit(world, |_| "nothing to see here".to_owned()));
    assert_eq!(world.comments(7)[0], "nothing to see here");
}

#[test]
fn a_comment_that_a_person_deleted_is_written_again() {
    is_put_right(|world| {
        let ours = our_comments(world, 7).remove(0);
        world.emulator.forge().delete_comment(APPLICATION, ours.id).unwrap();
    });
}

#[test]
fn a_copy_of_our_comment_by_somebody_else_is_left_alone() {
    let world = is_put_right(|world| {
        let body = world.comments(7)[0].replace("generation=1", "generation=9");
        world.emulator.forge().comment(APPLICATION, 7, person(), &body).unwrap();
    });
    assert_eq!(world.comments(7).len(), 2);
    assert_eq!(field(&world.comments(7)[1], "generation").unwrap(), "9");
}

#[test]
fn of_two_comments_of_ours_one_stays() {
    is_put_right(|world| {
        let body = world.comments(7)[0].clone();
        world.emulator.forge().comment(APPLICATION, 7, Actor::bot(US), &body).unwrap();
    });
}

#[test]
fn of_two_comments_of_ours_the_one_that_says_something_else_goes() {
    is_put_right(|world| {
        let body = world.comments(7)[0].replace("state=deploying", "state=removed");
        world.emulator.forge().comment(APPLICATION, 7, Actor::bot(US), &body).unwrap();
    });
}

#[test]
fn a_marker_that_says_that_the_preview_is_gone_is_put_right() {
    is_put_right(|world| edit(world, |body| body.replace("state=deploying", "state=removed")));
}

#[test]
fn a_marker_that_names_another_deployment_is_put_right() {
    is_put_right(|world| {
        edit(world, |body| {
            let id = field(body, "deployment").unwrap();
            body.replace(&format!("deployment={id}"), "deployment=4711")
        });
    });
}

#[test]
fn a_deployment_that_a_person_deleted_is_made_again() {
    is_put_right(|world| {
        let id = deployments(world, 7)[0].id;
        world.emulator.forge().delete_deployment(APPLICATION, id).unwrap();
    });
}

#[test]
fn a_deployment_and_a_comment_that_a_person_deleted_are_made_again() {
    is_put_right(|world| {
        let (forge, ours) = (world.emulator.forge(), our_comments(world, 7).remove(0));
        forge.delete_deployment(APPLICATION, deployments(world, 7)[0].id).unwrap();
        forge.delete_comment(APPLICATION, ours.id).unwrap();
    });
}

#[test]
fn a_deployment_that_a_person_ended_is_told_to_be_up_again() {
    is_put_right(|world| {
        let ended =
            NewDeploymentStatus { creator: person(), ..NewDeploymentStatus::of(DeploymentStatusState::Inactive) };
        world.emulator.forge().add_deployment_status(APPLICATION, deployments(world, 7)[0].id, ended).unwrap();
    });
}

#[test]
fn a_sweep_puts_right_what_people_did() {
    let world = world_with_preview();
    let (forge, ours) = (world.emulator.forge(), our_comments(&world, 7).remove(0));
    let sweep = || world.run(world.bivouac(&["sweep"]));
    let meddled: [&dyn Fn(); 3] = [
        &|| forge.delete_comment(APPLICATION, ours.id).unwrap(),
        &|| {
            let ended = NewDeploymentStatus::of(DeploymentStatusState::Inactive);
            forge.add_deployment_status(APPLICATION, deployments(&world, 7)[0].id, ended).unwrap();
        },
        &|| forge.delete_deployment(APPLICATION, deployments(&world, 7)[0].id).unwrap(),
    ];
    for meddle in meddled {
        meddle();
        assert_eq!(sweep().ok().output("announced"), r#"["pr-7"]"#);
        assert_eq!(Told::of(&world, 7), Told::up(7, &sha('a')), "{:#?}", world.comments(7));
        is_silent(&world, "", sweep);
    }
}
