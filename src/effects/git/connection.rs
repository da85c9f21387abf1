//! How Git servers are reached: over HTTP, or through a program.

use super::http::HttpConnection;
use super::packets::{Fault, Packets};
use super::program::{ProgramConnection, ProgramStream};
use crate::ports::AppsError;

/// What a server does for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// It hands out objects.
    UploadPack,
    /// It takes objects, and moves branches.
    ReceivePack,
}

impl Service {
    /// Its name, as in `git upload-pack`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::UploadPack => "upload-pack",
            Self::ReceivePack => "receive-pack",
        }
    }
}

/// How to reach one server.
pub(super) enum Connection {
    Http(HttpConnection),
    Program(ProgramConnection),
}

impl Connection {
    pub(super) fn open(&self, service: Service) -> Result<Conversation<'_>, AppsError> {
        Ok(match self {
            Self::Http(connection) => Conversation::Http(connection, service),
            Self::Program(connection) => Conversation::Program(connection.open(service)?),
        })
    }
}

/// A conversation with one service.
pub(super) enum Conversation<'c> {
    /// Every request is by itself.
    Http(&'c HttpConnection, Service),
    /// The service speaks first.
    Program(ProgramStream),
}

impl Conversation<'_> {
    /// Whether the service tells of itself without being asked.
    pub(super) fn speaks_first(&self) -> bool {
        matches!(self, Self::Program(_))
    }

    /// What the service tells of itself.
    pub(super) fn told(&mut self) -> Result<Packets<'_>, Fault> {
        match self {
            Self::Http(connection, service) => connection.advertisement(*service).map(Packets::new),
            Self::Program(stream) => Ok(Packets::new(Box::new(stream))),
        }
    }

    /// Sends a request, and hands on the answer.
    pub(super) fn ask(&mut self, request: Vec<u8>) -> Result<Packets<'_>, Fault> {
        match self {
            Self::Http(connection, service) => connection.post(*service, request).map(Packets::new),
            Self::Program(stream) => {
                stream.send(&request)?;
                Ok(Packets::new(Box::new(stream)))
            }
        }
    }
}
