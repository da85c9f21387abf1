//! The tests on real parts: git servers, GitHub's published descriptions, kustomize and helm.
//!
//! `cfg(test)` on each module tells clippy that helpers of tests are tests too.

#![expect(
    clippy::duplicate_mod,
    reason = "`on_github` runs the tests of other modules once more, by the other backend"
)]

#[cfg(test)]
mod actions;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod attacks_on_forks;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod built;
#[cfg(test)]
mod canaries;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod checks;
#[cfg(test)]
mod command;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod described;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod emulator;
#[cfg(test)]
mod escrow;
#[cfg(test)]
mod events;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod forge;
#[cfg(test)]
mod forks;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod github_backend;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod history;
#[cfg(test)]
mod images;
#[cfg(test)]
mod import;
#[cfg(test)]
mod init;
#[cfg(test)]
mod installer;
#[cfg(test)]
mod kustomize;
#[cfg(test)]
mod life;
#[cfg(test)]
mod lockstep;
#[cfg(test)]
mod notify;
#[cfg(test)]
mod odd;
#[cfg(test)]
mod on_github;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod page;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod races;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod release;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod threat_model;
#[cfg(test)]
mod transports;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod validate;
#[cfg(test)]
mod vault;
#[cfg(test)]
mod wait;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod world;
