//! Bivouac: a preview environment for every pull request, by GitOps.

pub mod cli;
pub mod commands;
pub mod contract;
pub mod domain;
pub mod effects;
pub mod emulator;
pub mod env;
pub mod error;
pub mod ports;
pub mod runner;
pub mod secret;
pub mod usecases;
