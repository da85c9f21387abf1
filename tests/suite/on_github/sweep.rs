//! `crate::sweep`, but for its scale.

#[path = "../sweep/announcing.rs"]
mod announcing;
#[path = "../sweep/environments.rs"]
mod environments;
#[path = "../sweep/heals.rs"]
mod heals;
#[path = "../sweep/left_alone.rs"]
mod left_alone;
#[path = "../sweep/races.rs"]
mod races;
#[path = "../sweep/removals.rs"]
mod removals;
#[path = "../sweep/roots.rs"]
mod roots;
#[path = "../sweep/unreadable.rs"]
mod unreadable;

use crate::bad_input::{commit_change as change, write};
use crate::sweep::{
    ROSTER, annotations, close, commits, directories, edit_patch, entries, fail_writes, is_quiet_now, list, message,
    printed, refusal, said, sweep, template, there, told, world, world_with,
};
