//! Images as files have them: the OCI image layout, all of whose texts are somebody else's and hostile.
//! <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>

mod document;
mod json;
mod media_type;
#[cfg(test)]
mod tests;

pub use media_type::ManifestKind;

use std::collections::{BTreeMap, BTreeSet};

use self::document::Document;
use super::image::Digest;
use super::visible::disarmed;

/// The most that a manifest, an index or `index.json` may hold, in bytes: what registries have to take.
pub const LARGEST_MANIFEST: u64 = 4 * 1024 * 1024;
/// The most that a config or a layer may hold, in bytes.
pub const LARGEST_BLOB: u64 = 4 * 1024 * 1024 * 1024;
/// The most manifests and indexes of one image.
pub const MOST_MANIFESTS: usize = 64;
/// The most configs and layers of one image.
pub const MOST_BLOBS: usize = 512;
/// How many indexes may lead to a manifest.
const DEEPEST: usize = 2;
/// How much of a hostile text is shown, in characters.
const SHOWN: usize = 100;

/// What is wrong with an image. It quotes the image's texts without control characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// A hostile text, so that it can be shown: in backticks, without what harms a log, and cut short.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("`{}`", shown(text, SHOWN))
}

fn shown(text: &str, most: usize) -> String {
    let mut escaped: Vec<_> = text.chars().take(most + 1).flat_map(char::escape_debug).take(most + 1).collect();
    if escaped.len() > most {
        escaped.truncate(most);
        escaped.push('…');
    }
    disarmed(&escaped.into_iter().collect::<String>())
}

/// A blob, as whoever names it describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its digest, by sha256.
    pub digest: Digest,
    /// How many bytes it has.
    pub size: u64,
}

/// A manifest or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its digest and size.
    pub blob: Blob,
    /// What it is.
    pub kind: ManifestKind,
    /// What it says, byte by byte.
    pub bytes: Vec<u8>,
}

/// All that an image consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The manifest or index that all others are reached from.
    pub root: Manifest,
    /// All other manifests, each after those that it names.
    pub below: Vec<Manifest>,
    /// The configs and layers, each once, in the order in which they are named.
    pub blobs: Vec<Blob>,
}

/// Checks `oci-layout`, the file that says what a folder is.
///
/// # Errors
///
/// When it is not one of version 1.0.0.
pub fn check_layout(bytes: &[u8]) -> Result<(), Invalid> {
    document::check_layout(bytes)
}

/// The image that a layout holds: by its `index.json`, and by `read`, which returns a manifest whose size and digest are as
/// described.
///
/// # Errors
///
/// When `read` fails, and when something breaks a rule: of documents, of media types, of limits, or that all names one image.
pub fn assemble<E: From<Invalid>>(index: &[u8], mut read: impl FnMut(&Blob) -> Result<Vec<u8>, E>) -> Result<Image, E> {
    let root = document::root(index)?;
    let mut assembly = Assembly::default();
    let mut manifests: Vec<Manifest> = Vec::new();
    let mut level = vec![root];
    for depth in 0.. {
        let mut next = Vec::new();
        for named in level {
            if depth == DEEPEST && named.kind.is_index() {
                return Err(Invalid(format!("its indexes are nested more than {DEEPEST} deep")).into());
            }
            if !assembly.is_new_manifest(&named)? {
                continue;
            }
            let bytes = read(&named.blob)?;
            match Document::parse(&bytes, &named)? {
                Document::Index(entries) => next.extend(entries),
                Document::Image { blobs, subject } => assembly.add(blobs, subject)?,
            }
            manifests.push(Manifest { blob: named.blob, kind: named.kind, bytes });
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    assembly.check_subjects()?;
    let mut manifests = manifests.into_iter();
    let root = manifests.next().ok_or_else(|| Invalid("it holds no image".to_owned()))?;
    let mut below: Vec<_> = manifests.collect();
    // An index below the root names images only, which name nothing that comes later.
    below.sort_by_key(|manifest| manifest.kind.is_index());
    Ok(Image { root, below, blobs: assembly.blobs })
}

/// A manifest that somebody names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    blob: Blob,
    kind: ManifestKind,
    /// Whether it is said to be about another one, as attestations of builds are.
    is_attestation: bool,
}

/// What is known of an image so far.
#[derive(Default)]
struct Assembly {
    manifests: BTreeMap<Digest, Named>,
    sizes: BTreeMap<Digest, u64>,
    blobs: Vec<Blob>,
    subjects: BTreeSet<Digest>,
}

impl Assembly {
    /// Whether a manifest has not been met before. One that has been was described in the same way.
    fn is_new_manifest(&mut self, named: &Named) -> Result<bool, Invalid> {
        if let Some(known) = self.manifests.get(&named.blob.digest) {
            if known == named {
                return Ok(false);
            }
            return Err(contradictory(&named.blob.digest));
        }
        if self.manifests.len() == MOST_MANIFESTS {
            return Err(Invalid(format!("it has more than {MOST_MANIFESTS} manifests")));
        }
        self.manifests.insert(named.blob.digest.clone(), named.clone());
        Ok(true)
    }

    fn add(&mut self, blobs: Vec<Blob>, subject: Option<Digest>) -> Result<(), Invalid> {
        self.subjects.extend(subject);
        for blob in blobs {
            match self.sizes.get(&blob.digest) {
                Some(size) if *size == blob.size => {}
                Some(_) => return Err(contradictory(&blob.digest)),
                None if self.blobs.len() == MOST_BLOBS => {
                    return Err(Invalid(format!("it has more than {MOST_BLOBS} configs and layers")));
                }
                None => {
                    self.sizes.insert(blob.digest.clone(), blob.size);
                    self.blobs.push(blob);
                }
            }
        }
        Ok(())
    }

    /// A registry lists a manifest with a subject as something about that: nobody speaks of another image of the repository.
    fn check_subjects(&self) -> Result<(), Invalid> {
        match self.subjects.iter().find(|subject| !self.manifests.contains_key(subject)) {
            None => Ok(()),
            Some(other) => Err(Invalid(format!(
                "a manifest has the subject {}, which is none of this image",
                quoted(other.as_str())
            ))),
        }
    }
}

fn contradictory(digest: &Digest) -> Invalid {
    Invalid(format!("{} is described in two ways", quoted(digest.as_str())))
}
