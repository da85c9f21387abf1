//! The media types that are taken, which are few: what names files elsewhere is none of them.
//! <https://github.com/opencontainers/image-spec/blob/main/media-types.md>
//! <https://distribution.github.io/distribution/spec/manifest-v2-2/>

/// A manifest or an index, in one of the two families.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestKind {
    /// The image specification's manifest of an image for one platform.
    OciImage,
    /// Its index.
    OciIndex,
    /// Docker's manifest of an image for one platform.
    DockerImage,
    /// Docker's list of such.
    DockerList,
}

impl ManifestKind {
    const ALL: [Self; 4] = [Self::OciImage, Self::OciIndex, Self::DockerImage, Self::DockerList];

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::OciImage => "application/vnd.oci.image.manifest.v1+json",
            Self::OciIndex => "application/vnd.oci.image.index.v1+json",
            Self::DockerImage => "application/vnd.docker.distribution.manifest.v2+json",
            Self::DockerList => "application/vnd.docker.distribution.manifest.list.v2+json",
        }
    }

    /// Whether it names manifests, and no layers.
    #[must_use]
    pub const fn is_index(self) -> bool {
        matches!(self, Self::OciIndex | Self::DockerList)
    }

    pub(super) fn of(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == media_type)
    }
}

/// What says how an image is run.
const CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];
/// The files of an image. Those that are "foreign" or "nondistributable" are not among them: they are somewhere else.
const LAYERS: [&str; 4] = [
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
];
/// What `BuildKit` says about how an image came to be.
/// <https://docs.docker.com/build/metadata/attestations/attestation-storage/>
const STATEMENT: &str = "application/vnd.in-toto+json";
/// The config of what is no image.
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

pub(super) fn is_config(media_type: &str, is_attestation: bool) -> bool {
    CONFIGS.contains(&media_type) || is_attestation && media_type == EMPTY
}

pub(super) fn is_layer(media_type: &str, is_attestation: bool) -> bool {
    LAYERS.contains(&media_type) || is_attestation && media_type == STATEMENT
}
