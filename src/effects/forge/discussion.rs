//! What people may do, how their comments are answered, and the labels and commits that they name.

use http::Method;
use serde_json::{Value, json};

use super::writes::{encoded, gone_is_fine};
use super::{GitHub, answer};
use crate::domain::approval::{CommitPrefix, Login};
use crate::domain::conversation::CommentId;
use crate::domain::fork_build::Permission;
use crate::domain::names::{CommitId, PullRequestNumber};
use crate::domain::slash_command::Reaction;
use crate::ports::{Discussion, ForgeError};

impl Discussion for GitHub {
    async fn permission(&self, login: &Login) -> Result<Option<Permission>, ForgeError> {
        let what = "look up what an account may do";
        let path = format!("collaborators/{}/permission", encoded(login.as_str()));
        match self.done(self.write(Method::GET, &path, what, true)).await {
            Ok(told) => permission(&told).map_err(|message| ForgeError::Senseless { what, message }),
            Err(ForgeError::NotFound { .. }) => Ok(None),
            Err(why) => Err(why),
        }
    }

    async fn react(&self, comment: CommentId, reaction: Reaction) -> Result<(), ForgeError> {
        let path = format!("issues/comments/{}/reactions", comment.0);
        let request = self.write(Method::POST, &path, "react to a comment", true);
        gone_is_fine(self.done(request.with(json!({"content": content(reaction)}))).await)
    }

    async fn add_label(&self, number: PullRequestNumber, label: &str) -> Result<(), ForgeError> {
        let request =
            self.write(Method::POST, &format!("issues/{number}/labels"), "put a label on a pull request", true);
        self.done(request.with(json!({"labels": [label]}))).await.map(|_| ())
    }

    async fn remove_label(&self, number: PullRequestNumber, label: &str) -> Result<(), ForgeError> {
        let path = format!("issues/{number}/labels/{}", encoded(label));
        gone_is_fine(self.done(self.write(Method::DELETE, &path, "take a label off a pull request", true)).await)
    }

    async fn commit_of(&self, prefix: &CommitPrefix) -> Result<Option<CommitId>, ForgeError> {
        // The forge tells of the files too, in pages.
        let path = format!("commits/{prefix}?per_page=1");
        match self.done(self.write(Method::GET, &path, "look up a commit", true)).await {
            // A branch or a tag may have such a name.
            Ok(told) => Ok(answer::text(&told, "/sha").parse().ok().filter(|commit| prefix.begins(commit))),
            Err(ForgeError::NotFound { .. } | ForgeError::Failed { status: 422, .. }) => Ok(None),
            Err(why) => Err(why),
        }
    }
}

/// What somebody may do. GitHub tells it in its oldest words, in which to maintain is to write, to triage is to read, and a role
/// that an organization has made up is the one that it is built on.
/// <https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user>
fn permission(told: &Value) -> Result<Option<Permission>, String> {
    let role = told.get("permission").and_then(Value::as_str).ok_or("it holds no permission")?;
    if role == "none" {
        return Ok(None);
    }
    let account =
        told.pointer("/user/id").and_then(Value::as_u64).ok_or("it does not tell the number of the account")?;
    let login = answer::text(told, "/user/login").parse().map_err(|why| format!("{why}"))?;
    Ok(Some(Permission { account, login, may_write: matches!(role, "admin" | "write") }))
}

/// <https://docs.github.com/en/rest/reactions/reactions#about-reactions>
fn content(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Done => "+1",
        Reaction::Refused => "-1",
        Reaction::NotUnderstood => "confused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(role: &str) -> Value {
        json!({"permission": role, "role_name": "made-up", "user": {"login": "Ada", "id": 5_000_000_001_u64}})
    }

    #[test]
    fn only_the_oldest_words_tell_what_somebody_may_do() {
        for (role, may_write) in [
            ("admin", Some(true)),
            ("write", Some(true)),
            ("read", Some(false)),
            ("maintain", Some(false)),
            ("WRITE", Some(false)),
            ("", Some(false)),
            ("none", None),
        ] {
            let found = permission(&told(role)).unwrap();
            assert_eq!(found.as_ref().map(|found| found.may_write), may_write, "{role}");
            if let Some(found) = found {
                assert_eq!((found.account, found.login.as_str()), (5_000_000_001, "Ada"));
            }
        }
    }

    #[test]
    fn whoever_is_not_named_and_numbered_has_no_permission() {
        for (place, value) in [
            ("/permission", Value::Null),
            ("/user", Value::Null),
            ("/user/id", json!("7")),
            ("/user/login", json!("a/b")),
            ("/user/login", Value::Null),
        ] {
            let mut told = told("admin");
            *told.pointer_mut(place).unwrap() = value;
            assert!(permission(&told).is_err(), "{place}");
        }
    }
}
