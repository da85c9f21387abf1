//! The shape of the code, as `docs/develop.md` and `docs/architecture.md` have it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::files::top;

/// What a domain module never names: effects, and the modules around the domain.
const EFFECTS: [&str; 27] = [
    "octocrab",
    "oci_client",
    "git2",
    "vaultrs",
    "reqwest",
    "tokio",
    "axum",
    "tempfile",
    "tracing",
    "rand",
    "anstream",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "crate::effects",
    "crate::usecases",
    "crate::commands",
    "crate::runner",
    "crate::env",
    "crate::emulator",
];

/// The Rust files below a directory: path from the top, and text. Fails when there is none.
fn sources(directory: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![top().join(directory)];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(top()).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "there is nothing to check in `{directory}`");
    found.sort();
    found
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// The code without its own tests and without comments, by line number.
fn code(text: &str) -> Vec<(usize, &str)> {
    let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = own.lines().enumerate().map(|(index, line)| (index + 1, line.trim_start()));
    lines.filter(|(_, line)| !line.starts_with("//")).collect()
}

/// Whether `word` stands in `line` as a word of its own.
fn names(line: &str, word: &str) -> bool {
    let is_part = |character: Option<char>| character.is_some_and(|next| next.is_alphanumeric() || next == '_');
    line.match_indices(word)
        .any(|(at, _)| !is_part(line[..at].chars().next_back()) && !is_part(line[at + word.len()..].chars().next()))
}

/// Where one of `words` stands in code below `src` that `is_concerned`.
fn mentions(words: &[&str], is_concerned: impl Fn(&str) -> bool) -> Vec<String> {
    let files = sources("src");
    let concerned: Vec<_> = files.iter().filter(|(path, _)| is_concerned(path)).collect();
    assert!(!concerned.is_empty(), "there is nothing to check");
    let mut found = Vec::new();
    for (path, text) in concerned {
        for (number, line) in code(text) {
            let named = words.iter().filter(|word| names(line, word));
            found.extend(named.map(|word| format!("{path}:{number} names `{word}`")));
        }
    }
    found
}

fn is_domain(path: &str) -> bool {
    path.starts_with("src/domain/") && !is_test(path)
}

#[test]
fn the_domain_imports_no_effect_and_nothing_around_it() {
    let found = mentions(&EFFECTS, is_domain);
    assert!(found.is_empty(), "{found:#?}");
    // `crate::secret` is no effect: what an escrow holds is made of texts that nobody may see.
    let around = ["crate::ports", "crate::error", "crate::cli", "async", "await"];
    let found = mentions(&around, is_domain);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn an_effect_in_the_domain_would_be_found() {
    let text = "use std::fs;\n// tokio\n#[cfg(test)]\nmod tests {\n    use reqwest::Client;\n}\n";
    let found: Vec<_> =
        code(text).into_iter().filter(|(_, line)| EFFECTS.iter().any(|word| names(line, word))).collect();
    assert_eq!(found, [(1, "use std::fs;")]);
    assert!(names("let x = tokio::spawn(y);", "tokio") && !names("let tokio_like = 1;", "tokio"));
    assert!(names("pub async fn x()", "async") && !names("asynchronous", "async"));
}

#[test]
fn a_use_case_imports_no_effect_but_goes_through_the_ports() {
    let effects = [
        "octocrab",
        "oci_client",
        "git2",
        "vaultrs",
        "reqwest",
        "axum",
        "crate::effects",
        "crate::commands",
        "crate::emulator",
    ];
    let found = mentions(&effects, |path| path.starts_with("src/usecases/") && !is_test(path));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let files = sources("src")
        .into_iter()
        .chain(sources("tests"))
        .chain(top().join("benches").is_dir().then(|| sources("benches")).into_iter().flatten());
    let long: Vec<_> = files
        .map(|(path, text)| (text.lines().count(), path))
        .filter(|(lines, _)| *lines > 400)
        .map(|(lines, path)| format!("{path} has {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// Whether a string in this line begins with, or holds, a command to the runner: `::error …` or `::add-mask::…`.
fn speaks_to_the_runner(line: &str) -> bool {
    let commands =
        ["error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "stop-commands", "set-output"];
    commands.iter().any(|command| {
        let text = format!("::{command}");
        line.match_indices(&text).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + text.len()..]);
            before.ends_with(['"', '\n', ' ', '{']) && after.starts_with([':', ' ', '"']) || before.ends_with("\\n")
        })
    })
}

#[test]
fn a_command_to_the_runner_would_be_found() {
    for line in [
        "write!(out, \"::error title={x}\")",
        "\"::add-mask::{secret}\"",
        "\"x\\n::endgroup::\"",
        "let x = \"::error\";",
    ] {
        assert!(speaks_to_the_runner(line), "{line}");
    }
    for line in ["use crate::error::Error;", "tracing::error!(%why)", "Box<dyn std::error::Error>"] {
        assert!(!speaks_to_the_runner(line), "{line}");
    }
}

#[test]
fn the_runners_protocol_is_spoken_in_one_place() {
    let is_elsewhere = |path: &str| !path.starts_with("src/runner/") && path != "src/runner.rs" && !is_test(path);
    let mut found = mentions(&["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_STATE"], |path| {
        // The names of all variables are written once, there.
        is_elsewhere(path) && path != "src/env.rs"
    });
    for (path, text) in sources("src").iter().filter(|(path, _)| is_elsewhere(path)) {
        let spoken = code(text).into_iter().filter(|(_, line)| speaks_to_the_runner(line));
        found.extend(spoken.map(|(number, line)| format!("{path}:{number} says {line}")));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn nothing_is_printed_by_a_macro() {
    let found = mentions(&["println!", "eprintln!", "print!", "eprint!", "dbg!"], |path| {
        !is_test(path) && !path.ends_with("build.rs")
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn one_tls_stack_is_linked_and_no_yaml_that_nobody_maintains() {
    let output = Command::new(env!("CARGO"))
        .current_dir(top())
        .args([
            "tree",
            "--edges",
            "all",
            "--target",
            "all",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--locked",
            "--offline",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let packages: Vec<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(packages.contains(&"rustls") && packages.contains(&"aws-lc-rs"), "this is not the tree:\n{tree}");
    for unwanted in ["openssl", "openssl-sys", "native-tls", "ring", "serde_yaml", "libssh2-sys"] {
        assert!(!packages.contains(&unwanted), "`{unwanted}` is linked");
    }
}
