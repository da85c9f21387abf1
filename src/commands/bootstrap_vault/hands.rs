//! Where a bootstrap leaves what others need of it.

use std::io::Write as _;
use std::sync::Mutex;

use super::{Context, HandOverOptions};
use crate::domain::escrow::{Ledger, Record};
use crate::domain::names::{Application, SecretName};
use crate::effects::forge::GitHub;
use crate::effects::vault_files::{self, VaultFiles};
use crate::effects::{oidc, stop};
use crate::error::Error;
use crate::ports::EnvironmentSecrets as _;
use crate::ports::vault::{HandOver, Taker};
use crate::runner::Runner;
use crate::secret::Secret;

/// The deployer's role, as a secret of an environment on GitHub.
const ROLE_ID_SECRET: &str = "BIVOUAC_VAULT_ROLE_ID";
/// The deployer's secret-id, likewise.
const SECRET_ID_SECRET: &str = "BIVOUAC_VAULT_SECRET_ID";
/// The file with the deployer's secret-id.
const SECRET_ID_FILE: &str = "approle-secret-id";
/// The file with the External Secrets reader's.
const READER_FILE: &str = "reader-secret-id";

/// The files, the outputs and the environment on GitHub.
pub(super) struct Hands {
    runner: Runner,
    files: VaultFiles,
    environment: Option<(GitHub, String)>,
    oidc: Option<oidc::Provider>,
    makes_output: bool,
    left: Mutex<Left>,
}

/// What was left where.
#[derive(Debug, Clone, Default)]
pub(super) struct Left {
    pub(super) secret_id_file: Option<String>,
    /// Only when it was asked for.
    pub(super) secret_id: Option<Secret>,
    /// The file with the reader's secret-id.
    pub(super) reader: Option<String>,
    /// The files with the applications'.
    pub(super) applications: Vec<(Application, String)>,
}

impl Hands {
    pub(super) fn new(options: &HandOverOptions, allow_http: bool, context: &Context) -> Result<Self, Error> {
        let environment = match &options.secrets_environment {
            Some(name) => {
                let repository = context.repository(options.repository.as_ref())?;
                Some((context.environment_secrets(&repository, allow_http)?, name.clone()))
            }
            None => None,
        };
        Ok(Self {
            runner: context.runner.clone(),
            files: VaultFiles::new(&context.environment),
            environment,
            oidc: oidc::Provider::new(&context.environment, || context.http_client())?,
            makes_output: options.output_secret_id,
            left: Mutex::default(),
        })
    }

    /// What was left so far.
    pub(super) fn left(&self) -> Left {
        self.left.lock().map(|left| left.clone()).unwrap_or_default()
    }

    fn leave(&self, change: impl FnOnce(&mut Left)) {
        if let Ok(mut left) = self.left.lock() {
            change(&mut left);
        }
    }

    fn write(&self, name: &str, secret: &Secret) -> Result<String, Box<Error>> {
        let path = self.files.write(name, secret).map_err(Box::new)?;
        Ok(path.display().to_string())
    }
}

impl HandOver for Hands {
    fn hold(&self) {
        stop::hold();
    }

    fn release(&self) {
        stop::release();
    }

    fn is_ready(&self) -> Result<(), Box<Error>> {
        self.files.try_out().map_err(Box::new)
    }

    fn mask(&self, secret: &Secret) {
        self.runner.mask(secret);
    }

    async fn deliver(&self, role_id: &str, secret_id: &Secret) -> Result<Vec<String>, Box<Error>> {
        let path = self.write(SECRET_ID_FILE, secret_id)?;
        let mut places = vec![format!("`{path}`")];
        if let (Some((forge, environment)), Some(role_id)) = (&self.environment, Secret::new(role_id)) {
            for (name, value) in [(ROLE_ID_SECRET, &role_id), (SECRET_ID_SECRET, secret_id)] {
                let name = name
                    .parse::<SecretName>()
                    .map_err(|why| Box::new(Error::local("a secret has no good name", why)))?;
                forge.put(environment, &name, value).await.map_err(|why| Box::new(Error::from(why)))?;
            }
            places.push(format!("the secrets of the environment `{environment}`"));
        }
        self.leave(|left| {
            left.secret_id_file = Some(path);
            left.secret_id = self.makes_output.then(|| secret_id.clone());
        });
        Ok(places)
    }

    fn deliver_apart(&self, taker: &Taker, secret_id: &Secret) -> Result<String, Box<Error>> {
        let name = match taker {
            Taker::Reader => READER_FILE.to_owned(),
            Taker::Application(application) => format!("application-{application}-secret-id"),
        };
        let secret_id_file = self.write(&name, secret_id)?;
        let place = format!("`{secret_id_file}`");
        self.leave(|left| match taker {
            Taker::Reader => left.reader = Some(secret_id_file),
            Taker::Application(application) => left.applications.push((application.clone(), secret_id_file)),
        });
        Ok(place)
    }

    fn set_aside(&self, record: &Record) -> Result<(), Box<Error>> {
        match Secret::new(&line(record)) {
            // Never over another's, which may be the only copy of the keys of another Vault.
            Some(text) => self.files.write_new(&aside_name(record), &text).map(|_| ()).map_err(Box::new),
            None => Ok(()),
        }
    }

    fn aside(&self) -> Vec<Record> {
        let names = self.files.names().into_iter().filter(|name| name.starts_with(vault_files::ESCROW));
        names.filter_map(|name| serde_json::from_str(self.files.read(&name)?.trim()).ok()).collect()
    }

    fn forget_aside(&self, record: &Record) {
        if let Err(why) = self.files.remove(&aside_name(record)) {
            tracing::debug!("what was set aside is still there: {why}");
        }
    }

    fn show(&self, escrow: &Ledger) {
        let text = escrow.to_text();
        let text = text.trim_end();
        let _ = writeln!(anstream::stderr(), "The escrow, encrypted, which only its recipients can open:\n{text}");
        let summary = format!(
            "### The keys of the Vault are here only\n\nNo escrow took them. Copy these lines into a file, whole:\n\n```json\n{text}\n```\n"
        );
        if let Err(why) = self.runner.summarize(&summary) {
            tracing::warn!("the summary can not be written: {why}");
        }
    }

    async fn oidc_token(&self, audience: &str) -> Result<Option<Secret>, Box<Error>> {
        match &self.oidc {
            Some(provider) => provider.token(audience).await.map(Some).map_err(Box::new),
            None => Ok(None),
        }
    }
}

/// A record as it stands in an escrow: one line.
fn line(record: &Record) -> String {
    Ledger::default().with(record.clone()).to_text().trim_end().to_owned()
}

/// The file for a record that no escrow has taken yet: each run has its own.
fn aside_name(record: &Record) -> String {
    let plain = |byte: char| if byte.is_ascii_alphanumeric() { byte } else { '-' };
    let environment = record.environment.as_deref().unwrap_or("vault").chars().take(100).map(plain);
    format!("{}{}-{}.jsonl", vault_files::ESCROW, environment.collect::<String>(), record.run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::escrow::Phase;
    use crate::domain::escrow::tests::record;
    use crate::env::{self, Environment};

    #[test]
    fn what_one_run_sets_aside_is_neither_overwritten_nor_forgotten_by_another() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().display().to_string();
        let environment = Environment::new([(env::RUNNER_TEMP.to_owned(), path)].into_iter());
        let hands = Hands {
            runner: Runner::new(&environment),
            files: VaultFiles::new(&environment),
            environment: None,
            oidc: None,
            makes_output: false,
            left: Mutex::default(),
        };
        let named = |generation| Record { environment: Some("a/b".to_owned()), ..record(generation, Phase::Captured) };
        let (one, two) = (named(1), named(2));
        hands.set_aside(&one).unwrap();
        hands.set_aside(&two).unwrap();
        assert!(hands.set_aside(&Record { threshold: 1, ..one.clone() }).is_err());
        hands.files.write("approle-secret-id", &Secret::new("{}").unwrap()).unwrap();
        assert_eq!(hands.aside(), [one.clone(), two.clone()]);
        // Its generation may be another one by then.
        hands.forget_aside(&Record { generation: 9, ..two });
        assert_eq!(hands.aside(), [one]);
    }
}
