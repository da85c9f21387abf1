//! What people may say to a preview in a comment: `/preview …`.

/// How a comment is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It was done, or holds already.
    Done,
    /// It is not done, for a reason that the comment of the preview gives; or the writer may not ask for it.
    Refused,
    /// It was not understood.
    NotUnderstood,
}
