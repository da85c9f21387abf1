//! The environment, read once, and the names of everything that is looked for in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::domain::guard::{is_secret_variable, password_of_address};
use crate::error::Error;
use crate::secret::Secret;

/// May push to the apps repository.
pub const APPS_TOKEN: &str = "BIVOUAC_APPS_TOKEN";
/// Reads pull requests and writes comments; before [`GITHUB_TOKEN`].
pub const BIVOUAC_GITHUB_TOKEN: &str = "BIVOUAC_GITHUB_TOKEN";
/// The token of the workflow.
pub const GITHUB_TOKEN: &str = "GITHUB_TOKEN";
/// Puts secrets into environments; before [`BIVOUAC_GITHUB_TOKEN`].
pub const ENVIRONMENT_TOKEN: &str = "BIVOUAC_ENVIRONMENT_TOKEN";
/// The private key for SSH, or the file that holds it.
pub const SSH_KEY: &str = "BIVOUAC_SSH_KEY";
/// The host keys that SSH trusts, or the file that holds them.
pub const SSH_KNOWN_HOSTS: &str = "BIVOUAC_SSH_KNOWN_HOSTS";
/// The private keys that open the escrow: texts of several lines.
pub const AGE_IDENTITY: &str = "BIVOUAC_AGE_IDENTITY";
/// Shares that people give by hand.
pub const UNSEAL_SHARES: &str = "BIVOUAC_UNSEAL_SHARES";
/// A token for the Vault, for Bivouac alone; before [`VAULT_TOKEN`].
pub const VAULT_TOKEN_OWN: &str = "BIVOUAC_VAULT_TOKEN";
/// The password of the `AppRole` that previews' secrets are put by.
pub const VAULT_SECRET_ID: &str = "BIVOUAC_VAULT_SECRET_ID";
/// The token that the Vault's own program uses.
pub const VAULT_TOKEN: &str = "VAULT_TOKEN";
/// Who logs in to the registries of the images.
pub const REGISTRY_USERNAME: &str = "BIVOUAC_REGISTRY_USERNAME";
/// The password or token that goes with it; before docker's configuration.
pub const REGISTRY_TOKEN: &str = "BIVOUAC_REGISTRY_TOKEN";
/// The addresses of those who are told of previews: lines `NAME=https://…`.
pub const NOTIFY_ADDRESSES: &str = "BIVOUAC_NOTIFY_ADDRESSES";
/// The secrets that events for them are signed with: lines `NAME=whsec_…`.
pub const NOTIFY_SECRETS: &str = "BIVOUAC_NOTIFY_SECRETS";
/// The folder of docker's configuration.
pub const DOCKER_CONFIG: &str = "DOCKER_CONFIG";
/// The user's folder, in which docker's configuration is unless [`DOCKER_CONFIG`] says otherwise.
pub const HOME: &str = "HOME";
/// The locale, before [`LC_CTYPE`] and [`LANG`].
pub const LC_ALL: &str = "LC_ALL";
/// The locale of characters.
pub const LC_CTYPE: &str = "LC_CTYPE";
/// The locale, where nothing else says it.
pub const LANG: &str = "LANG";
/// Where programs are looked for.
pub const PATH: &str = "PATH";
/// `true` inside a workflow run.
pub const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
/// Which event started the run.
pub const GITHUB_EVENT_NAME: &str = "GITHUB_EVENT_NAME";
/// The file that holds the event.
pub const GITHUB_EVENT_PATH: &str = "GITHUB_EVENT_PATH";
/// The repository of the run, `owner/name`.
pub const GITHUB_REPOSITORY: &str = "GITHUB_REPOSITORY";
/// The number of the run.
pub const GITHUB_RUN_ID: &str = "GITHUB_RUN_ID";
/// Where GitHub is, for browsers and Git.
pub const GITHUB_SERVER_URL: &str = "GITHUB_SERVER_URL";
/// Where its REST interface is.
pub const GITHUB_API_URL: &str = "GITHUB_API_URL";
/// Where its GraphQL interface is.
pub const GITHUB_GRAPHQL_URL: &str = "GITHUB_GRAPHQL_URL";
/// Who made the run.
pub const GITHUB_ACTOR: &str = "GITHUB_ACTOR";
/// Where a job asks for a token of GitHub's OIDC provider.
pub const ACTIONS_ID_TOKEN_REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// What it asks with.
pub const ACTIONS_ID_TOKEN_REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/// Where the Vault is, for all programs that speak to one.
pub const VAULT_ADDR: &str = "VAULT_ADDR";
/// The file with the certificates to trust, likewise.
pub const VAULT_CACERT: &str = "VAULT_CACERT";
/// The namespace of a Vault that all programs speak to.
pub const VAULT_NAMESPACE: &str = "VAULT_NAMESPACE";
/// The file that takes the outputs of a step.
pub const GITHUB_OUTPUT: &str = "GITHUB_OUTPUT";
/// The file that takes the summary of a step.
pub const GITHUB_STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";
/// The folder for the temporary files of a job.
pub const RUNNER_TEMP: &str = "RUNNER_TEMP";
/// `github-hosted` on a runner that is thrown away after the job.
pub const RUNNER_ENVIRONMENT: &str = "RUNNER_ENVIRONMENT";
/// `1` when a run was started with debug logging.
pub const RUNNER_DEBUG: &str = "RUNNER_DEBUG";

/// How the names of Bivouac's own variables begin.
const OWN: &str = "BIVOUAC_";
/// Variables of others that Bivouac reads as secrets, or that hold no secret whatever they are called.
const NAMES: [&str; 4] = [GITHUB_TOKEN, VAULT_TOKEN, ACTIONS_ID_TOKEN_REQUEST_TOKEN, ACTIONS_ID_TOKEN_REQUEST_URL];
/// All that is a secret by its name, as the names above say.
const OWN_SECRETS: [&str; 14] = [
    ACTIONS_ID_TOKEN_REQUEST_TOKEN,
    APPS_TOKEN,
    BIVOUAC_GITHUB_TOKEN,
    ENVIRONMENT_TOKEN,
    GITHUB_TOKEN,
    NOTIFY_ADDRESSES,
    NOTIFY_SECRETS,
    REGISTRY_TOKEN,
    SSH_KEY,
    AGE_IDENTITY,
    UNSEAL_SHARES,
    VAULT_SECRET_ID,
    VAULT_TOKEN_OWN,
    VAULT_TOKEN,
];

/// What programs that are started do not get: the secrets, which a hook or a proxy command could read, and what would make
/// `git` work on another repository or speak another protocol.
const KEPT_FROM_PROGRAMS: [&str; 22] = [
    ACTIONS_ID_TOKEN_REQUEST_TOKEN,
    APPS_TOKEN,
    BIVOUAC_GITHUB_TOKEN,
    ENVIRONMENT_TOKEN,
    GITHUB_TOKEN,
    NOTIFY_ADDRESSES,
    NOTIFY_SECRETS,
    REGISTRY_TOKEN,
    SSH_KEY,
    SSH_KNOWN_HOSTS,
    AGE_IDENTITY,
    UNSEAL_SHARES,
    VAULT_SECRET_ID,
    VAULT_TOKEN_OWN,
    VAULT_TOKEN,
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PROTOCOL",
    "GIT_QUARANTINE_PATH",
    "GIT_WORK_TREE",
];

/// Keeps from a program that is about to be started what it is not to get.
pub fn keep_from(command: &mut Command) {
    for name in KEPT_FROM_PROGRAMS {
        command.env_remove(name);
    }
}

/// Further variables that renderers do not get: tokens of others, and files by which later steps are told something.
const KEPT_FROM_RENDERERS: [&str; 8] = [
    "GH_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_RESULTS_URL",
    "GITHUB_ENV",
    "GITHUB_PATH",
    GITHUB_OUTPUT,
    "GITHUB_STATE",
    GITHUB_STEP_SUMMARY,
];

/// Keeps from a program that renders manifests what it is not to get.
pub fn keep_from_renderer(command: &mut Command) {
    keep_from(command);
    for name in KEPT_FROM_RENDERERS {
        command.env_remove(name);
    }
}

/// The environment at the start of the program. A blank variable is an absent one: an action sets `''` for an input that
/// nobody gave.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// Takes the variables; ones that are not text are left out.
    pub fn new(variables: impl Iterator<Item = (String, String)>) -> Self {
        Self { variables: variables.filter(|(_, value)| !value.trim().is_empty()).collect() }
    }

    /// The value of a variable that is there and not blank.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The values of Bivouac's own secrets, also of those that this run does not read.
    pub fn own_secrets(&self) -> impl Iterator<Item = Secret> {
        let own = OWN_SECRETS.iter().filter_map(|name| self.get(name));
        own.filter(|value| !value.starts_with(['/', '~', '.'])).filter_map(Secret::new)
    }

    /// The variables whose names tell of secrets, whoever they are for, and the passwords in addresses, with their names.
    pub fn secret_variables(&self) -> impl Iterator<Item = (&str, Secret)> {
        let others =
            self.variables.iter().filter(|(name, _)| !name.starts_with(OWN) && !NAMES.contains(&name.as_str()));
        others.flat_map(|(name, value)| {
            let whole = is_secret_variable(name, value).then_some(value.as_str());
            let parts = whole.into_iter().chain(password_of_address(value));
            parts.filter_map(Secret::new).map(|secret| (name.as_str(), secret))
        })
    }

    /// Whether a variable says `true` or `1`.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| matches!(value.trim(), "true" | "1"))
    }

    /// A secret of one word: out of the file that was named, of the variable, or of the file that the variable with `_FILE` names.
    ///
    /// # Errors
    ///
    /// When a file that is named can not be read.
    pub fn secret(&self, name: &str, file: Option<&Path>) -> Result<Option<Secret>, Error> {
        if let Some(file) = file {
            return read_secret(file, name).map(Some);
        }
        if let Some(secret) = self.get(name).and_then(Secret::new) {
            return one_word(secret, name, name).map(Some);
        }
        self.get(&format!("{name}_FILE")).map(|file| read_secret(Path::new(file), name)).transpose()
    }

    /// A secret that may have lines, such as a private key: out of the file that was named, of the variable, or of the file that the
    /// variable with `_FILE` names.
    ///
    /// # Errors
    ///
    /// When a file that is named can not be read, or holds nothing.
    pub fn secret_text(&self, name: &str, file: Option<&Path>) -> Result<Option<Secret>, Error> {
        let read = |file: &Path| read_text(file, "put the secret into it, alone");
        if let Some(file) = file {
            return read(file).map(Some);
        }
        if let Some(secret) = self.get(name).and_then(Secret::new) {
            return Ok(Some(secret));
        }
        let file = self.get(&format!("{name}_FILE"));
        file.map(|file| read(Path::new(file.trim()))).transpose()
    }
}

fn read_secret(file: &Path, name: &str) -> Result<Secret, Error> {
    let hint =
        if name == VAULT_SECRET_ID { "put the secret-id into it, alone" } else { "put the token into it, alone" };
    one_word(read_text(file, hint)?, name, &file.display().to_string())
}

fn read_text(file: &Path, hint: &'static str) -> Result<Secret, Error> {
    let text = std::fs::read_to_string(file).map_err(|why| unreadable(file, &why))?;
    Secret::new(&text).ok_or_else(|| Error::Usage { message: format!("the file `{}` is empty", file.display()), hint })
}

/// A file that is named has to be there.
pub(crate) fn unreadable(file: &Path, why: &std::io::Error) -> Error {
    Error::Usage {
        message: format!("the file `{}` can not be read: {why}", file.display()),
        hint: "check its name, and that whoever runs this may read it",
    }
}

/// A token goes into a header: with anything but visible characters in it, it is none.
fn one_word(secret: Secret, name: &str, place: &str) -> Result<Secret, Error> {
    if secret.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(secret);
    }
    let (what, hint) = match name {
        VAULT_SECRET_ID => ("secret-id", "put one secret-id into it, alone"),
        _ => ("token", "put one token into it, alone"),
    };
    let message = format!("`{place}` holds something that is no {what}: there are blanks or line ends in it");
    Err(Error::Usage { message, hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_variable_is_an_absent_one() {
        let variables = [("A", ""), ("B", " \n"), ("C", "true"), ("D", "1"), ("E", "yes")];
        let environment =
            Environment::new(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        assert_eq!((environment.get("A"), environment.get("B"), environment.get("C")), (None, None, Some("true")));
        assert!(environment.is_true("C") && environment.is_true("D") && !environment.is_true("E"));
        assert_eq!(environment.secret("A", None).unwrap(), None);
    }

    #[test]
    fn own_options_are_no_secrets_but_for_those_that_are() {
        let variables = [
            ("BIVOUAC_VAULT_SECRET_MOUNT", "secret-kv-v2-x9k2"),
            ("BIVOUAC_SECRETS_ENVIRONMENT", "previews-k8s-x9k2"),
            ("BIVOUAC_SSH_KEY", "/home/q9Zrkk31"),
            ("BIVOUAC_APPS_TOKEN", "apps-q9Zrkk31"),
            ("DATABASE_URL", "postgres://u:q9Zr-kk31@h/x"),
        ];
        let environment = Environment::new(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let own: Vec<_> = environment.own_secrets().map(|secret| secret.expose().to_owned()).collect();
        assert_eq!(own, ["apps-q9Zrkk31"]);
        let others: Vec<_> =
            environment.secret_variables().map(|(name, secret)| (name, secret.expose().to_owned())).collect();
        assert_eq!(others, [("DATABASE_URL", "q9Zr-kk31".to_owned())]);
    }

    #[test]
    fn a_program_that_is_started_gets_no_secret() {
        let mut command = Command::new("true");
        keep_from(&mut command);
        let secrets = [APPS_TOKEN, GITHUB_TOKEN, REGISTRY_TOKEN, SSH_KEY, AGE_IDENTITY, UNSEAL_SHARES, VAULT_TOKEN_OWN];
        for name in secrets.into_iter().chain([VAULT_SECRET_ID, VAULT_TOKEN, NOTIFY_ADDRESSES, NOTIFY_SECRETS]) {
            assert!(command.get_envs().any(|(kept, value)| kept == name && value.is_none()), "{name}");
        }
    }

    #[test]
    fn a_secret_with_lines_is_taken_whole_out_of_the_variable_or_its_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "# one\ntwo\n").unwrap();
        let path = file.path().to_string_lossy().into_owned();
        let variables = [("KEY", "three\nfour\n".to_owned()), ("OTHER_FILE", path), ("GONE_FILE", "/gone".to_owned())];
        let environment = Environment::new(variables.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let text = |name: &str| environment.secret_text(name, None).unwrap().map(|secret| secret.expose().to_owned());
        assert_eq!(text("KEY").as_deref(), Some("three\nfour"));
        assert_eq!(text("OTHER").as_deref(), Some("# one\ntwo"));
        assert_eq!(text("NONE"), None);
        assert!(environment.secret_text("GONE", None).is_err() && environment.secret("KEY", None).is_err());
    }
}
