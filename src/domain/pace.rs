//! How fast a forge may be told things: what creates content is limited by the minute and by the hour.
//! <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits>

use std::collections::VecDeque;
use std::time::Duration;

/// The most requests that create content within a minute.
pub const PER_MINUTE: usize = 80;
/// The most requests that create content within an hour. GitHub's limit is 500; the rest is for the runs of pull requests.
pub const PER_HOUR: usize = 400;

const MINUTE: Duration = Duration::from_mins(1);

/// The requests of one run that created content. A run is never as long as an hour.
#[derive(Debug, Clone)]
pub struct Pace {
    /// How many more may be made.
    left: usize,
    /// When the latest of them were made, counted from the start of the run.
    latest: VecDeque<Duration>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { left: PER_HOUR, latest: VecDeque::new() }
    }
}

impl Pace {
    /// How long to wait before `requests` more may be made; nothing when the hour has no room for them.
    #[must_use]
    pub fn wait(&self, requests: usize, elapsed: Duration) -> Option<Duration> {
        if requests > self.left {
            return None;
        }
        let free = PER_MINUTE.saturating_sub(requests);
        // The one that has to be a minute ago for the rest of the last minute to leave room.
        let in_the_way = self.latest.len().checked_sub(free + 1).and_then(|index| self.latest.get(index));
        Some(in_the_way.map_or(Duration::ZERO, |made| (*made + MINUTE).saturating_sub(elapsed)))
    }

    /// Remembers that a request was made.
    pub fn count(&mut self, elapsed: Duration) {
        self.left = self.left.saturating_sub(1);
        self.latest.push_back(elapsed);
        if self.latest.len() > PER_MINUTE {
            self.latest.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Makes requests as fast as they may be made, and returns when each was.
    fn run(each: usize) -> Vec<Duration> {
        let (mut pace, mut elapsed, mut made) = (Pace::default(), Duration::ZERO, Vec::new());
        while let Some(wait) = pace.wait(each, elapsed) {
            elapsed += wait;
            for _ in 0..each {
                pace.count(elapsed);
                made.push(elapsed);
            }
        }
        made
    }

    #[test]
    fn no_minute_has_more_than_its_share_and_the_hour_ends() {
        for each in [1, 2, 3, 7] {
            let made = run(each);
            assert_eq!(made.len(), PER_HOUR / each * each);
            for window in made.windows(PER_MINUTE + 1) {
                assert!(window[PER_MINUTE] >= window[0] + MINUTE, "{window:?}");
            }
            assert_eq!(made[PER_MINUTE / each * each - 1], Duration::ZERO, "the first ones do not wait");
            assert!(*made.last().unwrap() < 6 * MINUTE, "nobody waits longer than needed");
        }
    }

    #[test]
    fn more_at_once_than_a_minute_takes_wait_for_the_last_one() {
        let mut pace = Pace::default();
        assert_eq!(pace.wait(PER_MINUTE + 5, Duration::ZERO), Some(Duration::ZERO));
        pace.count(Duration::from_secs(3));
        assert_eq!(pace.wait(PER_MINUTE + 5, Duration::from_secs(10)), Some(Duration::from_secs(53)));
        assert_eq!(pace.wait(PER_MINUTE + 5, Duration::from_secs(70)), Some(Duration::ZERO));
        assert_eq!(pace.wait(PER_HOUR, Duration::from_secs(70)), None);
    }

    proptest! {
        #[test]
        fn announcements_of_any_size_at_any_time_keep_the_pace_and_wait_no_longer_than_needed(
            steps in prop::collection::vec((1..20_usize, 0..40_u64), 1..120),
        ) {
            let (mut pace, mut elapsed, mut all) = (Pace::default(), Duration::ZERO, Vec::<Duration>::new());
            for (requests, idle) in steps {
                elapsed += Duration::from_secs(idle);
                let room = PER_HOUR - all.len();
                let Some(wait) = pace.wait(requests, elapsed) else {
                    prop_assert!(requests > room);
                    continue;
                };
                prop_assert!(requests <= room);
                let within = |start: Duration| all.iter().filter(|at| **at + MINUTE > start).count() + requests;
                prop_assert!(within(elapsed + wait) <= PER_MINUTE);
                let sooner = (elapsed + wait).saturating_sub(Duration::from_nanos(1));
                prop_assert!(wait.is_zero() || within(sooner) > PER_MINUTE, "{:?} is too long", wait);
                elapsed += wait;
                for _ in 0..requests {
                    pace.count(elapsed);
                    all.push(elapsed);
                }
            }
        }
    }
}
