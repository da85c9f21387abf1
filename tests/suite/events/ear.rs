//! Somebody who listens, on loopback: a bare HTTP server that notes every event. It is a preview as well, which shows a commit.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::JoinHandle;

use bivouac::commands::schema::{self, File};
use jsonschema::Validator;
use serde_json::Value;

/// The published schema of what events hold.
static SCHEMA: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::validator_for(&serde_json::from_str(&schema::text(File::Event)).unwrap()).unwrap());

/// The part of the address that nobody may see.
pub(crate) const SECRET: &str = "hush-this-is-secret";

/// Somebody who listens.
pub(crate) struct Ear {
    address: SocketAddr,
    noted: Arc<Noted>,
    thread: Option<JoinHandle<()>>,
}

struct Noted {
    events: Mutex<Vec<Value>>,
    shown: Mutex<String>,
    answer: Mutex<&'static str>,
    is_stopped: AtomicBool,
}

impl Ear {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let noted = Arc::new(Noted {
            events: Mutex::default(),
            shown: Mutex::default(),
            answer: Mutex::new("202 Accepted"),
            is_stopped: AtomicBool::new(false),
        });
        let shared = Arc::clone(&noted);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.is_stopped.load(Ordering::SeqCst) {
                    return;
                }
                let noted = Arc::clone(&shared);
                std::thread::spawn(move || while noted.serve(&stream).unwrap_or(false) {});
            }
        });
        Self { address, noted, thread: Some(thread) }
    }

    /// Where events go.
    pub(crate) fn address(&self) -> String {
        format!("http://{}/{SECRET}", self.address)
    }

    /// Where the previews are.
    pub(crate) fn preview(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Shows a commit from now on.
    pub(crate) fn show(&self, commit: &str) {
        commit.clone_into(&mut self.noted.shown.lock().unwrap());
    }

    /// Answers like that from now on.
    pub(crate) fn answer(&self, status: &'static str) {
        *self.noted.answer.lock().unwrap() = status;
    }

    /// The events since the last call, each held against the published schema.
    pub(crate) fn events(&self) -> Vec<Value> {
        let events = std::mem::take(&mut *self.noted.events.lock().unwrap());
        for event in &events {
            let wrong: Vec<_> = SCHEMA.iter_errors(&event["data"]).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{wrong:?}: {event:#}");
            let word = event["type"].as_str().unwrap().strip_prefix("dev.bivouac.preview.").unwrap();
            assert_eq!((event["data"]["step"].as_str(), &event["specversion"]), (Some(word), &Value::from("1.0")));
            assert_eq!(event["subject"], event["data"]["preview"]["name"]);
        }
        events
    }

    /// The events since the last call, as words.
    pub(crate) fn told(&self) -> String {
        words(&self.events())
    }
}

/// Events, as a step and a preview each.
pub(crate) fn words(events: &[Value]) -> String {
    let word =
        |event: &Value| format!("{} {}", event["data"]["step"].as_str().unwrap(), event["subject"].as_str().unwrap());
    events.iter().map(word).collect::<Vec<_>>().join(", ")
}

impl Noted {
    /// Answers one request. Whether there may be another.
    fn serve(&self, mut stream: &TcpStream) -> std::io::Result<bool> {
        let mut reader = BufReader::new(stream);
        let (mut length, mut first) = (0, String::new());
        reader.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(false);
            }
            if line == "\r\n" {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let (status, header) = if first.starts_with("POST ") {
            assert!(first.contains(SECRET), "{first}");
            self.events.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
            (*self.answer.lock().unwrap(), String::new())
        } else {
            ("200 OK", format!("X-Commit: {}\r\n", self.shown.lock().unwrap()))
        };
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n{header}\r\n")?;
        stream.flush()?;
        Ok(false)
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.noted.is_stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
