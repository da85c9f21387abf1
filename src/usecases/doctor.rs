//! A look at everything that a preview needs, without writing anything: each topic by itself, whatever the others come to.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{base, observe};
use crate::contract::ExitCode;
use crate::domain::configuration::{Checks, Configuration, FILE, Image, Strictness};
use crate::domain::diagnosis::access::{end, of_github_token};
use crate::domain::diagnosis::layout::{self, FLUX};
use crate::domain::diagnosis::tools::{Tool, judge};
use crate::domain::diagnosis::vault::judge as judge_node;
use crate::domain::diagnosis::{Diagnosis, Topic};
use crate::domain::image::ImageReference;
use crate::domain::names::RepositoryName;
use crate::domain::overlay::previews_directory;
use crate::domain::path::RepoPath;
use crate::domain::text_type::text_default;
use crate::domain::vault::address::NodeAddress;
use crate::error::{Error, with_causes};
use crate::ports::vault::Vault;
use crate::ports::{AppsRepository, Need, PushRights, Registry, Rights, Snapshot, Tools};

/// An error as a finding: what could not be looked at is about the set-up, what was and is wrong blocks a release.
#[must_use]
pub fn of_error(topic: Topic, error: &Error) -> Diagnosis {
    let what = with_causes(error);
    let mend = error.hint().unwrap_or("put right what it says");
    match error.exit_code() {
        ExitCode::Configuration | ExitCode::Unsafe => Diagnosis::blocking(topic, what, mend),
        _ => Diagnosis::set_up(topic, what, mend),
    }
}

/// Looks at the token for the application repository.
pub async fn github_token<R: Rights>(
    forge: Result<R, Error>,
    repository: &RepositoryName,
    now: Timestamp,
) -> Vec<Diagnosis> {
    let seen = match forge {
        Ok(forge) => forge.access().await.map_err(Error::from),
        Err(error) => Err(error),
    };
    match seen {
        Ok(seen) => of_github_token(repository, &seen, now),
        Err(error) => vec![of_error(Topic::Tokens, &error)],
    }
}

/// Looks at whether the credentials for the apps repository may push.
pub async fn push_rights<P: PushRights>(credentials: Result<P, Error>) -> Diagnosis {
    let pushed = match credentials {
        Ok(credentials) => credentials.may_push().await.map_err(Error::from),
        Err(error) => Err(error),
    };
    match pushed {
        Ok(()) => Diagnosis::fine(Topic::Tokens, "the apps token may push; rules of the branch may still refuse it"),
        Err(error) => of_error(Topic::Tokens, &error),
    }
}

/// Looks at when the token for the apps repository ends. Where that can not be told, others tell why.
pub async fn end_of_apps_token(rights: &impl Rights, now: Timestamp) -> Option<Diagnosis> {
    end(&rights.access().await.ok()?, now, "the apps token")
}

/// Looks at the apps repository, and at what is in it. With its configuration, where that can be read.
pub async fn apps<A: AppsRepository>(
    apps: Result<A, Error>,
    root: &RepoPath,
) -> (Vec<Diagnosis>, Option<Configuration>) {
    let previews = previews_directory(root);
    let mut needs = observe::needs(root);
    needs.extend([Need::Content(root.join("base")), Need::Content(previews.clone()), Need::Names(previews)]);
    needs.push(Need::Content(root.join(FLUX)));
    let observed = match apps {
        Ok(apps) => apps.observe(&needs).await.map_err(Error::from),
        Err(error) => Err(error),
    };
    let snapshot = match observed {
        Ok(snapshot) => snapshot,
        Err(error) => return (vec![of_error(Topic::AppsRepository, &error)], None),
    };
    let mut found = vec![Diagnosis::fine(Topic::AppsRepository, "the apps repository can be read")];
    let configuration = match configuration(&snapshot, root).await {
        Ok(configuration) => {
            found.extend(of_root(&snapshot, &configuration).await);
            Some(configuration)
        }
        Err(error) => {
            found.push(of_error(Topic::Layout, &error));
            None
        }
    };
    found.extend(roster(&snapshot, root).await.unwrap_or_else(|error| vec![of_error(Topic::Layout, &error)]));
    found.extend(match observe::file_text(&snapshot, &root.join(FLUX)).await {
        Ok(text) => layout::of_flux(root, text.as_deref()),
        Err(error) => vec![of_error(Topic::Flux, &error)],
    });
    (found, configuration)
}

/// What there is to say of a root whose configuration can be read.
async fn of_root(snapshot: &impl Snapshot, configuration: &Configuration) -> [Diagnosis; 2] {
    let (topic, base) = (Topic::Layout, configuration.root().join("base"));
    let (application, file) = (&configuration.document().application, configuration.root().join(FILE));
    let of_base = match base::read(snapshot, configuration).await {
        Ok(_) => Diagnosis::fine(topic, format!("`{base}` has its HelmRelease")),
        Err(error) => of_error(topic, &error),
    };
    [Diagnosis::fine(topic, format!("`{file}` is of `{application}`")), of_base]
}

/// The configuration, held against that of every other root: a look has the time for all of them.
async fn configuration(snapshot: &impl Snapshot, root: &RepoPath) -> Result<Configuration, Error> {
    let others = observe::roots(snapshot).await?;
    observe::configuration_beside(snapshot, root, &others).await
}

async fn roster(snapshot: &impl Snapshot, root: &RepoPath) -> Result<Vec<Diagnosis>, Error> {
    let directory = previews_directory(root);
    let roster = observe::kustomization_of(snapshot, &directory).await?;
    let names: BTreeSet<_> = snapshot.list(&directory).await?.into_iter().map(|(name, _)| name).collect();
    Ok(layout::of_roster(&directory, roster.as_ref().map(|(file, text)| (file, text.as_str())), &names))
}

/// Looks at the programs that checks run.
pub async fn tools(tools: &impl Tools, checks: Option<&Checks>) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    for tool in [Tool::Kustomize, Tool::Helm] {
        let is_needed = checks.map(|checks| tool.is_needed(checks));
        found.push(judge(tool, &tools.version(tool).await, is_needed));
    }
    found
}

/// The tag that is asked for: whether it is there does not matter.
const ANY_TAG: &str = "latest";

/// Looks at the registries of the images, where something asks them.
pub async fn registries<G: Registry>(registry: Result<G, Error>, configuration: &Configuration) -> Vec<Diagnosis> {
    let (topic, document) = (Topic::Registry, configuration.document());
    let is_asked = |image: &&Image| image.pin || document.checks.images != Strictness::Off;
    let repositories: BTreeSet<_> = document.images.values().filter(is_asked).map(|image| &image.repository).collect();
    if repositories.is_empty() {
        let mend = "switch `checks.images` on, and an image that is not there is waited for before it is deployed";
        return vec![Diagnosis::unknown(topic, "the registries were not asked: no check asks them", mend)];
    }
    let registry = match registry {
        Ok(registry) => registry,
        Err(error) => return vec![of_error(topic, &error)],
    };
    let mut found = Vec::new();
    for repository in repositories {
        let image = ImageReference { repository: repository.clone(), tag: text_default(ANY_TAG) };
        found.push(match registry.digest(&image).await {
            Ok(Some(_)) => Diagnosis::fine(topic, format!("images of `{repository}` can be read")),
            Ok(None) => {
                Diagnosis::fine(topic, format!("the registry of `{repository}` answers, and has no tag `{ANY_TAG}`"))
            }
            Err(error) => of_error(topic, &error.into()),
        });
    }
    found
}

/// Looks at the nodes of a Vault.
pub async fn vault(vault: &impl Vault, nodes: &[NodeAddress]) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    for node in nodes {
        found.push(judge_node(&vault.look(node).await));
    }
    found
}
