//! The workflows that `bivouac init --workflows` copies, through the whole life of a preview.

use serde_json::json;

use super::Caller;
use crate::world::{APPLICATION, sha};

#[test]
fn a_preview_lives_from_opened_to_swept() {
    let mut caller = Caller::with_workflows();
    caller.set_variable("BIVOUAC_IMAGE_DIRECTORIES", r#"["backend", "services/frontend"]"#);
    let world = &caller.world;
    world.open(7, &sha('a'));

    let opened = caller.pull_request("preview.yml", "opened", 7, &sha('a')).green();
    assert_eq!(opened.output("deploy.result"), "created");
    assert_eq!(opened.output("deploy.url"), "https://pr-7.preview.example.com");
    assert_eq!(opened.output("deploy.apps-commit"), world.tip());
    let docker = caller.said_to("docker");
    for (name, directory) in [("backend", "backend"), ("services-frontend", "services/frontend")] {
        let image = format!("ghcr.io/{APPLICATION}-{name}:{}", sha('a'));
        assert!(docker.contains(&format!("push {image}\n")), "{docker}");
        assert!(docker.contains(&format!("{APPLICATION}.git#{}:{directory}\n", sha('a'))), "{docker}");
    }

    world.push(7, &sha('b'));
    let pushed = caller.pull_request("preview.yml", "synchronize", 7, &sha('b')).green();
    assert_eq!(pushed.output("deploy.result"), "updated");

    world.emulator.forge().label(APPLICATION, 7, "no-preview").unwrap();
    let labelled = caller.pull_request("preview.yml", "labeled", 7, &sha('b')).green();
    assert_eq!(labelled.output("deploy.result"), "removed");
    world.emulator.forge().unlabel(APPLICATION, 7, "no-preview").unwrap();
    let unlabelled = caller.pull_request("preview.yml", "unlabeled", 7, &sha('b')).green();
    assert_eq!(unlabelled.output("deploy.result"), "created");

    world.emulator.forge().close(APPLICATION, 7).unwrap();
    let closed = caller.pull_request("preview-teardown.yml", "closed", 7, &sha('b')).green();
    assert_eq!(closed.output("teardown.result"), "removed");

    world.open(8, &sha('c'));
    caller.pull_request("preview.yml", "opened", 8, &sha('c')).green();
    world.emulator.forge().close(APPLICATION, 8).unwrap();
    let dry = caller.dispatch("preview-sweep.yml", &json!({"dry-run": "true"})).green();
    assert!(dry.log.contains("would remove"), "{}", dry.log);
    let swept = caller.run("preview-sweep.yml", "schedule", &json!({})).green();
    assert_eq!(swept.output("sweep.removed"), r#"["pr-8"]"#);
}
