//! Who is compared, and how each is started.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::apps::{Apps, commit_of};
use crate::launcher::Client;
use crate::settings::{ATTEMPTS, Settings};
use crate::{Fallible, top};

/// The application repository.
pub(crate) const APPLICATION: &str = "acme/wildside";
/// The token that everybody has.
pub(crate) const TOKEN: &str = "token-of-the-bot";

/// Who is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Contestant {
    /// `bivouac deploy --backend git`.
    Git,
    /// `bivouac deploy --backend github`.
    Github,
    /// `contestants/pipeline.sh`.
    Pipeline,
    /// `contestants/plumbing.sh`.
    Plumbing,
}

impl Contestant {
    /// In the order in which they run.
    pub(crate) const ALL: [Self; 4] = [Self::Git, Self::Github, Self::Pipeline, Self::Plumbing];

    /// The name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Git => "Bivouac, git",
            Self::Github => "Bivouac, github",
            Self::Pipeline => "usual pipeline",
            Self::Plumbing => "git's plumbing",
        }
    }
}

/// One deploy of one pull request.
pub(crate) struct Job<'a> {
    pub(crate) contestant: Contestant,
    pub(crate) apps: &'a Apps,
    pub(crate) number: u64,
    /// `http://127.0.0.1:1234`.
    pub(crate) server: &'a str,
    /// The templates of the scripts.
    pub(crate) templates: &'a Path,
    /// A folder of its own.
    pub(crate) home: &'a Path,
}

impl Job<'_> {
    /// What to start; puts into its home what a runner would have there.
    pub(crate) fn client(&self, settings: &Settings) -> Fallible<Client> {
        let mut environment = self.common(settings);
        let (program, arguments) = match self.contestant {
            Contestant::Git | Contestant::Github => {
                let backend = if self.contestant == Contestant::Git { "git" } else { "github" };
                environment.extend(self.of_a_runner());
                (PathBuf::from(env!("CARGO_BIN_EXE_bivouac")), self.arguments(backend))
            }
            Contestant::Pipeline | Contestant::Plumbing => {
                environment.extend(self.of_a_script());
                self.configure_git()?;
                let script = if self.contestant == Contestant::Pipeline { "pipeline.sh" } else { "plumbing.sh" };
                (top().join("benches/contestants").join(script), Vec::new())
            }
        };
        let timeout = settings.timeout.as_secs();
        Ok(Client { program, arguments, environment, directory: self.home.to_owned(), timeout, is_watched: false })
    }

    fn arguments(&self, backend: &str) -> Vec<String> {
        let (number, commit) = (self.number.to_string(), commit_of(self.number));
        ["deploy", "--backend", backend, "--pull-request", &number, "--commit", &commit].map(str::to_owned).into()
    }

    fn common(&self, settings: &Settings) -> BTreeMap<String, String> {
        let home = self.home.to_string_lossy();
        texts([
            ("PATH", &settings.path),
            ("HOME", &home),
            ("TMPDIR", &home),
            ("LC_ALL", "C"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
        ])
    }

    fn of_a_runner(&self) -> BTreeMap<String, String> {
        let file = |name| self.home.join(name).to_string_lossy().into_owned();
        texts([
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", APPLICATION),
            ("GITHUB_RUN_ID", "42"),
            ("GITHUB_ACTOR", "octocat"),
            ("GITHUB_SERVER_URL", self.server),
            ("GITHUB_API_URL", &format!("{}/api/v3", self.server)),
            ("GITHUB_GRAPHQL_URL", &format!("{}/api/graphql", self.server)),
            ("GITHUB_OUTPUT", &file("outputs")),
            ("GITHUB_STEP_SUMMARY", &file("summary")),
            ("BIVOUAC_GITHUB_TOKEN", TOKEN),
            ("BIVOUAC_APPS_TOKEN", TOKEN),
            ("BIVOUAC_APPS_REPOSITORY", &self.apps.name),
        ])
    }

    fn of_a_script(&self) -> BTreeMap<String, String> {
        texts([
            ("APPS_URL", &format!("{}/{}.git", self.server, self.apps.name)),
            ("NUMBER", &self.number.to_string()),
            ("HEAD_COMMIT", &commit_of(self.number)),
            ("TEMPLATES", &self.templates.to_string_lossy()),
            ("ATTEMPTS", &ATTEMPTS.to_string()),
        ])
    }

    /// Who commits, and the token, which git sends with the first request as Bivouac does.
    fn configure_git(&self) -> Fallible<()> {
        let token = BASE64_STANDARD.encode(format!("x-access-token:{TOKEN}"));
        let text = format!(
            "[user]\n\tname = Preview\n\temail = preview@example.com\n[http]\n\textraHeader = Authorization: Basic {token}\n"
        );
        Ok(fs::write(self.home.join(".gitconfig"), text)?)
    }
}

fn texts<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}
