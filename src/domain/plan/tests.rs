//! What a plan does to a tree of files, case by case.

mod asked;
mod life;
mod properties;
mod secrets;
mod table;

use super::*;
use crate::domain::base::{Base, Source, Sources};
use crate::domain::configuration::Configuration;
use crate::domain::identity::Identity;
use crate::domain::overlay::{EXTERNAL_SECRETS, FILES, KUSTOMIZATION, NAMESPACE, PATCH};
use crate::domain::roster::Roster;

const CONFIGURATION: &str = "version: 1\napplication: wildside\nrepository: acme/wildside\ndomain: preview.example.com\n\
                             images: {web: {repository: ghcr.io/acme/wildside, values: image}}\n";
const RELEASE: &str =
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: wildside}\nspec: {}\n";
const ROSTER: &str = "# ours\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n";
const NOON: &str = "2026-11-21T12:00:00Z";
const LATER: &str = "2026-11-22T08:30:00Z";

/// The files of an apps repository, by path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tree(BTreeMap<String, String>);

/// One application, and its repository.
#[derive(Debug)]
struct Scene {
    configuration: Configuration,
    base: Base,
}

impl Tree {
    fn new(root: &RepoPath, roster: Option<&str>) -> Self {
        let path = previews_directory(root).join("kustomization.yaml");
        Self(roster.map(|text| (path.as_str().to_owned(), text.to_owned())).into_iter().collect())
    }

    fn apply(&mut self, plan: &Plan) {
        for edit in &plan.edits {
            match edit {
                Edit::Write { path, before, after } => {
                    let found = self.0.insert(path.as_str().to_owned(), after.clone());
                    assert_eq!(found, *before, "`{path}` did not say what the plan says that it said");
                }
                Edit::RemoveFile { path, before } => {
                    let found = self.0.remove(path.as_str());
                    assert_eq!(found.as_ref(), Some(before), "`{path}` did not say what the plan says that it said");
                }
                Edit::RemoveDirectory { path, files } => {
                    let directory = format!("{path}/");
                    for (name, text) in files {
                        assert_eq!(self.0.get(&format!("{directory}{name}")), Some(text));
                    }
                    let before = self.0.len();
                    self.0.retain(|path, _| !path.starts_with(&directory));
                    assert!(self.0.len() < before, "`{path}` was not there");
                }
            }
        }
    }

    /// What `observe` would find in the tree for one pull request.
    fn previews(&self, root: &RepoPath) -> Previews {
        let parent = previews_directory(root);
        let prefix = format!("{parent}/");
        let mut texts: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let below = self.0.keys().filter_map(|path| path.strip_prefix(&prefix)?.split('/').next());
        let names = below.map(str::to_owned).collect();
        for (path, text) in &self.0 {
            if let Some((name, file)) = path.strip_prefix(&prefix).and_then(|below| below.split_once('/')) {
                let files = texts.entry(name.to_owned()).or_default();
                if FILES.contains(&file) {
                    files.insert(file.to_owned(), text.clone());
                }
            }
        }
        let directory = |files: BTreeMap<String, String>| {
            let record = Record::read(files.get(PATCH).map_or("", String::as_str));
            Directory { files, record }
        };
        let directories = texts.into_iter().map(|(name, files)| (name, directory(files))).collect();
        let roster = parent.join("kustomization.yaml");
        let text = self.0.get(roster.as_str()).cloned();
        let roster = text.map(|text| (roster, text));
        Previews { root: root.clone(), directories, names, unreadable: Vec::new(), roster }
    }

    fn roster(&self) -> &str {
        &self.0["overlays/ephemeral/kustomization.yaml"]
    }

    fn entries(&self) -> Vec<String> {
        Roster::parse(self.roster()).unwrap().entries().map(str::to_owned).collect()
    }

    fn record(&self, name: &str) -> Record {
        Record::read(&self.0[&format!("overlays/ephemeral/{name}/{PATCH}")]).unwrap()
    }
}

impl Scene {
    fn new() -> Self {
        Self::configured("")
    }

    fn configured(more: &str) -> Self {
        Self::at("bivouac.yaml", more)
    }

    fn at(file: &str, more: &str) -> Self {
        let configuration = Configuration::parse(file.parse().unwrap(), &format!("{CONFIGURATION}{more}")).unwrap();
        let source = Source { path: "base/a.yaml".parse().unwrap(), text: RELEASE.to_owned(), ..Source::default() };
        let sources = Sources { files: vec![source], ..Sources::default() };
        Self { configuration, base: Base::find(&"base".parse().unwrap(), &sources).unwrap() }
    }

    fn root(&self) -> RepoPath {
        self.configuration.root()
    }

    fn repository(&self) -> &RepositoryName {
        &self.configuration.document().repository
    }

    fn identity(&self, number: u32) -> Identity {
        self.configuration.identity(number.to_string().parse().unwrap()).unwrap()
    }

    /// The plan for a preview of the commit made of one digit.
    fn put_up(&self, tree: &Tree, number: u32, digit: char, now: &str, told: u64) -> Result<Plan, PlanError> {
        self.update(
            tree,
            number,
            Update { commit: &commit(digit), now: at(now), told, is_renewed: false, approval: None },
        )
    }

    fn update(&self, tree: &Tree, number: u32, update: Update<'_>) -> Result<Plan, PlanError> {
        let identity = self.identity(number);
        let tags = self.configuration.tags(&BTreeMap::new(), update.commit).unwrap();
        let ingredients =
            Ingredients { configuration: &self.configuration, base: &self.base, identity: &identity, tags: &tags };
        put_up(&ingredients, &tree.previews(&self.root()), update)
    }

    fn take_down(&self, tree: &Tree, number: u32) -> Result<Plan, PlanError> {
        let identity = self.identity(number);
        take_down(&tree.previews(&self.root()), self.repository(), identity.number, &identity.name)
    }

    /// A tree with an empty roster in which these pull requests have previews, put up at noon.
    fn with_previews(&self, numbers: &[u32]) -> Tree {
        let mut tree = Tree::new(&self.root(), Some(ROSTER));
        for number in numbers {
            let plan = self.put_up(&tree, *number, 'a', NOON, 0).unwrap();
            tree.apply(&plan);
        }
        tree
    }
}

fn commit(digit: char) -> CommitId {
    digit.to_string().repeat(40).parse().unwrap()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// The paths that a plan touches, directories with a slash.
fn touched(plan: &Plan) -> Vec<String> {
    let path = |edit: &Edit| match edit {
        Edit::Write { path, .. } | Edit::RemoveFile { path, .. } => path.to_string(),
        Edit::RemoveDirectory { path, .. } => format!("{path}/"),
    };
    plan.edits.iter().map(path).collect()
}
