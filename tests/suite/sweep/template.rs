//! Many previews fast: one that the program put up, copied.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use bivouac::emulator::{Actor, DeploymentStatusState, NewDeployment, NewDeploymentStatus};
use serde_json::json;

use crate::world::{APPLICATION, World, sha};

/// A number that is part of nothing else.
const NUMBER: u64 = 1_000_000;
const US: &str = "github-actions[bot]";

/// What the program makes of a pull request: the files of its preview, and the comment.
struct Template {
    files: BTreeMap<&'static str, String>,
    comment: String,
}

static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let world = World::new();
    world.open(NUMBER, &sha('a'));
    world.deploy(NUMBER, &sha('a')).ok();
    let file = |name| (name, world.file(&format!("overlays/ephemeral/pr-{NUMBER}/{name}")).unwrap());
    let files = ["kustomization.yaml", "namespace.yaml", "patch-helmrelease-values.yaml"].map(file).into();
    let comment = world.comments(NUMBER)[0].replace(&world.emulator.server_url(), "http://SERVER");
    Template { files, comment }
});

/// Opens these pull requests, each with its preview in the root, its comment and its deployment, as if they had been put up
/// one after the other.
pub(crate) fn put_up(world: &World, root: &str, numbers: &[u64]) {
    for number in numbers {
        world.open(*number, &sha('a'));
        tell(world, *number);
    }
    list(world, root, numbers);
}

/// The previews of these pull requests in the root, and nothing else there.
pub(crate) fn list(world: &World, root: &str, numbers: &[u64]) {
    let (mut files, mut roster) = (BTreeMap::new(), "kind: Kustomization\nresources:\n".to_owned());
    for number in numbers {
        for (name, text) in &TEMPLATE.files {
            let path = format!("{root}overlays/ephemeral/pr-{number}/{name}");
            files.insert(path, text.replace(&NUMBER.to_string(), &number.to_string()));
        }
        let _ = writeln!(roster, "  - \"pr-{number}\"");
    }
    files.insert(format!("{root}overlays/ephemeral/kustomization.yaml"), roster);
    world.commit_apps(&files, "Put them up");
}

/// The deployment and the comment of a preview that is up.
pub(crate) fn tell(world: &World, number: u64) {
    let forge = world.emulator.forge();
    let new = NewDeployment {
        payload: json!({"application": "wildside", "pull-request": number, "generation": 1}),
        transient: true,
        creator: Actor::bot(US),
        ..NewDeployment::to("preview", sha('a'))
    };
    let id = forge.create_deployment(APPLICATION, new).unwrap().id;
    forge.add_deployment_status(APPLICATION, id, NewDeploymentStatus::of(DeploymentStatusState::InProgress)).unwrap();
    let text = TEMPLATE.comment.replace("http://SERVER", &world.emulator.server_url());
    let (_, text) = text.split_once(" -->").unwrap();
    let text = text.replace(&NUMBER.to_string(), &number.to_string());
    let marker = format!("<!-- bivouac application=wildside generation=1 state=deploying deployment={id} -->");
    forge.comment(APPLICATION, number, Actor::bot(US), &format!("{marker}{text}")).unwrap();
}
