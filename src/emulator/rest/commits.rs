//! Commits.

use git2::{Oid, Signature};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::model::moment;
use super::super::percent;
use super::super::state::Repository;
use super::Call;
use super::refusal::Refusal;

/// The fewest digits of an identifier that mean a commit.
const FEWEST_DIGITS: usize = 4;

impl Call<'_> {
    /// What a whole identifier means, a branch or a tag, or the beginning of the identifier of exactly one commit.
    pub(super) fn show_commit(&self, reference: &str) -> Result<Answer, Refusal> {
        let (repository, reference) = (self.repository()?, percent::decoded(reference));
        let found = repository.resolve(&reference).or_else(|| only_one(&repository, &reference));
        let sha = found.ok_or_else(|| Refusal::new(422, format!("No commit found for SHA: {reference}")))?;
        Ok(Answer::json(200, &self.commit(&repository, &sha)))
    }

    /// A commit without the files that it changes. One that is only known as the head of a pull request has no more than its
    /// identifier.
    fn commit(&self, repository: &Repository, sha: &str) -> Value {
        let api = self.objects().repository_url(&self.repository);
        let page = |sha: &str| format!("{}/{}/commit/{sha}", self.context.forge.server_url(), self.repository);
        let told = repository.git().ok().and_then(|git| {
            let commit = git.find_commit(Oid::from_str(sha).ok()?).ok()?;
            let parents: Vec<_> = commit.parent_ids().map(|parent| parent.to_string()).collect();
            let (author, committer) = (person(&commit.author()), person(&commit.committer()));
            let message = String::from_utf8_lossy(commit.message_bytes()).trim_end().to_owned();
            Some((message, author, committer, commit.tree_id().to_string(), parents))
        });
        let (message, author, committer, tree, parents) = told.unwrap_or_else(|| {
            let nobody =
                json!({"name": "Nobody", "email": "nobody@example.com", "date": moment(Timestamp::UNIX_EPOCH)});
            ("A commit".to_owned(), nobody.clone(), nobody, sha.to_owned(), Vec::new())
        });
        let parent = |sha: &String| json!({"sha": sha, "url": format!("{api}/commits/{sha}"), "html_url": page(sha)});
        json!({
            "sha": sha,
            "node_id": format!("C_{sha}"),
            "url": format!("{api}/commits/{sha}"),
            "html_url": page(sha),
            "comments_url": format!("{api}/commits/{sha}/comments"),
            "commit": {
                "url": format!("{api}/git/commits/{sha}"),
                "author": author,
                "committer": committer,
                "message": message,
                "comment_count": 0,
                "tree": {"sha": tree, "url": format!("{api}/git/trees/{tree}")},
            },
            "author": null,
            "committer": null,
            "parents": parents.iter().map(parent).collect::<Value>(),
            "stats": {"additions": 0, "deletions": 0, "total": 0},
            "files": [],
        })
    }
}

fn only_one(repository: &Repository, digits: &str) -> Option<String> {
    let digits = digits.to_ascii_lowercase();
    if digits.len() < FEWEST_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut found = repository.commits_beginning(&digits);
    if found.len() == 1 { found.pop_first() } else { None }
}

fn person(signature: &Signature<'_>) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let at = Timestamp::from_second(signature.when().seconds()).unwrap_or_default();
    json!({"name": text(signature.name_bytes()), "email": text(signature.email_bytes()), "date": moment(at)})
}
