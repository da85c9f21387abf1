//! `checks.ready` of `bivouac.yaml`: when a preview counts as ready. The doc comments here are the reference that users read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::template::Template;

/// When a preview counts as ready.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Ready {
    /// What is asked for over HTTP. May hold placeholders. `https://{host}/` if not given.
    #[schemars(with = "String")]
    pub url: Template,
    /// The status that the answer must have.
    pub status: u16,
    /// The header of the answer that must hold the commit.
    pub header: Option<String>,
    /// Where the answer, a JSON document, must hold the commit: a JSON pointer such as `/commit`.
    pub json: Option<String>,
    /// The `Host` header, where it is not the host of `url`. May hold placeholders.
    #[schemars(with = "Option<String>")]
    pub host: Option<Template>,
    /// The address that is connected to, `203.0.113.7:443`, so that the name is not looked up before it exists.
    pub address: Option<String>,
    /// Whether the status that Flux's notification controller posts on the commit must say that the release is there.
    pub flux: bool,
}

impl Default for Ready {
    fn default() -> Self {
        let url = "https://{host}/".parse().unwrap_or_else(|_| unreachable!("a default is a template"));
        Self { url, status: 200, header: None, json: None, host: None, address: None, flux: false }
    }
}
