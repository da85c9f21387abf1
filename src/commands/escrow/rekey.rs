//! `bivouac escrow rekey`.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::EscrowOptions;
use crate::commands::context::Context;
use crate::commands::options::{Format, parse_duration};
use crate::commands::report;
use crate::domain::escrow::Record;
use crate::error::Error;
use crate::ports::EscrowError;
use crate::runner::{Level, plain};
use crate::usecases::escrow::{Proof, Rekey, Rekeyed, rekey};

/// Encrypt what an escrow holds to other people.
///
/// Opens the newest ciphertext with the identity in `BIVOUAC_AGE_IDENTITY`, encrypts the same to the new recipients, and adds that
/// as the next generation, read back from every place. Run twice it writes nothing. Earlier generations stay, and whoever could
/// open them still can: to lock somebody out, the Vault needs new shares.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Who shall be able to open it: `age1…`, or an SSH public key. All of them; two or more
    #[arg(long, value_name = "KEY")]
    pub recipient: Vec<String>,
    /// How long to go on when the apps repository's tip keeps moving
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_duration)]
    pub patience: Duration,
    /// Show what would be written, and write nothing anywhere
    #[arg(long)]
    pub dry_run: bool,
    /// Where.
    #[command(flatten)]
    pub escrow: EscrowOptions,
}

/// Runs it.
///
/// # Errors
///
/// When it can not be opened, a recipient is none, or a place does not take it.
pub(super) async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let sinks = arguments.escrow.sinks(arguments.patience, context)?;
    let request = Rekey {
        recipients: arguments.recipient,
        environment: arguments.escrow.environment,
        run: super::new_run(),
        run_url: context.run_url(),
        now: context.now,
        dry_run: arguments.dry_run,
    };
    let rekeyed = rekey(&sinks, &super::cipher(context)?, &request).await?;
    report::print(&match arguments.escrow.format {
        Format::Json => report::json_text(&as_json(&rekeyed, request.dry_run)),
        Format::Text => text(&rekeyed, request.dry_run),
    })?;
    let Rekeyed::Done { proof, failed, .. } = rekeyed else { return Ok(()) };
    if proof == Proof::NotOurs && !request.dry_run {
        context.runner.annotate(Level::Warning, "Escrow", NOT_PROVEN);
    }
    failed.into_iter().next().map_or(Ok(()), |(_, why)| Err(why.into()))
}

const NOT_PROVEN: &str = "not proven: the identity is none of the new recipients', so nobody has opened it yet. Let one of them run `bivouac escrow verify`";

fn text(rekeyed: &Rekeyed, is_dry: bool) -> String {
    let (record, proof, failed) = match rekeyed {
        Rekeyed::Unchanged { generation } => {
            return format!("unchanged: generation {generation} is encrypted to these recipients\n");
        }
        Rekeyed::Done { record, proof, failed } => (record, *proof, failed),
    };
    let Record { generation, phase, recipients, .. } = &**record;
    let mut text = if is_dry {
        format!("would write generation {generation}, {phase} (dry run: nothing was written), for:\n")
    } else {
        format!("wrote generation {generation}, {phase}, for:\n")
    };
    for recipient in recipients {
        let _ = writeln!(text, "  {}", plain(recipient));
    }
    let _ =
        writeln!(text, "{}", if proof == Proof::Opened { "proven: it opens with the identity" } else { NOT_PROVEN });
    for (sink, why) in failed {
        let _ = writeln!(text, "✗ {}: {}", plain(sink), said(why));
    }
    text
}

fn said(why: &EscrowError) -> String {
    let cause = std::error::Error::source(why).map_or_else(String::new, |cause| format!(": {cause}"));
    plain(&format!("{why}{cause}"))
}

fn as_json(rekeyed: &Rekeyed, is_dry: bool) -> Value {
    match rekeyed {
        Rekeyed::Unchanged { generation } => json!({"result": "unchanged", "generation": generation}),
        Rekeyed::Done { record, proof, failed } => json!({
            "result": "rekeyed",
            "dry-run": is_dry,
            "generation": record.generation,
            "recipients": record.recipients,
            "proven": *proof == Proof::Opened,
            "failed": failed.iter().map(|(sink, _)| sink).collect::<Vec<_>>(),
        }),
    }
}
