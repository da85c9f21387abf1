//! `bivouac history`.

mod json;
mod markdown;

mod plot;
pub mod shown;
mod text;
mod when;

use std::collections::BTreeSet;
use std::iter;

use clap::{Args, ValueEnum};

use super::context::Context;
use super::options::ReadingOptions;
use super::page::{Page, chart};
use super::report;
use crate::contract::HISTORY_OUTPUTS;
use crate::domain::history::{End, Filter, History, Life};
use crate::domain::names::{Application, PreviewName, PullRequestNumber};
use crate::error::Error;
use crate::usecases::history::history;

use plot::Marks;
use when::When;

/// Show the life of previews, as the commits of the apps repository tell it.
///
/// Reads the commits, by Git, and no pull request: when each preview was put up, how long it lived, how often it was
/// brought up to date, by whom, and why it went. A life of one preview or pull request is shown with all that happened in it.
///
/// `--format json` prints `lives`, each with `preview`, `application`, `repository`, `pull-request`, `state` (`up`, `removed` or
/// `gone`), `seen` (whether it is in the apps repository now), `reason`, `put-up-at`, `ended-at`, `lived-seconds`, `updates`,
/// `by`, `author` and `moments`; `odd`, the commits that make no sense, each with `why`; `commits`, how many were read; and
/// with `--stats` `statistics`. What is not known is `null`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// One preview, such as `pr-123`, with all that happened to it
    pub preview: Option<PreviewName>,
    /// Only the previews of this application
    #[arg(long, value_name = "NAME")]
    pub application: Option<Application>,
    /// Only the previews of this pull request, with all that happened to them
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<PullRequestNumber>,
    /// Only what lived at or after this: a date, a timestamp, or how long ago, such as `30d`, `2w` or `12h`
    #[arg(long, value_name = "WHEN")]
    pub since: Option<When>,
    /// Only what was put up before this, or by the end of that day
    #[arg(long, value_name = "WHEN")]
    pub until: Option<When>,
    /// Show previews a week, the median life, and the median time from a push to its commit
    #[arg(long)]
    pub stats: bool,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Where.
    #[command(flatten)]
    pub apps: ReadingOptions,
}

/// The form of the data on standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// A page for browsers, in one file
    Html,
    /// The chart of previews a week, as a picture
    Svg,
}

impl Arguments {
    fn filter(&self, context: &Context) -> Result<Filter, Error> {
        let since = self.since.map(|when| when.beginning(context.now));
        let until = self.until.map(|when| when.end(context.now));
        if since.is_some_and(|since| since > until.unwrap_or(context.now)) {
            let message = "there is no time between `--since` and `--until`, or now".to_owned();
            return Err(Error::Usage { message, hint: "give a `--since` that is before `--until`, and not to come" });
        }
        Ok(Filter {
            since,
            until,
            application: self.application.clone(),
            pull_request: self.pull_request,
            preview: self.preview.clone(),
        })
    }

    /// Whether all that happened is shown.
    fn is_of_one(&self) -> bool {
        self.preview.is_some() || self.pull_request.is_some()
    }

    /// What the lives have in common, as a title.
    fn title(&self) -> String {
        let of = match (&self.preview, self.pull_request) {
            (Some(preview), _) => preview.to_string(),
            (None, Some(number)) => format!("the previews of #{number}"),
            (None, None) => "previews".to_owned(),
        };
        let application = self.application.as_ref().map_or_else(String::new, |name| format!(" of {name}"));
        format!("History of {of}{application}")
    }
}

/// Runs it.
///
/// # Errors
///
/// When the apps repository can not be read.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let apps = context.apps_to_read(&arguments.apps)?;
    let filter = arguments.filter(context)?;
    let history = history(&apps).await?.only(&filter);
    let statistics = history.statistics(&filter);
    let title = arguments.title();
    report::print(&match arguments.format {
        Format::Json => {
            report::json_text(&json::All::of(&history, arguments.stats.then_some(&statistics), context.now))
        }
        Format::Html => Page::of_lives(&title, &history, &statistics, context).html(),
        Format::Svg => chart::alone(&statistics, &title),
        Format::Text if arguments.stats => plot::figures(&statistics, Marks::of(&context.environment)),
        Format::Text => text::text(&history, arguments.is_of_one(), context.now),
    })?;
    warn_of_odd(&history, arguments.format);
    report::hand_over(&context.runner, &outputs(&history), &markdown::summary(&title, &history, context.now))
}

/// Says that some commits make no sense, where they are not shown.
fn warn_of_odd(history: &History, format: Format) {
    let commits: BTreeSet<_> = history.odd.iter().map(|(commit, _)| commit).collect();
    match commits.len() {
        0 => {}
        _ if format == Format::Json => {}
        1 => tracing::warn!(
            "a commit says something of a preview that makes no sense, or says it again; `--format json` says which and why"
        ),
        odd => tracing::warn!(
            "{odd} commits say something of a preview that makes no sense, or say it again; `--format json` lists them under `odd`"
        ),
    }
}

/// The outputs, in the order in which they are documented.
fn outputs(history: &History) -> Vec<(&'static str, String)> {
    let is_up = |life: &&Life| matches!(life.end, End::StillUp { .. });
    let up = history.lives.iter().filter(is_up).count();
    let counts = iter::once(history.lives.len()).chain([up]).map(|count| count.to_string());
    HISTORY_OUTPUTS.iter().map(|(name, _)| *name).zip(counts).collect()
}
