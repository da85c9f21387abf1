//! The previews that there are, by their records.

use super::observe;
use crate::domain::configuration::Configuration;
use crate::domain::overlay::previews_directory;
use crate::domain::path::RepoPath;
use crate::domain::record::Record;
use crate::error::Error;
use crate::ports::{AppsRepository, Snapshot as _};

/// One preview as it is recorded.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its name, and its directory's.
    pub name: String,
    /// Its directory in the apps repository.
    pub overlay: RepoPath,
    /// What is remembered of it.
    pub record: Record,
}

/// The previews of a root, oldest first. A directory without a record is told to the log and left out.
///
/// # Errors
///
/// When the apps repository or the configuration can not be read.
pub async fn list(apps: &impl AppsRepository, root: &RepoPath) -> Result<(Configuration, Vec<Listed>), Error> {
    let snapshot = apps.observe(&observe::needs_of_all(root)).await?;
    let configuration = observe::configuration(&snapshot, root).await?;
    let parent = previews_directory(root);
    if snapshot.list(&parent).await?.is_empty() {
        return Ok((configuration, Vec::new()));
    }
    let previews = observe::previews(&snapshot, root).await?;
    observe::warn_of_unreadable(&previews);
    let mut listed = Vec::new();
    for (name, directory) in previews.directories {
        match directory.record {
            Ok(record) => listed.push(Listed { overlay: parent.join(&name), name, record }),
            Err(why) => tracing::warn!("`{}` is not a preview that Bivouac knows: {why}", parent.join(&name)),
        }
    }
    listed.sort_by_key(|preview| (preview.record.created_at, preview.record.number));
    Ok((configuration, listed))
}
