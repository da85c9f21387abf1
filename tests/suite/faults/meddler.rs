//! What stands between the program and the Git server, understands what it carries, and meddles with it.

use std::process::Command;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::transports::proxy::{emulator, serve};
use crate::world::World;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What the service tells of itself.
    Advertisement,
    /// Where the branches are.
    Branches,
    /// The tip of a branch.
    Tip,
    /// Single objects.
    Objects,
    /// The commits between two.
    History,
    Push,
}

/// A request as it came.
pub(crate) struct Exchange {
    pub(crate) kind: Kind,
    pub(crate) request: Vec<u8>,
}

/// What becomes of a request.
pub(crate) enum Deed {
    Pass,
    /// This gets through in its place.
    Rewrite(Vec<u8>),
    /// So many bytes of the request get through, and then the line breaks.
    CutRequest(usize),
    /// It gets through, and this is what is left of the answer before the line breaks.
    Change(Box<dyn FnOnce(Vec<u8>) -> Vec<u8> + Send>),
    /// It never gets there, and these bytes are answered.
    Say(Vec<u8>),
}

impl Exchange {
    fn of(request: Vec<u8>) -> Self {
        let says = |text: &str| position(&request, text.as_bytes()).is_some();
        let kind = match () {
            () if request.starts_with(b"GET") => Kind::Advertisement,
            () if says("git-receive-pack HTTP") => Kind::Push,
            () if says("command=ls-refs") => Kind::Branches,
            () if says("deepen 1") => Kind::Tip,
            () if says("shallow ") => Kind::History,
            () => Kind::Objects,
        };
        Self { kind, request }
    }
}

/// Carries requests to the emulator, each as `meddle` says, and returns its port.
pub(crate) fn that_meddles(world: &World, meddle: impl Fn(&Exchange) -> Deed + Send + Sync + 'static) -> u16 {
    let (emulator, meddle) = (emulator(world), Arc::new(meddle));
    serve(world, move |mut client| {
        let (emulator, meddle) = (emulator.clone(), Arc::clone(&meddle));
        async move {
            let Some(request) = read_request(&mut client).await else { return };
            let exchange = Exchange::of(request);
            let judged = tokio::task::spawn_blocking(move || (meddle(&exchange), exchange.request)).await;
            let Ok((deed, request)) = judged else { return };
            let answer = match deed {
                Deed::Pass => carry(&emulator, &request).await,
                Deed::Rewrite(request) => carry(&emulator, &request).await,
                Deed::CutRequest(length) => {
                    let mut server = TcpStream::connect(&emulator).await.unwrap();
                    let _hung_up = server.write_all(&request[..length.min(request.len())]).await;
                    Vec::new()
                }
                Deed::Change(change) => change(carry(&emulator, &request).await),
                Deed::Say(answer) => answer,
            };
            let _hung_up = client.write_all(&answer).await;
            let _hung_up = client.shutdown().await;
        }
    })
}

/// Sends a command to the Git server by way of a proxy.
pub(crate) fn by_way_of(port: u16, command: &mut Command) {
    let address = format!("http://127.0.0.1:{port}/acme/apps.git");
    command.env("BIVOUAC_APPS_REPOSITORY", address).env("BIVOUAC_BACKEND", "git");
}

/// Where some bytes begin.
pub(crate) fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// How long the head of a message is.
pub(crate) fn head(message: &[u8]) -> usize {
    position(message, b"\r\n\r\n").map_or(0, |end| end + 4)
}

/// An answer of a service with this body.
pub(crate) fn answer(of: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-git-{of}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// One request with its body; nothing when the client went away before.
async fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    loop {
        let length = head(&request);
        let text = String::from_utf8_lossy(&request[..length]).to_ascii_lowercase();
        let body = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        if length > 0 && request.len() >= length + body.unwrap_or(0) {
            return Some(request);
        }
        if client.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
}

/// The answer to a request.
async fn carry(emulator: &str, request: &[u8]) -> Vec<u8> {
    let mut server = TcpStream::connect(emulator).await.unwrap();
    let (head, body) = request.split_at(head(request));
    // One connection for one request: where the answer ends is where the server hangs up.
    let sent = [&head[..head.len() - 2], b"connection: close\r\n\r\n", body].concat();
    let _hung_up = server.write_all(&sent).await;
    let mut answer = Vec::new();
    let _hung_up = server.read_to_end(&mut answer).await;
    answer
}
