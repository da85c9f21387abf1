//! A point in time, as people give it.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A point in time: a day, a moment, or how long ago it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A day, in UTC.
    Day(Date),
    /// A moment.
    At(Timestamp),
    /// So long ago.
    Ago(SignedDuration),
}

impl When {
    /// Its beginning.
    #[must_use]
    pub fn beginning(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Day(day) => midnight(day),
            Self::At(at) => at,
            Self::Ago(length) => now.checked_sub(length).unwrap_or(Timestamp::MIN),
        }
    }

    /// Its end: the beginning of the day after, for a day.
    #[must_use]
    pub fn end(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Day(day) => day.tomorrow().map_or(Timestamp::MAX, midnight),
            Self::At(_) | Self::Ago(_) => self.beginning(now),
        }
    }
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |zoned| zoned.timestamp())
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let is_date =
            text.len() == "2026-11-01".len() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let wrong = || {
            "give a date such as `2026-11-01`, a timestamp such as `2026-11-01T12:00:00Z`, or how long ago, such as `30d`, `2w` or `12h`".to_owned()
        };
        if is_date {
            return text.parse().map(Self::Day).map_err(|_| wrong());
        }
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let span: Span = text.parse().map_err(|_| wrong())?;
        let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
        if length.is_negative() { Err(wrong()) } else { Ok(Self::Ago(length)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_a_moment_and_an_age_are_points_in_time() {
        let now = at("2026-11-22T12:00:00Z");
        let table = [
            ("2026-11-01", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
            ("2026-11-01T10:00:00+02:00", "2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
            ("30d", "2026-10-23T12:00:00Z", "2026-10-23T12:00:00Z"),
            (" 2w ", "2026-11-08T12:00:00Z", "2026-11-08T12:00:00Z"),
            ("12h", "2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z"),
        ];
        for (text, beginning, end) in table {
            let when: When = text.parse().unwrap();
            assert_eq!((when.beginning(now), when.end(now)), (at(beginning), at(end)), "{text}");
        }
    }

    #[test]
    fn what_is_no_point_in_time_is_refused_with_what_would_be() {
        for text in ["", "yesterday", "2026-13-01", "2026-11-31", "-3d", "3mo", "2y", "30", "99999999999999d"] {
            assert!(text.parse::<When>().unwrap_err().contains("`30d`"), "{text}");
        }
    }
}
