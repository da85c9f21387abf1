//! The audit device, and what is mounted: KV version 2, `AppRole`, JWT.

use std::time::Duration;

use serde_json::{Value, json};

use super::Run;
use super::login::Session;
use crate::domain::vault::wanted::AuditDevice;
use crate::error::BootstrapError;
use crate::ports::vault::{Access, HandOver, Mark, Vault, VaultError};
use crate::ports::{EscrowCipher, EscrowSink};

/// What is mounted, as `sys/internal/ui/mounts` tells it: secrets engines and auth methods in one answer.
pub(super) struct Mounted(Value);

impl Mounted {
    fn at(&self, kind: &str, path: &str) -> Option<&Value> {
        self.0.get(kind)?.get(format!("{}/", path.trim_end_matches('/')))
    }
}

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    pub(super) async fn mounted(&self, access: &Access) -> Result<Mounted, BootstrapError> {
        let found = self.world.vault.read(access, "sys/internal/ui/mounts").await?;
        Ok(Mounted(found.unwrap_or_default()))
    }

    /// The audit device: before anything else is written, so that it is in the log.
    pub(super) async fn audit(&mut self, session: &Session) -> Result<(), BootstrapError> {
        let Some(wanted) = self.request.wanted.audit.clone() else { return Ok(()) };
        let what = "audit device";
        self.begin(what);
        let access = &session.access;
        let found = self.world.vault.read(access, "sys/audit").await?.unwrap_or_default();
        let path = wanted.path.to_string();
        // Where none is asked for by name, any does.
        let any = found.as_object().and_then(|devices| devices.keys().find(|key| key.ends_with('/')).cloned());
        if let (Some(any), true) = (any, wanted == AuditDevice::default()) {
            self.report(what, Mark::Fine, &format!("`{}`", any.trim_end_matches('/')));
            return Ok(());
        }
        if let Some(there) = found.get(format!("{path}/")).cloned() {
            self.compare_audit(what, &there, &wanted);
            return Ok(());
        }
        if !self.differs(what, &format!("`{path}` is missing")) {
            return Ok(());
        }
        let body = json!({ "type": wanted.kind, "options": wanted.options });
        match self.write(session, what, &format!("sys/audit/{path}"), &body).await {
            Ok(_) => {}
            Err(BootstrapError::Vault(VaultError::Refused { status: 400 | 404 | 405, message, .. })) => {
                let detail = format!(
                    "`{path}` is missing, and the server does not take one by its API: declare it in the server's configuration ({message})"
                );
                self.report(what, Mark::Warned, &detail);
                return Ok(());
            }
            // A hardened server takes none and makes no root token either, and says neither to the operator.
            Err(BootstrapError::NotOfOperator { why, .. }) => {
                let detail = format!(
                    "`{path}` is missing, and is not the operator's to create: declare it in the server's configuration, or give a root token in `BIVOUAC_VAULT_TOKEN` for one run ({why})"
                );
                self.report(what, Mark::Warned, &detail);
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        let found = self.world.vault.read(access, "sys/audit").await?.unwrap_or_default();
        if found.get(format!("{path}/")).is_none() {
            return Err(BootstrapError::NotReadBack { what: format!("audit device `{path}`") });
        }
        self.report(what, Mark::Changed, &format!("`{path}` created"));
        Ok(())
    }

    /// An audit device can not be changed in place, and without one nothing is logged: it is left, and told of.
    fn compare_audit(&mut self, what: &str, there: &Value, wanted: &AuditDevice) {
        let kind = there.get("type").and_then(Value::as_str).unwrap_or_default();
        let differs =
            (kind != wanted.kind).then(|| format!("type: is `{kind}`, wanted `{}`", wanted.kind)).or_else(|| {
                wanted.options.iter().find_map(|(name, value)| {
                    let is = there.get("options").and_then(|options| options.get(name)).and_then(Value::as_str);
                    (is != Some(value.as_str()))
                        .then(|| format!("options.{name}: is `{}`, wanted `{value}`", is.unwrap_or_default()))
                })
            });
        let path = &wanted.path;
        match differs {
            None => self.report(what, Mark::Fine, &format!("`{path}`")),
            Some(differs) if self.request.mode == super::Mode::Apply => {
                let detail = format!(
                    "`{path}` {differs}; it is left, since nothing would be logged between two devices: replace it by hand"
                );
                self.report(what, Mark::Warned, &detail);
            }
            Some(differs) => {
                self.differs(what, &format!("`{path}` {differs}"));
            }
        }
    }

    pub(super) async fn mounts(&mut self, session: &Session, mounted: &Mounted) -> Result<(), BootstrapError> {
        self.kv(session, mounted).await?;
        let approle = self.request.wanted.approle_mount.to_string();
        self.auth(session, mounted, &approle, "approle").await?;
        if let Some(github) = self.request.wanted.github.clone() {
            self.auth(session, mounted, github.mount.as_str(), "jwt").await?;
        }
        Ok(())
    }

    async fn kv(&mut self, session: &Session, mounted: &Mounted) -> Result<(), BootstrapError> {
        let path = self.request.wanted.kv_mount.to_string();
        let what = format!("secrets engine `{path}`");
        self.begin(&what);
        let Some(there) = mounted.at("secret", &path) else {
            if self.differs(&what, "is missing") {
                let body = json!({ "type": "kv", "options": { "version": "2" } });
                let written = self.write(session, &what, &format!("sys/mounts/{path}"), &body).await;
                self.mounted_by_us(session, "secret", &path, written).await?;
                self.is_version_2(&session.access, &path).await?;
                self.report(&what, Mark::Changed, "KV version 2 enabled");
            }
            return Ok(());
        };
        let kind = there.get("type").and_then(Value::as_str).unwrap_or_default();
        if kind != "kv" {
            return Err(BootstrapError::OtherMount { path, kind: kind.to_owned(), wanted: "kv" });
        }
        if version(there) == "2" {
            self.report(&what, Mark::Fine, "KV version 2");
            return Ok(());
        }
        if !self.request.upgrades_kv {
            return Err(BootstrapError::KvVersion1 { path });
        }
        if self.differs(&what, "is KV version 1") {
            let body = json!({ "options": { "version": "2" } });
            self.write(session, &what, &format!("sys/mounts/{path}/tune"), &body).await?;
            self.is_version_2(&session.access, &path).await?;
            self.report(&what, Mark::Changed, "upgraded to KV version 2");
        }
        Ok(())
    }

    /// Whether it was mounted by this run; where it was refused because something is there by now, another one was quicker.
    async fn mounted_by_us(
        &self,
        session: &Session,
        kind: &str,
        path: &str,
        written: Result<Access, BootstrapError>,
    ) -> Result<(), BootstrapError> {
        let Err(error) = written else { return Ok(()) };
        let is_refused = matches!(error, BootstrapError::Vault(VaultError::Refused { .. }));
        if is_refused && self.mounted(&session.access).await?.at(kind, path).is_some() {
            return Err(BootstrapError::OtherRun { what: format!("`{path}`") });
        }
        Err(error)
    }

    /// Reads back that a mount is of version 2, and waits until it answers: an upgrade moves the data first.
    async fn is_version_2(&self, access: &Access, path: &str) -> Result<(), BootstrapError> {
        let until = tokio::time::Instant::now() + self.request.patience;
        loop {
            let mounted = self.mounted(access).await?;
            let is_there = mounted.at("secret", path).is_some_and(|mount| version(mount) == "2");
            let config = self.world.vault.read(access, &format!("{path}/config")).await;
            let is_busy = matches!(config, Err(VaultError::Refused { .. }));
            match (is_there, is_busy) {
                (true, false) => return Ok(()),
                _ if tokio::time::Instant::now() >= until => {
                    return Err(BootstrapError::NotReadBack { what: format!("secrets engine `{path}`") });
                }
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    async fn auth(
        &mut self,
        session: &Session,
        mounted: &Mounted,
        path: &str,
        kind: &'static str,
    ) -> Result<(), BootstrapError> {
        let what = format!("auth method `{path}`");
        self.begin(&what);
        if let Some(there) = mounted.at("auth", path) {
            let is = there.get("type").and_then(Value::as_str).unwrap_or_default();
            if is != kind {
                return Err(BootstrapError::OtherMount {
                    path: format!("auth/{path}"),
                    kind: is.to_owned(),
                    wanted: kind,
                });
            }
            self.report(&what, Mark::Fine, "");
            return Ok(());
        }
        if self.differs(&what, "is missing") {
            let written = self.write(session, &what, &format!("sys/auth/{path}"), &json!({ "type": kind })).await;
            self.mounted_by_us(session, "auth", path, written).await?;
            if self.mounted(&session.access).await?.at("auth", path).is_none() {
                return Err(BootstrapError::NotReadBack { what });
            }
            self.report(&what, Mark::Changed, "enabled");
        }
        Ok(())
    }
}

fn version(mount: &Value) -> &str {
    mount.pointer("/options/version").and_then(Value::as_str).unwrap_or("1")
}
