//! Every overlay of a checkout, checked as a commit would be.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Kit;
use super::inspect::{Inspection, Overlay, inspect};
use super::material::Material;
use super::roster;
use super::tree::Edited;
use crate::domain::base::BaseError;
use crate::domain::checks::{Check, Finding, Place, Severity};
use crate::domain::configuration::{self, Configuration, Strictness};
use crate::domain::guard::{Guard, Known};
use crate::domain::kustomization::{self, Kustomization};
use crate::domain::names::{CommitId, Namespace, PullRequestNumber};
use crate::domain::overlay::{Ingredients, previews_directory};
use crate::domain::path::RepoPath;
use crate::domain::plan::Previews;
use crate::domain::record::Record;
use crate::domain::roster::Roster;
use crate::domain::text_type::text_default;
use crate::error::{Error, with_causes};
use crate::ports::{EntryKind, RenderError, Renderer, SchemaArchives, Snapshot};
use crate::usecases::{base, observe};

/// What came of a look at a checkout.
#[derive(Debug, Default)]
pub struct Validated {
    /// The roots that there are.
    pub roots: Vec<RepoPath>,
    /// How many overlays were looked at.
    pub overlays: usize,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The kinds that there is no schema for.
    pub unknown: BTreeSet<String>,
}

/// Checks every overlay of the roots at `within` and below; of the one that it is in, where there is none.
///
/// # Errors
///
/// When there is no root, or a check can not be made.
pub async fn validate<R: Renderer, A: SchemaArchives>(
    kit: &Kit<'_, R, A>,
    folder: &R::Folder,
    snapshot: &impl Snapshot,
    within: &RepoPath,
) -> Result<Validated, Error> {
    let all = observe::roots(snapshot).await?;
    let is_within = |root: &&RepoPath| root.components().zip(within.components()).all(|(one, other)| one == other);
    let is_deep = |root: &&RepoPath| root.components().count() >= within.components().count();
    let mut roots: Vec<_> = all.iter().filter(|root| is_within(root) && is_deep(root)).cloned().collect();
    if roots.is_empty() {
        // A directory in a root: `base`, or an overlay.
        let around = all.iter().filter(is_within).max_by_key(|root| root.components().count());
        roots.extend(around.cloned());
    }
    if roots.is_empty() {
        return Err(Error::NoRoots);
    }
    let mut validated = Validated::default();
    for root in &roots {
        let look = Look { kit, folder, snapshot, root };
        match observe::configuration_beside(snapshot, root, &all).await {
            Ok(configuration) => look.root(&configuration, &mut validated).await?,
            Err(error) => validated.findings.push(look.broken(&error, &root.join(configuration::FILE))),
        }
    }
    validated.roots = roots;
    Ok(validated)
}

/// A look at one root.
struct Look<'a, R: Renderer, A, S> {
    kit: &'a Kit<'a, R, A>,
    folder: &'a R::Folder,
    snapshot: &'a S,
    root: &'a RepoPath,
}

impl<R: Renderer, A: SchemaArchives, S: Snapshot> Look<'_, R, A, S> {
    async fn root(&self, configuration: &Configuration, validated: &mut Validated) -> Result<(), Error> {
        let checks = &configuration.document().checks;
        let parent = previews_directory(self.root);
        let tree = Edited::new(self.snapshot, &[]);
        if let Err(error) = self.next_preview(configuration).await {
            validated.findings.push(self.broken(&error, &self.root.join("base")));
        }
        validated.findings.extend(roster::dangling(&tree, configuration, &parent).await?);
        let previews = observe::previews(self.snapshot, self.root).await;
        validated.findings.extend(self.previews(previews.as_ref(), checks.roster));
        validated.findings.extend(previews.iter().flat_map(|previews| self.secrets(configuration, previews)));
        let overlays = self.overlays(configuration, previews.as_ref().ok()).await?;
        // All their texts: nothing below needs them.
        drop(previews);
        validated.overlays += overlays.len();
        if checks.build(true).max(checks.of_rendered()).max(checks.roster_build) == Strictness::Off {
            return Ok(());
        }
        if !self.kit.renderer.has_kustomize() {
            return Err(RenderError::NoProgram { program: "kustomize", check: "build" }.into());
        }
        let (material, unknown) = (Material::read(self.kit, &tree, configuration).await?, RefCell::default());
        let (renderer, folder, is_whole) = (self.kit.renderer, self.folder, true);
        let inspection = Inspection { renderer, tree: &tree, folder, is_whole, configuration, material, unknown };
        validated.findings.extend(inspect(&inspection, &overlays).await?);
        // Where no overlay builds on it yet, the next preview will.
        if overlays.is_empty() {
            validated.findings.extend(inspection.build(&self.root.join("base")).await?);
        }
        validated.findings.extend(inspection.roster_build(&parent).await?);
        validated.unknown.extend(inspection.unknown.take());
        Ok(())
    }

    /// Proves that base can be made a preview: the next deployment would fail otherwise.
    async fn next_preview(&self, configuration: &Configuration) -> Result<(), Error> {
        let base = base::read(self.snapshot, configuration).await?;
        let (number, commit) = any_pull_request();
        let identity = configuration.identity(number)?;
        let tags = configuration.tags(&BTreeMap::new(), &commit)?;
        let record = Record {
            repository: configuration.document().repository.clone(),
            number,
            commit,
            generation: 1,
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            approval: None,
            url: identity.url(),
        };
        let ingredients = Ingredients { configuration, base: &base, identity: &identity, tags: &tags };
        ingredients.render(&record).map_err(|why| Error::Plan(why.into()))?;
        Ok(())
    }

    /// The directories beside the roster that are not on it, and those whose record is broken.
    fn previews(&self, previews: Result<&Previews, &Error>, strictness: Strictness) -> Vec<Finding> {
        let parent = previews_directory(self.root);
        let previews = match previews {
            Ok(previews) => previews,
            Err(error) => return vec![self.broken(error, &parent)],
        };
        let unlisted = match previews.inconsistencies() {
            Ok((_, unlisted)) => unlisted,
            Err(error) => return vec![self.broken(&error.into(), &parent)],
        };
        let about = |name: &str, message: String| {
            let overlay = parent.join(name);
            let place = Some(Place::file(overlay.clone()));
            Finding { check: Check::Roster, severity: Severity::Warning, overlay, place, object: None, message }
        };
        let unlisted =
            unlisted.iter().map(|name| about(name, "no line of the roster names it: Flux does not see it".to_owned()));
        let unreadable = previews.unreadable.iter().map(|(name, why)| about(name, why.clone()));
        unlisted.chain(unreadable).filter_map(|finding| finding.under(strictness)).collect()
    }

    /// What looks like a secret in the previews that there are.
    fn secrets(&self, configuration: &Configuration, previews: &Previews) -> Vec<Finding> {
        let known = Known::default();
        let guard = Guard::new(&known).allowing(&configuration.document().checks.not_secret);
        let parent = previews_directory(self.root);
        let mut findings = Vec::new();
        for (name, directory) in &previews.directories {
            let overlay = parent.join(name);
            for (file, text) in &directory.files {
                let file = overlay.join(file);
                findings.extend(guard.search(&file, text).into_iter().map(|found| Finding {
                    check: Check::Secrets,
                    severity: Severity::Refusal,
                    overlay: overlay.clone(),
                    place: Some(Place { file: file.clone(), line: found.line }),
                    object: None,
                    message: found.without_place(),
                }));
            }
        }
        findings
    }

    /// The overlays of a root: those of people, and the previews.
    async fn overlays(
        &self,
        configuration: &Configuration,
        previews: Option<&Previews>,
    ) -> Result<Vec<Overlay>, Error> {
        let parent = previews_directory(self.root);
        let mut found = Vec::new();
        let above = parent.parent().unwrap_or_default();
        let roster = observe::kustomization_of(self.snapshot, &parent).await?;
        let roster = roster.and_then(|(_, text)| Roster::parse(&text).ok());
        // What is listed has to build, whatever is in it.
        let is_listed = |path: &RepoPath, name: &str| {
            path.parent().as_ref() == Some(&parent) && roster.as_ref().is_some_and(|roster| roster.contains(name))
        };
        let mut waiting = vec![above, parent.clone()];
        while let Some(directory) = waiting.pop() {
            for (name, kind) in self.snapshot.list(&directory).await? {
                let path = directory.join(&name);
                if kind != EntryKind::Directory || path == parent {
                    continue;
                }
                let names = self.snapshot.list(&path).await?;
                let is_kustomization = |name: &str| kustomization::FILES.contains(&name);
                if is_listed(&path, &name) || names.iter().any(|(name, _)| is_kustomization(name)) {
                    found.push(Overlay { path, namespace: None });
                } else if directory != parent {
                    // Overlays may be grouped: `overlays/eu/production`.
                    waiting.push(path);
                }
            }
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        for overlay in found.iter_mut().filter(|overlay| overlay.path.parent().as_ref() == Some(&parent)) {
            let name = overlay.path.file_name().unwrap_or_default();
            let record = previews.and_then(|previews| previews.directories.get(name)?.record.as_ref().ok());
            let identity = record.and_then(|record| configuration.identity(record.number).ok());
            overlay.namespace = match identity.map(|identity| identity.namespace) {
                Some(namespace) => Some(namespace),
                // Whatever is there is a preview to Flux.
                None => Some(self.namespace_of(&overlay.path).await?),
            };
        }
        Ok(found)
    }

    /// The namespace that the kustomization of an overlay moves everything into, or else one that nothing is in.
    async fn namespace_of(&self, overlay: &RepoPath) -> Result<Namespace, Error> {
        let kustomization = observe::kustomization_of(self.snapshot, overlay).await?;
        let found = kustomization.and_then(|(_, text)| Kustomization::parse(&text).ok()?.namespace);
        Ok(found.and_then(|namespace| namespace.parse().ok()).unwrap_or_else(|| text_default("no-namespace")))
    }

    /// Something that stops the next deployment already.
    fn broken(&self, error: &Error, file: &RepoPath) -> Finding {
        let place = place_of(error).unwrap_or_else(|| Place::file(file.clone()));
        let message = match error {
            Error::Configuration(error) => error.message().to_owned(),
            error => with_causes(error),
        };
        Finding {
            check: Check::Root,
            severity: Severity::Refusal,
            overlay: self.root.clone(),
            place: Some(place),
            object: None,
            message,
        }
    }
}

/// Where something is wrong that keeps a root from being used.
fn place_of(error: &Error) -> Option<Place> {
    Some(match error {
        Error::Configuration(error) => Place { file: error.file().clone(), line: Some(error.line()) },
        Error::Base(BaseError::NotYaml { path, source }) | Error::NotYaml { path, source } => {
            Place { file: path.clone(), line: Some(source.line) }
        }
        Error::Base(
            BaseError::Unnamed { path } | BaseError::Patch { path, .. } | BaseError::HasNamespace { path, .. },
        ) => Place::file(path.clone()),
        Error::NoResource { file, .. }
        | Error::NotAComponent { file }
        | Error::NotFollowed { file, .. }
        | Error::OutOfTree { file, .. } => Place::file(file.clone()),
        _ => return None,
    })
}

fn any_pull_request() -> (PullRequestNumber, CommitId) {
    let parsed = "1".parse().and_then(|number| Ok((number, "0".repeat(40).parse()?)));
    parsed.unwrap_or_else(|_| unreachable!("1 is a number, and 40 digits are a commit"))
}
