//! Whether every line of the roster leads to something.

use std::collections::BTreeSet;

use super::tree::Edited;
use crate::domain::checks::{Check, Finding, Place, Severity};
use crate::domain::configuration::Configuration;
use crate::domain::kustomization;
use crate::domain::overlay::previews_directory;
use crate::domain::path::RepoPath;
use crate::domain::roster::Roster;
use crate::error::Error;
use crate::ports::Snapshot;

/// The entries of the roster that lead nowhere: each of them stops Flux for everybody.
pub(super) async fn dangling(
    tree: &Edited<'_, impl Snapshot>,
    configuration: &Configuration,
    overlay: &RepoPath,
) -> Result<Vec<Finding>, Error> {
    let Some(severity) = Severity::Refusal.under(configuration.document().checks.roster) else { return Ok(Vec::new()) };
    let directory = previews_directory(&configuration.root());
    let names = tree.names(&directory).await?;
    let Some(file) = kustomization::FILES.iter().find(|name| names.contains(**name)) else { return Ok(Vec::new()) };
    let file = directory.join(file);
    let text = tree.text(&file).await.unwrap_or_default();
    // One that can not be read is told of when it is changed, and does not build.
    let Ok(roster) = Roster::parse(&text) else { return Ok(Vec::new()) };
    let finding = |entry: &str, message: String| Finding {
        check: Check::Roster,
        severity,
        overlay: overlay.clone(),
        place: Some(Place { file: file.clone(), line: line_of_entry(&text, entry) }),
        object: None,
        message,
    };
    let (mut findings, mut seen) = (Vec::new(), BTreeSet::new());
    for entry in roster.entries().filter(|entry| !kustomization::is_remote(entry)) {
        let path = directory.resolve(entry);
        if !seen.insert(path.clone()) {
            findings.push(finding(entry, format!("it lists `{entry}` twice: the whole roster does not build")));
            continue;
        }
        let is_beside = path.as_ref().is_some_and(|path| path.parent().as_ref() == Some(&directory));
        let is_there = match &path {
            Some(path) if is_beside => path.file_name().is_some_and(|name| names.contains(name)),
            Some(path) => tree.has(path).await?,
            None => false,
        };
        if !is_there {
            let mend = if is_beside { "; `bivouac sweep` takes the name of a preview off" } else { "" };
            let message = format!("it lists `{entry}`, which is not there: the whole roster does not build{mend}");
            findings.push(finding(entry, message));
        }
    }
    Ok(findings)
}

/// The line that names an entry, from 1.
fn line_of_entry(text: &str, name: &str) -> Option<usize> {
    let name = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
    let is_part = |character: char| character.is_alphanumeric() || "-_.".contains(character);
    let names_it = |line: &str| line.split(|character| !is_part(character)).any(|word| word == name);
    text.lines().position(names_it).map(|index| index + 1)
}
