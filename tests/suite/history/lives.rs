//! What the program writes is what it reads.

use bivouac::domain::history::{Filter, Moment, Told};

use super::*;
use crate::sweep::close;
use crate::world::{APPLICATION, sha, wildside};

/// Runs a verb for an event of pull request 7, as somebody.
fn run(world: &World, verb: &str, action: &str, head: char, by: &str) {
    let mut command = world.event_command(verb, action, 7, &sha(head), &[]);
    command.env("GITHUB_ACTOR", by);
    world.run(command).ok();
}

#[test]
fn a_whole_life_is_told_with_who_did_what() {
    let world = World::new();
    world.open(7, &sha('a'));
    run(&world, "deploy", "opened", 'a', "ada");
    world.push(7, &sha('b'));
    run(&world, "deploy", "synchronize", 'b', "grace[bot]");
    assert_eq!(told(&read(&world)), ["wildside pr-7: put-up, updated - is seen"]);
    world.emulator.forge().merge(APPLICATION, 7).unwrap();
    run(&world, "teardown", "closed", 'b', "not a login");
    let history = read(&world);
    assert_eq!(told(&history), ["wildside pr-7: put-up, updated, removed - ended"]);
    assert_eq!((history.commits, odd(&history)), (4, Vec::new()));
    let moments = &history.lives[0].moments;
    let short = |moment: &Moment| {
        let by = moment.by.clone().unwrap_or_default();
        let head = moment.commit.as_ref().unwrap().short().to_owned();
        (by, head, moment.generation.unwrap(), moment.pushed_at.is_some(), moment.reason.clone().unwrap_or_default())
    };
    let found: Vec<_> = moments.iter().map(short).collect();
    let expected = [("ada", 'a', 1, true, ""), ("grace[bot]", 'b', 2, true, ""), ("", 'b', 2, false, "merged")];
    let expected = expected.map(|(by, head, generation, is_pushed, reason)| {
        (by.to_owned(), sha(head)[..7].to_owned(), generation, is_pushed, reason.to_owned())
    });
    assert_eq!(found, expected);
    assert!(moments.iter().all(|moment| moment.run.as_ref().is_some_and(|run| run.ends_with("/actions/runs/42"))));
    let statistics = history.statistics(&Filter::default());
    assert_eq!((statistics.push_to_commit.unwrap().of, statistics.life.unwrap().of), (2, 1));
}

#[test]
fn a_run_that_somebody_asked_for_does_not_say_when_the_head_was_pushed() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.run(world.bivouac(&["deploy", "--pull-request", "7"])).ok();
    let history = read(&world);
    assert_eq!(history.lives[0].moments[0].pushed_at, None);
    assert_eq!(history.lives[0].moments[0].change, Told::PutUp);
}

#[test]
fn a_sweep_of_several_roots_is_told_for_each_of_them() {
    let world = World::empty();
    let mut files = std::collections::BTreeMap::new();
    for root in ["one", "two"] {
        files.extend(wildside().into_iter().map(|(path, text)| (format!("{root}/{path}"), text)));
    }
    let second = files["one/bivouac.yaml"].replace("application: wildside", "application: second");
    files.insert("two/bivouac.yaml".to_owned(), second.replace("preview.example", "second.example"));
    world.commit_apps(&files, "Lay out two roots");
    for number in [1, 2] {
        world.open(number, &sha('a'));
        for root in ["one", "two"] {
            world.run(world.bivouac(&["deploy", "--path", root, "--pull-request", &number.to_string()])).ok();
        }
    }
    close(&world, &[1]);
    world.run(world.bivouac(&["sweep", "--all"])).ok();
    let history = read(&world);
    let mut lives = told(&history);
    lives.sort();
    let expected = [
        "second pr-1: put-up, removed - ended",
        "second pr-2: put-up - is seen",
        "wildside pr-1: put-up, removed - ended",
        "wildside pr-2: put-up - is seen",
    ];
    assert_eq!((lives, odd(&history)), (expected.map(str::to_owned).to_vec(), Vec::new()));
    // A root that can not be read is held against nobody.
    world.commit_apps(&[("two/bivouac.yaml".to_owned(), "version: [".to_owned())].into(), "Break it");
    let mut lives = told(&read(&world));
    lives.sort();
    assert_eq!(lives[1], "second pr-2: put-up - is up");
    assert_eq!(lives[3], "wildside pr-2: put-up - is seen");
}

#[test]
fn what_somebody_takes_away_by_hand_is_gone() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.deploy(7, &sha('a')).ok();
    crate::bad_input::commit_change(&world, |tree| {
        std::fs::remove_dir_all(tree.join("overlays/ephemeral/pr-7")).unwrap();
    });
    assert_eq!(told(&read(&world)), ["wildside pr-7: put-up - is gone"]);
    crate::bad_input::commit_change(&world, |tree| {
        crate::bad_input::write(&tree.join("overlays/ephemeral/pr-7/patch-helmrelease-values.yaml"), "a: [");
    });
    assert_eq!(told(&read(&world)), ["wildside pr-7: put-up - is up"], "nobody knows what is there");
}
