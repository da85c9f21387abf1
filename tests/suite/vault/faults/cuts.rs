//! The answer to the initialisation is cut off, comes late, or comes from somebody else.

use std::fs;
use std::time::{Duration, Instant};

use bivouac::domain::escrow::Phase;
use serde_json::json;

use super::Ground;
use crate::vault::proxy::{Point, Verdict, bad_gateway};

/// Every way in which the answer can be lost after the server has done it.
const LOST: [fn() -> Verdict; 8] = [
    || Verdict::DropAfter,
    || Verdict::Cut(Point::StatusLine),
    || Verdict::Cut(Point::Headers),
    || Verdict::DropMidway(0),
    || Verdict::DropMidway(7),
    || Verdict::DropHalfway,
    || Verdict::Cut(Point::LastByte),
    || Verdict::AnswerAfter(bad_gateway()),
];

#[test]
fn an_answer_that_is_lost_is_told_and_nothing_is_wiped_or_initialised_again() {
    for lost in LOST {
        let ground = Ground::new();
        let what = format!("{:?}", lost());
        ground.proxy.once("PUT", "sys/init", lost());
        let started = Instant::now();
        let run = ground.run(&[]);
        assert_eq!(run.code, 7, "{what}: {run:#?}");
        assert!(
            run.stderr.contains("docs/vault.md") && started.elapsed() < Duration::from_secs(20),
            "{what}: {run:#?}"
        );
        let escrow = fs::read(ground.escrow()).unwrap();
        // Nor does another run, on the same machine or elsewhere.
        let again = ground.run(&["--patience", "1s"]);
        assert_eq!((again.code, again.stderr.contains("The keys were lost")), (7, true), "{what}: {again:#?}");
        assert_eq!(fs::read(ground.escrow()).unwrap(), escrow, "{what}");
        assert_eq!(ground.ledger().latest().unwrap().phase, Phase::Intent, "{what}");
        assert_eq!((ground.proxy.count("PUT", "sys/init"), ground.bao.health()), (1, 503), "{what}");
    }
}

#[test]
fn an_initialisation_that_did_not_arrive_is_begun_again_in_the_same_run() {
    for verdict in [Verdict::Drop, Verdict::Answer(bad_gateway())] {
        let ground = Ground::new();
        ground.proxy.once("PUT", "sys/init", verdict.clone());
        ground.is_finished(&format!("{verdict:?}"));
        assert_eq!((ground.proxy.count("PUT", "sys/init"), ground.initialisations()), (2, 1));
    }
}

#[test]
fn an_initialisation_that_never_arrives_is_given_up_and_the_next_run_does_it() {
    let ground = Ground::new();
    ground.proxy.intercept(|request| if request.is("PUT", "sys/init") { Verdict::Drop } else { Verdict::Pass });
    let run = ground.run(&[]);
    assert_eq!((run.code, ground.bao.health()), (6, 501), "{run:#?}");
    ground.proxy.intercept(|_| Verdict::Pass);
    ground.is_finished("the next run");
    assert_eq!(ground.initialisations(), 1);
}

#[test]
fn an_answer_that_comes_late_is_waited_for() {
    for verdict in [Verdict::Delay(Duration::from_secs(4)), Verdict::Late(Duration::from_secs(4))] {
        let ground = Ground::new();
        ground.proxy.once("PUT", "sys/init", verdict);
        ground.is_finished("late");
        assert_eq!(ground.proxy.count("PUT", "sys/init"), 1);
    }
}

#[test]
fn a_server_that_refuses_to_be_initialised_is_quoted_and_left() {
    let ground = Ground::new();
    let refusal = bivouac::emulator::Answer::json(400, &json!({"errors": ["the storage is full"]}));
    ground.proxy.once("PUT", "sys/init", Verdict::Answer(refusal));
    let run = ground.run(&[]);
    assert!(run.code == 1 && run.stderr.contains("the storage is full"), "{run:#?}");
    ground.is_finished("the next run");
}
