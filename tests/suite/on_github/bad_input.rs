//! `crate::bad_input`, as far as it is about what is in the apps repository.

#[path = "../bad_input/in_the_way.rs"]
mod in_the_way;
#[path = "../bad_input/roots.rs"]
mod roots;
#[path = "../bad_input/strangers.rs"]
mod strangers;

use crate::bad_input::{Refusal, commit_change, configuration, deploy, files, teardown, write};
