//! What is checked before a commit.

mod policies;
mod schemas;
