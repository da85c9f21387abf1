//! What a use case looks at in the apps repository, gathered for the pure part.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::clock;
use crate::domain::configuration::{self, Configuration};
use crate::domain::kustomization;
use crate::domain::names::PullRequestNumber;
use crate::domain::overlay::{self, previews_directory};
use crate::domain::path::RepoPath;
use crate::domain::plan::{Directory, Previews};
use crate::domain::reason::Holder;
use crate::domain::record::{self, Record};
use crate::error::Error;
use crate::ports::{Entry, EntryKind, Snapshot};

/// Reads the configuration of the root at `root`, and proves that no other root has the same hosts.
///
/// # Errors
///
/// When there is none, it can not be used, or another root would give its previews the same hosts.
pub async fn configuration(snapshot: &impl Snapshot, root: &RepoPath) -> Result<Configuration, Error> {
    let configuration = own_configuration(snapshot, root).await?;
    for other in roots(snapshot).await?.into_iter().filter(|other| other != root) {
        let other = other.join(configuration::FILE);
        let parsed = match file_text(snapshot, &other).await {
            Ok(Some(text)) => Configuration::parse(other.clone(), &text).map_err(Error::from),
            Ok(None) => continue,
            Err(error) => Err(error),
        };
        match parsed {
            Ok(parsed) if parsed.is_of_the_application_of(&configuration) => {
                return Err(Error::SameApplication { file: root.join(configuration::FILE), other });
            }
            Ok(parsed) if parsed.has_the_hosts_of(&configuration) => {
                return Err(Error::SameHosts { file: root.join(configuration::FILE), other });
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "another root can not be read"),
        }
    }
    Ok(configuration)
}

/// Reads the configuration of the root at `root`.
///
/// # Errors
///
/// When there is none, or it can not be used.
pub async fn own_configuration(snapshot: &impl Snapshot, root: &RepoPath) -> Result<Configuration, Error> {
    let file = root.join(configuration::FILE);
    match file_text(snapshot, &file).await? {
        Some(text) => Ok(Configuration::parse(file, &text)?),
        None => Err(Error::NoConfiguration { file }),
    }
}

/// All roots, in the order of their paths: the directories that hold a configuration.
///
/// # Errors
///
/// When the apps repository can not be read.
pub async fn roots(snapshot: &impl Snapshot) -> Result<Vec<RepoPath>, Error> {
    let mut found = Vec::new();
    let mut waiting = vec![RepoPath::top()];
    while let Some(directory) = waiting.pop() {
        let children = snapshot.list(&directory).await?;
        let is_root = children.iter().any(|(name, kind)| name == configuration::FILE && *kind == EntryKind::File);
        if is_root {
            found.push(directory.clone());
        }
        // A root's own directories hold previews by the thousand, and no roots.
        let is_own = |name: &str| is_root && matches!(name, "overlays" | "base");
        let below = children.into_iter().filter(|(name, kind)| *kind == EntryKind::Directory && !is_own(name));
        waiting.extend(below.map(|(name, _)| directory.join(&name)));
    }
    found.sort();
    Ok(found)
}

pub(super) async fn kustomization_of(
    snapshot: &impl Snapshot,
    directory: &RepoPath,
) -> Result<Option<(RepoPath, String)>, Error> {
    for name in kustomization::FILES {
        let path = directory.join(name);
        if let Some(text) = file_text(snapshot, &path).await? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

/// Reads the roster, and the directories for which `is_wanted` says yes to their name and the text of their patch.
/// What is no directory has no patch.
///
/// # Errors
///
/// When something that is not a directory is in the way.
pub async fn previews(
    snapshot: &impl Snapshot,
    root: &RepoPath,
    is_wanted: impl Fn(&str, Option<&str>) -> bool,
) -> Result<Previews, Error> {
    let parent = previews_directory(root);
    match snapshot.entry(&parent).await? {
        Entry::InTheWay { path, kind } => return Err(Error::InTheWay { path, kind }),
        Entry::File(_) => return Err(Error::InTheWay { path: parent, kind: EntryKind::File }),
        Entry::Directory | Entry::Absent => {}
    }
    let (mut found, mut names, mut unreadable) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for (name, kind) in snapshot.list(&parent).await? {
        names.insert(name.clone());
        let here = parent.join(&name);
        if kind != EntryKind::Directory {
            if is_wanted(&name, None) {
                return Err(Error::InTheWay { path: here, kind });
            }
            continue;
        }
        // Somebody else's broken preview must not stop this one.
        let patch = file_text(snapshot, &here.join(overlay::PATCH)).await.ok().flatten().unwrap_or_default();
        if is_wanted(&name, Some(&patch)) {
            match read_directory(snapshot, &here).await {
                Ok(directory) => drop(found.insert(name, directory)),
                Err(error) if is_wanted(&name, None) => return Err(error),
                Err(error) => unreadable.push((name, error.to_string())),
            }
        }
    }
    let roster = kustomization_of(snapshot, &parent).await?;
    Ok(Previews { root: root.clone(), directories: found, names, unreadable, roster })
}

/// Says which directories were left out, and why.
pub fn warn_of_unreadable(previews: &Previews) {
    let parent = previews_directory(&previews.root);
    for (name, why) in &previews.unreadable {
        tracing::warn!("`{}` is left out: {why}", parent.join(name));
    }
}

/// Whether a directory matters for one pull request: by what its preview is called now, or by its record.
pub fn concerns(name: &str, number: PullRequestNumber) -> impl Fn(&str, Option<&str>) -> bool {
    move |directory, patch| directory == name || patch.is_some_and(|patch| record::may_be_of(patch, number))
}

/// The previews of a root, those that were put up first before the others.
///
/// # Errors
///
/// When the apps repository can not be read.
pub async fn holders(snapshot: &impl Snapshot, root: &RepoPath) -> Result<Vec<Holder>, Error> {
    let previews = previews(snapshot, root, |_, patch| patch.is_some()).await?;
    let recorded = previews.directories.iter().filter_map(|(name, directory)| {
        let record = directory.record.as_ref().ok()?;
        Some((record.created_at, Holder { name: name.parse().ok()?, number: record.number }))
    });
    let mut holders: Vec<_> = recorded.collect();
    holders.sort_by_key(|(created_at, holder)| (*created_at, holder.number));
    Ok(holders.into_iter().map(|(_, holder)| holder).collect())
}

/// The time, by this machine's clock or, when that is far off, by the forge's.
#[must_use]
pub fn time(own: Timestamp, forge: Option<Timestamp>) -> Timestamp {
    let time = clock::agreed(own, forge);
    if time != own {
        tracing::warn!("this machine's clock says {own}, the forge's {time}: the forge's counts");
    }
    time
}

async fn read_directory(snapshot: &impl Snapshot, directory: &RepoPath) -> Result<Directory, Error> {
    let mut files = BTreeMap::new();
    for name in [overlay::KUSTOMIZATION, overlay::NAMESPACE, overlay::PATCH] {
        if let Some(text) = file_text(snapshot, &directory.join(name)).await? {
            files.insert(name.to_owned(), text);
        }
    }
    let record = Record::read(files.get(overlay::PATCH).map_or("", String::as_str));
    Ok(Directory { files, record })
}

/// The text of a file; nothing when there is none.
pub(super) async fn file_text(snapshot: &impl Snapshot, path: &RepoPath) -> Result<Option<String>, Error> {
    match snapshot.entry(path).await? {
        Entry::File(text) => Ok(Some(text)),
        Entry::Absent => Ok(None),
        Entry::Directory => Err(Error::InTheWay { path: path.clone(), kind: EntryKind::Directory }),
        Entry::InTheWay { path, kind } => Err(Error::InTheWay { path, kind }),
    }
}
