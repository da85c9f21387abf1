//! Reading from a server: its branches, and of its objects those that are needed.

use std::time::Duration;

use git2::Oid;

use super::connection::{Connection, Conversation, Service};
use super::log::Sent;
use super::packets::{Fault, Packet, Packets, Request};
use super::server::{self, AGENT, Filters, Heads, Server, Version};
use super::store::Store;
use crate::domain::names::BranchName;
use crate::ports::AppsError;

/// How often something is asked for that does not come whole.
const ATTEMPTS: u32 = 4;
/// The largest file that comes unasked with a commit that is a successor of a known one, in bytes.
const LARGEST_UNASKED: &str = "blob:limit=1m";

const LEFT_OUT: &str = "it leaves out what it was asked for";

/// Somebody who reads from a server.
pub(super) struct Reader<'c> {
    conversation: Conversation<'c>,
    server: &'c mut Server,
    repository: &'c str,
    /// What a server of an old version told.
    heads: Heads,
    attempts: u32,
}

/// The commit that is fetched, and what of it.
#[derive(Clone, Copy)]
pub(super) struct Tip {
    pub(super) id: Oid,
    /// A commit that was fetched before: only what has changed since is sent.
    pub(super) known: Option<Oid>,
    /// How deep the directories are that are needed; all of them without one.
    pub(super) depth: Option<usize>,
}

impl<'c> Reader<'c> {
    pub(super) fn open(
        connection: &'c Connection,
        server: &'c mut Server,
        repository: &'c str,
    ) -> Result<Self, AppsError> {
        let conversation = connection.open(Service::UploadPack)?;
        let mut reader = Self { conversation, server, repository, heads: Heads::default(), attempts: 0 };
        // One of an old version tells of its branches only together with itself.
        if reader.conversation.speaks_first() || reader.server.version == Version::Old {
            reader.learn().map_err(|fault| fault.of(repository))?;
        }
        Ok(reader)
    }

    /// The branch that is wanted, or else the default one, and its tip.
    pub(super) fn tip(&mut self, wanted: Option<&BranchName>) -> Result<(BranchName, Oid), AppsError> {
        let found = self.heads(wanted, false)?.choose(wanted, self.repository);
        match found {
            // What there is instead is worth a request.
            Err(_) if self.server.version == Version::Two => self.heads(wanted, true)?.choose(wanted, self.repository),
            found => found,
        }
    }

    fn heads(&mut self, wanted: Option<&BranchName>, all: bool) -> Result<Heads, AppsError> {
        self.persist(|reader| match reader.server.version {
            Version::Two => {
                let question = server::question_for_heads(wanted, all);
                server::heads(&mut reader.conversation.ask(question)?)
            }
            Version::Old => Ok(reader.heads.clone()),
        })
    }

    /// Fetches a commit: without its files, and without directories that are deeper than needed, where the server can do that.
    pub(super) fn fetch(&mut self, store: &Store, tip: Tip) -> Result<(), AppsError> {
        self.persist(|reader| {
            let request = match reader.server.version {
                Version::Two => request_for_tip(tip, reader.server.filters),
                Version::Old => old_request(tip.id).line("deepen 1").flush().line("done").bytes(),
            };
            let mut packets = reader.conversation.ask(request)?;
            match reader.server.version {
                Version::Two => find_pack(&mut packets)?,
                Version::Old => find_old_pack(&mut packets)?,
            }
            store.take_in(&mut packets)?;
            if store.has_commit(tip.id) { Ok(()) } else { Err(Fault::Senseless(LEFT_OUT.to_owned())) }
        })
    }

    /// Fetches the commits that led from `known` to `tip`, and nothing of what is in them where the server can do that.
    pub(super) fn fetch_history(&mut self, store: &Store, tip: Oid, known: Oid) -> Result<(), AppsError> {
        self.persist(|reader| {
            let (shallow, have) = (format!("shallow {known}"), format!("have {known}"));
            if reader.server.version == Version::Old {
                let request = old_request(tip).line(&shallow).flush().line(&have).line("done").bytes();
                let mut packets = reader.conversation.ask(request)?;
                find_old_pack(&mut packets)?;
                return store.take_in(&mut packets);
            }
            let filter = (reader.server.filters != Filters::None).then_some("filter tree:0");
            let request = arguments().lines(filter).line(&shallow).line(&format!("want {tip}"));
            let mut packets = reader.conversation.ask(request.line(&have).line("done").flush().bytes())?;
            find_pack(&mut packets)?;
            store.take_in(&mut packets)
        })
    }

    /// Fetches all commits that led to `tip`, and nothing of what is in them where the server can do that.
    pub(super) fn fetch_commits(&mut self, tip: Oid) -> Result<Sent, AppsError> {
        self.persist(|reader| {
            if reader.server.version == Version::Old {
                let mut packets = reader.conversation.ask(old_request(tip).flush().line("done").bytes())?;
                find_old_pack(&mut packets)?;
                return Sent::whole(&mut packets, tip);
            }
            let filter = match reader.server.filters {
                Filters::FilesAndDepths => Some("filter tree:0"),
                Filters::Files => Some("filter blob:none"),
                Filters::None => None,
            };
            let request = arguments().lines(filter).line(&format!("want {tip}")).line("done").flush();
            let mut packets = reader.conversation.ask(request.bytes())?;
            find_pack(&mut packets)?;
            let are_alone = reader.server.filters == Filters::FilesAndDepths;
            if are_alone { Sent::alone(&mut packets, tip) } else { Sent::whole(&mut packets, tip) }
        })
    }

    /// Fetches single objects: files, and directories either with everything below or by themselves.
    pub(super) fn fetch_objects(&mut self, store: &Store, ids: &[Oid], alone: bool) -> Result<(), AppsError> {
        self.persist(|reader| {
            let filter = alone.then_some("filter tree:0");
            let wants = ids.iter().map(|id| format!("want {id}"));
            let request = arguments().lines(filter).lines(wants).line("done").flush();
            let mut packets = reader.conversation.ask(request.bytes())?;
            find_pack(&mut packets)?;
            store.take_in(&mut packets)
        })
    }

    /// Whether everything of a commit comes with it.
    pub(super) fn leaves_nothing_out(&self) -> bool {
        self.server.filters == Filters::None
    }

    /// The error of a server that answers without what it was asked for.
    pub(super) fn left_out(&self) -> AppsError {
        Fault::Senseless(LEFT_OUT.to_owned()).of(self.repository)
    }

    /// Tries something until it comes whole, or it is clear that it never will.
    fn persist<T>(&mut self, mut task: impl FnMut(&mut Self) -> Result<T, Fault>) -> Result<T, AppsError> {
        self.attempts = 0;
        loop {
            match task(self) {
                Ok(value) => return Ok(value),
                Err(fault) => self.recover(fault).map_err(|fault| fault.of(self.repository))?,
            }
        }
    }

    /// Sees whether another attempt can go better, and makes ready for it.
    fn recover(&mut self, fault: Fault) -> Result<(), Fault> {
        self.attempts += 1;
        let is_hopeless = matches!(fault, Fault::Apps(_) | Fault::Unsupported(_)) || self.conversation.speaks_first();
        if is_hopeless || self.attempts == ATTEMPTS {
            return Err(fault);
        }
        tracing::debug!(?fault, "asking the Git server again");
        if !self.server.was_asked {
            return match self.learn() {
                // There is another attempt for it.
                Err(Fault::Broken(_)) => Ok(()),
                result => result,
            };
        }
        match fault {
            Fault::Broken(_) => {
                std::thread::sleep(Duration::from_millis(100) * 4_u32.pow(self.attempts - 1));
                Ok(())
            }
            fault if self.server.filters == Filters::None => Err(fault),
            _ => {
                self.server.filters = self.server.filters.fewer();
                Ok(())
            }
        }
    }

    fn learn(&mut self) -> Result<(), Fault> {
        (*self.server, self.heads) = server::advertisement(&mut self.conversation.told()?)?;
        Ok(())
    }
}

fn arguments() -> Request {
    Request::default().lines(["command=fetch", AGENT]).delimiter().lines(["no-progress", "ofs-delta"])
}

fn request_for_tip(tip: Tip, filters: Filters) -> Vec<u8> {
    let filter = match (tip.known, filters) {
        (_, Filters::None) => None,
        (Some(_), _) => Some(LARGEST_UNASKED.to_owned()),
        (None, filters) => filters.for_directories(tip.depth),
    };
    let known = tip.known.map(|known| format!("shallow {known}"));
    let have = tip.known.map(|known| format!("have {known}"));
    let request = arguments().lines(filter.map(|filter| format!("filter {filter}"))).line("deepen 1").lines(known);
    request.line(&format!("want {}", tip.id)).lines(have).line("done").flush().bytes()
}

/// The start of a request of an old version, for all that is in a commit.
fn old_request(tip: Oid) -> Request {
    Request::default().line(&format!("want {tip} side-band-64k ofs-delta no-progress {AGENT}"))
}

/// Reads up to where the pack begins.
fn find_pack(packets: &mut Packets<'_>) -> Result<(), Fault> {
    loop {
        match packets.next()? {
            packet @ Packet::Line(_) if packet.text().as_deref() == Some("packfile") => return Ok(()),
            Packet::Line(_) | Packet::Delimiter => {}
            Packet::Flush => return Err(Fault::Senseless("it holds no pack".to_owned())),
        }
    }
}

/// The same in an answer of an old version: after where the history was cut, and what is common.
fn find_old_pack(packets: &mut Packets<'_>) -> Result<(), Fault> {
    loop {
        let packet = packets.next()?;
        match packet.text().as_deref() {
            Some("NAK") => return Ok(()),
            Some(line) if line.starts_with("ACK ") => return Ok(()),
            Some(line) if line.starts_with("shallow ") || line.starts_with("unshallow ") => {}
            Some(_) => return Err(Fault::Senseless("it holds no pack".to_owned())),
            None => {}
        }
    }
}
