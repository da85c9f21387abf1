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
        if addresses[..index].iter().any(|other| is_same(other, address)) {
            let message = format!("the escrow `{address}` is named twice");
            return Err(Error::Usage { message, hint: "name each place once: two of the same are one" });
        }
        sinks.push(match address {
            SinkAddress::File(path) => Sink::File(FileSink::new(path.clone())),
            SinkAddress::Git(path) => {
                let opened = context.apps(apps, github_token_file)?;
                Sink::Git(Box::new(GitSink::new(
                    opened,
                    apps.path.join(path.as_str()),
                    patience,
                    context.now,
                    context.runner.known_secrets().clone(),
                )))
            }
        });
    }
    Ok(sinks)
}

/// Whether two addresses are of one place: a file has many spellings.
fn is_same(one: &SinkAddress, other: &SinkAddress) -> bool {
    match (one, other) {
        (SinkAddress::File(one), SinkAddress::File(other)) => resolved(one) == resolved(other),
        _ => one == other,
    }
}

/// The path of a file that need not be there yet, without links and detours.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// What encrypts, and decrypts with the identity in `BIVOUAC_AGE_IDENTITY`, which the runner masks.
///
/// # Errors
///
/// When the identity's file can not be read, or it can not be used.
pub fn cipher(context: &Context) -> Result<AgeCipher, Error> {
    let identity = context.environment.secret_text(env::AGE_IDENTITY, None)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_by_two_spellings_is_one_place() {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        let at = |path: &str| SinkAddress::File(folder.path().join(path));
        assert!(is_same(&at("a.jsonl"), &at("below/../a.jsonl")));
        assert!(is_same(&at("a.jsonl"), &at("./a.jsonl")));
        assert!(!is_same(&at("a.jsonl"), &at("below/a.jsonl")));
        std::fs::write(folder.path().join("a.jsonl"), "").unwrap();
        assert!(is_same(&at("a.jsonl"), &at("below/../a.jsonl")));
        let relative = |path: &str| SinkAddress::File(path.into());
        assert!(is_same(&relative("escrow.jsonl"), &relative("./escrow.jsonl")));
    }
}
