//! Many previews, and a long list of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::{BACKENDS, Life};
use crate::world::{World, sha, wildside};

const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";
/// More than a debug build takes on a busy machine.
const LONGEST: Duration = Duration::from_mins(1);

/// A world with so many previews, each as this program writes it.
fn with_previews(count: u64) -> World {
    let world = World::new();
    world.open(1_000_001, &sha('c'));
    world.run(world.bivouac(&["deploy", "--pull-request", "1000001"])).ok();
    let names = world.git(&["ls-tree", "--name-only", "main:overlays/ephemeral/pr-1000001"]);
    let files = names
        .lines()
        .map(|name| (name.to_owned(), world.file(&format!("overlays/ephemeral/pr-1000001/{name}")).unwrap()));
    let files: Vec<_> = files.collect();
    let mut all = BTreeMap::new();
    let mut roster = world.file(ROSTER).unwrap();
    for number in 1001..1001 + count {
        let numbered = |text: &str| text.replace("1000001", &number.to_string());
        all.extend(files.iter().map(|(name, text)| (format!("overlays/ephemeral/pr-{number}/{name}"), numbered(text))));
        let _ = writeln!(roster, "  - \"pr-{number}\"");
    }
    all.insert(ROSTER.to_owned(), roster);
    all.insert("bivouac.yaml".to_owned(), wildside()["bivouac.yaml"].clone() + "preview: {limit: 10000}\n");
    world.commit_apps(&all, "Put up many previews");
    world
}

#[test]
fn three_thousand_previews_are_left_alone() {
    for backend in BACKENDS {
        let world = with_previews(3_000);
        let started = Instant::now();
        Life { world: &world, root: ".", backend }.is_lived(|_| {});
        assert!(started.elapsed() < LONGEST, "{:?}", started.elapsed());
    }
}

#[test]
fn a_list_of_five_megabytes_is_written_on() {
    let comment = "# ".to_owned() + &"not ours ".repeat(1_000) + "\n";
    let roster = comment.repeat(5_000_000 / comment.len()) + "kind: Kustomization\nresources: []\n";
    for backend in BACKENDS {
        let world = World::new();
        world.commit_apps(&[(ROSTER.to_owned(), roster.clone())].into(), "Say a lot");
        let started = Instant::now();
        Life { world: &world, root: ".", backend }.is_lived(|_| {});
        assert!(started.elapsed() < LONGEST, "{:?}", started.elapsed());
    }
}
