//! The record: what Bivouac remembers of a preview, as annotations on its patch.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::identity::Identity;
use super::names::{CommitId, PullRequestNumber, RepositoryName};
use super::yaml;

const APPLICATION_REPOSITORY: &str = "bivouac.dev/application-repository";
const PULL_REQUEST: &str = "bivouac.dev/pull-request";
const COMMIT: &str = "bivouac.dev/commit";
const GENERATION: &str = "bivouac.dev/generation";
const CREATED_AT: &str = "bivouac.dev/created-at";
const EXPIRES_AT: &str = "bivouac.dev/expires-at";
/// Flux reads these of any object and reports on the pull request by itself.
/// <https://fluxcd.io/flux/components/notification/providers/>
const FLUX_CHANGE_REQUEST: &str = "event.toolkit.fluxcd.io/change_request";
const FLUX_COMMIT: &str = "event.toolkit.fluxcd.io/commit";
const FLUX_PREVIEW_URL: &str = "event.toolkit.fluxcd.io/preview-url";

/// The highest generation that is believed of what others can write: it is counted on from.
pub const LAST_GENERATION: u64 = 1_000_000_000_000_000;

/// What is remembered of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose pull request it is.
    pub repository: RepositoryName,
    /// The pull request.
    pub number: PullRequestNumber,
    /// The head commit that it shows.
    pub commit: CommitId,
    /// Counts up with every change, over removals too; the first is 1.
    pub generation: u64,
    /// When it was put up. Later pushes keep it.
    pub created_at: Timestamp,
    /// When its time is up, where it has an end.
    pub expires_at: Option<Timestamp>,
    /// The address, for people.
    pub url: String,
}

/// The annotations make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not YAML.
    #[error("its patch is not YAML")]
    NotYaml(#[from] yaml::YamlError),
    /// An annotation is missing.
    #[error("it has no annotation `{0}`")]
    Missing(&'static str),
    /// An annotation says something impossible.
    #[error("its annotation `{key}` is `{value}`, which makes no sense")]
    Senseless {
        /// The annotation.
        key: &'static str,
        /// What it says.
        value: String,
    },
}

impl RecordError {
    /// Whether nothing says that this was ever a preview.
    #[must_use]
    pub fn is_of_something_else(&self) -> bool {
        *self == Self::Missing(APPLICATION_REPOSITORY)
    }
}

impl Record {
    /// Reads the record from the text of a patch.
    ///
    /// # Errors
    ///
    /// When an annotation is missing or makes no sense.
    pub fn read(patch: &str) -> Result<Self, RecordError> {
        let document: Value = yaml::parse(patch)?;
        let empty = Map::new();
        let annotations = document.pointer("/metadata/annotations").and_then(Value::as_object).unwrap_or(&empty);
        let url = annotations.get(FLUX_PREVIEW_URL).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self {
            repository: required(annotations, APPLICATION_REPOSITORY)?,
            number: required(annotations, PULL_REQUEST)?,
            commit: required(annotations, COMMIT)?,
            generation: required(annotations, GENERATION)?,
            created_at: required(annotations, CREATED_AT)?,
            expires_at: optional(annotations, EXPIRES_AT)?,
            url,
        })
    }

    /// The annotations of the preview called `identity`, in the order in which they are written.
    #[must_use]
    pub fn annotations(&self, identity: &Identity) -> Map<String, Value> {
        let mut entries = vec![
            (APPLICATION_REPOSITORY, self.repository.to_string()),
            (PULL_REQUEST, self.number.to_string()),
            (COMMIT, self.commit.to_string()),
            (GENERATION, self.generation.to_string()),
            (CREATED_AT, self.created_at.to_string()),
        ];
        entries.extend(self.expires_at.map(|time| (EXPIRES_AT, time.to_string())));
        entries.extend([
            (FLUX_CHANGE_REQUEST, self.number.to_string()),
            (FLUX_COMMIT, self.commit.to_string()),
            (FLUX_PREVIEW_URL, identity.url()),
        ]);
        entries.into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect()
    }

    /// The host that the preview is, or was, reached under.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.strip_prefix("https://").unwrap_or(&self.url)
    }

    /// Whether this is the preview of that pull request.
    #[must_use]
    pub fn is_of(&self, repository: &RepositoryName, number: PullRequestNumber) -> bool {
        self.repository == *repository && self.number == number
    }
}

fn required<T: std::str::FromStr>(annotations: &Map<String, Value>, key: &'static str) -> Result<T, RecordError> {
    optional(annotations, key)?.ok_or(RecordError::Missing(key))
}

fn optional<T: std::str::FromStr>(
    annotations: &Map<String, Value>,
    key: &'static str,
) -> Result<Option<T>, RecordError> {
    let Some(value) = annotations.get(key).filter(|value| !value.is_null()) else { return Ok(None) };
    let senseless =
        || RecordError::Senseless { key, value: value.as_str().map_or_else(|| value.to_string(), str::to_owned) };
    // A formatter of people's may have taken the quotes away.
    let text = if value.is_number() { value.to_string() } else { value.as_str().unwrap_or_default().to_owned() };
    text.parse().map(Some).map_err(|_| senseless())
}

#[cfg(test)]
mod tests {
    use super::*;
    use indoc::indoc;

    const PATCH: &str = indoc! {r#"
        metadata:
          annotations:
            bivouac.dev/application-repository: "acme/wildside"
            bivouac.dev/pull-request: "123"
            bivouac.dev/commit: "5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a"
            bivouac.dev/generation: "3"
            bivouac.dev/created-at: "2026-11-21T10:00:00Z"
            event.toolkit.fluxcd.io/preview-url: "https://pr-123.example.com"
    "#};

    #[test]
    fn a_record_reads_back_what_was_written() {
        let record = Record::read(PATCH).unwrap();
        assert_eq!(
            (record.generation, record.expires_at, record.created_at.to_string().as_str()),
            (3, None, "2026-11-21T10:00:00Z")
        );
        let identity = Identity {
            number: record.number,
            name: "pr-123".parse().unwrap(),
            namespace: "wildside-pr-123".parse().unwrap(),
            host: "pr-123.example.com".parse().unwrap(),
        };
        let patch = serde_json::json!({"metadata": {"annotations": record.annotations(&identity)}});
        assert_eq!(Record::read(&yaml::write(&patch)).unwrap(), record);
    }

    #[test]
    fn an_annotation_that_makes_no_sense_is_named() {
        let error = Record::read(&PATCH.replace("\"3\"", "\"three\"")).unwrap_err().to_string();
        assert_eq!(error, "its annotation `bivouac.dev/generation` is `three`, which makes no sense");
        let error = Record::read("kind: HelmRelease\n").unwrap_err().to_string();
        assert_eq!(error, "it has no annotation `bivouac.dev/application-repository`");
    }

    #[test]
    fn an_end_is_read_back_and_one_that_makes_no_sense_is_no_record() {
        let with = |end: &str| PATCH.replace("    event.", &format!("    bivouac.dev/expires-at: {end}\n    event."));
        let record = Record::read(&with("\"2026-11-28T10:00:00Z\"")).unwrap();
        assert_eq!(record.expires_at, Some("2026-11-28T10:00:00Z".parse().unwrap()));
        let identity = crate::domain::tests::identity();
        let patch = serde_json::json!({"metadata": {"annotations": record.annotations(&identity)}});
        assert_eq!(Record::read(&yaml::write(&patch)).unwrap().expires_at, record.expires_at);
        assert_eq!(Record::read(&with("null")).unwrap().expires_at, None);
        for (wrong, shown) in [("never", "never"), ("\"\"", ""), ("7", "7"), ("[a]", "[\"a\"]")] {
            let error = Record::read(&with(wrong)).unwrap_err();
            let expected = format!("its annotation `bivouac.dev/expires-at` is `{shown}`, which makes no sense");
            assert_eq!(error.to_string(), expected);
            assert!(!error.is_of_something_else());
        }
    }

    #[test]
    fn only_what_names_no_repository_was_never_a_preview() {
        for (line, is_of_something_else) in
            [("application-repository", true), ("pull-request", false), ("commit", false), ("generation", false)]
        {
            let cut: Vec<_> = PATCH.lines().filter(|found| !found.contains(&format!("dev/{line}:"))).collect();
            let error = Record::read(&cut.join("\n")).unwrap_err();
            assert_eq!(error.is_of_something_else(), is_of_something_else, "{error}");
        }
        assert!(Record::read("").unwrap_err().is_of_something_else());
        assert!(!Record::read("a: [").unwrap_err().is_of_something_else());
    }
}
