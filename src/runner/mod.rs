//! GitHub's runner protocol, all of it: the event, outputs, the summary, annotations and masks.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

mod comment_event;
mod event;

pub use comment_event::hear;
pub use event::{Event, Labelled};

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::domain::guard::is_wording;
use crate::domain::visible::{disarmed, in_one_line};
use crate::env::{self, Environment};
use crate::secret::{KnownSecrets, Secret};

/// The runner, where there is one.
#[derive(Debug, Clone, Default)]
pub struct Runner {
    is_there: bool,
    outputs: Option<PathBuf>,
    summary: Option<PathBuf>,
    known: KnownSecrets,
}

/// A place in the repository that the run is of.
#[derive(Debug, Clone, Copy)]
pub struct Spot<'a> {
    /// The file, from the top of the repository.
    pub file: &'a str,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
}

/// How much an annotation matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Notice,
    /// Something is not as it should be.
    Warning,
    /// The step failed.
    Error,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Runner {
    /// What the environment says of a runner.
    #[must_use]
    pub fn new(environment: &Environment) -> Self {
        let known = KnownSecrets::default();
        environment.own_secrets().for_each(|secret| known.learn(&secret));
        environment.secret_variables().for_each(|(name, secret)| known.learn_variable(name, &secret));
        Self {
            known,
            is_there: environment.is_true(env::GITHUB_ACTIONS),
            outputs: environment.get(env::GITHUB_OUTPUT).map(PathBuf::from),
            summary: environment.get(env::GITHUB_STEP_SUMMARY).map(PathBuf::from),
        }
    }

    /// The secrets of this run so far: those that were masked, and those in variables whose names tell of secrets.
    #[must_use]
    pub fn known_secrets(&self) -> &KnownSecrets {
        &self.known
    }

    /// Asks the runner never to show the name of a user, which may be a token. Only if it is not made of words it is never committed.
    pub fn mask_user(&self, user: &Secret) {
        if is_wording(user.expose()) { self.hide(user) } else { self.mask(user) }
    }

    /// Asks the runner never to show this secret, before it is used for the first time. It is never committed, either.
    pub fn mask(&self, secret: &Secret) {
        self.known.learn(secret);
        self.hide(secret);
    }

    fn hide(&self, secret: &Secret) {
        if self.is_there {
            let _ = write_masks(&mut io::stderr(), secret);
        }
    }

    /// Shows one line at the top of the run.
    pub fn annotate(&self, level: Level, title: &str, message: &str) {
        if self.is_there {
            let message: Vec<_> = message.lines().map(plain).collect();
            let _ = write_annotation(&mut io::stderr(), level, title, &message.join("\n"), None);
        }
    }

    /// Shows a line beside a file of the repository that the run is of.
    pub fn annotate_file(&self, level: Level, title: &str, message: &str, spot: &Spot<'_>) {
        if self.is_there {
            let message: Vec<_> = message.lines().map(plain).collect();
            let _ = write_annotation(&mut io::stderr(), level, title, &message.join("\n"), Some(spot));
        }
    }

    /// Whether there is one.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.is_there
    }

    /// Begins a group of lines in the log, which is shown folded.
    pub fn begin_group(&self, title: &str) {
        if self.is_there {
            let _ = writeln!(io::stderr(), "::group::{}", escape_data(&plain(title)));
        }
    }

    /// Ends it.
    pub fn end_group(&self) {
        if self.is_there {
            let _ = writeln!(io::stderr(), "::endgroup::");
        }
    }

    /// Hands outputs to the steps that follow.
    ///
    /// # Errors
    ///
    /// When the runner's file can not be written.
    pub fn set_outputs(&self, outputs: &[(&str, String)]) -> io::Result<()> {
        let Some(path) = &self.outputs else { return Ok(()) };
        let mut text = Vec::new();
        write_outputs(&mut text, outputs, &format!("bivouac-{:032x}", rand::random::<u128>()))?;
        append(path, &text)
    }

    /// Adds Markdown to the summary of the run.
    ///
    /// # Errors
    ///
    /// When the runner's file can not be written.
    pub fn summarize(&self, markdown: &str) -> io::Result<()> {
        self.summary.as_ref().map_or(Ok(()), |path| append(path, markdown.as_bytes()))
    }
}

fn append(path: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    std::fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
}

/// Writes a mask for the whole secret, and for each of its lines: the log is searched line by line.
fn write_masks(out: &mut impl Write, secret: &Secret) -> io::Result<()> {
    let whole = secret.expose();
    for line in whole.lines().map(str::trim).filter(|line| !line.is_empty()) {
        writeln!(out, "::add-mask::{}", escape_data(line))?;
    }
    if whole.lines().count() > 1 {
        writeln!(out, "::add-mask::{}", escape_data(whole))?;
    }
    Ok(())
}

fn write_annotation(
    out: &mut impl Write,
    level: Level,
    title: &str,
    message: &str,
    spot: Option<&Spot<'_>>,
) -> io::Result<()> {
    let mut properties = format!("title={}", escape_property(title));
    if let Some(Spot { file, line }) = spot {
        let _ = write!(properties, ",file={}", escape_property(&plain(file)));
        if let Some(line) = line {
            let _ = write!(properties, ",line={line}");
        }
    }
    writeln!(out, "::{} {properties}::{}", level.word(), escape_data(message))
}

/// Writes outputs between fences that nobody can guess, so that a value can not add outputs of its own.
fn write_outputs(out: &mut impl Write, outputs: &[(&str, String)], fence: &str) -> io::Result<()> {
    for (name, value) in outputs {
        writeln!(out, "{name}<<{fence}\n{value}\n{fence}")?;
    }
    Ok(())
}

/// <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>
fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text of somebody else's for one line of a log, after other text: no control characters, so no colours and no line ends,
/// nothing that turns the direction of the text around, and no workflow command of the old form, which the runner finds anywhere
/// in a line.
#[must_use]
pub fn plain(text: &str) -> String {
    disarmed(&in_one_line(text).collect::<String>())
}

/// Text of somebody else's for Markdown: shown as it is, without a link, a mention or an element.
#[must_use]
pub fn escape_markdown(text: &str) -> String {
    let mut escaped = String::new();
    for character in plain(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A word joiner keeps `@name` from being a mention and `#1` from being a reference.
            '@' | '#' => {
                escaped.push(character);
                escaped.push('\u{2060}');
            }
            _ if character.is_ascii_punctuation() && !"-,;'\"%".contains(character) => {
                let _ = write!(escaped, "\\{character}");
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_annotation_is_one_line_whatever_is_in_it() {
        let text = written(|out| write_annotation(out, Level::Error, "a, b: c", "100 %\n::add-mask::x", None));
        assert_eq!(text, "::error title=a%2C b%3A c::100 %25%0A::add-mask::x\n");
    }

    #[test]
    fn a_value_can_not_add_an_output() {
        let text = written(|out| write_outputs(out, &[("url", "x\nresult=created".to_owned())], "fence"));
        assert_eq!(text, "url<<fence\nx\nresult=created\nfence\n");
    }

    #[test]
    fn a_secret_is_masked_whole_and_line_by_line() {
        let text = written(|out| write_masks(out, &Secret::new("one\n two %\n").unwrap()));
        assert_eq!(text, "::add-mask::one\n::add-mask::two %25\n::add-mask::one%0A two %25\n");
        assert_eq!(written(|out| write_masks(out, &Secret::new("one").unwrap())), "::add-mask::one\n");
    }

    #[test]
    fn a_hostile_title_is_shown_as_it_is() {
        let title = "**x** [a](http://b) <img src=x> @everyone #1\n::error::\u{1b}[31m`";
        insta::assert_snapshot!(escape_markdown(title).replace('\u{2060}', "~"), @r"\*\*x\*\* \[a\]\(http\:\/\/b\) &lt;img src\=x&gt; @~everyone #~1 \:\:error\:\: \[31m\`");
    }

    proptest! {
        #[test]
        fn no_title_breaks_out_of_its_line(title in any::<String>()) {
            let shown = escape_markdown(&title);
            let breaks = ['\n', '\r', '\u{1b}', '<'];
            prop_assert!(!shown.contains(breaks));
            prop_assert!(!plain(&title).contains(&breaks[..3]));
            prop_assert!(!plain(&title).contains("##["));
        }
    }
}
