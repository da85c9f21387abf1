//! Whether every line of the roster leads to something.

use super::tree::Edited;
use crate::domain::checks::{Check, Finding, Place, Severity};
use crate::domain::configuration::Configuration;
use crate::domain::kustomization;
use crate::domain::names::PreviewName;
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
    let is_absent = |name: &&str| name.parse::<PreviewName>().is_ok() && !names.contains(*name);
    let finding = |name: &str| Finding {
        check: Check::Roster,
        severity,
        overlay: overlay.clone(),
        place: Some(Place { file: file.clone(), line: line_of_entry(&text, name) }),
        object: None,
        message: format!(
            "it lists `{name}`, which is not there: the whole roster does not build; `bivouac sweep` takes it off"
        ),
    };
    Ok(roster.directories().filter(is_absent).map(finding).collect())
}

/// The line that names an entry, from 1.
fn line_of_entry(text: &str, name: &str) -> Option<usize> {
    let is_part = |character: char| character.is_alphanumeric() || "-_.".contains(character);
    let names_it = |line: &str| line.split(|character| !is_part(character)).any(|word| word == name);
    text.lines().position(names_it).map(|index| index + 1)
}
