//! What a preview has for itself, removed.

use serde_json::{Value, json};

use super::world::SecretsWorld;
use crate::world::{APPLICATION, sha};

/// Where pull request 7 has its own.
const OWN: &str = "previews/wildside/pr-7";

#[test]
fn what_a_preview_has_goes_with_all_versions_and_once_more_there_is_nothing() {
    let it = SecretsWorld::new();
    it.by_hand("previews/wildside", &json!({"A": "shared"}));
    it.secrets_of("A=1", &["put"]).ok();
    it.secrets_of("A=2", &["put"]).ok();
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    let run = it.secrets(&["remove", "--dry-run"]).ok();
    assert!(run.stdout.starts_with("The secrets of acme/wildside#7 would be removed (dry run"), "{}", run.stdout);
    assert_eq!(it.values(OWN).unwrap().1, 2);
    // The forge is not asked.
    let mut command = it.command(&["remove"]);
    command.env_remove("GITHUB_TOKEN").env("BIVOUAC_APPS_TOKEN", crate::world::TOKEN);
    let run = it.run(command).ok();
    assert_eq!((run.output("result"), run.output("path")), ("removed", OWN));
    assert_eq!((it.values(OWN), it.metadata(OWN)), (None, None));
    let run = it.secrets(&["remove", "--format", "json"]).ok();
    let shown: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(shown, json!({"result": "absent", "paths": [{"path": OWN, "result": "absent"}]}));
    assert_eq!(it.values("previews/wildside").unwrap().0, json!({"A": "shared"}));
    assert_eq!(it.tokens_left(), 0);
}

#[test]
fn what_was_put_under_the_name_that_the_preview_is_there_by_goes_too() {
    let it = SecretsWorld::new();
    it.world.deploy(7, &sha('a')).ok();
    it.secrets_of("A=1", &["put"]).ok();
    let configuration = it.world.file("bivouac.yaml").unwrap().replace("{ttl: 7d}", "{name: \"it-{number}\"}");
    it.world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Rename");
    it.secrets_of("A=1", &["put"]).ok();
    let run = it.secrets(&["remove"]).ok();
    assert_eq!(run.output("path"), "previews/wildside/it-7\npreviews/wildside/pr-7");
    assert_eq!((it.metadata(OWN), it.metadata("previews/wildside/it-7")), (None, None));
}
