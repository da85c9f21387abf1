//! The sticky comment: what it says, and how it is known again.

use super::identity::Identity;
use super::names::{Application, CommitId};

/// How a comment of ours begins. It is told from others by this and by its author.
const MARKER: &str = "<!-- bivouac";

/// What the marker of a comment says: which application's it is, and what it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// The application.
    pub application: Application,
    /// The generation of the preview that the comment speaks of.
    pub generation: u64,
    /// The state that the comment tells.
    pub state: State,
}

/// What a comment can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The preview is committed, and nobody has looked whether it answers.
    Deploying,
    /// The preview is gone.
    Removed,
    /// There is no preview, for a reason.
    Refused,
}

impl State {
    const ALL: [(&'static str, Self); 3] =
        [("deploying", Self::Deploying), ("removed", Self::Removed), ("refused", Self::Refused)];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }
}

impl Marker {
    /// Reads the marker at the start of a comment; nothing when the comment is not ours.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let inner = body.strip_prefix(MARKER)?.split_once("-->")?.0;
        let field = |name: &str| inner.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let state = field("state")?;
        Some(Self {
            application: field("application")?.parse().ok()?,
            generation: field("generation")?.parse::<u32>().ok()?.into(),
            state: State::ALL.iter().find(|(word, _)| *word == state)?.1,
        })
    }

    fn write(&self) -> String {
        let Self { application, generation, state } = self;
        format!("{MARKER} application={application} generation={generation} state={} -->", state.word())
    }
}

/// What there is to tell of a preview.
#[derive(Debug, Clone)]
pub struct Comment<'a> {
    /// Whose comment, and what it tells.
    pub marker: Marker,
    /// What the preview is called.
    pub identity: &'a Identity,
    /// The head commit that it shows, or showed.
    pub commit: Option<&'a CommitId>,
    /// The page of the pull request.
    pub pull_request_url: &'a str,
    /// Half a sentence: why there is no preview.
    pub because: Option<String>,
}

impl Comment<'_> {
    /// The comment as Markdown. It names nothing that people outside can choose.
    #[must_use]
    pub fn body(&self) -> String {
        let application = &self.marker.application;
        let because = self.because.as_deref().map_or_else(String::new, |because| format!(" because {because}"));
        let told = match self.marker.state {
            State::Deploying => self.deploying(),
            State::Removed => format!(
                "**Preview of {application}: removed**\n\nThe preview `{}` was taken down{because}.",
                self.identity.name
            ),
            State::Refused => format!("**Preview of {application}: none**\n\nThere is no preview{because}."),
        };
        format!("{}\n{told}\n", self.marker.write())
    }

    fn deploying(&self) -> String {
        let commit = self.commit.map_or_else(String::new, |commit| {
            format!("[`{}`]({}/commits/{commit})", commit.short(), self.pull_request_url)
        });
        format!(
            "**Preview of {application}: deploying**\n\n{url}\n\n\
             | Commit | Namespace |\n|---|---|\n| {commit} | `{namespace}` |\n\n\
             Committed; Flux is rolling it out; not checked: the address may take a while to answer.",
            application = self.marker.application,
            url = self.identity.url(),
            namespace = self.identity.namespace,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marker(state: State) -> Marker {
        Marker { application: "wildside".parse().unwrap(), generation: 3, state }
    }

    fn identity() -> Identity {
        Identity {
            number: "123".parse().unwrap(),
            name: "pr-123".parse().unwrap(),
            namespace: "wildside-pr-123".parse().unwrap(),
            host: "pr-123.preview.example.com".parse().unwrap(),
        }
    }

    #[test]
    fn a_comment_shows_the_address_and_claims_no_more_than_it_knows() {
        let commit = "5f2c9d1a".repeat(5).parse().unwrap();
        let identity = identity();
        let comment = Comment {
            marker: marker(State::Deploying),
            identity: &identity,
            commit: Some(&commit),
            pull_request_url: "https://github.com/acme/wildside/pull/123",
            because: None,
        };
        insta::assert_snapshot!(comment.body(), @"
        <!-- bivouac application=wildside generation=3 state=deploying -->
        **Preview of wildside: deploying**

        https://pr-123.preview.example.com

        | Commit | Namespace |
        |---|---|
        | [`5f2c9d1`](https://github.com/acme/wildside/pull/123/commits/5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a) | `wildside-pr-123` |

        Committed; Flux is rolling it out; not checked: the address may take a while to answer.
        ");
        assert_eq!(Marker::read(&comment.body()), Some(comment.marker));
    }

    #[test]
    fn a_marker_that_is_quoted_or_cut_is_not_ours() {
        let written = marker(State::Removed).write();
        assert!(Marker::read(&written).is_some());
        assert_eq!(Marker::read(&format!("> {written}")), None);
        assert_eq!(Marker::read(&written.replace("-->", "")), None);
        assert_eq!(Marker::read(&written.replace("removed", "ready?")), None);
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in "(<!-- bivouac )?[a-z=0-9 ->\\n]{0,60}") {
            let _ = Marker::read(&body);
        }
    }
}
