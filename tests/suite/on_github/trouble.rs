//! `crate::trouble`, as far as it is about requests to the apps repository.

#[path = "../trouble/faults.rs"]
mod faults;

use crate::trouble::{calm, meet, refusal, truth, world, world_with_preview, writes};
