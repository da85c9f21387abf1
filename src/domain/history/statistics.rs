//! How previews lived, in numbers.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::{End, Filter, History, Life, Median, Statistics, Told, Week};
use crate::domain::names::CommitId;

/// How many weeks before and after the middle one are counted, ten years either way: whoever has a clock that is centuries off
/// makes no list of thousands of weeks.
const WEEKS: i64 = 522;

impl History {
    /// The numbers of what is asked for: of the lives that `filter` admits, what happened in the time that it covers.
    ///
    /// A length that is negative, by clocks that run backwards, counts nowhere; neither do those of a squash, nor a life of which no commit says when
    /// it began or ended. Of each head commit the first commit counts that shows it.
    #[must_use]
    pub fn statistics(&self, filter: &Filter) -> Statistics {
        let lives: Vec<_> = self.lives.iter().filter(|life| filter.admits(life)).collect();
        let squashed = self.squashed();
        let began = lives.iter().filter_map(|life| life.began_at).filter(|at| filter.covers(*at));
        Statistics {
            lives: lives.len(),
            up: lives.iter().filter(|life| matches!(life.end, End::StillUp { .. })).count(),
            weeks: weeks(began.filter_map(monday).collect()),
            life: median(lives.iter().filter_map(|life| length(life, filter, &squashed)).collect()),
            push_to_commit: median(lives.iter().flat_map(|life| delays(life, filter, &squashed)).collect()),
        }
    }
}

impl History {
    /// The commits that put up or bring up to date and say something else besides: what was put together to one commit did not
    /// happen when that was made.
    fn squashed(&self) -> HashSet<&CommitId> {
        let mut said = HashMap::<_, (usize, bool)>::new();
        for moment in self.lives.iter().flat_map(|life| &life.moments) {
            let (count, shows) = said.entry(&moment.apps_commit).or_default();
            *count += 1;
            *shows |= is_shown(moment.change);
        }
        said.into_iter().filter(|(_, (count, shows))| *count > 1 && *shows).map(|(commit, _)| commit).collect()
    }
}

/// Whether a change lets a preview show another commit.
fn is_shown(told: Told) -> bool {
    matches!(told, Told::PutUp | Told::Updated)
}

/// How long a life was that has ended.
fn length(life: &Life, filter: &Filter, squashed: &HashSet<&CommitId>) -> Option<SignedDuration> {
    let mut ends = life.moments.iter().filter(|moment| matches!(moment.change, Told::PutUp | Told::Removed));
    if ends.any(|moment| squashed.contains(&moment.apps_commit)) {
        return None;
    }
    match (life.began_at, life.end) {
        (Some(began), End::Removed { at }) if filter.covers(at) => Some(at.duration_since(began)),
        _ => None,
    }
}

/// How long each push of a life took to be shown.
fn delays(life: &Life, filter: &Filter, squashed: &HashSet<&CommitId>) -> Vec<SignedDuration> {
    let mut known = HashSet::new();
    let moments = life.moments.iter().filter(|moment| is_shown(moment.change));
    let first = moments.filter(|moment| moment.commit.as_ref().is_none_or(|commit| known.insert(commit)));
    let told = first.filter(|moment| filter.covers(moment.at) && !squashed.contains(&moment.apps_commit));
    told.filter_map(|moment| Some(moment.at.duration_since(moment.pushed_at?))).collect()
}

/// The middle of what is not negative.
fn median(mut lengths: Vec<SignedDuration>) -> Option<Median> {
    lengths.retain(|length| !length.is_negative());
    lengths.sort_unstable();
    let middle = lengths.len() / 2;
    let upper = *lengths.get(middle)?;
    let length = if lengths.len() % 2 == 1 { upper } else { (lengths[middle - 1] + upper) / 2 };
    Some(Median { length, of: lengths.len() })
}

/// The Monday of a week.
fn monday(at: Timestamp) -> Option<Date> {
    let date = at.to_zoned(TimeZone::UTC).date();
    date.checked_sub(Span::new().days(date.weekday().to_monday_zero_offset())).ok()
}

/// How many there are of each Monday, with those in between.
fn weeks(mut mondays: Vec<Date>) -> Vec<Week> {
    mondays.sort_unstable();
    let Some(middle) = mondays.get(mondays.len() / 2).copied() else { return Vec::new() };
    let reach = Span::new().weeks(WEEKS);
    let (earliest, latest) = (middle.saturating_sub(reach), middle.saturating_add(reach));
    let mut counted = BTreeMap::new();
    for monday in mondays.into_iter().filter(|monday| (earliest..=latest).contains(monday)) {
        *counted.entry(monday).or_insert(0) += 1;
    }
    let (Some((first, _)), Some((last, _))) = (counted.first_key_value(), counted.last_key_value()) else {
        return Vec::new();
    };
    let all = first.series(Span::new().weeks(1)).take_while(|monday| monday <= last);
    all.map(|monday| Week { monday, put_up: counted.get(&monday).copied().unwrap_or_default() }).collect()
}

#[cfg(test)]
mod tests;
