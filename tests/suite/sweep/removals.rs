//! What should not be there goes.

use super::{
    change, close, commits, edit_patch, is_quiet_now, list, message, printed, sweep, there, told, world, world_with,
};
use crate::policy::{comment, steady};
use crate::world::{APPLICATION, Run, World, sha};

const POLICY: &str =
    "{drafts: false, ttl: 10h, branches: {include: [main]}, labels: {require: [ours], exclude: [none]}}";

/// A world with seven previews of which only that of pull request 7 should be there.
fn neglected() -> World {
    let world = world_with(POLICY, &[1, 2, 3, 4, 5, 6, 7]);
    let forge = world.emulator.forge();
    for number in 1..=7 {
        forge.label(APPLICATION, number, "ours").unwrap();
    }
    close(&world, &[1]);
    forge.merge(APPLICATION, 2).unwrap();
    forge.label(APPLICATION, 3, "NONE").unwrap();
    forge.unlabel(APPLICATION, 4, "ours").unwrap();
    forge.mark_draft(APPLICATION, 5, true).unwrap();
    let ended = "\"1\"\n    bivouac.dev/expires-at: \"2020-01-02T03:04:05Z\"";
    edit_patch(&world, 6, "\"1\"", ended);
    world
}

fn shown(world: &World, text: &str) -> String {
    steady(world, &text.replace(&world.tip(), "COMMIT"))
}

#[test]
fn all_that_should_not_be_there_goes_in_one_commit_and_each_is_told_why() {
    let world = neglected();
    let before = commits(&world);
    let run = sweep(&world, &[]).ok();
    assert_eq!((there(&world), commits(&world)), (vec!["pr-7".to_owned()], before + 1));
    insta::assert_snapshot!(shown(&world, &run.stdout), @"
    removed pr-1 of acme/wildside#1: the pull request is closed
    removed pr-2 of acme/wildside#2: the pull request is merged
    removed pr-3 of acme/wildside#3: the pull request has the label `none`
    removed pr-4 of acme/wildside#4: the pull request does not have the label `ours`
    removed pr-5 of acme/wildside#5: the pull request is a draft
    removed pr-6 of acme/wildside#6: its time was up on MOMENT
    6 removed, 1 staying, 6 told
      apps commit COMMIT
    ");
    insta::assert_snapshot!(shown(&world, &run.summary), @"
    ### Sweep: 6 removed, 1 staying

    - `pr-1` (acme/wildside#1) was taken down because the pull request is closed
    - `pr-2` (acme/wildside#2) was taken down because the pull request is merged
    - `pr-3` (acme/wildside#3) was taken down because the pull request has the label `none`
    - `pr-4` (acme/wildside#4) was taken down because the pull request does not have the label `ours`
    - `pr-5` (acme/wildside#5) was taken down because the pull request is a draft
    - `pr-6` (acme/wildside#6) was taken down because its time was up on MOMENT
    ");
    insta::assert_snapshot!(steady(&world, &message(&world)), @"
    preview(wildside): take down 6 previews

    - pr-1: the pull request is closed
    - pr-2: the pull request is merged
    - pr-3: the pull request has the label `none`
    - pr-4: the pull request does not have the label `ours`
    - pr-5: the pull request is a draft
    - pr-6: its time was up on MOMENT

    Bivouac-Preview: pr-1
    Bivouac-Pull-Request: acme/wildside#1
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 1
    Bivouac-Reason: closed
    Bivouac-Preview: pr-2
    Bivouac-Pull-Request: acme/wildside#2
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 1
    Bivouac-Reason: merged
    Bivouac-Preview: pr-3
    Bivouac-Pull-Request: acme/wildside#3
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 1
    Bivouac-Reason: excluded
    Bivouac-Preview: pr-4
    Bivouac-Pull-Request: acme/wildside#4
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 1
    Bivouac-Reason: unlabelled
    Bivouac-Preview: pr-5
    Bivouac-Pull-Request: acme/wildside#5
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 1
    Bivouac-Reason: draft
    Bivouac-Preview: pr-6
    Bivouac-Pull-Request: acme/wildside#6
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 1
    Bivouac-Reason: expired
    Bivouac-Run: http://SERVER/acme/wildside/actions/runs/42
    ");
    assert_eq!(run.output("apps-commit"), world.tip());
    let gone = ["pr-1", "pr-2", "pr-3", "pr-4", "pr-5", "pr-6"];
    assert_eq!(
        (list(&run, "removed"), list(&run, "announced"), list(&run, "failed")),
        (names(&gone), names(&gone), vec![])
    );
    all_are_told(&world);
    is_quiet_now(&world, &[]);
}

fn all_are_told(world: &World) {
    let all: Vec<_> = (1..=7).map(|number| told(world, number)).collect();
    insta::assert_snapshot!(all.join("\n"), @"
    removed closed / over
    removed merged / over
    removed excluded / over
    removed unlabelled / over
    removed draft / over
    removed expired / over
    deploying / up
    ");
    insta::assert_snapshot!(comment(world, 6), @"
    <!-- bivouac application=wildside generation=2 state=removed reason=expired expired=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa text=… -->
    ### Preview of wildside: removed

    Taken down because its time was up on MOMENT. Push a commit, or run `deploy` by hand, to get it back.

    | Was at | `pr-6.preview.example.com` |
    |:---|:---|
    | Last commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/6/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Put up | MOMENT |
    | Taken down | MOMENT |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |
    ");
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_dry_run_shows_what_would_go_and_writes_nothing() {
    let world = neglected();
    let run = crate::policy::quietly(&world, || sweep(&world, &["--dry-run"])).ok();
    assert_eq!((run.outputs.len(), run.summary.as_str()), (0, ""));
    assert!(run.stdout.contains("-  - \"pr-1\"\n") && !run.stdout.contains("-  - \"pr-7\""), "{}", run.stdout);
    assert!(run.stdout.contains("--- a/overlays/ephemeral/pr-6/namespace.yaml\n+++ /dev/null"), "{}", run.stdout);
    assert!(run.stdout.contains("would remove pr-1 of acme/wildside#1: the pull request is closed\n"));
    assert!(run.stdout.ends_with("6 removed, 1 staying (dry run: nothing was written)\n"), "{}", run.stdout);
    let json = printed(&sweep(&world, &["--dry-run", "--format", "json"]).ok());
    assert_eq!((&json["dry-run"], &json["removed"][5]), (&true.into(), &"pr-6".into()));
    assert!(json["diff"].as_str().unwrap().contains("+++ /dev/null"));
}

#[test]
fn programs_get_json() {
    let world = world(&[1, 2]);
    close(&world, &[1]);
    change(&world, |tree| super::write(&tree.join("overlays/ephemeral/mine/notes.txt"), "mine\n"));
    let run = sweep(&world, &["--format", "json"]).ok();
    insta::assert_snapshot!(shown(&world, &run.stdout), @r#"
    {
      "announced": [
        "pr-1"
      ],
      "apps-commit": "COMMIT",
      "failed": [],
      "failures": [],
      "healed": [],
      "left-alone": [
        "overlays/ephemeral/mine"
      ],
      "reasons": [
        {
          "name": "pr-1",
          "pull-request": "acme/wildside#1",
          "reason": "the pull request is closed"
        }
      ],
      "removed": [
        "pr-1"
      ],
      "removed-secrets": [],
      "staying": 1,
      "waiting": 0
    }
    "#);
}

#[test]
fn what_was_reopened_or_pushed_to_since_stays_as_it_is() {
    let world = world(&[1, 2]);
    close(&world, &[1]);
    world.emulator.forge().reopen(APPLICATION, 1).unwrap();
    world.push(2, &sha('b'));
    let run: Run = sweep(&world, &[]).ok();
    assert_eq!((run.output("removed"), there(&world)), ("[]", names(&["pr-1", "pr-2"])));
    insta::assert_snapshot!(run.stdout, @"0 removed, 2 staying");
    is_quiet_now(&world, &[]);
}

#[test]
fn what_a_policy_says_of_files_and_people_counts_too() {
    let world = world_with("{paths: {include: ['src/**']}}", &[1, 2, 3]);
    let forge = world.emulator.forge();
    forge.change(APPLICATION, 1, |of| of.files = vec!["docs/index.html".to_owned()]).unwrap();
    forge.change(APPLICATION, 2, |of| of.author = bivouac::emulator::Actor::bot("renovate[bot]")).unwrap();
    let run = sweep(&world, &[]).ok();
    assert_eq!((list(&run, "removed"), there(&world)), (names(&["pr-1", "pr-2"]), names(&["pr-3"])));
    assert!(comment(&world, 1).contains("reason=paths") && comment(&world, 2).contains("reason=bot"));
}

#[test]
fn an_end_that_is_near_is_told_and_a_label_keeps_what_is_over() {
    let world = world_with("{ttl: 10h, ttl-warning: 2h}", &[]);
    for number in [1, 2] {
        world.open(number, &sha('a'));
        world.deploy(number, &sha('a')).ok();
    }
    world.pass_hours(9);
    world.emulator.forge().label(APPLICATION, 2, "keep-preview").unwrap();
    let run = sweep(&world, &[]).ok();
    assert_eq!((list(&run, "announced"), told(&world, 1)), (names(&["pr-1", "pr-2"]), "expiring / up".to_owned()));
    assert!(comment(&world, 2).contains("never, as long as it has the label `keep-preview`"));
    is_quiet_now(&world, &[]);
    world.pass_hours(2);
    assert_eq!(list(&sweep(&world, &[]).ok(), "removed"), names(&["pr-1"]));
    assert_eq!((told(&world, 1), told(&world, 2)), ("removed expired / over".to_owned(), "deploying / up".to_owned()));
    assert_eq!(world.deploy(1, &sha('a')).ok().output("result"), "refused");
    is_quiet_now(&world, &[]);
}

#[test]
fn nothing_to_sweep_is_a_success() {
    let world = world(&[]);
    let run = sweep(&world, &[]).ok();
    assert_eq!(run.stdout, "0 removed, 0 staying\n");
    assert_eq!(run.outputs.keys().collect::<Vec<_>>(), ["announced", "apps-commit", "failed", "removed"]);
}
