//! A real receiver on loopback that may misbehave: a bare server of HTTP/1.1 whose answers are chosen by the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What was received.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) start: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) at: Instant,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What is answered.
pub(super) enum Answer {
    /// A status with headers, and a body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// These bytes, and the connection is closed.
    Raw(&'static str),
    /// These bytes, and then one more each tenth of a second for as long as somebody reads.
    Trickle(&'static str),
    /// Nothing at all.
    Silence,
}

/// A plain answer with that status.
pub(super) fn status(status: u16) -> Answer {
    Answer::Status(status, Vec::new(), String::new())
}

type Handler = dyn Fn(usize, &Received) -> Answer + Send + Sync;

struct Shared {
    handler: Box<Handler>,
    received: Mutex<Vec<Received>>,
    connections: Mutex<usize>,
    is_stopped: AtomicBool,
    tls: Option<Arc<ServerConfig>>,
}

/// A receiver.
pub(super) struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    /// One whose answers are chosen by how many requests there were before, and by the request.
    pub(super) fn new(handler: impl Fn(usize, &Received) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(Box::new(handler), None)
    }

    /// One that says that it was told.
    pub(super) fn content() -> Self {
        Self::new(|_, _| status(204))
    }

    /// One with a certificate, that says that it was told.
    pub(super) fn with_tls(configuration: ServerConfig) -> Self {
        Self::start(Box::new(|_, _| status(204)), Some(Arc::new(configuration)))
    }

    fn start(handler: Box<Handler>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (received, connections) = (Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { handler, received, connections, is_stopped: AtomicBool::new(false), tls });
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.is_stopped.load(Ordering::SeqCst) {
                    return;
                }
                *serving.connections.lock().unwrap() += 1;
                let shared = Arc::clone(&serving);
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its address, with a path that nobody may see.
    pub(super) fn url(&self) -> String {
        format!("http://{}/services/T000/hush-hush", self.address)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// Waits until there were so many requests.
    pub(super) async fn has_received(&self, count: usize) {
        let began = Instant::now();
        while self.received().len() < count {
            assert!(began.elapsed() < Duration::from_secs(60), "only {} requests came", self.received().len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.is_stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        match &self.tls {
            None => self.converse(BufReader::new(stream)),
            Some(tls) => {
                let connection = ServerConnection::new(Arc::clone(tls)).unwrap();
                self.converse(BufReader::new(StreamOwned::new(connection, stream)));
            }
        }
    }

    fn converse<S: Read + Write>(&self, mut stream: BufReader<S>) {
        while let Some(request) = read(&mut stream) {
            let before = {
                let mut received = self.received.lock().unwrap();
                received.push(request.clone());
                received.len() - 1
            };
            match (self.handler)(before, &request) {
                Answer::Status(status, headers, body) => {
                    let headers: String =
                        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
                    let length =
                        if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
                    let answer = format!("HTTP/1.1 {status} X\r\n{length}{headers}\r\n{body}");
                    if stream.get_mut().write_all(answer.as_bytes()).and_then(|()| stream.get_mut().flush()).is_err() {
                        return;
                    }
                }
                Answer::Raw(text) => {
                    let _ = stream.get_mut().write_all(text.as_bytes()).and_then(|()| stream.get_mut().flush());
                    return;
                }
                Answer::Trickle(text) => return self.trickle(stream.get_mut(), text),
                Answer::Silence => return self.wait(|| true),
            }
        }
    }

    fn trickle(&self, out: &mut impl Write, text: &str) {
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        self.wait(|| out.write_all(b"x").and_then(|()| out.flush()).is_ok());
    }

    fn wait(&self, mut go_on: impl FnMut() -> bool) {
        while !self.is_stopped.load(Ordering::SeqCst) && go_on() {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn read(stream: &mut impl BufRead) -> Option<Received> {
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|length| *length > 0)?;
        Some(line.trim_end().to_owned())
    };
    let start = line()?;
    let mut headers = HeaderMap::new();
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let length = headers.get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Received { start, headers, body, at: Instant::now() })
}
