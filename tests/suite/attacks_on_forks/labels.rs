//! Labels with odd names, in the configuration and on the pull request.

use super::*;
use crate::command::{labels, say, world};
use crate::policy::plain;

/// Names that look like the one that is required, and are others.
const ALIKE: [&str; 7] =
    ["previe\u{ff57}", "pr\u{435}view", "preview ", " preview", "preview\u{200b}", "preview/..", "p\u{ad}review"];

/// Names that a forge allows, and that are hard to put into an address.
const ODD: [&str; 12] = [
    "../..",
    "a/b",
    "%2F",
    "..%2f..",
    "a?b#c",
    "\u{1f3d5}\u{fe0f} up",
    "a, b",
    "`x`",
    "<!-- x -->",
    "@ada",
    "...",
    "%2e%2e",
];

#[test]
fn a_label_that_only_looks_like_the_one_that_is_required_approves_nothing() {
    let ground = Ground::with(&format!(", labels: {{require: [{LABEL}]}}"));
    let forge = ground.world.emulator.forge();
    for name in ALIKE {
        forge.label(APPLICATION, 7, name).unwrap();
        let mut event = labelled(ADA, 7, 'a');
        event["label"]["name"] = json!(name);
        let run = ground.deploy("pull_request_target", &event, &[], &[]).ok();
        assert_eq!((run.output("result"), ground.shown()), ("refused", None), "{name}");
        ground.holds_nothing_of('a', name);
    }
    // Nor does it when the right one is there as well, which somebody else has put there.
    forge.label(APPLICATION, 7, LABEL).unwrap();
    for name in ALIKE {
        let mut event = labelled(ADA, 7, 'a');
        event["label"]["name"] = json!(name);
        ground.deploy("pull_request_target", &event, &[], &[]).ok();
        ground.holds_nothing_of('a', name);
    }
}

#[test]
fn commands_put_on_and_take_off_labels_of_any_name_and_no_others() {
    let longest = format!("x{}", "\u{1f3d5}".repeat(49));
    for name in ODD.into_iter().chain([longest.as_str()]) {
        let world = world(&format!("{{labels: {{exclude: [{}]}}}}", json!(name)));
        for other in ["bug", "a", "x", name] {
            world.emulator.forge().label(APPLICATION, 7, other).unwrap();
        }
        let deploy = say(&world, "/preview deploy").ok();
        assert_eq!((deploy.ending(), labels(&world)), (plain("created"), ["bug", "a", "x"].map(str::to_owned).into()));
        let remove = say(&world, "/preview remove").ok();
        assert_eq!((remove.run.output("result"), labels(&world).last().map(String::as_str)), ("removed", Some(name)));
    }
}
