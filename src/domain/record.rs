//! The record: what Bivouac remembers of a preview, as annotations on its patch.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::approval::Approval;
use super::identity::Identity;
use super::names::{CommitId, PullRequestNumber, RepositoryName};
use super::yaml;

const APPLICATION_REPOSITORY: &str = "bivouac.dev/application-repository";
const PULL_REQUEST: &str = "bivouac.dev/pull-request";
const COMMIT: &str = "bivouac.dev/commit";
const GENERATION: &str = "bivouac.dev/generation";
const CREATED_AT: &str = "bivouac.dev/created-at";
const EXPIRES_AT: &str = "bivouac.dev/expires-at";
const APPROVED_COMMIT: &str = "bivouac.dev/approved-commit";
const APPROVED_BY: &str = "bivouac.dev/approved-by";
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
    /// Who approved which commit of a fork.
    pub approval: Option<Approval>,
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
            approval: approval(annotations)?,
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
        if let Some(Approval { commit, by }) = &self.approval {
            entries.extend([(APPROVED_COMMIT, commit.to_string()), (APPROVED_BY, by.to_string())]);
        }
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

    /// Whether what it shows was approved. An approval of another commit is none.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.approval.as_ref().is_some_and(|approval| approval.commit == self.commit)
    }

    /// The text of a patch with this record in place of the one that it has, which differs in its generation and its end;
    /// nothing when somebody has written the patch in another form than ours.
    #[must_use]
    pub fn put_into(&self, patch: &str) -> Option<String> {
        let mut text = String::new();
        for line in patch.lines() {
            let key = line.trim_start();
            let indent = &line[..line.len() - key.len()];
            let is = |name: &str| key.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
            let replaced = match self.expires_at {
                _ if is(GENERATION) => format!("{indent}{GENERATION}: \"{}\"\n", self.generation),
                _ if is(EXPIRES_AT) => String::new(),
                Some(end) if is(CREATED_AT) => format!("{line}\n{indent}{EXPIRES_AT}: \"{end}\"\n"),
                _ => format!("{line}\n"),
            };
            text.push_str(&replaced);
        }
        let is_ours = [GENERATION, CREATED_AT].iter().all(|key| patch.matches(key).count() == 1);
        let is_so = is_ours && patch.matches(EXPIRES_AT).count() <= 1 && Self::read(&text).as_ref() == Ok(self);
        is_so.then_some(text)
    }

    /// Whether this is the preview of that pull request.
    #[must_use]
    pub fn is_of(&self, repository: &RepositoryName, number: PullRequestNumber) -> bool {
        self.repository == *repository && self.number == number
    }
}

/// An approval is of a commit and by somebody: half of one is none that makes sense.
fn approval(annotations: &Map<String, Value>) -> Result<Option<Approval>, RecordError> {
    match (optional(annotations, APPROVED_COMMIT)?, optional(annotations, APPROVED_BY)?) {
        (Some(commit), Some(by)) => Ok(Some(Approval { commit, by })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(RecordError::Missing(APPROVED_BY)),
        (None, Some(_)) => Err(RecordError::Missing(APPROVED_COMMIT)),
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
    fn an_approval_is_read_back_and_holds_for_what_is_shown_alone() {
        let approved = |commit: &str, by: &str| {
            let lines =
                format!("    bivouac.dev/approved-commit: {commit}\n    bivouac.dev/approved-by: {by}\n    event.");
            Record::read(&PATCH.replacen("    event.", &lines, 1))
        };
        let (shown, other) = ("5f2c9d1a".repeat(5), "1".repeat(40));
        let record = approved(&shown, "ada").unwrap();
        assert!(record.is_approved());
        let identity = crate::domain::tests::identity();
        let patch = serde_json::json!({"metadata": {"annotations": record.annotations(&identity)}});
        assert_eq!(Record::read(&yaml::write(&patch)).unwrap().approval, record.approval);
        assert!(!approved(&format!("{other:?}"), "ada").unwrap().is_approved());
        assert!(!Record::read(PATCH).unwrap().is_approved());
        for (commit, by) in
            [("null", "ada"), (shown.as_str(), "null"), ("main", "ada"), (&shown, "'a b'"), (&shown, "''")]
        {
            assert!(!approved(commit, by).unwrap_err().is_of_something_else(), "{commit} {by}");
        }
    }

    #[test]
    fn another_end_goes_into_a_patch_of_ours_and_changes_nothing_else() {
        let mut record = Record::read(PATCH).unwrap();
        (record.generation, record.expires_at) = (4, Some("2026-11-28T10:00:00Z".parse().unwrap()));
        let once = record.put_into(PATCH).unwrap();
        let expected = PATCH
            .replace("\"3\"", "\"4\"")
            .replace("10:00:00Z\"\n", "10:00:00Z\"\n    bivouac.dev/expires-at: \"2026-11-28T10:00:00Z\"\n");
        assert_eq!(once, expected);
        record.expires_at = Some("2026-12-24T10:00:00Z".parse().unwrap());
        assert_eq!(record.put_into(&once).unwrap(), expected.replace("2026-11-28", "2026-12-24"));
        let twice = format!("{PATCH}spec: {{values: {{text: \"bivouac.dev/generation: 1\"}}}}\n");
        let flow = "metadata: {annotations: {bivouac.dev/generation: \"3\"}}\n";
        for foreign in [twice.as_str(), flow, "", "a: ["] {
            assert_eq!(record.put_into(foreign), None, "{foreign}");
        }
        record.url = "https://elsewhere.example.com".to_owned();
        assert_eq!(record.put_into(PATCH), None);
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
