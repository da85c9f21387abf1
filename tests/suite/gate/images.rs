//! Images that have to be in a registry: a real one.

use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::runtime::Runtime;

use super::*;
use crate::registry::server::{OCI_IMAGE, OCI_INDEX, PASSWORD, Server, USER};
use crate::registry::sha256;
use crate::world::APPLICATION;

/// A world whose one image is in this registry.
fn world(server: &Server, image: &str, checks: &str) -> World {
    let configuration = format!(
        "version: 1\napplication: wildside\nrepository: acme/wildside\ndomain: preview.example.com\nimages:\n  \
         backend: {{repository: {}/acme/web, values: backend.image{image}}}\n{checks}",
        server.address()
    );
    Layout::new().with("bivouac.yaml", &configuration).world()
}

fn required(server: &Server) -> World {
    world(server, "", "checks: {images: require}\n")
}

fn push(server: &Server, tag: &str, content: &str) -> String {
    let manifest = Runtime::new().unwrap().block_on(server.push_image("acme/web", tag, OCI_IMAGE, content));
    sha256(&manifest)
}

/// What the tree says of pull request 7, whatever its files are called.
fn tree(world: &World) -> String {
    let files = world.git(&["ls-tree", "-r", "--name-only", "main", "overlays/ephemeral/pr-7/"]);
    files.lines().map(|path| world.file(path).unwrap()).collect()
}

#[test]
fn an_image_that_is_there_is_committed_and_one_that_is_not_keeps_the_preview_back() {
    let server = Server::open();
    let world = required(&server);
    let started = Instant::now();
    let run = ends_without_commit(&world, deploy(&world, &["--image-timeout", "1s"]), 12);
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(run.stderr.contains(&format!("{}/acme/web:{}", server.address(), sha('a'))), "{}", run.stderr);
    ends_without_commit(&world, deploy(&world, &["--image-timeout", "0s", "--dry-run"]), 12);
    push(&server, &sha('a'), "one");
    ends_without_commit(&world, deploy(&world, &["--dry-run"]), 0);
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "created");
    assert!(!tree(&world).contains("@sha256"), "{}", tree(&world));
}

#[test]
fn an_image_that_is_pushed_meanwhile_is_waited_for() {
    let server = Server::open();
    let world = required(&server);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(3));
            push(&server, &sha('a'), "one")
        });
        assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "created");
    });
}

#[test]
fn a_pull_request_that_closes_while_its_image_is_waited_for_gets_no_preview() {
    let server = Server::open();
    let world = required(&server);
    let tip = world.tip();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(3));
            world.emulator.forge().close(APPLICATION, 7).unwrap();
            push(&server, &sha('a'), "one")
        });
        let run = world.deploy(7, &sha('a')).ok();
        assert!(["absent", "refused"].contains(&run.output("result")), "{run:?}");
    });
    assert_eq!(world.tip(), tip);
}

#[test]
fn a_pinned_image_has_its_digest_in_the_tree_and_its_tag_in_the_comment() {
    let server = Server::open();
    let world = world(&server, ", pin: true", "");
    let runtime = Runtime::new().unwrap();
    let index = runtime.block_on(server.push_index("acme/web", &sha('a'), OCI_INDEX, OCI_IMAGE));
    world.deploy(7, &sha('a')).ok();
    let pinned = |digest: &str| format!("{}@{digest}", sha('a'));
    assert!(tree(&world).contains(&pinned(&sha256(&index))), "{}", tree(&world));
    assert!(!world.comments(7)[0].contains("sha256"), "{}", world.comments(7)[0]);

    let tip = world.tip();
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "unchanged");
    assert_eq!(world.tip(), tip);
    let moved = push(&server, &sha('a'), "another");
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "updated");
    assert!(tree(&world).contains(&pinned(&moved)), "{}", tree(&world));
}

#[test]
fn an_image_that_is_only_warned_of_is_committed_without_it() {
    let server = Server::open();
    let world = world(&server, "", "checks: {images: warn}\n");
    let run = world.run(deploy(&world, &["--image-timeout", "1s"])).ok();
    assert_eq!(run.output("result"), "created");
    assert!(run.stderr.contains("is not there after 1 second"), "{}", run.stderr);
    // One that is pinned has to be there all the same.
    let world = self::world(&server, ", pin: true", "checks: {images: warn}\n");
    ends_without_commit(&world, deploy(&world, &["--image-timeout", "1s"]), 12);
}

#[test]
fn credentials_come_from_the_environment_and_from_docker() {
    let server = Server::locked();
    let digest = push(&server, &sha('a'), "one");
    let world = || world(&server, ", pin: true", "checks: {images: require}\n");
    let refused = world();
    ends_without_commit(&refused, deploy(&refused, &[]), 4);
    let mut wrong = deploy(&refused, &[]);
    wrong.env("BIVOUAC_REGISTRY_USERNAME", USER).env("BIVOUAC_REGISTRY_TOKEN", "not-the-password");
    let run = ends_without_commit(&refused, wrong, 4);
    assert!(!run.stdout.contains("not-the-password"), "{}", run.stdout);

    let by_environment = world();
    let mut command = deploy(&by_environment, &[]);
    command.env("BIVOUAC_REGISTRY_USERNAME", USER).env("BIVOUAC_REGISTRY_TOKEN", PASSWORD);
    by_environment.run(command).ok();
    let by_docker = world();
    let auths = json!({"auths": {server.address(): {"auth": STANDARD.encode(format!("{USER}:{PASSWORD}"))}}});
    fs::create_dir_all(by_docker.home.path().join(".docker")).unwrap();
    fs::write(by_docker.home.path().join(".docker/config.json"), auths.to_string()).unwrap();
    by_docker.deploy(7, &sha('a')).ok();
    for world in [by_environment, by_docker] {
        assert!(tree(&world).contains(&digest), "{}", tree(&world));
    }
}
