//! The order of effects: observe, decide, plan, commit, announce.

pub mod announce;
pub mod approval;
pub mod base;
pub mod checks;
pub mod command;
mod contention;
pub mod converge;
pub mod doctor;
pub mod escrow;
pub mod fork_images;
pub mod history;
pub mod images;
pub mod list;
pub mod observe;
pub mod secrets;
pub mod sweep;
pub mod vault;
pub mod wait;

pub use converge::{Converged, Ending, ForkBuilds, Gate, Outcome, Request, Verdict, converge};
