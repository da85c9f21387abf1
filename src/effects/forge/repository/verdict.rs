//! What GitHub's answer to the mutation means.

use serde_json::Value;

use super::super::answer::{Answer, Problem, shown};
use super::commit::{WHAT, commit_id};
use crate::domain::names::CommitId;
use crate::ports::ForgeError;

/// How an attempt to commit ended.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The branch is at this commit now.
    At(CommitId),
    /// Somebody else was faster.
    TipMoved,
    /// The answer does not fit what was read of the branch: it has moved, or the forge refuses for that reason.
    Stale(String),
    /// A rule or a limit: trying again would end the same way.
    Refused(String),
    /// The forge does not know the mutation.
    Unsupported(String),
    /// The branch is gone.
    NoBranch,
    /// Another error that is no accident.
    Error(ForgeError),
    /// Nobody knows whether it took effect.
    Lost(ForgeError),
}

/// What the words of a refusal begin with or hold when the branch has moved. Those about refs are Git's own
/// (`refs/files-backend.c`), the others GitHub's.
const TIP_MOVED: [&str; 7] = [
    "expected branch to point to",
    "no commit exists with specified expectedheadoid",
    "reference cannot be updated",
    "reference update failed",
    "cannot lock ref",
    "failed to update ref",
    "but expected ",
];

impl Verdict {
    /// Judges an answer.
    pub(super) fn of(answer: Answer) -> Self {
        let status = answer.status();
        if let Some(message) = answer.unknown_field() {
            return Self::Unsupported(message);
        }
        match status {
            200..300 => {}
            408 => return Self::Lost(answer.refusal(WHAT)),
            409 => return Self::TipMoved,
            413 | 422 => return Self::Refused(words(&answer)),
            _ => return Self::Error(answer.refusal(WHAT)),
        }
        let problems = answer.problems();
        let told = match answer.success(WHAT) {
            Ok(told) => told,
            Err(error) => return Self::Lost(error),
        };
        let commit = commit_id(told.pointer("/data/createCommitOnBranch/commit/oid"));
        match (commit, problems.first()) {
            (Some(commit), _) => Self::At(commit),
            (None, Some(first)) => Self::of_problem(first, &problems),
            (None, None) => Self::Lost(senseless(&told)),
        }
    }

    /// Judges an answer by the first thing that is wrong with it; what follows is only told.
    fn of_problem(first: &Problem, all: &[Problem]) -> Self {
        let said = all.iter().map(|problem| problem.message.split_whitespace().collect::<Vec<_>>().join(" "));
        let message = shown(&said.collect::<Vec<_>>().join("; "));
        let words = first.message.to_ascii_lowercase();
        match first.kind.as_str() {
            "STALE_DATA" => Self::TipMoved,
            _ if TIP_MOVED.iter().any(|known| words.contains(known)) => Self::TipMoved,
            _ if words.contains("requested for deletion which does not exist") => Self::Stale(message),
            "FORBIDDEN" | "INSUFFICIENT_SCOPES" => Self::Error(ForgeError::Forbidden { what: WHAT, message }),
            _ if words.contains("resource not accessible by") => {
                Self::Error(ForgeError::Forbidden { what: WHAT, message })
            }
            "NOT_FOUND" if words.contains("repository") => Self::Error(ForgeError::NotFound { what: WHAT, message }),
            "NOT_FOUND" => Self::NoBranch,
            _ if words.starts_with("branch not found") => Self::NoBranch,
            "INTERNAL" | "SERVICE_UNAVAILABLE" => Self::Lost(ForgeError::Failed { what: WHAT, status: 200, message }),
            _ => Self::Refused(message),
        }
    }
}

fn words(answer: &Answer) -> String {
    let words = shown(&answer.words());
    if words.is_empty() { format!("status {}", answer.status()) } else { words }
}

fn senseless(told: &Value) -> ForgeError {
    let message = if told.is_object() { "it holds no commit" } else { "it is no object" };
    ForgeError::Senseless { what: WHAT, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn judged(status: u16, body: &str) -> String {
        match Verdict::of(Answer::new(status, &HeaderMap::new(), body)) {
            Verdict::At(commit) => format!("at {}", commit.short()),
            Verdict::TipMoved => "moved".to_owned(),
            Verdict::Stale(_) => "stale".to_owned(),
            Verdict::Refused(reason) => format!("refused: {reason}"),
            Verdict::Unsupported(_) => "unsupported".to_owned(),
            Verdict::NoBranch => "no branch".to_owned(),
            Verdict::Error(ForgeError::BadCredentials { .. }) => "credentials".to_owned(),
            Verdict::Error(ForgeError::Forbidden { .. }) => "forbidden".to_owned(),
            Verdict::Error(ForgeError::NotFound { .. }) => "not found".to_owned(),
            Verdict::Error(error) => error.to_string(),
            Verdict::Lost(_) => "lost".to_owned(),
        }
    }

    fn error(kind: &str, message: &str) -> String {
        let error = json!({"type": kind, "path": ["createCommitOnBranch"], "message": message});
        judged(200, &json!({"data": {"createCommitOnBranch": null}, "errors": [error]}).to_string())
    }

    #[test]
    fn what_is_wrong_with_a_commit_is_told_apart() {
        let stale = "Expected branch to point to \"d8a7a1d\" but it did not.  Pull and try again.";
        let gone = "A path was requested for deletion which does not exist as of commit oid `d8a7a1d`";
        let read_only = "bot does not have the correct permissions to execute `CreateCommitOnBranch`";
        let table = [
            ("STALE_DATA", stale, "moved"),
            ("STALE_DATA", "anything", "moved"),
            ("UNPROCESSABLE", stale, "moved"),
            ("UNPROCESSABLE", "No commit exists with specified expectedHeadOid 'd8a7a1d'.", "moved"),
            ("UNPROCESSABLE", "cannot lock ref 'refs/heads/main': is at 1 but expected 2", "moved"),
            ("UNPROCESSABLE", "Reference cannot be updated", "moved"),
            ("UNPROCESSABLE", gone, "stale"),
            ("NOT_FOUND", "Could not resolve to a Repository with the name 'acme/apps'.", "not found"),
            ("NOT_FOUND", "Could not resolve to a Ref with the name 'refs/heads/x'.", "no branch"),
            ("", "Branch not found", "no branch"),
            ("FORBIDDEN", read_only, "forbidden"),
            ("", "Resource not accessible by integration", "forbidden"),
            ("FORBIDDEN", "Resource not accessible by personal access token", "forbidden"),
            ("INTERNAL", "something broke", "lost"),
        ];
        for (kind, message, expected) in table {
            assert_eq!(error(kind, message), expected, "{kind}: {message}");
        }
    }

    #[test]
    fn a_rule_refuses_in_its_own_words() {
        for (kind, message) in [
            ("UNPROCESSABLE", "Repository rule violations found\n\nChanges must be made through a pull request."),
            ("BRANCH_PROTECTION_RULE_VIOLATION", "Changes must be made through a pull request."),
            ("UNPROCESSABLE", "Protected branch update failed for refs/heads/main."),
        ] {
            assert_eq!(error(kind, message), format!("refused: {}", message.replace("\n\n", " ")));
        }
        assert_eq!(judged(413, "<html>"), "refused: status 413");
        assert_eq!(judged(422, r#"{"message":"request body too large"}"#), "refused: request body too large");
    }

    #[test]
    fn only_a_commit_is_a_success() {
        let oid = "abcdef0".to_owned() + &"0".repeat(33);
        let done = json!({"data": {"createCommitOnBranch": {"commit": {"oid": oid}}}});
        assert_eq!(judged(200, &done.to_string()), "at abcdef0");
        for senseless in ["", "<html>", "[]", "{}", r#"{"data":{"createCommitOnBranch":null}}"#] {
            assert_eq!(judged(200, senseless), "lost", "{senseless}");
        }
        assert_eq!(
            (judged(408, ""), judged(409, ""), judged(401, "{}")),
            ("lost".into(), "moved".into(), "credentials".into())
        );
        assert_eq!((judged(403, "{}"), judged(404, "{}")), ("forbidden".into(), "not found".into()));
    }

    #[test]
    fn a_forge_that_does_not_know_the_mutation_is_told_from_one_that_refuses() {
        let message = "Field 'createCommitOnBranch' doesn't exist on type 'Mutation'";
        let told = json!({"errors": [{"extensions": {"code": "undefinedField"}, "message": message}]});
        assert_eq!(judged(200, &told.to_string()), "unsupported");
        assert_eq!(judged(200, &json!({"errors": [{"message": message}]}).to_string()), "unsupported");
    }
}
