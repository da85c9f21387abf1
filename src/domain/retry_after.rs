//! When a server wants to be asked again. <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Nobody waits longer.
const LONGEST: Duration = Duration::from_hours(24);

/// How long to wait by the value of `Retry-After`, a number of seconds or a date, of an answer that was given `at` that moment.
/// Nothing when it is neither.
#[must_use]
pub fn retry_after(value: &str, at: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let until = moment(value)?;
    Some(Duration::try_from(until.duration_since(at)).unwrap_or_default().min(LONGEST))
}

/// The moment that a date of HTTP says, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
#[must_use]
pub fn moment(date: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(date.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood_and_anything_else_says_nothing() {
        let at: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        for (value, expected) in [
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("120", Some(120)),
            ("99999999999999999999999999", Some(86_400)),
            ("Sun, 22 Nov 2026 12:00:09 GMT", Some(9)),
            ("Sun, 22 Nov 2026 11:00:00 GMT", Some(0)),
            ("Mon, 22 Nov 2027 12:00:00 GMT", Some(86_400)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("2026-11-22T12:00:09Z", None),
        ] {
            assert_eq!(retry_after(value, at), expected.map(Duration::from_secs), "{value}");
        }
    }
}
