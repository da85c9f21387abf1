//! The values that are put, out of a file or standard input.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::path::Path;

use crate::domain::configuration::SecretKey;
use crate::domain::preview_secrets::{LARGEST, Values};
use crate::effects::terminal::unseen_line;
use crate::error::{Error, SecretsError};

/// Reads the values; all of the input is one, if its key is named.
///
/// # Errors
///
/// When it can not be read, or holds something else.
pub(super) async fn values(file: Option<&Path>, key: Option<&SecretKey>) -> Result<Values, Error> {
    let bytes = if file.is_none() && key.is_some() && io::stdin().is_terminal() {
        let line = unseen_line(|| tell("Type the value, which is not shown, on one line:")).await;
        line.map_err(|why| Error::local("the value can not be read at this terminal", why))?
    } else {
        if file.is_none() {
            tell_who_waits();
        }
        let file = file.map(Path::to_owned);
        // On a thread of its own, so that a signal ends the program while it waits: a file may be a pipe, too.
        tokio::task::spawn_blocking(move || read_from(file.as_deref()))
            .await
            .map_err(|why| Error::local("the input can not be read", why))??
    };
    Ok(Values::parse(&bytes, key).map_err(SecretsError::from)?)
}

/// A file's name is not quoted: it may be a value that somebody put there.
fn read_from(file: Option<&Path>) -> Result<Vec<u8>, Error> {
    let Some(path) = file else {
        return read(io::stdin().lock()).map_err(|why| Error::local("standard input can not be read", why));
    };
    File::open(path).and_then(read).map_err(|why| Error::Usage {
        message: format!("the file that `--file` names can not be read: {why}"),
        hint: "check its name, and who may read it",
    })
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
