//! What is rendered of overlays, held against everything that is asked of it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};

use super::material::Material;
use super::tree::Edited;
use crate::domain::checks::build::Failure;
use crate::domain::checks::chart::{ChartSource, Surroundings, is_release};
use crate::domain::checks::policy::Subject;
use crate::domain::checks::{Check, Finding, Manifest, Place, Severity, line_of};
use crate::domain::configuration::{Checks, Configuration, KubernetesVersion};
use crate::domain::kustomization;
use crate::domain::names::Namespace;
use crate::domain::overlay::previews_directory;
use crate::domain::path::RepoPath;
use crate::error::Error;
use crate::ports::{Built, Renderer, Snapshot};

/// The most overlays whose manifests are held at once.
const AT_ONCE: usize = 256;
/// How many charts are templated side by side.
const CHARTS: usize = 4;

/// An overlay that is looked at.
#[derive(Debug, Clone)]
pub(super) struct Overlay {
    /// Its directory.
    pub path: RepoPath,
    /// The namespace of a preview; nothing of an overlay that people wrote.
    pub namespace: Option<Namespace>,
}

/// What overlays of a root are looked at with.
pub(super) struct Inspection<'a, S, R: Renderer> {
    /// What renders.
    pub renderer: &'a R,
    /// Where files are looked up.
    pub(super) tree: &'a Edited<'a, S>,
    /// The files as they are laid out.
    pub folder: &'a R::Folder,
    /// Whether all files of the repository are in `folder`.
    pub is_whole: bool,
    /// The configuration of the root.
    pub configuration: &'a Configuration,
    /// What manifests are held against.
    pub material: Material,
    /// The kinds that there is no schema for.
    pub unknown: RefCell<BTreeSet<String>>,
}

/// Looks at overlays, and returns what is wrong with them.
///
/// # Errors
///
/// When a check can not be made.
pub(super) async fn inspect<S: Snapshot, R: Renderer>(
    inspection: &Inspection<'_, S, R>,
    overlays: &[Overlay],
) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for some in overlays.chunks(AT_ONCE) {
        let paths: Vec<_> = some.iter().map(|overlay| overlay.path.clone()).collect();
        let built = inspection.renderer.build(inspection.folder, &paths).await?;
        let looks = some.iter().zip(built).map(|(overlay, built)| inspection.look(overlay, built));
        let found: Vec<_> = stream::iter(looks).buffered(CHARTS).collect().await;
        for found in found {
            findings.extend(found?);
        }
    }
    findings.extend(inspection.material.findings.iter().cloned());
    Ok(findings)
}

impl<S: Snapshot, R: Renderer> Inspection<'_, S, R> {
    fn checks(&self) -> &Checks {
        &self.configuration.document().checks
    }

    /// Whether a directory builds.
    pub(super) async fn build(&self, directory: &RepoPath) -> Result<Vec<Finding>, Error> {
        let Some(severity) = Severity::Refusal.under(self.checks().build(true)) else { return Ok(Vec::new()) };
        let built = self.renderer.build(self.folder, std::slice::from_ref(directory)).await?;
        let failed = built.into_iter().filter_map(Result::err);
        Ok(failed.map(|failure| finding(Check::Build, severity, directory, failure)).collect())
    }

    /// Whether the whole roster builds; what is found is told of `overlay`.
    pub(super) async fn roster_build(&self, overlay: &RepoPath) -> Result<Vec<Finding>, Error> {
        let Some(severity) = Severity::Refusal.under(self.checks().roster_build) else { return Ok(Vec::new()) };
        let roster = previews_directory(&self.configuration.root());
        let built = self.renderer.build(self.folder, &[roster]).await?;
        let failed = built.into_iter().filter_map(Result::err);
        let mut findings: Vec<_> =
            failed.map(|failure| finding(Check::RosterBuild, severity, overlay, failure)).collect();
        for finding in &mut findings {
            self.find_kustomization(finding).await;
        }
        Ok(findings)
    }

    async fn look(&self, overlay: &Overlay, built: Built) -> Result<Vec<Finding>, Error> {
        let manifests = match built {
            Ok(manifests) => manifests,
            Err(failure) => {
                let strictness = self.checks().build(true).max(self.checks().of_rendered());
                let Some(severity) = Severity::Refusal.under(strictness) else { return Ok(Vec::new()) };
                let mut finding = finding(Check::Build, severity, &overlay.path, failure);
                self.find_kustomization(&mut finding).await;
                return Ok(vec![finding]);
            }
        };
        let (templated, mut findings) = self.charts(overlay, &manifests).await?;
        let rendered: Vec<_> = manifests.iter().chain(&templated).collect();
        findings.extend(self.against_schemas(overlay, &rendered));
        findings.extend(self.against_policies(overlay, &rendered));
        for finding in &mut findings {
            self.find_line(finding).await;
        }
        Ok(findings)
    }

    fn against_schemas(&self, overlay: &Overlay, manifests: &[&Manifest]) -> Vec<Finding> {
        let Some(schemas) = &self.material.schemas else { return Vec::new() };
        let mut findings = Vec::new();
        for manifest in manifests {
            match schemas.findings(manifest, &overlay.path) {
                Ok((found, unknown)) => {
                    findings.extend(found);
                    self.unknown.borrow_mut().extend(unknown);
                }
                Err(error) => findings.push(Finding::about(
                    manifest,
                    &overlay.path,
                    Check::Schemas,
                    Severity::Refusal,
                    error.to_string(),
                )),
            }
        }
        findings.into_iter().filter_map(|finding| finding.under(self.checks().schemas)).collect()
    }

    fn against_policies(&self, overlay: &Overlay, manifests: &[&Manifest]) -> Vec<Finding> {
        let Some(policies) = &self.material.policies else { return Vec::new() };
        let namespace = overlay.namespace.as_ref().map(Namespace::as_str);
        let domain = self.configuration.document().domain.as_str();
        match policies.over(Subject { overlay: &overlay.path, domain, namespace }) {
            Ok(mut examination) => manifests.iter().flat_map(|manifest| examination.check(manifest)).collect(),
            Err(error) => {
                let failure = Failure { place: error.place, words: error.message };
                vec![finding(Check::Policies, Severity::Refusal, &overlay.path, failure)]
            }
        }
    }

    /// What the charts of the overlay's releases render, and what is wrong with them.
    async fn charts(&self, overlay: &Overlay, manifests: &[Manifest]) -> Result<(Vec<Manifest>, Vec<Finding>), Error> {
        match Severity::Refusal.under(self.checks().chart) {
            Some(severity) => self.templated(overlay, manifests, severity).await,
            None => Ok(Default::default()),
        }
    }

    /// The same, however strict the check is.
    pub(super) async fn templated(
        &self,
        overlay: &Overlay,
        manifests: &[Manifest],
        severity: Severity,
    ) -> Result<(Vec<Manifest>, Vec<Finding>), Error> {
        let (mut rendered, mut findings) = (Vec::new(), Vec::new());
        let folder =
            self.checks().chart_folder.as_ref().map(|folder| self.configuration.root().join(folder.0.as_str()));
        let folders = self.folders_of_charts(manifests, folder.as_ref()).await?;
        let known: Vec<_> = manifests.iter().chain(&self.material.sources).cloned().collect();
        let surroundings = Surroundings {
            manifests: &known,
            folder: folder.as_ref(),
            is_chart: &|folder| folders.contains(folder),
            kubernetes: self.checks().kubernetes.as_ref().map(KubernetesVersion::as_str),
        };
        for release in manifests.iter().filter(|manifest| is_release(manifest)) {
            let about = |place: Option<Place>, message: String| Finding {
                check: Check::Chart,
                severity,
                overlay: overlay.path.clone(),
                place: place.or_else(|| release.origin.clone().map(Place::file)),
                object: Some(release.title()),
                message,
            };
            let chart = match surroundings.chart(release) {
                Ok(chart) => chart,
                Err(why) => {
                    findings.push(about(None, format!("its chart can not be checked: {why}")));
                    continue;
                }
            };
            if let ChartSource::Folder(path) = &chart.source
                && !self.is_whole
            {
                let mut files = self.tree.whole(path).await?;
                for file in &chart.values_files {
                    files.extend(self.tree.file(file).await?.map(|bytes| (file.clone(), bytes)));
                }
                self.renderer.add(self.folder, &files)?;
            }
            match self.renderer.template(self.folder, &chart).await? {
                Ok(manifests) => rendered.extend(manifests),
                Err(Failure { place, words }) => findings.push(about(place, words)),
            }
        }
        Ok((rendered, findings))
    }

    /// Those of the folders that releases name which hold a chart.
    async fn folders_of_charts(
        &self,
        manifests: &[Manifest],
        configured: Option<&RepoPath>,
    ) -> Result<BTreeSet<RepoPath>, Error> {
        let mut found = BTreeSet::new();
        let releases = manifests.iter().filter(|manifest| is_release(manifest));
        let named = releases.filter_map(|release| release.object.pointer("/spec/chart/spec/chart")?.as_str());
        let named = named.map(|name| RepoPath::top().resolve(name.trim_start_matches('/')));
        for folder in named.chain([configured.cloned()]) {
            if let Some(folder) = folder.filter(|folder| !found.contains(folder))
                && self.tree.has_file(&folder.join("Chart.yaml")).await?
            {
                found.insert(folder);
            }
        }
        Ok(found)
    }

    /// Leads from something that is no file to the kustomization that is meant, and to its line where it is named there.
    async fn find_kustomization(&self, finding: &mut Finding) {
        let Some(place) = &mut finding.place else { return };
        if self.tree.text(&place.file).await.is_some() {
            return;
        }
        let name = place.file.file_name().unwrap_or_default().to_owned();
        let mut around = vec![finding.overlay.clone()];
        let mut here = Some(place.file.clone());
        while let Some(directory) = here {
            here = directory.parent();
            around.insert(around.len() - 1, directory);
        }
        for directory in around {
            for file in kustomization::FILES.map(|file| directory.join(file)) {
                let Some(text) = self.tree.text(&file).await else { continue };
                let line = text.lines().position(|line| line.contains(&name)).map(|index| index + 1);
                *place = Place { file, line };
                return;
            }
        }
    }

    /// Finds the line of a finding that names a file only.
    async fn find_line(&self, finding: &mut Finding) {
        let Some(Place { file, line: line @ None }) = &mut finding.place else { return };
        let object = finding.object.as_deref().and_then(|title| title.strip_suffix('`')?.split_once(" `"));
        if let (Some((kind, name)), Some(text)) = (object, self.tree.text(file).await) {
            *line = line_of(&text, kind, name);
        }
    }
}

fn finding(check: Check, severity: Severity, overlay: &RepoPath, failure: Failure) -> Finding {
    let Failure { place, words } = failure;
    Finding { check, severity, overlay: overlay.clone(), place, object: None, message: words }
}
