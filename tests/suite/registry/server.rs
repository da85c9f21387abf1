//! A real registry on a free port of loopback, with a folder of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Client, Method, StatusCode, Url};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::sha256;
use crate::world::tools;

pub(crate) const USER: &str = "ada";
pub(crate) const PASSWORD: &str = "s3cret-word";
/// That password, by bcrypt.
const HASH: &str = "$2b$04$rDmmflNlOF5K9/jDh7llcO3eN986pfgYp0L8CSvyD.klrUD/oLGsq";

pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const OCI_IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub(super) const DOCKER_IMAGE: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// A registry. Its process ends when it is dropped, and its folder goes with it.
pub(crate) struct Server {
    child: Child,
    port: u16,
    _folder: TempDir,
    client: Client,
    said: Arc<Mutex<Vec<String>>>,
}

/// What a registry does beyond taking everything from everybody.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Open,
    Locked,
    ReadOnly,
}

impl Server {
    /// One that everybody may use.
    pub(crate) fn open() -> Self {
        Self::start(Manner::Open)
    }

    /// One that asks for [`USER`] and [`PASSWORD`].
    pub(crate) fn locked() -> Self {
        Self::start(Manner::Locked)
    }

    /// One that takes nothing.
    pub(crate) fn read_only() -> Self {
        Self::start(Manner::ReadOnly)
    }

    fn start(manner: Manner) -> Self {
        let folder = TempDir::new().unwrap();
        let mut settings = json!({
            "version": "0.1",
            "log": {"level": "info", "formatter": "json"},
            "storage": {"filesystem": {"rootdirectory": folder.path().join("images")}},
            "http": {"addr": "127.0.0.1:0", "secret": "of these tests"},
        });
        if manner == Manner::ReadOnly {
            settings["storage"]["maintenance"] = json!({"readonly": {"enabled": true}});
        }
        if manner == Manner::Locked {
            let users = folder.path().join("htpasswd");
            fs::write(&users, format!("{USER}:{HASH}\n")).unwrap();
            settings["auth"] = json!({"htpasswd": {"realm": "tests", "path": users}});
        }
        let file = folder.path().join("config.yml");
        fs::write(&file, settings.to_string()).unwrap();
        let program = tools().join("bin/docker-registry");
        let mut command = Command::new(&program);
        command.arg("serve").arg(&file).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let started = command.spawn();
        let mut child = started.unwrap_or_else(|why| panic!("{}: {why}; run tests/parts/fetch", program.display()));
        let (port, said) = port(&mut child);
        Self { child, port, _folder: folder, client: Client::builder().no_proxy().build().unwrap(), said }
    }

    /// As the repository of an image begins with it.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// All requests so far, such as `HEAD /v2/web/manifests/v1 200`, of what begins with `/v2/` and a repository.
    pub(crate) async fn requests(&self) -> Vec<String> {
        // It logs a request when it has answered it: one that came last is waited for.
        let marker = format!("/v2/?after={}", self.said.lock().unwrap().len());
        self.request(Method::GET, self.url(&marker)).send().await.unwrap();
        let started = Instant::now();
        loop {
            let logged: Vec<_> = self.said.lock().unwrap().iter().filter_map(|line| logged(line)).collect();
            if logged.iter().any(|request| request.contains(&marker)) {
                return logged
                    .into_iter()
                    .filter(|request| !request.contains(" /v2/ ") && !request.contains("?after"))
                    .collect();
            }
            assert!(started.elapsed() < Duration::from_secs(20), "the registry does not log what it is asked");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it holds at a place below a repository, such as `manifests/v1`.
    pub(crate) async fn get(&self, path: &str, place: &str) -> Option<Vec<u8>> {
        let url = self.url(&format!("/v2/{path}/{place}"));
        let kinds = [OCI_INDEX, OCI_IMAGE, DOCKER_LIST, DOCKER_IMAGE].join(", ");
        let answer = self.request(Method::GET, url).header("accept", kinds).send().await.unwrap();
        if answer.status() == StatusCode::NOT_FOUND {
            return None;
        }
        assert_eq!(answer.status(), StatusCode::OK);
        Some(answer.bytes().await.unwrap().to_vec())
    }

    /// Pushes an image for one platform, which is told from others by `content`, and returns its manifest.
    pub(crate) async fn push_image(&self, path: &str, tag: &str, kind: &str, content: &str) -> String {
        let config = json!({"architecture": "amd64", "os": "linux", "author": content}).to_string();
        self.push_blob(path, &config).await;
        let config_kind = match kind {
            DOCKER_IMAGE => "application/vnd.docker.container.image.v1+json",
            _ => "application/vnd.oci.image.config.v1+json",
        };
        let config = json!({"mediaType": config_kind, "digest": sha256(&config), "size": config.len()});
        let manifest = json!({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []}).to_string();
        self.push_manifest(path, tag, kind, &manifest).await;
        manifest
    }

    /// Pushes an image for two platforms, and returns its index.
    pub(crate) async fn push_index(&self, path: &str, tag: &str, kind: &str, of: &str) -> String {
        let mut entries = Vec::new();
        for architecture in ["amd64", "arm64"] {
            let manifest = self.push_image(path, architecture, of, architecture).await;
            let platform = json!({"architecture": architecture, "os": "linux"});
            let (digest, size) = (sha256(&manifest), manifest.len());
            entries.push(json!({"mediaType": of, "digest": digest, "size": size, "platform": platform}));
        }
        let index = json!({"schemaVersion": 2, "mediaType": kind, "manifests": entries}).to_string();
        self.push_manifest(path, tag, kind, &index).await;
        index
    }

    async fn push_blob(&self, path: &str, content: &str) {
        let uploads = self.url(&format!("/v2/{path}/blobs/uploads/"));
        let begun = self.request(Method::POST, uploads.clone()).send().await.unwrap();
        assert_eq!(begun.status(), StatusCode::ACCEPTED);
        let mut place = uploads.join(begun.headers()[LOCATION].to_str().unwrap()).unwrap();
        place.query_pairs_mut().append_pair("digest", &sha256(content));
        let ended = self.request(Method::PUT, place).body(content.to_owned()).send().await.unwrap();
        assert_eq!(ended.status(), StatusCode::CREATED);
    }

    async fn push_manifest(&self, path: &str, tag: &str, kind: &str, manifest: &str) {
        let place = self.url(&format!("/v2/{path}/manifests/{tag}"));
        let request = self.request(Method::PUT, place).header(CONTENT_TYPE, kind).body(manifest.to_owned());
        let answer = request.send().await.unwrap();
        let status = answer.status();
        assert_eq!(status, StatusCode::CREATED, "{}", answer.text().await.unwrap());
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address())).unwrap()
    }

    fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.client.request(method, url).basic_auth(USER, Some(PASSWORD))
    }
}

/// A line of its log that tells of a request.
fn logged(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let told = line["msg"].as_str()?.starts_with("response completed");
    let (method, uri) = (line["http.request.method"].as_str()?, line["http.request.uri"].as_str()?);
    told.then(|| format!("{method} {uri} {}", line["http.response.status"]))
}

/// The port that it says it listens on. What it says later is read too, so that it never waits for a reader.
fn port(child: &mut Child) -> (u16, Arc<Mutex<Vec<String>>>) {
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut said = Vec::new();
    let port = lines.by_ref().find_map(|line| {
        let found = line.split_once("listening on 127.0.0.1:").map(|(_, rest)| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().unwrap()
        });
        said.push(line);
        found
    });
    let port = port.unwrap_or_else(|| panic!("the registry does not start:\n{}", said.join("\n")));
    let kept = Arc::new(Mutex::new(said));
    let said = Arc::clone(&kept);
    std::thread::spawn(move || lines.for_each(|line| kept.lock().unwrap().push(line)));
    (port, said)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
