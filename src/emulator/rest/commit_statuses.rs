//! What is said of commits.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::commit_status::CommitStatus;
use super::super::model::moment;
use super::Call;
use super::refusal::Refusal;

impl Call<'_> {
    /// The newest come first.
    pub(super) fn list_commit_statuses(&self, reference: &str) -> Result<Answer, Refusal> {
        let repository = self.repository()?;
        let sha = repository.resolve(reference).ok_or_else(Refusal::not_found)?;
        let found = repository.statuses.get(&sha).map_or(&[][..], Vec::as_slice);
        Ok(self.page(found.iter().rev(), |status| self.commit_status(&sha, status)))
    }

    fn commit_status(&self, sha: &str, status: &CommitStatus) -> Value {
        let objects = self.objects();
        let creator = objects.user(&status.said.creator);
        json!({
            "url": format!("{}/statuses/{sha}", objects.repository_url(&self.repository)),
            "avatar_url": creator["avatar_url"],
            "id": status.id,
            "node_id": format!("SC_{:x}", status.id),
            "state": status.said.state.word(),
            "description": status.said.description,
            "target_url": null,
            "context": status.said.context,
            "created_at": moment(status.created_at),
            "updated_at": moment(status.created_at),
            "creator": creator,
        })
    }
}
