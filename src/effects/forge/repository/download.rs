//! Fetching an archive: one request to the forge, which says where, and one to there.

use std::io::{self, Read};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::Method;
use reqwest::{Response, Url};
use tokio::sync::mpsc;

use super::super::Request;
use super::super::answer::Innermost;
use super::super::limits::{Failure, Tries};
use super::archive::{Archive, Unreadable};
use super::remote::Remote;
use crate::effects::git::is_loopback;
use crate::ports::{AppsError, ForgeError};

/// The most that an archive may have when it is unpacked, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;
/// How long one attempt may take in all.
const PATIENCE: Duration = Duration::from_mins(10);
/// How many pieces may be on the way between the network and what unpacks them.
const PIECES: usize = 16;

const WHAT: &str = "read an archive of it";

/// Why an attempt failed.
struct Failed {
    message: String,
    /// Whether another one may go better.
    passes: bool,
}

impl Remote {
    /// Fetches the archive of a commit. Where it is goes without the token: that is another host, and the address is good for a
    /// short while by itself.
    pub(super) async fn archive(&self, commit: &str) -> Result<Archive, AppsError> {
        let mut tries = Tries::default();
        loop {
            let address = self.archive_address(commit).await?;
            let failed = match self.download(address).await {
                Ok(archive) => {
                    tracing::debug!(?archive, "read an archive of the apps repository");
                    return Ok(archive);
                }
                Err(failed) => failed,
            };
            let Some((wait, next)) = tries.after(Failure::Ambiguous, failed.passes) else {
                let message = format!("its archive can not be read: {}", failed.message);
                return Err(AppsError::Unreachable { repository: self.shown.clone(), message });
            };
            tracing::debug!(why = failed.message, "fetching the archive again");
            tokio::time::sleep(wait).await;
            tries = next;
        }
    }

    /// Where the forge has the archive.
    async fn archive_address(&self, commit: &str) -> Result<Url, AppsError> {
        let path = format!("{}/repos/{}/tarball/{commit}", self.rest.path, self.name);
        let request = Request { method: Method::GET, path, body: None, what: WHAT, is_repeatable: true };
        let answer = self.rest.send(&request).await.map_err(|why| self.error(why))?;
        let told = answer.elsewhere(WHAT).map_err(|why| match why {
            // The repository is there: it has just told of the commit.
            ForgeError::NotFound { .. } => self.senseless("it has no archive of a commit that it has told of"),
            why => self.error(why),
        })?;
        let address = Url::parse(&self.rest.address).and_then(|base| base.join(&told));
        address
            .ok()
            .filter(|address| address.scheme() == "https" || address.scheme() == "http" && is_loopback(address))
            .ok_or_else(|| self.senseless("its archive is not where it can be fetched safely, by `https://`"))
    }

    async fn download(&self, address: Url) -> Result<Archive, Failed> {
        let broken = |why: reqwest::Error| {
            // Without the address: what it was fetched with is in there.
            let message = Innermost::of(&why.without_url()).to_string();
            Failed { message, passes: true }
        };
        let response = self.http.get(address).timeout(PATIENCE).send().await.map_err(broken)?;
        let status = response.status();
        if !status.is_success() {
            let passes = status.is_server_error() || status.as_u16() == 429;
            return Err(Failed { message: format!("where it is, the answer is status {}", status.as_u16()), passes });
        }
        let (pieces, received) = mpsc::channel(PIECES);
        let unpacking = tokio::task::spawn_blocking(move || Archive::read(Pieces::new(received), LARGEST));
        let sent = hand_over(response, pieces).await;
        let unpacked = unpacking.await.map_err(|why| Failed { message: why.to_string(), passes: false })?;
        match (unpacked, sent) {
            (Err(Unreadable::Refused(message)), _) => Err(Failed { message, passes: false }),
            (_, Err(why)) => Err(broken(why)),
            (unpacked, Ok(())) => unpacked.map_err(|why| Failed { message: why.to_string(), passes: true }),
        }
    }
}

/// Hands a body over piece by piece, until it ends or nobody takes any more.
async fn hand_over(mut response: Response, pieces: mpsc::Sender<Bytes>) -> Result<(), reqwest::Error> {
    while let Some(piece) = response.chunk().await? {
        if pieces.send(piece).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// The pieces as one stream, for a thread that may wait.
struct Pieces {
    received: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl Pieces {
    fn new(received: mpsc::Receiver<Bytes>) -> Self {
        Self { received, piece: Bytes::new() }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            let Some(piece) = self.received.blocking_recv() else { return Ok(0) };
            self.piece = piece;
        }
        let length = buffer.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}
