//! The hidden first line of a comment: whose it is, what it tells, and what is to be remembered with it.

use std::fmt;

use jiff::Timestamp;

use crate::domain::deployment::DeploymentId;
use crate::domain::expiry::Expiry;
use crate::domain::names::{Application, CommitId};
use crate::domain::record::LAST_GENERATION;

const MARKER: &str = "<!-- bivouac";

/// What a comment tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The preview is committed; Flux is rolling it out.
    Deploying,
    /// It was seen to show its commit.
    Ready,
    /// It was waited for, and did not get ready.
    Failed,
    /// The preview is there, and its time is nearly up.
    Expiring,
    /// The preview was taken down.
    Removed,
    /// There is no preview, for a reason.
    Refused,
}

impl State {
    const ALL: [(&'static str, Self); 6] = [
        ("deploying", Self::Deploying),
        ("ready", Self::Ready),
        ("failed", Self::Failed),
        ("expiring", Self::Expiring),
        ("removed", Self::Removed),
        ("refused", Self::Refused),
    ];

    /// What is told of a preview that is there.
    #[must_use]
    pub fn of_a_life(expiry: &Expiry, now: Timestamp) -> Self {
        if expiry.is_near(now) { Self::Expiring } else { Self::Deploying }
    }

    /// The word in the marker and in the heading.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }

    /// Whether there is a preview.
    #[must_use]
    pub fn is_up(self) -> bool {
        matches!(self, Self::Deploying | Self::Ready | Self::Failed | Self::Expiring)
    }
}

/// What came of waiting for a preview. It holds for one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollout {
    /// Whether it got ready.
    pub is_ready: bool,
    /// How many seconds it was waited for, where that is known.
    pub took: Option<u64>,
}

impl Rollout {
    fn word(self) -> &'static str {
        if self.is_ready { State::Ready.word() } else { State::Failed.word() }
    }

    /// What is told of a preview whose time is not nearly up.
    #[must_use]
    pub fn state(self) -> State {
        if self.is_ready { State::Ready } else { State::Failed }
    }
}

/// What a comment is found by, and what it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Whose comment it is. A pull request may have previews of several applications.
    pub application: Application,
    /// The generation that it speaks of.
    pub generation: u64,
    /// What it tells.
    pub state: State,
    /// Why there is no preview, in one word.
    pub reason: Option<String>,
    /// The commit of the last preview whose time was up: it is not put up again by itself.
    pub expired: Option<CommitId>,
    /// The deployment that was told of before the comment was.
    pub deployment: Option<DeploymentId>,
    /// What came of waiting for this generation, where somebody did.
    pub rollout: Option<Rollout>,
    /// The head that nobody has approved, where the preview stays at another commit because of that.
    pub unapproved: Option<CommitId>,
}

impl Marker {
    /// Reads the marker of a comment; nothing where there is none. One that was broken since speaks of nothing that holds, so
    /// that it is written again.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let inner = first_line(body)?;
        let field = |name: &str| inner.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let state = |word: &str| Some(State::ALL.iter().find(|(known, _)| *known == word)?.1);
        let generation = field("generation").and_then(|text| text.parse().ok());
        let generation = generation.filter(|generation| *generation <= LAST_GENERATION);
        let (generation, state) = match (generation, field("state").and_then(state)) {
            (Some(generation), Some(state)) => (generation, state),
            _ => (0, State::Deploying),
        };
        let is_ready = match field("rollout") {
            Some("ready") => Some(true),
            Some("failed") => Some(false),
            _ => None,
        };
        let took = field("took").and_then(|text| text.parse().ok());
        let rollout = is_ready.map(|is_ready| Rollout { is_ready, took }).filter(|_| state.is_up());
        // What is there says what came of waiting, and nothing else.
        let state = match (state, rollout) {
            (State::Deploying | State::Ready | State::Failed, rollout) => {
                rollout.map_or(State::Deploying, Rollout::state)
            }
            (state, _) => state,
        };
        Some(Self {
            application: field("application")?.parse().ok()?,
            generation,
            state,
            rollout,
            reason: field("reason").map(str::to_owned),
            expired: field("expired").and_then(|commit| commit.parse().ok()),
            unapproved: field("unapproved").and_then(|commit| commit.parse().ok()),
            deployment: field("deployment").and_then(|id| id.parse().ok()).map(DeploymentId),
        })
    }

    /// The marker of a preview that was waited for. What was said of it before is not said again in other numbers.
    #[must_use]
    pub fn after(self, rollout: Rollout) -> Self {
        let told = self.rollout.filter(|told| told.is_ready && rollout.is_ready);
        let rollout = told.unwrap_or(rollout);
        let state = if self.state == State::Expiring { self.state } else { rollout.state() };
        Self { state, rollout: Some(rollout), ..self }
    }

    /// The marker in front of `text`, with what tells later whether somebody has changed the text.
    #[must_use]
    pub fn above(&self, text: &str) -> String {
        format!("{MARKER} {self} text={:016x} -->\n{text}\n", fingerprint(text))
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { application, generation, state, reason, expired, deployment, rollout, unapproved } = self;
        write!(formatter, "application={application} generation={generation} state={}", state.word())?;
        if let Some(reason) = reason {
            write!(formatter, " reason={reason}")?;
        }
        if let Some(commit) = expired {
            write!(formatter, " expired={commit}")?;
        }
        if let Some(commit) = unapproved {
            write!(formatter, " unapproved={commit}")?;
        }
        if let Some(DeploymentId(id)) = deployment {
            write!(formatter, " deployment={id}")?;
        }
        if let Some(rollout) = rollout {
            write!(formatter, " rollout={}", rollout.word())?;
            if let Some(took) = rollout.took {
                write!(formatter, " took={took}")?;
            }
        }
        Ok(())
    }
}

/// Whether a comment's text is still the one that was written below its marker. Of a comment of an older version it is not
/// known, and it is taken for one that is.
#[must_use]
pub fn is_untouched(body: &str) -> bool {
    let written =
        first_line(body).and_then(|inner| inner.split_whitespace().find_map(|word| word.strip_prefix("text=")));
    let Some(written) = written else { return true };
    let text = body.split_once("-->").map_or("", |(_, text)| text);
    u64::from_str_radix(written, 16) == Ok(fingerprint(text))
}

fn first_line(body: &str) -> Option<&str> {
    Some(body.strip_prefix(MARKER)?.split_once("-->")?.0)
}

/// A number for the words of a text, however they are spaced: a forge may change the ends of lines.
/// FNV-1a, <https://www.rfc-editor.org/rfc/rfc9923>: it has to be the same in every version of the program, and guards against
/// nobody.
fn fingerprint(text: &str) -> u64 {
    let words = text.split_whitespace().flat_map(|word| word.bytes().chain([b' ']));
    words.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
