//! What is said of the arguments of `secrets`, where values may have gone astray: the option, and nothing that was given.

use std::ffi::OsString;

use clap::error::{ContextKind, ErrorKind};

/// What is said in place of a message that would quote a value.
const NONE: &str = "an argument is none of `secrets`: values are never arguments, `secrets put` takes them at standard input or with `--file`";
/// What is said of a value with lines among the arguments, of which not even the beginning is quoted.
pub(super) const BROKEN: &str =
    "an argument has line ends or other control characters in it: values are never arguments of `secrets`";

/// Whether one of the verbs is asked for whose users have values at hand.
pub(super) fn are_at_hand(command: &clap::Command, arguments: &[OsString]) -> bool {
    let mut names = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    names.find_map(|name| command.find_subcommand(name)).is_some_and(|found| found.get_name() == "secrets")
}

/// What clap says, without a word of what was given: it may be a value that somebody put there.
pub(super) fn unquoted(why: clap::Error, command: &mut clap::Command) -> clap::Error {
    let kind = why.kind();
    match (kind, why.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand, _) => command.error(kind, NONE),
        (
            ErrorKind::InvalidValue
            | ErrorKind::ValueValidation
            | ErrorKind::TooManyValues
            | ErrorKind::WrongNumberOfValues
            | ErrorKind::NoEquals
            | ErrorKind::InvalidUtf8,
            option,
        ) => {
            let option = option.map_or_else(|| "an argument".to_owned(), |option| format!("`{option}`"));
            let known = why.get(ContextKind::ValidValue).map(ToString::to_string).filter(|known| !known.is_empty());
            let known = known.map_or_else(String::new, |known| format!(", which is one of {known}"));
            command
                .error(kind, format!("what was given for {option}{known} can not be used; values are never arguments"))
        }
        _ => why,
    }
}
