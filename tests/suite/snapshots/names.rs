//! The names in a directory, and nothing else of it.

use bivouac::ports::{AppsRepository, Need, Snapshot};

use super::{apps, need};
use crate::world::{World, sha};

#[test]
fn the_names_beside_the_list_of_previews_cost_no_request_of_their_own() {
    let world = World::new();
    for (number, head) in [(7, 'a'), (8, 'b')] {
        world.open(number, &sha(head));
        world.deploy(number, &sha(head)).ok();
    }
    let previews = "overlays/ephemeral".parse().unwrap();
    world.block_on(async {
        for backend in ["git", "github"] {
            let mut needs = vec![
                need(Need::Content, "bivouac.yaml"),
                need(Need::Content, "overlays/ephemeral/kustomization.yaml"),
                need(Need::Content, "overlays/ephemeral/pr-7"),
            ];
            let mut requests = Vec::new();
            for with_names in [false, true] {
                if with_names {
                    needs.push(need(Need::Names, "overlays/ephemeral"));
                }
                world.emulator.forget_requests();
                let snapshot = apps(&world, backend).observe(&needs).await.unwrap();
                requests.push(world.emulator.requests().len());
                if with_names {
                    let names: Vec<_> =
                        snapshot.list(&previews).await.unwrap().into_iter().map(|(name, _)| name).collect();
                    assert_eq!(names, ["kustomization.yaml", "pr-7", "pr-8"], "{backend}");
                    assert_eq!(
                        world.emulator.requests().len(),
                        requests[1],
                        "{backend}: the names were asked for again"
                    );
                }
            }
            assert_eq!(requests[0], requests[1], "{backend}");
        }
    });
    world.accepts_all();
}

#[test]
fn names_are_of_a_directory_only() {
    let world = World::new();
    world.block_on(async {
        for backend in ["git", "github"] {
            let needs = ["nowhere/at/all", "bivouac.yaml", "bivouac.yaml/below"].map(|path| need(Need::Names, path));
            let snapshot = apps(&world, backend).observe(&needs).await.unwrap();
            for need in needs {
                assert_eq!(snapshot.list(need.path()).await.unwrap(), [], "{backend}: {}", need.path());
                let is_file = need.path().as_str() == "bivouac.yaml";
                assert_eq!(snapshot.bytes(need.path()).await.unwrap().is_some(), is_file, "{backend}");
            }
        }
    });
}
