//! Fetching an archive: one request to the forge, which says where, and one to there.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use reqwest::{Response, Url};
use tokio::sync::mpsc;

use super::super::elsewhere::{self, Failed};
use super::super::limits::Tries;
use super::archive::{Archive, Unreadable};
use super::remote::Remote;
use crate::ports::{AppsError, ForgeError};

/// The most that an archive may have when it is unpacked, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;
/// How many pieces may be on the way between the network and what unpacks them.
const PIECES: usize = 16;

const WHAT: &str = "read an archive of it";

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
            failed.wait(&mut tries).await.map_err(|why| {
                let message = format!("its archive can not be read: {why}");
                AppsError::Unreachable { repository: self.shown.clone(), message }
            })?;
        }
    }

    /// Where the forge has the archive.
    async fn archive_address(&self, commit: &str) -> Result<Url, AppsError> {
        let path = format!("{}/repos/{}/tarball/{commit}", self.rest.path, self.name);
        let address = self.rest.elsewhere(path, WHAT).await.map_err(|why| match why {
            // The repository is there: it has just told of the commit.
            ForgeError::NotFound { .. } => self.senseless("it has no archive of a commit that it has told of"),
            why => self.error(why),
        })?;
        address.ok_or_else(|| self.senseless("its archive is not where it can be fetched safely, by `https://`"))
    }

    async fn download(&self, address: Url) -> Result<Archive, Failed> {
        let response = elsewhere::open(&self.http, address).await?;
        let (pieces, received) = mpsc::channel(PIECES);
        let unpacking = tokio::task::spawn_blocking(move || Archive::read(Pieces::new(received), LARGEST));
        let sent = hand_over(response, pieces).await;
        let unpacked = unpacking.await.map_err(|why| Failed { message: why.to_string(), passes: false })?;
        match (unpacked, sent) {
            (Err(Unreadable::Refused(message)), _) => Err(Failed { message, passes: false }),
            (_, Err(why)) => Err(Failed::broken(why)),
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
