//! Many of everything.

use super::*;
use crate::command::{labels, ours};

#[test]
fn among_many_comments_pull_requests_and_labels_the_right_ones_are_found() {
    let ground = Ground::with(&format!(", labels: {{require: [{LABEL}], exclude: [hold]}}"));
    let forge = ground.world.emulator.forge();
    for number in 1000..1300 {
        ground.open(number, 'b');
    }
    for index in 0..200 {
        forge.comment(APPLICATION, 7, Actor::user("stranger"), &format!("/preview approve {index}")).unwrap();
    }
    for index in 0..98 {
        forge.label(APPLICATION, 7, &format!("label {index}")).unwrap();
    }
    forge.label(APPLICATION, 7, "hold").unwrap();
    let unapproved = ground.deploy("workflow_run", &built('a'), &[], &[]).ok();
    assert_eq!(unapproved.output("result"), "refused", "{}", unapproved.stdout);
    assert_eq!(ours(&ground.world, 7).len(), 1);

    assert_eq!(ground.ada(&format!("/preview approve {}", sha('a'))).ok().output("result"), "created");
    assert_eq!((ours(&ground.world, 7).len(), labels(&ground.world).len()), (1, 99));
    assert_eq!(ground.deploy("workflow_run", &built('a'), &[], &[]).ok().output("result"), "unchanged");
    // Three hundred heads are called so and are at that commit.
    let run = ground.deploy("workflow_run", &built('b'), &[], &[]).ok();
    assert_eq!(run.output("result"), "refused", "{}", run.stdout);
    ground.holds_nothing_of('b', "many");
}
