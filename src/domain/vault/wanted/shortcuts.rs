//! What the command line says of the desired state. This is the one place where it replaces what a file says.

use std::str::FromStr;

use super::document::{GitHubSettings, VaultSettings};
use super::source::Source;
use super::{Shortcuts, WantedError};
use crate::domain::secrecy::looks_secret;

impl Shortcuts {
    /// Replaces each value that was given. A blank one counts as not given, as with every variable of an action.
    pub(super) fn replace(&self, settings: &mut VaultSettings, source: &mut Source) -> Result<(), WantedError> {
        let given = &mut Given { source };
        given.list(("addresses", "vault-address"), &self.vault_addresses, &mut settings.addresses)?;
        given.optional(("environment", "environment"), self.environment.as_ref(), &mut settings.environment)?;
        given.optional(
            ("ca-certificate", "ca-certificate"),
            self.ca_certificate.as_ref(),
            &mut settings.ca_certificate,
        )?;
        given.list(("escrow", "escrow"), &self.escrows, &mut settings.escrow)?;
        given.list(("recipients", "recipient"), &self.recipients, &mut settings.recipients)?;
        given.list(("pgp-keys", "pgp-key"), &self.pgp_keys, &mut settings.pgp_keys)?;
        given.number(("key-shares", "key-shares"), self.key_shares, &mut settings.key_shares);
        given.number(("key-threshold", "key-threshold"), self.key_threshold, &mut settings.key_threshold);
        settings.single_share |= self.single_share;
        given.one(("kv.mount", "kv-mount"), self.kv_mount.as_ref(), &mut settings.kv.mount)?;
        self.replace_deployer(settings, given)?;
        self.replace_github(settings, given)
    }

    fn replace_deployer(&self, settings: &mut VaultSettings, given: &mut Given<'_>) -> Result<(), WantedError> {
        let deployer = &mut settings.deployer;
        given.one(("deployer.name", "approle-name"), self.approle_name.as_ref(), &mut deployer.name)?;
        let policy_name = self.approle_policy_name.as_ref();
        given.one(("deployer.policy-name", "approle-policy-name"), policy_name, &mut deployer.policy_name)?;
        given.one(("deployer.token-ttl", "token-ttl"), self.token_ttl.as_ref(), &mut deployer.token_ttl)?;
        given.one(
            ("deployer.token-max-ttl", "token-max-ttl"),
            self.token_max_ttl.as_ref(),
            &mut deployer.token_max_ttl,
        )?;
        given.one(
            ("deployer.secret-id-ttl", "secret-id-ttl"),
            self.secret_id_ttl.as_ref(),
            &mut deployer.secret_id_ttl,
        )?;
        if present(self.approle_policy.as_ref()).is_some() {
            deployer.policy_file = None;
        }
        given.optional(("deployer.policy", "approle-policy"), self.approle_policy.as_ref(), &mut deployer.policy)
    }

    /// A repository or a workflow on the command line asks for the login, also when the file does not.
    fn replace_github(&self, settings: &mut VaultSettings, given: &mut Given<'_>) -> Result<(), WantedError> {
        let (id, workflow) = (self.github_repository_id.as_ref(), self.job_workflow_ref.as_ref());
        if present(id).is_none() && present(workflow).is_none() {
            return Ok(());
        }
        let github = settings.github.get_or_insert_with(GitHubSettings::default);
        given.optional(("github.repository-id", "github-repository-id"), id, &mut github.repository_id)?;
        given.optional(("github.job-workflow-ref", "job-workflow-ref"), workflow, &mut github.job_workflow_ref)
    }
}

fn present(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// Parses what was given, and remembers which option gave it.
struct Given<'a> {
    source: &'a mut Source,
}

type Place = (&'static str, &'static str);

impl Given<'_> {
    fn one<T: FromStr<Err: ToString>>(
        &mut self,
        place: Place,
        text: Option<&String>,
        value: &mut T,
    ) -> Result<(), WantedError> {
        let Some(text) = present(text) else { return Ok(()) };
        self.source.replaced.push(place);
        *value = self.parse(place, text)?;
        Ok(())
    }

    fn optional<T: FromStr<Err: ToString>>(
        &mut self,
        place: Place,
        text: Option<&String>,
        value: &mut Option<T>,
    ) -> Result<(), WantedError> {
        let Some(text) = present(text) else { return Ok(()) };
        self.source.replaced.push(place);
        *value = Some(self.parse(place, text)?);
        Ok(())
    }

    fn list<T: FromStr<Err: ToString>>(
        &mut self,
        place: Place,
        texts: &[String],
        values: &mut Vec<T>,
    ) -> Result<(), WantedError> {
        let texts: Vec<_> = texts.iter().filter_map(|text| present(Some(text))).collect();
        if texts.is_empty() {
            return Ok(());
        }
        self.source.replaced.push(place);
        *values = texts.into_iter().map(|text| self.parse(place, text)).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn parse<T: FromStr<Err: ToString>>(&self, place: Place, text: &str) -> Result<T, WantedError> {
        if looks_secret(text) {
            return Err(self
                .source
                .error(place.0, "this looks like a private key or a token, which is never an argument"));
        }
        text.parse().map_err(|error: T::Err| self.source.error(place.0, error.to_string()))
    }

    fn number(&mut self, place: Place, number: Option<u32>, value: &mut u32) {
        if let Some(number) = number {
            self.source.replaced.push(place);
            *value = number;
        }
    }
}
