//! The runs of workflows, and what they left.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::archive;
use super::super::model::{moment, user_number};
use super::super::percent;
use super::super::state::Repository;
use super::super::workflow_run::{Artifact, RunConclusion, WorkflowRun};
use super::Call;
use super::refusal::Refusal;

/// For how long what a run left is kept, where nothing else is said.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(90 * 24);

impl Call<'_> {
    /// The newest come first. Understands `head_sha`, `event`, `branch` and `status`, which may be a conclusion.
    pub(super) fn list_runs(&self, workflow: &str) -> Result<Answer, Refusal> {
        let repository = self.repository()?;
        let workflow = percent::decoded(workflow);
        let file = repository.runs.workflow(&workflow).ok_or_else(Refusal::not_found)?;
        let wanted = |name: &str| self.request.parameter(name);
        let (sha, event, branch, status) = (wanted("head_sha"), wanted("event"), wanted("branch"), wanted("status"));
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        let is_wanted = |run: &&Arc<WorkflowRun>| {
            let run = &run.said;
            run.workflow == file
                && is(&sha, &run.head_sha)
                && is(&event, &run.event)
                && is(&branch, &run.head_branch)
                && (is(&status, run.status.word()) || run.conclusion.is_some_and(|ended| is(&status, ended.word())))
        };
        let found: Vec<_> = repository.runs.all().rev().filter(is_wanted).collect();
        Ok(self.counted_page("workflow_runs", found.into_iter(), |run| self.run(&repository, run)))
    }

    /// The newest come first, unless `direction` says otherwise. Understands `name`.
    pub(super) fn list_artifacts(&self, run: u64) -> Result<Answer, Refusal> {
        let repository = self.repository()?;
        let run = repository.runs.get(run).ok_or_else(Refusal::not_found)?;
        let name = self.request.parameter("name");
        let is_wanted = |found: &&Arc<Artifact>| name.as_deref().is_none_or(|name| found.name == name);
        let mut found: Vec<_> = repository.runs.artifacts_of(run.id).filter(is_wanted).collect();
        if self.request.parameter("direction").as_deref() != Some("asc") {
            found.reverse();
        }
        Ok(self.counted_page("artifacts", found.into_iter(), |found| self.artifact(&repository, run, found)))
    }

    /// Where an artifact is.
    pub(super) fn show_artifact(&self, id: u64) -> Result<Answer, Refusal> {
        let repository = self.repository()?;
        let found = repository.runs.artifact(id).ok_or_else(Refusal::not_found)?;
        if found.is_expired {
            return Err(Refusal::new(410, "Artifact has expired"));
        }
        let address = archive::address_of_artifact(self.context, &self.repository, id);
        Ok(Answer::empty(302).with_header("location", address))
    }

    fn run(&self, repository: &Repository, run: &WorkflowRun) -> Value {
        let (said, objects) = (&run.said, self.objects());
        let api = format!("{}/actions", objects.repository_url(&self.repository));
        let url = format!("{api}/runs/{}", run.id);
        let workflow = user_number(&said.workflow);
        let actor = objects.user(&said.actor);
        let mut object = json!({
            "id": run.id,
            "node_id": format!("WFR_{:x}", run.id),
            "name": said.workflow,
            "display_title": format!("Change {}", said.head_branch),
            "path": format!(".github/workflows/{}", said.workflow),
            "run_number": run.number,
            "run_attempt": 1,
            "event": said.event,
            "status": said.status.word(),
            "conclusion": said.conclusion.map(RunConclusion::word),
            "workflow_id": workflow,
            "head_branch": said.head_branch,
            "head_sha": said.head_sha,
            "head_commit": commit(&said.head_sha, &moment(run.created_at)),
            "head_repository": said.head_repository.as_deref().map(|name| self.repository_named(name)),
            "repository": objects.repository(repository),
            // Those of the repository itself: of a fork GitHub tells none.
            "pull_requests": [],
            "actor": actor,
            "triggering_actor": actor,
            "created_at": moment(run.created_at),
            "updated_at": moment(run.updated_at),
            "run_started_at": moment(run.created_at),
            "url": url,
            "html_url": format!("{}/{}/actions/runs/{}", self.context.forge.server_url(), self.repository, run.id),
            "workflow_url": format!("{api}/workflows/{workflow}"),
            "check_suite_url": format!("{}/check-suites/{}", objects.repository_url(&self.repository), run.id),
        });
        for name in ["jobs", "logs", "artifacts", "cancel", "rerun"] {
            object[format!("{name}_url")] = format!("{url}/{name}").into();
        }
        object
    }

    fn artifact(&self, repository: &Repository, run: &WorkflowRun, found: &Artifact) -> Value {
        let url = format!("{}/actions/artifacts/{}", self.objects().repository_url(&self.repository), found.id);
        json!({
            "id": found.id,
            "node_id": format!("ART_{:x}", found.id),
            "name": found.name,
            "size_in_bytes": found.zip.len(),
            "url": url,
            "archive_download_url": format!("{url}/zip"),
            "expired": found.is_expired,
            "created_at": moment(found.created_at),
            "updated_at": moment(found.created_at),
            "expires_at": moment(found.created_at + KEPT),
            "workflow_run": {
                "id": run.id,
                "repository_id": repository.id,
                "head_repository_id": run.said.head_repository.as_deref().map(|name| self.repository_named(name)["id"].take()),
                "head_branch": run.said.head_branch,
                "head_sha": run.said.head_sha,
            },
        })
    }

    fn repository_named(&self, name: &str) -> Value {
        let known = self.context.forge.repository(name);
        known.map_or_else(|| self.objects().named_repository(name), |known| self.objects().repository(&known))
    }
}

/// What GitHub tells of the head of a run, and nothing here changes.
fn commit(sha: &str, at: &str) -> Value {
    let nobody = json!({"name": "Nobody", "email": "nobody@example.com"});
    json!({"id": sha, "tree_id": sha, "message": "A commit", "timestamp": at, "author": nobody, "committer": nobody})
}
