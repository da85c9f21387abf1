//! A history for programs.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::shown::By;
use crate::domain::history::{End, History, Life, Median, Moment, Statistics};

/// All that is known, with the figures if they are asked for.
pub(super) fn json(history: &History, statistics: Option<&Statistics>, now: Timestamp) -> Value {
    let lives: Vec<_> = history.lives.iter().map(|life| of_life(life, now)).collect();
    let odd: Vec<_> = history.odd.iter().map(|(commit, why)| json!({"commit": commit, "why": why})).collect();
    let mut all = json!({"lives": lives, "odd": odd, "commits": history.commits});
    if let Some(statistics) = statistics {
        all["statistics"] = of_statistics(statistics);
    }
    all
}

fn of_life(life: &Life, now: Timestamp) -> Value {
    let (by, author) = who(life.who());
    json!({
        "preview": life.preview.as_str(),
        "application": life.application.as_ref().map(ToString::to_string),
        "repository": life.repository.to_string(),
        "pull-request": life.number,
        "state": life.state(),
        "seen": matches!(life.end, End::StillUp { is_seen: true }),
        "reason": life.reason(),
        "put-up-at": life.began_at,
        "ended-at": life.ended_at(),
        "lived-seconds": life.lived(now).map(|length| length.as_secs()),
        "updates": life.updates(),
        "by": by,
        "author": author,
        "moments": life.moments.iter().map(of_moment).collect::<Vec<_>>(),
    })
}

fn of_moment(moment: &Moment) -> Value {
    json!({
        "change": moment.change.word(),
        "at": moment.at,
        "apps-commit": moment.apps_commit,
        "author": moment.author,
        "commit": moment.commit,
        "generation": moment.generation,
        "by": moment.by,
        "approved-by": moment.approved_by,
        "run": moment.run,
        "reason": moment.reason,
        "pushed-at": moment.pushed_at,
    })
}

/// Who made the run, and, where that is not said, who is the author.
fn who(who: Option<By<'_>>) -> (Option<&str>, Option<&str>) {
    match who {
        Some(By::Run(name)) => (Some(name), None),
        Some(By::Author(name)) => (None, Some(name)),
        None => (None, None),
    }
}

fn of_statistics(statistics: &Statistics) -> Value {
    let median = |median: Option<Median>| median.map(|it| json!({"seconds": it.length.as_secs(), "of": it.of}));
    let weeks = statistics.weeks.iter().map(|week| json!({"monday": week.monday, "put-up": week.put_up}));
    json!({
        "lives": statistics.lives,
        "up": statistics.up,
        "weeks": weeks.collect::<Vec<_>>(),
        "median-life": median(statistics.life),
        "median-push-to-commit": median(statistics.push_to_commit),
    })
}
