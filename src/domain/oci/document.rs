//! The documents of a layout, each read with its rules.

use serde::Deserialize;
use serde_json::Value;

use super::json::{There, read};
use super::media_type::{ManifestKind, is_config, is_layer};
use super::{Blob, Invalid, LARGEST_BLOB, LARGEST_MANIFEST, Named, quoted};
use crate::domain::image::Digest;

/// The one version of the layout.
const LAYOUT_VERSION: &str = "1.0.0";
/// The one version of manifests that is not a thing of the past.
const SCHEMA_VERSION: u64 = 2;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layout {
    image_layout_version: String,
}

/// A manifest or an index: which of the two is said where it is named.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    schema_version: u64,
    media_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
}

/// <https://github.com/opencontainers/image-spec/blob/main/descriptor.md>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default, deserialize_with = "there")]
    urls: bool,
    #[serde(default, deserialize_with = "there")]
    data: bool,
    #[serde(default)]
    annotations: Option<Value>,
    #[serde(default)]
    platform: Option<Value>,
}

fn there<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    There::deserialize(deserializer).map(|_| true)
}

/// What a manifest or an index says.
pub(super) enum Document {
    /// The manifests that an index names.
    Index(Vec<Named>),
    /// The config and the layers of an image.
    Image {
        /// In this order.
        blobs: Vec<Blob>,
        /// The manifest that it is about.
        subject: Option<Digest>,
    },
}

pub(super) fn check_layout(bytes: &[u8]) -> Result<(), Invalid> {
    let layout: Layout = read("`oci-layout`", bytes)?;
    if layout.image_layout_version == LAYOUT_VERSION {
        return Ok(());
    }
    let found = quoted(&layout.image_layout_version);
    Err(Invalid(format!("`oci-layout` is of the version {found}, not of `{LAYOUT_VERSION}`")))
}

/// The one manifest or index that `index.json` names. `docker save` names it once for each of its tags.
pub(super) fn root(bytes: &[u8]) -> Result<Named, Invalid> {
    let index = Document::of(read("`index.json`", bytes)?, "`index.json`", ManifestKind::OciIndex, false)?;
    let mut roots = match index {
        Document::Index(named) => named,
        Document::Image { .. } => Vec::new(),
    }
    .into_iter();
    let root = roots.next().ok_or_else(|| Invalid("`index.json` names no image".to_owned()))?;
    if roots.all(|other| other == root) {
        return Ok(root);
    }
    Err(Invalid("`index.json` names more than one image".to_owned()))
}

impl Document {
    /// Reads what is named.
    pub(super) fn parse(bytes: &[u8], named: &Named) -> Result<Self, Invalid> {
        let what = format!("the manifest {}", quoted(named.blob.digest.as_str()));
        Self::of(read(&what, bytes)?, &what, named.kind, named.is_attestation)
    }

    fn of(written: Written, what: &str, kind: ManifestKind, is_attestation: bool) -> Result<Self, Invalid> {
        let wrong = |why: &str| Err(Invalid(format!("{what} {why}")));
        if written.schema_version != SCHEMA_VERSION {
            return wrong("is not of the schema version 2");
        }
        if written.media_type.is_some_and(|said| said != kind.media_type()) {
            return wrong("says that it has another media type than where it is named");
        }
        match (kind.is_index(), written.manifests, written.config, written.layers) {
            (true, Some(manifests), None, None) => {
                if written.subject.is_some() {
                    return wrong("is an index with a subject");
                }
                let entries = manifests.into_iter().map(Descriptor::manifest);
                entries.collect::<Result<_, _>>().map(Self::Index)
            }
            (false, None, Some(config), Some(layers)) => {
                let subject = written.subject.map(Descriptor::manifest).transpose()?.map(|subject| subject.blob.digest);
                let mut blobs = vec![config.blob("config", |kind| is_config(kind, is_attestation))?];
                for layer in layers {
                    blobs.push(layer.blob("layer", |kind| is_layer(kind, is_attestation))?);
                }
                Ok(Self::Image { blobs, subject })
            }
            (true, ..) => wrong("is an index, and has not `manifests` alone"),
            (false, ..) => wrong("is of an image, and has not `config` and `layers` alone"),
        }
    }
}

impl Descriptor {
    fn manifest(self) -> Result<Named, Invalid> {
        let kind = ManifestKind::of(&self.media_type);
        let kind = kind.ok_or_else(|| self.unknown("manifest"))?;
        let is_attestation = self.is_attestation();
        Ok(Named { blob: self.checked(LARGEST_MANIFEST)?, kind, is_attestation })
    }

    fn blob(self, what: &str, is_known: impl Fn(&str) -> bool) -> Result<Blob, Invalid> {
        if is_known(&self.media_type) { self.checked(LARGEST_BLOB) } else { Err(self.unknown(what)) }
    }

    /// Whether it is the way of `BuildKit` to say something about an image.
    fn is_attestation(&self) -> bool {
        let text = |value: &Option<Value>, key: &str| Some(value.as_ref()?.get(key)?.as_str()?.to_owned());
        text(&self.annotations, "vnd.docker.reference.type").is_some_and(|kind| kind == "attestation-manifest")
            && ["os", "architecture"].iter().all(|key| text(&self.platform, key).is_some_and(|said| said == "unknown"))
    }

    fn unknown(&self, what: &str) -> Invalid {
        let (digest, kind) = (quoted(&self.digest), quoted(&self.media_type));
        Invalid(format!("the {what} {digest} has the media type {kind}, which is not taken"))
    }

    fn checked(self, largest: u64) -> Result<Blob, Invalid> {
        let shown = quoted(&self.digest);
        let wrong = |why: &str| Err(Invalid(format!("{shown} {why}")));
        if self.urls || self.data {
            return wrong("is to be had elsewhere than in the archive: it has `urls` or `data`");
        }
        if self.size > largest {
            return wrong(&format!("is said to have {} bytes; {largest} are taken", self.size));
        }
        match self.digest.parse::<Digest>() {
            Ok(digest) if self.digest.starts_with("sha256:") => Ok(Blob { digest, size: self.size }),
            _ => wrong("is no digest by sha256"),
        }
    }
}
