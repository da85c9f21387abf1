//! What must not be cut off: a signal to stop waits until it is done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static IS_HELD: AtomicBool = AtomicBool::new(false);

/// From now on, a signal to stop waits.
pub fn hold() {
    IS_HELD.store(true, Ordering::SeqCst);
}

/// From now on, a signal to stop counts again.
pub fn release() {
    IS_HELD.store(false, Ordering::SeqCst);
}

/// Ends when nothing is held any more.
pub async fn released() {
    if IS_HELD.load(Ordering::SeqCst) {
        tracing::warn!("told to stop: what is under way at the Vault is brought to its end first");
    }
    while IS_HELD.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
