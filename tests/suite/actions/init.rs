//! `bivouac init --workflows` writes the workflows, at a commit of Bivouac that exists.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::PIN;
use crate::world::{Run, TOKEN, World, checked, commit, git_command, sha};

const NAMES: [&str; 6] = [
    "bootstrap-vault.yml",
    "preview-by-hand.yml",
    "preview-command.yml",
    "preview-sweep.yml",
    "preview-teardown.yml",
    "preview.yml",
];

fn init(world: &World, folder: &Path, more: &[&str]) -> Run {
    world.run(world.bivouac(&[&["init", "--workflows", folder.to_str().unwrap()], more].concat()))
}

/// The files below a folder, by their names.
fn written(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder.join(".github/workflows")).into_iter().flatten().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())).collect()
}

/// A server that has Bivouac's repository, with a tag on its one commit; and that commit.
fn world_with_release(tag: &[&str]) -> (World, String) {
    let world = World::empty();
    let own = world.block_on(world.emulator.create_repository("bivouac-dev", "bivouac")).unwrap();
    let files = [("README.md".to_owned(), "# Bivouac\n".to_owned())].into();
    commit(&own, world.home.path(), &files, "Release");
    let git = |arguments: &[&str]| checked(&git_command(&own, world.home.path()).args(arguments).output().unwrap());
    git(&[&["tag"], tag, &["main"]].concat());
    let released = git(&["rev-parse", "main"]).trim().to_owned();
    // Bivouac's repository is public; this server shows nothing to strangers.
    let login = format!("machine 127.0.0.1 login octocat password {TOKEN}\n");
    fs::write(world.home.path().join(".netrc"), login).unwrap();
    (world, released)
}

fn is_pinned(folder: &Path, pin: &str) {
    let files = written(folder);
    assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), NAMES);
    for (name, text) in files {
        let used: Vec<_> = text.lines().filter(|line| line.contains("uses: bivouac-dev/")).collect();
        assert!(!used.is_empty() && used.iter().all(|line| line.ends_with(pin)), "{name}: {used:?}");
    }
}

#[test]
fn a_commit_that_is_named_is_the_pin() {
    let (world, folder) = (World::empty(), TempDir::new().unwrap());
    let run = init(&world, folder.path(), &[&format!("--pin={PIN}")]).ok();
    insta::assert_snapshot!(run.stdout, @r#"
    created      .github/workflows/bootstrap-vault.yml
    created      .github/workflows/preview-by-hand.yml
    created      .github/workflows/preview-command.yml
    created      .github/workflows/preview-sweep.yml
    created      .github/workflows/preview-teardown.yml
    created      .github/workflows/preview.yml

    Next: look through these files, and give the repository what they need:
      gh variable set BIVOUAC_APPS_REPOSITORY --body OWNER/NAME
      gh secret set BIVOUAC_APPS_TOKEN
      gh variable set BIVOUAC_IMAGE_DIRECTORIES --body '["backend", "frontend"]'
    The last one says where the Dockerfiles are: leave it out for one at the top, and say [] if images are built elsewhere.
    Then commit the files to the default branch.

    If that commit is not a release, the runs have to build Bivouac, which takes minutes of each:
      gh variable set BIVOUAC_BUILD_FROM_SOURCE --body true
    "#);
    is_pinned(folder.path(), &format!("@{PIN} # b1b1b1b"));
    let again = init(&world, folder.path(), &[&format!("--pin={PIN}")]).ok();
    assert!(again.stdout.starts_with("unchanged    .github/workflows/bootstrap-vault.yml\n"), "{}", again.stdout);
}

#[test]
fn the_workflows_for_forks_are_written_where_they_are_asked_for() {
    let (world, folder) = (World::empty(), TempDir::new().unwrap());
    let run = init(&world, folder.path(), &[&format!("--pin={PIN}"), "--forks"]).ok();
    let files = written(folder.path());
    let of_forks: Vec<_> = files.keys().filter(|name| !NAMES.contains(&name.as_str())).collect();
    assert_eq!(of_forks, ["preview-fork-build.yml", "preview-fork.yml"]);
    assert!(files["preview-fork.yml"].contains(&format!("actions/deploy@{PIN} # b1b1b1b\n")));
    assert!(run.stdout.contains("say `preview: {forks: approved}` in `bivouac.yaml`"), "{}", run.stdout);
}

#[test]
fn the_tag_of_this_version_is_resolved_to_its_commit() {
    let own = format!("v{}", env!("CARGO_PKG_VERSION"));
    for tag in [&[own.as_str()][..], &["--annotate", "--message", "Release", own.as_str()]] {
        let ((world, released), folder) = (world_with_release(tag), TempDir::new().unwrap());
        init(&world, folder.path(), &["--pin"]).ok();
        is_pinned(folder.path(), &format!("@{released} # {own}"));
    }
}

#[test]
fn another_releases_tag_is_resolved_and_a_missing_one_is_told() {
    let ((world, released), folder) = (world_with_release(&["v9.8.7"]), TempDir::new().unwrap());
    let run = init(&world, folder.path(), &["--pin"]);
    assert_eq!((run.code, written(folder.path()).len()), (2, 0));
    assert!(run.stderr.contains("has no tag `v0.1.0`"), "{}", run.stderr);
    init(&world, folder.path(), &["--pin=v9.8.7"]).ok();
    is_pinned(folder.path(), &format!("@{released} # v9.8.7"));
}

#[test]
fn without_a_release_and_without_a_pin_nothing_is_written() {
    let (world, folder) = (World::empty(), TempDir::new().unwrap());
    let run = init(&world, folder.path(), &[]);
    assert_eq!((run.code, written(folder.path()).len()), (2, 0));
    assert!(run.stderr.contains("give `--pin`, `--pin=TAG` or `--pin=COMMIT`"), "{}", run.stderr);
}

#[test]
fn a_server_without_the_repository_is_told_and_nothing_is_written() {
    let (world, folder) = (World::empty(), TempDir::new().unwrap());
    let run = init(&world, folder.path(), &["--pin"]);
    assert_eq!((run.code, written(folder.path()).len()), (6, 0), "{}", run.stderr);
}

#[test]
fn a_workflow_of_your_own_is_not_overwritten_without_force() {
    let (world, folder) = (World::empty(), TempDir::new().unwrap());
    let (pin, mine) = (format!("--pin={PIN}"), folder.path().join(".github/workflows/preview.yml"));
    fs::create_dir_all(mine.parent().unwrap()).unwrap();
    fs::write(&mine, "name: Mine\n").unwrap();
    let run = init(&world, folder.path(), &[&pin]);
    assert_eq!((run.code, written(folder.path()).len()), (7, 1), "{}", run.stderr);
    assert_eq!(fs::read_to_string(&mine).unwrap(), "name: Mine\n");
    init(&world, folder.path(), &[&pin, "--force"]).ok();
    is_pinned(folder.path(), &format!("@{PIN} # b1b1b1b"));
}

#[test]
fn what_can_be_no_tag_and_no_commit_is_refused() {
    let (world, folder) = (World::empty(), TempDir::new().unwrap());
    for pin in [
        "--upload-pack=touch x",
        "v1 # x",
        "v1\nuses: evil",
        "..",
        "v1..2",
        "$(id)",
        &sha('a')[..39],
        "refs/heads/main",
    ] {
        let run = init(&world, folder.path(), &[&format!("--pin={pin}")]);
        assert_eq!(written(folder.path()).len(), 0, "{pin}");
        assert!(matches!(run.code, 2 | 6), "{pin}: {}", run.stderr);
    }
}
