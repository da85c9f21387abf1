//! The policies: who may do what, and nothing else.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::{Compare, Field, Resource};
use crate::domain::vault::wanted::{MountPath, PolicyName, RoleName, SecretPath, Wanted, WantedApplication};

/// What is allowed at one path.
type Rule = (String, &'static [&'static str]);

/// What KV version 2 does to versions, each under a path of its own.
const CHANGES: [&str; 3] = ["delete", "undelete", "destroy"];

pub(super) fn resources(wanted: &Wanted) -> Vec<Resource> {
    let text = |given: &Option<String>, usual: fn(&Wanted) -> String| given.clone().unwrap_or_else(|| usual(wanted));
    let deployer = text(&wanted.deployer.policy, deployer_policy);
    let reader = text(&wanted.reader.policy, reader_policy);
    let operator = text(&wanted.operator.policy, operator_policy);
    let mut all = vec![
        policy(&wanted.deployer.policy_name, deployer, true),
        policy(&wanted.reader.policy_name, reader, true),
        policy(&wanted.operator.policy_name, operator, false),
    ];
    let applications = wanted.applications.iter();
    all.extend(applications.map(|application| {
        policy(&application.login.policy_name, application_policy(&wanted.kv_mount, application), true)
    }));
    all.extend(wanted.policies.iter().map(|(name, text)| policy(name, text.clone(), true)));
    all
}

/// The fields are those of <https://openbao.org/api-docs/system/policies/>; Vault's has the text alone.
fn policy(name: &PolicyName, text: String, operator_writes: bool) -> Resource {
    let path = format!("sys/policies/acl/{name}");
    Resource {
        what: format!("policy `{name}`"),
        read: path.clone(),
        write: path,
        fields: vec![
            Field { compare: Compare::Policy, ..Field::new("policy", text) },
            Field::new("cas_required", false).where_known(),
            Field::new("allow_slashes_in_identity_templates", false).where_known(),
            Field::new("allow_wildcards_in_identity_templates", false).where_known(),
            // A policy that ends takes the login with it. One that is written without an end has none.
            Field { written: super::Written::ByItself, ..Field::new("expiration", Value::Null) },
        ],
        operator_writes,
    }
}

/// The usual policy of the deployer: everything below its own prefix, and nothing else. KV version 2 has a path for each
/// verb: <https://openbao.org/docs/secrets/kv/kv-v2/#acl-rules>.
#[must_use]
pub fn deployer_policy(wanted: &Wanted) -> String {
    let (mount, prefix): (&MountPath, &SecretPath) = (&wanted.kv_mount, &wanted.prefix);
    written(&[
        (format!("{mount}/data/{prefix}/*"), &["create", "read", "update", "delete", "list"]),
        // Deleting here removes a preview's path with all its versions.
        (format!("{mount}/metadata/{prefix}/*"), &["create", "read", "update", "delete", "list"]),
        (format!("{mount}/delete/{prefix}/*"), &["update"]),
        (format!("{mount}/undelete/{prefix}/*"), &["update"]),
        (format!("{mount}/destroy/{prefix}/*"), &["update"]),
    ])
}

/// The policy of an application: everything below its own prefix. What all of its previews share, at the prefix itself and where
/// `shared` says so, it reads and does not write: jobs of pull requests hold this login, and what one of them writes must not reach
/// the preview of another.
///
/// A server takes `path/`, and `path//` too, for `path` when it deletes, although a rule for `path/*` is what matches them: without
/// rules of their own, whoever may write below a path could delete what stands at it, with all its versions. It takes `a//b` for
/// `a/b`, too, so no name on the way to what is shared may be followed by two of them.
#[must_use]
pub fn application_policy(mount: &MountPath, application: &WantedApplication) -> String {
    let prefix = &application.prefix;
    let mut rules: Vec<Rule> = vec![
        (format!("{mount}/data/{prefix}/*"), &["create", "read", "update", "delete"]),
        (format!("{mount}/metadata/{prefix}/*"), &["create", "read", "update", "delete", "list"]),
    ];
    rules.extend(CHANGES.map(|verb| (format!("{mount}/{verb}/{prefix}/*"), &["update"][..])));
    for path in &application.shared {
        rules.push((format!("{mount}/data/{path}"), &["read"]));
        rules.push((format!("{mount}/data/{path}/"), &["deny"]));
        rules.push((format!("{mount}/metadata/{path}"), &["read", "list"]));
        rules.push((format!("{mount}/metadata/{path}/"), &["list"]));
        rules.extend(CHANGES.map(|verb| (format!("{mount}/{verb}/{path}"), &["deny"][..])));
        rules.extend(CHANGES.map(|verb| (format!("{mount}/{verb}/{path}/"), &["deny"][..])));
    }
    for path in ways_to(&application.shared, prefix) {
        let all = ["data", "metadata"].into_iter().chain(CHANGES);
        rules.extend(all.map(|verb| (format!("{mount}/{verb}/{path}//*"), &["deny"][..])));
    }
    rules.extend(application.reads.iter().map(|path| (format!("{mount}/data/{path}"), &["read"][..])));
    written(&rules)
}

/// The paths that are shared, and those between them and the prefix, with the prefix itself: each once.
fn ways_to<'a>(shared: &'a [SecretPath], prefix: &SecretPath) -> BTreeSet<&'a str> {
    let start = prefix.as_str().len();
    let ways = shared.iter().map(SecretPath::as_str).flat_map(move |path| {
        let slashes = path.match_indices('/').map(|(index, _)| index).filter(move |index| *index >= start);
        slashes.map(|index| &path[..index]).chain([path])
    });
    ways.collect()
}

/// The usual policy of the External Secrets reader: it reads the whole secrets engine, and changes nothing.
#[must_use]
pub fn reader_policy(wanted: &Wanted) -> String {
    let mount = &wanted.kv_mount;
    written(&[(format!("{mount}/data/*"), &["read"]), (format!("{mount}/metadata/*"), &["read", "list"])])
}

/// The policy of the operator: what a run needs that converges, by exact names.
///
/// It reads its own policy and roles and does not write them, so it can not widen itself in one step. It writes the policies
/// of the others and mints their secret-ids, so whoever holds it can reach what those could be given: it is to be guarded
/// like a root token that lives for minutes.
///
/// `sudo` stands where the server protects a path:
/// <https://openbao.org/docs/concepts/policies/#root-protected-api-endpoints> and
/// <https://developer.hashicorp.com/vault/docs/concepts/policies#root-protected-api-endpoints>.
#[must_use]
pub fn operator_policy(wanted: &Wanted) -> String {
    let mut rules: Vec<Rule> = vec![
        ("sys/mounts".to_owned(), &["read"]),
        ("sys/auth".to_owned(), &["read"]),
        ("sys/audit".to_owned(), &["read", "sudo"]),
        ("sys/internal/ui/mounts".to_owned(), &["read"]),
        ("sys/storage/raft/configuration".to_owned(), &["read"]),
        (format!("sys/mounts/{}", wanted.kv_mount), &["create", "read", "update"]),
        (format!("sys/mounts/{}/tune", wanted.kv_mount), &["create", "read", "update"]),
        // A mount is shown to those only who may read something below it.
        (format!("{}/config", wanted.kv_mount), &["read"]),
    ];
    let applications = || wanted.applications.iter().map(|application| &application.login);
    let others = [&wanted.deployer.policy_name, &wanted.reader.policy_name];
    let of_applications = applications().map(|login| &login.policy_name);
    for name in others.into_iter().chain(of_applications).chain(wanted.policies.keys()) {
        rules.push((format!("sys/policies/acl/{name}"), &["create", "read", "update"]));
    }
    rules.push((format!("sys/policies/acl/{}", wanted.operator.policy_name), &["read"]));
    rules.push((format!("sys/auth/{}", wanted.approle_mount), &["create", "read", "update", "sudo"]));
    let others = [&wanted.deployer.role, &wanted.reader.role];
    for name in others.into_iter().chain(applications().map(|login| &login.role)) {
        rules.extend(approle_rules(&wanted.approle_mount, name));
    }
    let own = &wanted.operator.role;
    rules.push((format!("auth/{}/role/{own}", wanted.approle_mount), &["read"]));
    rules.push((format!("auth/{}/role/{own}/role-id", wanted.approle_mount), &["read"]));
    rules.extend(github_rules(wanted));
    written(&rules)
}

fn github_rules(wanted: &Wanted) -> Vec<Rule> {
    let Some(github) = &wanted.github else { return Vec::new() };
    let mount = &github.mount;
    let mut rules: Vec<Rule> = vec![
        (format!("sys/auth/{mount}"), &["create", "read", "update", "sudo"]),
        (format!("auth/{mount}/config"), &["create", "read", "update"]),
    ];
    let applications = wanted.applications.iter().filter(|application| application.github.is_some());
    let deployer = github.deployer.iter().map(|_| &github.role);
    for role in deployer.chain(applications.map(|application| &application.login.role)) {
        rules.push((format!("auth/{mount}/role/{role}"), &["create", "read", "update"]));
    }
    if github.operator.is_some() {
        rules.push((format!("auth/{mount}/role/{}", wanted.operator.role), &["read"]));
    }
    rules
}

fn approle_rules(mount: &MountPath, name: &RoleName) -> [Rule; 5] {
    let role = format!("auth/{mount}/role/{name}");
    [
        (role.clone(), &["create", "read", "update"]),
        (format!("{role}/role-id"), &["create", "read", "update"]),
        (format!("{role}/secret-id"), &["create", "update"]),
        (format!("{role}/secret-id-accessor/lookup"), &["create", "update"]),
        (format!("{role}/secret-id-accessor/destroy"), &["create", "update"]),
    ]
}

fn written(rules: &[Rule]) -> String {
    let mut text = String::new();
    for (path, words) in rules {
        let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
        let _ = write!(text, "path \"{path}\" {{\n  capabilities = [{}]\n}}\n", words.join(", "));
    }
    text
}
