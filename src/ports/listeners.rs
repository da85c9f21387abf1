//! Who is told what becomes of previews, beside the pull request.

use crate::domain::configuration::Listener;
use crate::domain::lifecycle::LifecycleEvent;

/// Those who listen. Telling them holds nobody up and fails nothing.
pub trait Listeners {
    /// Tells those of `listeners` that want to hear of it. Returns at once: what is told gets there while the run goes on.
    fn tell(&self, listeners: &[Listener], event: &LifecycleEvent);
}
