//! Events whose parts are missing, of another type, or huge.

use super::*;

/// What may stand anywhere in an event.
fn odd() -> Vec<Value> {
    vec![
        Value::Null,
        json!([]),
        json!({}),
        json!(""),
        json!(-1),
        json!(1.5),
        json!(true),
        json!(u64::MAX),
        json!("x\n::add-mask::x\n::error::injected\r::error::injected\u{2028}::error::injected"),
        json!("$(touch /tmp/injected)`id`\u{202e}../../x"),
        json!("x".repeat(100_000)),
    ]
}

/// Fails the test if a run crashed, or wrote a command for the runner that it was given.
fn is_calm(run: &Run, what: &str) {
    assert!([0, 2, 4].contains(&run.code), "{what}: {}\n{}", run.code, run.stderr);
    for line in run.stdout.lines().chain(run.stderr.lines()).flat_map(|line| line.split('\r')) {
        assert!(!line.starts_with("::error::injected") && !line.starts_with("::add-mask::x"), "{what}: {line}");
    }
    assert!(!run.summary.contains('\u{202e}') && !run.stderr.contains('\u{202e}'), "{what}: {}", run.stderr);
}

/// Runs what hears of `event` with something odd at each place in turn.
fn with_odd(places: &[&str], event: &Value, hear: impl Fn(&Value) -> Run, ground: &Ground) {
    let tip = ground.world.tip();
    for place in places {
        for value in odd() {
            let what = format!("{place}: {:.60}", value.to_string());
            let mut event = event.clone();
            *event.pointer_mut(place).unwrap_or_else(|| panic!("{place} is not there")) = value;
            is_calm(&hear(&event), &what);
            assert_eq!(ground.world.tip(), tip, "{what}");
            ground.holds_nothing_of('a', &what);
        }
    }
}

#[test]
fn an_odd_event_of_a_label_approves_nothing() {
    let ground = Ground::with(", labels: {require: [preview]}");
    ground.world.emulator.forge().label(APPLICATION, 7, LABEL).unwrap();
    let places = [
        "/label",
        "/label/name",
        "/sender",
        "/sender/id",
        "/sender/login",
        "/sender/type",
        "/pull_request",
        "/pull_request/number",
        "/pull_request/head",
        "/pull_request/head/sha",
        "/repository",
        "/action",
    ];
    let hear = |event: &Value| ground.deploy("pull_request_target", event, &[], &[]);
    with_odd(&places, &labelled(ADA, 7, 'a'), hear, &ground);
}

#[test]
fn an_odd_event_of_a_build_brings_nothing_up() {
    let ground = Ground::new();
    let places = [
        "/workflow_run",
        "/workflow_run/event",
        "/workflow_run/head_sha",
        "/workflow_run/head_branch",
        "/workflow_run/head_repository",
        "/workflow_run/head_repository/full_name",
        "/repository/full_name",
    ];
    let hear = |event: &Value| ground.deploy("workflow_run", event, &[], &[]);
    with_odd(&places, &built('a'), hear, &ground);
}

#[test]
fn an_odd_event_of_a_comment_is_no_command() {
    let ground = Ground::new();
    let ada = Actor::user(ADA);
    let body = format!("/preview approve {}", sha('a'));
    let id = ground.world.emulator.forge().comment(APPLICATION, 7, ada.clone(), &body).unwrap().id;
    let event = crate::command::event(7, id, &ada, &body);
    let places = [
        "/comment",
        "/comment/body",
        "/comment/user",
        "/comment/user/login",
        "/comment/user/id",
        "/comment/user/type",
        "/sender",
        "/sender/id",
        "/issue",
        "/issue/number",
        "/repository",
        "/repository/full_name",
        "/action",
    ];
    let hear = |event: &Value| {
        let path = ground.world.write_event(event);
        let mut command = ground.world.bivouac(&[&["command"][..], &OPTIONS].concat());
        command.env("GITHUB_EVENT_NAME", "issue_comment").env("GITHUB_EVENT_PATH", path);
        ground.world.run(command)
    };
    with_odd(&places, &event, hear, &ground);
}
