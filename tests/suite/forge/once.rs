//! What late, repeated and needless runs do: what holds now is what counts.

use bivouac::emulator::RequestKind;

use super::{PATCH, marker, rest, world};
use crate::world::{APPLICATION, sha};

#[test]
fn a_late_deploy_of_a_closed_pull_request_removes_the_preview() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((run.output("result"), run.output("reason")), ("removed", "the pull request is closed"));
    assert_eq!(world.file(PATCH), None);
    assert_eq!(run.output("apps-commit"), world.tip());
    assert!(world.comments(7)[0].contains("removed"));
    let message = world.git(&["log", "-1", "--format=%B", "main"]);
    assert!(
        message.starts_with("preview(wildside): take down pr-7\n\nBecause the pull request is closed."),
        "{message}"
    );
}

#[test]
fn a_run_for_a_superseded_commit_does_nothing() {
    let world = world();
    world.push(7, &sha('b'));
    let tip = world.tip();
    world.emulator.forget_requests();
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "superseded");
    assert_eq!(run.output("reason"), "the pull request has moved on from aaaaaaa to bbbbbbb");
    let notice = "::notice title=Preview pr-7::superseded: the pull request has moved on from aaaaaaa to bbbbbbb";
    assert!(run.stderr.lines().any(|line| line == notice), "{}", run.stderr);
    assert_eq!((world.tip(), world.comments(7).len(), rest(&world)), (tip, 0, vec![]));
    assert_eq!(run.output("apps-commit"), "");
}

#[test]
fn a_run_for_a_superseded_commit_leaves_the_preview_of_the_later_one() {
    let world = world();
    world.push(7, &sha('b'));
    world.deploy(7, &sha('b')).ok();
    let (tip, comments) = (world.tip(), world.comments(7));
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "superseded");
    assert_eq!((world.tip(), world.comments(7)), (tip, comments));
}

#[test]
fn a_teardown_of_an_open_pull_request_keeps_the_preview_unless_forced() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    let (tip, comments) = (world.tip(), world.comments(7));
    let run = world.teardown(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "kept");
    assert!(run.stderr.contains("::notice title=Preview pr-7::kept: "), "{}", run.stderr);
    assert_eq!((world.tip(), world.comments(7)), (tip, comments));

    let run = world.on_event("teardown", "closed", 7, &sha('a'), &["--force"]).ok();
    assert_eq!((run.output("result"), run.output("reason")), ("removed", "`--force` was given"));
    assert_eq!(world.file(PATCH), None);
    assert!(world.comments(7)[0].contains("because `--force` was given"), "{:?}", world.comments(7));
}

#[test]
fn a_teardown_of_what_is_not_there_is_a_success() {
    let world = world();
    let tip = world.tip();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    world.emulator.forget_requests();
    let run = world.teardown(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "absent");
    assert_eq!((world.tip(), world.comments(7).len(), rest(&world)), (tip, 0, vec![]));
    let run = world.on_event("teardown", "closed", 7, &sha('a'), &["--force"]).ok();
    assert_eq!(run.output("result"), "absent");
}

#[test]
fn a_second_run_changes_nothing_asks_once_and_says_so() {
    let world = world();
    let first = world.deploy(7, &sha('a')).ok();
    let (tip, comments) = (world.tip(), world.comments(7));
    world.emulator.forget_requests();
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "unchanged");
    assert!(run.stdout.starts_with("unchanged pr-7 of acme/wildside#7\n"), "{}", run.stdout);
    assert_eq!((world.tip(), world.comments(7)), (tip, comments));
    assert_eq!((world.requests(RequestKind::Graphql).len(), rest(&world)), (1, vec![]));
    assert_eq!(run.output("apps-commit"), "");
    assert_eq!(run.output("comment-url"), first.output("comment-url"));
}

#[test]
fn a_second_teardown_changes_nothing_and_asks_once() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    world.teardown(7, &sha('a')).ok();
    let (tip, comments) = (world.tip(), world.comments(7));
    world.emulator.forget_requests();
    assert_eq!(world.teardown(7, &sha('a')).ok().output("result"), "absent");
    assert_eq!((world.tip(), world.comments(7)), (tip, comments));
    assert_eq!((world.requests(RequestKind::Graphql).len(), rest(&world)), (1, vec![]));
}

#[test]
fn the_generation_counts_over_removals() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    assert!(world.comments(7)[0].starts_with(&marker(1, "deploying")));
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    world.teardown(7, &sha('a')).ok();
    assert!(world.comments(7)[0].starts_with(&marker(2, "removed")), "{:?}", world.comments(7));
    world.emulator.forge().reopen(APPLICATION, 7).unwrap();
    let run = world.on_event("deploy", "reopened", 7, &sha('a'), &[]).ok();
    assert_eq!(run.output("result"), "created");
    assert!(world.file(PATCH).unwrap().contains("bivouac.dev/generation: \"3\""));
    assert!(world.comments(7)[0].starts_with(&marker(3, "deploying")), "{:?}", world.comments(7));
}

#[test]
fn a_change_of_the_configuration_alone_is_an_update_that_keeps_the_times() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    let created_at = |patch: &str| patch.lines().find(|line| line.contains("created-at")).map(str::to_owned);
    let before = created_at(&world.file(PATCH).unwrap());
    let configuration = world.file("bivouac.yaml").unwrap() + "values: {replicaCount: 1}\n";
    world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "One is enough");
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "updated");
    let patch = world.file(PATCH).unwrap();
    assert_eq!(created_at(&patch), before);
    assert!(patch.contains("replicaCount: 1") && patch.contains("bivouac.dev/generation: \"2\""), "{patch}");
}

#[test]
fn a_preview_that_somebody_put_back_is_told_with_the_next_push() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.on_event("teardown", "closed", 7, &sha('a'), &["--force"]).ok();
    let before = world.git(&["rev-parse", "main~1"]);
    let tree = world.git(&["rev-parse", "main~1^{tree}"]);
    let restored = world.git(&["commit-tree", tree.trim(), "-p", "main", "-m", "Put it back"]);
    world.git(&["update-ref", "refs/heads/main", restored.trim()]);
    assert_eq!(world.git(&["diff", "--stat", before.trim(), "main"]), "");

    world.push(7, &sha('b'));
    assert_eq!(world.deploy(7, &sha('b')).ok().output("result"), "updated");
    assert!(world.file(PATCH).unwrap().contains("bivouac.dev/generation: \"3\""));
    assert!(world.comments(7)[0].starts_with(&marker(3, "deploying")), "{:?}", world.comments(7));
}
