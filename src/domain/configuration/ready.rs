//! `checks.ready` of `bivouac.yaml`: when a preview counts as ready. The doc comments here are the reference that users read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Configuration, ConfigurationError, any_commit, first_pull_request};
use crate::domain::identity::Identity;
use crate::domain::names::CommitId;
use crate::domain::readiness::{ExpectedStatus, FieldName, FixedAddress, InvalidProbe, JsonPointer, Probe};
use crate::domain::template::Template;

/// What is asked for if nothing is said.
const URL: &str = "https://{host}/";

/// When a preview counts as ready. It needs `header`, `json` or `flux`, which tie what is seen to the commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Ready {
    /// What is asked for over HTTP. May hold placeholders. `https://{host}/` if not given; with `flux` alone nothing is asked
    /// for. Plain HTTP only to this machine, to a private address, or to a service of the cluster (`….svc`).
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Template>,
    /// The status that the answer must have. A redirect is not followed: it is an answer.
    #[schemars(with = "u16")]
    pub status: ExpectedStatus,
    /// The header of the answer that must hold the commit, or its first seven digits or more.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<FieldName>,
    /// Where the answer, a JSON document of at most 1 MiB, must hold the commit: a JSON pointer such as `/commit`.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<JsonPointer>,
    /// The `Host` header, where it is not the host of `url`. May hold placeholders.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Template>,
    /// The address that is connected to, such as `203.0.113.7` or `203.0.113.7:8443`, so that the name is not looked up before
    /// it exists. The certificate still has to be for the host of `url`.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<FixedAddress>,
    /// Whether the status that Flux's notification controller posts on the commit must say that the release is there.
    pub flux: bool,
}

impl Ready {
    /// Whether something is asked for over HTTP.
    #[must_use]
    pub fn asks(&self) -> bool {
        let named = self.url.is_some() || self.host.is_some() || self.address.is_some();
        named || self.header.is_some() || self.json.is_some()
    }
}

impl Configuration {
    /// What to ask of a preview over HTTP; nothing where nothing is to be asked.
    ///
    /// # Errors
    ///
    /// When what the templates yield for this preview is no address.
    pub fn probe(&self, identity: &Identity, commit: &CommitId) -> Result<Option<Probe>, ConfigurationError> {
        let Some(ready) = self.document.checks.ready.as_ref().filter(|ready| ready.asks()) else { return Ok(None) };
        let wrong = |why: InvalidProbe| {
            let key = why.key();
            self.source
                .error(&[&["checks", "ready", key], &["checks", "ready"]], format!("`checks.ready.{key}`: {why}"))
        };
        let template = ready.url.clone().unwrap_or_else(|| crate::domain::text_type::text_default(URL));
        let host = ready.host.as_ref().map(|host| self.fill(host, identity, commit));
        let url = self.fill(&template, identity, commit);
        let probe = Probe::new(&url, host.as_deref(), ready.address).map_err(wrong)?;
        Ok(Some(Probe { status: ready.status, header: ready.header.clone(), json: ready.json.clone(), ..probe }))
    }

    /// Proves that what is seen of a preview can be tied to a commit, and that there is something to ask.
    pub(super) fn prove_ready(&self) -> Result<(), ConfigurationError> {
        let Some(ready) = &self.document.checks.ready else { return Ok(()) };
        if ready.header.is_none() && ready.json.is_none() && !ready.flux {
            let message = "nothing in `checks.ready` ties an answer to the commit, so that an old preview would count as ready: \
                           name the `header` or the `json` pointer that holds the commit, or set `flux: true`";
            return Err(self.source.error(&[&["checks", "ready"]], message));
        }
        self.probe(&self.identity(first_pull_request())?, &any_commit()).map(|_| ())
    }
}
