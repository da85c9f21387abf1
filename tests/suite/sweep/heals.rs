//! The list of previews is put in order, and so is what was said of those that stay.

use bivouac::emulator::Actor;

use super::{ROSTER, close, commits, entries, fail_writes, is_quiet_now, list, message, sweep, there, told, world};
use crate::policy::{comment, steady};
use crate::world::{APPLICATION, World, sha};

fn write_roster(world: &World, text: &str) {
    world.commit_apps(&[(ROSTER.to_owned(), text.to_owned())].into(), "Edit the list");
}

#[test]
fn a_line_without_a_directory_goes_and_a_preview_without_a_line_is_listed() {
    let world = world(&[1, 2]);
    super::change(&world, |tree| super::write(&tree.join("overlays/ephemeral/mine/kustomization.yaml"), "kind: X\n"));
    write_roster(&world, "# ours\nresources:\n  - mine # kept\n  - ./pr-9/\n  - pr-2\n  - ../../extra\n");
    let run = sweep(&world, &[]).ok();
    assert_eq!(
        world.file(ROSTER).unwrap(),
        "# ours\nresources:\n  - mine # kept\n  - pr-2\n  - ../../extra\n  - \"pr-1\"\n"
    );
    insta::assert_snapshot!(run.stdout.replace(&world.tip(), "COMMIT"), @"
    put right: the list named `pr-9`, which is not there
    put right: the list did not name `pr-1`
    0 removed, 2 staying
      apps commit COMMIT
    ");
    insta::assert_snapshot!(steady(&world, &message(&world)), @"
    preview: put the list of previews in order

    - the list named `pr-9`, which is not there
    - the list did not name `pr-1`

    Bivouac-Run: http://SERVER/acme/wildside/actions/runs/42
    ");
    is_quiet_now(&world, &[]);
}

#[test]
fn a_list_that_is_empty_or_missing_comes_back() {
    let world = world(&[1, 2]);
    write_roster(&world, "kind: Kustomization\nresources: []\n");
    sweep(&world, &[]).ok();
    assert_eq!(world.file(ROSTER).unwrap(), "kind: Kustomization\nresources:\n  - \"pr-1\"\n  - \"pr-2\"\n");
    super::change(&world, |tree| std::fs::remove_file(tree.join(ROSTER)).unwrap());
    close(&world, &[1]);
    let run = sweep(&world, &[]).ok();
    assert_eq!((there(&world), list(&run, "removed")), (vec!["pr-2".to_owned()], vec!["pr-1".to_owned()]));
    super::change(&world, |tree| std::fs::remove_file(tree.join(ROSTER)).unwrap());
    close(&world, &[2]);
    sweep(&world, &[]).ok();
    assert_eq!(entries(&world), Vec::<String>::new());
    assert!(world.file(ROSTER).unwrap().ends_with("resources: []\n"));
}

#[test]
fn a_list_that_can_not_be_edited_stops_the_sweep_of_its_root() {
    let world = world(&[1]);
    close(&world, &[1]);
    write_roster(&world, "resources: one\n");
    let (run, before) = (sweep(&world, &[]), commits(&world));
    assert_eq!((run.code, list(&run, "failed"), commits(&world)), (3, vec!["the root `.`".to_owned()], before));
    assert_eq!(told(&world, 1), "deploying / up");
}

#[test]
fn what_was_said_of_those_that_stay_is_put_right() {
    let world = world(&[1, 2, 3, 4]);
    let forge = world.emulator.forge();
    let first = |number| forge.comments(APPLICATION, number).unwrap().remove(0);
    forge.delete_comment(APPLICATION, first(1).id).unwrap();
    forge.comment(APPLICATION, 2, Actor::bot("github-actions[bot]"), &first(2).body).unwrap();
    let tampered = first(3).body.replace("deploying -->", "removed -->").replace("state=deploying", "state=removed");
    forge.edit_comment(APPLICATION, first(3).id, &tampered).unwrap();
    let run = sweep(&world, &[]).ok();
    assert_eq!(
        (list(&run, "announced"), list(&run, "removed").len()),
        (vec!["pr-1".to_owned(), "pr-2".to_owned(), "pr-3".to_owned()], 0)
    );
    for number in 1..=4 {
        assert_eq!(told(&world, number), "deploying / up");
    }
    insta::assert_snapshot!(comment(&world, 1), @"
    <!-- bivouac application=wildside generation=1 state=deploying deployment=… text=… -->
    ### Preview of wildside: deploying

    | Address | https://pr-1.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/1/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Images | `backend` `aaaaaaa`<br>`frontend` `aaaaaaa` |
    | Namespace | `wildside-pr-1` |
    | Updated | MOMENT |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.
    ");
    is_quiet_now(&world, &[]);
}

#[test]
fn a_preview_that_was_put_up_and_never_told_is_told() {
    let world = world(&[]);
    world.open(7, &sha('a'));
    fail_writes(&world, 403);
    assert_eq!(world.deploy(7, &sha('a')).code, 4);
    assert_eq!(told(&world, 7), " / ");
    world.intercept(|_| bivouac::emulator::Verdict::Pass);
    assert_eq!(list(&sweep(&world, &[]).ok(), "announced"), ["pr-7"]);
    assert_eq!(told(&world, 7), "deploying / up");
    is_quiet_now(&world, &[]);
}

#[test]
fn deployments_of_a_preview_that_stays_are_put_right() {
    let world = world(&[1, 2]);
    let forge = world.emulator.forge();
    let ids: Vec<_> = forge.deployments(APPLICATION).unwrap().iter().map(|known| known.id).collect();
    forge.delete_deployment(APPLICATION, ids[0]).unwrap();
    let over = bivouac::emulator::NewDeploymentStatus::of(bivouac::emulator::DeploymentStatusState::Inactive);
    forge.add_deployment_status(APPLICATION, ids[1], over).unwrap();
    sweep(&world, &[]).ok();
    assert_eq!(told(&world, 2), "deploying / up");
    is_quiet_now(&world, &[]);
}
