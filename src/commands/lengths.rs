//! How lengths of time are shown in columns.

use jiff::SignedDuration;

/// The units, largest first, in seconds.
const UNITS: [(i64, &str); 4] = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m"), (1, "s")];

/// A length of time in its largest whole unit and the next smaller one: `3d 4h`, `12m`, `40s`. Never less than none.
#[must_use]
pub(super) fn short(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    let largest = UNITS.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(UNITS.len() - 1);
    let (unit, letter) = UNITS[largest];
    let whole = format!("{}{letter}", seconds / unit);
    match UNITS.get(largest + 1) {
        Some((smaller, letter)) if seconds % unit >= *smaller => {
            format!("{whole} {}{letter}", seconds % unit / smaller)
        }
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_shown_in_its_two_largest_units() {
        let table = [
            (-5, "0s"),
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (61, "1m 1s"),
            (3_600, "1h"),
            (90_000, "1d 1h"),
            (86_460, "1d"),
            (31_536_000, "365d"),
        ];
        for (seconds, shown) in table {
            assert_eq!(short(SignedDuration::from_secs(seconds)), shown);
        }
    }
}
