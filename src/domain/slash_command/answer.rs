//! What somebody is answered who gave a command: one line of the preview's comment.

use jiff::Timestamp;

use super::help;
use crate::domain::approval::Login;
use crate::domain::expiry::Expiry;
use crate::domain::names::CommitId;
use crate::domain::reason::{code, minute};
use crate::domain::record::Record;

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing: what the comment says is answer enough.
    None,
    /// This text, in Markdown.
    Text(String),
    /// Until when the preview lives.
    End,
    /// How the preview stands.
    Standing,
}

/// What there is when the answer is given.
#[derive(Debug, Clone, Copy)]
pub struct There<'a> {
    /// The preview.
    pub record: Option<&'a Record>,
    /// When its time is up.
    pub expiry: &'a Expiry,
    /// The head of the pull request.
    pub head: &'a CommitId,
}

impl Answer {
    /// All that can be said.
    #[must_use]
    pub fn help() -> Self {
        Self::Text(help())
    }

    /// The line, with whom it is for and when it was given. The name is not written as a mention: they know that they asked.
    #[must_use]
    pub fn line(&self, to: &Login, at: Timestamp, there: &There<'_>) -> Option<String> {
        let text = match self {
            Self::None => return None,
            Self::Text(text) => text.clone(),
            Self::End => there.end(),
            Self::Standing => there.standing(),
        };
        Some(format!("To {}, {}: {text}", code(to.as_str()), minute(at)))
    }
}

impl There<'_> {
    fn end(&self) -> String {
        match (self.record, self.expiry) {
            (None, _) => "there is no preview.".to_owned(),
            (Some(_), Expiry::Never) => "it has no end but that of the pull request.".to_owned(),
            (Some(_), Expiry::Kept { label }) => format!("it is kept as long as it has the label {}.", code(label)),
            (Some(_), Expiry::At { end, .. }) => format!("it lives until {} at least.", minute(*end)),
        }
    }

    fn standing(&self) -> String {
        let Some(record) = self.record else { return "there is no preview.".to_owned() };
        let shown = record.commit.short();
        if record.commit == *self.head {
            format!("the preview shows `{shown}`, the head; {}", self.end())
        } else {
            format!("the preview shows `{shown}`, and the head is `{}`; {}", self.head.short(), self.end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::{NOON, at, commit, record};

    #[test]
    fn an_answer_is_one_line_that_says_to_whom_and_when() {
        let (record, other) = (record(), Record { commit: commit('b'), ..record() });
        let end = Expiry::At { end: at("2026-11-28T12:00:00Z"), warning: at(NOON) };
        let kept = Expiry::Kept { label: "keep`it".to_owned() };
        let line = |answer: Answer, record: Option<&Record>, expiry: &Expiry| {
            let there = There { record, expiry, head: &commit('a') };
            answer.line(&"ada".parse().unwrap(), at(NOON), &there).unwrap_or_default()
        };
        let table = [
            (Answer::None, None, &end, ""),
            (Answer::Text("yes.".to_owned()), None, &end, "yes."),
            (Answer::End, None, &end, "there is no preview."),
            (Answer::End, Some(&record), &Expiry::Never, "it has no end but that of the pull request."),
            (Answer::End, Some(&record), &kept, "it is kept as long as it has the label `keep'it`."),
            (Answer::End, Some(&record), &end, "it lives until 2026-11-28 12:00 UTC at least."),
            (Answer::Standing, None, &end, "there is no preview."),
            (
                Answer::Standing,
                Some(&record),
                &end,
                "the preview shows `aaaaaaa`, the head; it lives until 2026-11-28 12:00 UTC at least.",
            ),
            (
                Answer::Standing,
                Some(&other),
                &Expiry::Never,
                "the preview shows `bbbbbbb`, and the head is `aaaaaaa`; it has no end but that of the pull request.",
            ),
        ];
        for (answer, record, expiry, expected) in table {
            let expected =
                if expected.is_empty() { String::new() } else { format!("To `ada`, 2026-11-21 12:00 UTC: {expected}") };
            assert_eq!(line(answer, record, expiry), expected);
        }
        assert!(!line(Answer::help(), None, &end).contains('\n'));
    }
}
