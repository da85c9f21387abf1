//! `bivouac bootstrap-vault` on a real server, in each state of the table.

mod cluster;
mod drift;
mod foreign;
mod logins;
mod lost;
mod mounts;
mod operator;
mod sealed;
mod seals;
mod settled;
mod uninitialised;
