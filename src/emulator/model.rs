//! Pull requests, comments and who made them.

use jiff::Timestamp;

/// What somebody is to the forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// A person.
    User,
    /// An app.
    Bot,
    /// An account that was deleted: REST calls it `ghost`, GraphQL has no author.
    Ghost,
}

/// Who made a pull request or a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The login as REST has it; that of an app ends in `[bot]`, which GraphQL leaves out.
    pub login: String,
    /// What it is.
    pub kind: ActorKind,
}

impl Actor {
    /// A person.
    pub fn user(login: impl Into<String>) -> Self {
        Self { login: login.into(), kind: ActorKind::User }
    }

    /// An app, such as `github-actions[bot]`.
    pub fn bot(login: impl Into<String>) -> Self {
        Self { login: login.into(), kind: ActorKind::Bot }
    }

    /// The account's number, which stays its own: the same wherever the account is named.
    #[must_use]
    pub fn number(&self) -> u64 {
        user_number(&self.login)
    }

    /// Somebody whose account is gone.
    #[must_use]
    pub fn ghost() -> Self {
        Self { login: "ghost".to_owned(), kind: ActorKind::Ghost }
    }
}

/// What a pull request is, in GraphQL's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullRequestState {
    /// Neither closed nor merged.
    Open,
    /// Closed without a merge.
    Closed,
    /// Merged.
    Merged,
}

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// The number within its repository.
    pub number: u64,
    /// The database's number, over all repositories.
    pub id: u64,
    /// The GraphQL identifier.
    pub node_id: String,
    /// The title.
    pub title: String,
    /// The description.
    pub body: String,
    /// Where people see it.
    pub url: String,
    /// Open, closed or merged.
    pub state: PullRequestState,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// The head commit.
    pub head_sha: String,
    /// The branch it comes from, without `refs/heads/`.
    pub head_ref: String,
    /// The `owner/name` it comes from; none when that fork was deleted.
    pub head_repository: Option<String>,
    /// The branch it goes to.
    pub base_ref: String,
    /// The commit it was made on.
    pub base_sha: String,
    /// The `owner/name` it goes to.
    pub base_repository: String,
    /// Who opened it.
    pub author: Actor,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// The paths that it changes.
    pub files: Vec<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was closed or merged.
    pub closed_at: Option<Timestamp>,
    /// When it was merged.
    pub merged_at: Option<Timestamp>,
}

/// A pull request to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPullRequest {
    /// The number it is to have; without one, the next that is free.
    pub number: Option<u64>,
    /// The title.
    pub title: String,
    /// The description.
    pub body: String,
    /// The head commit.
    pub head_sha: String,
    /// The branch it comes from.
    pub head_ref: String,
    /// The fork it comes from, as `owner/name`; none for the repository itself.
    pub fork: Option<String>,
    /// The branch it goes to.
    pub base_ref: String,
    /// The commit it was made on.
    pub base_sha: String,
    /// Who opens it.
    pub author: Actor,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// The paths that it changes.
    pub files: Vec<String>,
}

impl NewPullRequest {
    /// A pull request by `octocat` from a branch of the same repository to `main`, which changes one file.
    pub fn from_branch(branch: impl Into<String>, head_sha: impl Into<String>) -> Self {
        let branch = branch.into();
        Self {
            number: None,
            title: format!("Change {branch}"),
            body: String::new(),
            head_sha: head_sha.into(),
            head_ref: branch,
            fork: None,
            base_ref: "main".to_owned(),
            base_sha: "0".repeat(40),
            author: Actor::user("octocat"),
            is_draft: false,
            labels: Vec::new(),
            files: vec!["src/main.rs".to_owned()],
        }
    }
}

/// A comment on a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The database's number; larger than 32 bits hold, as GitHub's are.
    pub id: u64,
    /// The GraphQL identifier.
    pub node_id: String,
    /// The pull request it is on.
    pub pull_request: u64,
    /// The text.
    pub body: String,
    /// Who wrote it.
    pub author: Actor,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When its text was replaced last, and who did it; none while it is as it was written.
    pub last_edit: Option<(Timestamp, Actor)>,
    /// Where people see it.
    pub url: String,
    /// What people answered without words, the oldest first.
    pub reactions: Vec<Reaction>,
}

/// A reaction to a comment: one of each kind by each account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The database's number.
    pub id: u64,
    /// What it says, in REST's word: `+1`, `-1`, `confused` …
    pub content: String,
    /// Whose it is.
    pub author: Actor,
    /// When it was put there.
    pub created_at: Timestamp,
}

/// A number for a name, the same each time.
pub(super) fn user_number(name: &str) -> u64 {
    name.bytes().fold(1_000, |number, byte| (number * 31 + u64::from(byte)) % 1_000_000_007)
}

/// A moment as GitHub's APIs write it: in whole seconds.
pub(super) fn moment(timestamp: Timestamp) -> String {
    timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A moment as HTTP's headers write it (RFC 9110, section 5.6.7).
pub(super) fn http_date(timestamp: Timestamp) -> String {
    timestamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
