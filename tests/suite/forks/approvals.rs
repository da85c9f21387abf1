//! `/preview approve`: whose word counts, and of which commit.

use bivouac::emulator::{Actor, RequestKind, Role};

use super::{approve, approved, because_unapproved, by_ada, event, on, open, pushed, shown, with_fork, world};
use crate::command::{answer, labels, ours, said_by, say, sticky};
use crate::policy::{configured, ending, plain, quietly};
use crate::sweep::message;
use crate::world::{APPLICATION, World, sha};

/// An approval that is refused, and changes nothing but the answer.
fn refused(world: &World, digits: &str) -> String {
    let (tip, had) = (world.tip(), labels(world));
    let said = approve(world, digits);
    assert_eq!(said.reactions(world), "-1", "{digits}: {}", answer(world));
    assert_eq!((world.tip(), labels(world)), (tip, had));
    answer(world)
}

#[test]
fn a_head_that_nobody_has_approved_gets_no_preview_and_the_command_to_copy() {
    let world = world("");
    let tip = world.tip();
    let run = on(&world, "deploy", &event("opened", &sha('a')), &[]).ok();
    assert_eq!((ending(&run), world.tip()), (because_unapproved("refused", 'a'), tip));
    assert!(run.stderr.contains("::notice title=Preview pr-7::refused: the head, `aaaaaaa`"), "{}", run.stderr);
    insta::assert_snapshot!(sticky(&world), @"
    <!-- bivouac application=wildside generation=0 state=refused reason=unapproved text=… -->
    ### Preview of wildside: none

    There is no preview because the head, `aaaaaaa`, is a commit of a fork that nobody has approved. Somebody who may push to the repository, and has read that commit, can comment `/preview approve aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`.
    ");
    assert_eq!(quietly(&world, || pushed(&world, 'a')), because_unapproved("refused", 'a'));

    let told = sticky(&world);
    let command = told.split('`').find(|part| part.starts_with("/preview approve ")).unwrap();
    let said = say(&world, command).ok();
    assert_eq!((said.ending(), said.reactions(&world)), (plain("created"), "+1".to_owned()));
    assert_eq!(shown(&world), Some(by_ada('a')));
    assert!(message(&world).contains("\nBivouac-Approved-By: ada\n"), "{}", message(&world));
    insta::assert_snapshot!(sticky(&world), @"
    <!-- bivouac application=wildside generation=1 state=deploying deployment=… text=… -->
    ### Preview of wildside: deploying

    | Address | https://pr-7.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Approved by | `ada` |
    | Images | `backend` `aaaaaaa`<br>`frontend` `aaaaaaa` |
    | Namespace | `wildside-pr-7` |
    | Updated | MOMENT by `ada` |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.
    ");
    assert_eq!(quietly(&world, || pushed(&world, 'a')), plain("unchanged"));
    assert_eq!(approve(&world, &sha('a')).ending(), plain("unchanged"));
}

#[test]
fn the_beginning_of_a_commit_will_do_in_any_case_and_all_of_it_needs_no_question() {
    for (digits, questions) in [(&sha('a')[..12], 1), ("AAAAAAAAAAAAAAAA", 1), (&sha('a'), 0), (&sha('A'), 0)] {
        let world = world("");
        let said = approve(&world, digits);
        let asked = world.requests(RequestKind::Api).into_iter().filter(|request| request.path.contains("/commits/"));
        assert_eq!((said.ending(), asked.count()), (plain("created"), questions), "{digits}");
        assert_eq!(shown(&world), Some(by_ada('a')));
    }
}

#[test]
fn too_few_digits_are_not_understood() {
    let world = world("");
    for digits in [&sha('a')[..11], "main", "HEAD", "patch-1", &"a".repeat(65)] {
        let said = approve(&world, digits);
        assert_eq!((said.reactions(&world), shown(&world)), ("confused".to_owned(), None), "{digits}");
        assert!(answer(&world).contains("give at least 12 of its hexadecimal digits"), "{}", answer(&world));
    }
}

#[test]
fn the_beginning_of_two_commits_is_that_of_none() {
    let world = world("");
    let head = format!("{}b{}", "a".repeat(12), "0".repeat(27));
    open(&world, 8, &head);
    let told = refused(&world, &sha('a')[..12]);
    assert!(
        told.ends_with(
            "no commit, or more than one, begins like that: give all digits of the commit that you have read."
        )
    );
    assert_eq!(approve(&world, &sha('a')[..13]).ending(), plain("created"));
}

#[test]
fn a_commit_that_is_not_the_head_is_not_approved() {
    let world = world("");
    open(&world, 8, &sha('c'));
    assert_eq!(pushed(&world, 'b').0, "refused");
    let is_not = "is not the head any more, or never was: that is `bbbbbbb`.";
    for (digits, words) in [
        (sha('a'), is_not),
        (sha('c'), is_not),
        (sha('c')[..12].to_owned(), is_not),
        (sha('d'), is_not),
        (sha('d')[..12].to_owned(), "no commit, or more than one, begins like that"),
    ] {
        let told = refused(&world, &digits);
        assert!(told.contains(words), "{told}");
    }
    assert_eq!(shown(&world), None);
}

#[test]
fn who_may_not_push_approves_nothing() {
    let world = world("");
    for role in [Role::Read, Role::Triage, Role::None] {
        world.emulator.forge().set_role(APPLICATION, "stranger", role).unwrap();
        let said = said_by(&world, &Actor::user("stranger"), &format!("/preview approve {}", sha('a')), &[]).ok();
        assert_eq!((said.reactions(&world), shown(&world), ours(&world, 7)), ("-1".to_owned(), None, vec![]));
    }
}

#[test]
fn whoever_may_push_may_approve_what_they_wrote_themselves() {
    let world = world("");
    world.emulator.forge().set_role(APPLICATION, "stranger", Role::Write).unwrap();
    let said = said_by(&world, &Actor::user("stranger"), &format!("/preview approve {}", sha('a')), &[]).ok();
    assert_eq!(said.ending(), plain("created"));
    assert_eq!(shown(&world).unwrap().2, "stranger");
}

#[test]
fn a_head_that_moves_right_after_the_approval_is_not_shown() {
    let world = world(", labels: {require: [preview]}");
    let forge = world.emulator.forge().clone();
    world.intercept(move |request| {
        if request.path.contains("/issues/7/labels") {
            forge.push(APPLICATION, 7, &sha('b')).unwrap();
        }
        bivouac::emulator::Verdict::Pass
    });
    let said = approve(&world, &sha('a'));
    assert_eq!((said.run.output("result"), said.reactions(&world)), ("superseded", "-1".to_owned()));
    assert_eq!(shown(&world), None);
    assert_eq!(pushed(&world, 'b'), because_unapproved("refused", 'b'));
}

#[test]
fn where_forks_are_refused_there_is_nothing_to_approve() {
    for preview in ["{}", "{forks: refused}"] {
        let world = configured(preview);
        with_fork(&world);
        assert!(
            refused(&world, &sha('a')).ends_with("`preview.forks` of `bivouac.yaml` says so."),
            "{}",
            answer(&world)
        );
        assert_eq!(pushed(&world, 'a').1, "the pull request comes from a fork, and previews for forks are refused");
        let said = say(&world, "/preview deploy").ok();
        assert_eq!(
            (said.run.output("result"), said.reactions(&world), shown(&world)),
            ("refused", "-1".to_owned(), None)
        );
    }
}

#[test]
fn no_other_command_puts_up_what_nobody_has_approved() {
    let world = world("");
    for (command, reaction) in
        [("deploy", "-1"), ("keep", "+1"), ("extend 48h", "-1"), ("status", "+1"), ("help", "+1")]
    {
        let said = say(&world, &format!("/preview {command}")).ok();
        assert_eq!(said.ending(), because_unapproved("refused", 'a'), "{command}");
        assert_eq!((said.reactions(&world), shown(&world)), (reaction.to_owned(), None), "{command}");
        assert!(sticky(&world).contains(&format!("`/preview approve {}`", sha('a'))), "{}", sticky(&world));
    }
}

#[test]
fn a_fork_that_is_gone_may_be_approved_all_the_same() {
    let world = world("");
    world.emulator.forge().change(APPLICATION, 7, |change| change.head_repository = None).unwrap();
    assert_eq!(pushed(&world, 'a'), because_unapproved("refused", 'a'));
    assert_eq!(approve(&world, &sha('a')).ending(), plain("created"));
    assert_eq!(shown(&world), Some(by_ada('a')));
}

#[test]
fn a_dry_run_of_an_approval_writes_nothing() {
    let world = world("");
    let tip = world.tip();
    let body = format!("/preview approve {}", sha('a'));
    let said = said_by(&world, &Actor::user(crate::command::ADA), &body, &["--dry-run"]).ok();
    assert!(said.run.stdout.contains("would be created"), "{}", said.run.stdout);
    assert_eq!((said.reactions(&world), world.tip(), ours(&world, 7)), (String::new(), tip, vec![]));
}

#[test]
fn an_approval_is_taken_over_by_the_one_that_is_there() {
    let world = approved("");
    world.emulator.forge().set_role(APPLICATION, "grace", Role::Write).unwrap();
    let said = said_by(&world, &Actor::user("grace"), &format!("/preview approve {}", sha('a')), &[]).ok();
    assert_eq!((said.ending(), shown(&world)), (plain("unchanged"), Some(by_ada('a'))));
}
