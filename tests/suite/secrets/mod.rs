//! The secrets that previews have for themselves: a real OpenBao server, a forge and an apps repository.

mod input;
mod list;
mod logins;
mod put;
mod remove;
mod with_previews;
pub(crate) mod world;
