//! A history for programs.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::shown::By;
use crate::domain::history::{End, History, Life, Median, Moment, Statistics};
use crate::domain::names::{Application, CommitId, PullRequestNumber};

/// All that is known, with the figures if they are asked for.
#[derive(Serialize)]
pub(super) struct All<'a> {
    lives: Vec<OneLife<'a>>,
    odd: Vec<Odd<'a>>,
    commits: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Figures>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OneLife<'a> {
    preview: &'a str,
    application: Option<&'a str>,
    repository: String,
    pull_request: PullRequestNumber,
    state: &'static str,
    seen: Option<bool>,
    reason: Option<&'a str>,
    put_up_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    lived_seconds: Option<i64>,
    updates: usize,
    by: Option<&'a str>,
    author: Option<&'a str>,
    moments: Vec<OneMoment<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OneMoment<'a> {
    change: &'static str,
    at: Timestamp,
    apps_commit: &'a CommitId,
    author: &'a str,
    commit: Option<&'a CommitId>,
    generation: Option<u64>,
    by: Option<&'a str>,
    approved_by: Option<&'a str>,
    run: Option<&'a str>,
    reason: Option<&'a str>,
    pushed_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Odd<'a> {
    commit: &'a CommitId,
    why: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Figures {
    lives: usize,
    up: usize,
    weeks: Vec<OneWeek>,
    median_life: Option<Middle>,
    median_push_to_commit: Option<Middle>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OneWeek {
    monday: Date,
    put_up: usize,
}

#[derive(Serialize)]
struct Middle {
    seconds: i64,
    of: usize,
}

impl<'a> All<'a> {
    pub(super) fn of(history: &'a History, statistics: Option<&Statistics>, now: Timestamp) -> Self {
        Self {
            lives: history.lives.iter().map(|life| OneLife::of(life, now)).collect(),
            odd: history.odd.iter().map(|(commit, why)| Odd { commit, why }).collect(),
            commits: history.commits,
            statistics: statistics.map(Figures::of),
        }
    }
}

impl<'a> OneLife<'a> {
    fn of(life: &'a Life, now: Timestamp) -> Self {
        // Who made the run, and, where that is not said, who is the author.
        let (by, author) = match life.who() {
            Some(By::Run(name)) => (Some(name), None),
            Some(By::Author(name)) => (None, Some(name)),
            None => (None, None),
        };
        Self {
            preview: life.preview.as_str(),
            application: life.application.as_ref().map(Application::as_str),
            repository: life.repository.to_string(),
            pull_request: life.number,
            state: life.state(),
            seen: seen(life.end),
            reason: life.reason(),
            put_up_at: life.began_at,
            ended_at: life.ended_at(),
            lived_seconds: life.lived(now).map(|length| length.as_secs()),
            updates: life.updates(),
            by,
            author,
            moments: life.moments.iter().map(OneMoment::of).collect(),
        }
    }
}

/// Whether the preview is in the apps repository now, where that is known.
fn seen(end: End) -> Option<bool> {
    match end {
        End::StillUp { is_seen } => is_seen.then_some(true),
        End::Removed { .. } | End::Unsaid => Some(false),
    }
}

impl<'a> OneMoment<'a> {
    fn of(moment: &'a Moment) -> Self {
        Self {
            change: moment.change.word(),
            at: moment.at,
            apps_commit: &moment.apps_commit,
            author: &moment.author,
            commit: moment.commit.as_ref(),
            generation: moment.generation,
            by: moment.by.as_deref(),
            approved_by: moment.approved_by.as_deref(),
            run: moment.run.as_deref(),
            reason: moment.reason.as_deref(),
            pushed_at: moment.pushed_at,
        }
    }
}

impl Figures {
    fn of(statistics: &Statistics) -> Self {
        let middle = |median: Option<Median>| median.map(|it| Middle { seconds: it.length.as_secs(), of: it.of });
        let weeks = statistics.weeks.iter().map(|week| OneWeek { monday: week.monday, put_up: week.put_up });
        Self {
            lives: statistics.lives,
            up: statistics.up,
            weeks: weeks.collect(),
            median_life: middle(statistics.life),
            median_push_to_commit: middle(statistics.push_to_commit),
        }
    }
}
