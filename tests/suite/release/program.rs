//! `bivouac completions` and `bivouac man`.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::PROGRAM;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

fn bivouac(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(PROGRAM).args(arguments).env_clear().output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

fn completions(shell: &str) -> String {
    String::from_utf8(bivouac(&["completions", shell])).unwrap()
}

/// What bash offers for `line`, by the function that the script has registered.
fn offered(line: &str) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("bivouac.bash");
    fs::write(&script, completions("bash")).unwrap();
    let drive = r#"
        set -eu
        source "$1"
        function_of() { complete -p bivouac | sed 's/.*-F \([^ ]*\).*/\1/'; }
        read -r -a COMP_WORDS <<<"$2"
        [[ $2 != *' ' ]] || COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$2 COMP_POINT=${#2} COMPREPLY=()
        "$(function_of)" bivouac "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let output = Command::new("bash").args(["-c", drive, "bash"]).arg(&script).arg(line).output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    assert_eq!(offered("bivouac dep"), ["deploy"]);
    assert_eq!(offered("bivouac deploy --dry"), ["--dry-run"]);
    assert_eq!(
        offered("bivouac completions "),
        [&["-v", "-q", "-h", "--verbose", "--quiet", "--help"], &SHELLS[..]].concat()
    );
    assert!(offered("bivouac ").iter().any(|word| word == "sweep"));
}

#[test]
fn every_shell_gets_a_script_that_names_every_command_and_no_path_of_this_machine() {
    for shell in SHELLS {
        let script = completions(shell);
        for word in ["deploy", "teardown", "sweep", "apps-repository"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        for path in [env!("CARGO_MANIFEST_DIR"), PROGRAM, "/root", "/home"] {
            assert!(!script.contains(path), "{shell}: {path}");
        }
    }
}

#[test]
fn a_shell_that_nobody_knows_is_a_usage_error() {
    let output = Command::new(PROGRAM).args(["completions", "tcsh"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn every_command_has_a_manual_page_with_its_options_and_without_a_date() {
    let folder = TempDir::new().unwrap();
    let directory = folder.path().join("not/there/yet");
    bivouac(&["man", directory.to_str().unwrap()]);

    let page = |name: &str| fs::read_to_string(directory.join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
    for command in bivouac::cli::command().get_subcommands() {
        let text = page(&format!("bivouac-{}.1", command.get_name()));
        let title = format!(".TH bivouac-{} 1  ", command.get_name());
        assert!(text.lines().any(|line| line.starts_with(&title)), "{text}");
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(text.contains(&option.replace('-', "\\-")), "{option}: {text}");
        }
    }
    let main = page("bivouac.1");
    for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SUBCOMMANDS"] {
        assert!(main.contains(&format!(".SH {section}\n")), "{main}");
    }
    assert!(main.contains("bivouac\\-deploy(1)"), "{main}");
}

#[test]
fn a_directory_that_can_not_be_written_is_told() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let output = Command::new(PROGRAM).args(["man", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the manual pages can not be written to"));
}
