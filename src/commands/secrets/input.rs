//! The values that are put, out of a file or standard input.

use std::io::{self, IsTerminal as _, Read, Write as _};
use std::path::Path;

use crate::domain::configuration::SecretKey;
use crate::domain::preview_secrets::{LARGEST, Values};
use crate::effects::terminal::unseen_line;
use crate::env;
use crate::error::{Error, SecretsError};

/// Reads the values; all of the input is one, if its key is named.
///
/// # Errors
///
/// When it can not be read, or holds something else.
pub(super) async fn values(file: Option<&Path>, key: Option<&SecretKey>) -> Result<Values, Error> {
    let bytes = if let Some(path) = file {
        read_file(path)?
    } else if key.is_some() && io::stdin().is_terminal() {
        let line = unseen_line(|| tell("Type the value, which is not shown, on one line:")).await;
        line.map_err(|why| Error::local("the value can not be read at this terminal", why))?
    } else {
        tell_who_waits();
        // On a thread of its own, so that a signal ends the program while it waits.
        let read = tokio::task::spawn_blocking(|| read(io::stdin().lock())).await;
        let read = read.map_err(io::Error::other).and_then(|read| read);
        read.map_err(|why| Error::local("standard input can not be read", why))?
    };
    Ok(Values::parse(&bytes, key).map_err(SecretsError::from)?)
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::File::open(path).and_then(read).map_err(|why| env::unreadable(path, &why))
}

/// Reads what may be taken at once, and as much more as shows that it is too much.
fn read(input: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Tells somebody at a keyboard what is waited for.
fn tell_who_waits() {
    if io::stdin().is_terminal() {
        tell(
            "What you type here is seen on the screen: a file (`--file`), a pipe, or `--key` with one value is better.\nType lines `KEY=VALUE`, or a JSON object, then Control-D on a line of its own:",
        );
    }
}

fn tell(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
