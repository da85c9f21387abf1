//! A preview's whole life, from events to commits and comments.

use crate::world::{World, sha};

const PATCH: &str = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";
const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

#[test]
fn a_pull_request_is_opened_pushed_to_and_closed() {
    let world = World::new();
    let roster = world.file(ROSTER).unwrap();
    world.open(7, &sha('a'));

    let run = world.on_event("deploy", "opened", 7, &sha('a'), &[]).ok();
    assert_eq!(run.output("result"), "created");
    assert_eq!(run.output("url"), "https://pr-7.preview.example.com");
    assert_eq!(run.output("namespace"), "wildside-pr-7");
    assert_eq!(run.output("overlay"), "overlays/ephemeral/pr-7");
    assert_eq!(run.output("apps-commit"), world.tip());
    assert!(world.file(PATCH).unwrap().contains(&format!("tag: \"{}\"", sha('a'))));
    let comments = world.comments(7);
    assert_eq!(comments.len(), 1);
    assert!(comments[0].contains("https://pr-7.preview.example.com"));

    world.push(7, &sha('b'));
    let run = world.on_event("deploy", "synchronize", 7, &sha('b'), &[]).ok();
    assert_eq!(run.output("result"), "updated");
    assert!(world.file(PATCH).unwrap().contains("bivouac.dev/generation: \"2\""));
    assert_eq!(world.comments(7).len(), 1);

    world.emulator.forge().close(crate::world::APPLICATION, 7).unwrap();
    let run = world.teardown(7, &sha('b')).ok();
    assert_eq!(run.output("result"), "removed");
    assert_eq!(world.file(PATCH), None);
    assert_eq!(world.file(ROSTER).unwrap(), roster);
    assert!(world.comments(7)[0].contains("removed"));
}
