//! Commits that are made on a branch without git's programs, beside pushes that come through them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;
use std::time::Duration;

use git2::{Commit, ErrorCode, FileMode, ObjectType, Oid, Repository, Signature, Tree};

/// How often, and how long in between, a ref is tried that git has locked: it holds a lock for the time of one write.
const ATTEMPTS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);
/// The longest path that is taken, so that there is an end to the folders in folders.
const LONGEST_PATH: usize = 1_024;

/// A commit to be made.
pub(super) struct NewCommit<'a> {
    /// The whole name of the branch.
    pub(super) branch: &'a str,
    /// Where the branch is expected to be.
    pub(super) expected: Oid,
    /// Author and committer.
    pub(super) signature: Signature<'a>,
    pub(super) message: String,
    /// Paths and contents.
    pub(super) additions: Vec<(&'a str, Vec<u8>)>,
    pub(super) deletions: Vec<&'a str>,
}

/// Why there is no commit.
#[derive(Debug)]
pub(super) enum NotMade {
    /// There is no such branch.
    NoBranch,
    /// The branch is not where it is expected to be.
    Moved,
    /// These changes can not be made.
    Impossible(String),
    /// A hook would not have it, and said why.
    Declined(String),
    Git(git2::Error),
}

impl From<git2::Error> for NotMade {
    fn from(error: git2::Error) -> Self {
        Self::Git(error)
    }
}

/// Makes a commit and moves the branch to it, if the branch is where it is expected to be until the very end. Asks
/// `hook` before it moves the branch.
pub(super) fn make(
    git: &Repository,
    new: &NewCommit,
    hook: impl FnOnce(Oid) -> Result<(), String>,
) -> Result<Oid, NotMade> {
    let parent = tip(git, new)?;
    let tree = git.find_tree(changed(git, &parent, new)?)?;
    let made = git.commit(None, &new.signature, &new.signature, &new.message, &tree, &[&parent])?;
    hook(made).map_err(NotMade::Declined)?;
    advance(git, new, made)?;
    Ok(made)
}

fn tip<'a>(git: &'a Repository, new: &NewCommit) -> Result<Commit<'a>, NotMade> {
    let branch = git.find_reference(new.branch).map_err(|_| NotMade::NoBranch)?;
    if branch.target() == Some(new.expected) { Ok(git.find_commit(new.expected)?) } else { Err(NotMade::Moved) }
}

/// Swaps the branch's value under git's own lock, `refs/heads/{branch}.lock`.
fn advance(git: &Repository, new: &NewCommit, made: Oid) -> Result<(), NotMade> {
    let mut attempts = 0..ATTEMPTS;
    loop {
        let moved = git.reference_matching(new.branch, made, true, new.expected, "commit");
        let Err(error) = moved else {
            return Ok(());
        };
        match error.code() {
            ErrorCode::Modified => return Err(NotMade::Moved),
            ErrorCode::NotFound => return Err(NotMade::NoBranch),
            ErrorCode::Locked if attempts.next().is_some() => thread::sleep(PAUSE),
            _ => return Err(NotMade::Git(error)),
        }
    }
}

/// The tree of a commit with the changes in it.
fn changed(git: &Repository, parent: &Commit, new: &NewCommit) -> Result<Oid, NotMade> {
    let tree = parent.tree()?;
    let mut paths = BTreeSet::new();
    for path in new.deletions.iter().chain(new.additions.iter().map(|(path, _)| path)) {
        if !is_path(path) {
            return Err(NotMade::Impossible(format!("The path `{path}` is not one of a file in a repository")));
        }
        if !paths.insert(path) {
            return Err(NotMade::Impossible(format!("The path `{path}` is there more than once")));
        }
    }
    let mut edits = Vec::new();
    for path in &new.deletions {
        let found = tree.get_path(Path::new(path)).ok().filter(|entry| entry.kind() != Some(ObjectType::Tree));
        found.ok_or_else(|| {
            let message = "A path was requested for deletion which does not exist as of commit oid";
            NotMade::Impossible(format!("{message} `{}`", parent.id()))
        })?;
        edits.push((*path, None));
    }
    for (path, content) in &new.additions {
        edits.push((*path, Some(git.blob(content)?)));
    }
    Ok(match edited(git, Some(&tree), edits)? {
        Some(tree) => tree,
        None => git.treebuilder(None)?.write()?,
    })
}

/// Whether a path can be one in a tree: from the top, and without anything that a checkout would go astray on.
fn is_path(path: &str) -> bool {
    let is_name =
        |name: &str| !matches!(name, "" | "." | "..") && !name.eq_ignore_ascii_case(".git") && !name.contains('\0');
    path.len() <= LONGEST_PATH && path.split('/').all(is_name)
}

/// A tree with files put in or taken out; nothing when no file is left. A file that is put in takes the place of
/// whatever is there, a folder too, and of a file that its path leads through. It keeps the mode of a file whose place
/// it takes, and is a plain one otherwise.
fn edited(git: &Repository, tree: Option<&Tree>, edits: Vec<(&str, Option<Oid>)>) -> Result<Option<Oid>, git2::Error> {
    let mut builder = git.treebuilder(tree)?;
    let (mut folders, mut files) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
    for (path, edit) in edits {
        match (path.split_once('/'), edit) {
            (Some((folder, path)), edit) => folders.entry(folder).or_default().push((path, edit)),
            (None, Some(blob)) => files.push((path, blob)),
            (None, None) => builder.remove(path)?,
        }
    }
    for (name, edits) in folders {
        let old = builder.get(name)?.map(|entry| (entry.id(), entry.kind()));
        let folder = old.filter(|(_, kind)| *kind == Some(ObjectType::Tree));
        let folder = folder.map(|(oid, _)| git.find_tree(oid)).transpose()?;
        match edited(git, folder.as_ref(), edits)? {
            Some(folder) => drop(builder.insert(name, folder, FileMode::Tree.into())?),
            None if old.is_some() => builder.remove(name)?,
            None => {}
        }
    }
    for (name, blob) in files {
        let executable = i32::from(FileMode::BlobExecutable);
        let was_executable = builder.get(name)?.is_some_and(|entry| entry.filemode() == executable);
        builder.insert(name, blob, if was_executable { executable } else { FileMode::Blob.into() })?;
    }
    if builder.is_empty() { Ok(None) } else { builder.write().map(Some) }
}
