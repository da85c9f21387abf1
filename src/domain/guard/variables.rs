//! The variables of the environment that hold secrets, told by their names and by what their values look like.

use super::shapes;
use super::tell_tale::{is_tell_tale, words};
use super::words::{is_path, is_stand_in, is_wording};

/// Shorter values of variables are found in texts that have nothing to do with them.
const SHORTEST_VALUE: usize = 12;
/// From this length on words that are joined are a password, and not the name of something.
const SHORTEST_WORDING: usize = 16;
/// A password that stands in an address counts from this length on.
const SHORTEST_PASSWORD: usize = 8;
/// The last word of variables that hold a secret, beside those of all keys.
const SECRETS: [&str; 3] = ["pat", "jwt", "pem"];
/// The word before `KEY`, beside those of all keys.
const KEYS: [&str; 6] = ["jwt", "age", "gpg", "pgp", "tls", "sops"];
/// The word before `SECRET` where that is the name of a Secret.
const NAMED: [&str; 4] = ["pull", "tls", "existing", "image"];
/// The words of versions and ages at the end of a name, which say nothing of what it holds.
const AGES: [&str; 7] = ["v", "old", "new", "current", "previous", "next", "backup"];

/// Whether a variable of the environment holds a secret, by its name and by what its value looks like.
#[must_use]
pub fn is_secret_variable(name: &str, value: &str) -> bool {
    let value = value.trim();
    let is_template = value.starts_with("${") || value.starts_with("{{");
    if value.len() < SHORTEST_VALUE || !is_telling(name) || is_template {
        return false;
    }
    let is_address = value.contains("://") && !shapes::is_within(value);
    let is_name = is_wording(value) && (value.len() < SHORTEST_WORDING || value.contains(char::is_whitespace));
    !is_path(value) && !is_address && !is_name
}

/// The password of an address that a value is.
#[must_use]
pub fn password_of_address(value: &str) -> Option<&str> {
    let (_, rest) = value.trim().split_once("://").filter(|_| shapes::is_within(value))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A password that was not encoded may hold what ends an authority.
    let authority = if authority.contains('@') { authority } else { rest };
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (password.len() >= SHORTEST_PASSWORD && !is_wording(password) && !is_stand_in(password)).then_some(password)
}

/// Whether the last words of a name tell of a secret.
fn is_telling(name: &str) -> bool {
    let all = words(name);
    let mut words: Vec<_> = all.iter().map(|word| word.trim_end_matches(|last: char| last.is_ascii_digit())).collect();
    while let [_, .., last] = words.as_slice()
        && (last.is_empty() || AGES.contains(last))
    {
        words.pop();
    }
    match words.as_slice() {
        [.., before, "secret" | "secrets"] if NAMED.contains(before) => false,
        [.., before, "key"] if KEYS.contains(before) => true,
        [.., last] if SECRETS.contains(last) => true,
        words => is_tell_tale(&words.join("_")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_hold_secrets_by_their_names_and_values() {
        for (name, value) in [
            ("DB_PASSWORD", "q9Zr-kk31-aaXX"),
            ("DB_PASSWORD", "canary-database-password"),
            ("DB_PASSWORD", "/q9Zrkk31aaXX+8="),
            ("DB_PASSWORD_V2", "q9Zr-kk31-aaXX"),
            ("PASSWORD_OLD", "q9Zr-kk31-aaXX"),
            ("DB_PASS", "q9Zr-kk31-aaXX"),
            ("DB_PWD", "q9Zr-kk31-aaXX"),
            ("GH_PAT", "q9Zr-kk31-aaXX"),
            ("SSH_KEY", "q9Zr-kk31-aaXX"),
            ("JWT_KEY", "q9Zr-kk31-aaXX"),
            ("MYSQL_AUTH", "q9Zr-kk31-aaXX"),
            ("ACTIONS_RUNTIME_TOKEN", "eyJhbGciOiJub25lIn0"),
            ("my_api_key", "0123456789abcdef"),
            ("SENTRY_DSN", "https://u:p4ssw0rd@example.org/1"),
        ] {
            assert!(is_secret_variable(name, value), "{name}");
        }
    }

    #[test]
    fn variables_that_name_something_hold_no_secret() {
        for (name, value) in [
            ("PATH", "q9Zr-kk31-aaXX"),
            ("TOKEN_FILE", "/run/secrets/token"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/github/workspace/gha-creds-0f8fad5bd9cb469f.json"),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://pipelines.example.org/abc?api-version=2.0"),
            ("SECRET_STORE", "cluster-secret-store"),
            ("TOKEN_URL", "https://example.org/token"),
            ("SECRET_NAME", "wildside-backend-v2"),
            ("IMAGE_PULL_SECRET", "ghcr-pull-k8s"),
            ("VAULT_SECRET_PATH", "secret/data/ci/wildside-k8s"),
            ("AWS_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:wildside-AbCdEf"),
            ("SIGNING_KEY_ID", "k8s-eu1-wildside"),
            ("TOKEN_EXPIRES_AT", "2026-11-28T10:00:00Z"),
            ("PASSWORD_MIN_LENGTH", "000000000012"),
            ("EXTERNAL_SECRETS_WEBHOOK_SERVICE_HOST", "10.96.120.13"),
            ("WINDSNAP_DIR", "node20-linux-x64"),
            ("DB_PASSWORD", "short-words"),
            ("DB_PASSWORD", "${DB_PASSWORD_OF_CI}"),
        ] {
            assert!(!is_secret_variable(name, value), "{name}");
        }
    }

    #[test]
    fn the_password_of_an_address_is_taken_out_of_it() {
        for (value, expected) in [
            ("postgres://u:q9Zr-kk31@h/x", Some("q9Zr-kk31")),
            ("postgres://u:q9Zr/kk31@h/x", Some("q9Zr/kk31")),
            ("postgres://u:password@h/x", None),
            ("https://example.org/a:b@c", None),
            ("q9Zr-kk31", None),
        ] {
            assert_eq!(password_of_address(value), expected, "{value}");
        }
    }
}
