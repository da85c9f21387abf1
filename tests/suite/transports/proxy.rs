//! What stands between the program and the Git server: TLS, a line that breaks, a server that sends elsewhere.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use url::Url;

use crate::world::World;

/// Ends TLS in front of the emulator, and returns its port.
pub(super) fn with_tls(world: &World, configuration: ServerConfig) -> u16 {
    let acceptor = TlsAcceptor::from(Arc::new(configuration));
    let emulator = emulator(world);
    serve(world, move |client| {
        let (acceptor, emulator) = (acceptor.clone(), emulator.clone());
        async move {
            // A client that does not trust the certificate hangs up.
            let Ok(mut client) = acceptor.accept(client).await else { return };
            let mut server = TcpStream::connect(emulator).await.unwrap();
            let _hung_up = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        }
    })
}

/// Hangs up in the middle of the first pack that it carries, and returns its port.
pub(super) fn that_breaks_in_a_pack(world: &World) -> u16 {
    let emulator = emulator(world);
    serve(world, move |mut client| {
        let emulator = emulator.clone();
        async move {
            let mut server = TcpStream::connect(emulator).await.unwrap();
            let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.split(), server.split());
            tokio::select! {
                () = copy_until_a_pack(&mut from_server, &mut to_client) => {}
                _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
            }
        }
    })
}

/// Answers every request with the same bytes, and returns its port.
pub(super) fn that_always_says(world: &World, answer: String) -> u16 {
    serve(world, move |mut client| {
        let answer = answer.clone();
        async move {
            let mut request = [0; 4096];
            let _request = client.read(&mut request).await;
            let _hung_up = client.write_all(answer.as_bytes()).await;
        }
    })
}

/// Lets each connection be handled by `handle`, as long as the world is there, and returns the port.
pub(crate) fn serve<F: Future<Output = ()> + Send + 'static>(
    world: &World,
    handle: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> u16 {
    world.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(handle(client));
            }
        });
        port
    })
}

/// Where the emulator listens.
pub(crate) fn emulator(world: &World) -> String {
    let url = Url::parse(&world.emulator.server_url()).unwrap();
    format!("127.0.0.1:{}", url.port().unwrap())
}

async fn copy_until_a_pack(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) {
    let mut bytes = [0; 16 * 1024];
    loop {
        let count = from.read(&mut bytes).await.unwrap_or(0);
        let bytes = &bytes[..count];
        let pack = bytes.windows(4).position(|window| window == b"PACK");
        let end = pack.map_or(count, |start| (start + 30).min(count));
        if count == 0 || to.write_all(&bytes[..end]).await.is_err() || pack.is_some() {
            return;
        }
    }
}
