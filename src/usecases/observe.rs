//! What a use case looks at in the apps repository, gathered for the pure part.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::clock;
use crate::domain::configuration::{self, Configuration};
use crate::domain::identity::{self, Identity};
use crate::domain::kustomization::{self, Kustomization};
use crate::domain::names::PullRequestNumber;
use crate::domain::overlay::{self, previews_directory};
use crate::domain::path::RepoPath;
use crate::domain::plan::{Directory, Previews};
use crate::domain::reason::Holder;
use crate::domain::record::Record;
use crate::domain::roster::Roster;
use crate::error::Error;
use crate::ports::{AppsRepository, Entry, EntryKind, Need, Snapshot};

/// What every look at a root needs: its configuration, and that of the roots beside it.
#[must_use]
pub fn needs(root: &RepoPath) -> Vec<Need> {
    let surroundings = ways_down(root).into_iter().map(Need::Surroundings);
    surroundings.chain([Need::Content(root.join(configuration::FILE))]).collect()
}

/// What a look at all previews of a root needs.
#[must_use]
pub fn needs_of_all(root: &RepoPath) -> Vec<Need> {
    let mut needs = needs(root);
    needs.push(Need::Whole(previews_directory(root)));
    needs
}

/// What a look at one pull request's preview needs, as long as it is called what previews are called by default.
#[must_use]
pub fn needs_of_one(root: &RepoPath, number: PullRequestNumber) -> Vec<Need> {
    let parent = previews_directory(root);
    let mut needs = needs(root);
    needs.push(Need::Content(root.join("base")));
    needs.extend(kustomization::FILES.map(|name| Need::Content(parent.join(name))));
    needs.push(Need::Content(parent.join(&format!("pr-{number}"))));
    // For the check that every line of the roster leads to something.
    needs.push(Need::Names(parent));
    needs
}

/// The names of everything that is among the previews of a root now.
///
/// # Errors
///
/// When the apps repository can not be read.
pub async fn names_there(root: &RepoPath, apps: &impl AppsRepository) -> Result<BTreeSet<String>, Error> {
    let snapshot = apps.observe(&[]).await?;
    Ok(snapshot.list(&previews_directory(root)).await?.into_iter().map(|(name, _)| name).collect())
}

/// The directories from the top down to `root`, both included.
fn ways_down(root: &RepoPath) -> Vec<RepoPath> {
    let mut way: Vec<_> = std::iter::successors(Some(root.clone()), RepoPath::parent).collect();
    way.reverse();
    way
}

/// Reads the configuration of the root at `root`, and proves that no root beside it has the same hosts: none of those that
/// it is in, that are in it, or that are beside one of these. All other roots are for looks at all of them.
///
/// # Errors
///
/// When there is none, it can not be used, or another root would give its previews the same hosts.
pub async fn configuration(snapshot: &impl Snapshot, root: &RepoPath) -> Result<Configuration, Error> {
    let neighbours = neighbours(snapshot, root).await?;
    configuration_beside(snapshot, root, &neighbours).await
}

/// Reads the configuration of the root at `root`, and proves that none of `others` has the same hosts.
///
/// # Errors
///
/// When there is none, it can not be used, or another root would give its previews the same hosts.
pub async fn configuration_beside(
    snapshot: &impl Snapshot,
    root: &RepoPath,
    others: &[RepoPath],
) -> Result<Configuration, Error> {
    let files: Vec<_> =
        others.iter().filter(|other| *other != root).map(|other| other.join(configuration::FILE)).collect();
    let needs: Vec<_> = files.iter().chain([&root.join(configuration::FILE)]).cloned().map(Need::Content).collect();
    snapshot.gather(&needs).await?;
    let configuration = own_configuration(snapshot, root).await?;
    for other in files {
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
            Err(error) => tracing::warn!("another root can not be read: {error}"),
        }
    }
    Ok(configuration)
}

/// The roots among the directories that `root` is in, those directly in them, and those directly in it.
async fn neighbours(snapshot: &impl Snapshot, root: &RepoPath) -> Result<Vec<RepoPath>, Error> {
    let mut found = BTreeSet::new();
    for directory in ways_down(root) {
        let children = snapshot.list(&directory).await?;
        let is_root = holds_configuration(&children);
        found.extend(is_root.then(|| directory.clone()));
        for (name, _) in children.into_iter().filter(|child| may_lead_to_roots(child, is_root)) {
            let child = directory.join(&name);
            if holds_configuration(&snapshot.list(&child).await?) {
                found.insert(child);
            }
        }
    }
    Ok(found.into_iter().collect())
}

fn holds_configuration(children: &[(String, EntryKind)]) -> bool {
    children.iter().any(|(name, kind)| name == configuration::FILE && *kind == EntryKind::File)
}

/// Whether roots may be in something: a root's own directories hold previews by the thousand and no roots, hidden ones are not
/// for Flux.
fn may_lead_to_roots((name, kind): &(String, EntryKind), is_in_root: bool) -> bool {
    let is_own = is_in_root && matches!(name.as_str(), "overlays" | "base");
    *kind == EntryKind::Directory && !is_own && !name.starts_with('.')
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
    let mut level = vec![RepoPath::top()];
    while !level.is_empty() {
        let needs: Vec<_> = level.iter().cloned().map(Need::Surroundings).collect();
        snapshot.gather(&needs).await?;
        let mut below = Vec::new();
        for directory in level {
            let children = snapshot.list(&directory).await?;
            let is_root = holds_configuration(&children);
            let waiting = children.into_iter().filter(|child| may_lead_to_roots(child, is_root));
            below.extend(waiting.map(|(name, _)| directory.join(&name)));
            found.extend(is_root.then_some(directory));
        }
        level = below;
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

/// Reads the roster and all directories beside it.
///
/// # Errors
///
/// When something that is not a directory is in the way.
pub async fn previews(snapshot: &impl Snapshot, root: &RepoPath) -> Result<Previews, Error> {
    let parent = previews_directory(root);
    snapshot.gather(&[Need::Whole(parent.clone())]).await?;
    refuse_in_the_way(snapshot, &parent).await?;
    let (mut directories, mut names, mut unreadable) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for (name, kind) in snapshot.list(&parent).await? {
        names.insert(name.clone());
        if kind != EntryKind::Directory {
            continue;
        }
        match read_directory(snapshot, &parent.join(&name)).await {
            Ok(directory) => drop(directories.insert(name, directory)),
            Err(error) => unreadable.push((name, error.to_string())),
        }
    }
    let roster = kustomization_of(snapshot, &parent).await?;
    Ok(Previews { root: root.clone(), directories, names, unreadable, roster })
}

/// Reads the roster, and the directories that may be of one pull request: the one of the name that its preview has now, and
/// those on the roster whose name and record say so. A name always holds the number.
///
/// # Errors
///
/// When something that is not a directory is in the way.
pub async fn previews_of(snapshot: &impl Snapshot, root: &RepoPath, identity: &Identity) -> Result<Previews, Error> {
    let parent = previews_directory(root);
    refuse_in_the_way(snapshot, &parent).await?;
    let roster = kustomization_of(snapshot, &parent).await?;
    // A roster that can not be read is told of when it is to be changed.
    let listed = roster.as_ref().and_then(|(_, text)| Roster::parse(text).ok());
    let mut names: BTreeSet<_> = listed.iter().flat_map(Roster::directories).map(str::to_owned).collect();
    let own = identity.name.as_str();
    let others = names.iter().filter(|name| *name != own && identity::may_be_called(name, identity.number));
    let candidates: Vec<_> = [own.to_owned()].into_iter().chain(others.cloned()).collect();
    let needs: Vec<_> = candidates.iter().map(|name| Need::Content(parent.join(name))).collect();
    snapshot.gather(&needs).await?;
    let (mut directories, mut unreadable) = (BTreeMap::new(), Vec::new());
    for name in candidates {
        let (here, is_own) = (parent.join(&name), name == own);
        match snapshot.entry(&here).await? {
            Entry::Directory => {}
            Entry::File(_) if is_own => return Err(Error::InTheWay { path: here, kind: EntryKind::File }),
            Entry::InTheWay { path, kind } if is_own => return Err(Error::InTheWay { path, kind }),
            _ => continue,
        }
        names.insert(name.clone());
        match read_directory(snapshot, &here).await {
            Ok(directory) => drop(directories.insert(name, directory)),
            Err(error) if is_own => return Err(error),
            // Somebody else's broken preview must not stop this one.
            Err(error) => unreadable.push((name, error.to_string())),
        }
    }
    Ok(Previews { root: root.clone(), directories, names, unreadable, roster })
}

/// What a preview is called that is there in the directory of that name: by what was rendered, which the configuration may have
/// moved on from.
#[must_use]
pub fn identity_there(configured: Identity, name: &str, directory: &Directory, record: &Record) -> Option<Identity> {
    let kustomization = directory.files.get(overlay::KUSTOMIZATION);
    let rendered = kustomization.and_then(|text| Kustomization::parse(text).ok());
    Some(Identity {
        name: name.parse().ok()?,
        namespace: rendered.and_then(|found| found.namespace?.parse().ok()).unwrap_or(configured.namespace),
        host: record.host().parse().unwrap_or(configured.host),
        ..configured
    })
}

async fn refuse_in_the_way(snapshot: &impl Snapshot, directory: &RepoPath) -> Result<(), Error> {
    match snapshot.entry(directory).await? {
        Entry::InTheWay { path, kind } => Err(Error::InTheWay { path, kind }),
        Entry::File(_) => Err(Error::InTheWay { path: directory.clone(), kind: EntryKind::File }),
        Entry::Directory | Entry::Absent => Ok(()),
    }
}

/// Says which directories were left out, and why.
pub fn warn_of_unreadable(previews: &Previews) {
    let parent = previews_directory(&previews.root);
    for (name, why) in &previews.unreadable {
        tracing::warn!("`{}` is left out: {why}", parent.join(name));
    }
}

/// The previews of a root, those that were put up first before the others.
///
/// # Errors
///
/// When the apps repository can not be read.
pub async fn holders(snapshot: &impl Snapshot, root: &RepoPath) -> Result<Vec<Holder>, Error> {
    let previews = previews(snapshot, root).await?;
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
    for name in overlay::FILES {
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
