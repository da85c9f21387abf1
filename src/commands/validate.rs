//! `bivouac validate`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::options::{Format, ProgramOptions};
use super::{findings, report};
use crate::contract::VALIDATE_OUTPUTS;
use crate::domain::checks::{Finding, Severity};
use crate::effects::checkout::Checkout;
use crate::effects::programs::Folder;
use crate::error::Error;
use crate::runner::plain;
use crate::usecases::checks::{Kit, Validated, validate};

/// Check every overlay of an apps repository.
///
/// Makes the checks that `deploy` makes before a commit on all overlays of a checkout, the long-lived ones too: for pull
/// requests to the apps repository itself. Reads files, and runs kustomize and helm; writes nothing.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The checkout, or a directory in it
    #[arg(default_value = ".", value_name = "DIRECTORY")]
    pub directory: PathBuf,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// What renders manifests.
    #[command(flatten)]
    pub programs: ProgramOptions,
}

/// Runs it.
///
/// # Errors
///
/// When something refuses an overlay, or a check can not be made.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let (programs, archives) = (context.programs(&arguments.programs)?, context.schema_archives()?);
    let unreadable = |why| Error::local(format!("`{}` can not be read", arguments.directory.display()), why);
    let (checkout, within) = Checkout::around(&arguments.directory)?;
    let folder = Folder::of_checkout(checkout.top()).map_err(unreadable)?;
    let validated = validate(&Kit { renderer: &programs, archives: &archives }, &folder, &checkout, &within).await?;
    let refusals = count(&validated.findings, Severity::Refusal);
    report::print(&match arguments.format {
        Format::Text => {
            format!("{}{}{}\n", findings::text(&validated.findings), unknown(&validated), summary(&validated))
        }
        Format::Json => report::json_text(&as_json(&validated)),
    })?;
    findings::annotate(&context.runner, &validated.findings, true);
    let rows = findings::markdown(&validated.findings);
    let markdown =
        format!("### Checks of the apps repository\n\n{}.\n\n{rows}\n{}\n", summary(&validated), unknown(&validated));
    report::hand_over(&context.runner, &outputs(&validated), &markdown)?;
    if refusals > 0 {
        return Err(Error::Invalid { refusals, overlays: refused(&validated.findings) });
    }
    Ok(())
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}

/// How many overlays something refuses.
fn refused(findings: &[Finding]) -> usize {
    let refusals = findings.iter().filter(|finding| finding.severity == Severity::Refusal);
    refusals.map(|finding| &finding.overlay).collect::<BTreeSet<_>>().len()
}

fn summary(validated: &Validated) -> String {
    let Validated { roots, overlays, findings, .. } = validated;
    let counted = |count: usize, thing: &str| format!("{count} {thing}{}", if count == 1 { "" } else { "s" });
    let refusals = counted(count(findings, Severity::Refusal), "refusal");
    let warnings = counted(count(findings, Severity::Warning), "warning");
    format!("{} in {}: {refusals}, {warnings}", counted(*overlays, "overlay"), counted(roots.len(), "root"))
}

/// What was not held against a schema, since there is none.
fn unknown(validated: &Validated) -> String {
    if validated.unknown.is_empty() {
        return String::new();
    }
    let kinds: Vec<_> = validated.unknown.iter().map(|kind| plain(kind)).collect();
    format!("not held against a schema, since there is none: {}\n", kinds.join(", "))
}

fn outputs(validated: &Validated) -> Vec<(&'static str, String)> {
    let value = |name: &str| match name {
        "overlays" => validated.overlays,
        "refusals" => count(&validated.findings, Severity::Refusal),
        _ => count(&validated.findings, Severity::Warning),
    };
    VALIDATE_OUTPUTS.iter().map(|(name, _)| (*name, value(name).to_string())).collect()
}

fn as_json(validated: &Validated) -> serde_json::Value {
    json!({
        "roots": validated.roots.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "overlays": validated.overlays,
        "without-schema": validated.unknown,
        "findings": findings::json(&validated.findings),
    })
}
