//! What is asked of GitHub about pull requests, in as few questions as can be.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::GitHub;
use super::answer::{Reply, Trouble};
use super::operations::{
    OBSERVE_CONVERSATIONS, OBSERVE_PULL_REQUEST, OBSERVE_PULL_REQUEST_ONLY, Operation, SURVEY_CHANGES,
    SURVEY_PULL_REQUESTS, alias,
};
use super::reading::{self, Page, Unnumbered};
use crate::domain::comment::Marker;
use crate::domain::conversation::{Conversation, OurComment};
use crate::domain::deployment::{SHARED_ENVIRONMENT, own_environment};
use crate::domain::names::{Application, PullRequestNumber};
use crate::domain::pull_request::PullRequest;
use crate::domain::sweep::MISSING;
use crate::ports::{ForgeError, Surveyed};

/// The pull requests in one question about many.
const SURVEYED: usize = 100;
/// The pull requests in one question that asks for their comments too.
const CONVERSATIONS: usize = 50;

/// What was told of many pull requests.
#[derive(Default)]
struct Told {
    each: Vec<(PullRequestNumber, Result<Value, String>)>,
    at: Option<Timestamp>,
}

impl GitHub {
    /// The pull request, all our comments on it, and its latest deployments if they are wanted and may be read.
    pub(super) async fn read_conversation(
        &self,
        number: PullRequestNumber,
        with_deployments: bool,
    ) -> Result<Option<Conversation>, ForgeError> {
        let what = "read the pull request";
        let mut operation = if with_deployments { OBSERVE_PULL_REQUEST } else { OBSERVE_PULL_REQUEST_ONLY };
        let (mut our_comments, mut after) = (Vec::new(), None);
        loop {
            let asked = self.ask(&operation, operation.text, observing(&operation, number, after.as_deref()), what);
            let mut reply = match asked.await {
                Err(ForgeError::Forbidden { message, .. }) if operation.name == OBSERVE_PULL_REQUEST.name => {
                    tracing::warn!(
                        "no deployments are made, as the token may not read them ({message}): give the job `permissions: deployments: write`, or `--deployments off`"
                    );
                    operation = OBSERVE_PULL_REQUEST_ONLY;
                    continue;
                }
                result => result?,
            };
            let Some(value) = reply.take("pullRequest").map_err(|trouble| trouble.error(what))? else {
                return Ok(None);
            };
            let (pull_request, comments) =
                with_comments(&value, number).map_err(|why| Trouble::senseless(why).error(what))?;
            our_comments.extend(comments.entries);
            if comments.next.is_some() && comments.next == after {
                return Err(Trouble::senseless("the list of comments has no end".to_owned()).error(what));
            }
            after = comments.next;
            if after.is_none() {
                let page = deployments(&mut reply, number);
                let has_all_deployments = page.as_ref().is_some_and(|page| page.next.is_none());
                let deployments = match page {
                    Some(page) => Some(self.numbered(page.entries, &our_comments).await),
                    None => None,
                };
                let at = reply.at;
                return Ok(Some(Conversation { pull_request, our_comments, deployments, has_all_deployments, at }));
            }
        }
    }

    /// The pull requests as they are, each of them or why it can not be read.
    pub(super) async fn read_pull_requests(
        &self,
        numbers: &[PullRequestNumber],
        with_changes: bool,
    ) -> Result<Surveyed, ForgeError> {
        let operation = if with_changes { SURVEY_CHANGES } else { SURVEY_PULL_REQUESTS };
        let told = self.ask_for_many(&operation, numbers, SURVEYED).await?;
        let each = told.each.into_iter().map(|(number, told)| {
            let read = told.and_then(|value| reading::pull_request(&value, number));
            (number, read)
        });
        Ok(Surveyed { pull_requests: each.collect(), at: told.at })
    }

    /// The pull requests that can be read, and our comments on them.
    pub(super) async fn read_conversations(
        &self,
        numbers: &[PullRequestNumber],
        application: &Application,
    ) -> Result<Vec<Conversation>, ForgeError> {
        let told = self.ask_for_many(&OBSERVE_CONVERSATIONS, numbers, CONVERSATIONS).await?;
        let mut conversations = Vec::new();
        for (number, value) in told.each {
            let (pull_request, comments) = match value.and_then(|value| with_comments(&value, number)) {
                Ok(read) => read,
                Err(why) => {
                    tracing::debug!(%number, why, "the pull request can not be read");
                    continue;
                }
            };
            if comments.next.is_some() && !comments.entries.iter().any(|comment| is_about(application, comment)) {
                conversations.extend(self.read_long_conversation(number).await?);
                continue;
            }
            conversations.push(Conversation {
                pull_request,
                our_comments: comments.entries,
                deployments: None,
                has_all_deployments: false,
                at: told.at,
            });
        }
        Ok(conversations)
    }

    /// A conversation in which ours comes late, if at all. Nothing when it can not be read.
    async fn read_long_conversation(&self, number: PullRequestNumber) -> Result<Option<Conversation>, ForgeError> {
        match self.read_conversation(number, false).await {
            Err(error) if !concerns_all(&error) => {
                tracing::warn!("pull request {number} can not be read: {}", with_cause(&error));
                Ok(None)
            }
            result => result,
        }
    }

    /// Asks about many pull requests, `size` of them in a question. A question that fails leaves the others be.
    async fn ask_for_many(
        &self,
        operation: &Operation,
        numbers: &[PullRequestNumber],
        size: usize,
    ) -> Result<Told, ForgeError> {
        // Asked for twice, the second one would find that the first has taken the answer.
        let numbers: Vec<_> = numbers.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let mut told = Told::default();
        for batch in numbers.chunks(size) {
            match self.ask(operation, &operation.text_for(batch), json!({}), "read the pull requests").await {
                Ok(mut reply) => {
                    told.each.extend(batch.iter().map(|number| (*number, taken(&mut reply, *number))));
                    told.at = reply.at.or(told.at);
                }
                Err(error) if concerns_all(&error) => return Err(error),
                Err(error) => {
                    let why = with_cause(&error);
                    tracing::warn!("{} pull requests can not be read: {why}", batch.len());
                    told.each.extend(batch.iter().map(|number| (*number, Err(why.clone()))));
                }
            }
        }
        Ok(told)
    }
}

/// The variables of a question about one pull request.
fn observing(operation: &Operation, number: PullRequestNumber, after: Option<&str>) -> Value {
    let mut variables = json!({"number": number, "after": after});
    if operation.name == OBSERVE_PULL_REQUEST.name {
        // Both: the configuration may have been another one when the preview was put up.
        variables["environments"] = json!([SHARED_ENVIRONMENT, own_environment(number)]);
    }
    variables
}

fn with_comments(value: &Value, number: PullRequestNumber) -> Result<(PullRequest, Page<OurComment>), String> {
    Ok((reading::pull_request(value, number)?, reading::comments(value)?))
}

/// The deployments of a pull request's previews, and others in its own environment; nothing where they were not asked for or
/// can not be read.
fn deployments(reply: &mut Reply, number: PullRequestNumber) -> Option<Page<Unnumbered>> {
    let value = reply.take("deployments").ok()??;
    let mut page = reading::deployments(&value).ok()?;
    let own = own_environment(number);
    page.entries.retain(|Unnumbered { deployment, .. }| {
        let payload = deployment.payload.as_ref();
        deployment.environment == own || payload.is_some_and(|payload| payload.pull_request == number)
    });
    Some(page)
}

fn taken(reply: &mut Reply, number: PullRequestNumber) -> Result<Value, String> {
    let found = reply.take(&alias(number)).map_err(|trouble| trouble.message)?;
    found.ok_or_else(|| MISSING.to_owned())
}

fn is_about(application: &Application, comment: &OurComment) -> bool {
    Marker::read(&comment.body).is_some_and(|marker| marker.application == *application)
}

/// Whether an error is not of one question, but would meet every other one too.
fn concerns_all(error: &ForgeError) -> bool {
    match error {
        ForgeError::BadCredentials { .. }
        | ForgeError::Forbidden { .. }
        | ForgeError::NotFound { .. }
        | ForgeError::RateLimited { .. }
        | ForgeError::Address { .. } => true,
        ForgeError::Failed { .. }
        | ForgeError::Unreachable { .. }
        | ForgeError::Senseless { .. }
        | ForgeError::Local { .. } => false,
    }
}

fn with_cause(error: &ForgeError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
