//! Those who listen, for the time of a run: their addresses out of the environment, and what did not get to them.

use std::path::PathBuf;

use super::context::Context;
use super::options::ListenerOptions;
use crate::effects::notify::{Notifier, Settings, Undelivered};
use crate::env;
use crate::error::Error;
use crate::runner::{Level, escape_markdown};
use crate::secret::Secret;

/// What is shorter than this is no address and no secret: hidden, it would be hidden from everything else, too.
const SHORTEST: usize = 8;

/// Runs what tells those who listen, and then gives what is under way to them the time that it may take, however that ended.
///
/// # Errors
///
/// Those of `run`, and when a file that is named can not be read: then nothing was begun. Who listens fails nothing.
pub(super) async fn with<T>(
    options: &ListenerOptions,
    allow_http: bool,
    context: &Context,
    run: impl AsyncFnOnce(&Notifier) -> Result<T, Error>,
) -> Result<T, Error> {
    let read = |variable, file: &Option<PathBuf>| {
        let lines = context.environment.secret_text(variable, file.as_deref());
        lines.inspect(|lines| lines.iter().for_each(|lines| mask(lines, context)))
    };
    let addresses = read(env::NOTIFY_ADDRESSES, &options.notify_addresses_file)?;
    let secrets = read(env::NOTIFY_SECRETS, &options.notify_secrets_file)?;
    let settings =
        Settings { allow_private: options.notify_allow_private, allow_http, timeout: options.notify_timeout };
    let notifier = Notifier::new(addresses.as_ref(), secrets.as_ref(), settings);
    let ended = run(&notifier).await;
    let undelivered = notifier.end().await;
    // A run for a fork has no secrets, and nobody is to be warned of that each time.
    if addresses.is_some() {
        tell(&undelivered, context);
    }
    ended
}

/// Has every line hidden, and what stands behind its name: the log is searched for either.
fn mask(lines: &Secret, context: &Context) {
    let lines = lines.expose().lines();
    let parts = lines.flat_map(|line| [Some(line), line.split_once('=').map(|(_, value)| value)]);
    for part in parts.flatten().map(str::trim).filter(|part| part.len() >= SHORTEST) {
        context.runner.mask(&Secret::of(part.to_owned()));
    }
}

/// Says who was not told what.
fn tell(undelivered: &[Undelivered], context: &Context) {
    if undelivered.is_empty() {
        return;
    }
    for one in undelivered {
        tracing::warn!("{one}");
    }
    let lines: Vec<_> = undelivered.iter().map(ToString::to_string).collect();
    context.runner.annotate(Level::Warning, "Listeners", &lines.join("\n"));
    let rows = lines.iter().fold(String::new(), |rows, line| rows + "- " + &escape_markdown(line) + "\n");
    if let Err(error) = context.runner.summarize(&format!("### Listeners that were not told\n\n{rows}\n")) {
        tracing::warn!("the summary can not be written: {error}");
    }
}
