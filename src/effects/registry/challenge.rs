//! How a registry wants to be asked for access.
//! <https://distribution.github.io/distribution/spec/auth/token/>

use http_auth::parser::ChallengeParser;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// One of the two ways that registries know.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// The user's name and password, with each request.
    Basic,
    /// A token, which is to be had from somebody else.
    Bearer {
        /// Where.
        realm: String,
        /// For whom.
        service: Option<String>,
        /// Whether a token was shown that is good, and not enough.
        is_insufficient: bool,
    },
}

impl Challenge {
    /// The way that an answer asks for; the one with tokens, if it takes both. Nothing if it asks for none that is known.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let mut has_basic = false;
        for challenge in values.flat_map(ChallengeParser::new).map_while(Result::ok) {
            let parameter = |name: &str| {
                let mut found = challenge.params.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
                found.next().map(|(_, value)| value.to_unescaped())
            };
            if challenge.scheme.eq_ignore_ascii_case("bearer")
                && let Some(realm) = parameter("realm")
            {
                let is_insufficient = parameter("error").is_some_and(|error| error == "insufficient_scope");
                return Some(Self::Bearer { realm, service: parameter("service"), is_insufficient });
            }
            has_basic |= challenge.scheme.eq_ignore_ascii_case("basic");
        }
        has_basic.then_some(Self::Basic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<Challenge> {
        Challenge::of(&values.iter().map(|value| (WWW_AUTHENTICATE, value.parse().unwrap())).collect())
    }

    fn bearer(realm: &str, service: Option<&str>, is_insufficient: bool) -> Challenge {
        Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned), is_insufficient }
    }

    #[test]
    fn what_registries_ask_for_is_understood() {
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io""#;
        assert_eq!(of(&[hub]), Some(bearer("https://auth.docker.io/token", Some("registry.docker.io"), false)));
        let scope = r#"bearer realm="https://a/t",scope="repository:x:pull,push",error="insufficient_scope""#;
        assert_eq!(of(&[scope]), Some(bearer("https://a/t", None, true)));
        assert_eq!(of(&[r#"Basic realm="x""#]), Some(Challenge::Basic));
        let apart = [r#"Basic realm="x""#, r#"Bearer realm="https://a/t""#];
        for both in [&apart[..], &[&apart.join(", ")]] {
            assert_eq!(of(both), Some(bearer("https://a/t", None, false)), "{both:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_no_challenge() {
        for values in [&[][..], &[""], &["Negotiate"], &["Bearer service=\"x\""], &["Bearer realm=\"x"], &["\"\"="]] {
            assert_eq!(of(values), None, "{values:?}");
        }
    }
}
