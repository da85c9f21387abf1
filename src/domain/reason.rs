//! Why there is no preview, or none of this run's making.

use jiff::Timestamp;

use super::names::{CommitId, PreviewName, PullRequestNumber};
use super::pull_request::PullRequestState;
use super::visible::{disarmed, turns_around};

/// The most holders of places that are named.
const NAMED: usize = 20;

/// Why there should be no preview, or none of this run's making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The pull request was closed.
    Closed,
    /// The pull request was merged.
    Merged,
    /// Somebody asked for it with `--force`.
    Forced,
    /// Somebody asked for it in a comment, and no label can say so.
    Asked,
    /// The pull request comes from a fork.
    Fork,
    /// Its author is a bot.
    Bot {
        /// The author's name.
        login: String,
    },
    /// The pull request is a draft.
    Draft,
    /// It has a label that excludes it.
    Excluded {
        /// The label, as the configuration has it.
        label: String,
    },
    /// It lacks a label that is required.
    Unlabelled {
        /// The label, as the configuration has it.
        label: String,
    },
    /// Its target is not one that previews are for.
    Branch {
        /// The target.
        target: String,
    },
    /// It changes no file that previews are for.
    Paths,
    /// Its time was up.
    Expired {
        /// Since when, where that is still known.
        since: Option<Timestamp>,
    },
    /// There are as many previews as there may be.
    Limit {
        /// How many there may be.
        limit: u32,
        /// Those that there are.
        holders: Vec<Holder>,
    },
    /// The pull request is open, and its preview stays.
    StillOpen,
    /// The pull request has moved on to another commit, whose own run brings it up to date.
    Superseded {
        /// The commit of this run.
        made_for: CommitId,
        /// The commit that is the head now.
        head: CommitId,
    },
    /// Another run has changed the preview, or taken it down, while this one waited for it.
    Overtaken,
    /// The head is a commit of a fork that nobody has approved.
    Unapproved {
        /// The head.
        head: CommitId,
    },
    /// It may have one, and nobody has put it up.
    NotThere,
}

/// A preview that holds one of the places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its name.
    pub name: PreviewName,
    /// Its pull request.
    pub number: PullRequestNumber,
}

impl Reason {
    /// Why there is no preview of a pull request that has ended.
    #[must_use]
    pub fn of_the_end(state: PullRequestState) -> Option<Self> {
        match state {
            PullRequestState::Open => None,
            PullRequestState::Closed => Some(Self::Closed),
            PullRequestState::Merged => Some(Self::Merged),
        }
    }

    /// The reason in one word, for a marker.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Merged => "merged",
            Self::Forced => "forced",
            Self::Asked => "asked",
            Self::Fork => "fork",
            Self::Bot { .. } => "bot",
            Self::Draft => "draft",
            Self::Excluded { .. } => "excluded",
            Self::Unlabelled { .. } => "unlabelled",
            Self::Branch { .. } => "branch",
            Self::Paths => "paths",
            Self::Expired { .. } => "expired",
            Self::Limit { .. } => "limit",
            Self::StillOpen => "open",
            Self::Superseded { .. } => "superseded",
            Self::Overtaken => "overtaken",
            Self::Unapproved { .. } => "unapproved",
            Self::NotThere => "missing",
        }
    }

    /// The reason as half a sentence that people read after "because", for a log and for Markdown alike: what others may
    /// choose is in a code span that it can not leave.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Closed => "the pull request is closed".to_owned(),
            Self::Merged => "the pull request is merged".to_owned(),
            Self::Forced => "`--force` was given".to_owned(),
            Self::Asked => "somebody asked for it in a comment".to_owned(),
            Self::Fork => "the pull request comes from a fork, and previews for forks are refused".to_owned(),
            Self::Bot { login } => format!("the author, {}, is a bot", code(login)),
            Self::Draft => "the pull request is a draft".to_owned(),
            Self::Excluded { label } => format!("the pull request has the label {}", code(label)),
            Self::Unlabelled { label } => format!("the pull request does not have the label {}", code(label)),
            Self::Branch { target } => format!("the target branch, {}, is not one that previews are for", code(target)),
            Self::Paths => "the pull request changes no file that previews are for".to_owned(),
            Self::Expired { since: Some(since) } => format!("its time was up on {}", minute(*since)),
            Self::Expired { since: None } => "its time was up".to_owned(),
            Self::Limit { limit: 0, .. } => "there may be no previews at all (`preview.limit` is 0)".to_owned(),
            Self::Limit { limit, holders } => {
                let named = holders.iter().take(NAMED).map(|holder| holder.name.to_string()).collect::<Vec<_>>();
                let more = if holders.len() > NAMED { ", …" } else { "" };
                format!("the limit of {limit} is reached, by {}{more}", named.join(", "))
            }
            Self::StillOpen => "the pull request is open; `--force` takes the preview down all the same".to_owned(),
            Self::Superseded { made_for, head } => {
                format!("the pull request has moved on from {} to {}", made_for.short(), head.short())
            }
            Self::Overtaken => "another run has changed the preview, or taken it down, meanwhile".to_owned(),
            Self::Unapproved { head } => {
                format!("the head, `{}`, is a commit of a fork that nobody has approved", head.short())
            }
            Self::NotThere => "nobody has put one up".to_owned(),
        }
    }

    /// What people can do to have a preview all the same, where they can: whole sentences.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Fork => Some(
                "Somebody who may push to the repository can push the branch there to get one; with `preview.forks: approved` they can approve its commits.",
            ),
            Self::Bot { .. } => Some("`preview.bots: true` in `bivouac.yaml` gives bots previews too."),
            Self::Draft => Some("Mark it ready for review to get one."),
            Self::Excluded { .. } => Some("Take the label away to get one."),
            Self::Unlabelled { .. } => Some("Add the label to get one."),
            Self::Branch { .. } => Some("`preview.branches` in `bivouac.yaml` says which are."),
            Self::Paths => Some("`preview.paths` in `bivouac.yaml` says which are."),
            Self::Expired { .. } => Some("Push a commit, or run `deploy` by hand, to get it back."),
            Self::Limit { limit: 0, .. } => Some("Raise `preview.limit` in `bivouac.yaml`."),
            Self::Limit { .. } => Some("When one of them has gone, push, or run `deploy` by hand, to get one."),
            Self::Forced => Some("The next `deploy` brings it back."),
            Self::Asked => Some("The next push brings it back, and so does the comment `/preview deploy`."),
            Self::Unapproved { .. } => Some(
                "Somebody who may push to the repository and has read that commit can comment `/preview approve` with its id.",
            ),
            Self::NotThere => Some("A push puts it up, and so does the comment `/preview deploy`."),
            Self::Closed | Self::Merged | Self::StillOpen | Self::Superseded { .. } | Self::Overtaken => None,
        }
    }

    /// Whether the pull request gets no preview for what it is, rather than because it has ended.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Fork
            | Self::Bot { .. }
            | Self::Draft
            | Self::Excluded { .. }
            | Self::Unlabelled { .. }
            | Self::Branch { .. }
            | Self::Paths
            | Self::Expired { .. }
            | Self::Limit { .. }
            | Self::Unapproved { .. }
            | Self::NotThere => true,
            Self::Closed
            | Self::Merged
            | Self::Forced
            | Self::Asked
            | Self::StillOpen
            | Self::Superseded { .. }
            | Self::Overtaken => false,
        }
    }
}

/// A moment for people: to the minute, and always in UTC.
#[must_use]
pub fn minute(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A hostile text as a code span that it can not leave, neither in Markdown nor in a log.
#[must_use]
pub fn code(text: &str) -> String {
    let shown = text.chars().take(100).map(|character| match character {
        '`' => '\'',
        '|' => '¦',
        _ if character.is_control() || turns_around(character) => ' ',
        _ => character,
    });
    match shown.collect::<String>().as_str() {
        // Two backticks and nothing between them would begin a span that ends who knows where.
        "" => "` `".to_owned(),
        shown => format!("`{}`", disarmed(shown)),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::tests::{NOON, at, commit, hostile, number};

    fn holders(count: u32) -> Vec<Holder> {
        (1..=count)
            .map(|other| Holder { name: format!("pr-{other}").parse().unwrap(), number: number(other) })
            .collect()
    }

    /// Every reason, with this text where somebody else chooses one.
    fn reasons(text: &str) -> Vec<Reason> {
        let text = || text.to_owned();
        vec![
            Reason::Closed,
            Reason::Merged,
            Reason::Forced,
            Reason::Fork,
            Reason::Bot { login: text() },
            Reason::Draft,
            Reason::Excluded { label: text() },
            Reason::Unlabelled { label: text() },
            Reason::Branch { target: text() },
            Reason::Paths,
            Reason::Expired { since: Some(at(NOON)) },
            Reason::Expired { since: None },
            Reason::Limit { limit: 0, holders: Vec::new() },
            Reason::Limit { limit: 2, holders: holders(2) },
            Reason::Limit { limit: 20, holders: holders(20) },
            Reason::Limit { limit: 20, holders: holders(21) },
            Reason::StillOpen,
            Reason::Superseded { made_for: commit('a'), head: commit('b') },
            Reason::Overtaken,
            Reason::Asked,
            Reason::Unapproved { head: commit('a') },
            Reason::NotThere,
        ]
    }

    fn told(is_refusal: bool) -> String {
        let mut told = String::new();
        for reason in reasons("the-text").iter().filter(|reason| reason.is_refusal() == is_refusal) {
            writeln!(told, "{} because {}", reason.word(), reason.sentence()).unwrap();
            if let Some(advice) = reason.advice() {
                writeln!(told, "  {advice}").unwrap();
            }
        }
        told
    }

    #[test]
    fn every_refusal_says_why_and_what_can_be_done() {
        insta::assert_snapshot!(told(true), @"
        fork because the pull request comes from a fork, and previews for forks are refused
          Somebody who may push to the repository can push the branch there to get one; with `preview.forks: approved` they can approve its commits.
        bot because the author, `the-text`, is a bot
          `preview.bots: true` in `bivouac.yaml` gives bots previews too.
        draft because the pull request is a draft
          Mark it ready for review to get one.
        excluded because the pull request has the label `the-text`
          Take the label away to get one.
        unlabelled because the pull request does not have the label `the-text`
          Add the label to get one.
        branch because the target branch, `the-text`, is not one that previews are for
          `preview.branches` in `bivouac.yaml` says which are.
        paths because the pull request changes no file that previews are for
          `preview.paths` in `bivouac.yaml` says which are.
        expired because its time was up on 2026-11-21 12:00 UTC
          Push a commit, or run `deploy` by hand, to get it back.
        expired because its time was up
          Push a commit, or run `deploy` by hand, to get it back.
        limit because there may be no previews at all (`preview.limit` is 0)
          Raise `preview.limit` in `bivouac.yaml`.
        limit because the limit of 2 is reached, by pr-1, pr-2
          When one of them has gone, push, or run `deploy` by hand, to get one.
        limit because the limit of 20 is reached, by pr-1, pr-2, pr-3, pr-4, pr-5, pr-6, pr-7, pr-8, pr-9, pr-10, pr-11, pr-12, pr-13, pr-14, pr-15, pr-16, pr-17, pr-18, pr-19, pr-20
          When one of them has gone, push, or run `deploy` by hand, to get one.
        limit because the limit of 20 is reached, by pr-1, pr-2, pr-3, pr-4, pr-5, pr-6, pr-7, pr-8, pr-9, pr-10, pr-11, pr-12, pr-13, pr-14, pr-15, pr-16, pr-17, pr-18, pr-19, pr-20, …
          When one of them has gone, push, or run `deploy` by hand, to get one.
        unapproved because the head, `aaaaaaa`, is a commit of a fork that nobody has approved
          Somebody who may push to the repository and has read that commit can comment `/preview approve` with its id.
        missing because nobody has put one up
          A push puts it up, and so does the comment `/preview deploy`.
        ");
    }

    #[test]
    fn an_ending_says_why_and_mostly_leaves_nothing_to_do() {
        insta::assert_snapshot!(told(false), @"
        closed because the pull request is closed
        merged because the pull request is merged
        forced because `--force` was given
          The next `deploy` brings it back.
        open because the pull request is open; `--force` takes the preview down all the same
        superseded because the pull request has moved on from aaaaaaa to bbbbbbb
        overtaken because another run has changed the preview, or taken it down, meanwhile
        asked because somebody asked for it in a comment
          The next push brings it back, and so does the comment `/preview deploy`.
        ");
    }

    #[test]
    fn a_word_fits_into_a_marker_and_says_which_reason_it_is() {
        let mut words: Vec<_> = reasons("x").iter().map(Reason::word).collect();
        assert!(words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())));
        words.dedup();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
    }

    #[test]
    fn a_moment_is_told_to_the_minute_in_utc() {
        assert_eq!(minute(at("2026-11-21T12:34:56.789+02:00")), "2026-11-21 10:34 UTC");
    }

    #[test]
    fn a_text_is_shown_as_it_is_where_that_does_no_harm() {
        for (text, shown) in [
            ("dependabot[bot]", "`dependabot[bot]`"),
            ("no preview, größe 🎪", "`no preview, größe 🎪`"),
            ("a`b``c", "`a'b''c`"),
            ("a|b\\|c", "`a¦b\\¦c`"),
            ("a\r\nb\tc\u{7f}", "`a  b c `"),
            ("\u{202e}abc\u{2069}\u{61c}", "` abc  `"),
            ("###[error]x", "`## #[error]x`"),
            ("", "` `"),
        ] {
            assert_eq!(code(text), shown);
        }
        assert_eq!(code(&"ü".repeat(101)), format!("`{}`", "ü".repeat(100)));
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_code_span(text in hostile()) {
            let shown = code(&text);
            let inside = shown.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
            prop_assert!(inside.is_some_and(|inside| !inside.is_empty() && !inside.contains(['`', '|'])), "{}", shown);
            prop_assert!(!shown.contains(char::is_control) && !shown.contains("##["));
            prop_assert!(shown.chars().count() <= 2 + 100 + 100 / 3);
        }

        #[test]
        fn no_text_changes_more_of_a_sentence_than_what_is_in_its_code_span(text in hostile()) {
            for (hostile, harmless) in reasons(&text).iter().zip(reasons("x")) {
                prop_assert_eq!(hostile.sentence().replace(&code(&text), "`x`"), harmless.sentence());
            }
        }
    }
}
