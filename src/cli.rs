//! The command line. What clap says here is the interface; the environment fills in what was not given.

mod values;

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{
    bootstrap_vault, command, completions, demo, deploy, diff, doctor, escrow, history, init, list, man, schema,
    secrets, sweep, teardown, validate, vault_cleanup, wait,
};
use crate::contract::ExitCode;
use crate::domain::secrecy::{looks_secret, shown};
use crate::env::Environment;
use crate::runner::plain;

/// How much is quoted of an argument that is none.
const QUOTED: usize = 16;
/// What is said in place of a message that would quote a secret.
const SECRET: &str = "an argument looks like a private key or a token, which is never one: replace it, since others on this machine have seen it";

/// A preview environment for every pull request, by GitOps.
///
/// Bivouac commits one overlay directory per pull request to a GitOps apps repository, which Flux reconciles, and takes
/// it away when the pull request closes. Every option is also an environment variable; a blank one counts as absent.
#[derive(Debug, Parser)]
#[command(name = "bivouac", version, arg_required_else_help = true, max_term_width = 110)]
pub struct Cli {
    /// How much to log.
    #[command(flatten)]
    pub verbosity: Verbosity,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How much to log.
#[derive(Debug, Args)]
pub struct Verbosity {
    /// Log more: once for debugging, twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Logging")]
    pub verbose: u8,
    /// Log errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Logging")]
    pub quiet: bool,
}

/// What there is to do.
#[derive(Debug, Subcommand)]
#[expect(
    missing_docs,
    reason = "clap would take a doc comment here for the help, which is beside each verb's arguments"
)]
pub enum Command {
    Deploy(deploy::Arguments),
    Teardown(teardown::Arguments),
    Wait(wait::Arguments),
    Command(command::Arguments),
    Sweep(sweep::Arguments),
    List(list::Arguments),
    History(history::Arguments),
    Validate(validate::Arguments),
    Diff(diff::Arguments),
    Doctor(doctor::Arguments),
    Init(init::Arguments),
    Demo(demo::Arguments),
    Schema(schema::Arguments),
    BootstrapVault(Box<bootstrap_vault::Arguments>),
    Escrow(escrow::Arguments),
    Secrets(Box<secrets::Arguments>),
    VaultCleanup(vault_cleanup::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// The command line as clap knows it, with the variable of every option in its help.
#[must_use]
pub fn command() -> clap::Command {
    let mut exit_codes = String::from("Exit codes:\n");
    for (code, meaning) in ExitCode::ALL {
        let _ = writeln!(exit_codes, "  {}  {}", code as u8, meaning.replace('`', ""));
    }
    let exit_codes = exit_codes.trim_end().to_owned();
    let command = Cli::command().after_help(exit_codes.clone());
    command.mut_subcommands(|subcommand| with_variables(subcommand, &exit_codes))
}

/// A subcommand, and those below it, with the variable of every option in its help.
fn with_variables(command: clap::Command, exit_codes: &str) -> clap::Command {
    let command = command.after_long_help(exit_codes.to_owned());
    let command = command.mut_subcommands(|subcommand| with_variables(subcommand, exit_codes));
    command.mut_args(|argument| match variable(&argument) {
        Some(variable) => {
            let help = argument.get_help().map(StyledStr::to_string).unwrap_or_default();
            argument.help(format!("{help} [env: {variable}]"))
        }
        None => argument,
    })
}

/// The variable of an option: `BIVOUAC_` and its long name, in the plural where it takes one value a line. Logging has none.
#[must_use]
pub fn variable(argument: &clap::Arg) -> Option<String> {
    let long = argument.get_long()?;
    let has_none = matches!(long, "help" | "version" | "verbose" | "quiet");
    let plural = match argument.get_action() {
        ArgAction::Append if long.ends_with('s') => "ES",
        ArgAction::Append => "S",
        _ => "",
    };
    (!has_none).then(|| format!("BIVOUAC_{}{plural}", long.replace('-', "_").to_ascii_uppercase()))
}

/// Reads the command line; an option that is not on it is taken from the environment.
///
/// # Errors
///
/// What clap says of it, help and version included.
pub fn parse(arguments: impl Iterator<Item = OsString>, environment: &Environment) -> Result<Cli, clap::Error> {
    let mut command = command();
    let mut arguments: Vec<OsString> = arguments.collect();
    let is_of_secrets = values::are_at_hand(&command, &arguments);
    // clap quotes what it refuses: a line of that must not be a workflow command.
    let is_broken = |text: &str| text != plain(text) && !is_certificate(text);
    if let Some(broken) = arguments.iter().map(|text| text.to_string_lossy()).find(|text| is_broken(text)) {
        let why = if is_of_secrets {
            values::BROKEN.to_owned()
        } else {
            format!("an argument has line ends or other control characters in it: {}", beginning(&broken))
        };
        return Err(command.error(ErrorKind::InvalidValue, why));
    }
    if let Some((position, subcommand)) = innermost(&command, &arguments) {
        let given: Vec<String> = arguments[position..].iter().map(|text| text.to_string_lossy().into_owned()).collect();
        let (there, missing): (Vec<_>, Vec<_>) =
            subcommand.get_arguments().partition(|argument| is_given(argument, &given));
        // What is on the command line has the say: a variable that excludes it counts as absent.
        let excluded: Vec<_> = there
            .iter()
            .flat_map(|argument| subcommand.get_arg_conflicts_with(argument))
            .map(clap::Arg::get_id)
            .collect();
        let missing = missing.into_iter().filter(|argument| !excluded.contains(&argument.get_id()));
        let mut from_environment = Vec::new();
        for argument in missing {
            let added = self::from_environment(argument, environment);
            from_environment.extend(added.map_err(|why| command.clone().error(ErrorKind::InvalidValue, why))?);
        }
        arguments.splice(position + 1..=position, from_environment);
    }
    let is_secret = arguments.iter().any(|text| looks_secret(value(&text.to_string_lossy())));
    let matches = command.try_get_matches_from_mut(arguments).map_err(|why| match why.kind() {
        // clap would quote it.
        _ if is_secret && why.use_stderr() => command.error(ErrorKind::InvalidValue, SECRET),
        _ if is_of_secrets => values::unquoted(why, &mut command),
        _ => why,
    })?;
    Cli::from_arg_matches(&matches)
}

/// The option that an argument names, or the little of it that tells which one it is.
fn beginning(text: &str) -> String {
    if let Some((option, _)) = text.split_once('=').filter(|(option, _)| option.starts_with("--")) {
        return format!("'{}'", shown(&plain(option)));
    }
    if looks_secret(text) {
        return "it looks like a private key, which is never one".to_owned();
    }
    let start: String = text.chars().take(QUOTED).collect();
    format!("'{}…'", plain(&start))
}

/// The value of an option that has it in the same argument; else the argument.
fn value(text: &str) -> &str {
    text.split_once('=').filter(|(option, _)| option.starts_with("--")).map_or(text, |(_, value)| value)
}

/// The subcommand that is asked for, with where it stands: `show` of `bivouac escrow show`. Nothing when its help is.
fn innermost<'a>(command: &'a clap::Command, arguments: &[OsString]) -> Option<(usize, &'a clap::Command)> {
    let mut found = None;
    let (mut command, mut start) = (command, 0);
    loop {
        let mut names = arguments[start..].iter().enumerate();
        let next = names.find_map(|(index, name)| Some((start + index, command.find_subcommand(name.to_str()?)?)));
        let Some((position, subcommand)) = next else { return found };
        if arguments[..position].iter().any(|argument| argument == "help") {
            return None;
        }
        found = Some((position, subcommand));
        (command, start) = (subcommand, position + 1);
    }
}

/// Whether a text is certificates in PEM, alone or as the value of an option: these have line ends.
fn is_certificate(text: &str) -> bool {
    let text = value(text);
    let is_fine = |character: char| {
        matches!(character, '\n' | '\r' | ' ' | '-') || character.is_ascii_alphanumeric() || "+/=".contains(character)
    };
    text.trim_start().starts_with("-----BEGIN CERTIFICATE-----") && text.chars().all(is_fine)
}

fn is_given(argument: &clap::Arg, given: &[String]) -> bool {
    let Some(long) = argument.get_long() else { return true };
    let long = format!("--{long}");
    given.iter().any(|text| *text == long || text.strip_prefix(&long).is_some_and(|rest| rest.starts_with('=')))
}

/// The option as it would stand on the command line; one a line for an option that may be repeated.
fn from_environment(argument: &clap::Arg, environment: &Environment) -> Result<Vec<OsString>, String> {
    let (Some(long), Some(name)) = (argument.get_long(), variable(argument)) else { return Ok(Vec::new()) };
    let Some(value) = environment.get(&name) else { return Ok(Vec::new()) };
    Ok(match argument.get_action() {
        ArgAction::SetTrue if matches!(value.trim(), "false" | "0") => Vec::new(),
        ArgAction::SetTrue if matches!(value.trim(), "true" | "1") => vec![format!("--{long}").into()],
        ArgAction::SetTrue => {
            let value = plain(value.trim());
            return Err(format!("invalid value '{value}' for '--{long}' (`{name}`): give `true` or `false`"));
        }
        ArgAction::Append => {
            let lines = value.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(|line| format!("--{long}={}", plain(line)).into()).collect()
        }
        // The secret itself in a variable comes before the file that a variable names: `Environment::secret` knows both.
        _ if long.ends_with("-token-file") || is_of_a_secret(long) => Vec::new(),
        // A key may stand in the variable itself; it is never an argument.
        _ if matches!(long, "ssh-key" | "ssh-known-hosts") && is_text(value) => Vec::new(),
        // clap quotes a value that it refuses: a line of it must not be a workflow command.
        _ => vec![format!("--{long}={}", plain(value.trim())).into()],
    })
}

/// Whether an option names a file with a secret that is no token: what is known of listeners, or of a login.
fn is_of_a_secret(long: &str) -> bool {
    matches!(long, "notify-addresses-file" | "notify-secrets-file" | "vault-secret-id-file")
}

/// Whether a variable that may name a file holds the text itself: a key, or lines of host keys, which have blanks.
#[must_use]
pub fn is_text(value: &str) -> bool {
    let is_host_key = [" ssh-", " ecdsa-", " sk-"].iter().any(|kind| value.contains(kind));
    value.contains("-----BEGIN") || value.trim().contains('\n') || is_host_key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Cli, clap::Error> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        parse(arguments.iter().map(OsString::from), &Environment::new(variables))
    }

    fn deploy(arguments: &[&str], variables: &[(&str, &str)]) -> deploy::Arguments {
        match parsed(arguments, variables).unwrap().command {
            Command::Deploy(arguments) => arguments,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn the_interface_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn the_environment_fills_in_what_was_not_given() {
        let variables = [
            ("BIVOUAC_APPS_REPOSITORY", "acme/apps"),
            ("BIVOUAC_IMAGES", "backend=1\n\n frontend=2 \n"),
            ("BIVOUAC_PATH", ""),
            ("BIVOUAC_DRY_RUN", "true"),
        ];
        let found = deploy(&["bivouac", "deploy", "--apps-repository", "acme/other"], &variables);
        assert_eq!(found.preview.apps.repository.apps_repository.as_deref(), Some("acme/other"));
        assert_eq!(found.image.len(), 2);
        assert!(found.preview.writing.dry_run && found.preview.apps.path.is_top());
        assert!(!deploy(&["bivouac", "deploy"], &[("BIVOUAC_DRY_RUN", "false")]).preview.writing.dry_run);
    }

    #[test]
    fn an_option_that_is_given_silences_the_variables_that_exclude_it() {
        let variables = [("BIVOUAC_REPOSITORY", "acme/wildside"), ("BIVOUAC_PATH", "apps/wildside")];
        let Command::Init(found) = parsed(&["bivouac", "init", "--workflows"], &variables).unwrap().command else {
            unreachable!()
        };
        assert!(found.workflows && found.repository.is_none());
        assert!(parsed(&["bivouac", "init", "--workflows", "--path", "apps/wildside"], &[]).is_err());
    }

    fn escrow(arguments: &[&str], variables: &[(&str, &str)]) -> escrow::Verb {
        match parsed(arguments, variables).unwrap().command {
            Command::Escrow(escrow::Arguments { verb }) => verb,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn the_environment_fills_in_the_options_of_a_verb_below_another() {
        let variables = [
            ("BIVOUAC_ESCROWS", "file:a b\ngit:escrow.jsonl\n"),
            ("BIVOUAC_ENVIRONMENT", "show"),
            ("BIVOUAC_RECIPIENTS", "age1one\nssh-ed25519 AAAA two@example"),
        ];
        let escrow::Verb::Show(found) = escrow(&["bivouac", "escrow", "show"], &variables) else { unreachable!() };
        assert_eq!((found.escrow.escrow.len(), found.escrow.environment.as_deref()), (2, Some("show")));
        let given = ["bivouac", "-v", "escrow", "rekey", "--escrow", "file:verify"];
        let escrow::Verb::Rekey(found) = escrow(&given, &variables) else { unreachable!() };
        assert_eq!((found.escrow.escrow.len(), found.recipient.len()), (1, 2));
        let broken = [("BIVOUAC_ESCROWS", "elsewhere")];
        assert_eq!(parsed(&["bivouac", "escrow", "show"], &broken).unwrap_err().exit_code(), 2);
        assert_eq!(parsed(&["bivouac", "escrow", "help", "show"], &variables).unwrap_err().exit_code(), 0);
        assert_eq!(parsed(&["bivouac", "help", "escrow", "show"], &variables).unwrap_err().exit_code(), 0);
        assert_eq!(parsed(&["bivouac", "escrow"], &variables).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_ciphertext_on_the_command_line_silences_a_share_in_a_variable() {
        let arguments = ["bivouac", "escrow", "show", "--ciphertext"];
        let escrow::Verb::Show(found) = escrow(&arguments, &[("BIVOUAC_SHARE", "AB")]) else { unreachable!() };
        assert!(found.ciphertext && found.share.is_none());
    }

    #[test]
    fn a_broken_variable_is_a_usage_error() {
        for broken in [("BIVOUAC_PULL_REQUEST", "x"), ("BIVOUAC_DRY_RUN", "yes"), ("BIVOUAC_IMAGES", "backend")] {
            assert_eq!(parsed(&["bivouac", "deploy"], &[broken]).unwrap_err().exit_code(), 2, "{broken:?}");
        }
    }

    #[test]
    fn what_is_quoted_has_no_line_end_and_no_command_in_it() {
        let hostile = "backend=x\r::error::y ##[error]z\u{202e}";
        let by_variable = parsed(&["bivouac", "deploy"], &[("BIVOUAC_IMAGES", hostile)]).unwrap_err().to_string();
        let by_argument = parsed(&["bivouac", "deploy", "--image", hostile], &[]).unwrap_err().to_string();
        for said in [by_variable, by_argument] {
            assert!(!said.contains(['\r', '\u{202e}']) && !said.contains("##["), "{said:?}");
        }
    }

    #[test]
    fn a_secret_among_the_arguments_is_never_quoted() {
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nhush\n-----END OPENSSH PRIVATE KEY-----";
        for arguments in [
            vec!["bootstrap-vault", "--recipient", key],
            vec!["bootstrap-vault", &format!("--recipient={key}")],
            vec!["bootstrap-vault", "--recipient", "some words and more\nhush"],
            vec!["bootstrap-vault", "AGE-SECRET-KEY-1hush"],
            vec!["bootstrap-vault", "--acknowledge-address=hvs.hush"],
            vec!["deploy", "--image", "age-secret-key-1hush"],
        ] {
            let error = parsed(&[&["bivouac"][..], &arguments].concat(), &[]).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(!error.to_string().contains("hush"), "{error}");
        }
        let error = parsed(&["bivouac", "escrow", "show"], &[("BIVOUAC_ESCROWS", "hvs.hush")]).unwrap_err();
        assert!(error.exit_code() == 2 && !error.to_string().contains("hush"), "{error}");
    }

    #[test]
    fn certificates_may_have_line_ends_and_nothing_else_may() {
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let option = format!("--ca-certificate={pem}");
        for arguments in
            [vec!["bivouac", "bootstrap-vault", "--ca-certificate", pem], vec!["bivouac", "bootstrap-vault", &option]]
        {
            assert!(parsed(&arguments, &[]).is_ok(), "{arguments:?}");
        }
        let hostile = format!("{pem}::error::x");
        assert_eq!(
            parsed(&["bivouac", "bootstrap-vault", "--ca-certificate", &hostile], &[]).unwrap_err().exit_code(),
            2
        );
    }

    #[test]
    fn the_token_itself_comes_before_a_file_that_a_variable_names() {
        let variables = [("BIVOUAC_APPS_TOKEN", "secret"), ("BIVOUAC_APPS_TOKEN_FILE", "/nowhere")];
        assert_eq!(deploy(&["bivouac", "deploy"], &variables).preview.apps.repository.apps_token_file, None);
    }

    #[test]
    fn a_key_in_a_variable_never_becomes_an_argument() {
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----";
        assert_eq!(deploy(&["bivouac", "deploy"], &[("BIVOUAC_SSH_KEY", key)]).preview.apps.transport.ssh_key, None);
    }
}
