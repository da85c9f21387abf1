//! The proxy does to requests what it is told.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use bivouac::emulator::Answer;
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::bao::Bao;
use super::proxy::{Proxy, Verdict, bad_gateway, redirect};
use super::settings::Settings;
use super::wait;

/// The status, the header `location` and the body, or what kind of failure it was.
fn ask(proxy: &Proxy, method: &str, path: &str, body: Option<Value>) -> Result<(u16, String, Vec<u8>), &'static str> {
    let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = client.request(method, format!("{}/v1/{path}", proxy.address()));
    if let Some(body) = body {
        request = request.json(&body).header("x-vault-token", "a token");
    }
    wait(async move {
        let answer = request.send().await.map_err(|_| "no answer")?;
        let status = answer.status().as_u16();
        let location = answer.headers().get("location").map_or("", |value| value.to_str().unwrap()).to_owned();
        Ok((status, location, answer.bytes().await.map_err(|_| "half an answer")?.to_vec()))
    })
}

fn status(proxy: &Proxy, path: &str) -> Result<u16, &'static str> {
    ask(proxy, "GET", path, None).map(|(status, _, _)| status)
}

fn started() -> (Bao, Proxy) {
    let bao = Bao::start(Settings::in_memory());
    let proxy = Proxy::before(&bao);
    (bao, proxy)
}

#[test]
fn what_passes_is_answered_by_the_server_and_noted() {
    let bao = Bao::start(Settings::in_memory().with_tls());
    let proxy = Proxy::before(&bao);
    assert_eq!(status(&proxy, "sys/health?uninitcode=299"), Ok(299));
    let (status, _, body) =
        ask(&proxy, "PUT", "sys/init", Some(json!({"secret_shares": 1, "secret_threshold": 1}))).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, body["keys"].as_array().unwrap().len(), bao.health()), (200, 1, 503));
    let requests = proxy.requests();
    assert!(requests[0].is("GET", "sys/health") && !requests[0].has_token && requests[0].at <= requests[1].at);
    assert!(requests[1].is("POST", "sys/init") && requests[1].has_token);
    assert_eq!(requests.iter().map(|request| request.status).collect::<Vec<_>>(), [Some(299), Some(200)]);
    assert_eq!((proxy.count("PUT", "sys/init"), proxy.count("GET", "sys/init")), (1, 0));
}

#[test]
fn a_dropped_request_has_no_effect_and_one_dropped_after_has() {
    let (bao, proxy) = started();
    let body = json!({"secret_shares": 1, "secret_threshold": 1});
    for (verdict, health) in [(Verdict::Drop, 501), (Verdict::DropAfter, 503)] {
        proxy.once("PUT", "sys/init", verdict);
        assert_eq!(ask(&proxy, "PUT", "sys/init", Some(body.clone())), Err("no answer"));
        assert_eq!((bao.health(), status(&proxy, "sys/health")), (health, Ok(health)));
    }
}

#[test]
fn an_answer_can_end_after_its_head_or_in_its_body() {
    let (_bao, proxy) = started();
    for verdict in [Verdict::DropMidway(0), Verdict::DropMidway(7), Verdict::DropHalfway] {
        proxy.once("GET", "sys/seal-status", verdict);
        assert_eq!(status(&proxy, "sys/seal-status"), Err("half an answer"));
        assert_eq!(status(&proxy, "sys/seal-status"), Ok(200));
    }
}

#[test]
fn a_request_can_wait_for_a_while() {
    let (_bao, proxy) = started();
    proxy.once("GET", "sys/health", Verdict::Delay(Duration::from_millis(400)));
    let before = Instant::now();
    assert_eq!(status(&proxy, "sys/health"), Ok(501));
    assert!(before.elapsed() >= Duration::from_millis(400));
}

#[test]
fn the_proxy_can_answer_itself_before_and_after() {
    let (bao, proxy) = started();
    let busy = Answer::json(429, &json!({"errors": ["busy"]})).with_header("retry-after", "1");
    let body = json!({"secret_shares": 1, "secret_threshold": 1});
    proxy.once("PUT", "sys/init", Verdict::Answer(busy));
    assert_eq!(ask(&proxy, "PUT", "sys/init", Some(body.clone())).unwrap().0, 429);
    assert_eq!(bao.health(), 501);
    proxy.once("PUT", "sys/init", Verdict::AnswerAfter(bad_gateway()));
    let (status, _, page) = ask(&proxy, "PUT", "sys/init", Some(body)).unwrap();
    assert!(status == 502 && page.starts_with(b"<html>") && bao.health() == 503);
    proxy.once("GET", "sys/health", Verdict::Answer(redirect(307, "http://127.0.0.1:1/v1/sys/health")));
    let (status, location, _) = ask(&proxy, "GET", "sys/health", None).unwrap();
    assert_eq!((status, location.as_str()), (307, "http://127.0.0.1:1/v1/sys/health"));
}

#[test]
fn a_balancer_gives_one_request_to_each_server_in_turn_unless_it_is_told_otherwise() {
    let nodes = [Bao::start(Settings::in_memory()), Bao::start(Settings::in_memory())];
    nodes[1].initialise(1, 1);
    let proxy = Proxy::balancing(&[&nodes[0], &nodes[1]]);
    let answers: Vec<_> = (0..4).map(|_| status(&proxy, "sys/health").unwrap()).collect();
    assert_eq!(answers, [501, 503, 501, 503]);
    let numbers = Mutex::new(Vec::new());
    proxy.intercept(move |request| {
        numbers.lock().unwrap().push(request.number);
        Verdict::To(1)
    });
    assert_eq!([(); 2].map(|()| status(&proxy, "sys/health")), [Ok(503), Ok(503)]);
    let nodes: Vec<_> = proxy.requests().iter().map(|request| request.node).collect();
    assert_eq!(nodes, [0, 1, 0, 1, 1, 1].map(Some));
}

#[test]
fn a_server_that_is_down_is_a_bad_gateway_until_it_is_back() {
    let (mut bao, proxy) = started();
    bao.kill();
    assert_eq!((status(&proxy, "sys/health"), proxy.requests()[0].status), (Ok(502), None));
    bao.start_again();
    assert_eq!(status(&proxy, "sys/health"), Ok(501));
}

#[test]
fn a_guard_sees_the_body_of_a_request() {
    let (_bao, proxy) = started();
    proxy.intercept(|request| match request.json()["key"].as_str() {
        Some("a share") => Verdict::Answer(Answer::json(400, &json!({"errors": []}))),
        _ => Verdict::Drop,
    });
    assert_eq!(ask(&proxy, "PUT", "sys/unseal", Some(json!({"key": "a share"}))).unwrap().0, 400);
}
