//! `bivouac escrow verify`.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::EscrowOptions;
use crate::commands::context::Context;
use crate::commands::options::Format;
use crate::commands::report;
use crate::error::Error;
use crate::runner::plain;
use crate::usecases::escrow::{Checked, of_environment, survey, verify};

/// Prove that an escrow can be opened, and that enough is in it.
///
/// Opens the newest ciphertext of every place with the identity in `BIVOUAC_AGE_IDENTITY`, or in the file that
/// `BIVOUAC_AGE_IDENTITY_FILE` names, and counts the shares. It prints no secret. Without an identity, or with one that does not
/// open it, it ends with code 10.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Where.
    #[command(flatten)]
    pub escrow: EscrowOptions,
}

/// Runs it.
///
/// # Errors
///
/// When a place can not be opened, or holds too little.
pub(super) async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let sinks = arguments.escrow.sinks(Duration::ZERO, context)?;
    let cipher = super::cipher(context)?;
    let survey = survey(&sinks).await;
    of_environment(&survey.all, arguments.escrow.environment.as_deref())?;
    let threshold = survey.all.current().map_or(0, |record| record.threshold);
    let checked = verify(survey, &cipher)?;
    report::print(&match arguments.escrow.format {
        Format::Json => report::json_text(&as_json(&checked)),
        Format::Text => text(&checked, threshold),
    })?;
    checked.into_iter().try_for_each(|checked| checked.result.map(drop))
}

fn text(checked: &[Checked], threshold: u32) -> String {
    let mut text = String::new();
    for Checked { sink, result } in checked {
        let sink = plain(sink);
        let _ = match result {
            Ok((generation, held)) if held.is_by_person => writeln!(
                text,
                "✓ {sink}: generation {generation} opens; its {} shares are with people, {threshold} unseal",
                held.shares
            ),
            Ok((generation, held)) => writeln!(
                text,
                "✓ {sink}: generation {generation} opens, with all of its {} shares, {threshold} unseal",
                held.shares
            ),
            Err(why) => writeln!(text, "✗ {sink}: {}", report::with_causes(why)),
        };
    }
    text
}

fn as_json(checked: &[Checked]) -> Value {
    checked
        .iter()
        .map(|Checked { sink, result }| match result {
            Ok((generation, held)) => {
                json!({"sink": sink, "opens": true, "generation": generation, "shares": held.shares, "by-person": held.is_by_person})
            }
            Err(why) => json!({"sink": sink, "opens": false, "problem": report::with_causes(why)}),
        })
        .collect()
}
