//! The values that are put, out of a file or standard input.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::path::Path;

use crate::domain::configuration::SecretKey;
use crate::domain::preview_secrets::{LARGEST, Values};
use crate::error::{Error, SecretsError};

/// Reads the values; all of the input is one, if its key is named.
///
/// # Errors
///
/// When it can not be read, or holds something else.
pub(super) async fn values(file: Option<&Path>, key: Option<&SecretKey>) -> Result<Values, Error> {
    if file.is_none() {
        tell_who_waits(key);
    }
    let file = file.map(Path::to_owned);
    // A file's name is not quoted: it may be a value that somebody put there.
    let what = if file.is_some() { "the file that `--file` names" } else { "standard input" };
    // On a thread of its own, so that a signal ends the program while it waits: a file may be a pipe, too.
    let read = tokio::task::spawn_blocking(move || match file {
        Some(path) => File::open(path).and_then(read),
        None => read(io::stdin().lock()),
    });
    let read = read.await.map_err(io::Error::other).and_then(|read| read);
    let bytes = read.map_err(|why| Error::local(format!("{what} can not be read"), why))?;
    Ok(Values::parse(&bytes, key).map_err(SecretsError::from)?)
}

/// Reads what may be taken at once, and as much more as shows that it is too much.
fn read(input: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Tells somebody at a keyboard what is waited for.
fn tell_who_waits(key: Option<&SecretKey>) {
    if io::stdin().is_terminal() {
        let what = if key.is_some() { "the value" } else { "lines `KEY=VALUE`, or a JSON object" };
        let _ = writeln!(anstream::stderr(), "Type {what}, then Control-D on a line of its own:");
    }
}
