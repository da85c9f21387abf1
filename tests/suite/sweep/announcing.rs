//! What could not be told is told by the next sweep.

use bivouac::emulator::{RequestKind, Verdict};

use super::{close, commits, fail_writes, is_quiet_now, list, refusal, said, sweep, there, told, world, world_with};
use crate::policy::comment;
use crate::world::{APPLICATION, READER, TOKEN, World};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The comments that were edited since the requests were forgotten, by their pull requests.
fn edited(world: &World, numbers: &[u64]) -> Vec<u64> {
    let of = |id: &str| {
        let is_its =
            |number: &&u64| world.emulator.forge().comments(APPLICATION, **number).unwrap()[0].id.to_string() == id;
        *numbers.iter().find(is_its).unwrap()
    };
    let patches = world.requests(RequestKind::Api).into_iter().filter(|request| request.method == "PATCH");
    patches.map(|request| of(request.path.rsplit('/').next().unwrap())).collect()
}

#[test]
fn what_one_sweep_could_not_tell_the_next_one_does_the_oldest_first() {
    let world = world(&[3, 1, 2]);
    close(&world, &[3, 1, 2]);
    let before = commits(&world);
    fail_writes(&world, 403);
    let run = sweep(&world, &[]);
    assert_eq!((run.code, there(&world).len(), commits(&world)), (4, 0, before + 1), "{}", run.stderr);
    let all = names(&["pr-1", "pr-2", "pr-3"]);
    assert_eq!((list(&run, "removed"), list(&run, "failed"), list(&run, "announced").len()), (all.clone(), all, 0));
    insta::assert_snapshot!(said(&world, &run), @"
    ERROR pr-1: the apps repository is as it should be, but the pull request could not be told: the forge does not allow to edit a comment: Resource not accessible by integration; give the job `permissions: pull-requests: write`
    ERROR pr-2: the apps repository is as it should be, but the pull request could not be told: the forge does not allow to edit a comment: Resource not accessible by integration; give the job `permissions: pull-requests: write`
    ERROR pr-3: the apps repository is as it should be, but the pull request could not be told: the forge does not allow to edit a comment: Resource not accessible by integration; give the job `permissions: pull-requests: write`
    error: the sweep could not do everything: pr-1, pr-2, pr-3
      because the apps repository is as it should be, but the pull request could not be told
      because the forge does not allow to edit a comment: Resource not accessible by integration
      hint the rest was done; what was left is tried again by the next sweep
    ");

    world.intercept(|_| Verdict::Pass);
    world.emulator.forget_requests();
    let run = sweep(&world, &[]).ok();
    assert_eq!((edited(&world, &[1, 2, 3]), commits(&world)), (vec![3, 1, 2], before + 1));
    assert_eq!(list(&run, "announced"), names(&["pr-3", "pr-1", "pr-2"]));
    for number in 1..=3 {
        assert_eq!(told(&world, number), "removed closed / over");
    }
    insta::assert_snapshot!(comment(&world, 1), @"
    <!-- bivouac application=wildside generation=2 state=removed reason=closed text=… -->
    ### Preview of wildside: removed

    Taken down because the pull request is closed.

    | Was at | `pr-1.preview.example.com` |
    |:---|:---|
    | Taken down | MOMENT |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |
    ");
    is_quiet_now(&world, &[]);
}

#[test]
fn a_forge_that_keeps_failing_with_one_is_named_after_the_others_are_told() {
    let world = world(&[1, 2]);
    close(&world, &[1, 2]);
    let id = world.emulator.forge().comments(APPLICATION, 1).unwrap()[0].id.to_string();
    world.intercept(
        move |request| {
            if request.path.ends_with(&id) { Verdict::Answer(refusal(502)) } else { Verdict::Pass }
        },
    );
    let run = sweep(&world, &[]);
    assert_eq!((run.code, list(&run, "failed"), list(&run, "announced")), (6, names(&["pr-1"]), names(&["pr-2"])));
    assert_eq!((told(&world, 1), told(&world, 2)), ("deploying / up".to_owned(), "removed closed / over".to_owned()));
    world.intercept(|_| Verdict::Pass);
    assert_eq!(list(&sweep(&world, &[]).ok(), "announced"), names(&["pr-1"]));
    assert_eq!(told(&world, 1), "removed closed / over");
}

#[test]
fn a_token_that_may_only_read_removes_and_says_that_it_could_not_tell() {
    let world = world(&[1, 2]);
    close(&world, &[1]);
    let mut command = world.bivouac(&["sweep"]);
    command.env("GITHUB_TOKEN", READER).env("BIVOUAC_APPS_TOKEN", TOKEN);
    let run = world.run(command);
    assert_eq!(
        (run.code, there(&world), list(&run, "removed")),
        (4, names(&["pr-2"]), names(&["pr-1"])),
        "{}",
        run.stderr
    );
    assert_eq!((told(&world, 1), told(&world, 2)), ("deploying / up".to_owned(), "deploying / up".to_owned()));
    assert_eq!(list(&sweep(&world, &[]).ok(), "announced"), names(&["pr-1"]));
    assert_eq!(told(&world, 1), "removed closed / over");
    is_quiet_now(&world, &[]);
}

#[test]
fn a_removal_that_is_told_late_for_an_open_pull_request_claims_no_reason() {
    let world = world(&[1, 2]);
    world.emulator.forge().label(APPLICATION, 1, "no-preview").unwrap();
    fail_writes(&world, 403);
    assert_eq!(sweep(&world, &[]).code, 4);
    world.intercept(|_| Verdict::Pass);
    world.emulator.forge().unlabel(APPLICATION, 1, "no-preview").unwrap();
    sweep(&world, &[]).ok();
    assert_eq!(told(&world, 1), "removed / over");
    assert!(comment(&world, 1).contains("\nTaken down.\n"), "{}", comment(&world, 1));
    is_quiet_now(&world, &[]);
}

#[test]
fn a_preview_that_went_and_came_back_before_it_was_told_is_told_to_be_there() {
    let world = world_with("{}", &[1]);
    close(&world, &[1]);
    fail_writes(&world, 403);
    assert_eq!(sweep(&world, &[]).code, 4);
    world.intercept(|_| Verdict::Pass);
    world.emulator.forge().reopen(APPLICATION, 1).unwrap();
    assert_eq!(world.deploy(1, &crate::world::sha('a')).ok().output("result"), "created");
    assert_eq!(told(&world, 1), "deploying / over, up");
    is_quiet_now(&world, &[]);
}
