//! A step of a preview as a `CloudEvent`. <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>

use jiff::Timestamp;
use serde_json::Value;

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
