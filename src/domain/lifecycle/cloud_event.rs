//! A step of a preview as a `CloudEvent`. <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use serde_json::Value;

use super::data::PreviewEvent;
use super::{LifecycleEvent, Step};
use crate::domain::hexadecimal::hexadecimal;

/// Where the JSON Schema of the data is. A change that a reader of this version could not bear gets another number.
pub const DATA_SCHEMA: &str =
    "https://raw.githubusercontent.com/bivouac-dev/bivouac/main/docs/reference/preview-event.v1.schema.json";
/// What the types of all events begin with.
const TYPE: &str = "dev.bivouac.preview";
/// How much of the digest of its facts an event is known by: as much as of a UUID.
const BYTES: usize = 16;

/// The attributes and the data of a `CloudEvent` 1.0. All attributes are printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEvent {
    /// Together with the source, what one event has and no other; a copy of it has the same.
    pub id: String,
    /// The page of the application repository.
    pub source: String,
    /// `dev.bivouac.preview.` and the step.
    pub kind: String,
    /// The preview.
    pub subject: String,
    /// When the step was taken.
    pub time: Timestamp,
    /// The schema of the data, with its version.
    pub data_schema: String,
    /// The same for all events of one preview. The extension `correlationid`:
    /// <https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/correlation.md>
    pub correlation_id: String,
    /// What happened, as JSON.
    pub data: Value,
}

impl LifecycleEvent {
    /// The event in the form that programs read. The same facts make the same event, whoever tells them, and however often.
    #[must_use]
    pub fn cloud_event(&self) -> CloudEvent {
        CloudEvent {
            id: self.id(),
            source: self.source(),
            kind: self.kind(),
            subject: self.identity.name.to_string(),
            time: self.at,
            data_schema: DATA_SCHEMA.to_owned(),
            correlation_id: format!("{}:{}#{}", self.application, self.repository, self.pull_request.number),
            data: serde_json::to_value(PreviewEvent::of(self))
                .unwrap_or_else(|_| unreachable!("the data of an event is always JSON")),
        }
    }

    /// The type of the event.
    #[must_use]
    pub fn kind(&self) -> String {
        format!("{TYPE}.{}", self.step)
    }

    /// The page of the application repository, which the pull request's is below.
    fn source(&self) -> String {
        let page = self.pull_request.url.rsplit_once("/pull/").map(|(page, _)| page);
        let is_fine = |page: &&str| !page.is_empty() && page.bytes().all(|byte| byte.is_ascii_graphic());
        page.filter(is_fine).map_or_else(|| self.repository.to_string(), str::to_owned)
    }

    /// A digest of the facts.
    fn id(&self) -> String {
        let common = [
            self.source(),
            self.kind(),
            self.identity.name.to_string(),
            self.application.to_string(),
            self.repository.to_string(),
            self.generation.to_string(),
        ];
        let facts: Vec<_> = common.into_iter().chain(self.facts()).collect();
        // A list in JSON leaves no doubt where one fact ends and the next begins.
        let text = Value::from(facts).to_string();
        hexadecimal(&digest(&SHA256, text.as_bytes()).as_ref()[..BYTES])
    }

    /// What tells this event from another one of its type and generation. What was seen may be seen again at another time. A
    /// generation begins and ends once: of its end, a run that makes good for one that was stopped does not know more.
    fn facts(&self) -> Vec<String> {
        let record = self.record.as_ref();
        let shown = || {
            let commit = record.map_or(&self.pull_request.head, |record| &record.commit);
            [commit.to_string(), record.map(|record| record.created_at.to_string()).unwrap_or_default()]
        };
        let run = || self.run.clone().unwrap_or_default();
        match self.step {
            Step::Deploying | Step::Updated => shown().to_vec(),
            Step::Ready | Step::Failed => {
                let seen = self.seen.as_ref().map(|seen| seen.last.clone()).unwrap_or_default();
                shown().into_iter().chain([seen, run(), self.at.to_string()]).collect()
            }
            Step::Expiring => {
                let end = self.expires_at.map(|end| end.to_string()).unwrap_or_default();
                shown().into_iter().chain([end]).collect()
            }
            Step::Removed => Vec::new(),
            Step::Refused => {
                let reason = self.reason.as_ref().map(|reason| [reason.word.clone(), reason.sentence.clone()]);
                let reason = reason.into_iter().flatten();
                [self.pull_request.head.to_string()].into_iter().chain(reason).chain([run()]).collect()
            }
        }
    }
}
