//! One OpenBao server, on a free port of loopback, with a folder of its own.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::settings::Settings;
use super::wait;
use crate::world::tools;

/// How long a server may take for what it does in seconds on a machine that is not busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server. It ends when it is dropped, and its folder goes with it.
pub(crate) struct Bao {
    settings: Settings,
    folder: TempDir,
    port: u16,
    child: Option<Child>,
    client: Client,
}

impl Bao {
    /// Starts a server, and returns once it answers.
    pub(crate) fn start(settings: Settings) -> Self {
        let client = client(settings.authority());
        let mut bao = Self { settings, folder: TempDir::new().unwrap(), port: 0, child: None, client };
        for _attempt in 0..5 {
            bao.port = free_port();
            bao.settings.write(bao.folder.path(), bao.port);
            if bao.launch() {
                return bao;
            }
        }
        panic!("the server does not start:\n{}", bao.log());
    }

    /// Where it answers, without a slash at the end.
    pub(crate) fn address(&self) -> String {
        format!("{}://127.0.0.1:{}", self.settings.scheme(), self.port)
    }

    /// The certificate of the authority that vouches for it, in PEM; none without TLS.
    pub(crate) fn authority(&self) -> Option<String> {
        self.settings.authority()
    }

    /// The file with that certificate.
    pub(crate) fn authority_file(&self) -> PathBuf {
        let file = self.folder.path().join("authority.pem");
        fs::write(&file, self.authority().expect("the server has TLS")).unwrap();
        file
    }

    /// The id of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().expect("the server runs").id()
    }

    /// Asks it something, such as `GET` of `sys/health`, and returns the status and the body, which is null when it is no JSON.
    pub(crate) fn api(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> (u16, Value) {
        self.ask(method, path, token, body).unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", self.log()))
    }

    /// The same, for a server that may be down.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Result<(u16, Value), reqwest::Error> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("{}/v1/{path}", self.address()));
        if let Some(token) = token {
            request = request.header("x-vault-token", token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        wait(async move {
            let answer = request.send().await?;
            let status = answer.status().as_u16();
            Ok((status, serde_json::from_slice(&answer.bytes().await?).unwrap_or_default()))
        })
    }

    /// The same for what must succeed.
    pub(crate) fn done(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Value {
        let (status, answer) = self.api(method, path, token, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}\n{}", self.log());
        answer
    }

    /// Initialises it, and returns the shares and the root token. The shares of a server that unseals itself are recovery shares.
    pub(crate) fn initialise(&self, shares: u64, threshold: u64) -> (Vec<String>, String) {
        let own = self.settings.unseals_itself();
        let (kind, keys) = if own { ("recovery", "recovery_keys_base64") } else { ("secret", "keys_base64") };
        let body = json!({format!("{kind}_shares"): shares, format!("{kind}_threshold"): threshold});
        let answer = self.done("PUT", "sys/init", None, Some(body));
        if own {
            self.wait_until_open();
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (answer[keys].as_array().unwrap().iter().map(text).collect(), text(&answer["root_token"]))
    }

    /// Submits shares until it is unsealed, and waits until it serves requests.
    pub(crate) fn unseal(&self, keys: &[String]) {
        for key in keys {
            let answer = self.done("PUT", "sys/unseal", None, Some(json!({"key": key})));
            // One that joins a cluster has all it needs now, but says that it is sealed until the leader has taken it in.
            if answer["sealed"] == false || answer["progress"] == 0 {
                return self.wait_until_open();
            }
        }
        panic!("{} shares are too few to unseal it", keys.len());
    }

    /// Seals it.
    pub(crate) fn seal(&self, root: &str) {
        self.done("PUT", "sys/seal", Some(root), None);
    }

    /// A client that trusts it, and follows nobody.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn unseals_itself(&self) -> bool {
        self.settings.unseals_itself()
    }

    pub(crate) fn is_sealed(&self) -> bool {
        self.done("GET", "sys/seal-status", None, None)["sealed"] == true
    }

    /// Waits until it serves requests: as the active node, or as one that hands them on.
    pub(crate) fn wait_until_open(&self) {
        self.wait_until("it serves requests", || matches!(self.health(), 200 | 429 | 473) && self.has_leader());
    }

    /// Waits until it is the active node.
    pub(crate) fn wait_until_active(&self) {
        self.wait_until("it is active", || self.health() == 200);
    }

    /// The status of `sys/health`.
    pub(crate) fn health(&self) -> u16 {
        self.api("GET", "sys/health", None, None).0
    }

    fn has_leader(&self) -> bool {
        let (status, leader) = self.api("GET", "sys/leader", None, None);
        status == 200
            && (leader["ha_enabled"] == false || leader["leader_address"].as_str().is_some_and(|it| !it.is_empty()))
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(&mut self) {
        let asked = Command::new("kill").arg(self.pid().to_string()).status().unwrap();
        assert!(asked.success());
        let _its_own_code = self.child.take().unwrap().wait();
    }

    /// Ends it without a warning.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        child.kill().unwrap();
        let _killed = child.wait();
    }

    /// Starts it once more, at the same address, after [`Bao::stop`] or [`Bao::kill`]. Only Raft keeps the data.
    pub(crate) fn start_again(&mut self) {
        assert!(self.child.is_none(), "the server still runs");
        assert!(self.launch(), "the server does not start again:\n{}", self.log());
        if self.settings.unseals_itself() && self.settings.keeps_data() {
            self.wait_until_open();
        }
    }

    /// Where its audit device writes to, for one that a test or the program creates.
    pub(crate) fn audit_file(&self) -> PathBuf {
        self.folder.path().join("audit.log")
    }

    /// What its audit device has written so far.
    pub(crate) fn audit_lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.audit_file()).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What it has said on its own.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    /// Whether it came up: not when somebody else was quicker to take the port.
    fn launch(&mut self) -> bool {
        let mut child = run(self.folder.path());
        let deadline = Instant::now() + PATIENCE;
        while child.try_wait().unwrap().is_none() {
            if self.log().contains("server started!") && self.ask("GET", "sys/seal-status", None, None).is_ok() {
                self.child = Some(child);
                return true;
            }
            if Instant::now() > deadline {
                let _killed = child.kill().and_then(|()| child.wait());
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    pub(crate) fn wait_until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "waited too long until {what}:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Bao {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _gone_already = child.kill();
            let _gone_already = child.wait();
        }
    }
}

/// The server's process, in an environment of its own.
fn run(folder: &Path) -> Child {
    let program = tools().join("bin/bao");
    assert!(program.exists(), "there is no `{}`: `make tools` brings it", program.display());
    let log = fs::File::create(folder.join("server.log")).unwrap();
    Command::new(program)
        .arg("server")
        .arg(format!("-config={}", folder.join("server.hcl").display()))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// A client that follows nobody, and trusts that authority only.
fn client(authority: Option<String>) -> Client {
    let builder = Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE).pool_max_idle_per_host(0);
    let Some(pem) = authority else { return builder.build().unwrap() };
    builder.tls_certs_only([Certificate::from_pem(pem.as_bytes()).unwrap()]).build().unwrap()
}

/// A port that is free, as is the next one, which the nodes of a cluster talk on. It is below those that the system gives out by
/// itself, and no other server of this process was given it.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 6000).unwrap();
    loop {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::SeqCst)) % 6000 * 2;
        let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if is_free(port) && is_free(port + 1) {
            return port;
        }
    }
}
