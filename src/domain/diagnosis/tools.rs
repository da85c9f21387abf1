//! The programs that checks run: which are needed, and whether they are new enough.

use super::{Diagnosis, Topic};
use crate::domain::configuration::{Checks, Strictness};

/// A program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// kustomize, by itself or within `kubectl`.
    Kustomize,
    /// helm.
    Helm,
}

impl Tool {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kustomize => "kustomize",
            Self::Helm => "helm",
        }
    }

    /// The oldest version that will do: kustomize 5 has `labels` and `replacements` as they are now; helm 3.8 reads charts from
    /// OCI registries.
    fn oldest(self) -> (u64, u64) {
        match self {
            Self::Kustomize => (5, 0),
            Self::Helm => (3, 8),
        }
    }

    /// Whether a check that is switched on runs it.
    #[must_use]
    pub fn is_needed(self, checks: &Checks) -> bool {
        let is_on = |strictness: Strictness| strictness != Strictness::Off;
        let of_all =
            [checks.schemas, checks.policies, checks.images].into_iter().any(is_on) || !checks.rules.is_empty();
        match self {
            Self::Kustomize => {
                of_all || is_on(checks.roster_build) || checks.build.is_some_and(is_on) || is_on(checks.chart)
            }
            Self::Helm => is_on(checks.chart),
        }
    }
}

/// What came of asking a program for its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolSeen {
    /// There is none.
    Missing,
    /// There is one, and it does not say.
    Failed {
        /// Where it is.
        place: String,
        /// What happened.
        why: String,
    },
    /// It says this.
    Says {
        /// Where it is.
        place: String,
        /// What it printed.
        text: String,
    },
}

/// What there is to say of a program.
#[must_use]
pub fn judge(tool: Tool, seen: &ToolSeen, is_needed: Option<bool>) -> Diagnosis {
    let (topic, name) = (Topic::Tools, tool.name());
    let bad = if is_needed == Some(true) { Diagnosis::set_up } else { Diagnosis::unknown };
    let ((oldest, minor), option) = (tool.oldest(), format!("`--{name}`"));
    match seen {
        ToolSeen::Missing if is_needed == Some(true) => {
            let mend = format!("install it on the runner, or say where it is with {option}");
            bad(topic, format!("{name} is not there, and checks of `bivouac.yaml` run it"), mend)
        }
        ToolSeen::Missing if is_needed.is_none() => {
            let mend = format!(
                "put right what keeps `bivouac.yaml` from being read; else install it, or name it with {option}"
            );
            bad(topic, format!("{name} is not there, and whether a check runs it is not known"), mend)
        }
        ToolSeen::Missing => {
            let mend = format!("nothing, as long as no check runs it; else install it, or name it with {option}");
            bad(topic, format!("{name} is not there; no check of `bivouac.yaml` runs it"), mend)
        }
        ToolSeen::Failed { place, why } => bad(
            topic,
            format!("`{place}` does not say its version: {why}"),
            format!("install {name} anew, or name another one with {option}"),
        ),
        ToolSeen::Says { place, text } => match version(text) {
            Some(version) if (version.0, version.1) < (oldest, minor) => {
                let what = format!("{name} {} (`{place}`) is too old", shown(version));
                bad(topic, what, format!("install {name} {oldest}.{minor} or later, or name one with {option}"))
            }
            Some(version) => Diagnosis::fine(topic, format!("{name} {} (`{place}`)", shown(version))),
            None => {
                let mend = format!("see that it is {name}, or name another one with {option}");
                bad(topic, format!("`{place}` prints no version"), mend)
            }
        },
    }
}

/// The first version in a text: of kustomize's in what `kubectl` prints of itself.
fn version(text: &str) -> Option<(u64, u64, u64)> {
    let of_kustomize = text.lines().find(|line| line.to_ascii_lowercase().contains("kustomize version"));
    let text = of_kustomize.unwrap_or(text);
    text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '.')).find_map(|word| {
        let mut parts = word.strip_prefix('v').unwrap_or(word).split('.').map(|part| {
            let digits = part.find(|character: char| !character.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse().ok()
        });
        Some((parts.next()??, parts.next()??, parts.next()??))
    })
}

fn shown((major, minor, patch): (u64, u64, u64)) -> String {
    format!("{major}.{minor}.{patch}")
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_print() {
        let table = [
            ("v5.7.1\n", Some((5, 7, 1))),
            ("{Version:kustomize/v4.5.7 GitCommit:56d82a GoOs:linux}", Some((4, 5, 7))),
            ("Client Version: v1.34.5\nKustomize Version: v5.7.1\n", Some((5, 7, 1))),
            ("v4.1.4+g05fa379", Some((4, 1, 4))),
            ("v3.8.0-rc.1", Some((3, 8, 0))),
            ("WARNING: Kubernetes configuration file is group-readable\nv3.19.0+g3d8990f", Some((3, 19, 0))),
            ("(devel)", None),
            ("", None),
            ("v99999999999999999999999.1.1", None),
        ];
        for (text, expected) in table {
            assert_eq!(version(text), expected, "{text}");
        }
    }

    #[test]
    fn what_no_check_runs_may_be_missing() {
        let says = |text: &str| ToolSeen::Says { place: "/bin/x".to_owned(), text: text.to_owned() };
        let failed = ToolSeen::Failed { place: "/bin/x".to_owned(), why: "it takes too long".to_owned() };
        let table = [
            (ToolSeen::Missing, true, Verdict::SetUp),
            (ToolSeen::Missing, false, Verdict::Unknown),
            (failed.clone(), true, Verdict::SetUp),
            (failed, false, Verdict::Unknown),
            (says("v3.7.0"), true, Verdict::SetUp),
            (says("v3.8.0"), true, Verdict::Fine),
            (says("hello"), true, Verdict::SetUp),
        ];
        for (seen, is_needed, expected) in table {
            assert_eq!(judge(Tool::Helm, &seen, Some(is_needed)).verdict, expected, "{seen:?}");
        }
        assert!(!Tool::Kustomize.is_needed(&Checks::default()) && !Tool::Helm.is_needed(&Checks::default()));
        let checks = Checks { chart: Strictness::Warn, ..Checks::default() };
        assert!(Tool::Kustomize.is_needed(&checks) && Tool::Helm.is_needed(&checks));
    }
}
