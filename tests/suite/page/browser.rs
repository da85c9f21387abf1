//! A Chromium of its own for each test, spoken to over two pipes: nothing listens.
//! <https://chromedevtools.github.io/devtools-protocol/>

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::files::top;

const PATIENCE: Duration = Duration::from_mins(2);
/// Hands the pipes on as the file descriptors that the browser wants them as.
const START: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
];

/// A page in a browser.
pub(crate) struct Browser {
    process: Child,
    requests: Option<ChildStdin>,
    answers: Receiver<Value>,
    number: u64,
    session: Option<String>,
    events: Vec<Value>,
    _home: TempDir,
}

impl Browser {
    /// Shows a file. What it says and asks for is heard from the beginning.
    pub(crate) fn show(address: &str) -> Self {
        let mut browser = Self::start();
        browser.go_to(address);
        browser
    }

    /// With an empty page.
    pub(crate) fn start() -> Self {
        let tools = top().join("target/tools");
        let home = TempDir::new().unwrap();
        let fonts = home.path().join("fonts.conf");
        let (folder, cache) = (tools.join("chromium/fonts"), home.path().join("cache"));
        let configuration =
            format!("<fontconfig><dir>{}</dir><cachedir>{}</cachedir></fontconfig>", folder.display(), cache.display());
        fs::write(&fonts, configuration).unwrap();
        let mut process = Command::new("/bin/sh")
            .args(["-c", START])
            .arg(tools.join("bin/chromium"))
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", home.path().join("profile").display()))
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", "/usr/bin:/bin")
            .env("LD_LIBRARY_PATH", tools.join("chromium/lib"))
            .env("FONTCONFIG_FILE", fonts)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let requests = process.stdin.take();
        let answers = heard(BufReader::new(process.stdout.take().unwrap()));
        let mut browser =
            Self { process, requests, answers, number: 0, session: None, events: Vec::new(), _home: home };
        browser.attach();
        browser
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", &json!({"url": "about:blank"}))["targetId"].clone();
        let session = self.call("Target.attachToTarget", &json!({"targetId": target, "flatten": true}));
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network", "Audits", "Accessibility"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
    }

    /// Goes to an address, and waits until all is there.
    pub(crate) fn go_to(&mut self, address: &str) {
        self.events.retain(|event| event["method"] != "Page.loadEventFired");
        let gone = self.call("Page.navigate", &json!({"url": address}));
        assert_eq!(gone.get("errorText"), None, "{gone}");
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let next = self.next();
            self.events.push(next);
        }
    }

    /// Has the browser do something, and says what it answers.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.number += 1;
        let mut request = json!({"id": self.number, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            request["sessionId"] = session.as_str().into();
        }
        let requests = self.requests.as_mut().unwrap();
        requests.write_all(format!("{request}\0").as_bytes()).unwrap();
        requests.flush().unwrap();
        loop {
            let answer = self.next();
            if answer["id"] == self.number {
                assert_eq!(answer.get("error"), None, "{method} {parameters}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    fn next(&self) -> Value {
        self.answers.recv_timeout(PATIENCE).expect("the browser does not answer: run tests/parts/fetch")
    }

    /// What a script comes to; a promise is waited for.
    pub(crate) fn evaluate(&mut self, script: &str) -> Value {
        let parameters = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", &parameters);
        assert_eq!(answer.get("exceptionDetails"), None, "{script}: {answer}");
        answer["result"]["value"].clone()
    }

    /// What a script comes to, as text.
    pub(crate) fn text(&mut self, script: &str) -> String {
        let value = self.evaluate(script);
        value.as_str().unwrap_or_else(|| panic!("{script} is {value}")).to_owned()
    }

    /// Presses a key that has a name, or a character.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            character => (0, character),
        };
        let event = json!({"type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", &event);
        let event = json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", &event);
    }

    /// Types into what has the focus, a character at a time.
    pub(crate) fn enter(&mut self, text: &str) {
        for character in text.chars() {
            self.call("Input.insertText", &json!({"text": character.to_string()}));
        }
    }

    /// Which colours the reader wants, and how wide the window is.
    pub(crate) fn look(&mut self, scheme: &str, width: u32) {
        let feature = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", &json!({"features": feature}));
        let window = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &window);
    }

    /// What the page complained of, and what it asked for beyond itself.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // What is under way is heard before a picture is taken.
        self.call("Page.captureScreenshot", &json!({}));
        let mut found = Vec::new();
        for event in &self.events {
            let (method, about) = (event["method"].as_str().unwrap_or_default(), &event["params"]);
            let (request, page) = (&about["request"]["url"], &about["documentURL"]);
            // What is shown is in files, each of which is all of it, and so is the icon, which is empty.
            let is_of_its_own = request == "data:," || about["type"] == "Document" && page == request;
            let is_complaint = match method {
                "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" | "Audits.issueAdded" => true,
                "Network.requestWillBeSent" => !is_of_its_own,
                method => method == "Page.javascriptDialogOpening",
            };
            if is_complaint {
                found.push(format!("{method}: {about}"));
            }
        }
        found
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A browser whose pipe ends ends by itself, with all its processes.
        self.requests = None;
        while self.answers.recv_timeout(PATIENCE).is_ok() {}
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the browser says, as it says it.
fn heard(mut pipe: BufReader<std::process::ChildStdout>) -> Receiver<Value> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        loop {
            let mut message = Vec::new();
            match pipe.read_until(0, &mut message) {
                Ok(1..) => {}
                _ => return,
            }
            let message = serde_json::from_slice(message.trim_ascii_end().strip_suffix(b"\0").unwrap_or(&message));
            if sender.send(message.unwrap_or_default()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// The address of a file.
pub(crate) fn address(file: &Path) -> String {
    format!("file://{}", file.display())
}
