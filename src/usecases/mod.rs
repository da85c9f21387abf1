//! The order of effects: observe, decide, plan, commit, announce.

pub mod announce;
pub mod base;
mod contention;
pub mod converge;
pub mod doctor;
pub mod escrow;
pub mod list;
pub mod observe;
pub mod sweep;
pub mod vault;

pub use converge::{Converged, Ending, Outcome, Request, Verdict, converge};
