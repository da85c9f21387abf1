//! The sticky comment: which one is ours, and what happens to it.

use bivouac::emulator::Actor;

use super::{US, bare, comment, comments, marker, rest, world};
use crate::world::{APPLICATION, sha};

#[test]
fn a_strangers_comment_with_our_marker_is_left_alone() {
    let world = world();
    let body = bare(9, "removed") + "nothing to see here";
    let stranger = comment(&world, Actor::user("mallory"), &body);
    let run = world.deploy(7, &sha('a')).ok();
    let found = comments(&world);
    assert_eq!((found.len(), &found[0]), (2, &(stranger, body)));
    assert!(found[1].1.starts_with(&marker(1, "deploying")), "{found:#?}");
    assert!(run.output("comment-url").ends_with(&format!("#issuecomment-{}", found[1].0)));
}

#[test]
fn a_comment_of_ours_that_only_quotes_the_marker_is_left_alone() {
    let world = world();
    let quoted = format!("> {}", bare(9, "removed"));
    let behind_text = format!("Look at this:\n{}", bare(9, "removed"));
    let ids = [&quoted, &behind_text].map(|body| comment(&world, Actor::bot(US), body));
    world.deploy(7, &sha('a')).ok();
    let found = comments(&world);
    assert_eq!(found[..2], [(ids[0], quoted), (ids[1], behind_text)]);
    assert!(found.len() == 3 && found[2].1.starts_with(&marker(1, "deploying")), "{found:#?}");
}

#[test]
fn a_comment_about_another_application_is_left_alone() {
    let world = world();
    let other = bare(9, "deploying").replace("wildside", "other");
    let id = comment(&world, Actor::bot(US), &other);
    world.deploy(7, &sha('a')).ok();
    let found = comments(&world);
    assert_eq!((found.len(), &found[0]), (2, &(id, other)));
}

#[test]
fn of_two_comments_of_ours_the_oldest_stays() {
    let world = world();
    let oldest = comment(&world, Actor::bot(US), &bare(1, "deploying"));
    comment(&world, Actor::user("octocat"), "nice");
    let newer = comment(&world, Actor::bot(US), &bare(1, "deploying"));
    world.emulator.forget_requests();
    let run = world.deploy(7, &sha('a')).ok();
    let found = comments(&world);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].0 == oldest && found[0].1.starts_with(&marker(2, "deploying")), "{found:#?}");
    assert!(run.output("comment-url").ends_with(&format!("#issuecomment-{oldest}")));
    let expected =
        [format!("PATCH wildside/issues/comments/{oldest}"), format!("DELETE wildside/issues/comments/{newer}")];
    let rest: Vec<_> = rest(&world).into_iter().filter(|request| request.contains("comments")).collect();
    assert_eq!(rest, expected);
}

#[test]
fn our_comment_is_found_behind_250_others() {
    let world = world();
    for number in 0..250 {
        comment(&world, Actor::user("octocat"), &format!("comment {number}"));
    }
    let ours = comment(&world, Actor::bot(US), &bare(4, "deploying"));
    world.deploy(7, &sha('a')).ok();
    let found = comments(&world);
    assert_eq!(found.len(), 251);
    assert!(found[250].0 == ours && found[250].1.starts_with(&marker(5, "deploying")), "{:?}", found[250]);
    assert_eq!(world.requests(bivouac::emulator::RequestKind::Graphql).len(), 3);
}

#[test]
fn a_comment_that_speaks_of_a_later_generation_is_left_alone() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    let id = comments(&world)[0].0;
    let later = bare(9, "deploying") + "of a later run";
    world.emulator.forge().edit_comment(APPLICATION, id, &later).unwrap();
    world.emulator.forget_requests();
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "unchanged");
    assert_eq!((comments(&world), rest(&world)), (vec![(id, later)], vec![]));
}

#[test]
fn the_later_generation_is_kept_when_an_older_comment_takes_over() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    // A run that is ahead of this one wrote a comment of its own.
    comment(&world, Actor::bot(US), &bare(9, "deploying"));
    world.deploy(7, &sha('a')).ok();
    assert!(comments(&world).iter().any(|(_, body)| body.contains("generation=9")), "{:#?}", comments(&world));
}

#[test]
fn a_comment_that_was_deleted_is_written_again() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.emulator.forge().delete_comment(APPLICATION, comments(&world)[0].0).unwrap();
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "unchanged");
    assert!(comments(&world)[0].1.starts_with(&marker(1, "deploying")));
}

#[test]
fn a_comment_that_fell_behind_is_brought_up_to_date() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    let (id, _) = comments(&world).remove(0);
    world.emulator.forge().edit_comment(APPLICATION, id, &bare(0, "removed")).unwrap();
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "unchanged");
    let found = comments(&world);
    assert!(found.len() == 1 && found[0].0 == id && found[0].1.starts_with(&marker(1, "deploying")), "{found:#?}");
}
