//! Whose clock counts.

use jiff::{SignedDuration, Timestamp};

/// How far two clocks may be apart before one of them counts as wrong.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The time: this machine's, unless it is far from the forge's. Lives end by it, and a wrong clock must not end them.
#[must_use]
pub fn agreed(own: Timestamp, forge: Option<Timestamp>) -> Timestamp {
    forge.filter(|forge| own.duration_since(*forge).abs() > TOLERANCE).unwrap_or(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forges_clock_counts_when_ours_is_far_off() {
        let second = |second| Timestamp::from_second(second).unwrap();
        let own = second(1_000_000);
        assert_eq!(agreed(own, None), own);
        for (forge, counts) in [(1_000_000, 1_000_000), (1_000_300, 1_000_000), (999_700, 1_000_000)] {
            assert_eq!(agreed(own, Some(second(forge))), second(counts));
        }
        for forge in [1_000_301, 999_699, 0, 4_000_000_000] {
            assert_eq!(agreed(own, Some(second(forge))), second(forge));
        }
    }
}
