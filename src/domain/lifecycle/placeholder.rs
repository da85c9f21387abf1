//! Stands in for the event that is told, until it is written.

use serde_json::json;

use super::{CloudEvent, LifecycleEvent};

impl LifecycleEvent {
    /// The event as it is told to others.
    #[must_use]
    pub fn cloud_event(&self) -> CloudEvent {
        CloudEvent {
            id: format!("{}-{}-{}-{}", self.application, self.identity.name, self.generation, self.step),
            source: format!("https://github.com/{}", self.repository),
            kind: format!("dev.bivouac.preview.{}", self.step),
            subject: self.identity.name.to_string(),
            time: self.at,
            data_schema: "https://bivouac.dev/schemas/lifecycle/1.json".to_owned(),
            correlation_id: format!("{}/{}", self.application, self.identity.name),
            data: json!({ "step": self.step, "title": self.pull_request.title }),
        }
    }
}
