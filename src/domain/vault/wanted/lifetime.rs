//! How long a token or a secret-id lives.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::names::text_or_number;
use crate::domain::text_type::InvalidText;

/// The units of a length of time, the longest first, in seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A length of time in whole seconds. What nothing means is the field's to say: mostly, no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(u32);

impl Lifetime {
    /// No time at all, which Vault takes for no end, or for its own default.
    pub const NONE: Self = Self(0);

    /// A number of seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// The number of seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 as u64
    }

    /// Whether it is no time at all.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// The seconds of `4h30m`: each unit once, the longest first.
fn seconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut seconds: u64 = 0;
    for (unit, each) in UNITS {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        if let Some(after) = after.strip_prefix(unit) {
            seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(each)?)?;
            rest = after;
        }
    }
    rest.is_empty().then_some(seconds)
}

impl FromStr for Lifetime {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let found = if is_number { text.parse().ok() } else { seconds(text).filter(|_| !text.is_empty()) };
        found.and_then(|seconds| u32::try_from(seconds).ok()).map(Self).ok_or_else(|| {
            InvalidText(format!(
                "`{}` is not a length of time: write it as `90m`, `4h30m` or `7d`, or as a number of seconds",
                text.escape_debug()
            ))
        })
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.seconds();
        if rest == 0 {
            return formatter.write_str("0");
        }
        for (unit, each) in UNITS {
            if rest >= each {
                write!(formatter, "{}{unit}", rest / each)?;
                rest %= each;
            }
        }
        Ok(())
    }
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_number(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Lifetime {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lifetime".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "integer"]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_length_of_time_is_read_in_each_of_its_forms() {
        for (text, seconds, shown) in [
            ("1h", 3600, "1h"),
            ("90m", 5400, "1h30m"),
            ("768h", 2_764_800, "32d"),
            ("4h30m", 16_200, "4h30m"),
            ("3600", 3600, "1h"),
            ("7d", 604_800, "7d"),
            ("1d1s", 86_401, "1d1s"),
            ("0", 0, "0"),
            ("0s", 0, "0"),
        ] {
            let lifetime: Lifetime = text.parse().unwrap();
            assert_eq!((lifetime.seconds(), lifetime.to_string().as_str()), (seconds, shown), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for wrong in ["", "h", "-1h", "+1", "1.5h", "1h1h", "30m4h", "1w", "1 h", "99999999999", "1hx", "h1", "1h30"] {
            let found = wrong.parse::<Lifetime>();
            assert!(found.is_err(), "{wrong}: {found:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back_as_it_was(seconds in any::<u32>()) {
            let lifetime = Lifetime::from_seconds(seconds);
            prop_assert_eq!(lifetime.to_string().parse::<Lifetime>().unwrap(), lifetime);
        }

        #[test]
        fn no_text_breaks_the_parser(text in "\\PC{0,12}|[0-9dhms]{0,24}") {
            let _ = text.parse::<Lifetime>();
        }
    }
}
