//! One module for each verb: its help, its arguments, its outputs. No logic.

pub mod bootstrap_vault;
pub mod command;
pub mod completions;
pub mod context;
pub mod demo;
pub mod deploy;
pub mod diff;
pub mod doctor;
pub mod escrow;
mod findings;
pub mod history;
pub mod init;
mod lengths;
pub mod list;
mod listeners;
pub mod man;
pub mod options;
pub mod page;
mod preview;
pub mod report;
pub mod schema;
pub mod subject;
pub mod sweep;
pub mod teardown;
pub mod validate;
pub mod vault_cleanup;
pub mod wait;
