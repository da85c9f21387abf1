//! What a token may do, as far as GitHub tells without anything being written.

use http::Method;
use jiff::Timestamp;
use jiff::fmt::strtime;
use serde_json::Value;

use super::answer::Answer;
use super::{GitHub, Request};
use crate::domain::diagnosis::access::AccessSeen;
use crate::ports::{ForgeError, Rights};

const WHAT: &str = "look at the repository";

impl Rights for GitHub {
    async fn access(&self) -> Result<AccessSeen, ForgeError> {
        let path = format!("{}/repos/{}", self.rest.path, self.repository);
        let request = Request { method: Method::GET, path, body: None, what: WHAT, is_repeatable: true };
        let answer = self.rest.send(&request).await?;
        let scopes = answer.header("x-oauth-scopes").map(|scopes| {
            let scopes = scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty());
            scopes.map(str::to_owned).collect()
        });
        let expires_at = expiry(&answer);
        let told = answer.success(WHAT)?;
        Ok(AccessSeen { may_write: may_write(&told), scopes, expires_at, is_archived: told["archived"] == true })
    }
}

/// What the role of the token's owner allows. The token of an App has none, and is told `false` throughout.
fn may_write(repository: &Value) -> Option<bool> {
    let may = |what: &str| repository.pointer(&format!("/permissions/{what}")).and_then(Value::as_bool);
    if may("pull") == Some(true) { may("push") } else { None }
}

/// When the token ends: <https://github.blog/changelog/2021-07-26-expiration-options-for-personal-access-tokens/>
fn expiry(answer: &Answer) -> Option<Timestamp> {
    let text = answer.header("github-authentication-token-expiration")?.trim();
    let with_offset = text.strip_suffix(" UTC").map_or_else(|| text.to_owned(), |text| format!("{text} +0000"));
    strtime::parse("%Y-%m-%d %H:%M:%S %z", with_offset).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_end_of_a_token_is_read_however_it_is_written() {
        let table = [
            ("2026-12-21 10:00:00 UTC", Some("2026-12-21T10:00:00Z")),
            ("2026-12-21 10:00:00 +0200", Some("2026-12-21T08:00:00Z")),
            ("2026-12-21 10:00:00 -0500", Some("2026-12-21T15:00:00Z")),
            ("soon", None),
        ];
        for (text, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert("github-authentication-token-expiration", text.parse().unwrap());
            let found = expiry(&Answer::new(200, &headers, "{}"));
            assert_eq!(found, expected.map(|expected| expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_role_counts_only_where_there_is_one() {
        let permissions = |pull: bool, push: bool| json!({"permissions": {"pull": pull, "push": push}});
        assert_eq!(may_write(&permissions(true, true)), Some(true));
        assert_eq!(may_write(&permissions(true, false)), Some(false));
        assert_eq!((may_write(&permissions(false, false)), may_write(&json!({}))), (None, None));
    }
}
