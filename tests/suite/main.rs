//! The tests on real parts: git servers, GitHub's published descriptions, kustomize and helm.
//!
//! `cfg(test)` on each module tells clippy that helpers of tests are tests too.

#[cfg(test)]
mod described;
#[cfg(test)]
mod life;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod world;
