//! The server changes under a run: it is sealed, or steps down.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Ground;
use crate::vault::proxy::Verdict;
use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;

/// Has the server do something, with the token of the first request for a path, right before it hears of that.
fn before(ground: &Ground, path: &'static str, act: &'static str) {
    let (address, is_done) = (ground.bao.address(), AtomicBool::new(false));
    ground.proxy.intercept(move |request| {
        if request.is("POST", path) && !is_done.swap(true, Ordering::SeqCst) {
            ask(&address, act, request.token().unwrap());
        }
        Verdict::Pass
    });
}

fn ask(address: &str, path: &str, token: &str) {
    let host = address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let head = "connection: close\r\ncontent-length: 0";
    write!(stream, "PUT /v1/{path} HTTP/1.1\r\nhost: {host}\r\nx-vault-token: {token}\r\n{head}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 20"), "{path}: {answer}");
}

/// What is written in a first run as root.
const WRITTEN: [&str; 4] = [
    "sys/mounts/secret",
    "sys/policies/acl/bivouac-reader",
    "auth/approle/role/bivouac-operator",
    "auth/approle/role/bivouac-operator/secret-id",
];

#[test]
fn a_server_that_is_sealed_in_the_middle_is_told_and_the_next_run_ends_what_was_begun() {
    for path in WRITTEN {
        let ground = Ground::new();
        before(&ground, path, "sys/seal");
        let run = ground.run(&["--patience", "1s"]);
        assert!([1, 6].contains(&run.code) && run.stderr.contains("sealed"), "{path}: {run:#?}");
        assert!(ground.bao.is_sealed(), "{path}");
        ground.proxy.intercept(|_| Verdict::Pass);
        ground.is_finished(path);
        assert_eq!(ground.initialisations(), 1, "{path}");
    }
}

#[test]
fn a_node_that_steps_down_in_the_middle_is_told_or_waited_for_and_the_next_run_ends_what_was_begun() {
    for path in [WRITTEN[1], WRITTEN[3]] {
        let ground = Ground::with(Settings::raft("alone").lenient());
        before(&ground, path, "sys/step-down");
        let run = ground.run(&["--patience", "20s"]);
        assert!([0, 1, 6].contains(&run.code), "{path}: {run:#?}");
        ground.proxy.intercept(|_| Verdict::Pass);
        ground.bao.wait_until_active();
        ground.is_finished(path);
        assert_eq!(ground.initialisations(), 1, "{path}");
    }
}

#[test]
fn a_server_that_can_not_reach_the_issuer_is_told_of_with_what_was_not_done() {
    let world = VaultWorld::new();
    let workflow = "acme/wildside/.github/workflows/preview.yml@refs/heads/main";
    let config = world.config(&format!(
        "github: {{issuer: \"https://127.0.0.1:9\", repository-id: 123456, job-workflow-ref: {workflow}}}"
    ));
    let run = world.bootstrap(&["--config", &config]);
    assert_eq!((run.code, run.output("approle-secret-id-file")), (6, ""), "{}", run.stderr);
    for words in ["could not get the keys", "no secret-id was minted", "jwt-validation-pubkeys"] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    assert!(world.contents().root_token.is_some());
}
