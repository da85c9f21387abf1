//! The words of people's part of a message, for commits whose trailers do not say as much.

use super::Told;
use crate::domain::commit_message::PROLONGED;
use crate::domain::names::Application;

/// What a subject says: of whose preview, and what becomes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) application: Option<Application>,
    pub(super) told: Option<Told>,
}

/// Reads a line as the subject of a commit of previews: `preview(wildside): put up pr-7`, also as an item of a list, as the one
/// that is put right by another commit, or that is reverted, which turns around what it says.
pub(super) fn subject(line: &str) -> Option<Subject> {
    let (mut line, mut is_reverted) = (line, false);
    loop {
        line = line.trim_start();
        let marks = ["* ", "- ", "fixup! ", "squash! ", "amend! ", "Reapply \""];
        line = if let Some(rest) = line.strip_prefix("Revert \"") {
            is_reverted = !is_reverted;
            rest
        } else if let Some(rest) = marks.iter().find_map(|mark| line.strip_prefix(mark)) {
            rest
        } else {
            break;
        };
    }
    let rest = line.strip_prefix("preview")?;
    let (application, rest) = match rest.strip_prefix('(') {
        Some(scoped) => {
            let (scope, rest) = scoped.split_once(')')?;
            (scope.parse().ok(), rest)
        }
        None => (None, rest),
    };
    let told = verb(rest.strip_prefix(':')?);
    let told = if is_reverted { told.map(Told::undone) } else { told };
    Some(Subject { application, told })
}

/// What the first words say.
pub(super) fn verb(text: &str) -> Option<Told> {
    let text = text.trim_start().to_lowercase();
    let mut words = text.split_whitespace();
    match (words.next()?, words.next()) {
        ("put" | "puts", Some("up")) => Some(Told::PutUp),
        ("bring" | "brings" | "brought", _) => text.contains("up to date").then_some(Told::Updated),
        ("update" | "updates" | "updated", _) => Some(Told::Updated),
        ("prolong" | "prolongs" | "prolonged", _) => Some(Told::Prolonged),
        ("take" | "takes" | "took" | "taken" | "tear" | "tears" | "tore" | "torn", Some("down"))
        | ("remove" | "removes" | "removed" | "delete" | "deletes" | "deleted", _) => Some(Told::Removed),
        _ => None,
    }
}

/// Whether half a sentence says that a preview was given a later end.
pub(super) fn is_later_end(sentence: &str) -> bool {
    sentence.trim_end_matches('.') == PROLONGED
}

/// The reason in one word that half a sentence gives, where it is one of ours.
pub(super) fn reason(sentence: &str) -> Option<&'static str> {
    let (sentence, is) = (sentence.trim_end_matches('.'), |whole: &str| sentence.trim_end_matches('.') == whole);
    let begins = |beginning: &str| sentence.starts_with(beginning);
    Some(match () {
        () if is("the pull request is closed") => "closed",
        () if is("the pull request is merged") => "merged",
        () if is("`--force` was given") => "forced",
        () if is("somebody asked for it in a comment") => "asked",
        () if begins("the pull request comes from a fork") => "fork",
        () if begins("the author, `") && sentence.ends_with(", is a bot") => "bot",
        () if is("the pull request is a draft") => "draft",
        () if begins("the pull request has the label ") => "excluded",
        () if begins("the pull request does not have the label ") => "unlabelled",
        () if begins("the target branch, ") => "branch",
        () if is("the pull request changes no file that previews are for") => "paths",
        () if begins("its time was up") => "expired",
        () if begins("there may be no previews at all") || begins("the limit of ") => "limit",
        () if begins("the pull request is open") => "open",
        () if begins("the pull request has moved on from ") => "superseded",
        () if begins("another run has changed the preview") => "overtaken",
        () if begins("the head, `") && sentence.ends_with("nobody has approved") => "unapproved",
        () if is("nobody has put one up") => "missing",
        () => return None,
    })
}

impl Told {
    /// What it comes to when a commit is reverted that said this.
    pub(super) fn undone(self) -> Self {
        match self {
            Self::PutUp => Self::Removed,
            Self::Removed => Self::PutUp,
            Self::Updated | Self::Prolonged => Self::Updated,
        }
    }

    /// What a word in a trailer says.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.word().eq_ignore_ascii_case(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reason::Reason;
    use crate::domain::tests::{NOON, at, commit};

    #[test]
    fn a_subject_says_whose_preview_it_is_and_what_becomes_of_it() {
        for (line, application, told) in [
            ("preview(wildside): put up pr-7 at aaaaaaa", Some("wildside"), Some(Told::PutUp)),
            ("* preview(wildside): bring pr-7 up to date", Some("wildside"), Some(Told::Updated)),
            ("preview(wildside): update pr-7 (#12)", Some("wildside"), Some(Told::Updated)),
            ("preview: take down 3 previews", None, Some(Told::Removed)),
            ("preview(Not a name): tear down pr-7", None, Some(Told::Removed)),
            ("fixup! preview(a): removed pr-7", Some("a"), Some(Told::Removed)),
            ("preview(a): paint pr-7", Some("a"), None),
            ("Revert \"preview(a): put up pr-7\"", Some("a"), Some(Told::Removed)),
            ("Revert \"Revert \"preview(a): put up pr-7\"\"", Some("a"), Some(Told::PutUp)),
            ("Reapply \"preview(a): take down pr-7\"", Some("a"), Some(Told::Removed)),
            ("* Revert \"preview(a): bring pr-7 up to date\"", Some("a"), Some(Told::Updated)),
        ] {
            let application = application.map(|name| name.parse().unwrap());
            assert_eq!(subject(line), Some(Subject { application, told }), "{line}");
        }
        for other in ["", "preview", "previews: put up", "preview(a put up", "Preview it", "a preview: put up"] {
            assert_eq!(subject(other), None, "{other}");
        }
    }

    #[test]
    fn every_reason_is_known_by_its_sentence() {
        let text = || "x".to_owned();
        let since = Some(at(NOON));
        for known in [
            Reason::Closed,
            Reason::Merged,
            Reason::Forced,
            Reason::Asked,
            Reason::Fork,
            Reason::Bot { login: text() },
            Reason::Draft,
            Reason::Excluded { label: text() },
            Reason::Unlabelled { label: text() },
            Reason::Branch { target: text() },
            Reason::Paths,
            Reason::Expired { since },
            Reason::Expired { since: None },
            Reason::Limit { limit: 0, holders: Vec::new() },
            Reason::Limit { limit: 2, holders: Vec::new() },
            Reason::StillOpen,
            Reason::Superseded { made_for: commit('a'), head: commit('b') },
            Reason::Overtaken,
            Reason::Unapproved { head: commit('a') },
            Reason::NotThere,
        ] {
            assert_eq!(reason(&format!("{}.", known.sentence())), Some(known.word()));
        }
        assert_eq!(reason("it rained"), None);
        assert!(is_later_end("somebody asked for a later end."));
    }
}
