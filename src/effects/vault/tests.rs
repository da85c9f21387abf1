//! A server that is none, or means harm.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use super::*;

/// Where nothing listens.
const DEAD_PROXY: &str = "http://127.0.0.1:9";

/// A node of which each connection is given to `answer` when the request's head is there.
fn node(answer: impl Fn(TcpStream) + Send + 'static) -> NodeAddress {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4096]);
            answer(connection);
        }
    });
    format!("http://127.0.0.1:{port}").parse().unwrap()
}

fn says(body: &'static str) -> NodeAddress {
    says_with("200 OK", body)
}

fn says_with(status: &'static str, body: &'static str) -> NodeAddress {
    node(move |mut connection| {
        let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = connection.write_all(head.as_bytes()).and_then(|()| connection.write_all(body.as_bytes()));
    })
}

fn nodes(patience: Duration) -> VaultNodes {
    VaultNodes::new(None, patience).unwrap()
}

async fn asked(node: &NodeAddress, token: Option<&str>, patience: Duration) -> Result<Answer, Failure> {
    let access = Access { node: node.clone(), token: token.map(|token| Secret::of(token.to_owned())) };
    nodes(patience).ask(&access, Call::get("sys/health")).await
}

#[tokio::test]
async fn a_token_that_no_header_takes_is_not_sent() {
    for token in ["hvs.a\nb", "hvs.ä", "\u{7f}", "a b"] {
        let refused = asked(&says("{}"), Some(token), SLOWEST).await;
        assert!(matches!(refused, Err(Failure::Unsent(why)) if why.contains("token")), "{token:?}");
    }
    let login = Login::Jwt { role: "a".to_owned(), token: Secret::of("b".to_owned()) };
    let node = says(r#"{"auth":{"client_token":"hvs.a\nb"}}"#);
    let refused = nodes(SLOWEST).login(&node, "oidc", &login).await;
    assert!(matches!(refused, Err(VaultError::Senseless { .. })));
}

#[tokio::test]
async fn an_address_that_is_no_url_is_refused_without_a_panic() {
    let address: NodeAddress = "https://xn--a:8200".parse().unwrap();
    assert!(matches!(asked(&address, None, SLOWEST).await, Err(Failure::Unsent(NO_ADDRESS))));
}

#[tokio::test]
async fn an_answer_without_an_end_is_given_up() {
    let node = node(|mut connection| {
        let mut sent = connection.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        for _ in 0..64 {
            sent = sent.and_then(|()| connection.write_all(&vec![b' '; 1 << 20]));
        }
        assert!(sent.is_err(), "it was read to the end");
    });
    let refused = asked(&node, None, Duration::from_millis(1)).await;
    assert!(matches!(refused, Err(Failure::Broken(why)) if why.contains("longer than 16 MiB")));
}

#[tokio::test]
async fn a_node_without_tls_is_told_from_one_that_can_not_be_reached() {
    let plain = node(|mut connection| drop(connection.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n")));
    let address = plain.to_string().replace("http://", "https://").parse().unwrap();
    let refused = asked(&address, None, Duration::from_millis(1)).await;
    assert!(matches!(refused, Err(Failure::Broken(why)) if why == crate::ports::vault::NO_TLS));
}

#[tokio::test]
async fn a_node_that_hangs_is_waited_for_no_longer_than_there_is_patience() {
    let node = node(|connection| drop(thread::spawn(move || (thread::sleep(SLOWEST), connection))));
    let started = Instant::now();
    assert!(matches!(asked(&node, None, Duration::from_secs(1)).await, Err(Failure::Broken(_))));
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

/// A process has one environment: with a proxy in it, this test is run once more by itself.
#[tokio::test]
async fn what_goes_to_this_machine_goes_through_no_proxy() {
    if std::env::var("http_proxy").is_ok_and(|proxy| proxy == DEAD_PROXY) {
        assert_eq!(asked(&says("{}"), None, SLOWEST).await.map_err(|why| why.to_string()).unwrap().status, 200);
        return;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "effects::vault::tests::what_goes_to_this_machine_goes_through_no_proxy"]);
    let output = again.env_clear().env("http_proxy", DEAD_PROXY).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn certificates_are_certificates_and_nothing_else() {
    let key = "-----BEGIN PRIVATE KEY-----\naHVzaA==\n-----END PRIVATE KEY-----\n";
    for (pem, words) in [("", "no certificate"), ("# nothing\n", "no certificate"), (key, "private key")] {
        let refused = VaultNodes::new(Some(pem), SLOWEST).err().unwrap();
        assert!(matches!(&refused, Error::Usage { message, .. } if message.contains(words)), "{refused:?}");
        assert!(!format!("{refused:?}").contains("aHVzaA"));
    }
}

#[tokio::test]
async fn only_a_vault_says_that_there_is_nothing() {
    let read = async |body| {
        let access = Access { node: says_with("404 Not Found", body), token: None };
        nodes(FASTEST).read(&access, "secret/metadata/a").await
    };
    for body in [r#"{"errors":[]}"#, r#"{"data":{"data":null}}"#] {
        assert!(matches!(read(body).await, Ok(None)), "{body}");
    }
    for body in ["<html>no such page</html>", "", r#"{"message":"no such route"}"#] {
        assert!(matches!(read(body).await, Err(VaultError::Unreachable { .. })), "{body}");
    }
}
