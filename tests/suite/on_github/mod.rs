//! The tests of what becomes of the apps repository once more, by GitHub's API alone: the same files, and not a test is written
//! twice. What a test runs by, its [`World`](crate::world::World) takes from here.
//!
//! Not here: what is about the traffic of git, its servers and addresses (`transports`, and most of `bad_input`), what is about
//! telling pull requests only (the rest of `trouble`), and `sweep::scale`, whose work is the forge's.

mod bad_input;
mod command;
#[path = "../escrow/repository.rs"]
mod escrow;
mod forks;
#[path = "../guard.rs"]
mod guard;
#[path = "../life.rs"]
mod life;
mod policy;
#[path = "../races.rs"]
mod races;
mod sweep;
mod trouble;

use std::thread;

use bivouac::emulator::{IncomingRequest, RequestKind};

/// The backend that the running test is about.
pub(crate) fn backend() -> &'static str {
    // A test runs on a thread that has its name.
    let thread = thread::current();
    let name = thread.name().unwrap_or_else(|| panic!("a thread without a name makes a world: see `named_alike`"));
    if name.starts_with("on_github::") { "github" } else { "git" }
}

/// A thread that is of the running test, and may make worlds.
pub(crate) fn named_alike() -> thread::Builder {
    thread::Builder::new().name(thread::current().name().unwrap_or_default().to_owned())
}

/// Whether a request is to the apps repository, by whichever backend.
pub(crate) fn is_of_apps(request: &IncomingRequest) -> bool {
    match request.kind {
        RequestKind::Git | RequestKind::Archive => true,
        RequestKind::Api => request.path.contains("/repos/acme/apps/"),
        RequestKind::Graphql => request.json()["operationName"].as_str().is_some_and(|name| {
            [
                "ObserveAppsRepository",
                "ReadAppsRepository",
                "ObserveBranches",
                "CommitToAppsRepository",
                "FindAppsCommit",
            ]
            .contains(&name)
        }),
    }
}

#[test]
fn the_tests_here_run_by_the_api() {
    assert_eq!(backend(), "github");
}
