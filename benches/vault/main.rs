//! What a look at a Vault costs that is as wanted already: `bootstrap-vault` against the same checks made with `bao`, the
//! command line of OpenBao, on one server in one run.
//!
//! `make bench-vault` runs it, and writes `docs/benchmarks/vault.md`.

mod server;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bivouac::domain::escrow::{AppRoleLogin, Contents};
use bivouac::effects::escrow::{AgeCipher, FileSink, new_identity};
use bivouac::ports::{EscrowCipher as _, EscrowSink as _};
use bivouac::secret::Secret;

use server::Server;

/// What may fail here, with whatever went wrong.
type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How often each is run, in turns.
const ROUNDS: usize = 15;

/// The same checks with `bao`: what each of our requests asks, as a command. Nothing is compared, which flatters it.
const SCRIPT: &str = r#"set -eu
bao status -format=json >/dev/null
bao read -format=json sys/health >/dev/null
bao operator init -status >/dev/null
bao read -format=json sys/leader >/dev/null
BAO_TOKEN=$(bao write -field=token auth/approle/login role_id="$ROLE_ID" secret_id="$SECRET_ID")
export BAO_TOKEN
bao read -format=json sys/internal/ui/mounts >/dev/null
bao audit list -format=json >/dev/null
for name in deployer reader operator; do
    bao policy read "bivouac-$name" >/dev/null
    bao read -format=json "auth/approle/role/bivouac-$name" >/dev/null
done
bao read -format=json auth/approle/role/bivouac-deployer/role-id >/dev/null
bao write -format=json auth/approle/role/bivouac-deployer/secret-id-accessor/lookup \
    secret_id_accessor="$ACCESSOR" >/dev/null
bao token revoke -self >/dev/null
"#;

struct World {
    server: Server,
    folder: tempfile::TempDir,
    identity: Secret,
    recipients: String,
}

fn main() -> Fallible<()> {
    let (identity, recipient) = new_identity();
    let (_, other) = new_identity();
    let folder = tempfile::tempdir()?;
    let server = Server::start(&tools().join("bao"), folder.path())?;
    let world = World { server, folder, identity, recipients: format!("{recipient}\n{other}") };
    world.bivouac()?;
    let contents = world.contents()?;
    let login = contents.operator.ok_or("the escrow has no operator")?;
    let accessor = contents.deployer_accessor.ok_or("the escrow has no accessor")?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // One of each that is not counted: the programs are read from the disk.
    world.bao(&login, &accessor)?;
    let before = world.server.requests()?;
    world.bivouac()?;
    let requests = world.server.requests()? - before;
    for round in 1..=ROUNDS {
        drop(writeln!(stderr(), "round {round} of {ROUNDS}"));
        ours.push(world.bivouac()?);
        theirs.push(world.bao(&login, &accessor)?);
    }
    let page = page(&mut ours, &mut theirs, requests);
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(top.join("docs/benchmarks/vault.md"), &page)?;
    drop(write!(stderr(), "\n{page}"));
    Ok(())
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin")
}

impl World {
    /// Runs `bootstrap-vault`, which finds all as wanted from the second time on.
    fn bivouac(&self) -> Fallible<Duration> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bivouac"));
        command
            .arg("bootstrap-vault")
            .env("BIVOUAC_VAULT_ADDRESSES", self.server.address())
            .env("BIVOUAC_ESCROWS", format!("file:{}", self.escrow().display()))
            .env("BIVOUAC_RECIPIENTS", &self.recipients)
            .env("BIVOUAC_AGE_IDENTITY", self.identity.expose())
            .env("RUNNER_TEMP", self.folder.path());
        self.timed(command)
    }

    fn bao(&self, login: &AppRoleLogin, accessor: &str) -> Fallible<Duration> {
        let mut command = Command::new("sh");
        command
            .args(["-c", SCRIPT])
            .env("BAO_ADDR", self.server.address())
            .env("ROLE_ID", login.role_id.expose())
            .env("SECRET_ID", login.secret_id.expose())
            .env("ACCESSOR", accessor);
        self.timed(command)
    }

    fn timed(&self, mut command: Command) -> Fallible<Duration> {
        let path = format!("{}:/usr/bin:/bin", tools().display());
        command.env("PATH", path).env("HOME", self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let started = Instant::now();
        let output = command.output()?;
        let took = started.elapsed();
        if output.status.success() { Ok(took) } else { Err(String::from_utf8_lossy(&output.stderr).into()) }
    }

    fn escrow(&self) -> PathBuf {
        self.folder.path().join("escrow.jsonl")
    }

    fn contents(&self) -> Fallible<Contents> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let ledger = runtime.block_on(FileSink::new(self.escrow()).read())?;
        let ciphertext = ledger.current().and_then(|record| record.ciphertext.clone()).unwrap_or_default();
        Ok(AgeCipher::new(Some(&self.identity))?.decrypt(&ciphertext)?)
    }
}

fn page(ours: &mut [Duration], theirs: &mut [Duration], requests: usize) -> String {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let (ours, theirs) = (milliseconds(median(ours)), milliseconds(median(theirs)));
    let commands = SCRIPT.matches("bao ").count() + 4;
    let mut text = String::from(
        "# What a look at a Vault costs\n\nWritten by `make bench-vault`. A Vault is as wanted already; `bootstrap-vault` finds that out, and so do the same\nquestions asked with `bao`, the command line of OpenBao, one program a question, without comparing anything. Both on one\nOpenBao server in memory, in turns, in one run.\n\n",
    );
    let _ = writeln!(
        text,
        "| | programs | requests logged | median of {ROUNDS} | ratio | goal |\n|---|--:|--:|--:|--:|--:|"
    );
    let _ = writeln!(text, "| `bao` in a shell script | {commands} | | {theirs:.0} ms | 1 | |");
    let _ =
        writeln!(text, "| `bivouac bootstrap-vault` | 1 | {requests} | {ours:.0} ms | {:.3} | 0.1 |", ours / theirs);
    text.push_str("\nThe server's audit log counts the requests with a token and the login; the questions before the login need none, and are not in it.\n");
    text
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
