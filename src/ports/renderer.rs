//! What checks need of this machine: kustomize, helm, and schemas.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use crate::domain::checks::Manifest;
use crate::domain::checks::build::Failure;
use crate::domain::checks::chart::Chart;
use crate::domain::configuration::SchemaArchive;
use crate::domain::path::RepoPath;

/// Files of an apps repository, laid out in a folder.
pub type Files = BTreeMap<RepoPath, Vec<u8>>;

/// What kustomize made of one overlay.
pub type Built = Result<Vec<Manifest>, Failure>;

/// Renders manifests from the files of an apps repository.
pub trait Renderer {
    /// A folder with files of an apps repository.
    type Folder: Sync;

    /// Whether there is a kustomize.
    fn has_kustomize(&self) -> bool;

    /// Whether there is a helm.
    fn has_helm(&self) -> bool;

    /// Puts files into a folder of their own, which goes with what is returned.
    ///
    /// # Errors
    ///
    /// When they can not be written.
    fn lay_out(&self, files: &Files) -> Result<Self::Folder, RenderError>;

    /// Puts further files into such a folder.
    ///
    /// # Errors
    ///
    /// When they can not be written.
    fn add(&self, folder: &Self::Folder, files: &Files) -> Result<(), RenderError>;

    /// Builds overlays, each by itself, and returns them in their order.
    fn build(
        &self,
        folder: &Self::Folder,
        overlays: &[RepoPath],
    ) -> impl Future<Output = Result<Vec<Built>, RenderError>> + Send;

    /// Templates a chart: what it renders, or what helm says instead.
    fn template(
        &self,
        folder: &Self::Folder,
        chart: &Chart,
    ) -> impl Future<Output = Result<Result<Vec<Manifest>, Failure>, RenderError>> + Send;
}

/// Where archives of schemas are fetched from.
pub trait SchemaArchives {
    /// The texts of the files in an archive, each with its path in it.
    fn read(&self, archive: &SchemaArchive) -> impl Future<Output = Result<Vec<(String, String)>, RenderError>> + Send;
}

/// Why a check can not be made on this machine.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A program is not there.
    #[error("there is no `{program}` on this machine, which the check `{check}` needs")]
    NoProgram {
        /// The program.
        program: &'static str,
        /// The check.
        check: &'static str,
    },
    /// A program can not be started.
    #[error("`{program}` can not be started: {message}")]
    NotStarted {
        /// The program.
        program: String,
        /// Why.
        message: String,
    },
    /// A program does not come to an end.
    #[error("`{program}` did not end within {} seconds", limit.as_secs())]
    TooSlow {
        /// The program.
        program: String,
        /// How long it may take.
        limit: Duration,
    },
    /// A program prints more than can be read.
    #[error("`{program}` printed more than {} MiB", limit / 1_048_576)]
    TooMuch {
        /// The program.
        program: String,
        /// How much it may print, in bytes.
        limit: usize,
    },
    /// Schemas can not be had.
    #[error("the schemas at `{url}` can not be used: {message}")]
    Schemas {
        /// The archive.
        url: String,
        /// Why.
        message: String,
    },
    /// The files can not be laid out.
    #[error("the files to check can not be written: {message}")]
    Local {
        /// Why.
        message: String,
    },
}
