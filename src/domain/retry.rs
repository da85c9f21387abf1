//! How long to wait before the next attempt, and when to give up.

use std::time::Duration;

/// Waits that double, each drawn from nothing up to its ceiling ("full jitter"), until the patience runs out.
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// How long to go on in all.
    pub patience: Duration,
    /// The ceiling of the first wait.
    pub first: Duration,
    /// The ceiling of every later wait.
    pub longest: Duration,
}

/// No wait is longer than this part of the patience that is left: who has waited longest tries most often in the end, and no
/// newcomer can keep it out.
const PART_OF_THE_REST: u32 = 4;

impl RetryPolicy {
    /// For a branch whose tip moves: others' commits take some tenths of a second each, and a hundred of them may want to commit
    /// at once. With waits up to 3 s in place of 10 s, most attempts of a hundred are in vain, and half of them never land.
    #[must_use]
    pub fn for_a_moving_tip(patience: Duration) -> Self {
        Self { patience, first: Duration::from_millis(200), longest: Duration::from_secs(10) }
    }

    /// The wait after `failed` attempts, `elapsed` after the first began; nothing when the patience has run out.
    ///
    /// `chance` is drawn evenly from 0 up to 1.
    #[must_use]
    pub fn wait(&self, failed: u32, elapsed: Duration, chance: f64) -> Option<Duration> {
        let doublings = failed.saturating_sub(1).min(20);
        let rest = self.patience.saturating_sub(elapsed) / PART_OF_THE_REST;
        let ceiling = self.first.saturating_mul(1 << doublings).min(self.longest).min(rest);
        let wait = ceiling.mul_f64(chance.clamp(0.0, 1.0));
        (elapsed + wait < self.patience).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_patience() {
        let policy = RetryPolicy {
            patience: Duration::from_secs(10),
            first: Duration::from_millis(100),
            longest: Duration::from_secs(1),
        };
        let table = [
            (1, 0, 1.0, Some(100)),
            (2, 0, 1.0, Some(200)),
            (4, 0, 1.0, Some(800)),
            (5, 0, 1.0, Some(1000)),
            (400, 0, 1.0, Some(1000)),
            (4, 0, 0.25, Some(200)),
            (4, 0, 0.0, Some(0)),
            (400, 6_000, 1.0, Some(1000)),
            (400, 8_000, 1.0, Some(500)),
            (400, 9_600, 1.0, Some(100)),
            (1, 9_996, 1.0, Some(1)),
            (1, 10_000, 0.0, None),
            (1, 11_000, 1.0, None),
        ];
        for (failed, elapsed, chance, wait) in table {
            let found = policy.wait(failed, Duration::from_millis(elapsed), chance);
            assert_eq!(found, wait.map(Duration::from_millis), "{failed} {elapsed} {chance}");
        }
    }

    #[test]
    fn a_moving_tip_is_tried_again_soon_and_for_as_long_as_there_is_patience() {
        let policy = RetryPolicy::for_a_moving_tip(Duration::from_mins(2));
        assert!(policy.wait(1, Duration::ZERO, 1.0).unwrap() <= Duration::from_millis(200));
        let longest = policy.wait(1_000, Duration::ZERO, 1.0).unwrap();
        assert!((Duration::from_secs(5)..Duration::from_secs(20)).contains(&longest));
        assert_eq!(policy.wait(1_000, Duration::from_secs(80), 1.0), Some(longest));
        assert_eq!(policy.wait(1_000, Duration::from_secs(119), 1.0), Some(Duration::from_millis(250)));
        assert_eq!(policy.wait(1_000, Duration::from_mins(2), 1.0), None);
    }
}
