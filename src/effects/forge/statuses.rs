//! The statuses of commits.

use http::Method;
use serde_json::Value;

use super::{GitHub, answer};
use crate::domain::names::CommitId;
use crate::domain::readiness::{CommitStatus, StatusState};
use crate::ports::{CommitStatuses, ForgeError};

/// The most pages that are read of one commit's.
const PAGES: usize = 10;

impl CommitStatuses for GitHub {
    async fn statuses(&self, commit: &CommitId) -> Result<Vec<CommitStatus>, ForgeError> {
        let mut found = Vec::new();
        for page in 1..=PAGES {
            let path = format!("commits/{commit}/statuses?per_page=100&page={page}");
            let listed = self.done(self.write(Method::GET, &path, "read the statuses of a commit", true)).await?;
            let listed = listed.as_array().map_or(&[][..], Vec::as_slice);
            found.extend(listed.iter().filter_map(status));
            if listed.len() < 100 {
                break;
            }
        }
        Ok(found)
    }
}

fn status(one: &Value) -> Option<CommitStatus> {
    let state = match one.get("state")?.as_str()? {
        "success" => StatusState::Success,
        "pending" => StatusState::Pending,
        _ => StatusState::Failure,
    };
    Some(CommitStatus {
        context: one.get("context")?.as_str()?.to_owned(),
        state,
        description: answer::text(one, "/description"),
        at: answer::text(one, "/updated_at").parse().ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_status_is_read_and_what_is_none_is_left_out() {
        let told = json!({
            "context": "helmrelease/shop/1", "state": "success", "description": null, "updated_at": "2026-11-21T10:00:00Z",
        });
        let found = status(&told).unwrap();
        assert_eq!(
            (found.context.as_str(), found.state, found.description.as_str()),
            ("helmrelease/shop/1", StatusState::Success, "")
        );
        assert_eq!(found.at, "2026-11-21T10:00:00Z".parse().ok());
        for (word, state) in
            [("pending", StatusState::Pending), ("failure", StatusState::Failure), ("error", StatusState::Failure)]
        {
            assert_eq!(status(&json!({"context": "x", "state": word})).unwrap().state, state);
        }
        for odd in [json!(null), json!({}), json!({"state": "success"}), json!({"context": 7, "state": "success"})] {
            assert_eq!(status(&odd), None, "{odd}");
        }
    }
}
