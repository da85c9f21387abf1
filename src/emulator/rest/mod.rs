//! GitHub's REST API, as far as Bivouac uses it.

mod comments;
mod commit_statuses;
mod commits;
mod deployment_objects;
mod deployments;
mod fields;
mod git;
mod labels;
mod objects;
mod operation;
mod paging;
mod people;
mod refusal;
mod runs;
mod secrets;

use std::sync::Arc;

use serde_json::json;

use super::accounts::{Access, Account};
use super::answer::Answer;
use super::server::Context;
use super::state::Repository;
use super::traffic::IncomingRequest;
use fields::Fields;
use objects::Objects;
use operation::Operation;
use refusal::Refusal;

/// Answers a request under `/api/v3`.
pub(super) fn answer(context: &Context, request: &IncomingRequest) -> Answer {
    let authorization = request.header("authorization");
    let Some(account) = authorization.and_then(|header| context.accounts.by_bearer(header)) else {
        let message = if authorization.is_some() { "Bad credentials" } else { "Requires authentication" };
        return Refusal::new(401, message).into_answer("");
    };
    let path: Vec<&str> = request.path.split('/').skip(3).collect();
    let ["repos", owner, name, rest @ ..] = path.as_slice() else {
        return Refusal::not_found().into_answer("");
    };
    let Some(operation) = Operation::parse(&request.method, rest) else {
        return Refusal::not_found().into_answer("");
    };
    let call = Call { context, request, account: &account, repository: format!("{owner}/{name}") };
    call.perform(operation).unwrap_or_else(|refusal| refusal.into_answer(&format!("/{}", operation.documentation())))
}

/// A request by somebody known, on one repository.
struct Call<'a> {
    context: &'a Context,
    request: &'a IncomingRequest,
    account: &'a Account,
    repository: String,
}

impl Call<'_> {
    fn perform(&self, operation: Operation) -> Result<Answer, Refusal> {
        self.allow(operation)?;
        match operation {
            Operation::ShowRepository => self.show_repository(),
            Operation::ShowPullRequest(number) => self.show_pull_request(number),
            Operation::ListComments(number) => self.list_comments(number),
            Operation::CreateComment(number) => self.create_comment(number),
            Operation::ShowComment(id) => self.show_comment(id),
            Operation::EditComment(id) => self.edit_comment(id),
            Operation::DeleteComment(id) => self.delete_comment(id),
            Operation::React(id) => self.react(id),
            Operation::AddLabels(number) => self.add_labels(number),
            Operation::RemoveLabel(number, name) => self.remove_label(number, name),
            Operation::ShowPermission(login) => self.show_permission(login),
            Operation::ListRuns(workflow) => self.list_runs(workflow),
            Operation::ListArtifacts(run) => self.list_artifacts(run),
            Operation::ShowArtifact(id) => self.show_artifact(id),
            Operation::ShowCommit(reference) => self.show_commit(reference),
            Operation::ListDeployments => self.list_deployments(),
            Operation::CreateDeployment => self.create_deployment(),
            Operation::ShowDeployment(id) => self.show_deployment(id),
            Operation::DeleteDeployment(id) => self.delete_deployment(id),
            Operation::ListStatuses(id) => self.list_statuses(id),
            Operation::CreateStatus(id) => self.create_status(id),
            Operation::ListCommitStatuses(reference) => self.list_commit_statuses(reference),
            Operation::DeleteEnvironment(name) => self.delete_environment(name),
            Operation::ShowPublicKey(environment) => self.show_public_key(environment),
            Operation::PutSecret(environment, name) => self.put_secret(environment, name),
            Operation::ShowBlob(sha) => self.show_blob(sha),
            Operation::ShowArchive(name) => self.show_archive(name),
            Operation::ShowTree(name) => self.show_tree(name),
        }
    }

    /// What may not be seen is not found; what may be seen and not be done is forbidden.
    fn allow(&self, operation: Operation) -> Result<(), Refusal> {
        let access = self.account.access_to(&self.repository);
        if access == Access::None {
            return Err(Refusal::not_found());
        }
        self.repository()?;
        let lacks_access = operation.writes() && access < Access::Write;
        let lacks_permission = (operation.administers() && !self.account.administers)
            || (operation.keeps_secrets() && !self.account.keeps_secrets);
        if lacks_access || lacks_permission {
            return Err(Refusal::forbidden());
        }
        Ok(())
    }

    /// The repository as it is now. Whoever changes it has to have let go of it, or it is copied.
    fn repository(&self) -> Result<Arc<Repository>, Refusal> {
        self.context.forge.repository(&self.repository).ok_or_else(Refusal::not_found)
    }

    fn show_repository(&self) -> Result<Answer, Refusal> {
        let mut shown = self.objects().repository(&*self.repository()?);
        let access = self.account.access_to(&self.repository);
        // The token of an App has no role.
        let has = |wanted: Access| !self.account.is_bot && access >= wanted;
        let (read, write) = (has(Access::Read), has(Access::Write));
        shown["permissions"] = json!({"admin": false, "maintain": false, "push": write, "triage": write, "pull": read});
        Ok(Answer::json(200, &shown))
    }

    fn show_pull_request(&self, number: u64) -> Result<Answer, Refusal> {
        let repository = self.repository()?;
        let pull_request = repository.pull_requests.get(&number).ok_or_else(Refusal::not_found)?;
        let head = pull_request.head_repository.as_ref().and_then(|name| self.context.forge.repository(name));
        Ok(Answer::json(200, &self.objects().pull_request(&repository, head.as_deref(), pull_request)))
    }

    fn fields(&self) -> Result<Fields, Refusal> {
        Fields::read(&self.request.body)
    }

    fn objects(&self) -> Objects<'_> {
        Objects::new(self.context.forge.server_url())
    }
}
