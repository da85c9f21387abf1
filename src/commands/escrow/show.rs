//! `bivouac escrow show`.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use super::EscrowOptions;
use crate::commands::context::Context;
use crate::commands::options::Format;
use crate::commands::report;
use crate::commands::table::trimmed;
use crate::domain::escrow::{Ledger, Record};
use crate::domain::reason::minute;
use crate::error::Error;
use crate::runner::plain;
use crate::usecases::escrow::{Seen, Standing, Survey, of_environment, survey};

/// Show what an escrow holds, without opening it.
///
/// Every generation: when it was written, for which Vault, and who can open it. Says whether the places agree, and which of them
/// lags behind. Nothing is decrypted, so no key is needed, and what is shown is no secret.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Print the newest ciphertext alone, for `age -d`
    #[arg(long, conflicts_with = "share")]
    pub ciphertext: bool,
    /// Print one person's share alone, as it was encrypted to the PGP key with this fingerprint
    #[arg(long, value_name = "FINGERPRINT")]
    pub share: Option<String>,
    /// Where.
    #[command(flatten)]
    pub escrow: EscrowOptions,
}

/// Runs it.
///
/// # Errors
///
/// When a place can not be read, or two of them disagree; the others are shown all the same.
pub(super) async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let sinks = arguments.escrow.sinks(Duration::ZERO, context)?;
    let survey = survey(&sinks).await;
    of_environment(&survey.all, arguments.escrow.environment.as_deref())?;
    let one = match &arguments.share {
        Some(fingerprint) => Some(share(&survey.all, fingerprint)?),
        None if arguments.ciphertext => Some(ciphertext(&survey.all)?),
        None => None,
    };
    match (one, arguments.escrow.format) {
        (Some(one), _) => {
            // One that may be the wrong one is not printed.
            survey.into_agreement()?;
            return report::print(&one);
        }
        (None, Format::Json) => report::print(&report::json_text(&as_json(&survey)))?,
        (None, Format::Text) => report::print(&text(&survey))?,
    }
    survey.into_agreement().map(drop)
}

fn ciphertext(ledger: &Ledger) -> Result<String, Error> {
    let record = ledger.current().ok_or(Error::NoKeys)?;
    let armour = record.ciphertext.as_deref().unwrap_or_default().trim_end();
    Ok(format!("{}\n", lines(armour)))
}

/// The newest share of the person whose key has that fingerprint, or whose fingerprint ends so.
fn share(ledger: &Ledger, fingerprint: &str) -> Result<String, Error> {
    let bare = |text: &str| text.replace([' ', ':'], "").to_ascii_uppercase();
    let wanted = bare(fingerprint);
    let shares = ledger.records().iter().rev().find(|record| !record.pgp_shares.is_empty());
    let shares = shares.map(|record| record.pgp_shares.as_slice()).unwrap_or_default();
    let found: Vec<_> = shares.iter().filter(|share| bare(&share.fingerprint).ends_with(&wanted)).collect();
    match found[..] {
        [only] if wanted.len() >= 8 => Ok(format!("{}\n", lines(&only.share))),
        _ => Err(Error::Usage {
            message: format!("the escrow holds {} shares for `{}`", found.len(), plain(fingerprint)),
            hint: "give a fingerprint that `bivouac escrow show` names, or its last digits: 8 or more",
        }),
    }
}

/// A record may say anything: no line of it is a command to the runner.
fn lines(text: &str) -> String {
    text.lines().map(|line| plain(line).replace("::", ": :")).collect::<Vec<_>>().join("\n")
}

fn standing(survey: &Survey, seen: &Seen) -> String {
    let count = |count: usize| format!("{count} generation{}", if count == 1 { "" } else { "s" });
    match (survey.standing(seen), &seen.ledger) {
        (Standing::Unreadable, Err(why)) => {
            let cause = std::error::Error::source(why).map_or_else(String::new, |cause| format!(": {cause}"));
            format!("✗ {}", plain(&format!("{why}{cause}")))
        }
        (Standing::Lags { holds, of }, _) => format!("✗ lags behind: {} of {of}", count(holds)),
        (Standing::Disagrees(why), _) => format!("✗ disagrees with a place before it: {why}"),
        _ => format!("✓ {}", count(survey.all.records().len())),
    }
}

fn text(survey: &Survey) -> String {
    let mut text = String::new();
    for seen in &survey.seen {
        let _ = writeln!(text, "{}  {}", plain(&seen.sink), standing(survey, seen));
    }
    if survey.all.records().is_empty() {
        let is_known = survey.seen.iter().all(|seen| seen.ledger.is_ok());
        text.push_str(if is_known { "\nThere are no records.\n" } else { "\nNo record can be read.\n" });
        return text;
    }
    text.push('\n');
    text.push_str(&table(survey.all.records()));
    if let Some(current) = survey.all.current() {
        let _ = writeln!(text, "\nGeneration {} can be opened by any one of:", current.generation);
        for recipient in &current.recipients {
            let _ = writeln!(text, "  {}", plain(recipient));
        }
    }
    let by_person = survey.all.records().iter().rev().find(|record| !record.pgp_shares.is_empty());
    if let Some(record) = by_person {
        let _ = writeln!(text, "\nGeneration {} holds a share for each of:", record.generation);
        for share in &record.pgp_shares {
            let _ = writeln!(text, "  {}", plain(&share.fingerprint));
        }
    }
    text
}

fn table(records: &[Record]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["GENERATION", "PHASE", "WHEN", "ADDRESSES", "SEAL", "SHARES", "RECIPIENTS", "RUN"]);
    for record in records {
        let addresses: Vec<_> = record.addresses.iter().map(ToString::to_string).collect();
        table.add_row([
            record.generation.to_string(),
            record.phase.to_string(),
            minute(record.at),
            addresses.join(" "),
            plain(&record.seal_type),
            format!("{} of {}", record.threshold, record.shares),
            record.recipients.len().to_string(),
            plain(record.run_url.as_deref().unwrap_or(&record.run)),
        ]);
    }
    trimmed(&table)
}

fn as_json(survey: &Survey) -> Value {
    let sinks: Vec<_> = survey
        .seen
        .iter()
        .map(|seen| {
            let (standing, generations) = match survey.standing(seen) {
                Standing::Whole => ("whole", Some(survey.all.records().len())),
                Standing::Lags { holds, .. } => ("lags", Some(holds)),
                Standing::Disagrees(_) => ("disagrees", seen.ledger.as_ref().ok().map(|ledger| ledger.records().len())),
                Standing::Unreadable => ("unreadable", None),
            };
            json!({"sink": seen.sink, "standing": standing, "generations": generations})
        })
        .collect();
    json!({
        "sinks": sinks,
        "current": survey.all.current().map(|record| record.generation),
        "records": survey.all.records(),
    })
}
