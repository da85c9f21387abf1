//! The answer to a push is lost, and others push meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bivouac::emulator::{Answer, Verdict};

use super::Ground;
use super::meddler::{Deed, Kind, by_way_of, that_meddles};
use crate::world::commit;

const NOTE: &str = "Somebody else's";

fn note(number: usize) -> BTreeMap<String, String> {
    BTreeMap::from([(format!("notes/{number}.md"), "x\n".to_owned())])
}

/// The subjects of the commits since the ground, the oldest first.
fn subjects(ground: &Ground) -> Vec<String> {
    let log = ground.world.git(&["log", "--reverse", "--format=%s", &format!("{}..main", ground.tip)]);
    log.lines().map(str::to_owned).collect()
}

fn put_up(number: u64) -> String {
    format!("preview(wildside): put up pr-{number} at aaaaaaa")
}

#[test]
fn a_push_that_landed_is_known_by_a_look_when_its_answer_is_lost() {
    let ground = Ground::new();
    let unavailable = || Answer::new(503, "text/plain", "down for maintenance");
    let verdicts = [
        Verdict::DropAfter,
        Verdict::AnswerAfter(unavailable()),
        Verdict::DropMidway(0),
        Verdict::DropMidway(3),
        Verdict::DropMidway(20),
    ];
    for verdict in verdicts {
        let (what, number) = (format!("{verdict:?}"), ground.fresh());
        let pushes = AtomicUsize::new(0);
        ground.world.intercept(move |request| {
            let is_first = request.is_push() && pushes.fetch_add(1, Ordering::SeqCst) == 0;
            if is_first { verdict.clone() } else { Verdict::Pass }
        });
        let run = ground.deploy(number, &|_| {});
        ground.landed_once(number, &run, &what);
        let run = ground.deploy(number, &|_| {});
        assert_eq!((run.code, run.output("result")), (0, "unchanged"), "{what}:\n{}", run.stderr);
    }
    ground.is_sound();
}

#[test]
fn a_push_that_landed_is_known_by_the_history_when_others_push_on_top() {
    for others in [1, 12] {
        let (ground, is_first) = (Ground::new(), AtomicBool::new(true));
        let number = ground.fresh();
        let (apps, home) = (ground.world.apps.clone(), ground.world.home.path().to_owned());
        let port = that_meddles(&ground.world, move |exchange| {
            if exchange.kind != Kind::Push || !is_first.swap(false, Ordering::SeqCst) {
                return Deed::Pass;
            }
            let (apps, home) = (apps.clone(), home.clone());
            Deed::Change(Box::new(move |_| {
                (0..others).for_each(|other| commit(&apps, &home, &note(other), NOTE));
                Vec::new()
            }))
        });
        let run = ground.deploy(number, &|command| by_way_of(port, command)).ok();
        assert_eq!(run.output("result"), "created", "{}", run.stderr);
        assert_eq!(run.output("apps-commit"), ground.world.git(&["rev-parse", &format!("main~{others}")]).trim());
        let mut expected = vec![put_up(number)];
        expected.extend(vec![NOTE.to_owned(); others]);
        assert_eq!(subjects(&ground), expected);
        ground.is_sound();
    }
}

#[test]
fn a_push_that_landed_is_known_when_others_merge_it() {
    let (ground, is_first) = (Ground::new(), AtomicBool::new(true));
    let number = ground.fresh();
    let world = &ground.world;
    let side = world.git(&["commit-tree", "main^{tree}", "-p", "main", "-m", "Aside"]).trim().to_owned();
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    let port = that_meddles(world, move |exchange| {
        if exchange.kind != Kind::Push || !is_first.swap(false, Ordering::SeqCst) {
            return Deed::Pass;
        }
        let (apps, home, side) = (apps.clone(), home.clone(), side.clone());
        Deed::Change(Box::new(move |_| {
            let git = |arguments: &[&str]| {
                crate::world::checked(&crate::world::git_command(&apps, &home).args(arguments).output().unwrap())
            };
            let merge = git(&["commit-tree", "main^{tree}", "-p", &side, "-p", "main", "-m", "Merge"]);
            git(&["update-ref", "refs/heads/main", merge.trim()]);
            Vec::new()
        }))
    });
    let run = ground.deploy(number, &|command| by_way_of(port, command)).ok();
    assert_eq!(run.output("apps-commit"), ground.world.git(&["rev-parse", "main^2"]).trim());
}

#[test]
fn a_push_that_was_lost_is_made_again_when_somebody_elses_won() {
    let ground = Ground::new();
    let number = ground.fresh();
    let (apps, home) = (ground.world.apps.clone(), ground.world.home.path().to_owned());
    let pushes = AtomicUsize::new(0);
    let port = that_meddles(&ground.world, move |exchange| {
        if exchange.kind != Kind::Push || pushes.fetch_add(1, Ordering::SeqCst) >= 2 {
            return Deed::Pass;
        }
        commit(&apps, &home, &note(0), NOTE);
        // The first never gets there, the second is refused, and neither answer comes.
        if pushes.load(Ordering::SeqCst) == 1 { Deed::CutRequest(0) } else { Deed::Change(Box::new(|_| Vec::new())) }
    });
    let run = ground.deploy(number, &|command| by_way_of(port, command)).ok();
    assert_eq!((run.output("result"), run.output("apps-commit")), ("created", ground.world.tip().as_str()));
    assert_eq!(subjects(&ground), [NOTE.to_owned(), NOTE.to_owned(), put_up(number)]);
    ground.is_sound();
}
