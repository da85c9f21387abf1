//! The demonstration of `bootstrap-vault`: a real OpenBao server in memory, brought up, run again, broken and repaired.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::process::{Child, Command};

use super::stage::{Stage, folder, is_coloured, prompt};
use crate::commands::{context::Context, report};
use crate::contract::ExitCode;
use crate::domain::vault::address::NodeAddress;
use crate::effects::escrow::{AgeCipher, FileSink, new_identity};
use crate::effects::vault::VaultNodes;
use crate::error::Error;
use crate::ports::vault::{Access, Login, Vault as _};
use crate::ports::{EscrowCipher as _, EscrowSink as _};
use crate::secret::Secret;

/// How long the server may take to start.
const START: Duration = Duration::from_secs(20);
/// What somebody makes of the deployer's policy.
const WIDENED: &str =
    "path \"secret/*\" {\n  capabilities = [\"create\", \"read\", \"update\", \"delete\", \"list\"]\n}\n";

/// A server, and the folder that everything is left in.
struct VaultStage {
    server: Child,
    address: NodeAddress,
    folder: PathBuf,
    program: PathBuf,
    path: String,
    identity: Secret,
    recipients: [String; 2],
}

/// Runs it.
pub(super) async fn run(directory: Option<PathBuf>, openbao: Option<PathBuf>, context: &Context) -> Result<(), Error> {
    report::print(INTRODUCTION)?;
    let path = context.environment.get("PATH").unwrap_or_default().to_owned();
    let stage = VaultStage::set(folder(directory)?, &found(openbao, &path)?, path).await?;
    Stage::heading("1. A server that was never initialised: what would be done?")?;
    stage.run(&["--dry-run"], ExitCode::Done).await?;

    Stage::heading("2. It is brought up: initialised, its keys encrypted and kept, unsealed, configured")?;
    stage.run(&[], ExitCode::Done).await?;
    stage.escrow("show").await?;

    Stage::heading("3. The same again: nothing is left to do")?;
    stage.run(&[], ExitCode::Done).await?;

    Stage::heading("4. Somebody widens the policy of the deployer")?;
    stage.widen().await?;
    stage.run(&["--check"], ExitCode::Drift).await?;

    Stage::heading("5. The next run repairs it")?;
    stage.run(&[], ExitCode::Done).await?;

    Stage::heading("6. The identity opens the escrow, and what is in it is whole")?;
    stage.escrow("verify").await?;
    stage.leave().await
}

impl VaultStage {
    async fn set(folder: PathBuf, openbao: &Path, path: String) -> Result<Self, Error> {
        let failed = |why: std::io::Error| Error::local("the demonstration can not be set up", why);
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(failed)?.port();
        let address = format!("http://127.0.0.1:{port}");
        std::fs::write(folder.join("openbao.hcl"), configuration(port)).map_err(failed)?;
        let log = std::fs::File::create(folder.join("openbao.log")).map_err(failed)?;
        let errors = log.try_clone().map_err(failed)?;
        let mut command = Command::new(openbao);
        command
            .args(["server", "-config=openbao.hcl"])
            .current_dir(&folder)
            .env_clear()
            .env("HOME", &folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .kill_on_drop(true);
        let server =
            command.spawn().map_err(|why| Error::local(format!("`{}` does not start", openbao.display()), why))?;
        let (identity, recipient) = new_identity();
        let (offline, other) = new_identity();
        for (name, key) in [("identity", &identity), ("identity-kept-offline", &offline)] {
            write_private(&folder.join(name), key).map_err(failed)?;
        }
        let program = std::env::current_exe().map_err(|why| Error::local("the program does not find itself", why))?;
        let address: NodeAddress = address
            .parse()
            .map_err(|why| Error::local("the demonstration's own address is wrong", format!("{why}")))?;
        let stage = Self { server, address, folder, program, path, identity, recipients: [recipient, other] };
        stage.started().await?;
        Ok(stage)
    }

    /// Waits until the server answers.
    async fn started(&self) -> Result<(), Error> {
        let nodes = VaultNodes::new(None, START)?;
        let until = tokio::time::Instant::now() + START;
        while nodes.look(&self.address).await.status().is_none() {
            if tokio::time::Instant::now() >= until {
                let log = self.folder.join("openbao.log");
                return Err(Error::local("the server does not answer", format!("see `{}`", log.display())));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn run(&self, more: &[&str], code: ExitCode) -> Result<(), Error> {
        let shown = [&["bootstrap-vault"], more].concat();
        self.bivouac(&shown, code).await
    }

    async fn escrow(&self, verb: &str) -> Result<(), Error> {
        self.bivouac(&["escrow", verb], ExitCode::Done).await
    }

    /// Runs a command as a workflow would: what does not change is in variables.
    async fn bivouac(&self, arguments: &[&str], code: ExitCode) -> Result<(), Error> {
        let verb = arguments.join(" ");
        report::print(&format!("{} bivouac {verb}\n", prompt()))?;
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.folder)
            .env("RUNNER_TEMP", &self.folder)
            .env("CLICOLOR_FORCE", if is_coloured() { "1" } else { "0" })
            .env("NO_COLOR", if is_coloured() { "" } else { "1" })
            .env("BIVOUAC_VAULT_ADDRESSES", self.address.as_str())
            .env("BIVOUAC_ENVIRONMENT", "demo")
            .env("BIVOUAC_ESCROWS", "file:escrow.jsonl")
            .env("BIVOUAC_RECIPIENTS", self.recipients.join("\n"))
            .env("BIVOUAC_AGE_IDENTITY", self.identity.expose())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = command.output().await;
        let output = output.map_err(|why| Error::local(format!("`bivouac {verb}` does not start"), why))?;
        let said = String::from_utf8_lossy(&output.stdout);
        report::print(
            &said.trim_end().lines().fold(String::new(), |text, line| text + format!("  | {line}").trim_end() + "\n"),
        )?;
        if output.status.code() == Some(i32::from(code as u8)) {
            return if code == ExitCode::Done {
                Ok(())
            } else {
                report::print(&format!("  (exit code {})\n", code as u8))
            };
        }
        Err(Error::local(format!("`bivouac {verb}` failed"), String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }

    /// Does what nobody should: writes the deployer's policy by hand, with the operator's login out of the escrow.
    async fn widen(&self) -> Result<(), Error> {
        let cipher = AgeCipher::new(Some(&self.identity))?;
        let ledger = FileSink::new(self.folder.join("escrow.jsonl")).read().await?;
        let ciphertext = ledger.current().and_then(|record| record.ciphertext.clone()).unwrap_or_default();
        let broken = || Error::local("the demonstration's escrow has no login", "the operator's is missing");
        let operator = cipher.decrypt(&ciphertext)?.operator.ok_or_else(broken)?;
        let nodes = VaultNodes::new(None, START)?;
        let login = Login::AppRole { role_id: operator.role_id, secret_id: operator.secret_id };
        let failed = |why| Error::Bootstrap(crate::error::BootstrapError::Vault(why));
        let token = nodes.login(&self.address, &operator.mount, &login).await.map_err(failed)?;
        let access = Access { node: self.address.clone(), token: Some(token) };
        let path = "sys/policies/acl/bivouac-deployer";
        nodes.write(&access, path, &json!({ "policy": WIDENED })).await.map_err(failed)?;
        nodes.write(&access, "auth/token/revoke-self", &json!({})).await.map_err(failed)?;
        report::print(&format!("{} bao policy write bivouac-deployer - <<< 'path \"secret/*\" {{ … }}'\n", prompt()))
    }

    /// Leaves the files where the reader can look at them, and stops the server, which forgets all.
    async fn leave(mut self) -> Result<(), Error> {
        self.server.kill().await.map_err(|why| Error::local("the server can not be stopped", why))?;
        Stage::heading("To look at afterwards")?;
        report::print(&format!(
            "  {folder}   the escrow, the identities, the server's configuration and log; remove it when you are done\n",
            folder = self.folder.display()
        ))
    }
}

/// The server that was named, or is on the `PATH`, or that `make tools` has fetched.
fn found(named: Option<PathBuf>, path: &str) -> Result<PathBuf, Error> {
    if let Some(named) = named {
        return named
            .canonicalize()
            .map_err(|why| Error::local(format!("`{}` can not be found", named.display()), why));
    }
    let folders = std::env::split_paths(path).chain([PathBuf::from("target/tools/bin")]);
    let found = folders.map(|folder| folder.join("bao")).find(|program| program.is_file());
    found.and_then(|program| program.canonicalize().ok()).ok_or_else(|| Error::Usage {
        message: "there is no OpenBao server on this machine: no `bao` on the PATH".to_owned(),
        hint: "install it (https://openbao.org/docs/install/), or name it with `--openbao`; in a checkout, `make tools` fetches one",
    })
}

fn configuration(port: u16) -> String {
    format!(
        "storage \"inmem\" {{}}\nlistener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n  tls_disable = true\n}}\napi_addr = \"http://127.0.0.1:{port}\"\nunsafe_allow_api_audit_creation = true\n"
    )
}

/// Writes a key for this user alone.
fn write_private(path: &Path, key: &Secret) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(path)?, "{}", key.expose())
}

const INTRODUCTION: &str = "\
Everything here happens on this machine: an OpenBao server in memory, and the commands that a workflow
would run. Lines with `$` are commands; what a workflow sets as variables is left out.
";
