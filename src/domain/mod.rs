//! What Bivouac knows and decides. Pure: no file, network, clock, environment or chance is touched from here.

pub mod base;
pub mod comment;
pub mod commit_message;
pub mod configuration;
pub mod decision;
pub mod identity;
pub mod kustomization;
pub mod layout;
pub mod names;
pub mod overlay;
pub mod path;
pub mod plan;
pub mod pull_request;
pub mod record;
pub mod retry;
pub mod roster;
pub mod template;
mod text_type;
pub mod values;
pub mod yaml;
