//! What is cut off on the way: signals, connections, and others who write at the same moment.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use bivouac::emulator::Answer;
use serde_json::json;

use super::world::{CANARY, SecretsWorld};
use crate::vault::proxy::{Proxy, Verdict, redirect};

/// Where pull request 7 has its own.
const OWN: &str = "previews/wildside/pr-7";
/// Where its values are written.
const DATA: &str = "secret/data/previews/wildside/pr-7";

/// A run that puts something, through a proxy.
fn put(it: &SecretsWorld, proxy: &Proxy) -> Command {
    let mut command = it.command(&["put"]);
    command.env("BIVOUAC_VAULT_ADDRESSES", proxy.address()).stdin(it.input(&format!("A={CANARY}")));
    command
}

#[test]
fn a_signal_waits_until_the_token_is_given_back() {
    for signal in ["TERM", "INT"] {
        let it = SecretsWorld::new();
        let proxy = Proxy::before(&it.bao);
        proxy.once("POST", DATA, Verdict::Late(Duration::from_secs(3)));
        let child = put(&it, &proxy).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while proxy.count("POST", DATA) == 0 {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("told to stop: what is under way at the Vault is brought to its end first"), "{said}");
        assert_eq!((it.logins(), it.tokens_left(), it.values(OWN).unwrap().1), (1, 0, 1), "{said}");
    }
}

#[test]
fn a_signal_ends_a_run_that_waits_for_a_pipe() {
    let it = SecretsWorld::new();
    let pipe = it.world.home.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child = it.command(&["put", "--file", pipe.to_str().unwrap()]).spawn().unwrap();
    // Whoever opens it to write waits until the program has opened it to read.
    let writer = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    assert!(Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status().unwrap().success());
    assert!(!child.wait().unwrap().success());
    drop(writer);
    assert_eq!((it.logins(), it.metadata(OWN)), (0, None));
}

#[test]
fn the_token_is_given_back_when_the_connection_breaks() {
    let it = SecretsWorld::new();
    let proxy = Proxy::before(&it.bao);
    proxy.once("POST", DATA, Verdict::DropAfter);
    let run = it.run(put(&it, &proxy));
    assert_eq!((run.code, it.tokens_left()), (6, 0), "{run:?}");
    // It had landed, as the next run sees.
    let run = it.run(put(&it, &proxy)).ok();
    assert_eq!((run.output("result"), it.values(OWN).unwrap().1), ("unchanged", 1));
}

#[test]
fn a_server_that_keeps_saying_that_others_were_faster_is_left_in_peace_at_last() {
    let it = SecretsWorld::new();
    let proxy = Proxy::before(&it.bao);
    let moved = json!({"errors": ["check-and-set parameter did not match the current version"]});
    proxy.intercept(
        move |request| {
            if request.is("POST", DATA) { Verdict::Answer(Answer::json(400, &moved)) } else { Verdict::Pass }
        },
    );
    let mut command = put(&it, &proxy);
    command.args(["--patience", "2s"]);
    let run = it.run(command);
    assert!(run.code == 5 && run.stderr.contains("times in a row"), "{run:?}");
    assert!(proxy.count("POST", DATA) > 1);
    assert_eq!(it.tokens_left(), 0);
}

#[test]
fn no_value_and_no_login_is_sent_where_a_redirect_leads() {
    let it = SecretsWorld::new();
    let (proxy, other) = (Proxy::before(&it.bao), Proxy::before(&it.bao));
    let to = format!("{}/v1/{DATA}", other.address());
    proxy.once("POST", DATA, Verdict::Answer(redirect(307, &to)));
    let run = it.run(put(&it, &proxy));
    assert_eq!((run.code, other.requests().len(), it.tokens_left()), (6, 0, 0), "{run:?}");
}

/// Removes the path as somebody else would.
fn remove(address: &str, root: &str) {
    let host = address.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(host).unwrap();
    let head = format!("DELETE /v1/secret/metadata/{OWN} HTTP/1.1\r\nHost: {host}\r\nX-Vault-Token: {root}\r\n");
    connection.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

#[test]
fn whoever_removes_the_path_in_between_takes_no_owner_along() {
    let it = SecretsWorld::new();
    let proxy = Proxy::before(&it.bao);
    let removal = (it.bao.address(), it.root.clone());
    let first = Mutex::new(true);
    proxy.intercept(move |request| {
        if request.is("POST", DATA) && std::mem::take(&mut *first.lock().unwrap()) {
            let (address, root) = &removal;
            remove(address, root);
        }
        Verdict::Pass
    });
    let run = it.run(put(&it, &proxy)).ok();
    assert_eq!(run.output("result"), "created");
    assert_eq!(it.metadata(OWN).unwrap()["managed-by"], "bivouac");
}
