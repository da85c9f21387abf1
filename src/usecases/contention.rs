//! The tip of the apps repository keeps moving: how long to go on.

use std::time::{Duration, Instant};

use crate::domain::retry::RetryPolicy;
use crate::error::Error;

/// The commits of one run that came too late.
pub(super) struct Contention {
    policy: RetryPolicy,
    patience: Duration,
    started: Instant,
    failed: u32,
}

impl Contention {
    /// None yet, and patience for as long as is given.
    pub(super) fn new(patience: Duration) -> Self {
        Self { policy: RetryPolicy::for_a_moving_tip(patience), patience, started: Instant::now(), failed: 0 }
    }

    /// Waits before another look, after a commit that came too late.
    pub(super) async fn wait(&mut self) -> Result<(), Error> {
        self.failed += 1;
        let Some(wait) = self.policy.wait(self.failed, self.started.elapsed(), rand::random()) else {
            return Err(Error::Contended { attempts: self.failed, patience: self.patience });
        };
        tracing::info!(attempt = self.failed, wait = ?wait, "the apps repository's tip has moved: looking again");
        tokio::time::sleep(wait).await;
        Ok(())
    }
}
