//! The policies that Bivouac brings.

use crate::domain::configuration::Rule;

impl Rule {
    /// Its name in `checks.rules`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NoInlineSecrets => "no-inline-secrets",
            Self::Resources => "resources",
            Self::SecurityContext => "security-context",
            Self::MandatoryLabels => "mandatory-labels",
            Self::NoClusterScope => "no-cluster-scope",
            Self::HostInDomain => "host-in-domain",
        }
    }

    /// Its text, in Rego.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::NoInlineSecrets => include_str!("../rules/no_inline_secrets.rego"),
            Self::Resources => include_str!("../rules/resources.rego"),
            Self::SecurityContext => include_str!("../rules/security_context.rego"),
            Self::MandatoryLabels => include_str!("../rules/mandatory_labels.rego"),
            Self::NoClusterScope => include_str!("../rules/no_cluster_scope.rego"),
            Self::HostInDomain => include_str!("../rules/host_in_domain.rego"),
        }
    }

    /// The path of its refusals, as a query has it.
    pub(super) fn query(self) -> String {
        format!("data.bivouac_rules.{}.deny", self.word().replace('-', "_"))
    }
}
