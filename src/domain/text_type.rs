//! The one shape of a validated text: parsed once, carried as proof.

/// Declares a text that can only be made by passing `$check`.
///
/// `$check` is `fn(&str) -> Result<(), String>`, whose error states the rule. The type can be parsed, shown, compared,
/// read from YAML and described by a JSON Schema.
macro_rules! text_type {
    ($(#[$meta:meta])* $name:ident, $check:path) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
        #[serde(transparent)]
        #[schemars(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::domain::text_type::InvalidText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $check(text).map_err(crate::domain::text_type::InvalidText)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use text_type;

/// A default that stands in the code. Each is parsed by the tests.
pub(crate) fn text_default<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| unreachable!("a default keeps the rule of its type"))
}

/// A text that breaks the rule of its type. The message quotes the text and states the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidText(pub(crate) String);
