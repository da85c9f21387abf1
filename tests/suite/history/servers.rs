//! Servers of every kind, and what is not there.

use bivouac::emulator::RequestKind;

use super::*;
use crate::faults::old::{CONFIGURATIONS, deaf};
use crate::world::wildside;

/// A repository with two lives, and a large file that nobody needs.
fn ground() -> World {
    let world = World::new();
    let number = |index: u64| format!("{:x}", index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let noise = (0..200_000).map(number).collect::<Vec<_>>().concat();
    world.commit_apps(&[("noise".to_owned(), noise)].into(), "Noise");
    for (index, text) in
        [message("put up", 7, 'a'), message("put up", 8, 'a'), message("take down", 7, 'a')].iter().enumerate()
    {
        world.commit_apps(&[("NOTES".to_owned(), index.to_string())].into(), text);
    }
    world
}

fn is_told(history: &History) {
    let mut lives = told(history);
    lives.sort();
    assert_eq!(lives, ["wildside pr-7: put-up, removed - ended", "wildside pr-8: put-up - is gone"]);
    assert_eq!((history.commits, odd(history)), (5, Vec::new()));
}

#[test]
fn nothing_of_what_is_in_the_commits_is_fetched() {
    let world = ground();
    world.emulator.forget_requests();
    is_told(&read_at(&world, "acme/apps").unwrap());
    let requests = world.requests(RequestKind::Git);
    let bytes: usize = requests.iter().map(|request| request.answer_bytes).sum();
    assert!(bytes < 50_000, "{bytes} bytes");
    is_told(&read(&world));
}

#[test]
fn servers_that_leave_nothing_out_tell_the_same() {
    for (name, configuration) in CONFIGURATIONS {
        let world = ground();
        for (key, value) in configuration {
            world.git(&["config", key, value]);
        }
        is_told(&read_at(&world, "acme/apps").unwrap());
        // A program is asked once only, and one that refuses what it tells of is asked for no tip.
        if !name.contains("tells of") {
            is_told(&read_at(&world, &folder(&world.apps)).unwrap());
        }
    }
}

#[test]
fn a_server_of_the_first_version_tells_the_same() {
    let world = ground();
    let port = deaf(&world);
    is_told(&read_at(&world, &format!("http://127.0.0.1:{port}/acme/apps.git")).unwrap());
}

#[test]
fn a_history_that_was_cut_is_read_as_far_as_it_goes() {
    let world = ground();
    let shallow = world.home.path().join("shallow.git");
    world.git(&["clone", "--quiet", "--bare", "--depth", "2", &folder(&world.apps), &shallow.to_string_lossy()]);
    let history = read_at(&world, &folder(&shallow)).unwrap();
    assert_eq!(history.commits, 2);
    assert_eq!(told(&history), ["wildside pr-8: put-up - is gone"]);
    assert_eq!(odd(&history), ["`pr-7` is taken down, and was not up: that is left out"]);
}

#[test]
fn a_repository_of_this_machine_is_left_as_it_was() {
    let world = ground();
    let listed = || {
        let mut found: Vec<_> = walk(&world.apps);
        found.sort();
        found
    };
    let before = listed();
    is_told(&read_at(&world, &folder(&world.apps)).unwrap());
    assert_eq!(listed(), before);
    assert_eq!(crate::transports::left_behind(&world), Vec::<String>::new());
}

fn walk(folder: &Path) -> Vec<(PathBuf, std::time::SystemTime)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let found = entries.flat_map(|entry| {
        let (path, about) = (entry.path(), entry.metadata().unwrap());
        let below = if about.is_dir() { walk(&path) } else { Vec::new() };
        below.into_iter().chain([(path, about.modified().unwrap())]).collect::<Vec<_>>()
    });
    found.collect()
}

#[test]
fn a_branch_that_was_never_committed_to_is_told() {
    let world = World::empty();
    for address in ["acme/apps".to_owned(), folder(&world.apps)] {
        let error = read_at(&world, &address).unwrap_err();
        assert!(error.to_string().contains("is empty: it has no branch"), "{error}");
        assert_eq!(error.exit_code(), bivouac::contract::ExitCode::Configuration);
    }
}

#[test]
fn a_repository_whose_objects_have_longer_names_is_told() {
    let world = World::new();
    let long = world.home.path().join("long.git");
    world.git(&["init", "--quiet", "--bare", "--object-format=sha256", &long.to_string_lossy()]);
    crate::world::commit(&long, world.home.path(), &wildside(), "Lay it out");
    let error = read_at(&world, &folder(&long)).unwrap_err();
    assert!(error.to_string().contains("SHA-256"), "{error}");
}

#[test]
fn a_tip_without_any_root_is_held_against_nobody() {
    let tree = Tree::new();
    tree.commit(&message("put up", 7, 'a'));
    assert_eq!(told(&tree.read()), ["wildside pr-7: put-up - is up"]);
}
