//! Archives of schemas, fetched by their pinned hash and kept between runs.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use flate2::read::GzDecoder;
use reqwest::header::LOCATION;
use reqwest::{Client, Url};

use crate::domain::configuration::{SchemaArchive, Sha256};
use crate::domain::hexadecimal::hexadecimal;
use crate::effects::git::is_loopback;
use crate::env::Environment;
use crate::error::with_causes;
use crate::ports::{RenderError, SchemaArchives};

/// What an archive may have, in bytes.
const LARGEST: usize = 64 << 20;
/// What is in it may have, in bytes.
const LARGEST_UNPACKED: u64 = 200 << 20;
/// So many files may be in it.
const MOST_FILES: usize = 50_000;
/// So often may a server send us elsewhere; GitHub does, for its archives.
const MOST_REDIRECTS: usize = 5;

/// Why there are no schemas from an archive.
#[derive(Debug, thiserror::Error)]
#[error("the schemas at `{url}` can not be used")]
pub struct ArchiveError {
    /// The archive.
    pub url: String,
    /// Why.
    pub source: ArchiveProblem,
}

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveProblem {
    /// Its address can not be asked.
    #[error("`{0}` is not an `https://` address")]
    Address(String),
    /// It does not come.
    #[error("it can not be fetched")]
    Unreachable(#[source] reqwest::Error),
    /// The server has something else to say.
    #[error("the server answers with {0}")]
    Status(u16),
    /// It leads from one address to the next.
    #[error("it leads to more than {MOST_REDIRECTS} other addresses")]
    Redirects,
    /// It is too large.
    #[error("{0}")]
    Large(String),
    /// It is not what was pinned.
    #[error("its SHA-256 is `{found}`, and `sha256` says `{pinned}`")]
    Hash {
        /// What came.
        found: String,
        /// What should have come.
        pinned: String,
    },
    /// It is no `.tar.gz`.
    #[error("it can not be unpacked as `.tar.gz`")]
    Unpack(#[source] std::io::Error),
}

/// Archives of schemas, kept where they are found again.
pub struct Archives {
    /// What fetches them.
    pub client: Client,
    /// Where they are kept, if anywhere.
    pub cache: Option<PathBuf>,
}

impl SchemaArchives for Archives {
    async fn read(&self, archive: &SchemaArchive) -> Result<Vec<(String, String)>, RenderError> {
        read(&self.client, archive, self.cache.as_deref()).await.map_err(|error| {
            let message = with_causes(&error.source);
            RenderError::Schemas { url: error.url, message }
        })
    }
}

/// The folder that archives are kept in: the runner's for tools, or the user's for caches; nothing if there is neither.
#[must_use]
pub fn cache_folder(environment: &Environment) -> Option<PathBuf> {
    let folder = |name: &str| environment.get(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let user = || folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    folder("RUNNER_TOOL_CACHE").or_else(user).map(|folder| folder.join("bivouac").join("schemas"))
}

/// The schemas in an archive: the texts of its JSON and YAML files, each with its path. What is in the cache is not fetched;
/// it is held against the hash nevertheless. A cache that can not be written is none.
///
/// # Errors
///
/// When the archive does not come, is not the one that was pinned, or can not be unpacked.
pub async fn read(
    client: &Client,
    archive: &SchemaArchive,
    cache: Option<&Path>,
) -> Result<Vec<(String, String)>, ArchiveError> {
    let kept = cache.map(|folder| folder.join(format!("{}.tar.gz", archive.sha256)));
    let from_cache = kept.as_deref().and_then(|file| read_bounded(file).ok());
    let from_cache = from_cache.filter(|bytes| check_hash(bytes, &archive.sha256).is_ok());
    let refused = |source| ArchiveError { url: archive.url.clone(), source };
    let bytes = if let Some(bytes) = from_cache {
        bytes
    } else {
        let bytes = fetch(client, &archive.url, &archive.sha256).await.map_err(refused)?;
        if let Some(Err(why)) = kept.as_deref().map(|file| keep(file, &bytes)) {
            tracing::debug!(%why, "the archive can not be kept");
        }
        bytes
    };
    let files = unpack(&bytes).map_err(refused)?;
    let name = &archive.sha256.as_str()[..12];
    Ok(files.into_iter().map(|(path, text)| (format!("{name}/{path}"), text)).collect())
}

/// Fetches an archive, and holds it against its hash. Nothing of it is looked at before.
///
/// # Errors
///
/// When it does not come, is too large, or is another one.
pub async fn fetch(client: &Client, url: &str, pinned: &Sha256) -> Result<Vec<u8>, ArchiveProblem> {
    let mut address = allowed(url, None)?;
    for _ in 0..=MOST_REDIRECTS {
        let mut answer = client.get(address.clone()).send().await.map_err(ArchiveProblem::Unreachable)?;
        if answer.status().is_redirection() {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.ok_or(ArchiveProblem::Status(answer.status().as_u16()))?;
            address = allowed(to, Some(&address))?;
            continue;
        }
        if !answer.status().is_success() {
            return Err(ArchiveProblem::Status(answer.status().as_u16()));
        }
        let mut bytes = Vec::new();
        while let Some(more) = answer.chunk().await.map_err(ArchiveProblem::Unreachable)? {
            if bytes.len() + more.len() > LARGEST {
                return Err(ArchiveProblem::Large(format!("it has more than {} MiB", LARGEST >> 20)));
            }
            bytes.extend_from_slice(&more);
        }
        check_hash(&bytes, pinned)?;
        return Ok(bytes);
    }
    Err(ArchiveProblem::Redirects)
}

/// An address that may be asked. Only what is on this machine may send us to this machine over plain HTTP.
fn allowed(text: &str, from: Option<&Url>) -> Result<Url, ArchiveProblem> {
    let refused = || ArchiveProblem::Address(text.escape_debug().to_string());
    let url = from.map_or_else(|| Url::parse(text), |from| from.join(text)).map_err(|_| refused())?;
    let is_local = is_loopback(&url) && from.is_none_or(|from| from.scheme() == "http");
    if url.scheme() == "https" || url.scheme() == "http" && is_local { Ok(url) } else { Err(refused()) }
}

fn check_hash(bytes: &[u8], pinned: &Sha256) -> Result<(), ArchiveProblem> {
    let found = hexadecimal(digest(&SHA256, bytes).as_ref());
    if found == pinned.as_str() {
        return Ok(());
    }
    Err(ArchiveProblem::Hash { found, pinned: pinned.to_string() })
}

fn read_bounded(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(file)?.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Keeps an archive, whole or not at all, whoever else does the same.
fn keep(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.persist(file).map(|_| ()).map_err(|kept| kept.error)
}

/// The texts in an archive, in memory: nothing of it gets to a disk, whatever its paths say.
fn unpack(bytes: &[u8]) -> Result<Vec<(String, String)>, ArchiveProblem> {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes).take(LARGEST_UNPACKED + 1));
    let (mut found, mut size) = (Vec::new(), 0);
    for (count, entry) in archive.entries().map_err(ArchiveProblem::Unpack)?.enumerate() {
        let mut entry = entry.map_err(ArchiveProblem::Unpack)?;
        size += entry.size();
        if count >= MOST_FILES {
            return Err(ArchiveProblem::Large(format!("it has more than {MOST_FILES} files")));
        }
        if size > LARGEST_UNPACKED {
            return Err(ArchiveProblem::Large(format!("it unpacks to more than {} MiB", LARGEST_UNPACKED >> 20)));
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let is_schema = [".json", ".yaml", ".yml"].iter().any(|ending| path.ends_with(ending));
        if entry.header().entry_type().is_file() && is_schema {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).map_err(ArchiveProblem::Unpack)?;
            // What is no text is no schema.
            found.extend(String::from_utf8(text).ok().map(|text| (path, text)));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
