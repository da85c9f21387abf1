//! Sweeps, and records whose approval somebody has changed.

use super::{approved, because_unapproved, by_ada, pushed, shown};
use crate::command::sticky;
use crate::policy::plain;
use crate::sweep::{edit_patch, is_quiet_now, list, sweep};
use crate::world::{World, sha};

/// Takes the approval of pull request 7's preview out of its record.
fn forget_the_approval(world: &World) {
    edit_patch(world, 7, &format!("    bivouac.dev/approved-commit: \"{}\"\n", sha('a')), "");
    edit_patch(world, 7, "    bivouac.dev/approved-by: \"ada\"\n", "");
}

#[test]
fn what_was_approved_is_left_alone_whatever_the_head_is() {
    let world = approved("");
    is_quiet_now(&world, &[]);
    pushed(&world, 'b');
    is_quiet_now(&world, &[]);
    assert_eq!(shown(&world), Some(by_ada('a')));
}

#[test]
fn what_nobody_has_approved_is_taken_down() {
    let changes: [fn(&World); 2] = [forget_the_approval, |world| {
        let line = |digit| format!("bivouac.dev/approved-commit: \"{}\"", sha(digit));
        edit_patch(world, 7, &line('a'), &line('b'));
    }];
    for change in changes {
        let world = approved("");
        change(&world);
        let run = sweep(&world, &[]).ok();
        assert_eq!((list(&run, "removed"), shown(&world)), (vec!["pr-7".to_owned()], None));
        let told = sticky(&world);
        assert!(told.contains("state=removed reason=unapproved"), "{told}");
        assert!(told.contains(&format!("`/preview approve {}`", sha('a'))), "{told}");
        is_quiet_now(&world, &[]);
    }
}

#[test]
fn a_deploy_takes_down_what_nobody_has_approved_too() {
    let world = approved("");
    forget_the_approval(&world);
    assert_eq!(pushed(&world, 'a'), because_unapproved("removed", 'a'));
    assert_eq!(shown(&world), None);
}

#[test]
fn half_an_approval_makes_a_record_that_is_broken() {
    let world = approved("");
    edit_patch(&world, 7, "    bivouac.dev/approved-by: \"ada\"\n", "");
    let run = sweep(&world, &[]);
    assert_eq!(list(&run, "removed"), Vec::<String>::new());
    assert!(
        run.stdout.contains("bivouac.dev/approved-by") || run.stderr.contains("bivouac.dev/approved-by"),
        "{run:#?}"
    );
}

#[test]
fn an_approval_in_the_record_of_a_branch_of_ours_means_nothing() {
    let world = crate::command::world_with_preview("{forks: approved}");
    let line = "    bivouac.dev/created-at";
    let approval =
        format!("    bivouac.dev/approved-commit: \"{}\"\n    bivouac.dev/approved-by: \"x\"\n{line}", sha('b'));
    edit_patch(&world, 7, line, &approval);
    assert_eq!(crate::policy::on(&world, "synchronize"), plain("updated"));
    assert_eq!(shown(&world), Some((sha('a'), String::new(), String::new())));
}
