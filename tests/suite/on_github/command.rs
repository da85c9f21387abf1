//! `crate::command`, as far as it is about what is in the apps repository.

#[path = "../command/lives.rs"]
mod lives;

use crate::command::{
    ADA, Said, TEN_HOURS, answer, end, event, everything, hearing, labels, ours, say, sticky, world, world_with_preview,
};
