//! What has to hold before a commit: of one overlay as a deployment would leave it, or of every overlay of a checkout.

mod diff;
mod inspect;
mod material;
mod roster;
mod tree;
mod validate;

pub use diff::{Difference, diff};
pub use validate::{Validated, validate};

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::domain::checks::{Finding, Severity};
use crate::domain::configuration::{Configuration, Strictness};
use crate::domain::identity::Identity;
use crate::domain::overlay::previews_directory;
use crate::domain::plan::Edit;
use crate::error::Error;
use crate::ports::{RenderError, Renderer, SchemaArchives, Snapshot};
use inspect::{Inspection, Overlay, inspect};
use material::Material;
use tree::Edited;

/// What checks need of this machine.
#[derive(Debug)]
pub struct Kit<'a, R, A> {
    /// What renders manifests.
    pub renderer: &'a R,
    /// Where archives of schemas come from.
    pub archives: &'a A,
}

/// Checks one preview as `edits` would leave it, on exactly the files that would be pushed.
///
/// # Errors
///
/// When something refuses it, or a check can not be made.
pub async fn before_commit(
    kit: &Kit<'_, impl Renderer, impl SchemaArchives>,
    snapshot: &impl Snapshot,
    configuration: &Configuration,
    identity: &Identity,
    edits: &[Edit],
) -> Result<Vec<Finding>, Error> {
    let (tree, renderer) = (Edited::new(snapshot, edits), kit.renderer);
    let checks = &configuration.document().checks;
    let parent = previews_directory(&configuration.root());
    let path = parent.join(identity.name.as_str());
    let mut findings = roster::dangling(&tree, configuration, &path).await?;
    let is_built = checks.build(renderer.has_kustomize()).max(checks.of_rendered()) != Strictness::Off;
    let is_roster_built = checks.roster_build != Strictness::Off;
    if is_built || is_roster_built {
        if !renderer.has_kustomize() {
            return Err(RenderError::NoProgram { program: "kustomize", check: "build" }.into());
        }
        let start = if is_roster_built { parent } else { path.clone() };
        let folder = renderer.lay_out(&tree.closure(&[start]).await?)?;
        let material = Material::read(kit, &tree, configuration).await?;
        let (unknown, is_whole) = (RefCell::default(), false);
        let inspection =
            Inspection { renderer, tree: &tree, folder: &folder, is_whole, configuration, material, unknown };
        if is_built {
            let overlay = Overlay { path: path.clone(), namespace: Some(identity.namespace.clone()) };
            findings.extend(inspect(&inspection, &[overlay]).await?);
        }
        tell_unknown(&inspection.unknown.borrow());
        if is_roster_built {
            findings.extend(inspection.roster_build(&path).await?);
        }
    }
    if findings.iter().any(|finding| finding.severity == Severity::Refusal) {
        return Err(Error::Refused(findings));
    }
    Ok(findings)
}

/// Says which kinds nothing was held against.
fn tell_unknown(kinds: &BTreeSet<String>) {
    if !kinds.is_empty() {
        let kinds: Vec<_> = kinds.iter().map(String::as_str).collect();
        tracing::info!("there is no schema for these, which were not held against any: {}", kinds.join(", "));
    }
}
