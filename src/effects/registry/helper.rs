//! The programs that keep logins for docker.
//! <https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol>

use std::ffi::OsStr;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::credentials::Login;
use crate::env;
use crate::secret::Secret;

/// How long a program may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The most that it may say, in bytes.
const LONGEST_ANSWER: u64 = 64 * 1024;
/// What it says when it knows nothing of a registry.
const NOTHING: &str = "credentials not found";
/// The name with which it says that the secret is an identity token.
const TOKEN_NAME: &str = "<token>";

/// A program `docker-credential-NAME`.
#[derive(Debug)]
pub(super) struct Helper(String);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Said {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

impl Helper {
    /// The program of that name, if it can be the name of one.
    pub(super) fn new(name: &str) -> Result<Self, String> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(allowed) {
            return Err(format!("`{}` is not the name of a credential helper", name.escape_debug()));
        }
        Ok(Self(format!("docker-credential-{name}")))
    }

    /// Asks it for the login for a server. It is looked for in `search_path`, the program's own without it.
    pub(super) async fn login(&self, server: &str, search_path: Option<&OsStr>) -> Result<Option<Login>, String> {
        let ran = tokio::time::timeout(PATIENCE, self.run(server, search_path)).await;
        let ran = ran.map_err(|_| format!("`{}` did not answer within {} seconds", self.0, PATIENCE.as_secs()))?;
        let (status, said) = ran.map_err(|why| format!("`{} get` failed: {why}", self.0))?;
        // What it has said is not shown, since it may be a secret.
        if !status.success() {
            let knows_nothing = String::from_utf8_lossy(&said).contains(NOTHING);
            return if knows_nothing { Ok(None) } else { Err(format!("`{} get` failed: {status}", self.0)) };
        }
        let said: Said =
            serde_json::from_slice(&said).map_err(|_| format!("`{} get` does not answer with a login", self.0))?;
        let Some(secret) = Secret::new(&said.secret) else { return Ok(None) };
        Ok(Some(if said.username == TOKEN_NAME {
            Login::IdentityToken(secret)
        } else {
            Login::Password { username: said.username, password: secret }
        }))
    }

    async fn run(&self, server: &str, search_path: Option<&OsStr>) -> std::io::Result<(ExitStatus, Vec<u8>)> {
        let mut command = std::process::Command::new(&self.0);
        command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        env::keep_from(&mut command);
        if let Some(path) = search_path {
            command.env(env::PATH, path);
        }
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // One that does not read what it is asked says so by its answer.
            let _ = input.write_all(server.as_bytes()).await;
        }
        let mut said = Vec::new();
        if let Some(output) = child.stdout.take() {
            output.take(LONGEST_ANSWER).read_to_end(&mut said).await?;
        }
        Ok((child.wait().await?, said))
    }
}
