//! Commits, their authors, and what came before them.

use std::path::Path;
use std::rc::Rc;

use git2::{Commit, Oid, Signature, Sort, Time};
use jiff::Timestamp;
use jiff::tz::Offset;

use super::super::super::model::moment;
use super::super::connection::{Connection, Key};
use super::super::deployments::deployments;
use super::super::execute::{Arguments, FieldError, Object, Resolved, broken, required};
use super::Place;
use super::trees::{EntryNode, TreeNode};

/// A commit. Of one that git does not have, since only a pull request knows it, there is no more than its name.
pub(in super::super) struct CommitNode {
    place: Place,
    oid: String,
}

impl CommitNode {
    pub(in super::super) fn new(place: Place, oid: String) -> Self {
        Self { place, oid }
    }

    fn node(&self, oid: Oid) -> Rc<dyn Object> {
        Rc::new(Self::new(self.place.clone(), oid.to_string()))
    }

    /// A field that git knows.
    fn field_of_git(&self, name: &str, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let git = self.place.git()?;
        let commit = Oid::from_str(&self.oid).and_then(|oid| git.find_commit(oid));
        let commit = commit.map_err(|_| FieldError::Unknown)?;
        let message = String::from_utf8_lossy(commit.message_bytes());
        let (headline, body) = message.trim().split_once('\n').unwrap_or((message.trim(), ""));
        Ok(match name {
            "message" => Resolved::value(message.trim()),
            "messageHeadline" => Resolved::value(headline.trim_end()),
            "messageBody" => Resolved::value(body.trim_start()),
            "author" => Resolved::object(GitActor::new(&commit.author())),
            "committer" => Resolved::object(GitActor::new(&commit.committer())),
            "authoredDate" => Resolved::value(moment(timestamp(commit.author().when()))),
            "committedDate" => Resolved::value(moment(timestamp(commit.time()))),
            "parents" => self.parents(&commit, arguments)?,
            "tree" => Resolved::object(TreeNode::new(self.place.clone(), commit.tree_id(), b"")),
            "file" => self.file(&commit, required(arguments, "path")?)?,
            "history" => self.history(&git, &commit, arguments)?,
            _ => return Err(FieldError::Unknown),
        })
    }

    fn parents(&self, commit: &Commit, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let items = (0..).map(Key::Number).zip(commit.parent_ids()).collect();
        Connection::page("parents", "Commit", items, |oid| self.node(oid), arguments)
    }

    fn file(&self, commit: &Commit, path: &str) -> Result<Resolved, FieldError> {
        let tree = commit.tree().map_err(|error| broken(&error))?;
        let found = tree.get_path(Path::new(path));
        let entry = |found| Resolved::object(EntryNode::new(&self.place, path.trim_end_matches('/').into(), &found));
        Ok(found.map_or_else(|_| Resolved::null(), entry))
    }

    /// The newest first. Understands `since`, `until`, and `path`: what a commit has there is not what its parents have.
    fn history(&self, git: &git2::Repository, commit: &Commit, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let walked = || -> Result<Vec<Oid>, git2::Error> {
            let mut walk = git.revwalk()?;
            walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
            walk.push(commit.id())?;
            walk.collect()
        };
        let second = |name| Some(arguments.text(name)?.parse::<Timestamp>().ok()?.as_second());
        let (since, until, path) = (second("since"), second("until"), arguments.text("path"));
        let wanted = |oid: &Oid| {
            git.find_commit(*oid).is_ok_and(|commit| {
                let time = commit.time().seconds();
                since.is_none_or(|since| time >= since)
                    && until.is_none_or(|until| time <= until)
                    && path.is_none_or(|path| changes(&commit, Path::new(path)))
            })
        };
        let found = walked().map_err(|error| broken(&error))?.into_iter().filter(wanted);
        let items = found.map(|oid| (Key::Name(oid.to_string()), oid)).collect();
        Connection::page("history", "CommitHistory", items, |oid| self.node(oid), arguments)
    }
}

/// Whether a commit has something else at a path than each of its parents.
fn changes(commit: &Commit, path: &Path) -> bool {
    let at_path = |commit: &Commit| {
        let entry = commit.tree().and_then(|tree| tree.get_path(path)).ok()?;
        Some((entry.id(), entry.filemode()))
    };
    let own = at_path(commit);
    if commit.parent_count() == 0 { own.is_some() } else { commit.parents().all(|parent| at_path(&parent) != own) }
}

impl Object for CommitNode {
    fn type_name(&self) -> &'static str {
        "Commit"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "Commit" | "Node" | "GitObject" | "Subscribable" | "UniformResourceLocatable")
    }

    fn field(&self, name: &str, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let Place { session, repository } = &self.place;
        let path = |kind: &str| format!("/{}/{kind}/{}", repository.name, self.oid);
        Ok(match name {
            "resourcePath" => Resolved::value(path("commit")),
            "url" => Resolved::value(self.place.address(&path("commit"))),
            "treeResourcePath" => Resolved::value(path("tree")),
            "treeUrl" => Resolved::value(self.place.address(&path("tree"))),
            "deployments" => deployments(session, repository, Some(&self.oid), arguments)?,
            _ => match self.place.field_of_object('C', &self.oid, name) {
                Err(FieldError::Unknown) => self.field_of_git(name, arguments)?,
                found => found?,
            },
        })
    }
}

/// Who wrote a commit or put it there, as the commit says.
struct GitActor {
    name: String,
    email: String,
    when: Time,
}

impl GitActor {
    fn new(signature: &Signature) -> Self {
        Self {
            name: String::from_utf8_lossy(signature.name_bytes()).into_owned(),
            email: String::from_utf8_lossy(signature.email_bytes()).into_owned(),
            when: signature.when(),
        }
    }

    /// In the zone that the commit has it in.
    fn date(&self) -> String {
        let offset = Offset::from_seconds(self.when.offset_minutes() * 60).unwrap_or(Offset::UTC);
        let local = offset.to_datetime(timestamp(self.when)).strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let minutes = self.when.offset_minutes().abs();
        match self.when.sign() {
            _ if minutes == 0 => format!("{local}Z"),
            sign => format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60),
        }
    }
}

impl Object for GitActor {
    fn type_name(&self) -> &'static str {
        "GitActor"
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "name" => Resolved::value(self.name.as_str()),
            "email" => Resolved::value(self.email.as_str()),
            "date" => Resolved::value(self.date()),
            // Which mail address is whose is not known here.
            "user" => Resolved::null(),
            _ => return Err(FieldError::Unknown),
        })
    }
}

fn timestamp(time: Time) -> Timestamp {
    Timestamp::from_second(time.seconds()).unwrap_or_default()
}
