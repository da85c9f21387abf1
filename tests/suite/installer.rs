//! `setup/install.sh`: real bash, curl and tar, in the environment of a runner, against a server on loopback.

mod binary;
mod cache;
mod download;
mod release;
mod runner;
mod scripts;
pub(crate) mod server;
mod source;

/// What the program in an archive is here: it answers like bivouac.
const PROGRAM: &str = "#!/bin/sh\necho 'bivouac 0.1.0'\n";
/// The target of a runner on Linux and `x86_64`.
const TARGET: &str = "x86_64-unknown-linux-musl";
