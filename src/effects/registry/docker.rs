//! Docker's configuration: who is logged in where.
//! <https://docs.docker.com/reference/cli/docker/login/#credential-stores>

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::credentials::Login;
use super::helper::Helper;
use crate::env::{self, Environment};
use crate::secret::Secret;

/// The registry whose entry has another name.
const DOCKER_HUB: &str = "docker.io";
/// That name.
const DOCKER_HUB_ENTRY: &str = "https://index.docker.io/v1/";

/// The folder of docker's configuration.
#[derive(Debug)]
pub struct DockerConfiguration {
    /// The folder; its file is `config.json`.
    pub folder: PathBuf,
    /// Where the programs are looked for that it names: as in `PATH`, whose value it is if there is none.
    pub search_path: Option<OsString>,
}

/// What is read of the file. It has no `Debug`: it is full of secrets.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Document {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

impl DockerConfiguration {
    /// The one that docker would use: `DOCKER_CONFIG`, else `.docker` in the user's folder.
    #[must_use]
    pub fn from_environment(environment: &Environment) -> Option<Self> {
        let named = environment.get(env::DOCKER_CONFIG).map(PathBuf::from);
        let folder = named.or_else(|| Some(PathBuf::from(environment.get(env::HOME)?).join(".docker")))?;
        Some(Self { folder, search_path: environment.get(env::PATH).map(OsString::from) })
    }

    /// The login for a registry, if there is one: its own helper's, the store's, or the file's. What is wrong otherwise, without
    /// a word of what is secret.
    pub(super) async fn login(&self, registry: &str) -> Result<Option<Login>, String> {
        let Some(document) = self.document().await? else { return Ok(None) };
        let helper = document.cred_helpers.iter().find(|(server, _)| is_of(server, registry)).map(|(_, name)| name);
        if let Some(name) = helper.or(document.creds_store.as_ref()).filter(|name| !name.is_empty()) {
            let server = if registry == DOCKER_HUB { DOCKER_HUB_ENTRY } else { registry };
            let login = Helper::new(name)?.login(server, self.search_path.as_deref()).await?;
            if login.is_some() {
                return Ok(login);
            }
        }
        let entry = document.auths.iter().find(|(server, _)| is_of(server, registry));
        entry.map_or(Ok(None), |(_, entry)| {
            entry.login().map_err(|why| format!("the entry for `{registry}` in `{}` {why}", self.file().display()))
        })
    }

    async fn document(&self) -> Result<Option<Document>, String> {
        let file = self.file();
        let text = match tokio::fs::read(&file).await {
            Ok(text) => text,
            Err(why) if matches!(why.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(why) => return Err(format!("`{}`: {why}", file.display())),
        };
        // The parser's own words quote what it has read.
        serde_json::from_slice(&text).map(Some).map_err(|why| {
            let (line, column) = (why.line(), why.column());
            format!("`{}` is not a configuration of docker: see line {line}, column {column}", file.display())
        })
    }

    fn file(&self) -> PathBuf {
        self.folder.join("config.json")
    }
}

/// Whether an entry is a registry's: some are addresses.
fn is_of(server: &str, registry: &str) -> bool {
    let host = server.trim_start_matches("https://").trim_start_matches("http://");
    let host = host.split('/').next().unwrap_or_default();
    let is_hub = |host: &str| matches!(host, "index.docker.io" | "registry-1.docker.io" | DOCKER_HUB);
    host.eq_ignore_ascii_case(registry) || registry == DOCKER_HUB && is_hub(host)
}

impl Entry {
    fn login(&self) -> Result<Option<Login>, &'static str> {
        if let Some(token) = self.identitytoken.as_deref().and_then(Secret::new) {
            return Ok(Some(Login::IdentityToken(token)));
        }
        if let Some(auth) = self.auth.as_deref().filter(|auth| !auth.is_empty()) {
            let pair = STANDARD.decode(auth.trim()).ok().and_then(|pair| String::from_utf8(pair).ok());
            let pair = pair.ok_or("is not in base64")?;
            let (username, password) = pair.split_once(':').ok_or("has no name and password in its `auth`")?;
            return Ok(login(username, password.trim_end_matches('\0')));
        }
        Ok(login(self.username.as_deref().unwrap_or_default(), self.password.as_deref().unwrap_or_default()))
    }
}

fn login(username: &str, password: &str) -> Option<Login> {
    let password = (!password.is_empty()).then(|| Secret::of(password.to_owned()))?;
    Some(Login::Password { username: username.to_owned(), password })
}

#[cfg(test)]
mod tests;
