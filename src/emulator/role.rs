//! What people are in a repository.

/// The role of somebody in a repository, the highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Admin,
    /// Everything but what is dangerous.
    Maintain,
    /// To push.
    Write,
    /// To sort, without pushing.
    Triage,
    /// To look.
    Read,
    /// Nothing.
    None,
}

impl Role {
    /// What REST calls it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Maintain => "maintain",
            Self::Write => "write",
            Self::Triage => "triage",
            Self::Read => "read",
            Self::None => "none",
        }
    }

    /// The role among those that there were first: "the maintain role is mapped to write and the triage role is mapped to
    /// read".
    pub(super) fn base(self) -> Self {
        match self {
            Self::Maintain => Self::Write,
            Self::Triage => Self::Read,
            other => other,
        }
    }
}
