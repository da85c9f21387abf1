//! Where an escrow is, and what opens it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::commands::context::Context;
use crate::commands::options::{AppsOptions, Format};
use crate::domain::escrow::SinkAddress;
use crate::effects::escrow::{AgeCipher, FileSink, GitSink, Sink};
use crate::env;
use crate::error::Error;
use crate::secret::Secret;

/// Where an escrow is.
#[derive(Debug, Clone, Args)]
pub struct EscrowOptions {
    /// Where the escrow is kept: `file:PATH` on this machine, or `git:PATH` in the apps repository. May be repeated: every
    /// place holds all of it
    #[arg(long, value_name = "SINK")]
    pub escrow: Vec<SinkAddress>,
    /// The environment that the Vault is for; an escrow of another one is refused
    #[arg(long, value_name = "NAME", value_parser = parse_environment)]
    pub environment: Option<String>,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The file with the token that stands in for the apps repository's; `BIVOUAC_GITHUB_TOKEN` or `GITHUB_TOKEN` holds the
    /// token itself
    #[arg(long, value_name = "FILE")]
    pub github_token_file: Option<PathBuf>,
    /// The apps repository, for `git:`.
    #[command(flatten)]
    pub apps: AppsOptions,
}

impl EscrowOptions {
    /// The places that were named; at least one.
    ///
    /// # Errors
    ///
    /// Those of [`sinks`], and when none was named.
    pub fn sinks(&self, patience: Duration, context: &Context) -> Result<Vec<Sink>, Error> {
        if self.escrow.is_empty() {
            let hint = "give `--escrow file:PATH` or `--escrow git:PATH`";
            return Err(Error::Usage { message: "no place of the escrow is named".to_owned(), hint });
        }
        sinks(&self.escrow, &self.apps, self.github_token_file.as_deref(), patience, context)
    }
}

/// The name of an environment, such as `production`: it goes into commits and onto pages.
///
/// # Errors
///
/// When it is none.
pub fn parse_environment(text: &str) -> Result<String, String> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    if !text.is_empty() && text.len() <= 100 && text.bytes().all(is_fine) {
        return Ok(text.to_owned());
    }
    Err("an environment is called by up to 100 letters, digits, `-`, `_`, `.` and `/`".to_owned())
}

/// The places of an escrow. The apps repository is asked for only where one of them is in it.
///
/// # Errors
///
/// When one is named twice, or the apps repository is not named or can not be used.
pub fn sinks(
    addresses: &[SinkAddress],
    apps: &AppsOptions,
    github_token_file: Option<&Path>,
    patience: Duration,
    context: &Context,
) -> Result<Vec<Sink>, Error> {
    let mut sinks = Vec::new();
    for (index, address) in addresses.iter().enumerate() {
        if addresses[..index].contains(address) {
            let message = format!("the escrow `{address}` is named twice");
            return Err(Error::Usage { message, hint: "name each place once: two of the same are one" });
        }
        sinks.push(match address {
            SinkAddress::File(path) => Sink::File(FileSink::new(path.clone())),
            SinkAddress::Git(path) => {
                let opened = context.apps(apps, github_token_file)?;
                Sink::Git(Box::new(GitSink::new(opened, apps.path.join(path.as_str()), patience, context.now)))
            }
        });
    }
    Ok(sinks)
}

/// What encrypts, and decrypts with the identity in `BIVOUAC_AGE_IDENTITY`, which the runner masks.
///
/// # Errors
///
/// When the identity's file can not be read, or it can not be used.
pub fn cipher(context: &Context) -> Result<AgeCipher, Error> {
    let identity = context.environment.secret_text(env::AGE_IDENTITY)?;
    // The comments that `age-keygen` writes hold the public key, which may be seen.
    let lines = identity.iter().flat_map(|identity| identity.expose().lines());
    lines.filter(|line| !line.starts_with('#')).filter_map(Secret::new).for_each(|line| context.runner.mask(&line));
    Ok(AgeCipher::new(identity.as_ref())?)
}

/// What a run knows its own records by.
#[must_use]
pub fn new_run() -> String {
    format!("{:032x}", rand::random::<u128>())
}
