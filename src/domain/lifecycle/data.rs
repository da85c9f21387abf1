//! The data of an event, as programs read it. The doc comments here are the reference that they are written by.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::cloud_event::DATA_SCHEMA;
use super::{Cause, LifecycleEvent, Sighting, Step};
use crate::domain::pull_request::{self, PullRequestState};
use crate::domain::visible::in_one_line;

/// The most characters of a text that others choose.
const LONGEST: usize = 256;

/// What became of a preview: the data of an event. A key that has nothing to say is left out, and a reader passes over keys that it
/// does not know: later versions of Bivouac may add some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The data of a preview's event", extend("$id" = DATA_SCHEMA))]
pub struct PreviewEvent {
    /// The step that the preview took: the last word of the event's type.
    pub step: Step,
    /// The application.
    pub application: String,
    /// The application repository, as `owner/name`.
    pub repository: String,
    /// The pull request, as it was found.
    pub pull_request: PullRequest,
    /// The preview. Of one that was taken down, what it was; of one that is refused, what it would be.
    pub preview: Preview,
    /// The tag of each image, by the name of the image.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, String>,
    /// The commit in the apps repository, where this run made one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apps_commit: Option<String>,
    /// Why there is no preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What was seen of a preview that was waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// Who made the run, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The page of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// A pull request, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// Its title, in one line of at most 256 characters. Its author has chosen it: escape it for where it is shown.
    #[schemars(length(max = 256))]
    pub title: String,
    /// Who opened it; left out when the account is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Whether it can still be merged.
    pub state: PullRequestWord,
    /// The commit at the head of its branch.
    pub head: String,
}

/// Whether a pull request can still be merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PullRequestWord {
    /// It can.
    Open,
    /// It was closed without a merge.
    Closed,
    /// It was merged.
    Merged,
}

/// A preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Preview {
    /// What it is called: the event's subject.
    pub name: String,
    /// The namespace that everything of it is in.
    pub namespace: String,
    /// The DNS name under which it is reached.
    pub host: String,
    /// The address for a browser, where there is a preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its directory in the apps repository.
    pub overlay: String,
    /// Counts up with every change, over removals too; 0 where there never was one.
    pub generation: u64,
    /// The commit that it shows, or showed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When it was put up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub created_at: Option<String>,
    /// When its time is up, where it has an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub expires_at: Option<String>,
    /// Who approved the commit, where it is one of a fork.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// Why there is no preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Reason {
    /// In one word, such as `merged`.
    pub word: String,
    /// As half a sentence that people read after "because", with code spans as in Markdown.
    pub sentence: String,
}

/// What was seen of a preview that was waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Seen {
    /// For how many seconds it was waited for.
    pub seconds: u64,
    /// What was seen last.
    pub last: String,
}

impl PreviewEvent {
    /// The data of an event.
    #[must_use]
    pub fn of(event: &LifecycleEvent) -> Self {
        let images = event.images.iter().map(|(name, tag)| (shown(name), shown(tag)));
        Self {
            step: event.step,
            application: event.application.to_string(),
            repository: event.repository.to_string(),
            pull_request: PullRequest::of(&event.pull_request),
            preview: Preview::of(event),
            images: images.collect(),
            apps_commit: event.apps_commit.as_ref().map(ToString::to_string),
            reason: event.reason.as_ref().map(|Cause { word, sentence }| Reason {
                word: word.clone(),
                sentence: in_one_line(sentence).collect(),
            }),
            seen: event.seen.as_ref().map(|Sighting { seconds, last }| Seen { seconds: *seconds, last: shown(last) }),
            by: event.by.as_deref().map(shown),
            run: event.run.as_deref().map(|run| in_one_line(run).collect()),
        }
    }
}

impl PullRequest {
    fn of(found: &pull_request::PullRequest) -> Self {
        Self {
            number: found.number.as_u32().into(),
            url: in_one_line(&found.url).collect(),
            title: shown(&found.title),
            author: found.author.as_ref().map(|author| shown(&author.login)),
            state: match found.state {
                PullRequestState::Open => PullRequestWord::Open,
                PullRequestState::Closed => PullRequestWord::Closed,
                PullRequestState::Merged => PullRequestWord::Merged,
            },
            head: found.head.to_string(),
        }
    }
}

impl Preview {
    fn of(event: &LifecycleEvent) -> Self {
        let (identity, record) = (&event.identity, event.record.as_ref());
        let is_there = !matches!(event.step, Step::Removed | Step::Refused);
        let approval = record.and_then(|record| record.approval.as_ref());
        Self {
            name: identity.name.to_string(),
            namespace: identity.namespace.to_string(),
            host: identity.host.to_string(),
            url: is_there.then(|| identity.url()),
            overlay: event.overlay.to_string(),
            generation: event.generation,
            commit: record.map(|record| record.commit.to_string()),
            created_at: record.map(|record| record.created_at.to_string()),
            expires_at: event.expires_at.map(|end| end.to_string()),
            approved_by: approval.map(|approval| approval.by.to_string()),
        }
    }
}

/// A text that others choose, in one line, and not longer than somebody would read.
fn shown(text: &str) -> String {
    in_one_line(text).take(LONGEST).collect()
}
