//! Whose a preview's own secrets are, as the metadata beside them says.
//! <https://openbao.org/api-docs/secret/kv/kv-v2/#create-update-metadata>

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::domain::names::{Application, CommitId, PreviewName, PullRequestNumber, RepositoryName};

const MANAGED_BY: &str = "managed-by";
const BIVOUAC: &str = "bivouac";
const APPLICATION: &str = "application";
const REPOSITORY: &str = "repository";
const PULL_REQUEST: &str = "pull-request";
const PREVIEW: &str = "preview";
const COMMIT: &str = "commit";
const EXPIRES_AT: &str = "expires-at";

/// Whose values they are, and until when they are good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The application that the preview is of.
    pub application: Application,
    /// The repository of the pull request.
    pub repository: RepositoryName,
    /// The pull request.
    pub number: PullRequestNumber,
    /// What its preview is called, and with it the last name of the path, where that is said.
    pub preview: Option<PreviewName>,
    /// Its head when they were put.
    pub commit: CommitId,
    /// The end of the preview, as it was known then, where it has one.
    pub expires_at: Option<Timestamp>,
}

/// A pull request of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestOf {
    /// The application.
    pub application: Application,
    /// The repository.
    pub repository: RepositoryName,
    /// Its number.
    pub number: PullRequestNumber,
}

impl fmt::Display for PullRequestOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}, of `{}`", self.repository, self.number, self.application)
    }
}

/// What metadata says of whose values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// Nothing: somebody put them by hand.
    Unsaid,
    /// All of it.
    Of(Owner),
    /// Something, but not whose they are, as when another program wrote it.
    Unclear {
        /// The first key that says nothing, or what it can not.
        key: &'static str,
    },
}

impl Ownership {
    /// Reads it from the metadata of a path.
    #[must_use]
    pub fn read(metadata: &Map<String, Value>) -> Self {
        if [MANAGED_BY, APPLICATION, REPOSITORY, PULL_REQUEST].iter().all(|key| !metadata.contains_key(*key)) {
            return Self::Unsaid;
        }
        Owner::read(metadata).map_or_else(|key| Self::Unclear { key }, Self::Of)
    }

    /// The owner, where it is said.
    #[must_use]
    pub fn owner(self) -> Option<Owner> {
        match self {
            Self::Of(owner) => Some(owner),
            Self::Unsaid | Self::Unclear { .. } => None,
        }
    }
}

/// The key by which metadata says that values are another application's or repository's; none where it does not.
#[must_use]
pub fn says_another(
    metadata: &Map<String, Value>,
    application: &Application,
    repository: &RepositoryName,
) -> Option<&'static str> {
    let has = |key| metadata.contains_key(key);
    match (said(metadata, APPLICATION), said(metadata, REPOSITORY)) {
        (found, _) if has(APPLICATION) && found.as_ref() != Ok(application) => Some(APPLICATION),
        (_, found) if has(REPOSITORY) && found.as_ref() != Ok(repository) => Some(REPOSITORY),
        _ => None,
    }
}

/// What a key says.
fn said<T: FromStr>(metadata: &Map<String, Value>, key: &'static str) -> Result<T, &'static str> {
    metadata.get(key).and_then(Value::as_str).and_then(|text| text.parse().ok()).ok_or(key)
}

impl Owner {
    /// Reads it from the metadata of a path, or says which key does not fit.
    fn read(metadata: &Map<String, Value>) -> Result<Self, &'static str> {
        if said::<String>(metadata, MANAGED_BY)? != BIVOUAC {
            return Err(MANAGED_BY);
        }
        let has = |key| metadata.contains_key(key);
        Ok(Self {
            application: said(metadata, APPLICATION)?,
            repository: said(metadata, REPOSITORY)?,
            number: said(metadata, PULL_REQUEST)?,
            commit: said(metadata, COMMIT)?,
            preview: has(PREVIEW).then(|| said(metadata, PREVIEW)).transpose()?,
            expires_at: has(EXPIRES_AT).then(|| said(metadata, EXPIRES_AT)).transpose()?,
        })
    }

    /// The metadata that says it, with what else stood there before.
    #[must_use]
    pub fn written_to(&self, there: &Map<String, Value>) -> Map<String, Value> {
        let mut metadata = there.clone();
        metadata.remove(EXPIRES_AT);
        metadata.remove(PREVIEW);
        let entries = [
            (MANAGED_BY, Some(BIVOUAC.to_owned())),
            (APPLICATION, Some(self.application.to_string())),
            (REPOSITORY, Some(self.repository.to_string())),
            (PULL_REQUEST, Some(self.number.to_string())),
            (PREVIEW, self.preview.as_ref().map(ToString::to_string)),
            (COMMIT, Some(self.commit.to_string())),
            (EXPIRES_AT, self.expires_at.map(|end| end.to_string())),
        ];
        let entries = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
        metadata.extend(entries);
        metadata
    }

    /// Whether these are values for a pull request of that application.
    #[must_use]
    pub fn is_of(&self, application: &Application, repository: &RepositoryName) -> bool {
        self.application == *application && self.repository == *repository
    }

    /// Whether values at a path that ends with this name can be these: metadata that was copied from elsewhere says another name.
    #[must_use]
    pub fn is_at(&self, name: &str) -> bool {
        self.preview.as_ref().is_none_or(|preview| preview.as_str() == name)
    }

    /// The pull request.
    #[must_use]
    pub fn pull_request(&self) -> PullRequestOf {
        let Self { application, repository, number, .. } = self.clone();
        PullRequestOf { application, repository, number }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::domain::preview_secrets) fn owner(expires_at: Option<&str>) -> Owner {
        Owner {
            application: "wildside".parse().unwrap(),
            repository: "acme/wildside".parse().unwrap(),
            number: "7".parse().unwrap(),
            preview: Some("pr-7".parse().unwrap()),
            commit: "a".repeat(40).parse().unwrap(),
            expires_at: expires_at.map(|end| end.parse().unwrap()),
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_what_others_wrote_is_kept() {
        let theirs = Map::from_iter([("team".to_owned(), "shop".into()), (EXPIRES_AT.to_owned(), "soon".into())]);
        for owner in [owner(None), owner(Some("2026-11-28T10:00:00Z"))] {
            let metadata = owner.written_to(&theirs);
            assert_eq!(Ownership::read(&metadata), Ownership::Of(owner.clone()));
            assert_eq!(metadata["team"], "shop");
            assert!(metadata.values().all(Value::is_string), "a Vault takes texts only");
            assert_eq!(owner.written_to(&metadata), metadata);
        }
    }

    #[test]
    fn metadata_of_others_or_with_a_key_broken_or_gone_is_unclear_and_without_ours_says_nothing() {
        let whole = owner(Some("2026-11-28T10:00:00Z")).written_to(&Map::new());
        for (key, value) in [
            (MANAGED_BY, "somebody"),
            (APPLICATION, "Wild Side"),
            (REPOSITORY, "wildside"),
            (PULL_REQUEST, "0"),
            (PREVIEW, "PR 7"),
            (COMMIT, "main"),
            (EXPIRES_AT, "tomorrow"),
        ] {
            let mut broken = whole.clone();
            broken.insert(key.to_owned(), value.into());
            assert_eq!(Ownership::read(&broken), Ownership::Unclear { key });
            broken.remove(key);
            let without = match key {
                EXPIRES_AT => Ownership::Of(owner(None)),
                PREVIEW => Ownership::Of(Owner { preview: None, ..owner(Some("2026-11-28T10:00:00Z")) }),
                key => Ownership::Unclear { key },
            };
            assert_eq!(Ownership::read(&broken), without);
        }
        assert_eq!(Ownership::read(&Map::from_iter([("team".to_owned(), "shop".into())])), Ownership::Unsaid);
    }
}
