//! Somebody else answers: a redirect, a load balancer, a page, garbage, a server that is busy.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bivouac::emulator::Answer;
use serde_json::json;

use super::Ground;
use super::ground::run;
use crate::vault::bao::Bao;
use crate::vault::proxy::{Proxy, Received, Verdict, redirect};
use crate::vault::settings::Settings;

/// The kinds of requests of a first run: one for each method and path, in the order in which they come.
fn kinds() -> Vec<(String, String)> {
    let ground = Ground::new();
    let run = ground.run(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    let mut kinds = Vec::new();
    for Received { method, path, .. } in ground.proxy.requests() {
        let kind = (method, path);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// Gives the answer for its number to every request of one kind, in a world of its own, for every kind; several at a time.
fn for_every_kind(answer: impl Fn(usize) -> Answer + Sync, judge: impl Fn(&Ground, &str) + Sync) {
    let kinds = kinds();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let Some((method, path)) = kinds.get(number) else { break };
                    let (ground, answer) = (Ground::new(), answer(number));
                    let (is_method, is_path) = (method.clone(), path.clone());
                    ground.proxy.intercept(move |request| {
                        let is_it = (&request.method, &request.path) == (&is_method, &is_path);
                        if is_it { Verdict::Answer(answer.clone()) } else { Verdict::Pass }
                    });
                    judge(&ground, &format!("{method} {path}"));
                }
            });
        }
    });
}

#[test]
fn a_redirect_is_followed_by_no_token_and_no_share() {
    let decoy = Bao::start(Settings::in_memory());
    let other = Proxy::before(&decoy);
    let to = format!("{}/v1/sys/health", other.address());
    for_every_kind(
        |_| redirect(307, &to),
        |ground, what| {
            let run = ground.run(&["--patience", "500ms"]);
            // What the one says is known from elsewhere too, and the other is only waited for.
            let is_needed = !["sys/leader", "secret/config"].iter().any(|path| what.ends_with(path));
            assert!([1, 6].contains(&run.code) || run.code == 0 && !is_needed, "{what}: {run:#?}");
        },
    );
    assert!(other.requests().is_empty(), "{:?}", other.requests());
}

#[test]
fn of_two_servers_behind_a_balancer_no_more_than_one_is_initialised() {
    for skew in 0..2 {
        let ground = Ground::new();
        let second = Bao::start(Settings::in_memory());
        let balancer = Proxy::balancing(&[&ground.bao, &second]);
        balancer.intercept(move |request| Verdict::To((request.number + skew) % 2));
        let mut command = ground.bare_command_on("one");
        let escrow = format!("file:{}", ground.escrow().display());
        command.args(["--vault-address", &balancer.address(), "--escrow", &escrow, "--patience", "2s"]);
        let run = run(command);
        assert!([6, 7].contains(&run.code), "{run:#?}");
        let initialised = [&ground.bao, &second].iter().filter(|bao| bao.health() != 501).count();
        assert!(initialised <= 1 && balancer.count("PUT", "sys/init") <= 1, "{run:#?}");
    }
}

/// What is no answer of a Vault's.
const STRANGE: [fn() -> Answer; 5] = [
    || Answer::new(200, "text/html", "<html><body>Welcome to the hotel</body></html>"),
    || Answer::new(200, "application/json", ""),
    || Answer::json(200, &json!({"initialized": "no", "sealed": 1, "t": "three", "data": 7, "keys": {}, "auth": []})),
    || Answer::new(200, "application/json", vec![b'x'; 10_000_000]),
    || Answer::json(200, &json!({"initialized": false, "sealed": true, "data": null, "errors": [1]})),
];

#[test]
fn a_strange_answer_to_what_is_looked_at_first_is_never_taken_for_a_vault_to_be_initialised() {
    for path in ["sys/health", "sys/seal-status", "sys/init"] {
        for strange in &STRANGE[..4] {
            let ground = Ground::new();
            ground.proxy.intercept(
                move |request| {
                    if request.is("GET", path) { Verdict::Answer(strange()) } else { Verdict::Pass }
                },
            );
            let run = ground.run(&["--patience", "300ms"]);
            let what = format!("{path}: {:?}", strange().headers);
            // The body of `sys/health` is not asked: its status says it all.
            let expected: &[i32] = if path == "sys/health" { &[6, 7] } else { &[6] };
            assert!(expected.contains(&run.code), "{what}: {run:#?}");
            assert_eq!((ground.proxy.count("PUT", "sys/init"), ground.bao.health()), (0, 501), "{what}");
        }
    }
}

#[test]
fn a_strange_answer_to_anything_is_no_panic_and_initialises_nothing_twice() {
    for_every_kind(
        |number| STRANGE[number % STRANGE.len()](),
        |ground, what| {
            let run = ground.run(&["--patience", "300ms"]);
            assert!([0, 1, 4, 6, 7].contains(&run.code), "{what}: {run:#?}");
            assert!(ground.initialisations() <= 1, "{what}: {run:#?}");
        },
    );
}

#[test]
fn a_server_that_is_unavailable_for_a_moment_is_asked_again_where_nothing_is_changed_by_it() {
    let ground = Ground::new();
    let asked = std::sync::Mutex::new(std::collections::BTreeMap::<String, u32>::new());
    ground.proxy.intercept(move |request| {
        let mut asked = asked.lock().unwrap();
        let count = asked.entry(format!("{} {}", request.method, request.path)).or_default();
        *count += 1;
        let is_read = matches!(request.method.as_str(), "GET" | "LIST");
        if is_read && *count <= 2 { Verdict::Answer(Answer::new(503, "text/html", "busy")) } else { Verdict::Pass }
    });
    let run = ground.run(&["--patience", "10s"]);
    assert_eq!(run.code, 0, "{run:#?}");
    ground.proxy.intercept(|_| Verdict::Pass);
    ground.is_sound("flapping");
    assert_eq!(ground.proxy.count("PUT", "sys/init"), 1);
}

#[test]
fn a_server_that_has_too_much_to_do_is_waited_for_or_named() {
    let busy =
        || Answer::json(429, &json!({"errors": ["request path is over its limit"]})).with_header("retry-after", "1");
    for path in ["sys/seal-status", "sys/init", "sys/internal/ui/mounts"] {
        let ground = Ground::new();
        ground.proxy.once("GET", path, Verdict::Answer(busy()));
        let run = ground.run(&["--patience", "5s"]);
        assert_eq!(run.code, 0, "{path}: {run:#?}");
        ground.is_sound(path);
    }
}
