//! The AppRoles of the deployer, the reader, the operator and the applications.

use super::{Field, Resource, Written, token_fields};
use crate::domain::vault::wanted::{Login, Wanted};

pub(super) fn resources(wanted: &Wanted) -> Vec<Resource> {
    let logins = [(&wanted.deployer, true), (&wanted.reader, true), (&wanted.operator, false)];
    let applications = wanted.applications.iter().map(|application| (&application.login, true));
    logins
        .into_iter()
        .chain(applications)
        .map(|(login, operator_writes)| role(wanted, login, operator_writes))
        .collect()
}

/// Every field of <https://openbao.org/api-docs/auth/approle/#create-update-approle> that is not deprecated.
fn role(wanted: &Wanted, login: &Login, operator_writes: bool) -> Resource {
    let path = format!("auth/{}/role/{}", wanted.approle_mount, login.role);
    let mut fields = vec![
        Field::new("bind_secret_id", true),
        Field::set("secret_id_bound_cidrs", Vec::new()),
        Field::new("secret_id_num_uses", 0),
        Field::seconds("secret_id_ttl", login.secret_id_ttl),
        Field { written: Written::AtCreation, ..Field::new("local_secret_ids", false) },
    ];
    fields.extend(token_fields(login, &login.policy_name));
    Resource { what: format!("AppRole `{}`", login.role), read: path.clone(), write: path, fields, operator_writes }
}
