//! The escrow: the encrypted record of what a Vault's initialisation returned.

pub mod check;
pub mod contents;
pub mod ledger;
pub mod message;
pub mod record;
pub mod sink;

pub use check::{Held, Shortfall};
pub use contents::{AppRoleLogin, Contents, ContentsError, Sealed};
pub use ledger::{Disagreement, Ledger, LedgerError};
pub use message::EscrowMessage;
pub use record::{PgpShare, Phase, Record};
pub use sink::SinkAddress;

#[cfg(test)]
pub(crate) mod tests;
