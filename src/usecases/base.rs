//! Base as kustomize would build it, as far as its `HelmRelease` goes: what it includes, how that is renamed and patched.

use std::collections::BTreeSet;

use super::observe::{file_text, kustomization_of};
use crate::domain::base::{Base, Names, Object, ReleasePatch, Source, Sources};
use crate::domain::configuration::{self, Configuration};
use crate::domain::kustomization::{self, Kustomization, Patch};
use crate::domain::path::RepoPath;
use crate::error::Error;
use crate::ports::{Entry, EntryKind, Need, Snapshot};

/// Reads everything that base and the components of every preview include, and finds base's `HelmRelease`.
///
/// # Errors
///
/// When there is no base, or it can not be used.
pub async fn read(snapshot: &impl Snapshot, configuration: &Configuration) -> Result<Base, Error> {
    let root = configuration.root();
    let directory = root.join("base");
    let base = Base::find(&directory, &included(snapshot, vec![Waiting::new(directory.clone(), Role::Base)]).await?)?;
    let named_in = || Role::Component { named_in: root.join(configuration::FILE) };
    let components = &configuration.document().preview.components;
    let components = components.iter().map(|component| Waiting::new(root.join(component.0.as_str()), named_in()));
    Ok(base.with_components(&included(snapshot, components.collect()).await?)?)
}

/// A file or directory that is still to be read, and what the kustomizations above it do to what is in it.
struct Waiting {
    path: RepoPath,
    role: Role,
    namespace: Option<String>,
    names: Names,
}

/// As what something is included.
enum Role {
    /// Base itself.
    Base,
    /// A resource of the kustomization `named_in`.
    Resource { named_in: RepoPath },
    /// A component of the file `named_in`.
    Component { named_in: RepoPath },
}

impl Waiting {
    fn new(path: RepoPath, role: Role) -> Self {
        Self { path, role, namespace: None, names: Names::default() }
    }

    fn absent(self) -> Error {
        match self.role {
            Role::Base => Error::NoBase { base: self.path },
            Role::Resource { named_in } | Role::Component { named_in } => {
                Error::NoResource { file: named_in, path: self.path }
            }
        }
    }
}

/// Reads everything that is `waiting`, and everything that it includes.
async fn included(snapshot: &impl Snapshot, mut waiting: Vec<Waiting>) -> Result<Sources, Error> {
    let mut sources = Sources::default();
    let mut seen = BTreeSet::new();
    loop {
        let needs: Vec<_> = waiting.iter().map(|next| Need::Content(next.path.clone())).collect();
        snapshot.gather(&needs).await?;
        let Some(next) = waiting.pop() else { return Ok(sources) };
        if !seen.insert(next.path.clone()) {
            continue;
        }
        match (snapshot.entry(&next.path).await?, &next.role) {
            (Entry::File(text), Role::Resource { .. }) => {
                sources.files.push(Source { path: next.path, text, namespace: next.namespace, names: next.names });
            }
            (Entry::File(_), _) => return Err(Error::InTheWay { path: next.path, kind: EntryKind::File }),
            (Entry::Directory, _) => {
                let mut below = include(snapshot, &next, &mut sources).await?;
                below.reverse();
                waiting.extend(below);
            }
            (Entry::Absent, _) => return Err(next.absent()),
            (Entry::InTheWay { path, kind }, _) => return Err(Error::InTheWay { path, kind }),
        }
    }
}

/// Reads the kustomization of a directory and returns what it includes.
async fn include(snapshot: &impl Snapshot, from: &Waiting, sources: &mut Sources) -> Result<Vec<Waiting>, Error> {
    let directory = &from.path;
    let Some((file, text)) = kustomization_of(snapshot, directory).await? else {
        return Err(Error::NoKustomization { directory: directory.clone() });
    };
    let found = Kustomization::parse(&text).map_err(|source| Error::NotYaml { path: file.clone(), source })?;
    if matches!(from.role, Role::Component { .. }) && found.kind.as_deref() != Some("Component") {
        return Err(Error::NotAComponent { file });
    }
    if let Some(what) = not_followed(&found) {
        return Err(Error::NotFollowed { file, what });
    }
    sources.patches.push(patches(snapshot, directory, &file, &found).await?);
    let names = Names {
        prefix: format!("{}{}", from.names.prefix, found.name_prefix),
        suffix: format!("{}{}", found.name_suffix, from.names.suffix),
        are_followed: from.names.are_followed || !found.configurations.is_empty(),
    };
    sources.generated.extend(generated(&found, &names));
    let namespace = from.namespace.clone().or(found.namespace);
    let resources = found.resources.into_iter().chain(found.bases);
    let resources = resources.map(|path| (path, Role::Resource { named_in: file.clone() }));
    let components = found.components.into_iter().map(|path| (path, Role::Component { named_in: file.clone() }));
    let mut below = Vec::new();
    for (resource, role) in resources.chain(components) {
        if kustomization::is_remote(&resource) {
            sources.remote.push(resource);
            continue;
        }
        let path = inside(directory, &file, resource)?;
        below.push(Waiting { path, role, namespace: namespace.clone(), names: names.clone() });
    }
    Ok(below)
}

/// What could change the release in a way that is not seen here: a preview that is not closed could reach into another
/// environment.
fn not_followed(found: &Kustomization) -> Option<&'static str> {
    let mut remote = found.patches.iter().chain(&found.patches_json6902).filter_map(|patch| patch.path.as_deref());
    match found {
        _ if !found.transformers.is_empty() => Some("transformers"),
        _ if !found.replacements.is_empty() => Some("replacements"),
        _ if remote.any(kustomization::is_remote) => Some("a patch that is fetched from elsewhere"),
        _ => None,
    }
}

/// The objects that are generated under a name that a `HelmRelease` can refer to: one with a hash in its name is only found
/// where kustomize is told to carry names over.
fn generated(found: &Kustomization, names: &Names) -> Vec<Object> {
    let of_kind = |kind: &'static str, generators: &[kustomization::Generator]| {
        let all = found.generator_options.disable_name_suffix_hash || names.are_followed;
        let lasting = generators.iter().filter(move |generator| all || generator.options.disable_name_suffix_hash);
        lasting.map(|generator| Object::generated(kind, &generator.name, names)).collect::<Vec<_>>()
    };
    [of_kind("ConfigMap", &found.config_map_generator), of_kind("Secret", &found.secret_generator)].concat()
}

/// The patches of a kustomization, in the order in which kustomize applies them.
async fn patches(
    snapshot: &impl Snapshot,
    directory: &RepoPath,
    file: &RepoPath,
    found: &Kustomization,
) -> Result<Vec<ReleasePatch>, Error> {
    let strategic = found.patches_strategic_merge.iter().map(|text| {
        let text = Some(text.clone());
        let is_inline = text.as_deref().is_some_and(|text| text.contains('\n'));
        let (inline, file) = if is_inline { (text, None) } else { (None, text) };
        Patch { path: file, patch: inline, target: None }
    });
    let mut patches = Vec::new();
    for patch in strategic.chain(found.patches.iter().cloned()).chain(found.patches_json6902.iter().cloned()) {
        let (path, text) = match (patch.path, patch.patch) {
            (Some(path), _) => {
                let path = inside(directory, file, path)?;
                let Some(text) = file_text(snapshot, &path).await? else {
                    return Err(Error::NoResource { file: file.clone(), path });
                };
                (path, text)
            }
            (None, Some(text)) => (file.clone(), text),
            (None, None) => continue,
        };
        patches.push(ReleasePatch { path, text, target: patch.target });
    }
    Ok(patches)
}

fn inside(directory: &RepoPath, file: &RepoPath, resource: String) -> Result<RepoPath, Error> {
    directory.resolve(&resource).ok_or_else(|| Error::OutOfTree { file: file.clone(), resource })
}
