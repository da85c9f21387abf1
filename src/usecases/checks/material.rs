//! What manifests are held against: the schemas and policies of a root.

use super::Kit;
use super::tree::Edited;
use crate::domain::checks::policy::Policies;
use crate::domain::checks::schema::Schemas;
use crate::domain::checks::{Check, Finding, Manifest, Place, Severity};
use crate::domain::configuration::{self, Configuration, Strictness};
use crate::domain::path::RepoPath;
use crate::domain::yaml;
use crate::error::Error;
use crate::ports::{Files, Renderer, SchemaArchives, Snapshot};

/// The schemas and policies of a root.
#[derive(Default)]
pub(super) struct Material {
    pub(super) schemas: Option<Schemas>,
    pub(super) policies: Option<Policies>,
    /// What Flux is told beside the overlays: the sources of charts are there.
    pub(super) sources: Vec<Manifest>,
    /// What is wrong with them.
    pub(super) findings: Vec<Finding>,
}

impl Material {
    /// Reads what the checks of a root need.
    pub(super) async fn read(
        kit: &Kit<'_, impl Renderer, impl SchemaArchives>,
        tree: &Edited<'_, impl Snapshot>,
        configuration: &Configuration,
    ) -> Result<Self, Error> {
        tree.gather(folders(configuration)).await?;
        let mut material = Self::default();
        if configuration.document().checks.chart != Strictness::Off {
            material.sources = sources(tree, &configuration.root()).await?;
        }
        match policies(tree, configuration).await? {
            Ok(policies) => material.policies = policies.filter(|policies| !policies.is_empty()),
            Err(finding) => material.findings.extend(finding.under(of_policies(configuration))),
        }
        match schemas(kit, tree, configuration).await? {
            Ok(schemas) => material.schemas = schemas,
            Err(finding) => material.findings.extend(finding.under(configuration.document().checks.schemas)),
        }
        Ok(material)
    }
}

/// The objects in the files for Flux, where `init` puts the source of the chart.
pub(super) async fn sources(tree: &Edited<'_, impl Snapshot>, root: &RepoPath) -> Result<Vec<Manifest>, Error> {
    let texts = texts(tree.whole(&root.join("flux")).await?).unwrap_or_default().into_iter();
    let yaml = texts.filter(|(path, _)| matches!(path.extension(), "yaml" | "yml"));
    // What is broken there is not what was asked for.
    let objects = yaml.flat_map(|(_, text)| yaml::parse_all(&text).unwrap_or_default());
    Ok(objects.map(|object| Manifest { object, origin: None }).collect())
}

/// The folders that the checks of a root read.
fn folders(configuration: &Configuration) -> Vec<RepoPath> {
    let checks = &configuration.document().checks;
    let is_on = |strictness: Strictness| strictness != Strictness::Off;
    let policies = checks.policy_folders.iter().filter(|_| is_on(checks.policies));
    let schemas = checks.schema_folders.iter().filter(|_| is_on(checks.schemas));
    let chart = checks.chart_folder.iter().filter(|_| is_on(checks.chart));
    let flux = is_on(checks.chart).then(|| configuration.root().join("flux"));
    let named = policies.chain(schemas).chain(chart).map(|folder| configuration.root().join(folder.0.as_str()));
    named.chain(flux).collect()
}

/// How strict the policies are: the folder's, else the strictest of those that are brought along.
fn of_policies(configuration: &Configuration) -> Strictness {
    let checks = &configuration.document().checks;
    if checks.policies != Strictness::Off {
        return checks.policies;
    }
    checks.rules.values().copied().max().unwrap_or_default()
}

async fn policies(
    tree: &Edited<'_, impl Snapshot>,
    configuration: &Configuration,
) -> Result<Result<Option<Policies>, Finding>, Error> {
    let checks = &configuration.document().checks;
    if of_policies(configuration) == Strictness::Off {
        return Ok(Ok(None));
    }
    let mut files = Vec::new();
    for folder in checks.policy_folders.iter().filter(|_| checks.policies != Strictness::Off) {
        let folder = configuration.root().join(folder.0.as_str());
        let texts = match texts(tree.whole_strictly(&folder).await?) {
            Ok(texts) => texts,
            Err(path) => return Ok(Err(no_text(configuration, Check::Policies, path))),
        };
        if !texts.iter().any(|(path, _)| path.extension() == "rego") {
            let message = format!("`checks.policies` is on, and there is no policy (`*.rego`) in `{folder}`");
            return Ok(Err(of_root(configuration, Check::Policies, None, message)));
        }
        files.extend(texts);
    }
    let policies = match Policies::read(&files, checks) {
        Ok(policies) => policies,
        Err(error) => return Ok(Err(of_root(configuration, Check::Policies, error.place, error.message))),
    };
    if checks.policies != Strictness::Off && !policies.has_own() {
        let message = "the policies have no rule of the package `main` that is called `deny`, `violation` or `warn`";
        return Ok(Err(of_root(configuration, Check::Policies, None, message.to_owned())));
    }
    Ok(Ok(Some(policies)))
}

async fn schemas(
    kit: &Kit<'_, impl Renderer, impl SchemaArchives>,
    tree: &Edited<'_, impl Snapshot>,
    configuration: &Configuration,
) -> Result<Result<Option<Schemas>, Finding>, Error> {
    let checks = &configuration.document().checks;
    if checks.schemas == Strictness::Off {
        return Ok(Ok(None));
    }
    let wrong = |message: String| of_root(configuration, Check::Schemas, None, message);
    let mut files = Vec::new();
    for folder in &checks.schema_folders {
        let folder = configuration.root().join(folder.0.as_str());
        let found = match texts(tree.whole_strictly(&folder).await?) {
            Ok(texts) => texts,
            Err(path) => return Ok(Err(no_text(configuration, Check::Schemas, path))),
        };
        if found.is_empty() {
            return Ok(Err(wrong(format!("`checks.schema-folders` names `{folder}`, where nothing is"))));
        }
        files.extend(found.into_iter().map(|(path, text)| (path.to_string(), text)));
    }
    for archive in &checks.schema_archives {
        files.extend(kit.archives.read(archive).await?);
    }
    if files.is_empty() {
        let message = "`checks.schemas` is on, and neither `schema-folders` nor `schema-archives` says where they are";
        return Ok(Err(wrong(message.to_owned())));
    }
    files.retain(|(path, _)| Schemas::concerns(path, None));
    Ok(Schemas::read(files, checks.kubernetes.as_ref()).map(Some).map_err(|error| wrong(error.to_string())))
}

/// The files that policies and schemas are written in, or one of them that is no text.
fn texts(files: Files) -> Result<Vec<(RepoPath, String)>, RepoPath> {
    let is_read =
        |path: &RepoPath| matches!(path.extension().to_ascii_lowercase().as_str(), "rego" | "json" | "yaml" | "yml");
    let texts = files.into_iter().filter(|(path, _)| is_read(path));
    texts.map(|(path, bytes)| String::from_utf8(bytes).map(|text| (path.clone(), text)).map_err(|_| path)).collect()
}

fn no_text(configuration: &Configuration, check: Check, path: RepoPath) -> Finding {
    of_root(
        configuration,
        check,
        Some(Place::file(path)),
        "it is not UTF-8 text, so that it can not be read".to_owned(),
    )
}

/// Something that is wrong for all overlays of a root.
fn of_root(configuration: &Configuration, check: Check, place: Option<Place>, message: String) -> Finding {
    let root = configuration.root();
    let place = place.or_else(|| Some(Place::file(root.join(configuration::FILE))));
    Finding { check, severity: Severity::Refusal, overlay: root, place, object: None, message }
}
