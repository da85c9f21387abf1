//! A server on loopback that answers whatever a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A request that it has got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// Such as `HEAD /v2/web/manifests/v1`.
    pub(super) line: String,
    pub(super) authorization: Option<String>,
    pub(super) host: Option<String>,
    pub(super) body: String,
}

type Answer = dyn Fn(&Asked, usize, &mut TcpStream) + Send + Sync;

/// The server. It ends when it is dropped.
pub(super) struct Scripted {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    is_over: Arc<AtomicBool>,
}

impl Scripted {
    /// One that is told of each request, with how many came before it with the same line, and writes what it likes.
    pub(super) fn raw(answer: impl Fn(&Asked, usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, is_over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let server = Self { port, asked: Arc::clone(&asked), is_over: Arc::clone(&is_over) };
        let answer: Arc<Answer> = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if is_over.load(Ordering::SeqCst) {
                    break;
                }
                let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
                std::thread::spawn(move || serve(stream, &*answer, &asked));
            }
        });
        server
    }

    /// One that answers with whole texts: see [`http`].
    pub(super) fn new(answer: impl Fn(&Asked, usize) -> String + Send + Sync + 'static) -> Self {
        Self::raw(move |asked, before, stream| {
            let _ = stream.write_all(answer(asked, before).as_bytes());
        })
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// All requests so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The first lines of all requests so far.
    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// An answer, after which the connection is closed.
pub(super) fn http(status: u16, headers: &[(&str, &str)], body: &str) -> String {
    let headers: String = headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect();
    let length = body.len();
    format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn serve(mut stream: TcpStream, answer: &Answer, all: &Mutex<Vec<Asked>>) {
    let Some(asked) = read(&stream) else { return };
    let before = {
        let mut all = all.lock().unwrap();
        let before = all.iter().filter(|other| other.line == asked.line).count();
        all.push(asked.clone());
        before
    };
    answer(&asked, before, &mut stream);
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let (mut authorization, mut host, mut length) = (None, None, 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = Some(value.trim().to_owned()),
            "host" => host = Some(value.trim().to_owned()),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = line.trim().trim_end_matches(" HTTP/1.1").to_owned();
    Some(Asked { line, authorization, host, body: String::from_utf8(body).ok()? })
}
