//! What the tests of several modules share: one pull request, its preview, and texts that mean harm.

use jiff::Timestamp;
use proptest::prelude::*;

use super::filter::Filter;
use super::identity::Identity;
use super::names::{CommitId, PullRequestNumber};
use super::pull_request::{Author, Changes, PullRequest, PullRequestState};
use super::record::Record;

pub(super) const NOON: &str = "2026-11-21T12:00:00Z";

pub(super) fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// The commit made of one digit.
pub(super) fn commit(digit: char) -> CommitId {
    digit.to_string().repeat(40).parse().unwrap()
}

pub(super) fn number(number: u32) -> PullRequestNumber {
    number.to_string().parse().unwrap()
}

/// An open pull request with nothing special about it, whose head is the commit made of `a`.
pub(super) fn pull_request() -> PullRequest {
    PullRequest {
        number: number(123),
        state: PullRequestState::Open,
        head: commit('a'),
        head_repository: Some("acme/wildside".parse().unwrap()),
        target: "main".to_owned(),
        is_from_fork: false,
        is_draft: false,
        author: Some(Author { login: "ada".to_owned(), is_bot: false }),
        labels: vec!["bug".to_owned()],
        changes: Changes { paths: Vec::new(), are_complete: true },
        title: "A title".to_owned(),
        url: "https://github.com/acme/wildside/pull/123".to_owned(),
    }
}

/// Its preview, put up at noon.
pub(super) fn record() -> Record {
    Record {
        repository: "acme/wildside".parse().unwrap(),
        number: number(123),
        commit: commit('a'),
        generation: 3,
        created_at: at(NOON),
        expires_at: None,
        approval: None,
        url: "https://pr-123.preview.example.com".to_owned(),
    }
}

pub(super) fn identity() -> Identity {
    Identity {
        number: number(123),
        name: "pr-123".parse().unwrap(),
        namespace: "wildside-pr-123".parse().unwrap(),
        host: "pr-123.preview.example.com".parse().unwrap(),
    }
}

pub(super) fn filter(include: &[&str], exclude: &[&str]) -> Filter {
    let parsed = |globs: &[&str]| globs.iter().map(|glob| glob.parse().unwrap()).collect();
    Filter { include: parsed(include), exclude: parsed(exclude) }
}

/// What gets out of somewhere, somewhere.
const PIECES: [&str; 38] = [
    "`",
    "``",
    "```",
    "|",
    "\\",
    "\\|",
    "\\`",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\u{85}",
    "\u{2028}",
    "\u{b}",
    "-->",
    "<!-- bivouac ",
    "application=wildside",
    " generation=9 ",
    "state=removed",
    "<br>",
    "</td>",
    "##[error]",
    "##[",
    "::error::",
    "@ada",
    "[a](b)",
    "> ",
    "- [pr-1](x)",
    "\u{202e}",
    "\u{200f}",
    "\u{2066}",
    "\u{61c}",
    "\u{0}",
    "\u{1b}[31m",
    "ü",
    "🎪",
    " ",
    "a",
];

/// Texts as somebody would choose them who wants to get out of where they are shown.
pub(super) fn hostile() -> impl Strategy<Value = String> {
    let known = prop::sample::select(&PIECES).prop_map(str::to_owned);
    let piece = prop_oneof![8 => known, 2 => "\\PC{0,4}", 1 => Just("x".repeat(200))];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}
