//! The world behind the ports: Git servers and the forge.

pub mod apps;
pub mod artifact;
pub mod checkout;
pub mod escrow;
pub mod files;
pub mod forge;
pub mod git;
pub mod http;
pub mod notify;
pub mod oidc;
pub mod probe;
pub mod programs;
pub mod registry;
pub mod releases;
pub mod schemas;
pub mod scratch;
pub mod sealed_box;
pub mod stop;
pub mod terminal;
pub mod tools;
pub mod vault;
pub mod vault_files;
pub mod workflow_files;
