//! GitHub's GraphQL objects in the words of the domain.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::conversation::{CommentId, OurComment};
use crate::domain::deployment::{Deployment, DeploymentId, Payload, Standing};
use crate::domain::fork_build::RunHead;
use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::domain::pull_request::{Author, Changes, PullRequest, PullRequestState};

/// Reads the pull request of that number.
pub(super) fn pull_request(value: &Value, wanted: PullRequestNumber) -> Result<PullRequest, String> {
    let node = Node::deserialize(value).map_err(|why| why.to_string())?;
    if node.number != u64::from(wanted.as_u32()) {
        return Err(format!("the forge tells of pull request {} in its place", node.number));
    }
    // One that is left out would look like one that was taken away.
    let labels = node.labels.and_then(Connection::all).ok_or("its labels are not told")?;
    Ok(PullRequest {
        number: wanted,
        state: node.state.into(),
        head: node.head_ref_oid.parse().map_err(|why| format!("{why}"))?,
        head_repository: node.head_repository.and_then(Owned::name),
        target: node.base_ref_name,
        is_from_fork: node.is_cross_repository,
        is_draft: node.is_draft,
        author: node.author.map(|author| Author { is_bot: author.type_name == "Bot", login: author.login }),
        labels: labels.into_iter().map(|label| label.name).collect(),
        changes: changes(node.changed_files, node.files),
        title: node.title,
        url: one_line(&node.url),
    })
}

/// An address as it is shown: on one line.
pub(super) fn one_line(address: &str) -> String {
    address.chars().filter(|character| !character.is_control()).collect()
}

/// The first hundred of the files, and whether there are more: the listing may also be behind the count, or missing.
fn changes(count: Option<usize>, files: Option<Connection<File>>) -> Changes {
    let Some(files) = files else { return Changes::default() };
    let has_more = files.page_info.as_ref().is_none_or(|page| page.has_next_page);
    let paths: Vec<_> = files.some().map(|file| file.path).collect();
    let are_complete = !has_more && count.is_some_and(|count| paths.len() >= count);
    Changes { paths, are_complete }
}

/// What one page of a list holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page<T> {
    pub(super) entries: Vec<T>,
    /// Where to go on; nothing at the end.
    pub(super) next: Option<String>,
}

/// Reads our comments on a pull request, as many as were told, the oldest first.
pub(super) fn comments(pull_request: &Value) -> Result<Page<OurComment>, String> {
    let connection: Connection<CommentNode> = connection(pull_request.get("comments"), "its comments are not told")?;
    let next = connection.next()?;
    // One that is left out would be written again.
    let all = connection.all().ok_or("one of its comments is not told")?;
    let ours = all.into_iter().filter(|comment| comment.viewer_did_author).map(|comment| {
        let id = comment.full_database_id.and_then(|number| number.number()).ok_or("a comment has no number")?;
        Ok(OurComment { id: CommentId(id), url: one_line(&comment.url), body: comment.body })
    });
    Ok(Page { entries: ours.collect::<Result<_, String>>()?, next })
}

/// A deployment whose number may not have been told, and what GitHub calls it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unnumbered {
    pub(super) deployment: Deployment,
    pub(super) node: String,
}

/// Reads a page of deployments. Ones that can not be read are left out: others make deployments too.
pub(super) fn deployments(value: &Value) -> Result<Page<Unnumbered>, String> {
    let connection: Connection<Value> = connection(Some(value), "they are not told")?;
    let next = connection.next()?;
    Ok(Page { entries: connection.some().filter_map(deployment).collect(), next })
}

/// Reads a page of the names of environments.
pub(super) fn environments(value: &Value) -> Result<Page<String>, String> {
    let connection: Connection<Named> = connection(Some(value), "they are not told")?;
    let next = connection.next()?;
    Ok(Page { entries: connection.some().map(|environment| environment.name).collect(), next })
}

/// What tells whether a pull request is the one of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) number: PullRequestNumber,
    commit: String,
    repository: Option<RepositoryName>,
}

impl Head {
    pub(super) fn is(&self, head: &RunHead) -> bool {
        self.commit.eq_ignore_ascii_case(head.commit.as_str()) && self.repository == head.repository
    }
}

/// Reads a page of the heads of pull requests.
pub(super) fn heads(value: &Value) -> Result<Page<Head>, String> {
    let connection: Connection<HeadNode> = connection(Some(value), "they are not told")?;
    let next = connection.next()?;
    // One that is left out would get no preview.
    let all = connection.all().ok_or("one of them is not told")?;
    let head = |node: HeadNode| {
        let number = node.number.to_string().parse().map_err(|why| format!("{why}"))?;
        Ok(Head { number, commit: node.head_ref_oid, repository: node.head_repository.and_then(Owned::name) })
    };
    Ok(Page { entries: all.into_iter().map(head).collect::<Result<_, String>>()?, next })
}

fn deployment(value: Value) -> Option<Unnumbered> {
    let node = DeploymentNode::deserialize(value).ok()?;
    let deployment = Deployment {
        id: node.database_id.and_then(|number| number.number()).map(DeploymentId),
        environment: node.environment.unwrap_or_default(),
        commit: node.commit_oid.and_then(|commit| commit.parse().ok()),
        payload: node.payload.and_then(payload),
        standing: standing(node.state.as_deref(), node.latest_status.is_some()),
    };
    Some(Unnumbered { deployment, node: node.id })
}

/// A payload is told as the text of its JSON, which is a text once more when it was given as one.
fn payload(mut value: Value) -> Option<Payload> {
    while let Value::String(text) = value {
        value = serde_json::from_str(&text).ok()?;
    }
    Payload::read(&value)
}

/// How a deployment stands. One that has failed is not over: it can still be made inactive. GitHub calls one abandoned
/// of which nothing was told for half an hour: that is still to be told.
fn standing(state: Option<&str>, has_status: bool) -> Standing {
    match state {
        Some("INACTIVE" | "DESTROYED") => Standing::Inactive,
        Some("PENDING" | "QUEUED" | "WAITING" | "ABANDONED") => Standing::Begun,
        None if !has_status => Standing::Begun,
        Some("SUCCESS" | "ACTIVE") => Standing::Ready,
        Some("FAILURE") => Standing::Failed,
        _ => Standing::Up,
    }
}

fn connection<T: DeserializeOwned>(value: Option<&Value>, missing: &str) -> Result<Connection<T>, String> {
    let value = value.filter(|value| !value.is_null()).ok_or(missing)?;
    Connection::deserialize(value).map_err(|why| why.to_string())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    number: u64,
    title: String,
    url: String,
    state: State,
    is_draft: bool,
    is_cross_repository: bool,
    head_ref_oid: String,
    head_repository: Option<Owned>,
    base_ref_name: String,
    author: Option<Actor>,
    labels: Option<Connection<Named>>,
    changed_files: Option<usize>,
    files: Option<Connection<File>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Open,
    Closed,
    Merged,
}

impl From<State> for PullRequestState {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Closed => Self::Closed,
            State::Merged => Self::Merged,
        }
    }
}

#[derive(Deserialize)]
struct Actor {
    #[serde(rename = "__typename")]
    type_name: String,
    login: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owned {
    name_with_owner: String,
}

impl Owned {
    fn name(self) -> Option<RepositoryName> {
        self.name_with_owner.parse().ok()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadNode {
    number: u64,
    head_ref_oid: String,
    head_repository: Option<Owned>,
}

#[derive(Deserialize)]
struct File {
    path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommentNode {
    full_database_id: Option<BigInteger>,
    url: String,
    body: String,
    viewer_did_author: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentNode {
    id: String,
    database_id: Option<BigInteger>,
    environment: Option<String>,
    commit_oid: Option<String>,
    payload: Option<Value>,
    state: Option<String>,
    latest_status: Option<Value>,
}

/// GitHub's `BigInt`, which is written as a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum BigInteger {
    Text(String),
    Number(u64),
}

impl BigInteger {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(*number),
        }
    }
}

/// One page of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection<T> {
    nodes: Option<Vec<Option<T>>>,
    page_info: Option<PageInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl<T> Connection<T> {
    /// All of them; nothing when one can not be read.
    fn all(self) -> Option<Vec<T>> {
        self.nodes?.into_iter().collect()
    }

    /// Those that can be read.
    fn some(self) -> impl Iterator<Item = T> {
        self.nodes.into_iter().flatten().flatten()
    }

    /// Where to go on; nothing at the end.
    fn next(&self) -> Result<Option<String>, String> {
        if self.nodes.is_none() {
            return Err("the list has no entries, not even none".to_owned());
        }
        match &self.page_info {
            Some(PageInfo { has_next_page: false, .. }) => Ok(None),
            Some(PageInfo { end_cursor: Some(cursor), .. }) => Ok(Some(cursor.clone())),
            _ => Err("the list does not tell where it ends".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
