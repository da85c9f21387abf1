//! Kustomize and helm, as they are found on this machine.

mod build;
mod find;
mod run;
mod template;

pub use find::Named;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::checks::Manifest;
use crate::domain::checks::build::Failure;
use crate::domain::checks::chart::Chart;
use crate::domain::path::RepoPath;
use crate::effects::scratch::Scratch;
use crate::ports::{Built, Files, RenderError, Renderer};

/// The programs that render manifests.
#[derive(Debug)]
pub struct Programs {
    kustomize: Option<Kustomize>,
    helm: Option<PathBuf>,
    /// How long one run of them may take.
    limit: Duration,
}

/// Kustomize by itself, or the one in `kubectl`.
#[derive(Debug, Clone)]
struct Kustomize {
    program: PathBuf,
    verb: &'static str,
}

impl Programs {
    /// The same programs, each run of which may take no longer than `limit`.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }
}

/// A folder with files of an apps repository.
#[derive(Debug)]
pub struct Folder {
    /// Where it is, without symbolic links.
    path: PathBuf,
    _ours: Option<Scratch>,
}

impl Folder {
    /// A folder that is there: a checkout.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub fn of_checkout(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.canonicalize()?, _ours: None })
    }

    /// Where a path of the repository is.
    fn place(&self, path: &RepoPath) -> PathBuf {
        path.components().fold(self.path.clone(), |place, component| place.join(component))
    }
}

impl Renderer for Programs {
    type Folder = Folder;

    fn has_kustomize(&self) -> bool {
        self.kustomize.is_some()
    }

    fn has_helm(&self) -> bool {
        self.helm.is_some()
    }

    fn lay_out(&self, files: &Files) -> Result<Folder, RenderError> {
        let make = || {
            let scratch = Scratch::folder()?;
            Ok(Folder { path: scratch.path().canonicalize()?, _ours: Some(scratch) })
        };
        let folder = make().map_err(local)?;
        self.add(&folder, files)?;
        Ok(folder)
    }

    fn add(&self, folder: &Folder, files: &Files) -> Result<(), RenderError> {
        let mut made = BTreeSet::new();
        for (path, bytes) in files {
            let place = folder.place(path);
            if let Some(parent) = place.parent().filter(|parent| !made.contains(*parent)) {
                fs::create_dir_all(parent).map_err(local)?;
                made.insert(parent.to_owned());
            }
            fs::write(place, bytes).map_err(local)?;
        }
        Ok(())
    }

    async fn build(&self, folder: &Folder, overlays: &[RepoPath]) -> Result<Vec<Built>, RenderError> {
        let kustomize = self.kustomize.as_ref();
        let kustomize = kustomize.ok_or(RenderError::NoProgram { program: "kustomize", check: "build" })?;
        build::all(kustomize, self.limit, folder, overlays).await
    }

    async fn template(&self, folder: &Folder, chart: &Chart) -> Result<Result<Vec<Manifest>, Failure>, RenderError> {
        let helm = self.helm.as_ref().ok_or(RenderError::NoProgram { program: "helm", check: "chart" })?;
        template::template(helm, self.limit, folder, chart).await
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` takes")]
fn local(why: io::Error) -> RenderError {
    RenderError::Local { message: why.to_string() }
}
