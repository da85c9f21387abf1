//! `crate::command`, as far as it is about what is in the apps repository.

#[path = "../command/crowd.rs"]
mod crowd;
#[path = "../command/dry.rs"]
mod dry;
#[path = "../command/ended.rs"]
mod ended;
#[path = "../command/ends.rs"]
mod ends;
#[path = "../command/lives.rs"]
mod lives;

use crate::command::{
    ADA, Said, TEN_HOURS, answer, end, event, everything, hearing, labels, ours, reactions, said_by, say, sticky,
    world, world_with_preview,
};
