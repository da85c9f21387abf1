//! When a preview's time is up.

use jiff::Timestamp;

use super::configuration::{PreviewSettings, Ttl};
use super::pull_request::PullRequest;
use super::record::Record;

/// Whether a preview's life has an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expiry {
    /// It lives until its pull request closes.
    Never,
    /// It would have an end, but a label keeps it.
    Kept {
        /// The label.
        label: String,
    },
    /// It ends.
    At {
        /// When.
        end: Timestamp,
        /// From when on people are warned.
        warning: Timestamp,
    },
}

/// When the time of a recorded preview is up.
#[must_use]
pub fn of(settings: &PreviewSettings, pull_request: &PullRequest, record: &Record) -> Expiry {
    let (Ttl::After(_), Some(end)) = (settings.ttl, record.expires_at) else { return Expiry::Never };
    match pull_request.label_of(&settings.labels.keep) {
        Some(label) => Expiry::Kept { label: label.to_owned() },
        None => Expiry::At { end, warning: end.saturating_sub(settings.ttl_warning.0).unwrap_or(end) },
    }
}

impl Expiry {
    /// Since when the time is up, if it is.
    #[must_use]
    pub fn since(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At { end, .. } if *end <= now => Some(*end),
            _ => None,
        }
    }

    /// Whether people are to be warned.
    #[must_use]
    pub fn is_near(&self, now: Timestamp) -> bool {
        matches!(self, Self::At { warning, .. } if *warning <= now)
    }
}

/// The end of a preview that is pushed to, or asked for, now. A push never makes a life shorter.
#[must_use]
pub fn renewed(settings: &PreviewSettings, former: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    match settings.ttl {
        Ttl::None => None,
        Ttl::After(age) => {
            let end = now.saturating_add(age.0).unwrap_or(now);
            Some(former.map_or(end, |former| former.max(end)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::configuration::Age;
    use crate::domain::tests::{at, pull_request, record};

    const END: &str = "2026-11-28T12:00:00Z";

    fn settings(hours: Option<u64>) -> PreviewSettings {
        let ttl = hours.map_or(Ttl::None, |hours| Ttl::After(Age(Duration::from_hours(hours))));
        PreviewSettings { ttl, ..PreviewSettings::default() }
    }

    fn ending() -> Record {
        Record { expires_at: Some(at(END)), ..record() }
    }

    #[test]
    fn an_end_counts_where_lives_end_and_no_label_keeps_the_preview() {
        let (mut kept, mut labels) = (pull_request(), settings(Some(1)));
        kept.labels.push("KEEP-preview".to_owned());
        let ends = Expiry::At { end: at(END), warning: at("2026-11-27T12:00:00Z") };
        assert_eq!(of(&settings(Some(1)), &pull_request(), &ending()), ends);
        assert_eq!(of(&settings(Some(1)), &kept, &ending()), Expiry::Kept { label: "keep-preview".to_owned() });
        labels.labels.keep = Vec::new();
        assert_eq!(of(&labels, &kept, &ending()), ends);
        for pull_request in [pull_request(), kept] {
            assert_eq!(of(&settings(Some(1)), &pull_request, &record()), Expiry::Never);
            assert_eq!(of(&settings(None), &pull_request, &ending()), Expiry::Never);
        }
    }

    #[test]
    fn people_are_warned_from_the_warning_on_and_the_time_is_up_at_the_end() {
        let expiry = of(&settings(Some(1)), &pull_request(), &ending());
        for (now, is_near, since) in [
            ("2026-11-27T11:59:59.999999999Z", false, None),
            ("2026-11-27T12:00:00Z", true, None),
            ("2026-11-28T11:59:59.999999999Z", true, None),
            (END, true, Some(at(END))),
            ("2027-01-01T00:00:00Z", true, Some(at(END))),
        ] {
            assert_eq!((expiry.is_near(at(now)), expiry.since(at(now))), (is_near, since), "{now}");
        }
        for endless in [Expiry::Never, Expiry::Kept { label: "keep".to_owned() }] {
            assert_eq!((endless.is_near(Timestamp::MAX), endless.since(Timestamp::MAX)), (false, None));
        }
    }

    #[test]
    fn a_warning_that_is_longer_than_a_life_or_than_time_itself_warns_at_once() {
        for hours in [24 * 365, 24 * 365 * 100_000] {
            let mut settings = settings(Some(1));
            settings.ttl_warning = Age(Duration::from_hours(hours));
            let expiry = of(&settings, &pull_request(), &ending());
            assert!(expiry.is_near(at("2026-11-21T12:00:00Z")), "{hours}");
            assert_eq!(expiry.since(at("2026-11-21T12:00:00Z")), None);
        }
    }

    #[test]
    fn a_push_begins_a_life_anew_and_makes_none_shorter() {
        let now = at("2026-11-21T12:00:00Z");
        for (hours, former, expected) in [
            (None, None, None),
            (None, Some(END), None),
            (Some(1), None, Some("2026-11-21T13:00:00Z")),
            (Some(1), Some("2026-11-01T00:00:00Z"), Some("2026-11-21T13:00:00Z")),
            (Some(1), Some("2026-11-21T12:59:59Z"), Some("2026-11-21T13:00:00Z")),
            // The life is shorter now than it was; or the clock of the last run was ahead of this one's.
            (Some(1), Some(END), Some(END)),
        ] {
            assert_eq!(renewed(&settings(hours), former.map(at), now), expected.map(at), "{hours:?} {former:?}");
        }
    }

    #[test]
    fn a_life_that_is_longer_than_time_itself_does_not_end_at_once() {
        let longest = "4294967295w".parse::<Age>().unwrap();
        let settings = PreviewSettings { ttl: Ttl::After(longest), ..PreviewSettings::default() };
        let end = renewed(&settings, None, at(END)).unwrap();
        assert!(end > at("9999-01-01T00:00:00Z"), "{end}");
    }

    proptest! {
        #[test]
        fn every_push_leaves_at_least_a_whole_life_and_never_less_than_before(
            hours in 1..100_000_u64, former in prop::option::of(0..4_000_000_000_i64), now in 0..4_000_000_000_i64,
        ) {
            let moment = |second| Timestamp::from_second(second).unwrap();
            let end = renewed(&settings(Some(hours)), former.map(moment), moment(now)).unwrap();
            prop_assert!(end.duration_since(moment(now)).as_secs() >= i64::try_from(hours * 3600).unwrap());
            prop_assert!(former.is_none_or(|former| end >= moment(former)));
            let record = Record { expires_at: Some(end), ..record() };
            let expiry = of(&settings(Some(hours)), &pull_request(), &record);
            prop_assert_eq!(expiry.since(moment(now)), None);
        }
    }
}
