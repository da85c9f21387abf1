//! How the Git library talks to repositories: HTTP through reqwest, all else through a program.
//!
//! libgit2's own HTTP and SSH would bring a second TLS stack, ask without credentials first, and lose some 40 ms on
//! each request to Nagle's algorithm.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, Once, PoisonError};

use git2::ConfigLevel;
use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream, Transport};

use super::http::HttpConnection;
use super::program::ProgramConnection;
use crate::ports::AppsError;

/// How to reach one server.
pub(super) enum Connection {
    Http(HttpConnection),
    Program(ProgramConnection),
}

/// The first thing that went wrong on a connection. libgit2 would flatten it to a text.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<AppsError>>>);

impl Failure {
    /// Notes what went wrong, unless something did before.
    pub(super) fn note(&self, error: AppsError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    pub(super) fn take(&self) -> Option<AppsError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

thread_local! {
    // libgit2 makes its transports by the scheme of the address alone, on the thread that asked.
    static CURRENT: RefCell<Option<Arc<Connection>>> = const { RefCell::new(None) };
}

/// Runs `work`, during which the Git library reaches its server through `connection`.
pub(super) fn through<T>(connection: &Arc<Connection>, work: impl FnOnce() -> T) -> T {
    register();
    CURRENT.set(Some(Arc::clone(connection)));
    let result = work();
    CURRENT.set(None);
    result
}

#[expect(
    unsafe_code,
    reason = "the Git library has no safe way to set a transport, or where it looks for configurations"
)]
fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Nobody's configuration counts: one with an `insteadOf` in it would send the token elsewhere.
        for level in [ConfigLevel::System, ConfigLevel::Global, ConfigLevel::XDG, ConfigLevel::ProgramData] {
            // SAFETY: `Once` keeps this from running twice at a time, and `through`, the only place from which this program
            // uses the Git library on a repository, waits for it.
            note(unsafe { git2::opts::set_search_path(level, "") });
        }
        // The list of all previews is one large tree, through which the way to each of them leads. Without this it would be
        // read anew each time: 28 s in place of 0.8 s with 10,000 previews.
        // SAFETY: as above.
        note(unsafe { git2::opts::set_cache_object_limit(git2::ObjectType::Tree, LARGEST_TREE) });
        for (scheme, stateless) in [("http", true), ("https", true), ("ssh", false), ("file", false)] {
            let factory = move |remote: &git2::Remote<'_>| Transport::smart(remote, stateless, Subtransport);
            // SAFETY: as above: no transport is made before `Once` is through.
            note(unsafe { git2::transport::register(scheme, factory) });
        }
    });
}

/// The largest tree that is kept in memory, in bytes: some 300,000 entries.
const LARGEST_TREE: usize = 16 * 1024 * 1024;

fn note(result: Result<(), git2::Error>) {
    if let Err(error) = result {
        tracing::error!(%error, "the Git library refused to be set up");
    }
}

struct Subtransport;

impl SmartSubtransport for Subtransport {
    fn action(&self, url: &str, service: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        let connection = CURRENT.with_borrow(Clone::clone);
        match connection.as_deref() {
            Some(Connection::Http(connection)) => Ok(Box::new(connection.stream(url, service))),
            Some(Connection::Program(connection)) => connection.stream(service).map(|stream| Box::new(stream) as _),
            None => Err(git2::Error::from_str("no connection was set up")),
        }
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}
