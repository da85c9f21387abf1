//! The secrets that previews have for themselves: a real OpenBao server, a forge and an apps repository.

mod cuts;
mod identity;
mod input;
mod list;
mod logins;
mod put;
mod remove;
mod with_previews;
pub(crate) mod world;
