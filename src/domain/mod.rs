//! What Bivouac knows and decides. Pure: no file, network, clock, environment or chance is touched from here.

pub mod announcement;
pub mod base;
pub mod checks;
pub mod clock;
pub mod comment;
pub mod commit_message;
pub mod configuration;
pub mod conversation;
pub mod decision;
pub mod deployment;
pub mod escrow;
pub mod expiry;
pub mod filter;
pub mod identity;
pub mod kustomization;
pub mod layout;
pub mod names;
pub mod overlay;
pub mod pace;
pub mod path;
pub mod plan;
pub mod pull_request;
pub mod reason;
pub mod record;
pub mod retry;
pub mod roster;
pub mod secrecy;
pub mod sweep;
pub mod template;
#[cfg(test)]
mod tests;
mod text_type;
pub mod values;
pub mod vault;
pub mod visible;
pub mod workflows;
pub mod yaml;
