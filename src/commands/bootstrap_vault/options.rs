//! What the options and the environment ask for.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Arguments, Context, escrow};
use crate::domain::escrow::SinkAddress;
use crate::domain::names::Application;
use crate::domain::secrecy::{looks_secret, shown};
use crate::domain::vault::pgp::{InvalidPgpKey, PgpKey};
use crate::domain::vault::share::parse_shares;
use crate::domain::vault::wanted::{File, Shortcuts, Wanted};
use crate::env;
use crate::error::Error;
use crate::secret::Secret;
use crate::usecases::vault::Request;

/// What is longer than this is taken for a key, and not for the path of one.
const LONGEST_PATH: usize = 200;

/// The request, and the certificates to trust.
pub(super) fn request(arguments: &Arguments, context: &Context) -> Result<(Request, Option<String>), Error> {
    let config = arguments.vault.config.as_deref();
    let folder = config.and_then(Path::parent).unwrap_or(Path::new("")).to_path_buf();
    let wanted = wanted(arguments, config, &folder, context)?;
    let certificates = certificates(&wanted, arguments, &folder, context)?;
    let pgp_keys = wanted.pgp_keys.iter().map(|key| pgp_key(key, &folder)).collect::<Result<Vec<_>, _>>()?;
    let shares = context.environment.secret_text(env::UNSEAL_SHARES, None)?;
    let words = shares.iter().flat_map(|text| text.expose().split_whitespace());
    words.filter_map(Secret::new).for_each(|word| context.runner.mask(&word));
    let shares = parse_shares(shares.as_ref().map(Secret::expose).unwrap_or_default()).map_err(|why| Error::Usage {
        message: format!("`{}`: {why}", env::UNSEAL_SHARES),
        hint: "give shares as the server printed them, one a line",
    })?;
    let token = match context.environment.secret(env::VAULT_TOKEN_OWN, None)? {
        Some(token) => Some(token),
        None => context.environment.secret(env::VAULT_TOKEN, None)?,
    };
    shares.iter().chain(&token).for_each(|secret| context.runner.mask(secret));
    let permissions = &arguments.permissions;
    let request = Request {
        mode: arguments.mode(),
        run: escrow::new_run(),
        run_url: context.run_url(),
        now: context.now,
        patience: arguments.patience,
        pgp_keys,
        token,
        shares,
        rotates: permissions.rotate_secret_id,
        mints_reader: permissions.mint_reader_secret_id,
        mints_applications: known_applications(&permissions.mint_application_secret_id, &wanted)?,
        upgrades_kv: permissions.allow_kv_upgrade,
        given_up: permissions.acknowledge_new_cluster.clone(),
        acknowledged: permissions.acknowledge_address.clone(),
        wanted,
    };
    Ok((request, certificates))
}

fn wanted(arguments: &Arguments, config: Option<&Path>, folder: &Path, context: &Context) -> Result<Wanted, Error> {
    let text = config.map(read).transpose()?;
    let name = config.map(|path| path.display().to_string()).unwrap_or_default();
    let file = text.as_deref().map(|text| File { name: &name, text });
    let read_policy = |path: &str| fs::read_to_string(folder.join(path)).map_err(|why| why.to_string());
    Ok(Wanted::new(file, &shortcuts(arguments, context, text.is_some())?, read_policy)?)
}

/// The applications that a secret-id is asked for, each of which the desired state has to know.
fn known_applications(asked: &[Application], wanted: &Wanted) -> Result<Vec<Application>, Error> {
    let is_known = |name: &Application| wanted.applications.iter().any(|application| application.name == *name);
    match asked.iter().find(|name| !is_known(name)) {
        None => Ok(asked.to_vec()),
        Some(unknown) => Err(Error::Usage {
            message: format!("`--mint-application-secret-id`: there is no application `{unknown}`"),
            hint: "name it below `applications` in the file that `--config` names",
        }),
    }
}

fn shortcuts(arguments: &Arguments, context: &Context, has_file: bool) -> Result<Shortcuts, Error> {
    let Arguments { vault, keys, settings, .. } = arguments;
    // Where there is one line only, as in the form that starts a workflow, several stand in it, apart by blanks.
    let words = vault.vault_address.iter().flat_map(|text| text.split_whitespace());
    let mut vault_addresses: Vec<_> = words.map(str::to_owned).collect();
    // The file's addresses come before the variable that other programs share.
    if vault_addresses.is_empty() && !has_file {
        vault_addresses.extend(context.environment.get(env::VAULT_ADDR).map(|address| address.trim().to_owned()));
    }
    Ok(Shortcuts {
        vault_addresses,
        environment: vault.environment.clone(),
        ca_certificate: vault.ca_certificate.clone(),
        escrows: keys.escrow.clone(),
        recipients: keys.recipient.clone(),
        pgp_keys: keys.pgp_key.clone(),
        key_shares: keys.key_shares,
        key_threshold: keys.key_threshold,
        single_share: keys.single_share,
        kv_mount: settings.kv_mount.clone(),
        approle_name: settings.approle_name.clone(),
        approle_policy_name: settings.approle_policy_name.clone(),
        approle_policy: settings.approle_policy.as_deref().map(read).transpose()?,
        token_ttl: settings.token_ttl.clone(),
        token_max_ttl: settings.token_max_ttl.clone(),
        secret_id_ttl: settings.secret_id_ttl.clone(),
        github_repository_id: settings.github_repository_id.clone(),
        job_workflow_ref: settings.job_workflow_ref.clone(),
    })
}

/// The places of the escrow.
pub(super) fn sinks(wanted: &Wanted) -> Result<Vec<SinkAddress>, Error> {
    let parsed = wanted.escrows.iter().map(|text| text.parse::<SinkAddress>());
    parsed.collect::<Result<_, _>>().map_err(|why| Error::Usage {
        message: why.to_string(),
        hint: "write it as `file:PATH` for a file on this machine, or `git:PATH` for one in the apps repository",
    })
}

/// Refuses an escrow that is gone with the runner: keys in it would be lost.
pub(super) fn is_lasting(sinks: &[SinkAddress], context: &Context) -> Result<(), Error> {
    let is_thrown_away = context.environment.get(env::RUNNER_ENVIRONMENT) == Some("github-hosted");
    let is_on_runner = !sinks.is_empty() && sinks.iter().all(|sink| matches!(sink, SinkAddress::File(_)));
    if is_thrown_away && is_on_runner {
        let message = "the escrow is only in files of a runner that GitHub throws away after the job".to_owned();
        return Err(Error::Usage { message, hint: "give `--escrow git:PATH` too, in the apps repository" });
    }
    Ok(())
}

/// The certificates, as PEM: out of the text itself, Base64 of it, or a file.
fn certificates(
    wanted: &Wanted,
    arguments: &Arguments,
    folder: &Path,
    context: &Context,
) -> Result<Option<String>, Error> {
    let Some(text) = &wanted.ca_certificate else {
        return context.environment.get(env::VAULT_CACERT).map(|path| read(Path::new(path.trim()))).transpose();
    };
    // A path in the file is meant from the file; one on the command line from where one stands.
    let is_option = arguments.vault.ca_certificate.is_some();
    pem(text, if is_option { Path::new("") } else { folder }).map(Some)
}

/// Certificates as PEM: out of the text itself, Base64 of it, or a file, from `folder`.
pub(in crate::commands) fn pem(text: &str, folder: &Path) -> Result<String, Error> {
    if text.contains("-----BEGIN") {
        return Ok(in_lines(text));
    }
    let packed: String = text.split_whitespace().collect();
    let unpacked = STANDARD.decode(packed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match unpacked.filter(|pem| pem.contains("-----BEGIN")) {
        Some(pem) => Ok(pem),
        None => read(&folder.join(text.trim())),
    }
}

/// PEM with the ends of its lines, which a variable's text has lost.
fn in_lines(pem: &str) -> String {
    let mut text = String::new();
    for (index, part) in pem.split("-----").enumerate() {
        if index % 2 == 1 {
            let _ = writeln!(text, "-----{part}-----");
        } else {
            text.extend(part.split_whitespace().map(|line| format!("{line}\n")));
        }
    }
    text
}

fn pgp_key(given: &str, folder: &Path) -> Result<PgpKey, Error> {
    let invalid = |message: String| Error::Usage { message, hint: "give a file with a public key, or base64 of one" };
    match PgpKey::parse(given) {
        Ok(key) => return Ok(key),
        Err(InvalidPgpKey::NotAKey) if is_path(given) => {}
        // What is no path is a key, which may be a private one: it is not quoted.
        Err(_) if looks_secret(given) => return Err(invalid(format!("`--pgp-key`: {}", InvalidPgpKey::Private))),
        Err(why) => return Err(invalid(format!("`--pgp-key`: {why}"))),
    }
    let path = folder.join(given.trim());
    let path = if path.exists() { path } else { PathBuf::from(given.trim()) };
    let bytes =
        fs::read(&path).map_err(|why| Error::local(format!("the key `{}` can not be read", shown(given)), why))?;
    let text = String::from_utf8(bytes).unwrap_or_else(|error| STANDARD.encode(error.as_bytes()));
    PgpKey::parse(&text).map_err(|why| invalid(format!("`{}`: {why}", shown(given))))
}

/// Whether a text may be the path of a file.
fn is_path(text: &str) -> bool {
    text.len() <= LONGEST_PATH && !text.contains(char::is_control) && !looks_secret(text)
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|why| Error::local(format!("the file `{}` can not be read", path.display()), why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_that_came_in_one_line_have_lines_again() {
        let pem = "-----BEGIN CERTIFICATE-----\nQUJD\nREVG\n-----END CERTIFICATE-----\n";
        assert_eq!(in_lines(pem), pem);
        assert_eq!(in_lines(&pem.replace('\n', " ").repeat(2)), pem.repeat(2));
    }

    #[test]
    fn a_private_key_of_a_person_is_never_quoted() {
        let packed = STANDARD.encode([&[0x95, 0, 200, 4][..], &[7; 200]].concat());
        let cut = &packed[..packed.len() - 80];
        let armoured = format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{packed}\n");
        for private in [&packed, cut, &armoured] {
            let said = format!("{:?}", pgp_key(private, Path::new("")).unwrap_err());
            assert!(said.contains("private OpenPGP key") && !said.contains(&packed[8..20]), "{said}");
        }
        let said = format!("{:?}", pgp_key(&"x".repeat(201), Path::new("")).unwrap_err());
        assert!(!said.contains("xxxxx"), "{said}");
        let said = format!("{:?}", pgp_key("keys/alice.asc", Path::new("")).unwrap_err());
        assert!(said.contains("keys/alice.asc"), "{said}");
    }
}
