//! Deployments, their statuses and their environments.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::deployment::{Deployment, DeploymentStatusState, NewDeployment, NewDeploymentStatus};
use super::super::percent;
use super::Call;
use super::fields::Fields;
use super::refusal::Refusal;

/// The most characters that a description may have.
const LONGEST_DESCRIPTION: usize = 140;
/// The most characters that the name of an environment may have.
const LONGEST_ENVIRONMENT: usize = 255;

impl Call<'_> {
    /// Understands `sha`, `ref`, `task` and `environment`; the newest come first.
    pub(super) fn list_deployments(&self) -> Result<Answer, Refusal> {
        let (repository, objects) = (self.repository()?, self.objects());
        let (sha, reference) = (self.request.parameter("sha"), self.request.parameter("ref"));
        let (task, environment) = (self.request.parameter("task"), self.request.parameter("environment"));
        let is = |wanted: &Option<_>, found: &str| wanted.as_deref().is_none_or(|wanted: &str| wanted == found);
        let is_wanted = |of: &&Arc<Deployment>| {
            is(&sha, &of.sha)
                && is(&reference, &of.reference)
                && is(&task, &of.task)
                && is(&environment, &of.environment)
        };
        let found: Vec<_> = repository.deployments.all().rev().filter(is_wanted).collect();
        Ok(self.page(found.into_iter(), |deployment| objects.deployment(&self.repository, deployment)))
    }

    pub(super) fn show_deployment(&self, id: u64) -> Result<Answer, Refusal> {
        Ok(Answer::json(200, &self.objects().deployment(&self.repository, &*self.deployment(id)?)))
    }

    /// A workflow's run is a check of the commit itself and pends until it is over: whoever requires all checks, as is
    /// the default, is refused. Whoever lets GitHub merge gets a merge in the place of a deployment.
    pub(super) fn create_deployment(&self) -> Result<Answer, Refusal> {
        let fields = self.fields()?;
        let new = self.new_deployment(&fields)?;
        let reference = new.reference.clone();
        if self.repository()?.resolve(&reference).is_none() {
            return Err(Refusal::new(422, format!("No ref found for: {reference}")));
        }
        if fields.flag("auto_merge")?.unwrap_or(true) {
            let message = format!("Auto-merged main into {reference} on deployment.");
            return Ok(Answer::json(202, &json!({"message": message})));
        }
        if fields.list("required_contexts")?.is_none_or(|contexts| !contexts.is_empty()) {
            return Err(checks_failed(&reference));
        }
        let made = self.context.forge.create_deployment(&self.repository, new);
        let deployment = self.objects().deployment(&self.repository, &made.map_err(|_| Refusal::not_found())?);
        let location = deployment["url"].as_str().unwrap_or_default().to_owned();
        Ok(Answer::json(201, &deployment).with_header("location", location))
    }

    fn new_deployment(&self, fields: &Fields) -> Result<NewDeployment, Refusal> {
        let environment = fields.text("environment")?.unwrap_or("production");
        if environment.chars().count() > LONGEST_ENVIRONMENT {
            let message = "environment is too long (maximum is 255 characters)";
            return Err(Refusal::validation("Deployment", "custom", "environment", message));
        }
        let default = NewDeployment::to(environment, fields.required_text("ref")?);
        let payload = match fields.value("payload") {
            None => default.payload,
            Some(payload @ (Value::Object(_) | Value::String(_))) => payload.clone(),
            Some(other) => {
                return Err(Refusal::invalid(format_args!(
                    "For 'properties/payload', {other} is not an object or a string."
                )));
            }
        };
        Ok(NewDeployment {
            task: fields.text("task")?.map_or(default.task, str::to_owned),
            payload,
            description: description("Deployment", fields)?.map(str::to_owned),
            transient: fields.flag("transient_environment")?.unwrap_or(default.transient),
            production: fields.flag("production_environment")?.unwrap_or(default.production),
            creator: self.account.actor(),
            ..default
        })
    }

    pub(super) fn delete_deployment(&self, id: u64) -> Result<Answer, Refusal> {
        let deployment = self.deployment(id)?;
        if self.repository()?.deployments.is_kept(&deployment) {
            let message =
                "We cannot delete an active deployment unless it is the only deployment in a given environment.";
            return Err(Refusal::new(422, message));
        }
        self.context.forge.delete_deployment(&self.repository, id).map_err(|_| Refusal::not_found())?;
        Ok(Answer::empty(204))
    }

    pub(super) fn list_statuses(&self, id: u64) -> Result<Answer, Refusal> {
        let (deployment, objects) = (self.deployment(id)?, self.objects());
        let newest_first = deployment.statuses.iter().rev();
        Ok(self.page(newest_first, |status| objects.deployment_status(&self.repository, &deployment, status)))
    }

    pub(super) fn create_status(&self, id: u64) -> Result<Answer, Refusal> {
        self.deployment(id)?;
        let new = self.new_status()?;
        let made = self.context.forge.add_deployment_status(&self.repository, id, new);
        let made = made.map_err(|_| Refusal::not_found())?;
        let status = self.objects().deployment_status(&self.repository, &*self.deployment(id)?, &made);
        let location = status["url"].as_str().unwrap_or_default().to_owned();
        Ok(Answer::json(201, &status).with_header("location", location))
    }

    fn new_status(&self) -> Result<NewDeploymentStatus, Refusal> {
        let fields = self.fields()?;
        let state = DeploymentStatusState::named(fields.required_text("state")?);
        let not_listed =
            || Refusal::validation("DeploymentStatus", "custom", "state", "state is not included in the list");
        let default = NewDeploymentStatus::of(state.ok_or_else(not_listed)?);
        let target_url = address(&fields, "target_url")?;
        Ok(NewDeploymentStatus {
            environment: fields.text("environment")?.map(str::to_owned),
            environment_url: address(&fields, "environment_url")?.unwrap_or_default(),
            log_url: address(&fields, "log_url")?.or(target_url).unwrap_or_default(),
            description: description("DeploymentStatus", &fields)?.unwrap_or_default().to_owned(),
            auto_inactive: fields.flag("auto_inactive")?.unwrap_or(default.auto_inactive),
            creator: self.account.actor(),
            ..default
        })
    }

    /// The name is percent-encoded, as it may hold slashes.
    pub(super) fn delete_environment(&self, name: &str) -> Result<Answer, Refusal> {
        let deleted = self.context.forge.delete_environment(&self.repository, &percent::decoded(name));
        deleted.map_err(|_| Refusal::not_found())?;
        Ok(Answer::empty(204))
    }

    fn deployment(&self, id: u64) -> Result<Arc<Deployment>, Refusal> {
        self.repository()?.deployments.get(id).cloned().ok_or_else(Refusal::not_found)
    }
}

fn checks_failed(reference: &str) -> Refusal {
    let error = json!({
        "contexts": [{"context": "preview", "state": "pending"}],
        "resource": "Deployment",
        "field": "required_contexts",
        "code": "invalid",
    });
    Refusal::new(409, format!("Conflict: Commit status checks failed for {reference}.")).with_error(error)
}

fn description<'a>(resource: &str, fields: &'a Fields) -> Result<Option<&'a str>, Refusal> {
    let description = fields.text("description")?;
    if description.is_some_and(|description| description.chars().count() > LONGEST_DESCRIPTION) {
        let message = "description is too long (maximum is 140 characters)";
        return Err(Refusal::validation(resource, "custom", "description", message));
    }
    Ok(description)
}

/// An address of the web, which may be empty.
fn address(fields: &Fields, name: &str) -> Result<Option<String>, Refusal> {
    let address = fields.text(name)?;
    let is_of_web = |text: &str| text.is_empty() || text.starts_with("https://") || text.starts_with("http://");
    match address {
        Some(text) if !is_of_web(text) => {
            let message = format!("{name} must use http(s) scheme");
            Err(Refusal::validation("DeploymentStatus", "custom", name, &message))
        }
        _ => Ok(address.map(str::to_owned)),
    }
}
