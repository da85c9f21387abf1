//! What `doctor` finds: what was seen, judged, with what mends it. Nothing is looked at here.

pub mod access;
pub mod layout;
pub mod permissions;
pub mod tools;
pub mod vault;
pub mod workflows;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The tokens, and what they may do.
    Tokens,
    /// Whether the apps repository can be read.
    AppsRepository,
    /// What has to be in the apps repository.
    Layout,
    /// What Flux is told of the previews.
    Flux,
    /// The programs that checks run.
    Tools,
    /// The registries of the images.
    Registry,
    /// The workflows of the application repository.
    Workflows,
    /// The Vault.
    Vault,
}

impl Topic {
    /// Every topic, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Tokens,
        Self::AppsRepository,
        Self::Layout,
        Self::Flux,
        Self::Tools,
        Self::Registry,
        Self::Workflows,
        Self::Vault,
    ];

    /// Its name, for people and for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::AppsRepository => "apps-repository",
            Self::Layout => "layout",
            Self::Flux => "flux",
            Self::Tools => "tools",
            Self::Registry => "registry",
            Self::Workflows => "workflows",
            Self::Vault => "vault",
        }
    }
}

/// What is thought of it. The worst is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is as it should be.
    Fine,
    /// It can not be told, or not without writing.
    Unknown,
    /// It works, and should be better.
    Advice,
    /// Nothing can be released as it is.
    Blocking,
    /// The runner or a token is not set up for it: what can not be looked at may hide the rest.
    SetUp,
}

impl Verdict {
    /// Its name, for people and for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Unknown => "not-known",
            Self::Advice => "advice",
            Self::Blocking => "release-blocking",
            Self::SetUp => "set-up",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// What it is of.
    pub topic: Topic,
    /// What is thought of it.
    pub verdict: Verdict,
    /// What was found: may hold names and words of others.
    pub what: String,
    /// What to do about it, where something is to be done.
    pub mend: Option<String>,
}

impl Diagnosis {
    /// All is well.
    #[must_use]
    pub fn fine(topic: Topic, what: impl Into<String>) -> Self {
        Self { topic, verdict: Verdict::Fine, what: what.into(), mend: None }
    }

    /// It can not be told, with how it could be.
    #[must_use]
    pub fn unknown(topic: Topic, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { topic, verdict: Verdict::Unknown, what: what.into(), mend: Some(mend.into()) }
    }

    /// It works, and should be better.
    #[must_use]
    pub fn advice(topic: Topic, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { topic, verdict: Verdict::Advice, what: what.into(), mend: Some(mend.into()) }
    }

    /// Nothing can be released so.
    #[must_use]
    pub fn blocking(topic: Topic, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { topic, verdict: Verdict::Blocking, what: what.into(), mend: Some(mend.into()) }
    }

    /// The runner or a token is not set up.
    #[must_use]
    pub fn set_up(topic: Topic, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { topic, verdict: Verdict::SetUp, what: what.into(), mend: Some(mend.into()) }
    }
}

/// The worst of all verdicts; that all is fine where nothing was found.
#[must_use]
pub fn worst(found: &[Diagnosis]) -> Verdict {
    found.iter().map(|diagnosis| diagnosis.verdict).max().unwrap_or(Verdict::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_looked_at_is_worse_than_what_blocks() {
        let (fine, unknown) = (Diagnosis::fine(Topic::Vault, "x"), Diagnosis::unknown(Topic::Vault, "x", "y"));
        let (blocking, set_up) =
            (Diagnosis::blocking(Topic::Vault, "x", "y"), Diagnosis::set_up(Topic::Vault, "x", "y"));
        assert_eq!(worst(&[]), Verdict::Fine);
        assert_eq!(worst(&[unknown.clone(), fine]), Verdict::Unknown);
        assert_eq!(worst(&[blocking.clone(), unknown]), Verdict::Blocking);
        assert_eq!(worst(&[set_up, blocking]), Verdict::SetUp);
    }
}
