//! What a desired state is, and what is none.
