//! A server that is far away: every byte is on its way for a while, in both directions.
//!
//! To open a connection costs one more round trip: what the client sends first waits for it. Bandwidth, loss, TLS and the slow
//! start of a connection are not imitated.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::Fallible;

/// A proxy on a port of its own.
pub(crate) struct Far {
    /// Where it listens: `http://127.0.0.1:1234`.
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl Far {
    /// Puts the server, such as `127.0.0.1:80`, `delay` away.
    pub(crate) fn start(runtime: &Runtime, server: &str, delay: Duration) -> Fallible<Self> {
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = server.to_owned();
        let task = runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), delay));
            }
        });
        Ok(Self { url, task })
    }

    /// Stops listening.
    pub(crate) fn stop(&self) {
        self.task.abort();
    }
}

async fn carry(client: TcpStream, server: String, delay: Duration) {
    let opened = Instant::now() + delay * 2;
    let Ok(server) = TcpStream::connect(server).await else { return };
    for stream in [&client, &server] {
        drop(stream.set_nodelay(true));
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(later(from_client, to_server, delay, opened), later(from_server, to_client, delay, opened));
}

/// Hands on what comes, each piece `delay` after it came, and nothing as if it had come before `opened`.
async fn later(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration, opened: Instant) {
    let (pieces, mut waiting) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let read = async move {
        loop {
            let mut piece = vec![0; 64 * 1024];
            // An end is on its way as long as everything else.
            let length = from.read(&mut piece).await.unwrap_or(0);
            piece.truncate(length);
            if pieces.send((Instant::now().max(opened) + delay, piece)).is_err() || length == 0 {
                break;
            }
        }
    };
    let write = async move {
        while let Some((due, piece)) = waiting.recv().await {
            sleep_until(due).await;
            if piece.is_empty() || to.write_all(&piece).await.is_err() {
                break;
            }
        }
        drop(to.shutdown().await);
    };
    tokio::join!(read, write);
}
