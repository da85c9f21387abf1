//! What is heard as a command, and what is passed over without a request.

use bivouac::emulator::Actor;
use serde_json::{Value, json};

use super::{ADA, answer, event, everything, hearing, say, sticky, world_with_preview};
use crate::policy::plain;
use crate::world::{Run, World};

/// The run for an event, which must make no request and leave everything as it is.
fn passed_over(world: &World, event: &Value) -> Run {
    let before = everything(world);
    world.emulator.forget_requests();
    let run = world.run(hearing(world, event, &[])).ok();
    assert_eq!(world.emulator.requests(), [], "{event}");
    assert_eq!(everything(world), before);
    assert!(run.stdout.starts_with("the comment is passed over: "), "{}", run.stdout);
    assert_eq!((run.output("command"), run.output("result"), run.summary.as_str()), ("", "", ""));
    assert!(!run.stderr.contains("::notice"), "{}", run.stderr);
    run
}

#[test]
fn what_is_no_command_is_passed_over_without_a_request() {
    let world = world_with_preview("{}");
    let bodies = [
        "",
        "Nice!",
        "> /preview remove",
        "```\n/preview remove\n```",
        "    /preview remove",
        "\t/preview remove",
        " /preview remove",
        "\n/preview remove",
        "Please\n/preview remove",
        "/previews",
        "/previews remove",
        "/preview-remove",
        "/preview\u{a0}remove",
        "\u{feff}/preview remove",
        "\u{200b}/preview remove",
        "/p\u{433}eview remove",
        "\u{ff0f}preview remove",
        "`/preview remove`",
        "**/preview remove**",
        "<!-- /preview remove -->",
    ];
    for body in bodies {
        passed_over(&world, &event(7, 5_000_000_001, &Actor::user(ADA), body));
    }
}

#[test]
fn what_is_not_a_persons_new_comment_on_a_pull_request_is_passed_over_without_a_request() {
    let world = world_with_preview("{}");
    let ordinary = event(7, 5_000_000_001, &Actor::user(ADA), "/preview remove");
    let table = [
        ("/action", json!("edited"), "only a new comment is followed"),
        ("/action", json!("deleted"), "only a new comment is followed"),
        ("/issue/pull_request", Value::Null, "it is on an issue"),
        ("/comment/user/type", json!("Bot"), "it was not written by a person"),
        ("/comment/user/type", json!("Mannequin"), "it was not written by a person"),
        ("/comment/user/login", json!("helper[bot]"), "it was not written by a person"),
        ("/sender/id", json!(1), "it was not its author who sent it"),
        ("/comment/user/id", json!(1), "it was not its author who sent it"),
    ];
    for (pointer, value, why) in table {
        let mut event = ordinary.clone();
        *event.pointer_mut(pointer).unwrap() = value;
        assert!(passed_over(&world, &event).stdout.contains(why), "{pointer}");
    }
    let bot = event(7, 5_000_000_001, &Actor::bot("dependabot[bot]"), "/preview remove");
    passed_over(&world, &bot);
    let mut edited = ordinary;
    edited["action"] = json!("edited");
    edited["changes"] = json!({"body": {"from": "Nice!"}});
    passed_over(&world, &edited);
}

#[test]
fn a_command_that_is_passed_over_is_told_as_json_too() {
    let world = world_with_preview("{}");
    let event = event(7, 5_000_000_001, &Actor::user(ADA), "Nice!");
    let run = world.run(hearing(&world, &event, &["--format", "json"])).ok();
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(told["result"], "");
    assert!(told["reason"].as_str().unwrap().contains("no command"), "{told}");
}

#[test]
fn another_event_is_a_mistake_of_the_workflow() {
    let world = world_with_preview("{}");
    for name in ["pull_request", "issues", "pull_request_review_comment"] {
        let mut command = hearing(&world, &event(7, 1, &Actor::user(ADA), "/preview deploy"), &[]);
        command.env("GITHUB_EVENT_NAME", name);
        world.emulator.forget_requests();
        let run = world.run(command);
        assert_eq!((run.code, world.emulator.requests().len()), (2, 0), "{name}: {}", run.stderr);
    }
}

#[test]
fn a_command_is_heard_in_any_case_as_telephones_write_it() {
    let world = world_with_preview("{}");
    for body in ["/Preview Status", "/PREVIEW STATUS", "/preview\tstatus ", "/preview status\r\nThanks!"] {
        let said = say(&world, body).ok();
        assert_eq!((said.run.output("command"), said.reactions(&world)), ("status", "+1".to_owned()), "{body:?}");
    }
}

#[test]
fn a_command_that_there_is_not_is_answered_with_help_and_changes_nothing() {
    let world = world_with_preview("{}");
    let tip = world.tip();
    let said = say(&world, "/preview deplyo").ok();
    assert_eq!((said.ending(), said.reactions(&world)), (plain("kept"), "confused".to_owned()));
    assert_eq!((said.run.output("command"), world.tip()), ("", tip));
    let told = answer(&world);
    let expected = "To `ada`, MOMENT: `deplyo` is no command of `/preview`. `/preview deploy` puts the preview up";
    assert!(told.starts_with(expected), "{told}");
}

#[test]
fn a_hostile_command_stays_in_its_code_span() {
    let world = world_with_preview("{}");
    let shape = |text: &str| (text.lines().count(), text.matches('`').count(), text.matches('|').count());
    say(&world, "/preview x").ok();
    let harmless = shape(&sticky(&world));
    for hostile in [
        "`]x`](https://evil.example)",
        "@everyone",
        "--><script>alert(1)</script>",
        "<!--",
        "::error::x",
        "##[error]x",
        "\u{202e}gnp.exe",
        "|a|b|",
        "[x](javascript:alert(1))",
        "${{secrets.GITHUB_TOKEN}}",
        "$(touch\u{a0}/tmp/x)",
    ] {
        let said = say(&world, &format!("/preview {hostile}")).ok();
        assert_eq!(said.reactions(&world), "confused", "{hostile}");
        let told = sticky(&world);
        assert_eq!(shape(&told), harmless, "{told}");
        assert!(!told.contains("##[") && !told.contains('\u{202e}'), "{told}");
        let log = said.run.stderr.lines().chain(said.run.stdout.lines());
        let forged = log.filter(|line| line.trim_start().starts_with("::error") || line.contains("##[")).count();
        assert_eq!(forged, 0, "{}", said.run.stderr);
    }
}

#[test]
fn a_comment_of_sixty_thousand_characters_is_read_by_its_first_line() {
    let world = world_with_preview("{}");
    let said = say(&world, &format!("/preview status\n{}", "🎪".repeat(60_000))).ok();
    assert_eq!((said.run.output("command"), said.reactions(&world)), ("status", "+1".to_owned()));
    for long in [
        format!("/preview {}", "x".repeat(60_000)),
        format!("/preview approve {}", "a".repeat(60_000)),
        format!("/preview extend {}h", "9".repeat(60_000)),
        format!("/preview deploy {}", "now ".repeat(15_000)),
    ] {
        let said = say(&world, &long).ok();
        assert_eq!((said.run.output("command"), said.reactions(&world)), ("", "confused".to_owned()));
        assert!(sticky(&world).len() < 4_000, "{}", sticky(&world));
    }
    let many = event(7, 5_000_000_001, &Actor::user(ADA), &"Nice!\n/preview remove\n".repeat(2_500));
    passed_over(&world, &many);
}
