//! What people may say to a preview in a comment: `/preview …`.

mod answer;
mod order;
mod spoken;

use std::time::Duration;

pub use answer::{Answer, There};
pub use order::{Labels, Order};
pub use spoken::{Heard, Spoken};

use super::approval::CommitPrefix;
use super::configuration::Age;
use super::reason::code;

/// What the first line of such a comment begins with.
const WORD: &str = "/preview";
/// The longest time that an end may be put off by: for longer than that there is `keep`.
const LONGEST: Age = Age(Duration::from_hours(24 * 365));

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlashCommand {
    /// Put the preview up, or bring it up to date.
    Deploy,
    /// Take it down, and keep it down.
    Remove,
    /// Keep it when its time is up.
    Keep,
    /// Let it live for at least this long from now.
    Extend(Age),
    /// Say how it stands.
    Status,
    /// Let the head of a fork have a preview.
    Approve(CommitPrefix),
    /// Say what can be said.
    Help,
}

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

/// Why a command can not be followed. The text is for Markdown: what people wrote is in a code span that it can not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotUnderstood(String);

impl SlashCommand {
    /// Every command, as people write it, with what it does.
    pub const ALL: [(&'static str, &'static str); 7] = [
        ("/preview deploy", "puts the preview up, or brings it up to date"),
        ("/preview remove", "takes it down, until `deploy`"),
        ("/preview keep", "keeps it when its time is up"),
        ("/preview extend 48h", "lets it live for at least 48 hours from now"),
        ("/preview status", "says how it stands"),
        ("/preview approve <commit>", "lets that commit of a fork have a preview"),
        ("/preview help", "says this"),
    ];

    /// Reads the command of a comment: its first line, which has to begin with the word itself, in any case, as telephones write
    /// it. Nothing when the comment is none of ours, as is one that only quotes a command.
    ///
    /// # Errors
    ///
    /// When the line is a command, and not one that there is.
    #[must_use]
    pub fn read(comment: &str) -> Option<Result<Self, NotUnderstood>> {
        let line = comment.split(['\n', '\r']).next()?;
        let (word, rest) = line.split_at_checked(WORD.len())?;
        if !word.eq_ignore_ascii_case(WORD) {
            return None;
        }
        if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
            return None;
        }
        let mut words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
        let given = words.next().unwrap_or("help");
        let verb = given.to_ascii_lowercase();
        Some(match (verb.as_str(), words.next(), words.next()) {
            ("deploy", None, None) => Ok(Self::Deploy),
            ("remove", None, None) => Ok(Self::Remove),
            ("keep", None, None) => Ok(Self::Keep),
            ("status", None, None) => Ok(Self::Status),
            ("help", None, None) => Ok(Self::Help),
            ("extend", Some(time), None) => extend(time),
            ("extend", ..) => Err(NotUnderstood("Say for how long, such as `/preview extend 48h`.".to_owned())),
            ("approve", Some(commit), None) => approve(commit),
            ("approve", ..) => {
                Err(NotUnderstood("Name the commit that you have read: `/preview approve <commit>`.".to_owned()))
            }
            ("deploy" | "remove" | "keep" | "status" | "help", ..) => {
                Err(NotUnderstood(format!("`/preview {verb}` takes nothing after it.")))
            }
            _ => Err(NotUnderstood(format!("{} is no command of `/preview`.", code(given)))),
        })
    }

    /// The command in one word.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Remove => "remove",
            Self::Keep => "keep",
            Self::Extend(_) => "extend",
            Self::Status => "status",
            Self::Approve(_) => "approve",
            Self::Help => "help",
        }
    }
}

/// All that can be said, in one line of Markdown.
#[must_use]
pub fn help() -> String {
    let each = SlashCommand::ALL.map(|(command, does)| format!("`{command}` {does}"));
    format!("{}.", each.join("; "))
}

fn extend(time: &str) -> Result<SlashCommand, NotUnderstood> {
    match time.parse::<Age>() {
        Ok(age) if age.0 <= LONGEST.0 => Ok(SlashCommand::Extend(age)),
        Ok(_) => Err(NotUnderstood("That is longer than a year: `/preview keep` keeps it.".to_owned())),
        Err(_) => Err(NotUnderstood(format!("{} is no length of time: write one such as `48h` or `7d`.", code(time)))),
    }
}

fn approve(commit: &str) -> Result<SlashCommand, NotUnderstood> {
    commit.parse().map(SlashCommand::Approve).map_err(|_| {
        let text = "is not the beginning of a commit's id: give at least 12 of its hexadecimal digits";
        NotUnderstood(format!("{} {text}.", code(commit)))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::tests::hostile;

    fn understood(comment: &str) -> SlashCommand {
        SlashCommand::read(comment).unwrap().unwrap()
    }

    #[test]
    fn every_command_is_read_from_the_first_line_alone() {
        let table = [
            ("/preview deploy", SlashCommand::Deploy),
            ("/preview remove\n/preview deploy", SlashCommand::Remove),
            ("/preview keep\r\nthanks!", SlashCommand::Keep),
            ("/preview  extend\t48h ", SlashCommand::Extend(Age(Duration::from_hours(48)))),
            ("/preview extend 7d", SlashCommand::Extend(Age(Duration::from_hours(7 * 24)))),
            ("/preview status", SlashCommand::Status),
            ("/preview help", SlashCommand::Help),
            ("/preview", SlashCommand::Help),
            ("/preview\t", SlashCommand::Help),
            ("/Preview Deploy", SlashCommand::Deploy),
            ("/PREVIEW STATUS", SlashCommand::Status),
            ("/preview approve 0123456789AB", SlashCommand::Approve("0123456789ab".parse().unwrap())),
        ];
        for (comment, command) in table {
            assert_eq!(understood(comment), command, "{comment:?}");
        }
        for (shown, _) in SlashCommand::ALL {
            let comment = shown.replace("<commit>", &"0123456789abcdef".repeat(4));
            assert!(shown.contains(understood(&comment).verb()), "{shown}");
        }
    }

    #[test]
    fn what_only_looks_like_a_command_is_nothing_of_ours() {
        let others = [
            "",
            "\n/preview deploy",
            " /preview deploy",
            "    /preview deploy",
            "> /preview deploy",
            "```\n/preview deploy\n```",
            "`/preview deploy`",
            "- /preview deploy",
            "Please /preview deploy",
            "/previews",
            "/preview:deploy",
            "/preview\u{a0}deploy",
            "/preview\u{2028}deploy",
            "/preview\u{200b} deploy",
            "\u{feff}/preview deploy",
            "\u{200b}/preview deploy",
            // Cyrillic р and е, a division slash, a full-width solidus.
            "/\u{440}review deploy",
            "/pr\u{435}view deploy",
            "\u{2215}preview deploy",
            "\u{ff0f}preview deploy",
            "<!-- -->/preview deploy",
        ];
        for comment in others {
            assert_eq!(SlashCommand::read(comment), None, "{comment:?}");
        }
    }

    #[test]
    fn a_command_that_there_is_not_is_told_so() {
        let commit = "0123456789ab";
        let table = [
            ("/preview deplyo", "`deplyo` is no command of `/preview`."),
            ("/preview d\u{435}ploy", "`d\u{435}ploy` is no command of `/preview`."),
            ("/preview deploy now", "`/preview deploy` takes nothing after it."),
            ("/preview deploy\u{a0}", "`deploy\u{a0}` is no command of `/preview`."),
            ("/preview extend", "Say for how long, such as `/preview extend 48h`."),
            ("/preview extend 48h 7d", "Say for how long, such as `/preview extend 48h`."),
            ("/preview extend soon", "`soon` is no length of time: write one such as `48h` or `7d`."),
            ("/preview extend -1h", "`-1h` is no length of time: write one such as `48h` or `7d`."),
            ("/preview extend 0h", "`0h` is no length of time: write one such as `48h` or `7d`."),
            ("/preview extend 4294967295w", "That is longer than a year: `/preview keep` keeps it."),
            ("/preview approve", "Name the commit that you have read: `/preview approve <commit>`."),
        ];
        for (comment, expected) in table {
            assert_eq!(SlashCommand::read(comment).unwrap().unwrap_err().to_string(), expected, "{comment:?}");
        }
        let long = "a".repeat(65);
        for wrong in [&commit[..11], "main", "HEAD", "0123456789ag", "\u{ff10}123456789ab", &long] {
            let error = SlashCommand::read(&format!("/preview approve {wrong}")).unwrap().unwrap_err().to_string();
            assert!(error.contains("give at least 12 of its hexadecimal digits"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_comment_without_an_end_is_read_in_no_time_and_quoted_in_part() {
        let long = format!("/preview {}", "x".repeat(60_000));
        assert!(SlashCommand::read(&long).unwrap().unwrap_err().to_string().len() < 200);
        let many = format!("/preview approve{}", " 0123456789ab".repeat(4_000));
        assert!(SlashCommand::read(&many).unwrap().is_err());
        assert!(SlashCommand::read(&"x\n/preview deploy\n".repeat(3_000)).is_none());
    }

    #[test]
    fn help_names_every_command_in_one_line() {
        assert!(!help().contains('\n'));
        assert!(SlashCommand::ALL.iter().all(|(command, _)| help().contains(&format!("`{command}`"))));
    }

    proptest! {
        #[test]
        fn no_answer_to_a_hostile_command_leaves_its_line(text in hostile()) {
            if let Some(Err(error)) = SlashCommand::read(&format!("/preview {text}")) {
                let told = error.to_string();
                prop_assert!(!told.contains(['\n', '\r']) && told.len() < 1_000, "{told}");
                prop_assert_eq!(told.matches('`').count() % 2, 0);
            }
        }
    }
}
