//! `createCommitOnBranch`: a commit on top of a branch, if it is where the client last saw it.

use std::rc::Rc;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use git2::{Oid, Signature, Time};
use serde::Deserialize;

use super::super::accounts::Access;
use super::super::commit::{NewCommit, NotMade, make};
use super::super::state::Repository;
use super::actors::Session;
use super::execute::{Arguments, FieldError, Object, Resolved, broken, missing, not_found};
use super::git::{CommitNode, Place, ReferenceNode, whole};

const BRANCHES: &str = "refs/heads/";

/// GitHub's `CreateCommitOnBranchInput`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    branch: Branch,
    message: Message,
    file_changes: Option<Changes>,
    expected_head_oid: String,
    client_mutation_id: Option<String>,
}

/// A branch, by its identifier or by its name.
#[derive(Deserialize)]
struct Branch {
    id: Option<String>,
    #[serde(rename = "repositoryNameWithOwner")]
    repository: Option<String>,
    #[serde(rename = "branchName")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    headline: String,
    body: Option<String>,
}

#[derive(Deserialize)]
struct Changes {
    #[serde(default)]
    additions: Vec<Addition>,
    #[serde(default)]
    deletions: Vec<Deletion>,
}

#[derive(Deserialize)]
struct Addition {
    path: String,
    contents: String,
}

#[derive(Deserialize)]
struct Deletion {
    path: String,
}

impl Input {
    fn read(arguments: &Arguments) -> Result<Self, FieldError> {
        let given = arguments.value("input").ok_or_else(|| missing("input"))?;
        Self::deserialize(given).map_err(|error| {
            let message = format!("Argument 'input' on Field 'createCommitOnBranch' has an invalid value: {error}");
            FieldError::Failed { kind: "argumentLiteralsIncompatible", message }
        })
    }

    /// The commit that is asked for, by whoever asks, now.
    fn commit<'a>(&'a self, session: &Session, branch: &'a str, expected: Oid) -> Result<NewCommit<'a>, FieldError> {
        let (login, now) = (&session.viewer.login, Time::new(session.forge.now().as_second(), 0));
        let signature = Signature::new(login, &format!("{login}@users.noreply.example"), &now);
        let changes = self.file_changes.as_ref();
        let deletions = changes.map_or(&[][..], |changes| &changes.deletions);
        Ok(NewCommit {
            branch,
            expected,
            signature: signature.map_err(|error| broken(&error))?,
            message: self.message.text(),
            additions: changes.map(Changes::additions).transpose()?.unwrap_or_default(),
            deletions: deletions.iter().map(|deletion| deletion.path.as_str()).collect(),
        })
    }
}

impl Branch {
    /// The repository, and the whole name of the branch.
    fn find(&self, session: &Session) -> Result<(Arc<Repository>, String), FieldError> {
        if let Some(id) = &self.id {
            let unknown = || not_found(format!("Could not resolve to a node with the global id of '{id}'"));
            let parts = ReferenceNode::parts(id).filter(|(_, name)| name.starts_with(BRANCHES));
            let (node_id, name) = parts.ok_or_else(unknown)?;
            let found = session.forge.repository_of_node(&node_id).ok_or_else(unknown)?;
            return Ok((session.repository(&found.name.to_string()).map_err(|_| unknown())?, name));
        }
        let repository = self.repository.as_ref().ok_or_else(|| missing("repositoryNameWithOwner"))?;
        let name = self.name.as_ref().ok_or_else(|| missing("branchName"))?;
        let name = if name.starts_with(BRANCHES) { name.clone() } else { format!("{BRANCHES}{name}") };
        Ok((session.repository(repository)?, name))
    }
}

impl Message {
    fn text(&self) -> String {
        match self.body.as_deref().unwrap_or_default() {
            "" => self.headline.clone(),
            body => format!("{}\n\n{body}", self.headline),
        }
    }
}

impl Changes {
    fn additions(&self) -> Result<Vec<(&str, Vec<u8>)>, FieldError> {
        let decoded = self.additions.iter().map(|Addition { path, contents }| {
            let content = STANDARD.decode(contents);
            content
                .map(|content| (path.as_str(), content))
                .map_err(|_| unprocessable(format!("`{path}` is not Base64")))
        });
        decoded.collect()
    }
}

/// Carries the mutation out. Who may not write is told so; a `pre-receive` hook of the repository is asked as it is for
/// a push, and stands for the protection of a branch.
pub(super) fn create_commit(session: &Rc<Session>, arguments: &Arguments) -> Result<Resolved, FieldError> {
    let input = Input::read(arguments)?;
    let (repository, branch) = input.branch.find(session)?;
    if session.viewer.access_to(&repository.name.to_string()) < Access::Write {
        let message = "Resource not accessible by integration".to_owned();
        return Err(FieldError::Failed { kind: "FORBIDDEN", message });
    }
    let expected = whole(&input.expected_head_oid).ok_or_else(|| moved(&input.expected_head_oid))?;
    let ask = |made: Oid| {
        let (old, new) = (expected.to_string(), made.to_string());
        session.programs.ask_hook(repository.folder(), &old, &new, &branch)
    };
    let place = Place::new(session, &repository);
    let made = make(&*place.git()?, &input.commit(session, &branch, expected)?, ask);
    let made = made.map_err(|not_made| refused(not_made, &branch, &input.expected_head_oid))?;
    let commit = made.to_string();
    Ok(Resolved::object(Payload { place, commit, branch, client_mutation_id: input.client_mutation_id }))
}

fn refused(not_made: NotMade, branch: &str, expected: &str) -> FieldError {
    match not_made {
        NotMade::NoBranch => not_found(format!("Could not resolve to a Ref with the name '{branch}'.")),
        NotMade::Moved => moved(expected),
        NotMade::Impossible(why) => unprocessable(why),
        NotMade::Declined(why) => FieldError::Failed { kind: "BRANCH_PROTECTION_RULE_VIOLATION", message: why },
        NotMade::Git(error) => broken(&error),
    }
}

/// In GitHub's words, with its two blanks.
fn moved(expected: &str) -> FieldError {
    let message = format!("Expected branch to point to \"{expected}\" but it did not.  Pull and try again.");
    FieldError::Failed { kind: "STALE_DATA", message }
}

fn unprocessable(message: String) -> FieldError {
    FieldError::Failed { kind: "UNPROCESSABLE", message }
}

/// What the mutation answers with.
struct Payload {
    place: Place,
    commit: String,
    branch: String,
    client_mutation_id: Option<String>,
}

impl Object for Payload {
    fn type_name(&self) -> &'static str {
        "CreateCommitOnBranchPayload"
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "clientMutationId" => Resolved::value(self.client_mutation_id.clone()),
            "commit" => Resolved::object(CommitNode::new(self.place.clone(), self.commit.clone())),
            "ref" => Resolved::object(ReferenceNode::new(self.place.clone(), self.branch.clone())),
            _ => return Err(FieldError::Unknown),
        })
    }
}
