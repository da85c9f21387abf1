//! `bivouac bootstrap-vault` on a real server, in each state of the table.

mod foreign;
mod logins;
mod lost;
mod mounts;
mod operator;
mod sealed;
mod settled;
mod uninitialised;
