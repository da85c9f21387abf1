//! An HTTP server on loopback that says what a test wants, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What is said to one request.
#[derive(Clone)]
pub(crate) enum Reply {
    Whole(Vec<u8>),
    /// Less than what was announced.
    CutOff(Vec<u8>),
    Status(u16),
    Redirect(String),
    /// The beginning, and then nothing until the other side gives up.
    Stalled,
}

pub(crate) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// A server that answers the request of each number, from 0, with what `reply` says.
    pub(crate) fn start(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let (asked, over, reply) = (Arc::clone(&requests), Arc::clone(&is_over), Arc::new(reply));
        let listening = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (asked, reply) = (Arc::clone(&asked), Arc::clone(&reply));
                // Whoever hangs up early is a case of its own.
                std::thread::spawn(move || drop(serve(stream, &asked, &*reply)));
            }
        });
        Self { port, requests, is_over, listening: Some(listening) }
    }

    pub(crate) fn saying(reply: Reply) -> Self {
        Self::start(move |_| reply.clone())
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The paths that were asked for.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(listening) = self.listening.take() {
            drop(listening.join());
        }
    }
}

fn serve(stream: TcpStream, asked: &Mutex<Vec<String>>, reply: &dyn Fn(usize) -> Reply) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let number = {
        let mut asked = asked.lock().unwrap();
        asked.push(first.split(' ').nth(1).unwrap_or_default().to_owned());
        asked.len() - 1
    };
    match reply(number) {
        Reply::Whole(body) => say(reader.get_mut(), "200 OK", body.len(), &body),
        Reply::CutOff(body) => say(reader.get_mut(), "200 OK", body.len() * 2, &body),
        Reply::Status(status) => say(reader.get_mut(), &format!("{status} No"), 0, b""),
        Reply::Redirect(to) => say(reader.get_mut(), &format!("302 Found\r\nLocation: {to}"), 0, b""),
        Reply::Stalled => {
            say(reader.get_mut(), "200 OK", 1_000_000, b"a")?;
            reader.read_to_end(&mut Vec::new()).map(drop)
        }
    }
}

fn say(stream: &mut TcpStream, status: &str, length: usize, body: &[u8]) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    stream.flush()
}
