//! What a preview changes against base, in what is rendered of both.

use std::cell::RefCell;

use super::Kit;
use super::inspect::{Inspection, Overlay};
use super::material::{Material, sources};
use super::tree::Edited;
use crate::domain::checks::build::Failure;
use crate::domain::checks::difference::{Changed, changed};
use crate::domain::checks::{Manifest, Severity};
use crate::domain::names::PreviewName;
use crate::domain::overlay::previews_directory;
use crate::domain::path::RepoPath;
use crate::error::Error;
use crate::ports::{Entry, RenderError, Renderer, SchemaArchives, Snapshot};
use crate::usecases::observe;

/// What a preview changes.
#[derive(Debug)]
pub struct Difference {
    /// The objects that are not alike.
    pub changed: Vec<Changed>,
    /// Why charts are not part of it, where they are not.
    pub without: Vec<String>,
}

/// Renders base and a preview, and returns where they differ: in the manifests, and in what the chart makes of them where
/// there is helm and the chart can be had.
///
/// # Errors
///
/// When there is no such preview, one of the two does not build, or there is no kustomize.
pub async fn diff<R: Renderer>(
    kit: &Kit<'_, R, impl SchemaArchives>,
    snapshot: &impl Snapshot,
    root: &RepoPath,
    name: &PreviewName,
) -> Result<Difference, Error> {
    let configuration = observe::own_configuration(snapshot, root).await?;
    let (base, overlay) = (root.join("base"), previews_directory(root).join(name.as_str()));
    if snapshot.entry(&overlay).await? != Entry::Directory {
        return Err(Error::NoPreview { overlay });
    }
    if !kit.renderer.has_kustomize() {
        return Err(RenderError::NoProgram { program: "kustomize", check: "build" }.into());
    }
    let tree = Edited::new(snapshot, &[]);
    let folder = kit.renderer.lay_out(&tree.closure(&[base.clone(), overlay.clone()]).await?)?;
    let inspection = Inspection {
        renderer: kit.renderer,
        tree: &tree,
        folder: &folder,
        is_whole: false,
        configuration: &configuration,
        material: Material { sources: sources(&tree, root).await?, ..Material::default() },
        unknown: RefCell::default(),
    };
    let mut without = Vec::new();
    let mut rendered = Vec::new();
    for path in [base, overlay] {
        let built = kit.renderer.build(&folder, std::slice::from_ref(&path)).await?;
        let mut manifests = one(built, &path)?;
        if kit.renderer.has_helm() {
            let overlay = Overlay { path, namespace: None };
            let (templated, findings) = inspection.templated(&overlay, &manifests, Severity::Warning).await?;
            manifests.extend(templated);
            without.extend(findings.iter().map(ToString::to_string));
        }
        rendered.push(manifests);
    }
    if !kit.renderer.has_helm() {
        without.push("there is no `helm` on this machine, so what charts render is not compared".to_owned());
    }
    without.dedup();
    let [base, preview] = rendered.try_into().unwrap_or_else(|_| unreachable!("two were rendered"));
    Ok(Difference { changed: changed(&base, &preview), without })
}

/// What was built of one directory.
fn one(built: Vec<Result<Vec<Manifest>, Failure>>, path: &RepoPath) -> Result<Vec<Manifest>, Error> {
    let built = built.into_iter().next().unwrap_or_else(|| Ok(Vec::new()));
    built.map_err(|Failure { words, .. }| Error::NotRendered { directory: path.clone(), words })
}
