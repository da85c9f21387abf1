//! The Vault: a real OpenBao server, alone or in a cluster, and what can stand between it and the program.

mod applications;
pub(crate) mod bao;
mod cleanup;
pub(crate) mod cluster;
mod demo;
mod faults;
mod harness;
pub(crate) mod issuer;
pub(crate) mod proxy;
mod proxy_tests;
pub(crate) mod settings;
mod states;
pub(crate) mod world;

use std::sync::{LazyLock, mpsc};

use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Waits for something asynchronous, also on a thread of another runtime.
fn wait<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let (answer, answered) = mpsc::channel();
    RUNTIME.spawn(async move { answer.send(future.await) });
    answered.recv().expect("what was waited for has not panicked")
}
