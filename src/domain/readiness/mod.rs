//! Whether a preview is ready for a commit: what is asked, what is seen, and what follows from it.

mod flux;
mod probe;
mod seen;
#[cfg(test)]
mod tests;

pub use flux::{CommitStatus, StatusState, judge_statuses};
pub use probe::{Answer, Body, ExpectedStatus, FieldName, FixedAddress, InvalidProbe, JsonPointer, Probe};
pub use seen::{Judgement, Seen, holds};
