//! When a request that failed is sent again, and after how long.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

/// How often a request is sent before a failure of the forge counts.
const ATTEMPTS: u32 = 3;
/// The wait after the first failure of the forge; every further one is four times as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// How often one request waits for a limit.
const LIMITED_WAITS: u32 = 2;
/// How long one request waits for limits in all.
const PATIENCE: Duration = Duration::from_mins(1);
/// The wait for a limit that says nothing of its end.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
const UNTOLD: Duration = Duration::from_mins(1);

/// How a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The forge failed or the connection broke: nobody knows whether the request took effect.
    Ambiguous,
    /// The forge limits how often it is asked, and tells until when or not: the request took no effect.
    Limited(Option<Duration>),
}

/// What one request has been through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tries {
    /// How often the forge failed or the connection broke.
    failures: u32,
    /// How often it was waited for a limit.
    limits: u32,
    /// How long it was waited for limits.
    waited: Duration,
}

impl Tries {
    /// How long to wait before the request is sent again, and what it has been through then. Nothing when it is given
    /// up.
    pub(super) fn after(self, failure: Failure, is_repeatable: bool) -> Option<(Duration, Self)> {
        match failure {
            Failure::Ambiguous => {
                let failures = self.failures + 1;
                let wait = FIRST_WAIT * 4_u32.pow(self.failures);
                (is_repeatable && failures < ATTEMPTS).then_some((wait, Self { failures, ..self }))
            }
            Failure::Limited(told) => {
                let wait = told.unwrap_or(UNTOLD);
                let (limits, waited) = (self.limits + 1, self.waited.saturating_add(wait));
                let is_short = limits <= LIMITED_WAITS && waited <= PATIENCE;
                is_short.then_some((wait, Self { limits, waited, ..self }))
            }
        }
    }
}

/// Whether the headers say that the limit is used up.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
pub(super) fn is_used_up(headers: &HeaderMap) -> bool {
    headers.contains_key("retry-after") || has_nothing_left(headers)
}

/// After how long the forge may be asked again, where its headers say so. Both moments are of the forge's own clock.
pub(super) fn told(headers: &HeaderMap, date: Option<Timestamp>) -> Option<Duration> {
    if let Some(seconds) = number(headers, "retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    if !has_nothing_left(headers) {
        return None;
    }
    let reset = number(headers, "x-ratelimit-reset")?;
    let now = u64::try_from(date?.as_second()).ok()?;
    // A limit that has just ended may still be in force on another of the forge's machines.
    Some(Duration::from_secs(reset.saturating_sub(now).max(1)))
}

fn has_nothing_left(headers: &HeaderMap) -> bool {
    headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0")
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    /// The failures of a request, whether it is repeatable, and the waits in milliseconds.
    type Course<'a> = (&'a [Failure], bool, &'a [Option<u128>]);
    /// The headers of an answer, whether the limit is used up, and the wait in seconds.
    type Told<'a> = (&'a [(&'static str, &'static str)], bool, Option<u64>);

    fn waits(failures: &[Failure], is_repeatable: bool) -> Vec<Option<u128>> {
        let mut tries = Tries::default();
        let mut waits = Vec::new();
        for failure in failures {
            let next = tries.after(*failure, is_repeatable);
            waits.push(next.map(|(wait, _)| wait.as_millis()));
            tries = next.map_or(tries, |(_, tries)| tries);
        }
        waits
    }

    #[test]
    fn what_may_have_taken_effect_is_repeated_only_where_that_does_no_harm() {
        let (broken, limited) = (Failure::Ambiguous, |seconds| Failure::Limited(Some(Duration::from_secs(seconds))));
        let table: [Course<'_>; 9] = [
            (&[broken, broken, broken], true, &[Some(200), Some(800), None]),
            (&[broken], false, &[None]),
            (&[limited(5), limited(7), limited(1)], false, &[Some(5_000), Some(7_000), None]),
            (&[limited(60)], true, &[Some(60_000)]),
            (&[limited(61)], true, &[None]),
            (&[limited(31), limited(30)], true, &[Some(31_000), None]),
            (&[Failure::Limited(None), limited(0)], false, &[Some(60_000), Some(0)]),
            (&[Failure::Limited(None), Failure::Limited(None)], true, &[Some(60_000), None]),
            (&[broken, limited(2), broken, broken], true, &[Some(200), Some(2_000), Some(800), None]),
        ];
        for (failures, is_repeatable, expected) in table {
            assert_eq!(waits(failures, is_repeatable), expected, "{failures:?} {is_repeatable}");
        }
        assert_eq!(waits(&[Failure::Limited(Some(Duration::MAX)), limited(1)], true), [None, Some(1_000)]);
    }

    #[test]
    fn the_wait_is_what_the_headers_say() {
        let (spent, reset) = (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1000030"));
        let table: [Told<'_>; 9] = [
            (&[], false, None),
            (&[("retry-after", "7")], true, Some(7)),
            (&[("retry-after", "7"), spent, reset], true, Some(7)),
            (&[("retry-after", "soon")], true, None),
            (&[spent, reset], true, Some(30)),
            (&[spent, ("x-ratelimit-reset", "999999")], true, Some(1)),
            (&[spent, ("x-ratelimit-reset", "-1")], true, None),
            (&[spent], true, None),
            (&[("x-ratelimit-remaining", "10"), reset], false, None),
        ];
        for (pairs, used_up, expected) in table {
            let pairs = pairs.iter();
            let headers: HeaderMap =
                pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
            let date = Timestamp::from_second(1_000_000).ok();
            assert_eq!(is_used_up(&headers), used_up, "{headers:?}");
            assert_eq!(told(&headers, date), expected.map(Duration::from_secs), "{headers:?}");
            assert!(used_up || told(&headers, None).is_none());
        }
    }
}
