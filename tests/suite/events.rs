//! What those who listen are told, and when: whole lives of previews, through the whole program.

mod commands;
pub(crate) mod ear;
mod endings;
mod healed;
mod lives;
mod many;

use crate::policy::configured;
use crate::world::{APPLICATION, Run, World, sha};
use ear::Ear;

/// Where previews live for ten hours.
const TEN_HOURS: &str = "{ttl: 10h, ttl-warning: 2h}";
/// When it is, for the forge: far from this machine's clock, so that it counts.
const NOW: &str = "2027-03-01T12:00:00Z";

/// A world with this under `preview`, in which somebody listens to everything, and pull request 7 is at `a…`. What previews show is
/// what that somebody shows.
fn world(preview: &str) -> (World, Ear) {
    let (world, ear) = (configured(preview), Ear::new());
    let ready = format!("checks: {{ready: {{url: '{}', header: x-commit}}}}\n", ear.preview());
    world.configure(&format!("{ready}notify: [{{name: ear, kind: cloudevents}}]\n"));
    world.stop_clock(NOW.parse().unwrap());
    world.open(7, &sha('a'));
    listen(&world, &ear);
    (world, ear)
}

/// Gives every run the address.
fn listen(world: &World, ear: &Ear) {
    world.give("BIVOUAC_NOTIFY_ADDRESSES", format!("ear={}", ear.address()));
    world.give("BIVOUAC_NOTIFY_ALLOW_PRIVATE", "true".to_owned());
}

/// A world with the preview of pull request 7.
fn world_with_preview(preview: &str) -> (World, Ear) {
    let (world, ear) = world(preview);
    world.deploy(7, &sha('a')).ok();
    assert_eq!(ear.told(), "deploying pr-7");
    (world, ear)
}

fn wait(world: &World, digit: char, timeout: &str) -> Run {
    world.on_event("wait", "synchronize", 7, &sha(digit), &["--wait-timeout", timeout])
}

fn close(world: &World) {
    world.emulator.forge().close(APPLICATION, 7).unwrap();
}
