//! What the figures are judged by, each as a ratio within one run.

use std::fmt::Display;

use crate::contestant::Contestant::{self, Git, Github, Pipeline, Plumbing};
use crate::results::Results;
use crate::statistics::p95;

/// One goal, and what was measured.
pub(crate) struct Goal {
    pub(crate) what: String,
    pub(crate) limit: String,
    /// Nothing where it was not measured.
    pub(crate) measured: Option<(String, bool)>,
}

/// All goals.
pub(crate) fn all(results: &Results) -> Vec<Goal> {
    let mut goals: Vec<_> = [
        (10, Pipeline, 1.0),
        (1000, Pipeline, 0.2),
        (1000, Plumbing, 0.8),
        (10_000, Pipeline, 0.1),
        (10_000, Plumbing, 0.8),
    ]
    .map(|(previews, other, limit)| time_against(results, previews, other, limit))
    .into();
    goals.push(git_requests(results));
    goals.extend([Git, Github].map(|contestant| memory(results, contestant)));
    goals.extend([api_requests(results), bytes_of_the_api(results)]);
    for contestant in [Git, Github] {
        goals.extend([24, 100].map(|writers| landing(results, contestant, writers)));
        goals.extend(patience(results, contestant));
    }
    goals
}

fn goal(what: String, limit: impl Display, measured: Option<(String, bool)>) -> Goal {
    Goal { what, limit: limit.to_string(), measured }
}

fn time_against(results: &Results, previews: usize, other: Contestant, limit: f64) -> Goal {
    let median = |contestant| results.alone(contestant, previews, false).map(super::results::Alone::median);
    let ratio = median(Git).zip(median(other)).map(|(own, other)| own / other);
    let what = format!("a deploy with git at {previews} previews, as a part of {}'s time", possessor(other));
    goal(what, format!("<= {limit}"), ratio.map(|ratio| (format!("{ratio:.2}"), ratio <= limit)))
}

fn possessor(contestant: Contestant) -> &'static str {
    if contestant == Pipeline { "the usual pipeline" } else { "git's plumbing" }
}

fn git_requests(results: &Results) -> Goal {
    let own = results.alone.iter().filter(|alone| alone.contestant == Git);
    let most = own.map(|alone| alone.traffic.git_requests).max();
    goal(
        "requests to the Git server of a deploy with git".to_owned(),
        "<= 4",
        most.map(|most| (most.to_string(), most <= 4)),
    )
}

fn memory(results: &Results, contestant: Contestant) -> Goal {
    let peak = results.alone(contestant, 10_000, false).map(|alone| alone.peak_kb);
    let measured = peak.map(|kb| (format!("{} MB", kb / 1024), kb <= 32 * 1024));
    goal(format!("peak memory at 10000 previews, {}", contestant.name()), "<= 32 MB", measured)
}

fn api_requests(results: &Results) -> Goal {
    let own = results.alone.iter().filter(|alone| alone.contestant == Github);
    let most = own.map(|alone| alone.traffic.api_requests + alone.traffic.git_requests).max();
    goal("requests of a deploy with github".to_owned(), "<= 6", most.map(|most| (most.to_string(), most <= 6)))
}

/// The roster comes as a text in JSON, and goes in Base64.
fn bytes_of_the_api(results: &Results) -> Goal {
    let without_roster = |previews: usize| {
        let traffic = results.alone(Github, previews, false)?.traffic;
        let repository = results.repositories.iter().find(|repository| repository.previews == previews)?;
        let (came, went) = (repository.roster_json_bytes, repository.roster_bytes * 4 / 3);
        let bytes = traffic.received_bytes.saturating_sub(came) + traffic.sent_bytes.saturating_sub(went);
        u32::try_from(bytes).ok().map(f64::from)
    };
    let ratio = without_roster(10_000).zip(without_roster(10)).map(|(many, few)| many / few.max(1.0));
    let what = "bytes of a deploy with github at 10000 previews, against 10, without the roster's own".to_owned();
    goal(what, "<= 2", ratio.map(|ratio| (format!("{ratio:.2}"), ratio <= 2.0)))
}

fn landing(results: &Results, contestant: Contestant, writers: usize) -> Goal {
    let found = results.contention(contestant, writers);
    let measured = found.map(|found| (found.landed.to_string(), found.landed == writers));
    goal(format!("of {writers} writers at once that land, {}", contestant.name()), writers, measured)
}

/// How long a hundred take.
fn patience(results: &Results, contestant: Contestant) -> [Goal; 2] {
    let found = results.contention(contestant, 100);
    let judged = |milliseconds: f64, limit: f64| {
        let seconds = milliseconds / 1000.0;
        (format!("{seconds:.1} s"), seconds <= limit)
    };
    let name = contestant.name();
    [
        goal(format!("100 writers, all done, {name}"), "<= 120 s", found.map(|found| judged(found.total_ms, 120.0))),
        goal(format!("100 writers, p95, {name}"), "<= 60 s", found.map(|found| judged(p95(&found.times), 60.0))),
    ]
}
