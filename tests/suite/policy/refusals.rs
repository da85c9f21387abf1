//! Labels, drafts and target branches.

use super::{comment, configure, configured, ending, notice, on, open, patch, plain, quietly};
use crate::world::{APPLICATION, World, sha};

fn refused(reason: &str) -> (String, String) {
    ("refused".to_owned(), reason.to_owned())
}

fn removed(reason: &str) -> (String, String) {
    ("removed".to_owned(), reason.to_owned())
}

const UNLABELLED: &str = "the pull request does not have the label `preview`";

#[test]
fn a_required_label_that_is_missing_is_told_once_and_its_arrival_puts_the_preview_up() {
    let world = configured("{labels: {require: [preview]}}");
    open(&world, |_| ());
    let tip = world.tip();
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &[]).ok();
    assert_eq!((ending(&run), world.tip()), (refused(UNLABELLED), tip));
    assert_eq!((run.output("url"), run.output("apps-commit"), run.output("name")), ("", "", "pr-7"));
    insta::assert_snapshot!(notice(&run), @"::notice title=Preview pr-7::refused: the pull request does not have the label `preview`%0AAdd the label to get one.");
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=0 state=refused reason=unlabelled text=… -->
    ### Preview of wildside: none

    There is no preview because the pull request does not have the label `preview`. Add the label to get one.
    ");
    assert_eq!(quietly(&world, || on(&world, "synchronize")), refused(UNLABELLED));

    world.emulator.forge().label(APPLICATION, 7, "Preview").unwrap();
    assert_eq!(on(&world, "labeled"), plain("created"));
    assert!(comment(&world, 7).contains("generation=1 state=deploying"), "{}", comment(&world, 7));
}

#[test]
fn a_required_label_that_is_taken_away_takes_the_preview_down() {
    let world = configured("{labels: {require: [preview, reviewed]}}");
    open(&world, |new| new.labels = vec!["preview".to_owned(), "reviewed".to_owned()]);
    assert_eq!(on(&world, "opened"), plain("created"));
    world.emulator.forge().unlabel(APPLICATION, 7, "preview").unwrap();
    let run = world.on_event("deploy", "unlabeled", 7, &sha('a'), &[]).ok();
    assert_eq!((ending(&run), patch(&world, 7)), (removed(UNLABELLED), None));
    insta::assert_snapshot!(notice(&run), @"::notice title=Preview pr-7::removed: the pull request does not have the label `preview`%0AAdd the label to get one.");
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=2 state=removed reason=unlabelled text=… -->
    ### Preview of wildside: removed

    Taken down because the pull request does not have the label `preview`. Add the label to get one.

    | Was at | `pr-7.preview.example.com` |
    |:---|:---|
    | Last commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Put up | MOMENT |
    | Taken down | MOMENT |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |
    ");
    assert_eq!(quietly(&world, || on(&world, "synchronize")), refused(UNLABELLED));
}

#[test]
fn an_excluded_label_counts_in_any_case() {
    let world = World::new();
    open(&world, |_| ());
    assert_eq!(on(&world, "opened"), plain("created"));
    world.emulator.forge().label(APPLICATION, 7, "No-Preview").unwrap();
    let reason = "the pull request has the label `no-preview`";
    assert_eq!(on(&world, "labeled"), removed(reason));
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=2 state=removed reason=excluded text=… -->
    ### Preview of wildside: removed

    Taken down because the pull request has the label `no-preview`. Take the label away to get one.

    | Was at | `pr-7.preview.example.com` |
    |:---|:---|
    | Last commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Put up | MOMENT |
    | Taken down | MOMENT |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |
    ");
    world.emulator.forge().unlabel(APPLICATION, 7, "No-Preview").unwrap();
    assert_eq!(on(&world, "unlabeled"), plain("created"));
}

#[test]
fn a_teardown_takes_down_what_the_policy_refuses_although_the_pull_request_is_open() {
    let world = World::new();
    open(&world, |_| ());
    assert_eq!(on(&world, "opened"), plain("created"));
    world.emulator.forge().label(APPLICATION, 7, "no-preview").unwrap();
    let run = world.teardown(7, &sha('a')).ok();
    assert_eq!(ending(&run), removed("the pull request has the label `no-preview`"));
    assert_eq!(patch(&world, 7), None);
}

#[test]
fn a_draft_gets_its_preview_when_it_is_ready_and_loses_it_as_a_draft_again() {
    let world = configured("{drafts: false}");
    open(&world, |new| new.is_draft = true);
    assert_eq!(on(&world, "opened"), refused("the pull request is a draft"));
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=0 state=refused reason=draft text=… -->
    ### Preview of wildside: none

    There is no preview because the pull request is a draft. Mark it ready for review to get one.
    ");
    world.emulator.forge().mark_draft(APPLICATION, 7, false).unwrap();
    assert_eq!(on(&world, "ready_for_review"), plain("created"));
    world.emulator.forge().mark_draft(APPLICATION, 7, true).unwrap();
    assert_eq!(on(&world, "converted_to_draft"), removed("the pull request is a draft"));
    assert_eq!(patch(&world, 7), None);
}

#[test]
fn a_target_branch_that_changes_decides_anew() {
    let world = configured("{branches: {include: [main, 'release/*'], exclude: ['release/0']}}");
    open(&world, |new| new.base_ref = "release/0".to_owned());
    let retarget = |target: &str| {
        let target = target.to_owned();
        world.emulator.forge().change(APPLICATION, 7, |of| of.base_ref = target).unwrap();
    };
    let reason = |target: &str| format!("the target branch, `{target}`, is not one that previews are for");
    assert_eq!(on(&world, "opened"), refused(&reason("release/0")));
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=0 state=refused reason=branch text=… -->
    ### Preview of wildside: none

    There is no preview because the target branch, `release/0`, is not one that previews are for. `preview.branches` in `bivouac.yaml` says which are.
    ");
    retarget("release/1");
    assert_eq!(on(&world, "synchronize"), plain("created"));
    retarget("develop");
    assert_eq!(on(&world, "synchronize"), removed(&reason("develop")));
    retarget("main");
    assert_eq!(on(&world, "synchronize"), plain("created"));
}

#[test]
fn another_reason_is_told_in_the_same_comment() {
    let world = configured("{drafts: false, labels: {require: [preview]}}");
    open(&world, |new| new.is_draft = true);
    assert_eq!(on(&world, "opened"), refused("the pull request is a draft"));
    world.emulator.forge().mark_draft(APPLICATION, 7, false).unwrap();
    assert_eq!(on(&world, "ready_for_review"), refused(UNLABELLED));
    let told = comment(&world, 7);
    assert!(told.contains("state=refused reason=unlabelled") && !told.contains("draft"), "{told}");
}

#[test]
fn a_policy_that_changes_takes_down_what_it_refuses_with_the_next_event() {
    let world = World::new();
    open(&world, |new| new.is_draft = true);
    assert_eq!(on(&world, "opened"), plain("created"));
    configure(&world, "{drafts: false}");
    assert_eq!(on(&world, "synchronize"), removed("the pull request is a draft"));
}

#[test]
fn a_refusal_that_can_not_be_told_is_green_and_told_by_the_next_run() {
    let world = configured("{labels: {require: [preview]}}");
    open(&world, |_| ());
    let mut command = world.event_command("deploy", "opened", 7, &sha('a'), &[]);
    command.env("GITHUB_TOKEN", crate::world::READER).env("BIVOUAC_APPS_TOKEN", crate::world::TOKEN);
    assert_eq!(ending(&world.run(command).ok()), refused(UNLABELLED));
    assert_eq!(world.comments(7).len(), 0);
    assert_eq!(on(&world, "synchronize"), refused(UNLABELLED));
    assert!(comment(&world, 7).contains("state=refused"));
}

#[test]
fn a_label_that_means_to_break_out_of_the_comment_does_not() {
    let label = "`](https://evil.example) @everyone ::warning::x";
    let world = configured(&format!("{{labels: {{require: [{label:?}]}}}}"));
    open(&world, |_| ());
    let (result, reason) = on(&world, "opened");
    assert_eq!(result, "refused");
    assert_eq!(reason, "the pull request does not have the label `'](https://evil.example) @everyone ::warning::x`");
    assert!(world.comments(7)[0].contains(&reason));
}
