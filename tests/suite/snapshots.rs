//! One commit of the apps repository, read through the port: by either backend it is the same, down to the byte.

mod archives;
mod names;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use bivouac::effects::apps::{Apps, AppsSnapshot};
use bivouac::effects::forge::{Addresses, GitHubRepository};
use bivouac::effects::git::{Address, Author, Credentials, GitRepository};
use bivouac::effects::http;
use bivouac::ports::{AppsError, AppsRepository, EntryKind, Need, Snapshot};
use bivouac::secret::Secret;

use crate::bad_input::{commit_change, write};
use crate::world::{TOKEN, World};

/// The apps repository as a backend reads it.
fn apps(world: &World, backend: &str) -> Apps {
    let client = http::client().unwrap();
    let address = Address::parse("acme/apps", &world.emulator.server_url(), false).unwrap();
    if backend == "github" {
        let addresses = Addresses { rest: world.emulator.api_url(), graphql: world.emulator.graphql_url() };
        let (token, name) = (Secret::new(TOKEN).unwrap(), "acme/apps".parse().unwrap());
        let github = GitHubRepository::new(&client, &addresses, &token, name, address.url(), None, false);
        return Apps::GitHub(github.unwrap());
    }
    let credentials = Credentials { token: Secret::new(TOKEN), ..Credentials::default() };
    let author = Author { name: "A".to_owned(), mail: "a@example.com".to_owned() };
    Apps::Git(GitRepository::new(&client, &address, None, credentials, author).unwrap())
}

fn need(need: impl Fn(bivouac::domain::path::RepoPath) -> Need, path: &str) -> Need {
    need(path.parse().unwrap())
}

/// Everything below a path: what is there, with its bytes where it is a file.
async fn everything(snapshot: &AppsSnapshot, from: &str) -> Result<Vec<String>, AppsError> {
    let (mut seen, mut waiting) = (Vec::new(), vec![from.parse().unwrap()]);
    while let Some(directory) = waiting.pop() {
        for (name, kind) in snapshot.list(&directory).await? {
            let path = directory.join(&name);
            let bytes = snapshot.bytes(&path).await?;
            let shown = bytes.map_or("no file".to_owned(), |bytes| bytes.escape_ascii().to_string());
            let entry = match snapshot.entry(&path).await {
                Err(AppsError::NotText { .. }) => "no text".to_owned(),
                entry => format!("{:?}", entry?),
            };
            seen.push(format!("{path:?} {}: {shown}, {entry}", kind.with_article()));
            if kind == EntryKind::Directory {
                waiting.push(path);
            }
        }
    }
    seen.sort();
    Ok(seen)
}

/// The requests since they were forgotten that ask for an archive, and all others but those of Git.
fn asked(world: &World) -> (usize, usize) {
    let requests: Vec<_> = world.emulator.requests();
    let is_archive = |path: &str| path.contains("/tarball/") || path.contains("/_codeload/");
    let archives = requests.iter().filter(|request| is_archive(&request.path)).count();
    (archives, requests.len() - archives)
}

/// One of everything that a commit can hold and a name can be.
fn fill(tree: &Path) {
    write(&tree.join("logo.png"), b"\x89PNG\r\n\0\xff");
    write(&tree.join("empty"), "");
    write(&tree.join("a/b/c/d/e/f/g/h/i/j.yaml"), "deep: true\n");
    write(&tree.join("run.sh"), "#!/bin/sh\n");
    fs::set_permissions(tree.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("base", tree.join("link")).unwrap();
    symlink("x".repeat(200), tree.join("long-link")).unwrap();
    for name in
        ["näme", "a \"quoted\" one", "-x", "tab\there", "line\nend", "back\\slash", "a.b", "a", "%41", &"n".repeat(200)]
    {
        write(&tree.join("odd").join(name), name);
    }
}

#[test]
fn both_backends_read_the_same_bytes_and_an_archive_costs_one_request() {
    let world = World::new();
    commit_change(&world, fill);
    world.block_on(async {
        let git = apps(&world, "git").observe(&[need(Need::Whole, ".")]).await.unwrap();
        let expected = everything(&git, ".").await.unwrap();
        assert!(expected.len() > 30, "{expected:#?}");

        let github = apps(&world, "github").observe(&[need(Need::Surroundings, ".")]).await.unwrap();
        world.emulator.forget_requests();
        github.gather_at_once(&[need(Need::Whole, ".")]).await.unwrap();
        assert_eq!(asked(&world), (2, 0), "{:#?}", world.emulator.requests());
        assert_eq!(everything(&github, ".").await.unwrap(), expected);
        assert_eq!(asked(&world), (2, 0), "{:#?}", world.emulator.requests());

        // Without an archive, and with one whose top was not read before.
        let slowly = apps(&world, "github").observe(&[]).await.unwrap();
        assert_eq!(everything(&slowly, ".").await.unwrap(), expected);
        let late = apps(&world, "github").observe(&[]).await.unwrap();
        world.emulator.forget_requests();
        late.gather_at_once(&[need(Need::Whole, ".")]).await.unwrap();
        assert_eq!((asked(&world), everything(&late, ".").await.unwrap()), ((2, 1), expected));
    });
    world.accepts_all();
}

#[test]
fn nothing_is_asked_for_what_is_at_hand() {
    let world = World::new();
    world.block_on(async {
        for backend in ["git", "github"] {
            let needs = [need(Need::Whole, "base"), need(Need::Content, "bivouac.yaml")];
            let snapshot = apps(&world, backend).observe(&needs).await.unwrap();
            world.emulator.forget_requests();
            snapshot.gather_at_once(&needs).await.unwrap();
            assert_eq!(asked(&world), (0, 0), "{backend}");
        }
    });
}

#[test]
fn a_thousand_previews_are_one_request() {
    let world = World::new();
    let mut files = std::collections::BTreeMap::new();
    for number in 1..=1000 {
        for name in ["kustomization.yaml", "namespace.yaml", "patch.yaml"] {
            files.insert(format!("overlays/ephemeral/pr-{number}/{name}"), format!("{name} of {number}\n"));
        }
    }
    world.commit_apps(&files, "Many");
    world.block_on(async {
        let needs = [need(Need::Whole, "overlays/ephemeral")];
        let github = apps(&world, "github").observe(&[need(Need::Surroundings, ".")]).await.unwrap();
        world.emulator.forget_requests();
        github.gather_at_once(&needs).await.unwrap();
        let seen = everything(&github, "overlays/ephemeral").await.unwrap();
        assert_eq!((seen.len(), asked(&world)), (4001, (2, 0)));
        let git = apps(&world, "git").observe(&needs).await.unwrap();
        assert_eq!(everything(&git, "overlays/ephemeral").await.unwrap(), seen);
    });
}
