//! The releases of Bivouac, by the tags of its repository.

use std::process::Stdio;

use tokio::process::Command;

use crate::domain::names::CommitId;
use crate::env;
use crate::error::Error;
use crate::ports::ForgeError;

/// The commit that a tag of the repository at `address` is on; nothing if there is no such tag.
///
/// `git` asks, with the credentials, the proxy and the certificates of whoever runs this.
///
/// # Errors
///
/// When `git` does not start, or can not read the repository.
pub async fn commit_of_tag(address: &str, tag: &str) -> Result<Option<CommitId>, Error> {
    let reference = format!("refs/tags/{tag}");
    // An annotated tag is an object of its own; `^{}` is the commit that it is on.
    let peeled = format!("{reference}^{{}}");
    let mut command = Command::new("git");
    command.args(["ls-remote", "--", address, &reference, &peeled]).env("GIT_TERMINAL_PROMPT", "0");
    env::keep_from(command.as_std_mut());
    let ended = command.stdin(Stdio::null()).output().await;
    let ended = ended.map_err(|why| Error::local("the `git` program does not start", why))?;
    if !ended.status.success() {
        let source = String::from_utf8_lossy(&ended.stderr).trim().to_owned().into();
        return Err(ForgeError::Unreachable { address: address.to_owned(), source }.into());
    }
    let listed = String::from_utf8_lossy(&ended.stdout).into_owned();
    let commit_of = |wanted: &str| {
        let found = listed.lines().filter_map(|line| line.split_once('\t')).find(|(_, name)| *name == wanted)?;
        found.0.parse::<CommitId>().ok()
    };
    Ok(commit_of(&peeled).or_else(|| commit_of(&reference)))
}
