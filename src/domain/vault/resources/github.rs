//! The login by GitHub's OIDC: who issues the tokens, and which workflows may use them.
//!
//! A role is bound to a repository's number and to one workflow file at one ref. A pull request that changes the file runs
//! it at `refs/pull/N/merge`, which no role can name: it gets no login. What it can do is call the file at the bound ref as
//! a reusable workflow, since GitHub then names the called file. So the deployer's workflow must treat its inputs as a
//! stranger's, and the operator's role takes only events that a pull request does not cause. So must an
//! application's, which reaches its own prefix and nothing else. A fork has another number.
//!
//! The claims: <https://docs.github.com/en/actions/reference/security/oidc>.

use serde_json::{Value, json};

use super::{Field, Resource, token_fields};
use crate::domain::vault::wanted::{
    GitHubLogin, IssuerKeys, Lifetime, Login, RoleName, Wanted, WorkflowLogin, WorkflowReference,
};

/// The events by which an operator's workflow may run.
const OPERATOR_EVENTS: [&str; 3] = ["push", "schedule", "workflow_dispatch"];

pub(super) fn resources(wanted: &Wanted) -> Vec<Resource> {
    let Some(github) = &wanted.github else { return Vec::new() };
    let mut all = vec![config(github)];
    if let Some(login) = &github.deployer {
        all.push(role(github, &github.role, &wanted.deployer, claims(login), true));
    }
    if let Some(login) = &github.operator {
        let mut claims = claims(login);
        claims["event_name"] = OPERATOR_EVENTS.into();
        all.push(role(github, &wanted.operator.role, &wanted.operator, claims, false));
    }
    for application in &wanted.applications {
        if let Some(login) = &application.github {
            all.push(role(github, &application.login.role, &application.login, claims(login), true));
        }
    }
    all
}

/// What a token has to say. Of a list, one is enough.
fn claims(login: &WorkflowLogin) -> Value {
    let workflows: Value = match &login.workflows[..] {
        [workflow] => workflow.as_str().into(),
        workflows => workflows.iter().map(WorkflowReference::as_str).collect(),
    };
    json!({"repository_id": login.repository_id.to_string(), "job_workflow_ref": workflows})
}

/// Every field of <https://openbao.org/api-docs/auth/jwt/#configure>; `oidc_client_secret` is never answered.
fn config(github: &GitHubLogin) -> Resource {
    let (mut discovery, mut jwks, mut keys) = (String::new(), String::new(), Vec::new());
    match &github.keys {
        IssuerKeys::Discovery => discovery = github.issuer.to_string(),
        IssuerKeys::Jwks(address) => jwks = address.to_string(),
        IssuerKeys::Pem(pem) => keys.clone_from(pem),
    }
    let path = format!("auth/{}/config", github.mount);
    Resource {
        what: format!("issuer of `auth/{}`", github.mount),
        read: path.clone(),
        write: path,
        fields: vec![
            Field::new("oidc_discovery_url", discovery),
            Field::new("oidc_discovery_ca_pem", ""),
            Field::new("oidc_client_id", ""),
            Field::new("oidc_response_mode", ""),
            Field::set("oidc_response_types", Vec::new()),
            Field::new("jwks_url", jwks),
            Field::new("jwks_ca_pem", ""),
            Field::set("jwt_validation_pubkeys", keys),
            Field::set("jwt_supported_algs", Vec::new()),
            Field::new("bound_issuer", github.issuer.as_str()),
            Field::new("default_role", github.deployer.as_ref().map_or("", |_| github.role.as_str())),
            Field::empty_map("provider_config"),
            Field::new("namespace_in_state", true),
            Field::set("override_allowed_server_names", Vec::new()).where_known(),
            Field::set("jwks_pairs", Vec::new()).where_known(),
        ],
        operator_writes: true,
    }
}

/// Every field of <https://openbao.org/api-docs/auth/jwt/#create-update-role> that has to do with a JWT.
///
/// The entity behind a login is named by `repository_id`: `sub` would make a new one for each branch.
fn role(github: &GitHubLogin, name: &RoleName, login: &Login, claims: Value, operator_writes: bool) -> Resource {
    let path = format!("auth/{}/role/{name}", github.mount);
    let mut fields = vec![
        Field::new("role_type", "jwt"),
        Field::new("user_claim", "repository_id"),
        Field::new("user_claim_json_pointer", false),
        Field::set("bound_audiences", vec![github.audience.clone()]),
        Field::new("bound_subject", ""),
        Field::new("bound_claims_type", "string"),
        Field::new("bound_claims", claims),
        Field::empty_map("claim_mappings"),
        Field::new("groups_claim", ""),
        Field::seconds("clock_skew_leeway", Lifetime::NONE),
        Field::seconds("expiration_leeway", Lifetime::NONE),
        Field::seconds("not_before_leeway", Lifetime::NONE),
        Field::seconds("max_age", Lifetime::NONE),
        Field::set("oidc_scopes", Vec::new()),
        Field::set("allowed_redirect_uris", Vec::new()),
        Field::new("verbose_oidc_logging", false),
        Field::new("token_policies_template_claims", false).where_known(),
    ];
    fields.extend(token_fields(login, &login.policy_name));
    Resource {
        what: format!("role `{name}` of `auth/{}`", github.mount),
        read: path.clone(),
        write: path,
        fields,
        operator_writes,
    }
}
