//! What is written to GitHub: comments, deployments and how they stand, and the end of environments.

use std::fmt::Write as _;

use http::Method;
use serde_json::{Value, json};

use super::{GitHub, Request, answer, reading};
use crate::domain::conversation::CommentId;
use crate::domain::deployment::{DeploymentId, DeploymentStatus, NewDeployment};
use crate::domain::names::PullRequestNumber;
use crate::ports::ForgeError;

/// The most characters of a description.
const DESCRIPTION: usize = 140;

impl GitHub {
    pub(super) async fn write_comment(&self, number: PullRequestNumber, body: &str) -> Result<String, ForgeError> {
        let what = "write a comment";
        // Sent twice, it might be there twice.
        let request = self.write(Method::POST, &format!("issues/{number}/comments"), what, false);
        let created = self.done(request.with(json!({"body": body}))).await?;
        Ok(reading::one_line(&answer::text(&created, "/html_url")))
    }

    pub(super) async fn replace_comment(&self, id: CommentId, body: &str) -> Result<(), ForgeError> {
        let request = self.write(Method::PATCH, &format!("issues/comments/{}", id.0), "edit a comment", true);
        self.done(request.with(json!({"body": body}))).await.map(|_| ())
    }

    pub(super) async fn remove_comment(&self, id: CommentId) -> Result<(), ForgeError> {
        let request = self.write(Method::DELETE, &format!("issues/comments/{}", id.0), "delete a comment", true);
        gone_is_fine(self.done(request).await)
    }

    pub(super) async fn make_deployment(&self, deployment: &NewDeployment) -> Result<DeploymentId, ForgeError> {
        let what = "make a deployment";
        let request = self.write(Method::POST, "deployments", what, false).with(deployment_body(deployment));
        let created = self.done(request).await?;
        let id = created.get("id").and_then(Value::as_u64);
        id.map(DeploymentId).ok_or_else(|| ForgeError::Senseless { what, message: "it holds no number".to_owned() })
    }

    pub(super) async fn write_status(
        &self,
        id: DeploymentId,
        status: &DeploymentStatus,
        run: Option<&str>,
    ) -> Result<(), ForgeError> {
        // Told twice, it stands the same.
        let request =
            self.write(Method::POST, &format!("deployments/{}/statuses", id.0), "tell how a deployment stands", true);
        let result = self.done(request.with(status_body(status, run))).await;
        match status {
            DeploymentStatus::Inactive => gone_is_fine(result),
            _ => result.map(|_| ()),
        }
    }

    pub(super) async fn remove_environment(&self, name: &str) -> Result<(), ForgeError> {
        let path = format!("environments/{}", encoded(name));
        gone_is_fine(self.done(self.write(Method::DELETE, &path, "delete an environment", true)).await)
    }

    /// A request to write something below the repository.
    pub(super) fn write(&self, method: Method, path: &str, what: &'static str, is_repeatable: bool) -> Request {
        let path = format!("{}/repos/{}/{path}", self.rest.path, self.repository);
        Request { method, path, body: None, what, is_repeatable }
    }

    pub(super) async fn done(&self, request: Request) -> Result<Value, ForgeError> {
        self.rest.send(&request).await?.success(request.what)
    }
}

impl Request {
    pub(super) fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

fn deployment_body(deployment: &NewDeployment) -> Value {
    json!({
        "ref": deployment.commit,
        "environment": deployment.environment,
        "description": deployment.description.chars().take(DESCRIPTION).collect::<String>(),
        "payload": deployment.payload.write(),
        // A preview waits for no check, and nothing is merged for it.
        "required_contexts": [],
        "auto_merge": false,
        "transient_environment": true,
        "production_environment": false,
    })
}

fn status_body(status: &DeploymentStatus, run: Option<&str>) -> Value {
    // Other pull requests' deployments in the same environment stay as they are.
    let mut body = json!({"auto_inactive": false});
    let (state, url, description) = match status {
        DeploymentStatus::InProgress { url } => ("in_progress", Some(url), "Committed; Flux is rolling it out"),
        DeploymentStatus::Success { url } => ("success", Some(url), "Ready: it was seen to show this commit"),
        DeploymentStatus::Failure { url } => ("failure", Some(url), "It was not seen to show this commit in time"),
        DeploymentStatus::Inactive => ("inactive", None, "The preview is gone, or another deployment has taken over"),
    };
    body["state"] = state.into();
    body["description"] = description.into();
    if let Some(url) = url {
        body["environment_url"] = url.as_str().into();
    }
    if let Some(run) = run {
        body["log_url"] = run.into();
    }
    body
}

/// What is to be gone, or is for something that is, may be gone.
pub(super) fn gone_is_fine(result: Result<Value, ForgeError>) -> Result<(), ForgeError> {
    match result {
        Err(ForgeError::NotFound { .. }) => Ok(()),
        result => result.map(|_| ()),
    }
}

/// A name as one step of a path: a slash in it is part of the name.
pub(super) fn encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ => drop(write!(text, "%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deployment::Payload;

    #[test]
    fn a_deployment_is_sent_with_what_it_is_of() {
        let deployment = NewDeployment {
            commit: "0123456789012345678901234567890123456789".parse().unwrap(),
            environment: "preview".to_owned(),
            payload: Payload {
                application: "shop".parse().unwrap(),
                pull_request: "7".parse().unwrap(),
                generation: 3,
            },
            description: "ü".repeat(200),
        };
        let expected = json!({
            "ref": "0123456789012345678901234567890123456789",
            "environment": "preview",
            "description": "ü".repeat(140),
            "payload": {"application": "shop", "pull-request": 7, "generation": 3},
            "required_contexts": [],
            "auto_merge": false,
            "transient_environment": true,
            "production_environment": false,
        });
        assert_eq!(deployment_body(&deployment), expected);
    }

    #[test]
    fn only_a_preview_that_is_there_has_an_address() {
        let up = DeploymentStatus::InProgress { url: "https://pr-7.example.com".to_owned() };
        let told = status_body(&up, Some("https://github.com/run"));
        assert_eq!(told["state"], "in_progress");
        assert_eq!(told["environment_url"], "https://pr-7.example.com");
        assert_eq!((&told["log_url"], &told["auto_inactive"]), (&json!("https://github.com/run"), &json!(false)));
        let told = status_body(&DeploymentStatus::Inactive, None);
        assert_eq!(told["state"], "inactive");
        assert_eq!((told.get("environment_url"), told.get("log_url")), (None, None));
    }

    #[test]
    fn the_name_of_an_environment_is_one_step_of_a_path() {
        for (name, step) in
            [("preview/pr-7", "preview%2Fpr-7"), ("a b?#ü%", "a%20b%3F%23%C3%BC%25"), ("p.r_~", "p.r_~")]
        {
            assert_eq!(encoded(name), step);
        }
    }
}
