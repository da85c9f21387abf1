//! A repository with many commits of previews, as `deploy` and `teardown` write them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Fallible, OF_ONE};

/// Minutes between two commits, in seconds.
const BETWEEN: usize = 600;

/// Fills a bare repository: of each six commits one puts a preview up, four bring it up to date, and one takes it down.
pub(crate) fn fill(repository: &Path, commits: usize) -> Fallible<()> {
    let mut import = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(repository)
        .env_remove("GIT_DIR")
        .stdin(Stdio::piped())
        .spawn()?;
    let mut input = import.stdin.take().ok_or("there is no pipe")?;
    for index in 0..commits {
        input.write_all(commit(index)?.as_bytes())?;
    }
    drop(input);
    if !import.wait()?.success() {
        return Err("`git fast-import` failed".into());
    }
    Ok(())
}

fn commit(index: usize) -> Fallible<String> {
    let (number, step) = (index / OF_ONE + 1, index % OF_ONE);
    // What stands for a head commit: forty digits that are not easily compressed.
    let digits = (index as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let head = format!("{:08x}{digits:032x}", digits >> 96);
    let (verb, word) = match step {
        0 => (format!("put up pr-{number} at {}", &head[..7]), "put-up"),
        5 => (format!("take down pr-{number}"), "removed"),
        _ => (format!("bring pr-{number} up to date at {}", &head[..7]), "updated"),
    };
    let message = format!(
        "preview(wildside): {verb}\n\nBivouac-Preview: pr-{number}\nBivouac-Pull-Request: acme/wildside#{number}\n\
         Bivouac-Commit: {head}\nBivouac-Application: wildside\nBivouac-Change: {word}\nBivouac-Generation: {}\n\
         Bivouac-By: ada\nBivouac-Run: https://github.com/acme/wildside/actions/runs/{index}\n",
        step + 1
    );
    let (time, directory) = (1_700_000_000 + index * BETWEEN, format!("overlays/ephemeral/pr-{number}"));
    let mut text = String::from("commit refs/heads/main\n");
    for who in ["author", "committer"] {
        writeln!(text, "{who} Bivouac <noreply@example.com> {time} +0000")?;
    }
    writeln!(text, "data {}\n{message}", message.len())?;
    if word == "removed" {
        writeln!(text, "D {directory}")?;
    } else {
        writeln!(text, "M 100644 inline {directory}/patch.yaml\ndata {}\n{head}", head.len())?;
    }
    let roster = format!("- pr-{number} {step}");
    writeln!(text, "M 100644 inline overlays/ephemeral/kustomization.yaml\ndata {}\n{roster}\n", roster.len())?;
    Ok(text)
}
