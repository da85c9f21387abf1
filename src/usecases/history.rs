//! The life of previews, read from the commits of the apps repository.

use super::observe;
use crate::domain::history::{History, There, Tip};
use crate::domain::path::RepoPath;
use crate::error::Error;
use crate::ports::{CommitLog, Snapshot};

/// Reads the commits of a branch, holds them against what is there at its tip, and puts the lives of all previews together. A root
/// that can not be read is told to the log, and its previews are taken to be what the commits say.
///
/// # Errors
///
/// When the apps repository can not be read.
pub async fn history(apps: &impl CommitLog) -> Result<History, Error> {
    let snapshot = apps.observe(&[]).await?;
    let tip = tip(&snapshot).await?;
    let commits = apps.commits(&snapshot).await?;
    Ok(History::of(&commits, &tip))
}

/// What is there, over all roots.
async fn tip(snapshot: &impl Snapshot) -> Result<Tip, Error> {
    let roots = observe::roots(snapshot).await?;
    let mut tip = Tip { is_whole: !roots.is_empty(), ..Tip::default() };
    for root in roots {
        if let Err(error) = look(snapshot, &root, &mut tip).await {
            tip.is_whole = false;
            tracing::warn!("the root `{root}` can not be read, so that its previews are what the commits say: {error}");
        }
    }
    Ok(tip)
}

async fn look(snapshot: &impl Snapshot, root: &RepoPath, tip: &mut Tip) -> Result<(), Error> {
    let configuration = observe::own_configuration(snapshot, root).await?;
    let application = &configuration.document().application;
    let previews = observe::previews(snapshot, root).await?;
    observe::warn_of_unreadable(&previews);
    let unreadable = previews.unreadable.into_iter().map(|(name, _)| name);
    let mut unread: Vec<_> = unreadable.collect();
    for (name, directory) in previews.directories {
        match directory.record {
            Ok(record) => tip.previews.push(There {
                application: application.clone(),
                preview: name,
                repository: record.repository,
                number: record.number,
                generation: record.generation,
                commit: record.commit,
                created_at: record.created_at,
            }),
            Err(_) => unread.push(name),
        }
    }
    tip.unread.extend(unread.into_iter().map(|name| (application.clone(), name)));
    tip.applications.insert(application.clone());
    Ok(())
}
