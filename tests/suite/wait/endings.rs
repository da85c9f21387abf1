//! How a wait ends, and what is told of it.

use super::server::Preview;
use super::{comment, deploy, deployment, failed, shows, wait, world, world_at};
use crate::world::{APPLICATION, World, sha};
use bivouac::emulator::RequestKind;

/// How many requests of the forge's REST there were: what was told.
fn told(world: &World) -> usize {
    world.requests(RequestKind::Api).len()
}

#[test]
fn what_was_told_of_waiting_stays_until_something_changes() {
    let preview = Preview::answering(|_| shows(&sha('a')));
    let world = world_at(&preview);
    deploy(&world, "60s").ok();
    let (ready, before) = (comment(&world), told(&world));
    for run in [world.deploy(7, &sha('a')).ok(), deploy(&world, "60s").ok(), wait(&world, "60s").ok()] {
        assert_eq!(run.output("name"), "pr-7");
        assert_eq!((comment(&world), told(&world)), (ready.clone(), before));
    }
    world.run(world.bivouac(&["sweep"])).ok();
    assert_eq!((comment(&world), told(&world)), (ready, before));

    world.push(7, &sha('b'));
    world.deploy(7, &sha('b')).ok();
    let body = comment(&world);
    assert!(body.contains(" state=deploying ") && body.contains("not checked"), "{body}");
}

#[test]
fn a_preview_that_never_shows_the_commit_is_told_as_failed_and_may_still_get_ready() {
    let world = {
        let preview = Preview::answering(|_| shows(&sha('c')));
        let world = world_at(&preview);
        let run = failed(
            deploy(&world, "2s"),
            "status 200, header x-commit holds `cccccccccccccccccccccccccccccccccccccccc`, not aaaaaaa",
        );
        assert!(run.stderr.contains("flux get helmreleases"), "{}", run.stderr);
        assert_eq!(run.output("apps-commit"), world.tip());
        world
    };
    let body = comment(&world);
    assert!(body.contains(" state=failed ") && body.contains("It was not seen to show this commit within "), "{body}");
    assert!(body.contains("flux get helmreleases -n wildside-pr-7"), "{body}");
    let (states, url) = deployment(&world);
    assert_eq!(
        (states, url.as_str()),
        (vec!["InProgress".to_owned(), "Failure".to_owned()], "https://pr-7.preview.example.com")
    );
    let before = told(&world);
    world.deploy(7, &sha('a')).ok();
    assert_eq!((comment(&world), told(&world)), (body, before), "who does not look says nothing else");

    let preview = Preview::answering(|_| shows(&sha('a')));
    let configuration = world.file("bivouac.yaml").unwrap();
    let line = configuration.lines().find(|line| line.contains("ready:")).unwrap();
    let there = configuration.replace(line, &format!("  ready: {{url: '{}', header: x-commit}}", preview.url()));
    world.commit_apps(&[("bivouac.yaml".to_owned(), there)].into(), "Look elsewhere");
    let run = wait(&world, "60s").ok();
    assert_eq!((run.output("result"), run.output("apps-commit")), ("ready", ""));
    assert!(comment(&world).contains(" state=ready "));
    assert_eq!(deployment(&world).0.last().unwrap(), "Success");
}

#[test]
fn a_push_ends_the_wait_and_nothing_is_told() {
    let world = {
        // What the pull request does while its preview is asked for.
        let acts: std::sync::Arc<std::sync::OnceLock<Box<dyn Fn() + Send + Sync>>> = std::sync::Arc::default();
        let act = std::sync::Arc::clone(&acts);
        let preview = Preview::answering(move |asked| {
            if asked.before == 1 {
                act.get().unwrap()();
            }
            shows(&sha('c'))
        });
        let world = world_at(&preview);
        let forge = world.emulator.forge().clone();
        let _ = acts.set(Box::new(move || drop(forge.push(APPLICATION, 7, &sha('b')).unwrap())));
        let run = deploy(&world, "60s").ok();
        assert_eq!(
            (run.output("result"), run.output("reason")),
            ("superseded", "the pull request has moved on from aaaaaaa to bbbbbbb")
        );
        assert!(comment(&world).contains(" state=deploying "));
        assert_eq!(deployment(&world).0, ["InProgress"]);
        world
    };
    // Who comes to wait later finds the same.
    let run = wait(&world, "60s").ok();
    assert_eq!(run.output("result"), "superseded");
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    let run = wait(&world, "60s").ok();
    assert_eq!((run.output("result"), run.output("reason")), ("superseded", "the pull request is closed"));
    world.teardown(7, &sha('b')).ok();
    let run = wait(&world, "60s").ok();
    assert_eq!((run.output("result"), run.output("reason")), ("absent", "the pull request is closed"));
}

#[test]
fn a_dry_run_waits_and_tells_nobody() {
    let preview = Preview::answering(|_| shows(&sha('a')));
    let world = world_at(&preview);
    world.deploy(7, &sha('a')).ok();
    let before = (comment(&world), told(&world));
    let run = world.on_event("wait", "synchronize", 7, &sha('a'), &["--dry-run"]).ok();
    assert!(run.stdout.contains("ready pr-7"), "{}", run.stdout);
    assert_eq!((comment(&world), told(&world)), before);
    let asked = preview.heads().len();
    world.on_event("deploy", "synchronize", 7, &sha('a'), &["--dry-run", "--wait"]).ok();
    assert_eq!(preview.heads().len(), asked, "what is not put up is not waited for");
}

#[test]
fn without_a_word_of_when_it_is_ready_nothing_is_waited_for() {
    let world = World::new();
    world.open(7, &sha('a'));
    let run = deploy(&world, "60s");
    assert_eq!((run.code, run.output("result")), (3, "created"), "{}", run.stderr);
    assert!(run.stderr.contains("has no `checks.ready`") && run.stderr.contains("docs/waiting.md"), "{}", run.stderr);
}

#[test]
fn what_can_not_tie_an_answer_to_a_commit_is_refused_with_its_place() {
    for (ready, said) in [
        ("{url: 'https://{host}/'}", "nothing in `checks.ready` ties an answer to the commit"),
        ("{header: 'x y'}", "`x y` is not the name of a header"),
        ("{json: commit}", "`commit` is not a JSON pointer"),
        ("{header: x, url: 'http://{host}/'}", "is plain HTTP over a network"),
        ("{header: x, url: 'https://me:secret-word@{host}/'}", "holds a name or a password"),
        ("{header: x, url: '{host}'}", "is not an address"),
        ("{header: x, address: somewhere}", "`somewhere` is not an address"),
        ("{header: x, status: 99}", "`99` is no status"),
        ("{header: x, host: 'a b'}", "`a b` is not a host"),
    ] {
        let world = world(ready);
        let run = deploy(&world, "1s");
        assert_eq!(run.code, 3, "{ready}: {}", run.stderr);
        assert!(run.stderr.contains(said) && run.stderr.contains("`bivouac.yaml` line 1"), "{ready}: {}", run.stderr);
        assert!(!run.stderr.contains("secret-word"), "{}", run.stderr);
    }
}
