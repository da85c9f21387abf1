//! Answers that are late, wrong, or none.

use std::net::TcpListener;
use std::time::Duration;

use super::server::{Preview, answer};
use super::{comment, deploy, deployment, failed, shows, wait, world, world_at};
use crate::world::sha;

#[test]
fn an_old_commit_is_waited_out_and_the_new_one_is_told_of() {
    let preview =
        Preview::answering(|asked| shows(&if asked.after < Duration::from_secs(3) { sha('b') } else { sha('a') }));
    let world = world_at(&preview);
    let run = deploy(&world, "60s").ok();
    assert_eq!(run.output("result"), "ready");
    assert!(run.output("ready-after").parse::<u64>().unwrap() < 30);
    assert_eq!(run.output("apps-commit"), world.tip());
    assert!(run.stdout.starts_with("ready pr-7"), "{}", run.stdout);
    assert!(run.stderr.contains("holds `bbbbbbb") && run.stderr.contains("not aaaaaaa"), "{}", run.stderr);
    assert!(run.summary.contains("| Last answer | `status 200, header x-commit holds aaaaaaa` |"), "{}", run.summary);
    let body = comment(&world);
    assert!(body.contains(" state=ready ") && body.contains(" rollout=ready took="), "{body}");
    assert!(body.contains("Ready: it was seen to show this commit, after a wait of "), "{body}");
    let (states, url) = deployment(&world);
    assert_eq!(
        (states, url.as_str()),
        (vec!["InProgress".to_owned(), "Success".to_owned()], "https://pr-7.preview.example.com")
    );
    // Nothing is sent that is anybody's secret, and nothing is kept open that would lead to the old one.
    for head in preview.heads() {
        assert!(!head.to_lowercase().contains("authorization") && !head.to_lowercase().contains("cookie"), "{head}");
    }
}

#[test]
fn trouble_that_passes_is_waited_out() {
    let preview = Preview::answering(|asked| match asked.before {
        0 => answer("502 Bad Gateway", &[], "<html>"),
        1 => answer("200 OK", &[], "{\"build\": "),
        _ => answer("200 OK", &[], &format!("{{\"build\": {{\"commit\": \"{}\"}}}}", &sha('a')[..10])),
    });
    let world = world(&format!("{{url: '{}', json: /build/commit}}", preview.url()));
    let run = deploy(&world, "60s").ok();
    assert_eq!(run.output("result"), "ready");
    for seen in ["status 502, not 200", "the body is no JSON"] {
        assert!(run.stderr.contains(seen), "{}", run.stderr);
    }
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Preview::answering(|_| shows(&sha('a')));
    let to = elsewhere.url();
    let preview = Preview::answering(move |_| answer("302 Found", &[("Location", &to)], ""));
    let world = world_at(&preview);
    let run = deploy(&world, "2s");
    failed(run, "status 302 to `http://127.0.0.1:");
    assert!(elsewhere.heads().is_empty());
}

#[test]
fn a_body_that_does_not_end_ends_the_question() {
    let endless = Preview::writing(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\n\r\n\"")?;
        loop {
            out.write_all(&vec![b'x'; 65_536])?;
        }
    });
    let json = |preview: &Preview| world(&format!("{{url: '{}', json: /commit}}", preview.url()));
    failed(deploy(&json(&endless), "2s"), "status 200, the body is longer than 1 MiB");

    let slow = Preview::writing(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            out.write_all(b" ")?;
            out.flush()?;
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    failed(deploy(&json(&slow), "2s"), "no answer within ");
    // Nobody reads a body that nobody asked for.
    let header = Preview::writing(|_, out| {
        write!(out, "HTTP/1.1 200 OK\r\nX-Commit: {}\r\n\r\n", sha('a'))?;
        loop {
            out.write_all(b" ")?;
            out.flush()?;
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let run = deploy(&world_at(&header), "60s").ok();
    assert!(run.output("ready-after").parse::<u64>().unwrap() < 5);
}

#[test]
fn what_is_no_http_at_all_is_told_as_that() {
    let junk = Preview::writing(|_, out| out.write_all(b"SSH-2.0-OpenSSH_9.9\r\n"));
    failed(deploy(&world_at(&junk), "1s"), "no answer: ");
    let silent = Preview::writing(|_, _| Ok(()));
    failed(deploy(&world_at(&silent), "1s"), "no answer: ");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let world = world(&format!("{{url: 'http://127.0.0.1:{port}/', header: x-commit}}"));
    failed(deploy(&world, "1s"), "the connection was refused");
    assert!(comment(&world).contains("| Last answer | `the connection was refused` |"));
}

#[test]
fn a_name_that_is_not_known_yet_is_not_asked_for_where_an_address_is_fixed() {
    let preview = Preview::answering(|_| shows(&sha('a')));
    let (port, url) = (preview.port(), "http://{host}:8080/healthz");
    let fixed = world(&format!("{{url: '{url}', header: x-commit, address: '127.0.0.1:{port}'}}"));
    deploy(&fixed, "60s").ok();
    let head = preview.heads().remove(0).to_lowercase();
    assert!(head.starts_with("get /healthz http/1.1\r\n"), "{head}");
    assert!(head.contains("host: pr-7.preview.example.com:8080\r\n"), "{head}");

    let unknown = world("{url: 'https://{number}.invalid/', header: x-commit}");
    failed(deploy(&unknown, "1s"), "the name `7.invalid` is not known");
}

#[test]
fn the_host_may_be_another_than_the_addresss() {
    let preview = Preview::answering(|_| shows(&sha('a')));
    let world = world(&format!("{{url: '{}{{short-commit}}', header: x-commit, host: '{{host}}'}}", preview.url()));
    deploy(&world, "60s").ok();
    let head = preview.heads().remove(0).to_lowercase();
    assert!(head.starts_with("get /aaaaaaa http/1.1\r\n"), "{head}");
    assert!(head.contains("host: pr-7.preview.example.com\r\n"), "{head}");
}

#[test]
fn what_a_preview_says_gets_nowhere_but_into_its_own_span() {
    let preview = Preview::answering(|_| {
        answer("200 OK", &[("X-Commit", "`|@everyone[x](y)::error::a##[error]b\u{1b}[31m")], "")
    });
    let world = world_at(&preview);
    let run = deploy(&world, "1s");
    assert_eq!(run.code, 12, "{}", run.stderr);
    let all = [&run.stdout, &run.stderr, &run.summary, &comment(&world)];
    for text in all {
        assert!(!text.contains("##[") && !text.contains('\u{1b}'), "{text}");
        assert!(text.lines().all(|line| !line.trim_start().starts_with("::error::a")), "{text}");
    }
    let body = comment(&world);
    let row = body.lines().find(|line| line.starts_with("| Last answer |")).unwrap();
    assert_eq!((row.matches('|').count(), row.matches('`').count()), (3, 2), "{row}");
    // It waited in vain; who looks again later is told the other way round.
    drop(preview);
    assert_eq!(wait(&world, "1s").code, 12);
    assert!(comment(&world).contains("the connection was refused"));
}
