//! What came of a bootstrap: a table, JSON, outputs and the step summary.

use std::fmt::Write as _;

use comfy_table::{Table, TableStyle, presets};
use serde_json::json;

use super::hands::Left;
use crate::commands::context::Context;
use crate::commands::options::Format;
use crate::commands::report;
use crate::contract::VAULT_OUTPUTS;
use crate::domain::escrow::SinkAddress;
use crate::domain::names::Application;
use crate::domain::vault::wanted::WantedApplication;
use crate::error::Error;
use crate::ports::vault::{Done, Mark};
use crate::runner::{escape_markdown, plain};
use crate::usecases::vault::{Mode, Outcome, Request};

/// What came of a run.
pub(super) struct Shown<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) request: &'a Request,
    pub(super) escrow: &'a [SinkAddress],
    pub(super) left: &'a Left,
}

impl Shown<'_> {
    /// Shows it. Outputs are set even when the run ends early: what was done was done.
    pub(super) fn tell(&self, format: Format, context: &Context, is_good: bool) -> Result<(), Error> {
        report::print(&match format {
            Format::Json => report::json_text(&self.json()),
            Format::Text => self.text(is_good),
        })?;
        report::hand_over(&context.runner, &self.outputs(), &self.summary(is_good))
    }

    fn address(&self) -> String {
        let first = || self.request.wanted.addresses.first();
        self.outcome.active.as_ref().or_else(first).map(ToString::to_string).unwrap_or_default()
    }

    fn state(&self) -> String {
        self.outcome.state.map(|state| state.to_string()).unwrap_or_default()
    }

    /// What came of it, in a sentence.
    fn sentence(&self, is_good: bool) -> String {
        let state = self.state();
        let found = if state.is_empty() { String::new() } else { format!("found {state}, ") };
        let differences = self.outcome.differences();
        let warnings = self.outcome.done.iter().filter(|done| done.mark == Mark::Warned).count();
        let with = match warnings {
            0 => String::new(),
            1 => ", but for 1 warning".to_owned(),
            count => format!(", but for {count} warnings"),
        };
        let came = match (self.request.mode, is_good) {
            (Mode::Check, _) if differences > 0 => format!("{differences} not as wanted; nothing was written{with}"),
            (Mode::Check, true) => format!("all as wanted{with}"),
            (Mode::DryRun, true) => "these are the steps; nothing was written".to_owned(),
            (Mode::Apply, true) if self.outcome.has_changed => format!("now as wanted{with}"),
            (Mode::Apply, true) => format!("all as wanted, nothing changed{with}"),
            _ => "not finished".to_owned(),
        };
        format!("Vault {}: {found}{came}", self.address())
    }

    fn text(&self, is_good: bool) -> String {
        let rows = if self.outcome.done.is_empty() {
            String::new()
        } else {
            format!("{}\n", self.table(presets::NOTHING, plain))
        };
        format!("{rows}{}{}{}\n", self.differences(), self.role_ids(), self.sentence(is_good))
    }

    /// What takes more than a line to say, below the table.
    fn differences(&self) -> String {
        let mut text = String::new();
        for Done { what, detail, .. } in self.outcome.done.iter().filter(|done| done.detail.lines().count() > 1) {
            let _ = writeln!(text, "\n{}: {}", plain(what), plain(detail.lines().next().unwrap_or_default()));
            for line in detail.lines().skip(1) {
                let _ = writeln!(text, "    {}", plain(line));
            }
            text.push('\n');
        }
        text
    }

    fn table(&self, style: TableStyle, escape: fn(&str) -> String) -> String {
        let mut table = Table::new();
        table.load_style(style);
        table.set_header(["WHAT", "STATE", "DETAIL"]);
        for Done { what, mark, detail } in &self.outcome.done {
            let first = detail.lines().next().unwrap_or_default();
            table.add_row([escape(what), word(*mark).to_owned(), escape(first)]);
        }
        let lines = table.to_string();
        lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    fn summary(&self, is_good: bool) -> String {
        let table = if self.outcome.done.is_empty() {
            String::new()
        } else {
            self.table(presets::ASCII_MARKDOWN, escape_markdown)
        };
        let differences = self.differences();
        // Four blanks make it text as it is: nothing in a policy is Markdown.
        let differences = differences.lines().fold(String::new(), |text, line| text + "    " + line + "\n");
        format!("### {}\n\n{table}\n\n{differences}\n", escape_markdown(&self.sentence(is_good)))
    }

    fn outputs(&self) -> Vec<(&'static str, String)> {
        let value = |name: &str| match name {
            "vault-address" => self.address(),
            "changed" => self.outcome.has_changed.to_string(),
            "state" => self.state(),
            "approle-role-id" => self.outcome.role_id.clone().unwrap_or_default(),
            "approle-secret-id-file" => self.left.secret_id_file.clone().unwrap_or_default(),
            "approle-secret-id" => {
                self.left.secret_id.as_ref().map(|secret| secret.expose().to_owned()).unwrap_or_default()
            }
            "reader-role-id" => self.outcome.reader_role_id.clone().unwrap_or_default(),
            "reader-secret-id-file" => self.left.reader.clone().unwrap_or_default(),
            "application-role-ids" => lines(&self.outcome.application_role_ids),
            "application-secret-id-files" => lines(&self.left.applications),
            _ => self.escrow.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        };
        VAULT_OUTPUTS.iter().map(|(name, _)| (*name, value(name))).collect()
    }

    /// The role-ids, below the table: whoever sets a login up needs them, and secret-ids are no use without them.
    fn role_ids(&self) -> String {
        if self.request.mode == Mode::DryRun {
            return String::new();
        }
        let wanted = &self.request.wanted;
        let people = [
            (&wanted.deployer, self.outcome.role_id.as_deref()),
            (&wanted.reader, self.outcome.reader_role_id.as_deref()),
        ];
        let applications =
            wanted.applications.iter().map(|application| (&application.login, self.role_id_of(&application.name)));
        let known = people.into_iter().chain(applications).filter_map(|(login, role_id)| Some((&login.role, role_id?)));
        known.fold(String::new(), |mut text, (role, role_id)| {
            let _ = writeln!(text, "role-id of `{role}`: {}", plain(role_id));
            text
        })
    }

    fn role_id_of(&self, application: &Application) -> Option<&str> {
        of(&self.outcome.application_role_ids, application)
    }

    fn json(&self) -> serde_json::Value {
        let done = self
            .outcome
            .done
            .iter()
            .map(|done| json!({ "what": done.what, "state": word(done.mark), "detail": done.detail }));
        let applications = self.request.wanted.applications.iter().map(|WantedApplication { name, .. }| {
            json!({ "name": name, "role-id": self.role_id_of(name), "secret-id-file": of(&self.left.applications, name) })
        });
        json!({
            "vault-address": self.address(),
            "changed": self.outcome.has_changed,
            "state": self.state(),
            "differences": self.outcome.differences(),
            "approle-role-id": self.outcome.role_id,
            "approle-secret-id-file": self.left.secret_id_file,
            "reader-role-id": self.outcome.reader_role_id,
            "reader-secret-id-file": self.left.reader,
            "applications": applications.collect::<Vec<_>>(),
            "escrow": self.escrow.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "done": done.collect::<Vec<_>>(),
        })
    }
}

/// What is known of an application.
fn of<'a>(known: &'a [(Application, String)], application: &Application) -> Option<&'a str> {
    known.iter().find(|(name, _)| name == application).map(|(_, part)| part.as_str())
}

/// What is known of each application, as lines `NAME=PART`.
fn lines(known: &[(Application, String)]) -> String {
    known.iter().map(|(name, part)| format!("{name}={part}")).collect::<Vec<_>>().join("\n")
}

fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Fine => "as wanted",
        Mark::Changed => "changed",
        Mark::Differs => "differs",
        Mark::Warned => "warning",
        Mark::Planned => "planned",
    }
}
