//! Trouble that a guard makes, and the time that an answer says it is.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use super::support::{REPOSITORY, Workshop, accounts, call, git_url, started};
use bivouac::emulator::{Answer, Emulator, NewPullRequest, Settings, Verdict};
use jiff::Timestamp;
use serde_json::json;

/// An emulator whose guard says the same of everything that is sent to change something.
async fn troubled(verdict: Verdict) -> Emulator {
    let settings = Settings::new(accounts()).with_guard(move |request| match request.method.as_str() {
        "POST" => verdict.clone(),
        _ => Verdict::Pass,
    });
    let emulator = started(settings).await;
    let new = NewPullRequest { number: Some(123), ..NewPullRequest::from_branch("topic", "a".repeat(40)) };
    emulator.forge().open_pull_request(REPOSITORY, new).unwrap();
    emulator
}

/// Every byte that comes back for a comment; spoken by hand, to see that there is none.
fn comment_by_hand(emulator: &Emulator) -> Vec<u8> {
    let mut stream = TcpStream::connect(emulator.server_url().replace("http://", "")).unwrap();
    let body = json!({"body": "one"}).to_string();
    let head = format!("POST /api/v3/repos/{REPOSITORY}/issues/123/comments HTTP/1.1\r\nHost: x\r\n");
    let more = format!("Authorization: Bearer writer-token\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all((head + &more).as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

fn comments(emulator: &Emulator) -> usize {
    emulator.forge().comments(REPOSITORY, 123).unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_cut_before_or_after_it_took_effect() {
    for (verdict, effects) in [(Verdict::Drop, 0), (Verdict::DropAfter, 1)] {
        let emulator = troubled(verdict).await;
        assert_eq!(comment_by_hand(&emulator), b"");
        assert_eq!(comments(&emulator), effects);
        assert_eq!(emulator.requests()[0].status, None);
        // A client that keeps its connections gets an error, and answers to what it asks next.
        let url = format!("{}/repos/{REPOSITORY}", emulator.api_url());
        let client = reqwest::Client::new();
        let sent = async |method, path: &str| {
            let request = client.request(method, format!("{url}{path}")).bearer_auth("writer-token");
            request.body(json!({"body": "two"}).to_string()).send().await
        };
        for _ in 0..2 {
            assert_eq!(sent(reqwest::Method::GET, "/pulls/123").await.unwrap().status(), 200);
            assert!(sent(reqwest::Method::POST, "/issues/123/comments").await.is_err());
        }
        assert_eq!(comments(&emulator), effects * 3);
        emulator.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_cut_before_or_after_it_took_effect() {
    for (verdict, is_there) in [(Verdict::Drop, false), (Verdict::DropAfter, true)] {
        let settings = Settings::new(accounts())
            .with_guard(move |request| if request.is_push() { verdict.clone() } else { Verdict::Pass });
        let emulator = started(settings).await;
        let workshop = Workshop::new();
        workshop.clone_with_commit(&git_url(&emulator, "writer-token", "/acme/apps"), "one");
        assert!(!workshop.git("one", &["push", "origin", "HEAD:main"]).status.success());
        assert_eq!(emulator.repositories().join("acme/apps.git/refs/heads/main").is_file(), is_there);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_breaks_off_within_its_body() {
    for (size, most) in [(20, 0), (20, 7), (20, 999), (9_000_000, 8_000_000)] {
        let emulator = troubled(Verdict::DropMidway(most)).await;
        emulator.forge().change(REPOSITORY, 123, |found| found.labels = vec!["x".repeat(size)]).unwrap();
        let query = json!({"query": "{ repository(owner: \"acme\", name: \"wildside\")
            { pullRequest(number: 123) { labels(first: 1) { nodes { name } } } } }"});
        let request = reqwest::Client::new().post(emulator.graphql_url()).bearer_auth("writer-token");
        let mut answered = request.body(query.to_string()).send().await.unwrap();
        let whole = usize::try_from(answered.content_length().unwrap()).unwrap();
        let mut read = 0;
        let ended = loop {
            match answered.chunk().await {
                Ok(Some(chunk)) => read += chunk.len(),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        assert_eq!((answered.status().as_u16(), read, ended), (200, whole.min(most), most >= whole));
        let log = &emulator.requests()[0];
        assert_eq!((log.status, log.answer_bytes), (Some(200), read));
        assert_eq!(log.request_bytes, query.to_string().len());
    }
}

#[tokio::test]
async fn an_answer_takes_its_time() {
    let delay = Duration::from_millis(150);
    let emulator = troubled(Verdict::Delay(delay)).await;
    let began = Instant::now();
    let url = format!("{}/repos/{REPOSITORY}/issues/123/comments", emulator.api_url());
    let body = json!({"body": "one"}).to_string();
    assert_eq!(call("POST", &url, Some("writer-token"), Some(body)).await.status, 201);
    assert!(began.elapsed() >= delay);
    assert_eq!(comments(&emulator), 1);
}

#[tokio::test]
async fn another_answer_is_given_before_or_after_it_took_effect() {
    let answer = Answer::json(502, &json!({"message": "Bad Gateway"})).with_header("retry-after", "7");
    let answer = answer.with_header("x-ratelimit-remaining", "0");
    for (verdict, effects) in [(Verdict::Answer(answer.clone()), 0), (Verdict::AnswerAfter(answer), 1)] {
        let emulator = troubled(verdict).await;
        let url = format!("{}/repos/{REPOSITORY}/issues/123/comments", emulator.api_url());
        let request = reqwest::Client::new().post(url).bearer_auth("writer-token").body("{\"body\":\"one\"}");
        let answered = request.send().await.unwrap();
        assert_eq!(answered.status(), 502);
        let header = |name: &str| answered.headers()[name].to_str().unwrap();
        assert_eq!((header("retry-after"), header("x-ratelimit-remaining")), ("7", "0"));
        assert_eq!((comments(&emulator), emulator.requests()[0].status), (effects, Some(502)));
    }
}

#[tokio::test]
async fn every_answer_says_the_time_of_the_clock() {
    let now = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&now);
    let settings = Settings::new(accounts())
        .with_clock(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap())
        .with_guard(|request| match request.query.as_str() {
            "own" => Verdict::Answer(Answer::new(200, "text/plain", "").with_header("Date", "Tue, 1 Jan 2030")),
            "other" => Verdict::Answer(Answer::new(503, "text/plain", "")),
            _ => Verdict::Pass,
        });
    let emulator = started(settings).await;
    let dates = async |url: String| {
        let answered = reqwest::get(url).await.unwrap();
        let dates = answered.headers().get_all("date").iter().map(|date| date.to_str().unwrap().to_owned());
        dates.collect::<Vec<_>>()
    };
    let api = emulator.api_url();
    for (moment, said) in [
        ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("2027-02-28T23:59:59.9Z", "Sun, 28 Feb 2027 23:59:59 GMT"),
    ] {
        now.store(moment.parse::<Timestamp>().unwrap().as_second(), Ordering::SeqCst);
        let git = format!("{}/acme/apps.git/info/refs?service=git-upload-pack", emulator.server_url());
        for url in [format!("{api}/repos/{REPOSITORY}"), emulator.graphql_url(), git, format!("{api}?other")] {
            assert_eq!(dates(url).await, [said]);
        }
    }
    assert_eq!(dates(format!("{api}?own")).await, ["Tue, 1 Jan 2030"]);
    assert_eq!(call("GET", &api, None, None).await.status, 401);
}
