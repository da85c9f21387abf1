//! A proxy on loopback in front of one server or several: it does to each request what a test says, and notes it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bivouac::emulator::Answer;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::bao::Bao;
use super::{RUNTIME, wait};

/// What becomes of a request.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// It goes to the server whose turn it is.
    Pass,
    /// It goes to the server of this number, counted from 0.
    To(usize),
    /// It goes on after this long.
    Delay(Duration),
    /// No server hears of it, and the connection is closed without a byte.
    Drop,
    /// A server answers it, and the connection is closed without a byte.
    DropAfter,
    /// A server answers it, and the connection is closed after the head and this many bytes of the body.
    DropMidway(usize),
    /// The same after half of the body.
    DropHalfway,
    /// A server answers it, and the connection is closed at this point of what it said.
    Cut(Point),
    /// No server hears of it, and nothing is said for a long time.
    Hang,
    /// A server answers it, and what it said comes after this long.
    Late(Duration),
    /// No server hears of it, and this is the answer.
    Answer(Answer),
    /// A server answers it, and this is sent in place of what it said.
    AnswerAfter(Answer),
}

/// Where an answer ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Point {
    /// After the first line.
    StatusLine,
    /// In the middle of the headers.
    Headers,
    /// Before the last byte.
    LastByte,
}

/// A request that was read whole.
#[derive(Clone)]
pub(crate) struct Request {
    /// How many came before it.
    pub(crate) number: usize,
    pub(crate) method: String,
    /// The path, with the query if there is one.
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// Whether it is of this method, and for this path below `/v1/`.
    pub(crate) fn is(&self, method: &str, path: &str) -> bool {
        is(&self.method, &self.path, method, path)
    }

    /// The token of the Vault's that it carries.
    pub(crate) fn token(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == "x-vault-token").map(|(_, value)| value.as_str())
    }

    /// The body, or null when it is no JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A request that has come.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// The path, with the query if there was one.
    pub(crate) path: String,
    pub(crate) at: Instant,
    /// Whether it carried a token of the Vault's.
    pub(crate) has_token: bool,
    /// The number of the server that it went to.
    pub(crate) node: Option<usize>,
    /// What that server answered.
    pub(crate) status: Option<u16>,
    /// What came with the request, and with the answer; null for what is no JSON.
    pub(crate) sent: Value,
    pub(crate) answer: Value,
}

impl Received {
    /// Whether it was of this method, and for this path below `/v1/`.
    pub(crate) fn is(&self, method: &str, path: &str) -> bool {
        is(&self.method, &self.path, method, path)
    }
}

fn is(its_method: &str, its_path: &str, method: &str, path: &str) -> bool {
    let its_path = its_path.split('?').next().and_then(|its_path| its_path.strip_prefix("/v1/"));
    // A Vault takes both for the same.
    let writes = |method: &str| matches!(method, "PUT" | "POST");
    (its_method == method || writes(its_method) && writes(method)) && its_path == Some(path)
}

type Guard = Arc<dyn Fn(&Request) -> Verdict + Send + Sync>;

/// A proxy, as long as it is not dropped.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    /// The address of each server, and a client that trusts it.
    nodes: Vec<(String, Client)>,
    guard: Mutex<Guard>,
    turn: AtomicUsize,
    requests: Mutex<Vec<Received>>,
}

impl Proxy {
    /// A proxy in front of a server; everything passes, until [`Proxy::intercept`].
    pub(crate) fn before(node: &Bao) -> Self {
        Self::balancing(&[node])
    }

    /// A proxy in front of several servers, that gives one request to each of them in turn.
    pub(crate) fn balancing(nodes: &[&Bao]) -> Self {
        let nodes = nodes.iter().map(|node| (node.address(), node.client().clone())).collect();
        let guard: Guard = Arc::new(|_| Verdict::Pass);
        let turn = AtomicUsize::new(0);
        let shared = Arc::new(Shared { nodes, guard: Mutex::new(guard), turn, requests: Mutex::default() });
        let listener = wait(async { TcpListener::bind(("127.0.0.1", 0)).await.unwrap() });
        let port = listener.local_addr().unwrap().port();
        let serving = Arc::clone(&shared);
        let listening = RUNTIME.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, Arc::clone(&serving)));
            }
        });
        Self { port, shared, listening }
    }

    /// Lets `guard` say from now on what becomes of each request. It may block for a while.
    pub(crate) fn intercept(&self, guard: impl Fn(&Request) -> Verdict + Send + Sync + 'static) {
        *self.shared.guard.lock().unwrap() = Arc::new(guard);
    }

    /// Does this to the first request of a method and path from now on, and lets all others pass.
    pub(crate) fn once(&self, method: &'static str, path: &'static str, verdict: Verdict) {
        let verdict = Mutex::new(Some(verdict));
        self.intercept(move |request| {
            let is_it = request.is(method, path);
            is_it.then(|| verdict.lock().unwrap().take()).flatten().unwrap_or(Verdict::Pass)
        });
    }

    /// Where it listens, over plain HTTP, without a slash at the end.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests that have come, the oldest first.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// How many requests of a method and path have come.
    pub(crate) fn count(&self, method: &str, path: &str) -> usize {
        self.requests().iter().filter(|request| request.is(method, path)).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// A page as proxies answer it for a server that they do not reach.
pub(crate) fn bad_gateway() -> Answer {
    Answer::new(502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>")
}

/// An answer that sends the client to another address.
pub(crate) fn redirect(status: u16, to: &str) -> Answer {
    Answer::new(status, "text/plain", "").with_header("location", to)
}

/// One request of a connection, which is closed after it.
async fn serve(client: TcpStream, shared: Arc<Shared>) {
    let mut client = BufReader::new(client);
    // Who only looks whether somebody listens has said nothing.
    let Some(mut request) = read(&mut client).await else { return };
    request.number = note(&shared, &request);
    let guard = shared.guard.lock().unwrap().clone();
    let seen = request.clone();
    let verdict = tokio::task::spawn_blocking(move || guard(&seen)).await;
    let verdict = verdict.unwrap_or_else(|_| Verdict::Answer(Answer::new(500, "text/plain", "the guard panicked")));
    let point = if let Verdict::Cut(point) = verdict { Some(point) } else { None };
    if let Some((answer, most)) = carry_out(&shared, &request, verdict).await {
        let bytes = written(&answer, most);
        let end = point.map_or(bytes.len(), |point| place(&bytes, point));
        let _hung_up = client.get_mut().write_all(&bytes[..end]).await;
        let _hung_up = client.get_mut().shutdown().await;
    }
}

fn note(shared: &Shared, request: &Request) -> usize {
    let has_token = request.headers.iter().any(|(name, _)| matches!(name.as_str(), "x-vault-token" | "authorization"));
    let (method, path, at) = (request.method.clone(), request.path.clone(), Instant::now());
    let mut requests = shared.requests.lock().unwrap();
    let sent = request.json();
    requests.push(Received { method, path, at, has_token, node: None, status: None, sent, answer: Value::Null });
    requests.len() - 1
}

/// The answer, and how many bytes of its body to send; nothing when the connection is to be closed.
async fn carry_out(shared: &Shared, request: &Request, verdict: Verdict) -> Option<(Answer, usize)> {
    if let Verdict::Answer(answer) = verdict {
        return Some((answer, usize::MAX));
    }
    if let Verdict::Drop = verdict {
        return None;
    }
    if let Verdict::Hang = verdict {
        tokio::time::sleep(Duration::from_mins(1)).await;
        return None;
    }
    if let Verdict::Delay(time) = verdict {
        tokio::time::sleep(time).await;
    }
    let node = match verdict {
        Verdict::To(node) => node,
        _ => shared.turn.fetch_add(1, Ordering::SeqCst) % shared.nodes.len(),
    };
    let answer = forward(shared, request, node).await;
    match verdict {
        Verdict::DropAfter => None,
        Verdict::Late(time) => {
            tokio::time::sleep(time).await;
            Some((answer, usize::MAX))
        }
        Verdict::AnswerAfter(other) => Some((other, usize::MAX)),
        Verdict::DropMidway(most) => Some((answer, most)),
        Verdict::DropHalfway => {
            let half = answer.body.len() / 2;
            Some((answer, half))
        }
        _ => Some((answer, usize::MAX)),
    }
}

async fn forward(shared: &Shared, request: &Request, node: usize) -> Answer {
    let answered = sent(shared, request, node).send().await;
    let answer = match answered {
        Ok(answer) => taken(answer).await,
        Err(_) => None,
    };
    let mut requests = shared.requests.lock().unwrap();
    let received = &mut requests[request.number];
    received.node = Some(node);
    received.status = answer.as_ref().map(|answer| answer.status);
    received.answer = answer.as_ref().and_then(|answer| serde_json::from_slice(&answer.body).ok()).unwrap_or_default();
    answer.unwrap_or_else(bad_gateway)
}

fn sent(shared: &Shared, request: &Request, node: usize) -> RequestBuilder {
    let (address, client) = &shared.nodes[node];
    let method = Method::from_bytes(request.method.as_bytes()).unwrap();
    let sent = client.request(method, format!("{address}{}", request.path)).body(request.body.clone());
    let own = ["host", "connection", "content-length"];
    let others = request.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    others.fold(sent, |sent, (name, value)| sent.header(name, value))
}

async fn taken(answer: Response) -> Option<Answer> {
    let status = answer.status().as_u16();
    let own = ["connection", "content-length", "transfer-encoding"];
    let others = answer.headers().iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let headers = others.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    Some(Answer { status, headers, body: answer.bytes().await.ok()?.into() })
}

/// An answer as it goes over the line, with no more than so much of its body.
fn written(answer: &Answer, most: usize) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} Status\r\nconnection: close\r\n", answer.status);
    let length = ("content-length".to_owned(), answer.body.len().to_string());
    let length = (answer.status != 204 && answer.status != 304).then_some(&length);
    for (name, value) in length.into_iter().chain(&answer.headers) {
        head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
    }
    let body = &answer.body[..most.min(answer.body.len())];
    [head.as_bytes(), b"\r\n", body].concat()
}

/// How many bytes there are up to a point.
fn place(bytes: &[u8], point: Point) -> usize {
    let end_of = |mark: &[u8]| bytes.windows(mark.len()).position(|part| part == mark).unwrap() + mark.len();
    match point {
        Point::StatusLine => end_of(b"\r\n"),
        Point::Headers => usize::midpoint(end_of(b"\r\n"), end_of(b"\r\n\r\n")),
        Point::LastByte => bytes.len() - 1,
    }
}

/// A request; nothing when the client has hung up before the end of it.
async fn read(client: &mut BufReader<TcpStream>) -> Option<Request> {
    let first = line(client).await?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let line = line(client).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let header = |wanted| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    assert!(header("transfer-encoding").is_none(), "the proxy reads no body in chunks");
    let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
    client.read_exact(&mut body).await.ok()?;
    Some(Request { number: 0, method, path, headers, body })
}

async fn line(client: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let count = client.read_line(&mut line).await.ok()?;
    (count > 0).then(|| line.trim_end().to_owned())
}
