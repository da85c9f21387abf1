//! What is checked before a commit.

mod crds;
mod policies;
mod schemas;
