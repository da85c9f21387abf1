//! The composite actions, and the page about their inputs and outputs, generated from clap and the contract.

use std::fmt::Write as _;

use bivouac::cli;
use bivouac::contract::{ACTIONS, Described, SECRET_INPUTS, SETUP_INPUTS, SETUP_OUTPUTS, VAULT_SECRET_INPUTS};

use super::{GENERATED, escape};

/// The inputs that the action of a preview can not do without. A Vault's keys may be kept elsewhere.
const REQUIRED: [&str; 1] = ["apps-repository"];
/// The verb that sets up a Vault.
const VAULT: &str = "bootstrap-vault";

/// One input of an action, and the variable in which the program takes it.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) variable: String,
    pub(crate) meaning: String,
    pub(crate) is_required: bool,
}

/// The path and the text of every action.
pub(super) fn files() -> Vec<(String, String)> {
    let mut files = vec![("action.yml".to_owned(), action("Bivouac", "setup", "deploy"))];
    for (verb, _) in ACTIONS {
        files.push((format!("actions/{verb}/action.yml"), action(&format!("Bivouac {verb}"), "../../setup", verb)));
    }
    files.push(("actions/setup/action.yml".to_owned(), setup()));
    files
}

/// The reference page.
pub(super) fn page() -> String {
    let mut text = format!("# Actions\n\n{GENERATED}\n");
    text.push_str("A blank input counts as an absent one. Flags are `true` or `false`; a list is one value a line.\n");
    text.push_str("What an input does not say is taken from the variable beside it, where the job sets that.\n");
    for (verb, outputs) in ACTIONS {
        let _ = write!(text, "\n## `actions/{verb}`\n\n{}\n", about(verb));
        if verb == "deploy" {
            text.push_str("\nThe action at the top of the repository is the same.\n");
        }
        tables(&mut text, &[inputs(verb), setup_inputs()].concat(), outputs);
    }
    text.push_str("\n## `actions/setup`\n\nPut `bivouac` on the runner, for steps of your own.\n");
    tables(&mut text, &setup_inputs(), &SETUP_OUTPUTS);
    text
}

fn tables(text: &mut String, inputs: &[Input], outputs: &[Described]) {
    text.push_str("\n| input | variable | meaning |\n|---|---|---|\n");
    for Input { name, variable, meaning, is_required } in inputs {
        let required = if *is_required { " (required)" } else { "" };
        let _ = writeln!(text, "| `{name}`{required} | `{variable}` | {} |", escape(meaning));
    }
    if outputs.is_empty() {
        text.push_str("\nIt has no outputs.\n");
        return;
    }
    text.push_str("\n| output | holds |\n|---|---|\n");
    for (name, meaning) in outputs {
        let _ = writeln!(text, "| `{name}` | {} |", escape(meaning));
    }
}

/// The inputs of a verb's action: one for each option, the secrets that it takes among them; what is required comes first.
pub(crate) fn inputs(verb: &str) -> Vec<Input> {
    let command = cli::command();
    let command = command.find_subcommand(verb).unwrap();
    let options: Vec<_> = command.get_arguments().filter_map(|argument| input(verb, argument)).collect();
    let secrets = secrets(verb, &options);
    let (mut required, optional): (Vec<_>, Vec<_>) = options.into_iter().partition(|option| option.is_required);
    required.extend(secrets);
    required.extend(optional);
    required
}

/// The secrets that a verb takes: those with an option for the file that holds one, and those that are variables only.
fn secrets(verb: &str, options: &[Input]) -> Vec<Input> {
    let has_file = |name: &str| options.iter().any(|option| option.name == format!("{name}-file"));
    let own = if verb == VAULT { &VAULT_SECRET_INPUTS[..] } else { &[] };
    let secrets = own.iter().copied().chain(SECRET_INPUTS.into_iter().filter(|(name, _)| has_file(name)));
    let secrets = secrets.map(|(name, meaning)| Input {
        name: name.to_owned(),
        variable: format!("BIVOUAC_{}", upper(name)),
        meaning: meaning_for(verb, name, meaning).to_owned(),
        is_required: false,
    });
    secrets.collect()
}

/// What a secret is for, where a verb has less use for it than the others.
fn meaning_for<'a>(verb: &str, name: &str, meaning: &'a str) -> &'a str {
    match (verb, name) {
        (VAULT, "apps-token") => {
            "The token for the apps repository, with `contents: write` there, for an escrow in it. Without it the GitHub token is used, on GitHub's own server only"
        }
        (VAULT, "github-token") => {
            "The token that stands in for `apps-token` and `environment-token`; the workflow's own if not given"
        }
        _ => meaning,
    }
}

/// The inputs that every action has.
pub(crate) fn setup_inputs() -> Vec<Input> {
    let input = |(name, meaning): Described| Input {
        name: name.to_owned(),
        variable: format!("BIVOUAC_SETUP_{}", upper(name)),
        meaning: meaning.to_owned(),
        is_required: false,
    };
    SETUP_INPUTS.into_iter().map(input).collect()
}

/// The input for an option: called like its variable, so that one that may be repeated is in the plural.
fn input(verb: &str, argument: &clap::Arg) -> Option<Input> {
    let variable = cli::variable(argument)?;
    let name = variable.strip_prefix("BIVOUAC_")?.to_ascii_lowercase().replace('_', "-");
    let mut meaning = super::meaning(argument);
    if matches!(argument.get_action(), clap::ArgAction::Append) {
        let form = argument.get_value_names().unwrap_or_default().join(" ");
        meaning = meaning.replace("May be repeated", &format!("One `{form}` a line"));
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = Some(defaults.join(" ")).filter(|default| !default.is_empty() && default != "false");
    let default = default.map_or_else(String::new, |default| format!(". Default: `{default}`"));
    let is_required = verb != VAULT && REQUIRED.contains(&name.as_str());
    Some(Input { name, variable, meaning: format!("{meaning}{default}"), is_required })
}

fn action(name: &str, setup_folder: &str, verb: &str) -> String {
    let outputs = ACTIONS.iter().find(|(known, _)| *known == verb).map(|(_, outputs)| *outputs).unwrap();
    let inputs = inputs(verb);
    let mut text = head(name, &about(verb), &[inputs.as_slice(), &setup_inputs()].concat());
    declare_outputs(&mut text, verb, outputs);
    install_step(&mut text, setup_folder);
    let _ = write!(text, "    - name: {}\n      id: {verb}\n      shell: bash\n      env:\n", title(verb));
    text.push_str("        BIVOUAC: ${{ steps.setup.outputs.path }}\n");
    if inputs.iter().any(|input| input.name == "apps-token-file") {
        text.push_str("        GITHUB_TOKEN: ${{ env.GITHUB_TOKEN || github.token }}\n");
    }
    for Input { name, variable, .. } in &inputs {
        // What loses the only copy of a record is never meant by a variable that the sweep has, too.
        let is_grave = verb == "vault-cleanup" && name == "all";
        let value = if is_grave { "${{ inputs.all }}".to_owned() } else { value(name, variable, &inputs) };
        let _ = writeln!(text, "        {variable}: {value}");
    }
    let _ = writeln!(text, "      run: '\"$BIVOUAC\" {verb}'");
    text
}

/// What the program is handed: the input, else the job's variable; but no token of the job's beside an input for the same.
fn value(name: &str, variable: &str, inputs: &[Input]) -> String {
    let other = name.strip_suffix("-file").map_or_else(|| format!("{name}-file"), str::to_owned);
    if inputs.iter().any(|input| input.name == other) {
        format!(">-\n          ${{{{ inputs.{name} || !inputs.{other} && env.{variable} || '' }}}}")
    } else {
        let value = format!("${{{{ inputs.{name} || env.{variable} }}}}");
        let is_long = variable.len() + value.len() + 10 > 120;
        if is_long { format!(">-\n          {value}") } else { value }
    }
}

fn setup() -> String {
    let mut text = head("Bivouac setup", "Put `bivouac` on the runner, for steps of your own", &setup_inputs());
    declare_outputs(&mut text, "setup", &SETUP_OUTPUTS);
    install_step(&mut text, "../../setup");
    text
}

fn head(name: &str, about: &str, inputs: &[Input]) -> String {
    let mut text = format!("# Generated by `make reference`. Do not edit.\nname: {name}\ndescription: >-\n");
    wrapped(&mut text, about.lines().next().unwrap().trim_end_matches('.'), 2);
    text.push_str("author: Bivouac\nbranding:\n  icon: moon\n  color: purple\ninputs:\n");
    for Input { name, meaning, is_required, .. } in inputs {
        let _ = write!(text, "  {name}:\n    description: >-\n");
        wrapped(&mut text, meaning, 6);
        let _ = writeln!(text, "    required: {is_required}");
    }
    text
}

fn declare_outputs(text: &mut String, step: &str, outputs: &[Described]) {
    if outputs.is_empty() {
        return;
    }
    text.push_str("outputs:\n");
    for (name, meaning) in outputs {
        let _ = write!(text, "  {name}:\n    description: >-\n");
        wrapped(text, &capitalised(meaning), 6);
        let _ = writeln!(text, "    value: ${{{{ steps.{step}.outputs.{name} }}}}");
    }
}

fn install_step(text: &mut String, folder: &str) {
    text.push_str("runs:\n  using: composite\n  steps:\n    - name: Set up Bivouac\n      id: setup\n");
    text.push_str("      shell: bash\n      env:\n");
    for Input { name, variable, .. } in setup_inputs() {
        let _ = writeln!(text, "        {variable}: ${{{{ inputs.{name} || env.{variable} }}}}");
    }
    // By name, so that it runs wherever its mode was lost on the way.
    let _ = writeln!(text, "      run: bash \"$GITHUB_ACTION_PATH/{folder}/install.sh\"");
}

/// The text of a folded scalar, in lines of at most 118 characters.
pub(super) fn wrapped(text: &mut String, words: &str, indentation: usize) {
    let indentation = " ".repeat(indentation);
    let mut line = indentation.clone();
    for word in words.split_whitespace() {
        if line.len() + word.len() >= 118 {
            let _ = writeln!(text, "{}", line.trim_end());
            line.clone_from(&indentation);
        }
        let _ = write!(line, "{word} ");
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

/// What a verb does: the first sentence of its help.
fn about(verb: &str) -> String {
    cli::command().find_subcommand(verb).unwrap().get_about().unwrap().to_string()
}

/// A verb, for people.
fn title(verb: &str) -> String {
    capitalised(&verb.replace('-', " ")).replace("vault", "Vault")
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn upper(name: &str) -> String {
    name.replace('-', "_").to_ascii_uppercase()
}
