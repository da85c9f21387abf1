//! Answers about what somebody may do that are odd: none of them lets anybody do anything.

use bivouac::emulator::{Answer, Verdict};

use super::*;

#[test]
fn an_odd_answer_about_a_permission_is_none() {
    let ada = Actor::user(ADA).number();
    let user = json!({"login": ADA, "id": ada});
    let odd = [
        json!({}),
        json!([]),
        json!("admin"),
        json!({"permission": "admin"}),
        json!({"permission": "admin", "user": null}),
        json!({"permission": ["admin"], "user": user}),
        json!({"permission": "Admin", "user": user}),
        json!({"permission": "write ", "user": user}),
        json!({"permission": "read", "role_name": "admin", "user": user}),
        json!({"permission": "triage", "role_name": "write", "user": user}),
        json!({"role_name": "write", "user": user}),
        json!({"permission": "admin", "user": {"login": ADA, "id": ada + 1}}),
        json!({"permission": "admin", "user": {"login": ADA, "id": ada.to_string()}}),
        json!({"permission": "admin", "user": {"login": ADA, "id": -1}}),
        json!({"permission": "read", "user": {"login": ADA, "id": ada, "permissions": {"admin": true, "push": true}}}),
    ];
    let ground = Ground::with(", labels: {require: [preview]}");
    ground.world.emulator.forge().label(APPLICATION, 7, LABEL).unwrap();
    let tip = ground.world.tip();
    for answer in odd {
        let what = answer.to_string();
        ground.world.intercept(move |request| {
            if request.path.ends_with("/permission") {
                Verdict::Answer(Answer::json(200, &answer))
            } else {
                Verdict::Pass
            }
        });
        ground.ada(&format!("/preview approve {}", sha('a')));
        ground.deploy("pull_request_target", &labelled(ADA, 7, 'a'), &[], &[]);
        assert_eq!(ground.world.tip(), tip, "{what}");
        ground.holds_nothing_of('a', &what);
    }
}

#[test]
fn a_permission_that_is_answered_elsewhere_is_not_asked_for_there() {
    let ground = Ground::new();
    for status in [301, 302, 307, 308] {
        ground.world.intercept(move |request| {
            if request.path.ends_with("/permission") {
                let answer = Answer::json(status, &json!({"message": "Moved"}));
                Verdict::Answer(answer.with_header("location", "/api/v3/repositories/1/collaborators/ada/permission"))
            } else {
                Verdict::Pass
            }
        });
        let run = ground.ada(&format!("/preview approve {}", sha('a')));
        assert_ne!(run.code, 0, "{status}: {}", run.stderr);
        ground.holds_nothing_of('a', &status.to_string());
    }
}
