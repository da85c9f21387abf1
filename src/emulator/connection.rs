//! Connections that can be cut: before a byte of an answer is on them, or within its body.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Takes connections that can be cut.
pub(super) struct Connections(pub(super) TcpListener);

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without this the second write of an answer waits some 40 ms for the client's delayed acknowledgement.
        drop(stream.set_nodelay(true));
        (Connection { stream, scissors: Scissors::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// What stands between the head of an answer and its body.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// What cuts one connection: from there on nothing is written to it, and the server, which can not write, closes it.
#[derive(Clone, Default)]
pub(super) struct Scissors(Arc<Mutex<Thread>>);

/// What may still be written.
#[derive(Default)]
enum Thread {
    #[default]
    Whole,
    /// The rest of a head, of whose end so much was written last, and then so many bytes of the body.
    Midway {
        matched: usize,
        left: usize,
    },
    Cut,
}

impl Thread {
    /// How many of these bytes may be written.
    fn allowed(&self, bytes: &[u8]) -> usize {
        match self {
            Self::Whole => bytes.len(),
            Self::Cut => 0,
            Self::Midway { matched, left } => (head(bytes, *matched).0 + left).min(bytes.len()),
        }
    }

    /// Takes note of bytes that were written.
    fn written(&mut self, bytes: &[u8]) {
        if let Self::Midway { matched, left } = self {
            let (of_head, now_matched) = head(bytes, *matched);
            *matched = now_matched;
            *left -= bytes.len() - of_head;
        }
    }
}

/// How many of these bytes belong to the head, and how much of its end was seen with them.
fn head(bytes: &[u8], mut matched: usize) -> (usize, usize) {
    for (index, byte) in bytes.iter().enumerate() {
        if matched == END_OF_HEAD.len() {
            return (index, matched);
        }
        matched = if *byte == END_OF_HEAD[matched] { matched + 1 } else { usize::from(*byte == END_OF_HEAD[0]) };
    }
    (bytes.len(), matched)
}

impl Scissors {
    /// Nothing more is written.
    pub(super) fn cut(&self) {
        *self.lock() = Thread::Cut;
    }

    /// Of the next answer, so many bytes of the body are written, and nothing more.
    pub(super) fn cut_midway(&self, left: usize) {
        *self.lock() = Thread::Midway { matched: 0, left };
    }

    fn lock(&self) -> MutexGuard<'_, Thread> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, Connections>> for Scissors {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        stream.io().scissors.clone()
    }
}

/// A connection, as long as it is not cut.
pub(super) struct Connection {
    stream: TcpStream,
    scissors: Scissors,
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(task, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, task: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let scissors = self.scissors.clone();
        let mut thread = scissors.lock();
        let allowed = &bytes[..thread.allowed(bytes)];
        if allowed.is_empty() && !bytes.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let written = Pin::new(&mut self.stream).poll_write(task, allowed);
        if let Poll::Ready(Ok(count)) = &written {
            thread.written(&allowed[..*count]);
        }
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if matches!(*self.scissors.lock(), Thread::Whole) {
            return Pin::new(&mut self.stream).poll_write_vectored(task, pieces);
        }
        let first = pieces.iter().find(|piece| !piece.is_empty());
        self.poll_write(task, first.map_or(&[], |piece| piece))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_cut_within_the_body_however_it_is_written() {
        let answer = b"HTTP/1.1 200 OK\r\nDate: x\r\n\r\nThe\r\n\r\nbody";
        for (left, written) in [(0, answer.len() - 11), (5, answer.len() - 6), (11, answer.len()), (99, answer.len())] {
            for piece in 1..=answer.len() {
                let (mut thread, mut rest) = (Thread::Midway { matched: 0, left }, answer.as_slice());
                while !rest.is_empty() {
                    let next = &rest[..piece.min(rest.len())];
                    let allowed = thread.allowed(next);
                    thread.written(&next[..allowed]);
                    rest = &rest[allowed..];
                    if allowed == 0 {
                        break;
                    }
                }
                assert_eq!(answer.len() - rest.len(), written, "{left} bytes in pieces of {piece}");
            }
        }
    }
}
