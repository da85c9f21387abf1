//! `crate::forks`, as far as it is about what is in the apps repository.

#[path = "../forks/lives.rs"]
mod lives;

use crate::forks::{approve, approved, because_unapproved, by_ada, event, on, pushed, shown, unapproved, world};
