//! `crate::policy`.

#[path = "../policy/limit.rs"]
mod limit;
#[path = "../policy/lives.rs"]
mod lives;
#[path = "../policy/paths.rs"]
mod paths;
#[path = "../policy/people.rs"]
mod people;
#[path = "../policy/race.rs"]
mod race;
#[path = "../policy/refusals.rs"]
mod refusals;

use crate::policy::{
    PREVIEWS, comment, configure, configured, dispatched, ending, notice, on, open, patch, plain, quietly,
};
