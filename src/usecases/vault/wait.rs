//! Waiting for what may pass, and no longer than there is patience.

use std::time::{Duration, Instant};

use crate::domain::retry::RetryPolicy;
use crate::domain::vault::decision::Obstacle;
use crate::error::BootstrapError;

/// The waits since something last went on.
pub(super) struct Waiting {
    policy: RetryPolicy,
    started: Instant,
    waits: u32,
}

impl Waiting {
    pub(super) fn new(patience: Duration) -> Self {
        let policy = RetryPolicy { patience, first: Duration::from_millis(500), longest: Duration::from_secs(5) };
        Self { policy, started: Instant::now(), waits: 0 }
    }

    /// Waits a while; the obstacle is the end when there is no patience left.
    pub(super) async fn wait(&mut self, obstacle: Obstacle) -> Result<(), BootstrapError> {
        self.waits += 1;
        let Some(wait) = self.policy.wait(self.waits, self.started.elapsed(), 0.5 + rand::random::<f64>() / 2.0) else {
            return Err(BootstrapError::Obstacle(obstacle));
        };
        if self.waits == 1 {
            tracing::info!("{obstacle}: waiting");
        }
        tokio::time::sleep(wait.max(Duration::from_millis(50))).await;
        Ok(())
    }
}
