//! The applications: each writes what its previews have of their own below one prefix, and reaches nothing else.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::SeqAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::document::DeployerSettings;
use super::names::{MountPath, PolicyName, RepositoryId, RoleName, SecretPath, WorkflowReference};
use super::source::Source;
use super::{Lifetime, Login, Wanted, WantedError, WorkflowLogin};
use crate::domain::names::Application;
use crate::domain::text_type::text_default;

/// An application whose previews have secrets of their own. Its role and its policy are `bivouac-<name>`.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ApplicationSettings {
    /// The path within the secrets engine below which it writes, and nowhere else. Without it: the name of the application, below
    /// the deployer's `prefix`. What stands at the path itself is shared by all previews: it is read only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub prefix: Option<SecretPath>,
    /// Paths below `prefix` that all previews share, as `path` of `secrets` in `bivouac.yaml` names them: they are read only too.
    /// Needed where there is more than one such path.
    pub shared: Vec<SecretPath>,
    /// Paths elsewhere in the secrets engine that it reads, each exactly: what `bivouac secrets copy` may take from.
    pub reads: Vec<SecretPath>,
    /// The number of the repository whose workflows log in as this application by GitHub's OIDC, with `job-workflow-ref`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "RepositoryId")]
    pub repository_id: Option<RepositoryId>,
    /// The workflow that logs in, or a list of them: `owner/name/.github/workflows/file.yml@refs/heads/main`.
    pub job_workflow_ref: Workflows,
    /// How long its token lives.
    pub token_ttl: Lifetime,
    /// How long its token lives at most, however often it is renewed; `0` is Vault's own limit.
    pub token_max_ttl: Lifetime,
    /// How long its secret-id lives; `0` is for ever.
    pub secret_id_ttl: Lifetime,
}

impl Default for ApplicationSettings {
    fn default() -> Self {
        let DeployerSettings { token_ttl, token_max_ttl, secret_id_ttl, .. } = DeployerSettings::default();
        Self {
            prefix: None,
            shared: Vec::new(),
            reads: Vec::new(),
            repository_id: None,
            job_workflow_ref: Workflows::default(),
            token_ttl,
            token_max_ttl,
            secret_id_ttl,
        }
    }
}

/// One workflow, or a list of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Workflows(pub Vec<WorkflowReference>);

impl<'de> Deserialize<'de> for Workflows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = Workflows;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a workflow at a ref, or a list of them")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Workflows, E> {
                text.parse().map(|workflow| Workflows(vec![workflow])).map_err(E::custom)
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, items: A) -> Result<Workflows, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(Workflows)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Workflows {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Workflows".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "array"], "items": {"type": "string"}})
    }
}

/// An application, and what it may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedApplication {
    /// Its name.
    pub name: Application,
    /// Its `AppRole` and its policy, which have one name.
    pub login: Login,
    /// The path within the secrets engine below which it writes.
    pub prefix: SecretPath,
    /// The paths whose values all previews share: the prefix itself, and paths below it. It reads them, and does not write them.
    pub shared: Vec<SecretPath>,
    /// The paths elsewhere that it reads.
    pub reads: Vec<SecretPath>,
    /// Which workflows log in by GitHub's OIDC, if any do.
    pub github: Option<WorkflowLogin>,
}

/// An application without content is one with the defaults: it is there by its name.
pub(super) fn fill_blanks(document: &mut Value) {
    let applications = document.pointer_mut("/vault/applications").and_then(Value::as_object_mut);
    for blank in applications.into_iter().flat_map(Map::values_mut).filter(|application| application.is_null()) {
        *blank = Value::Object(Map::new());
    }
}

/// Proves each application by itself.
pub(super) fn settle(
    settings: BTreeMap<Application, ApplicationSettings>,
    above: &SecretPath,
    mount: &MountPath,
    source: &Source,
) -> Result<Vec<WantedApplication>, WantedError> {
    let settle_one = |(name, settings)| {
        refuse_mount(&name, &settings, mount, source)?;
        settle_one(name, settings, above, source)
    };
    settings.into_iter().map(settle_one).collect()
}

fn refuse_mount(
    name: &Application,
    settings: &ApplicationSettings,
    mount: &MountPath,
    source: &Source,
) -> Result<(), WantedError> {
    let prefix = settings.prefix.iter().map(|path| ("prefix", path));
    let shared = settings.shared.iter().map(|path| ("shared", path));
    let reads = settings.reads.iter().map(|path| ("reads", path));
    for (field, path) in prefix.chain(shared).chain(reads) {
        below_mount(path, mount).map_err(|message| source.error(&format!("applications.{name}.{field}"), message))?;
    }
    Ok(())
}

/// Refuses a path as KV version 2 has it in its requests, or its policies.
pub(super) fn below_mount(path: &SecretPath, mount: &MountPath) -> Result<(), String> {
    let Some(front) = path.in_front(mount) else { return Ok(()) };
    Err(format!("`{path}` names the mount: a path begins below the mount, without `{front}` in front"))
}

fn settle_one(
    name: Application,
    settings: ApplicationSettings,
    above: &SecretPath,
    source: &Source,
) -> Result<WantedApplication, WantedError> {
    let prefix = settings.prefix.unwrap_or_else(|| above.below(&name));
    let key = |field: &str| format!("applications.{name}.{field}");
    let mut shared = vec![prefix.clone()];
    for path in settings.shared {
        if !path.is_within(&prefix) {
            let message = format!("`{path}` is not below `{prefix}`: what is read elsewhere stands in `reads`");
            return Err(source.error(&key("shared"), message));
        }
        if !shared.contains(&path) {
            shared.push(path);
        }
    }
    if let Some(path) = settings.reads.iter().find(|path| path.is_within(&prefix)) {
        let message = format!("`{path}` is the application's own: name a path that is not below `{prefix}`");
        return Err(source.error(&key("reads"), message));
    }
    let github = match (settings.repository_id, settings.job_workflow_ref.0) {
        (None, workflows) if workflows.is_empty() => None,
        (Some(repository_id), workflows) if !workflows.is_empty() => Some(WorkflowLogin { repository_id, workflows }),
        (None, _) => return Err(lacks("repository-id", "job-workflow-ref", &name, source)),
        (Some(_), _) => return Err(lacks("job-workflow-ref", "repository-id", &name, source)),
    };
    let login = Login {
        role: text_default::<RoleName>(&format!("bivouac-{name}")),
        policy_name: text_default::<PolicyName>(&format!("bivouac-{name}")),
        policy: None,
        token_ttl: settings.token_ttl,
        token_max_ttl: settings.token_max_ttl,
        secret_id_ttl: settings.secret_id_ttl,
    };
    Ok(WantedApplication { name, login, prefix, shared, reads: settings.reads, github })
}

fn lacks(key: &str, other: &str, name: &Application, source: &Source) -> WantedError {
    let message = format!("the login by GitHub needs `{key}` too: give both, or neither");
    source.error(&format!("applications.{name}.{other}"), message)
}

/// Refuses applications that would reach what is another's.
pub(super) fn refuse_neighbours(wanted: &Wanted, source: &Source) -> Result<(), WantedError> {
    for (index, one) in wanted.applications.iter().enumerate() {
        let key = |field: &str| format!("applications.{}.{field}", one.name);
        for other in &wanted.applications[..index] {
            if one.prefix.is_within(&other.prefix) || other.prefix.is_within(&one.prefix) {
                let message = format!(
                    "`{}` and `{}` of `{}` are one within the other: give each application a path of its own",
                    one.prefix, other.prefix, other.name
                );
                return Err(source.error(&key("prefix"), message));
            }
        }
        for other in wanted.applications.iter().filter(|other| other.name != one.name) {
            if let Some(path) = one.reads.iter().find(|path| path.is_within(&other.prefix)) {
                let message = format!("`{path}` is of `{}`: one application does not read another's", other.name);
                return Err(source.error(&key("reads"), message));
            }
        }
        refuse_operators_workflow(one, wanted, source)?;
    }
    Ok(())
}

fn refuse_operators_workflow(
    application: &WantedApplication,
    wanted: &Wanted,
    source: &Source,
) -> Result<(), WantedError> {
    let operator = wanted.github.as_ref().and_then(|github| github.operator.as_ref());
    let (Some(operator), Some(login)) = (operator, &application.github) else { return Ok(()) };
    if operator.workflows.iter().any(|workflow| login.workflows.contains(workflow)) {
        let message = "one workflow would log in as the application and as the operator: give each its own";
        return Err(source.error(&format!("applications.{}.job-workflow-ref", application.name), message));
    }
    Ok(())
}
