//! From settings, each of which can be, to a desired state that can be as a whole.

use std::collections::BTreeSet;

use super::document::{
    AuditSetting, DeployerSettings, GitHubSettings, OperatorSettings, ReaderSettings, VaultSettings,
};
use super::names::WorkflowReference;
use super::source::Source;
use super::{
    GitHubLogin, IssuerKeys, KeyShares, Lifetime, Login, Wanted, WantedApplication, WantedError, WorkflowLogin,
    applications,
};
use crate::domain::vault::policy;

type Read<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// Proves the settings together.
pub(super) fn settle(settings: VaultSettings, source: &Source, read: Read<'_>) -> Result<Wanted, WantedError> {
    let key_shares = KeyShares::new(settings.key_shares, settings.key_threshold, settings.single_share)
        .map_err(|error| source.error(shares_key(&settings), error.to_string()))?;
    refuse_unreachable(&settings, source)?;
    refuse_lone_custody(&settings, key_shares, source)?;
    let first = settings.addresses.first().map(ToString::to_string).unwrap_or_default();
    let (prefix, mount) = (&settings.deployer.prefix, &settings.kv.mount);
    applications::below_mount(prefix, mount).map_err(|message| source.error("deployer.prefix", message))?;
    let applications = applications::settle(settings.applications, prefix, mount, source)?;
    let github = settle_github(settings.github, &applications, first, source)?;
    let wanted = Wanted {
        environment: settings.environment,
        addresses: settings.addresses,
        ca_certificate: settings.ca_certificate.filter(|text| !text.trim().is_empty()),
        escrows: settings.escrow,
        recipients: settings.recipients,
        pgp_keys: settings.pgp_keys,
        key_shares,
        kv_mount: settings.kv.mount,
        audit: match settings.audit {
            AuditSetting::Off(_) => None,
            AuditSetting::Device(device) => Some(device),
        },
        approle_mount: settings.approle.mount,
        prefix: settings.deployer.prefix.clone(),
        deployer: settle_deployer(settings.deployer, source, read)?,
        reader: settle_reader(settings.reader, source, read)?,
        operator: settle_operator(settings.operator),
        github,
        applications,
        policies: settings.policies,
    };
    refuse_contradictions(&wanted, source)?;
    Ok(wanted)
}

/// The key that is to blame when the key can not be split so.
fn shares_key(settings: &VaultSettings) -> &'static str {
    let default = VaultSettings::default();
    if settings.key_threshold == default.key_threshold { "key-shares" } else { "key-threshold" }
}

fn refuse_unreachable(settings: &VaultSettings, source: &Source) -> Result<(), WantedError> {
    if settings.addresses.is_empty() {
        let message =
            "no node of the Vault is named: give `--vault-address`, or `addresses` in the file, one for each node";
        return Err(source.error("addresses", message));
    }
    let different: BTreeSet<_> = settings.addresses.iter().collect();
    if different.len() < settings.addresses.len() {
        return Err(source.error("addresses", "one address stands there twice: name each node once"));
    }
    Ok(())
}

fn refuse_lone_custody(settings: &VaultSettings, shares: KeyShares, source: &Source) -> Result<(), WantedError> {
    // The comment behind an SSH key makes it no other key.
    let key = |text: &String| text.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let recipients: BTreeSet<_> = settings.recipients.iter().map(key).filter(|key| !key.is_empty()).collect();
    if !settings.escrow.is_empty() && recipients.len() < 2 {
        let message = "an escrow needs at least two different recipients: with one, the keys are lost with its owner's";
        return Err(source.error("recipients", message));
    }
    let people: BTreeSet<_> = settings.pgp_keys.iter().map(|text| text.trim()).collect();
    if people.len() < settings.pgp_keys.len() {
        return Err(source.error("pgp-keys", "one PGP key stands there twice: each share goes to somebody else"));
    }
    if !people.is_empty() && people.len() != usize::from(shares.shares()) {
        let message = format!("a PGP key for each share is needed: keys {}, shares {}", people.len(), shares.shares());
        return Err(source.error("pgp-keys", message));
    }
    Ok(())
}

fn settle_deployer(settings: DeployerSettings, source: &Source, read: Read<'_>) -> Result<Login, WantedError> {
    let policy = policy_text("deployer", settings.policy, settings.policy_file, source, read)?;
    Ok(Login {
        role: settings.name,
        policy_name: settings.policy_name,
        policy,
        token_ttl: settings.token_ttl,
        token_max_ttl: settings.token_max_ttl,
        secret_id_ttl: settings.secret_id_ttl,
    })
}

fn settle_reader(settings: ReaderSettings, source: &Source, read: Read<'_>) -> Result<Login, WantedError> {
    let policy = policy_text("reader", settings.policy, settings.policy_file, source, read)?;
    Ok(Login {
        role: settings.name,
        policy_name: settings.policy_name,
        policy,
        token_ttl: settings.token_ttl,
        token_max_ttl: settings.token_max_ttl,
        secret_id_ttl: Lifetime::NONE,
    })
}

fn settle_operator(settings: OperatorSettings) -> Login {
    Login {
        role: settings.name,
        policy_name: settings.policy_name,
        policy: None,
        token_ttl: settings.token_ttl,
        token_max_ttl: settings.token_max_ttl,
        secret_id_ttl: Lifetime::NONE,
    }
}

/// The text of a policy: written out, or in a file of its own.
fn policy_text(
    whose: &str,
    text: Option<String>,
    file: Option<String>,
    source: &Source,
    read: Read<'_>,
) -> Result<Option<String>, WantedError> {
    let key = format!("{whose}.{}", if file.is_some() { "policy-file" } else { "policy" });
    let text = match (text, file) {
        (Some(_), Some(_)) => {
            return Err(source.error(&key, "`policy` and `policy-file` stand side by side: keep one of them"));
        }
        (text, None) => text,
        (None, Some(path)) => Some(read(&path).map_err(|why| {
            source.error(&key, format!("the policy in `{}` can not be read: {why}", path.escape_debug()))
        })?),
    };
    if let Some(text) = &text {
        policy::check(text).map_err(|error| source.error(&key, error.to_string()))?;
    }
    Ok(text)
}

/// An application that logs in by GitHub asks for the login, also when nothing else is said of it.
fn settle_github(
    settings: Option<GitHubSettings>,
    applications: &[WantedApplication],
    first: String,
    source: &Source,
) -> Result<Option<GitHubLogin>, WantedError> {
    let has_applications = applications.iter().any(|application| application.github.is_some());
    let settings = match settings {
        Some(settings) => settings,
        None if has_applications => GitHubSettings::default(),
        None => return Ok(None),
    };
    let (deployer, operator) = settle_workflows(&settings, has_applications, source)?;
    let keys = match (settings.jwks_url, settings.jwt_validation_pubkeys) {
        (None, keys) if keys.is_empty() => IssuerKeys::Discovery,
        (None, keys) => IssuerKeys::Pem(keys),
        (Some(address), keys) if keys.is_empty() => IssuerKeys::Jwks(address),
        _ => {
            let message = "`jwks-url` and `jwt-validation-pubkeys` stand side by side: keep one of them";
            return Err(source.error("github.jwks-url", message));
        }
    };
    Ok(Some(GitHubLogin {
        mount: settings.mount,
        audience: settings.audience.filter(|text| !text.trim().is_empty()).unwrap_or(first),
        issuer: settings.issuer,
        keys,
        role: settings.role,
        deployer,
        operator,
    }))
}

/// Who logs in as the deployer and as the operator. Without applications that log in, the deployer does.
fn settle_workflows(
    settings: &GitHubSettings,
    has_applications: bool,
    source: &Source,
) -> Result<(Option<WorkflowLogin>, Option<WorkflowLogin>), WantedError> {
    let missing = |key: &str, option: &str| {
        let message = format!("the login by GitHub needs `{key}`: give it in the file, or `--{option}`");
        source.error("github", message)
    };
    let (deployer, operator) = (settings.job_workflow_ref.as_ref(), settings.operator_workflow_ref.as_ref());
    let Some(repository_id) = settings.repository_id else {
        return match (has_applications, deployer, operator) {
            (true, None, None) => Ok((None, None)),
            _ => Err(missing("repository-id", "github-repository-id")),
        };
    };
    if deployer.is_none() && (operator.is_none() || !has_applications) {
        return Err(missing("job-workflow-ref", "job-workflow-ref"));
    }
    let login = |workflow: &WorkflowReference| WorkflowLogin { repository_id, workflows: vec![workflow.clone()] };
    Ok((deployer.map(login), operator.map(login)))
}

fn refuse_contradictions(wanted: &Wanted, source: &Source) -> Result<(), WantedError> {
    let logins = named_logins(wanted);
    for (index, (key, whose, login)) in logins.iter().enumerate() {
        if !login.token_max_ttl.is_none() && login.token_ttl > login.token_max_ttl {
            let message = format!(
                "a token that lives {} can not end after {} at most: lower `token-ttl`, or raise `token-max-ttl`",
                login.token_ttl, login.token_max_ttl
            );
            return Err(source.error(&format!("{key}.token-ttl"), message));
        }
        for (_, other, earlier) in &logins[..index] {
            if earlier.role == login.role {
                let message = format!("`{}` is {other}'s name already: give each its own", login.role);
                return Err(source.error(&format!("{key}.name"), message));
            }
            if earlier.policy_name == login.policy_name {
                let message = format!("`{}` is {other}'s policy already: give each its own", login.policy_name);
                return Err(source.error(&format!("{key}.policy-name"), message));
            }
        }
        if wanted.policies.contains_key(&login.policy_name) {
            let message = format!("`{}` is {whose}'s policy: write it there, or rename this one", login.policy_name);
            return Err(source.error("policies", message));
        }
    }
    for (name, text) in &wanted.policies {
        policy::check(text).map_err(|error| source.error(&format!("policies.{name}"), error.to_string()))?;
    }
    applications::refuse_neighbours(wanted, source)?;
    refuse_shared_mounts(wanted, source)
}

/// Everybody who logs in: the key, what messages call them, and the login.
fn named_logins(wanted: &Wanted) -> Vec<(String, String, &Login)> {
    let people = [("deployer", &wanted.deployer), ("reader", &wanted.reader), ("operator", &wanted.operator)];
    let people = people.map(|(name, login)| (name.to_owned(), format!("the {name}"), login));
    let applications = wanted.applications.iter().map(|application| {
        let WantedApplication { name, login, .. } = application;
        (format!("applications.{name}"), format!("the application `{name}`"), login)
    });
    people.into_iter().chain(applications).collect()
}

fn refuse_shared_mounts(wanted: &Wanted, source: &Source) -> Result<(), WantedError> {
    let Some(github) = &wanted.github else { return Ok(()) };
    if github.mount == wanted.approle_mount {
        let message = format!("`{}` is where AppRole is mounted: give each its own path", github.mount);
        return Err(source.error("github.mount", message));
    }
    if let Some(other) = wanted.applications.iter().find(|application| application.login.role == github.role) {
        let message = format!("`{}` is the role of `{}`: give the deployer's role its own", github.role, other.name);
        return Err(source.error("github.role", message));
    }
    let Some(operator) = &github.operator else { return Ok(()) };
    if github.role == wanted.operator.role {
        let message = format!("`{}` is the operator's name: give the deployer's role its own", github.role);
        return Err(source.error("github.role", message));
    }
    if github.deployer.as_ref().is_some_and(|deployer| deployer.workflows == operator.workflows) {
        let message = "one workflow would log in as the deployer and as the operator: give each its own";
        return Err(source.error("github.operator-workflow-ref", message));
    }
    Ok(())
}
