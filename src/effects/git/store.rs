//! The throw-away repository that holds what was fetched and what is to be pushed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use git2::build::TreeUpdateBuilder;
use git2::{ConfigLevel, FileMode, ObjectType, OdbLookupFlags, Oid, Repository, Signature, Tree, TreeEntry};

use super::local;
use super::pack::Pack;
use super::packets::{Fault, Packets};
use crate::domain::path::RepoPath;
use crate::domain::plan::Edit;
use crate::effects::scratch::Scratch;
use crate::ports::{AppsError, EntryKind, Need};

/// The largest tree that is kept in memory, in bytes: some 300,000 entries.
const LARGEST_TREE: usize = 16 * 1024 * 1024;

/// A repository that goes with this value.
pub(super) struct Store {
    // Dropped before the directory that it is in.
    repository: Mutex<Repository>,
    _directory: Scratch,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Absent,
    File(Oid),
    Directory(Oid),
    /// Something that is neither, at this path or on the way to it.
    InTheWay(RepoPath, EntryKind),
    /// To a directory that was not fetched.
    Unfetched(Oid),
}

/// The objects that are needed and not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Missing {
    /// Files, and directories with everything below.
    pub(super) whole: BTreeSet<Oid>,
    /// Directories of which only the names count.
    pub(super) alone: BTreeSet<Oid>,
}

impl Missing {
    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.alone.is_empty()
    }
}

impl Store {
    pub(super) fn new() -> Result<Self, AppsError> {
        set_up();
        let directory = Scratch::folder().map_err(|why| local(&why))?;
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).external_template(false);
        let repository = Repository::init_opts(directory.path(), &options).map_err(|why| local(&why))?;
        Ok(Self { repository: Mutex::new(repository), _directory: directory })
    }

    pub(super) fn repository(&self) -> MutexGuard<'_, Repository> {
        self.repository.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the objects of a pack, whose bytes are sent in bands. What does not come whole is not taken in.
    pub(super) fn take_in(&self, packets: &mut Packets<'_>) -> Result<(), Fault> {
        let repository = self.repository();
        let broken = |why: git2::Error| Fault::Broken(format!("its pack can not be read: {}", why.message()));
        let objects = repository.odb().map_err(broken)?;
        let mut pack = objects.packwriter().map_err(broken)?;
        let mut size = 0;
        packets.bands(|bytes| {
            size += bytes.len();
            pack.write_all(bytes).map_err(|_| broken(git2::Error::last_error(-1)))
        })?;
        pack.commit().map_err(broken)?;
        drop(pack);
        tracing::debug!(size, "fetched objects");
        objects.refresh().map_err(broken)
    }

    /// Where a path leads in a commit.
    pub(super) fn place(&self, commit: Oid, path: &RepoPath) -> Result<Place, AppsError> {
        let repository = self.repository();
        let find = || {
            let mut tree = repository.find_commit(commit)?.tree_id();
            let mut here = RepoPath::top();
            let mut components = path.components().peekable();
            while let Some(component) = components.next() {
                if !has(&repository, tree)? {
                    return Ok(Place::Unfetched(tree));
                }
                let directory = repository.find_tree(tree)?;
                let Some(entry) = directory.get_name(component) else { return Ok(Place::Absent) };
                here = here.join(component);
                match kind_of(&entry) {
                    EntryKind::Directory => tree = entry.id(),
                    EntryKind::File if components.peek().is_none() => return Ok(Place::File(entry.id())),
                    kind => return Ok(Place::InTheWay(here, kind)),
                }
            }
            Ok(Place::Directory(tree))
        };
        find().map_err(|why: git2::Error| local(&why))
    }

    /// Whether an object was fetched.
    pub(super) fn has(&self, id: Oid) -> Result<bool, AppsError> {
        has(&self.repository(), id).map_err(|why| local(&why))
    }

    /// Whether a commit was fetched.
    pub(super) fn has_commit(&self, id: Oid) -> bool {
        self.repository().find_commit(id).is_ok()
    }

    /// The bytes of a file.
    pub(super) fn file(&self, id: Oid) -> Result<Vec<u8>, AppsError> {
        let repository = self.repository();
        let blob = repository.find_blob(id).map_err(|why| local(&why))?;
        Ok(blob.content().to_vec())
    }

    /// What is in a directory.
    pub(super) fn directory(&self, id: Oid) -> Result<Vec<(String, EntryKind)>, AppsError> {
        let repository = self.repository();
        let tree = repository.find_tree(id).map_err(|why| local(&why))?;
        // A name that is not UTF-8 is nobody's preview.
        Ok(tree.iter().filter_map(|entry| Some((entry.name().ok()?.to_owned(), kind_of(&entry)))).collect())
    }

    /// What has to be fetched before something in a commit can be looked at, as far as can be seen from what is there.
    pub(super) fn missing(&self, commit: Oid, needs: &[Need]) -> Result<Missing, AppsError> {
        let mut missing = Missing::default();
        for need in needs {
            match self.place(commit, need.path())? {
                Place::Absent | Place::InTheWay(..) => {}
                Place::Unfetched(tree) => drop(missing.alone.insert(tree)),
                Place::File(_) if matches!(need, Need::Names(_)) => {}
                Place::File(blob) if self.has(blob)? => {}
                Place::File(blob) => drop(missing.whole.insert(blob)),
                Place::Directory(tree) => {
                    let repository = self.repository();
                    let look = missing_below(&repository, tree, need, &mut missing);
                    look.map_err(|why| local(&why))?;
                }
            }
        }
        Ok(missing)
    }

    /// Writes the objects of a commit that makes `edits` on top of `parent`. Everything on the way to what they change has to
    /// be there.
    pub(super) fn write_commit(
        &self,
        parent: Oid,
        edits: &[Edit],
        message: &str,
        author: &Signature<'_>,
    ) -> Result<Oid, AppsError> {
        let repository = self.repository();
        let write = || {
            let parent = repository.find_commit(parent)?;
            let tree = parent.tree()?;
            let mut update = TreeUpdateBuilder::new();
            for edit in edits {
                match edit {
                    Edit::Write { path, after, .. } => {
                        let mode = mode_of(&tree, path);
                        update.upsert(path.as_str(), repository.blob(after.as_bytes())?, mode);
                    }
                    Edit::RemoveFile { path, .. } | Edit::RemoveDirectory { path, .. } => {
                        update.remove(path.as_str());
                    }
                }
            }
            let tree = repository.find_tree(update.create_updated(&repository, &tree)?)?;
            repository.commit(None, author, author, message, &tree, &[&parent])
        };
        write().map_err(|why: git2::Error| local(&why))
    }

    /// The pack of a commit, of all that is not in its parent: where that is `thin`, what is in its place there is what it is told
    /// by.
    pub(super) fn pack(&self, commit: Oid, parent: Oid, thin: bool) -> Result<Vec<u8>, AppsError> {
        let repository = self.repository();
        let write = || -> Result<Vec<u8>, Box<dyn std::error::Error>> {
            let (before, after) = (repository.find_commit(parent)?.tree()?, repository.find_commit(commit)?.tree()?);
            let mut new = BTreeMap::from([(commit, None), (after.id(), Some(before.id()))]);
            new_below(&repository, Some(&before), &after, &mut new)?;
            let (objects, mut pack) = (repository.odb()?, Pack::new());
            for (id, former) in new {
                let object = objects.read(id)?;
                let former = former.filter(|former| thin && objects.exists_ext(*former, OdbLookupFlags::NO_REFRESH));
                match former.map(|former| Ok::<_, git2::Error>((former, objects.read(former)?))).transpose()? {
                    Some((id, former)) if former.kind() == object.kind() => {
                        pack.add_difference(object.kind(), id, former.data(), object.data())?;
                    }
                    _ => pack.add(object.kind(), object.data())?,
                }
            }
            Ok(pack.finish())
        };
        write().map_err(|why| local(&why))
    }

    /// Whether a commit is `tip`, or one that led there, as far as commits were fetched.
    pub(super) fn led_to(&self, tip: Oid, commit: Oid) -> bool {
        let repository = self.repository();
        let (mut waiting, mut seen) = (vec![tip], BTreeSet::new());
        while let Some(next) = waiting.pop() {
            if next == commit {
                return true;
            }
            if seen.insert(next)
                && let Ok(found) = repository.find_commit(next)
            {
                waiting.extend(found.parent_ids());
            }
        }
        false
    }
}

fn has(repository: &Repository, id: Oid) -> Result<bool, git2::Error> {
    // Every pack that was taken in is known: to look for new ones again and again takes long.
    Ok(repository.odb()?.exists_ext(id, OdbLookupFlags::NO_REFRESH))
}

/// What is needed of a directory and not there.
fn missing_below(repository: &Repository, tree: Oid, need: &Need, missing: &mut Missing) -> Result<(), git2::Error> {
    let is_there = has(repository, tree)?;
    match need {
        Need::Content(_) | Need::Whole(_) if !is_there => drop(missing.whole.insert(tree)),
        Need::Names(_) | Need::Surroundings(_) if !is_there => drop(missing.alone.insert(tree)),
        Need::Names(_) => {}
        Need::Whole(_) => {
            if !is_whole(repository, tree)? {
                missing.whole.insert(tree);
            }
        }
        Need::Content(_) | Need::Surroundings(_) => {
            for entry in &repository.find_tree(tree)? {
                match (need, kind_of(&entry)) {
                    _ if has(repository, entry.id())? => {}
                    (Need::Content(_), EntryKind::File) => drop(missing.whole.insert(entry.id())),
                    (Need::Surroundings(_), EntryKind::Directory) => drop(missing.alone.insert(entry.id())),
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// Whether all files and directories below one are there.
fn is_whole(repository: &Repository, tree: Oid) -> Result<bool, git2::Error> {
    let mut waiting = vec![tree];
    while let Some(tree) = waiting.pop() {
        for entry in &repository.find_tree(tree)? {
            match kind_of(&entry) {
                EntryKind::File | EntryKind::Directory if !has(repository, entry.id())? => return Ok(false),
                EntryKind::Directory => waiting.push(entry.id()),
                _ => {}
            }
        }
    }
    Ok(true)
}

/// The objects below `after` that are not at the same place below `before`, and what is there instead.
fn new_below(
    repository: &Repository,
    before: Option<&Tree<'_>>,
    after: &Tree<'_>,
    new: &mut BTreeMap<Oid, Option<Oid>>,
) -> Result<(), git2::Error> {
    for entry in after {
        let former = before.and_then(|before| before.get_name_bytes(entry.name_bytes())).map(|former| former.id());
        let is_known = former == Some(entry.id()) || kind_of(&entry) == EntryKind::Submodule;
        if is_known || new.insert(entry.id(), former).is_some() || kind_of(&entry) != EntryKind::Directory {
            continue;
        }
        let former = former.and_then(|former| repository.find_tree(former).ok());
        new_below(repository, former.as_ref(), &repository.find_tree(entry.id())?, new)?;
    }
    Ok(())
}

/// A file that is there keeps its mode.
fn mode_of(tree: &Tree<'_>, path: &RepoPath) -> FileMode {
    let existing = tree.get_path(std::path::Path::new(path.as_str())).ok();
    let is_executable = existing.is_some_and(|entry| entry.filemode() == i32::from(FileMode::BlobExecutable));
    if is_executable { FileMode::BlobExecutable } else { FileMode::Blob }
}

fn kind_of(entry: &TreeEntry<'_>) -> EntryKind {
    match entry.kind() {
        Some(ObjectType::Tree) => EntryKind::Directory,
        Some(ObjectType::Commit) => EntryKind::Submodule,
        _ if entry.filemode() == i32::from(FileMode::Link) => EntryKind::Symlink,
        _ => EntryKind::File,
    }
}

#[expect(
    unsafe_code,
    reason = "the Git library has no safe way to set where it looks for configurations, or its cache"
)]
fn set_up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Nobody's configuration counts for what is kept here.
        for level in [ConfigLevel::System, ConfigLevel::Global, ConfigLevel::XDG, ConfigLevel::ProgramData] {
            // SAFETY: `Once` keeps this from running twice at a time, and a store, the only place in which this program uses the
            // Git library on a repository, waits for it.
            note(unsafe { git2::opts::set_search_path(level, "") });
        }
        // The list of all previews is one large tree, through which the way to each of them leads. Without this it would be
        // read anew each time: 28 s in place of 0.8 s with 10,000 previews.
        // SAFETY: as above.
        note(unsafe { git2::opts::set_cache_object_limit(git2::ObjectType::Tree, LARGEST_TREE) });
    });
}

fn note(result: Result<(), git2::Error>) {
    if let Err(error) = result {
        tracing::error!(%error, "the Git library refused to be set up");
    }
}
