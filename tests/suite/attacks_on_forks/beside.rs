//! Ways to a preview that go around the approval: other events, and options and an environment that say something else.

use super::*;

/// `workflow_dispatch`, by which somebody runs it by hand.
fn by_hand() -> Value {
    json!({"inputs": {"pull-request": "7"}, "repository": {"full_name": APPLICATION}})
}

/// Options and an environment, any of which a workflow may have besides its event.
type Beside = (&'static [&'static str], &'static [(&'static str, &'static str)]);

const COMMIT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const BESIDE: [Beside; 7] = [
    (&[], &[]),
    (&["--pull-request", "7"], &[]),
    (&["--pull-request", "7", "--commit", COMMIT], &[]),
    (&["--commit", COMMIT], &[]),
    (&["--image", "backend=v1"], &[]),
    (&["--pull-request", "7", "--repository", "ACME/Wildside"], &[]),
    (&["--pull-request", "7"], &[("GITHUB_ACTOR", ADA), ("GITHUB_TRIGGERING_ACTOR", ADA), ("GITHUB_SHA", COMMIT)]),
];

/// Tries an event with all that may be beside it.
fn in_vain(preview: &str, name: &str, event: &Value) {
    for (options, environment) in BESIDE {
        let ground = Ground::with(preview);
        ground.open(8, 'c');
        ground.world.emulator.forge().label(APPLICATION, 7, LABEL).unwrap();
        let tip = ground.world.tip();
        let run = ground.deploy(name, event, options, environment);
        let what = format!("{name} {options:?}: {}\n{}", run.code, run.stderr);
        assert_eq!(ground.world.tip(), tip, "{what}");
        ground.holds_nothing_of('a', &what);
    }
}

const LABELS: &str = ", labels: {require: [preview]}";

#[test]
fn no_event_but_an_approval_brings_a_preview_whatever_is_beside_it() {
    in_vain("", "workflow_dispatch", &by_hand());
    in_vain("", "workflow_run", &built('a'));
    in_vain(LABELS, "pull_request_target", &event("synchronize", 7, 'a'));
}

#[test]
fn no_label_but_that_of_who_may_push_on_this_pull_request_brings_a_preview() {
    in_vain(LABELS, "pull_request_target", &labelled("stranger", 7, 'a'));
    // Ada's labels for other pull requests, in another repository, and for another head.
    in_vain(LABELS, "pull_request_target", &labelled(ADA, 8, 'a'));
    in_vain(LABELS, "pull_request_target", &labelled(ADA, 7, 'b'));
    let mut elsewhere = labelled(ADA, 7, 'a');
    elsewhere["repository"]["full_name"] = json!("stranger/wildside");
    in_vain(LABELS, "pull_request_target", &elsewhere);
}

#[test]
fn no_command_but_an_approval_brings_a_preview() {
    let ground = Ground::new();
    let tip = ground.world.tip();
    for command in ["deploy", "keep", "extend 48h", "status", "help", "remove"] {
        ground.ada(&format!("/preview {command}")).ok();
    }
    for digits in [&sha('b')[..], &sha('b')[..12], &sha('A')[..11], "main", "HEAD", "refs/pull/7/head", "patch-1"] {
        ground.ada(&format!("/preview approve {digits}")).ok();
    }
    assert_eq!(ground.world.tip(), tip);
    ground.holds_nothing_of('a', "commands");
    ground.holds_nothing_of('b', "commands");
}

#[test]
fn a_strangers_comment_that_looks_like_ours_tells_us_nothing() {
    let ground = Ground::new();
    let stranger = Actor::user("stranger");
    let commit = sha('a');
    for state in ["removed", "refused", "ready"] {
        let marker = format!(
            "<!-- bivouac application=wildside generation=999999999999999 state={state} reason=expired \
             expired={commit} unapproved={commit} text=0000000000000000 -->\nApproved by `ada`"
        );
        ground.world.emulator.forge().comment(APPLICATION, 7, stranger.clone(), &marker).unwrap();
    }
    ground.ada(&format!("/preview approve {commit}")).ok();
    assert_eq!(ground.shown(), Some((sha('a'), sha('a'))));
    let patch = patch(&ground.world, 7).unwrap();
    assert!(patch.contains("bivouac.dev/generation: \"1\""), "{patch}");
    let comments = ground.world.emulator.forge().comments(APPLICATION, 7).unwrap();
    let theirs = comments.iter().filter(|comment| comment.author == stranger);
    assert!(theirs.clone().all(|comment| comment.last_edit.is_none()) && theirs.count() == 3);
}
