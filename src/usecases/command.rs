//! A `/preview …` command, followed: who gave it may push, the labels say what is wanted, and the preview is made so.

use crate::domain::configuration::Configuration;
use crate::domain::decision::Intent;
use crate::domain::names::CommitId;
use crate::domain::pull_request::PullRequest;
use crate::domain::reason::code;
use crate::domain::slash_command::{Answer, Labels, Order, Reaction, SlashCommand, Spoken, help};
use crate::error::Error;
use crate::ports::{
    AppsRepository, Builds, Discussion, ImagePublisher, Listeners, PullRequests, Registry, Renderer, SchemaArchives,
};
use crate::usecases::approval::may_write;
use crate::usecases::converge::{Ending, Gate, Question, Request, Verdict, converge};
use crate::usecases::observe;

/// How a command ended that did not fail.
#[derive(Debug)]
pub enum Heeded {
    /// Who gave it may not push.
    NotAllowed,
    /// It was followed, or refused for a reason that the comment gives.
    Followed(Box<Followed>),
}

/// What came of a command.
#[derive(Debug)]
pub struct Followed {
    /// What became of the preview.
    pub ending: Ending,
    /// The labels that were changed for it, or would be.
    pub labels: Labels,
    /// Whether it was refused, for a reason that the comment gives.
    pub is_refused: bool,
}

/// Follows a command. `request` says where and how; what is asked of the preview is up to the command.
///
/// # Errors
///
/// When something can not be read, or is not allowed. The pull request is told that it failed, if it can be told.
pub async fn heed<P: PullRequests + Discussion>(
    spoken: &Spoken,
    request: &Request,
    (forge, listeners): (&P, &impl Listeners),
    apps: &impl AppsRepository,
    gate: Option<&Gate<'_, impl Renderer, impl SchemaArchives, impl Registry + ImagePublisher, impl Builds>>,
) -> Result<Heeded, Error> {
    let reactor = Reactor { spoken, forge, is_silent: request.dry_run };
    if !may_write(&spoken.author, spoken.account, forge).await? {
        reactor.react(Reaction::Refused).await;
        return Ok(Heeded::NotAllowed);
    }
    let followed = follow(spoken, request, (forge, listeners), apps, gate).await;
    let (reaction, failure) = match &followed {
        Ok(Followed { ending, is_refused, .. }) => (reaction(spoken, ending, *is_refused), None),
        Err(_) => (Reaction::NotUnderstood, Some(failed(spoken, request))),
    };
    if let Some(answer) = failure.filter(|_| !request.dry_run) {
        let request = asking(request, spoken, Intent::Look, answer, Labels::default());
        match converge(&request, (forge, listeners), apps, gate).await {
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "the pull request can not be told either"),
        }
    }
    reactor.react(reaction).await;
    followed.map(|followed| Heeded::Followed(Box::new(followed)))
}

/// What there is to say of a command that failed.
fn failed(spoken: &Spoken, request: &Request) -> Answer {
    let verb = spoken.command.as_ref().map_or("help", SlashCommand::verb);
    let run = request.run.as_ref().map_or_else(String::new, |run| format!(": [this run]({run}) says why"));
    Answer::Text(format!("`/preview {verb}` failed{run}."))
}

async fn follow<P: PullRequests + Discussion>(
    spoken: &Spoken,
    request: &Request,
    (forge, listeners): (&P, &impl Listeners),
    apps: &impl AppsRepository,
    gate: Option<&Gate<'_, impl Renderer, impl SchemaArchives, impl Registry + ImagePublisher, impl Builds>>,
) -> Result<Followed, Error> {
    let order = match &spoken.command {
        Err(why) => Order::refuse(format!("{why} {}", help())),
        // Neither depends on the pull request, which is looked at once for them.
        Ok(SlashCommand::Help) => Order::help(),
        Ok(SlashCommand::Status) => Order::status(),
        Ok(command) => order(command, spoken, request, forge, apps).await?,
    };
    if !request.dry_run {
        for label in &order.labels.removed {
            forge.remove_label(spoken.number, label).await?;
        }
        for label in &order.labels.added {
            forge.add_label(spoken.number, label).await?;
        }
    }
    let (labels, is_refused) = (order.labels.clone(), order.is_refused);
    let asked = asking(request, spoken, order.intent, order.answer, order.labels);
    let asked = Request { approval: order.approval, ..asked };
    Ok(Followed { ending: converge(&asked, (forge, listeners), apps, gate).await?, labels, is_refused })
}

fn asking(request: &Request, spoken: &Spoken, intent: Intent, answer: Answer, labels: Labels) -> Request {
    let question = Question { by: spoken.author.clone(), answer, labels };
    Request { intent, question: Some(question), approval: None, ..request.clone() }
}

/// What is to be done for a command, as the pull request and the configuration are now.
async fn order<P: PullRequests + Discussion>(
    command: &SlashCommand,
    spoken: &Spoken,
    request: &Request,
    forge: &P,
    apps: &impl AppsRepository,
) -> Result<Order, Error> {
    let needs = observe::needs_of_one(&request.root, request.number);
    let (said, snapshot) = tokio::join!(forge.look_up(request.number), apps.observe(&needs));
    let no_pull_request = || Error::NoPullRequest { repository: request.repository.clone(), number: request.number };
    let (pull_request, snapshot) = (said?.ok_or_else(no_pull_request)?.pull_request, snapshot?);
    let configuration = observe::configuration(&snapshot, &request.root).await?;
    configuration.admit(&request.repository)?;
    let named = named(command, &configuration, &pull_request, forge).await?;
    let settings = &configuration.document().preview;
    Ok(Order::of(command, &spoken.author, settings, &pull_request, named.as_ref()))
}

/// The commit that an approval names: by all of its digits, or by its first ones if no other commit begins like that.
async fn named(
    command: &SlashCommand,
    configuration: &Configuration,
    pull_request: &PullRequest,
    forge: &impl Discussion,
) -> Result<Option<CommitId>, Error> {
    let SlashCommand::Approve(prefix) = command else { return Ok(None) };
    if !Order::may_approve(&configuration.document().preview, pull_request) {
        return Ok(None);
    }
    match prefix.as_str().parse() {
        Ok(commit) => Ok(Some(commit)),
        Err(_) => Ok(forge.commit_of(prefix).await?),
    }
}

/// How a command that was followed is answered.
fn reaction(spoken: &Spoken, ending: &Ending, is_refused: bool) -> Reaction {
    let Ok(command) = &spoken.command else { return Reaction::NotUnderstood };
    let verdict = match ending {
        Ending::Converged(converged) => converged.outcome.verdict,
        Ending::Unread { verdict, .. } => *verdict,
    };
    let is_in_vain = match command {
        SlashCommand::Deploy | SlashCommand::Approve(_) => !verdict.leaves_one(),
        SlashCommand::Extend(_) => verdict.leaves_none(),
        SlashCommand::Remove => verdict == Verdict::Kept,
        SlashCommand::Keep | SlashCommand::Status | SlashCommand::Help => false,
    };
    if is_refused || is_in_vain { Reaction::Refused } else { Reaction::Done }
}

/// Who reacts to the comment. That it could not be done is no reason to fail.
struct Reactor<'a, P> {
    spoken: &'a Spoken,
    forge: &'a P,
    is_silent: bool,
}

impl<P: Discussion> Reactor<'_, P> {
    async fn react(&self, reaction: Reaction) {
        if self.is_silent {
            return;
        }
        if let Err(error) = self.forge.react(self.spoken.comment, reaction).await {
            let by = code(self.spoken.author.as_str());
            tracing::warn!("the comment of {by} can not be reacted to: {error}");
        }
    }
}
