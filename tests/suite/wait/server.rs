//! A preview on loopback that may misbehave: a bare TCP server whose answers are written by the test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How often was asked before, and how long ago the server was started.
pub(super) struct Asked {
    pub(super) before: usize,
    pub(super) after: Duration,
}

type Handler = dyn Fn(&Asked, &mut dyn Write) -> std::io::Result<()> + Send + Sync;

/// A preview.
pub(super) struct Preview {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    is_stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// An answer with a status line, headers and a body.
pub(super) fn answer(status: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

impl Preview {
    /// One that answers with a text.
    pub(super) fn answering(text: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Self {
        Self::writing(move |asked, out| out.write_all(text(asked).as_bytes()))
    }

    /// One that writes whatever it wants to.
    pub(super) fn writing(
        handler: impl Fn(&Asked, &mut dyn Write) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::start(None, Arc::new(handler))
    }

    /// One with a certificate.
    pub(super) fn with_tls(
        configuration: ServerConfig,
        text: impl Fn(&Asked) -> String + Send + Sync + 'static,
    ) -> Self {
        let handler = move |asked: &Asked, out: &mut dyn Write| out.write_all(text(asked).as_bytes());
        Self::start(Some(Arc::new(configuration)), Arc::new(handler))
    }

    fn start(tls: Option<Arc<ServerConfig>>, handler: Arc<Handler>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heads, is_stopped) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (noted, stopped, started) = (Arc::clone(&heads), Arc::clone(&is_stopped), Instant::now());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (tls, handler, noted) = (tls.clone(), Arc::clone(&handler), Arc::clone(&noted));
                std::thread::spawn(move || serve(stream, tls, &*handler, &noted, started));
            }
        });
        Self { address, heads, is_stopped, thread: Some(thread) }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The address, without TLS.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The heads of all requests.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn serve(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    handler: &Handler,
    noted: &Mutex<Vec<String>>,
    started: Instant,
) {
    match tls {
        None => converse(stream, handler, noted, started),
        Some(tls) => {
            converse(StreamOwned::new(ServerConnection::new(tls).unwrap(), stream), handler, noted, started);
        }
    }
}

fn converse(mut stream: impl Read + Write, handler: &Handler, noted: &Mutex<Vec<String>>, started: Instant) {
    let mut head = Vec::new();
    let mut byte = [0];
    // Who greets with TLS says no more until there is an answer.
    while !head.ends_with(b"\r\n\r\n") && head.first() != Some(&0x16) {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let before = {
        let mut noted = noted.lock().unwrap();
        noted.push(head);
        noted.len() - 1
    };
    let _ = handler(&Asked { before, after: started.elapsed() }, &mut stream).and_then(|()| stream.flush());
}

impl Drop for Preview {
    fn drop(&mut self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
