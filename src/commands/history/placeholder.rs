//! Stands in for what is not there yet.
#![expect(
    missing_docs,
    clippy::unused_async,
    clippy::missing_errors_doc,
    clippy::pedantic,
    clippy::unwrap_used,
    reason = "it goes"
)]
use crate::domain::history::{History, Statistics};
use crate::domain::names::{Application, PreviewName, PullRequestNumber};
use crate::effects::git::GitRepository;
use crate::error::Error;
use jiff::Timestamp;

#[derive(Debug)]
pub struct Filter {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub application: Option<Application>,
    pub number: Option<PullRequestNumber>,
    pub preview: Option<PreviewName>,
}

pub async fn history(_: &GitRepository) -> Result<History, Error> {
    Ok(History::default())
}

impl History {
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        use crate::domain::history::{End, Median, Week};
        use jiff::{SignedDuration, ToSpan as _, tz::TimeZone};
        let mut weeks: Vec<Week> = Vec::new();
        for life in self.lives.iter().rev() {
            let Some(at) = life.began_at else { continue };
            let date = at.to_zoned(TimeZone::UTC).date();
            let monday = date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).unwrap();
            while weeks.last().is_some_and(|week| week.monday < monday) {
                let next = weeks.last().unwrap().monday.checked_add(7.days()).unwrap();
                weeks.push(Week { monday: next, put_up: 0 });
            }
            if weeks.is_empty() {
                weeks.push(Week { monday, put_up: 0 });
            }
            weeks.last_mut().unwrap().put_up += 1;
        }
        Statistics {
            lives: self.lives.len(),
            up: self.lives.iter().filter(|life| matches!(life.end, End::StillUp { .. })).count(),
            weeks,
            life: Some(Median { length: SignedDuration::from_mins(3_333), of: self.lives.len() }),
            push_to_commit: Some(Median { length: SignedDuration::from_secs(48), of: self.lives.len() }),
        }
    }

    #[must_use]
    pub fn filtered(self, filter: &Filter) -> Self {
        let _ = (&filter.since, &filter.until, &filter.application, &filter.number, &filter.preview);
        self
    }
}
