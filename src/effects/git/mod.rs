//! The apps repository behind any Git server: of one commit what is needed, trees edited without a work tree, a push with a
//! lease.

mod address;
mod connection;
mod fetch;
mod http;
mod log;
mod pack;
mod packets;
mod program;
mod push;
mod refusal;
mod server;
mod snapshot;
mod store;
mod work;

pub use address::{Address, is_loopback};
pub use snapshot::GitSnapshot;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use reqwest::Client;

use crate::domain::guard::Cleared;
use crate::domain::names::BranchName;
use crate::effects::scratch::Scratch;
use crate::ports::{AppsError, AppsRepository, Committed, Need, PushRights};
use crate::secret::Secret;
use connection::Connection;
use http::HttpConnection;
use program::{Program, ProgramConnection, SshLogin};
use server::Server;
use work::{Work, in_background};

/// Who commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The mail address.
    pub mail: String,
}

/// How to get into the apps repository.
#[derive(Debug, Default)]
pub struct Credentials {
    /// The token for HTTP.
    pub token: Option<Secret>,
    /// The private key for SSH; the user's own set-up without it.
    pub ssh_key: Option<HeldFile>,
    /// The host keys that SSH trusts; the user's own without it.
    pub ssh_known_hosts: Option<HeldFile>,
}

/// A file that is there for as long as it is needed.
#[derive(Debug)]
pub enum HeldFile {
    /// Somebody else's.
    Named(PathBuf),
    /// Our own, which goes with this value.
    Temporary(Scratch),
}

impl HeldFile {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Named(path) => path,
            Self::Temporary(scratch) => scratch.path(),
        }
    }
}

/// One branch of a repository on a Git server.
pub struct GitRepository {
    work: Arc<Work>,
}

impl GitRepository {
    /// The branch of the repository at `address`, reached by `client` where that is HTTP; its default branch where none is named.
    ///
    /// # Errors
    ///
    /// When the credentials can not be sent, or the repository is a shallow clone on this machine.
    pub fn new(
        client: &Client,
        address: &Address,
        branch: Option<BranchName>,
        credentials: Credentials,
        author: Author,
    ) -> Result<Self, AppsError> {
        let url = address.url();
        let program = |program| Connection::Program(ProgramConnection { program, repository: address.url() });
        let connection = match address {
            Address::Http(http) => {
                // GitHub's name for whoever holds a token; other servers take any.
                let user = http.user.as_ref().map_or("x-access-token", Secret::expose);
                Connection::Http(HttpConnection::new(client.clone(), url.clone(), user, credentials.token.as_ref())?)
            }
            Address::Ssh(ssh) => program(Program::Ssh(SshLogin {
                address: ssh.clone(),
                key: credentials.ssh_key,
                known_hosts: credentials.ssh_known_hosts,
            })),
            Address::File(path) => program(Program::Git(path.clone())),
        };
        let (server, fetched) = (Mutex::new(Server::default()), Mutex::new(None));
        Ok(Self { work: Arc::new(Work { url, branch, author, connection, server, fetched }) })
    }
}

impl AppsRepository for GitRepository {
    type Snapshot = GitSnapshot;

    async fn observe(&self, needs: &[Need]) -> Result<GitSnapshot, AppsError> {
        let (work, needs) = (Arc::clone(&self.work), needs.to_vec());
        in_background(move || work.observe(&needs)).await
    }

    async fn commit(
        &self,
        snapshot: &GitSnapshot,
        change: &Cleared<'_>,
        at: Timestamp,
    ) -> Result<Committed, AppsError> {
        let (work, snapshot) = (Arc::clone(&self.work), snapshot.clone());
        let (edits, message) = (change.edits().to_vec(), change.message().to_owned());
        in_background(move || work.commit(&snapshot, &edits, &message, at)).await
    }
}

impl PushRights for GitRepository {
    async fn may_push(&self) -> Result<(), AppsError> {
        let work = Arc::clone(&self.work);
        in_background(move || push::may_push(&work.connection, &work.url)).await
    }
}

fn local(why: &dyn std::fmt::Display) -> AppsError {
    AppsError::Local { message: why.to_string() }
}
