//! A Vault (HashiCorp Vault or OpenBao): what was seen of it, what is wanted of it, and what there is to do.

pub mod address;
pub mod decision;
pub mod obstacle;
pub mod pgp;
pub mod policy;
pub mod resources;
pub mod seen;
pub mod share;
pub mod state;
pub mod wanted;
