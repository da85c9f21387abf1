//! What counts as an answer for a commit.
