//! `bivouac vault-cleanup`.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;

use super::context::Context;
use super::report;
use crate::effects::vault_files::{Removed, VaultFiles};
use crate::error::Error;
use crate::runner::{Level, plain};

/// Remove the files that `bootstrap-vault` left for later steps.
///
/// For a step with `if: always()` at the end of a job. It ends well when there is nothing to remove. A file that begins with
/// `escrow-` is the only copy of an encrypted record that could be stored nowhere else: it is named, and stays.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Remove the only copies of encrypted records too: what they hold is lost then
    #[arg(long)]
    pub all: bool,
}

/// Runs it.
///
/// # Errors
///
/// When the files belong to somebody else, or one of them can not be removed.
pub fn run(arguments: &Arguments, context: &Context) -> Result<(), Error> {
    let removed = VaultFiles::new(&context.environment).remove_all(arguments.all)?;
    report::print(&text(&removed))?;
    if !removed.kept.is_empty() {
        let message = "A record of the Vault's keys is on this machine only: store it before the machine goes.";
        context.runner.annotate(Level::Warning, "Escrow", message);
    }
    let failed = removed.failed.into_iter().next();
    failed.map_or(Ok(()), |(path, why)| Err(Error::local(format!("`{}` can not be removed", name(&path)), why)))
}

fn text(removed: &Removed) -> String {
    let mut text = String::new();
    for path in &removed.removed {
        let _ = writeln!(text, "removed {}", name(path));
    }
    for path in &removed.kept {
        let _ = writeln!(
            text,
            "kept    {}: the only copy of an encrypted record; store it elsewhere, then give `--all`",
            plain(&path.display().to_string())
        );
    }
    if text.is_empty() && removed.failed.is_empty() {
        text.push_str("There was nothing to remove.\n");
    }
    text
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| plain(&name.to_string_lossy()))
}
