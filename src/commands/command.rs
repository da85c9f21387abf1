//! `bivouac command`.

use clap::Args;

use super::context::Context;
use super::listeners;
use super::options::{AppsOptions, Format, GateOptions, ListenerOptions, WritingOptions};
use super::preview::{self, Tools};
use super::report;
use super::secrets::VaultOptions;
use crate::domain::decision::Intent;
use crate::domain::reason::code;
use crate::domain::slash_command::{Heard, Labels, SlashCommand, Spoken};
use crate::effects::notify::Notifier;
use crate::error::Error;
use crate::runner::{self, Level};
use crate::usecases::command::{Heeded, heed};

/// Follow a `/preview …` command in a comment on a pull request.
///
/// The comment is that of the event `issue_comment`. Its first line is the command: `deploy`, `remove`, `keep`, `extend 48h`,
/// `status`, `approve` with the id of a commit, or `help`. Anything else is passed over without a request. Only people who may push
/// to the repository are followed, which the forge is asked each time. The comment is answered with a reaction, and where there is
/// something to say, with a line in the preview's own comment.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What every verb that writes takes.
    #[command(flatten)]
    pub writing: WritingOptions,
    /// What a commit has to pass.
    #[command(flatten)]
    pub gate: GateOptions,
    /// Where to.
    #[command(flatten)]
    pub apps: AppsOptions,
    /// Who is told besides.
    #[command(flatten)]
    pub listeners: ListenerOptions,
    /// Where what a preview has for itself is removed, when it goes.
    #[command(flatten)]
    pub vault: VaultOptions,
}

/// Runs it.
///
/// # Errors
///
/// When the event is not that of a comment, the command could not be followed, or the pull request could not be told.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let spoken = match runner::hear(&context.environment)? {
        Heard::Command(spoken) => spoken,
        Heard::Nothing(why) => return passed_over(why, arguments.writing.format, context),
    };
    let (listeners, allow_http) = (arguments.listeners.clone(), arguments.apps.transport.allow_http);
    let run = async |notifier: &Notifier| Box::pin(heed_and_tell(&spoken, arguments, notifier, context)).await;
    Box::pin(listeners::with(&listeners, allow_http, context, run)).await
}

async fn heed_and_tell(
    spoken: &Spoken,
    arguments: Arguments,
    notifier: &Notifier,
    context: &Context,
) -> Result<(), Error> {
    let Arguments { writing, gate, apps: apps_options, vault, .. } = arguments;
    let named = vault.named(context)?;
    let (token_file, allow_http) = (writing.github_token_file.as_deref(), apps_options.transport.allow_http);
    let forge = context.forge(token_file, &spoken.repository, allow_http, writing.deployments.into())?;
    let apps = context.apps(&apps_options, token_file)?;
    let tools = Tools::find(&gate, token_file, allow_http, context)?;
    let (repository, number) = (spoken.repository.clone(), spoken.number);
    let mut request = preview::request(Intent::Look, repository, number, &writing, &apps_options, context);
    request.by = Some(spoken.author.to_string());
    let heeded = heed(spoken, &request, (&forge, notifier), &apps, Some(&tools.gate(&forge))).await;
    if let Err(Error::Refused(findings)) = &heeded {
        report::tell_refused(findings, writing.format, context)?;
    }
    match heeded? {
        Heeded::NotAllowed => not_allowed(spoken, writing.format, context),
        Heeded::Followed(followed) => {
            if writing.dry_run {
                tell_labels(&followed.labels, writing.format)?;
            } else {
                report::hand_over(&context.runner, &[("command", verb(spoken).to_owned())], "")?;
            }
            let ended = preview::take_along(followed.ending, &request, (&vault, named), &apps, context).await;
            Box::pin(preview::tell(ended, None, &request, &writing, (&forge, notifier, &apps), context)).await
        }
    }
}

/// The command in one word; blank for one that there is not.
fn verb(spoken: &Spoken) -> &'static str {
    spoken.command.as_ref().map_or("", SlashCommand::verb)
}

/// Says which labels would change.
fn tell_labels(labels: &Labels, format: Format) -> Result<(), Error> {
    let added = labels.added.iter().map(|label| format!("the label {} would be put on\n", code(label)));
    let removed = labels.removed.iter().map(|label| format!("the label {} would be taken off\n", code(label)));
    match format {
        Format::Text => report::print(&added.chain(removed).collect::<String>()),
        Format::Json => Ok(()),
    }
}

fn passed_over(why: &str, format: Format, context: &Context) -> Result<(), Error> {
    report::hand_over(&context.runner, &[("command", String::new())], "")?;
    report::tell_nothing(&format!("the comment is passed over: {why}"), format)
}

fn not_allowed(spoken: &Spoken, format: Format, context: &Context) -> Result<(), Error> {
    let (login, repository) = (code(spoken.author.as_str()), &spoken.repository);
    let why = format!("{login} may not push to `{repository}`: the command is not followed");
    context.runner.annotate(Level::Notice, "Preview", &why);
    report::hand_over(&context.runner, &[("command", verb(spoken).to_owned())], "")?;
    report::tell_nothing(&why, format)
}
