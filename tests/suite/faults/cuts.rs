//! The line breaks, at every kind of place in every kind of request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Ground;
use super::meddler::{Deed, Exchange, Kind, by_way_of, head, position, that_meddles};
use crate::on_github::named_alike;

/// Where a line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    BeforeTheRequest,
    InTheHead,
    InTheCommand,
    InThePack,
    AfterTheRequest,
    InTheHeadOfTheAnswer,
    InTheFirstPacket,
    InTheMiddle,
    BeforeTheLastPacket,
}

const PLACES: [Place; 9] = [
    Place::BeforeTheRequest,
    Place::InTheHead,
    Place::InTheCommand,
    Place::InThePack,
    Place::AfterTheRequest,
    Place::InTheHeadOfTheAnswer,
    Place::InTheFirstPacket,
    Place::InTheMiddle,
    Place::BeforeTheLastPacket,
];
const KINDS: [Kind; 4] = [Kind::Branches, Kind::Tip, Kind::Objects, Kind::Push];

impl Place {
    /// Whether there is such a place in a request.
    fn is_in(self, kind: Kind) -> bool {
        self != Self::InThePack || kind == Kind::Push
    }

    fn cut(self, exchange: &Exchange) -> Deed {
        let head_of_request = head(&exchange.request);
        let answered = |most: fn(&[u8]) -> usize| {
            Deed::Change(Box::new(move |mut answer: Vec<u8>| {
                answer.truncate(most(&answer));
                answer
            }))
        };
        match self {
            Self::BeforeTheRequest => Deed::CutRequest(0),
            Self::InTheHead => Deed::CutRequest(head_of_request / 2),
            Self::InTheCommand => Deed::CutRequest(head_of_request + 10),
            Self::InThePack => Deed::CutRequest(position(&exchange.request, b"PACK").unwrap() + 40),
            Self::AfterTheRequest => answered(|_| 0),
            Self::InTheHeadOfTheAnswer => answered(|answer| head(answer) / 2),
            Self::InTheFirstPacket => answered(|answer| head(answer) + 6),
            Self::InTheMiddle => answered(|answer| usize::midpoint(head(answer), answer.len())),
            Self::BeforeTheLastPacket => answered(|answer| answer.len() - 4),
        }
    }
}

/// The line breaks the first `times` times that a request of a kind is carried.
fn is_survived(ground: &Ground, kind: Kind, place: Place, times: usize) {
    let (what, number) = (format!("{kind:?} {place:?} {times}"), ground.fresh());
    let cuts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&cuts);
    let port = that_meddles(&ground.world, move |exchange| {
        let is_cut = exchange.kind == kind && counter.fetch_add(1, Ordering::SeqCst) < times;
        if is_cut { place.cut(exchange) } else { Deed::Pass }
    });
    let run = ground.deploy(number, &|command| by_way_of(port, command));
    assert!(cuts.load(Ordering::SeqCst) > 0, "{what}: it never came to that");
    if run.code == 0 {
        return ground.landed_once(number, &run, &what);
    }
    assert_eq!((run.code, run.outputs.len()), (6, 0), "{what}:\n{}", run.stderr);
    assert!(times > 1, "{what}: one more attempt would have done:\n{}", run.stderr);
    let has_landed = ground.world.tip() != ground.tip;
    let again = ground.deploy(number, &|_| {});
    if has_landed {
        assert_eq!((again.code, again.output("result")), (0, "unchanged"), "{what}:\n{}", again.stderr);
        ground.is_there_once(number, &what);
    } else {
        ground.landed_once(number, &again, &what);
    }
}

/// Tries all of these; much of it is waiting, so that two worlds share the work.
fn are_survived(cases: &[(Kind, Place)], times: usize) {
    std::thread::scope(|scope| {
        for share in [0, 1] {
            let work = move || {
                let ground = Ground::new();
                for (kind, place) in cases.iter().skip(share).step_by(2) {
                    is_survived(&ground, *kind, *place, times);
                }
                ground.is_sound();
            };
            named_alike().spawn_scoped(scope, work).unwrap();
        }
    });
}

fn all_places(kinds: &[Kind]) -> Vec<(Kind, Place)> {
    let all = kinds.iter().flat_map(|kind| PLACES.map(|place| (*kind, place)));
    all.filter(|(kind, place)| place.is_in(*kind)).collect()
}

#[test]
fn a_line_that_breaks_once_is_survived_wherever_it_breaks() {
    are_survived(&all_places(&KINDS), 1);
}

#[test]
fn a_line_that_breaks_twice_in_a_push_is_survived_wherever_it_breaks() {
    are_survived(&all_places(&[Kind::Push]), 2);
}

#[test]
fn a_line_that_keeps_breaking_is_told_and_the_next_run_lands() {
    let places = [Place::InTheCommand, Place::InTheMiddle];
    let cases: Vec<_> = KINDS.iter().flat_map(|kind| places.map(|place| (*kind, place))).collect();
    are_survived(&cases, usize::MAX);
}
