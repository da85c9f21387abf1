//! `crate::forks`, as far as it is about what is in the apps repository.

#[path = "../forks/approvals.rs"]
mod approvals;
#[path = "../forks/lives.rs"]
mod lives;
#[path = "../forks/sweeps.rs"]
mod sweeps;

use crate::forks::{
    approve, approved, because_unapproved, by_ada, event, on, open, pushed, shown, unapproved, with_fork, world,
};
