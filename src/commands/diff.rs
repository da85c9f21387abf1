//! `bivouac diff`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use similar::TextDiff;

use super::context::Context;
use super::options::{AppsOptions, Format, ProgramOptions};
use super::report;
use crate::domain::checks::difference::Changed;
use crate::domain::names::PreviewName;
use crate::domain::overlay::previews_directory;
use crate::effects::checkout::Checkout;
use crate::error::Error;
use crate::ports::{AppsRepository as _, Need};
use crate::runner::escape_markdown;
use crate::usecases::checks::{Difference, Kit, diff};
use crate::usecases::observe;

/// The most bytes of a summary: a runner takes one mebibyte of a step.
const LARGEST: usize = 1_000_000;

/// Show what a preview changes against base.
///
/// Renders base and the preview with kustomize, and with helm where the chart can be had, and shows where they differ. What
/// a Secret holds is not shown. Writes nothing.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The name of the preview: `pr-123`
    #[arg(value_name = "PREVIEW")]
    pub preview: PreviewName,
    /// A checkout of the apps repository, in place of the repository itself
    #[arg(long, value_name = "DIRECTORY")]
    pub checkout: Option<PathBuf>,
    /// Add it to the summary of the step, folded, and cut to what GitHub takes
    #[arg(long)]
    pub summary: bool,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// What renders manifests.
    #[command(flatten)]
    pub programs: ProgramOptions,
    /// Where.
    #[command(flatten)]
    pub apps: AppsOptions,
}

/// Runs it.
///
/// # Errors
///
/// When there is no such preview, or something does not render.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let (programs, archives) = (context.programs(&arguments.programs)?, context.schema_archives()?);
    let kit = Kit { renderer: &programs, archives: &archives };
    let (root, name) = (&arguments.apps.path, &arguments.preview);
    let difference = if let Some(directory) = &arguments.checkout {
        let (checkout, within) = Checkout::around(directory)?;
        diff(&kit, &checkout, &within.join_path(root), name).await?
    } else {
        let mut needs = observe::needs(root);
        needs.extend([root.join("base"), previews_directory(root).join(name.as_str())].map(Need::Content));
        diff(&kit, &context.apps(&arguments.apps, None)?.observe(&needs).await?, root, name).await?
    };
    report::print(&match arguments.format {
        Format::Text => text(&difference, name),
        Format::Json => report::json_text(&as_json(&difference)),
    })?;
    if arguments.summary {
        report::hand_over(&context.runner, &[], &markdown(&difference, name))?;
    }
    Ok(())
}

/// The lines of one object that differ.
fn unified(changed: &Changed, name: &PreviewName) -> String {
    let side = |side: &str, text: Option<&String>| match text {
        Some(_) => format!("{side}: {}", changed.title),
        None => "/dev/null".to_owned(),
    };
    let (before, after) = (changed.before.as_ref(), changed.after.as_ref());
    let lines = TextDiff::from_lines(before.map_or("", String::as_str), after.map_or("", String::as_str));
    lines.unified_diff().header(&side("base", before), &side(name.as_str(), after)).to_string()
}

fn text(difference: &Difference, name: &PreviewName) -> String {
    let mut text = String::new();
    for changed in &difference.changed {
        let _ = writeln!(text, "{}", report::coloured(&unified(changed, name)).trim_end());
    }
    if difference.changed.is_empty() {
        let _ = writeln!(text, "{name} renders as base does.");
    }
    for note in &difference.without {
        let _ = writeln!(text, "note: {}", crate::runner::plain(note));
    }
    text
}

fn as_json(difference: &Difference) -> serde_json::Value {
    let changed =
        |changed: &Changed| json!({"object": changed.title, "before": changed.before, "after": changed.after});
    json!({
        "changed": difference.changed.iter().map(changed).collect::<Vec<_>>(),
        "notes": difference.without,
    })
}

/// One folded block for each object, as many as there is room for.
fn markdown(difference: &Difference, name: &PreviewName) -> String {
    let mut text = format!("### What {name} changes against base\n\n");
    if difference.changed.is_empty() {
        text.push_str("Nothing: it renders as base does.\n\n");
    }
    for (index, changed) in difference.changed.iter().enumerate() {
        let lines = unified(changed, name);
        let fence = "`".repeat(longest_run(&lines, '`').max(2) + 1);
        let title = in_html(&changed.title);
        let room = LARGEST.saturating_sub(text.len() + title.len() + 2 * fence.len() + 200);
        let Some(lines) = cut(&lines, room) else {
            let _ = writeln!(text, "And {} more, for which there is no room here.\n", difference.changed.len() - index);
            break;
        };
        let _ = write!(text, "<details><summary>{title}</summary>\n\n{fence}diff\n{lines}{fence}\n\n</details>\n\n");
    }
    for note in &difference.without {
        let _ = writeln!(text, "{}\n", escape_markdown(note));
    }
    text
}

/// The text, or the lines of it that there is room for; nothing when that is not worth it.
fn cut(text: &str, room: usize) -> Option<String> {
    if text.len() <= room {
        return Some(text.to_owned());
    }
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at < room).last()?;
    let whole = &text[..=text[..end].rfind('\n')?];
    (whole.lines().count() > 10).then(|| format!("{whole}… cut here\n"))
}

/// Text for HTML, in which Markdown means nothing.
fn in_html(text: &str) -> String {
    let text = crate::runner::plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('`', "")
}

fn longest_run(text: &str, wanted: char) -> usize {
    text.split(|character| character != wanted).map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(title: &str, after: &str) -> Changed {
        Changed { title: title.to_owned(), before: None, after: Some(after.to_owned()) }
    }

    #[test]
    fn a_summary_is_folded_and_no_longer_than_it_may_be() {
        let long = "line: of a manifest with some ``` in it\n".repeat(20_000);
        let changed = vec![changed("Deployment `a`", &long), changed("Deployment `b`", &long), changed("x", &long)];
        let difference = Difference { changed, without: vec!["no helm <b>".to_owned()] };
        let text = markdown(&difference, &"pr-1".parse().unwrap());
        assert!(text.len() < 1_048_576, "{}", text.len());
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        assert!(
            text.contains("\n````diff\n") && text.contains("… cut here") && text.contains("And 1 more"),
            "{}",
            text.len()
        );
        assert!(!text.contains("<b>"));
    }
}
