//! `bivouac bootstrap-vault` on a real server, in each state of the table.

mod foreign;
mod lost;
mod operator;
mod sealed;
mod settled;
mod uninitialised;
