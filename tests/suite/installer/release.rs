//! What RELEASE may say, and which mirrors stand in for its address.

use super::runner::Runner;
use super::server::{Reply, Server};
use super::{PROGRAM, TARGET};
use crate::files::sha256;

const REMEDY: [&str; 3] = ["use the commit of a release", "`build-from-source: true`", "`binary`"];

/// Runs with a RELEASE, which must be refused without a request, and returns what the error says.
fn refused(text: &str) -> String {
    let runner = Runner::new();
    let server = Server::saying(Reply::Status(500));
    runner.write_release(&text.replace("ADDRESS", &server.address()));
    let names_none = format!("this commit names no program for {TARGET}");
    let step = runner.run().failed(&REMEDY).failed(&[&names_none]);
    assert!(server.requests().is_empty(), "{text}");
    step.stdout
}

fn hash(digit: char) -> String {
    String::from(digit).repeat(64)
}

#[test]
fn a_release_that_names_nothing_for_the_target_downloads_nothing() {
    let other = format!("aarch64-unknown-linux-musl {} {}", hash('a'), hash('b'));
    refused("version 0.1.0\naddress ADDRESS\n");
    refused(&format!("version 0.1.0\naddress ADDRESS\n{other}\n"));
    refused(&format!("version 0.1.0\naddress ADDRESS\n# {TARGET} {} {}\n", hash('a'), hash('b')));
}

#[test]
fn a_release_that_lacks_something_downloads_nothing() {
    let line = format!("{TARGET} {} {}\n", hash('a'), hash('b'));
    for text in ["", "# Nothing\n", &line, &format!("version 0.1.0\n{line}"), &format!("address ADDRESS\n{line}")] {
        assert!(refused(text).contains("RELEASE lacks its version or its address"), "{text}");
    }
    let runner = Runner::new();
    std::fs::remove_file(runner.path("tree/RELEASE")).unwrap();
    runner.run().failed(&REMEDY).failed(&["it has no file RELEASE"]);
}

#[test]
fn a_malformed_or_doubled_line_makes_all_of_the_release_worthless() {
    let (a, b) = (hash('a'), hash('b'));
    let good = format!("version 0.1.0\naddress ADDRESS\n{TARGET} {a} {b}\n");
    for line in [
        "version 0.1.0".to_owned(),
        "address https://example.com".to_owned(),
        format!("{TARGET} {a} {b}"),
        format!("aarch64-apple-darwin {a}"),
        "aarch64-apple-darwin".to_owned(),
        format!("aarch64-apple-darwin {a} {b} {b}"),
        format!("aarch64-apple-darwin {} {b}", &a[1..]),
        format!("aarch64-apple-darwin {a} {b}0"),
        format!("aarch64-apple-darwin {a} {}", hash('B')),
        format!("aarch64-apple-darwin {a} {}", hash('g')),
        format!("aarch64-apple-darwin {a} {b}\r"),
        format!("riscv64-unknown-linux-musl {a} {b}"),
        "::set-output name=path::/bin/sh".to_owned(),
        "*".to_owned(),
    ] {
        assert!(refused(&format!("{good}{line}\n")).contains("line 4 of RELEASE is malformed or doubled"), "{line}");
    }
    for line in ["version", "version 1", "version 0.1.0 0.1.1", "version ../../0.1.0", "version 0.1.0-a/b"] {
        assert!(refused(&format!("{line}\n")).contains("line 1 of RELEASE is malformed"), "{line}");
    }
    for line in ["address", "address http://example.com", "address https://example.com more", "address ftp://a"] {
        assert!(refused(&format!("{line}\n")).contains("line 1 of RELEASE is malformed"), "{line}");
    }
}

#[test]
fn a_mirror_stands_in_for_the_address() {
    for end in ["", "/", "/folder", "/a/folder/"] {
        let mut runner = Runner::new();
        let archive = runner.pack();
        let (never, server) = (Server::saying(Reply::Status(500)), Server::saying(Reply::Whole(archive.clone())));
        runner.name_release(&never.address(), &archive, PROGRAM);
        runner.input("MIRROR", format!("{}{end}\n", server.address()));
        runner.run().handed_over(&runner.cached(), "bivouac 0.1.0 downloaded and checked");
        let path = end.trim_end_matches('/');
        assert_eq!(server.requests(), [format!("{path}/bivouac-0.1.0-{TARGET}.tar.gz")]);
        assert!(never.requests().is_empty());
    }
}

#[test]
fn what_a_mirror_has_is_held_against_the_recorded_hash() {
    let mut runner = Runner::new();
    let archive = runner.pack();
    let mirror = Server::saying(Reply::Whole(b"another archive".to_vec()));
    runner.name_release("https://example.com", &archive, PROGRAM);
    runner.input("MIRROR", mirror.address());
    runner.run().failed(&["is not the archive that RELEASE names", &sha256(&archive), &mirror.address()]);
}

#[test]
fn a_mirror_that_is_not_encrypted_or_has_more_than_a_place_is_refused_and_not_repeated() {
    for mirror in [
        "http://mirror.example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1@example.com",
        "https://user:s3cret@mirror.example.com",
        "https://s3cret@mirror.example.com/folder",
        "https://mirror.example.com/?token=s3cret",
        "https://mirror.example.com/#s3cret",
        "https://mirror.example.com\n::set-output name=path::/s3cret",
        "https://mirror.example.com\r::error::s3cret",
        "https://mirror.example.com/a b",
        "https://mirror.example.com\\s3cret",
        "https://",
        "https:///folder",
        "https://mirror.example.com:port",
        "HTTPS://mirror.example.com",
        "ftp://mirror.example.com",
        "file:///srv/mirror",
        "mirror.example.com",
        "-K/etc/passwd",
        "##[set-output name=path;]s3cret",
    ] {
        let mut runner = Runner::new();
        let archive = runner.pack();
        runner.name_release("https://example.com", &archive, PROGRAM);
        runner.input("MIRROR", mirror);
        let step = runner.run().failed(&["the input `mirror` is not an address", "plain http is for 127.0.0.1"]);
        assert!(!step.stdout.contains("s3cret"), "{mirror}");
    }
}
