//! How findings are shown: a table for people, JSON for programs, annotations and a summary on a runner.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::domain::diagnosis::{Diagnosis, Topic, Verdict, worst};
use crate::runner::{Level, Runner, escape_markdown, plain};

/// The findings as lines: a sign, the topic, what was found, and below it what mends it.
pub(super) fn text(found: &[Diagnosis]) -> String {
    let width = Topic::ALL.iter().map(|topic| topic.word().len()).max().unwrap_or_default();
    let mut text = String::new();
    for Diagnosis { topic, verdict, what, mend } in found {
        let (sign, style) = sign(*verdict);
        let word =
            if *verdict == Verdict::Fine { String::new() } else { format!("{style}{}{style:#}: ", verdict.word()) };
        let _ = writeln!(text, "{style}{sign}{style:#} {:<width$}  {word}{}", topic.word(), plain(what));
        if let Some(mend) = mend {
            let _ = writeln!(text, "  {:<width$}  → {}", "", plain(mend));
        }
    }
    text
}

fn sign(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Fine => ("✓", AnsiColor::Green.on_default()),
        Verdict::Unknown => ("?", AnsiColor::Cyan.on_default()),
        Verdict::Advice => ("!", AnsiColor::Yellow.on_default().bold()),
        Verdict::Blocking | Verdict::SetUp => ("✗", AnsiColor::Red.on_default().bold()),
    }
}

/// The same for programs.
pub(super) fn json(found: &[Diagnosis]) -> Value {
    let one = |Diagnosis { topic, verdict, what, mend }: &Diagnosis| json!({"topic": topic.word(), "verdict": verdict.word(), "what": plain(what), "mend": mend.as_deref().map(plain)});
    json!({"result": result(found).word(), "findings": found.iter().map(one).collect::<Vec<_>>()})
}

/// What is not known, or could be better, is no reason to fail.
fn result(found: &[Diagnosis]) -> Verdict {
    match worst(found) {
        Verdict::Fine | Verdict::Unknown | Verdict::Advice => Verdict::Fine,
        verdict => verdict,
    }
}

/// Shows at the top of the run what has to be mended. The error that ends the run says how much that is.
pub(super) fn annotate(runner: &Runner, found: &[Diagnosis]) {
    let wrong = found.iter().filter(|diagnosis| matches!(diagnosis.verdict, Verdict::SetUp | Verdict::Blocking));
    for Diagnosis { topic, verdict, what, mend } in wrong {
        let mend = mend.as_ref().map_or_else(String::new, |mend| format!("\n{mend}"));
        runner.annotate(Level::Warning, &format!("{} ({})", verdict.word(), topic.word()), &format!("{what}{mend}"));
    }
}

/// The findings as a table in Markdown.
pub(super) fn summary(found: &[Diagnosis]) -> String {
    let mut text = format!(
        "### Bivouac's doctor: {}\n\n| topic | finding | what mends it |\n|---|---|---|\n",
        result(found).word()
    );
    for Diagnosis { topic, verdict, what, mend } in found {
        let (sign, _) = sign(*verdict);
        let (what, mend) = (escape_markdown(what), escape_markdown(mend.as_deref().unwrap_or_default()));
        let _ = writeln!(text, "| {} | {sign} {}: {what} | {mend} |", topic.word(), verdict.word());
    }
    text + "\n"
}
