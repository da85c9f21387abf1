//! Repositories and branches that are not what one expects, or not for long.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Ground;
use super::meddler::{Deed, Kind, by_way_of, that_meddles};
use crate::transports::deploy;
use crate::world::{Run, World, checked, commit, git_command, sha, wildside};

/// What the server of the emulator needs to take pushes.
const SERVED: [(&str, &str); 2] = [("http.receivepack", "true"), ("uploadpack.allowFilter", "true")];

#[test]
fn a_repository_that_names_its_objects_otherwise_is_told() {
    let world = World::empty();
    fs::remove_dir_all(&world.apps).unwrap();
    let apps = world.apps.to_string_lossy();
    let init = ["init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main", &apps];
    checked(&git_command(world.home.path(), world.home.path()).args(init).output().unwrap());
    for (name, value) in SERVED {
        world.git(&["config", name, value]);
    }
    world.commit_apps(&wildside(), "Lay out the apps repository");
    let tip = world.tip();
    world.open(7, &sha('a'));
    for address in ["acme/apps".to_owned(), format!("file://{apps}")] {
        let run = deploy(&world, 'a', &|command| {
            command.env("BIVOUAC_APPS_REPOSITORY", &address);
        });
        assert_eq!((run.code, run.outputs.len(), world.tip()), (2, 0, tip.clone()), "{}", run.stderr);
        assert!(run.stderr.contains("SHA-256, which is not supported: use one"), "{}", run.stderr);
    }
}

#[test]
fn an_empty_repository_is_told() {
    let world = World::empty();
    world.open(7, &sha('a'));
    for address in ["acme/apps".to_owned(), format!("file://{}", world.apps.display())] {
        let run = deploy(&world, 'a', &|command| {
            command.env("BIVOUAC_APPS_REPOSITORY", &address);
        });
        assert_eq!((run.code, run.outputs.len()), (3, 0), "{}", run.stderr);
        assert!(run.stderr.contains("is empty: it has no branch"), "{}", run.stderr);
    }
}

#[test]
fn a_branch_whose_name_is_no_text_matters_to_nobody() {
    let ground = Ground::new();
    let world = &ground.world;
    for name in [&b"refs/heads/caf\xe9"[..], b"refs/tags/caf\xe9", b"refs/heads/main\xe9"] {
        let mut command = git_command(&world.apps, world.home.path());
        checked(&command.arg("update-ref").arg(OsStr::from_bytes(name)).arg("main").output().unwrap());
    }
    for branch in [None, Some("main")] {
        let number = ground.fresh();
        let run = ground.deploy(number, &|command| {
            command.args(branch.map(|branch| format!("--apps-branch={branch}")));
        });
        ground.landed_once(number, &run, "beside a name that is no text");
    }
    let number = ground.fresh();
    let run = ground.deploy(number, &|command| {
        command.arg("--apps-branch=nowhere");
    });
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("`main`"), "{}", run.stderr);
}

/// A deploy, right before whose first push something happens in the apps repository.
fn before_the_push(
    ground: &Ground,
    number: u64,
    arguments: &[&str],
    happens: impl Fn(&World) -> Vec<Vec<String>>,
) -> Run {
    let commands = happens(&ground.world);
    let (apps, home) = (ground.world.apps.clone(), ground.world.home.path().to_owned());
    let pushes = AtomicUsize::new(0);
    let port = that_meddles(&ground.world, move |exchange| {
        if exchange.kind == Kind::Push && pushes.fetch_add(1, Ordering::SeqCst) == 0 {
            for arguments in &commands {
                checked(&git_command(&apps, &home).args(arguments).output().unwrap());
            }
        }
        Deed::Pass
    });
    ground.deploy(number, &|command| {
        by_way_of(port, command);
        command.args(arguments);
    })
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn a_branch_that_goes_meanwhile_is_told() {
    let ground = Ground::new();
    // What is left is nobody's to write to, be it one or two.
    ground.world.git(&["branch", "one", "main"]);
    for (arguments, left) in [(vec!["--apps-branch", "main"], "`one`"), (vec![], "`one`"), (vec![], "`one`, `two`")] {
        if left.contains("two") {
            ground.world.git(&["branch", "two", "main"]);
        }
        let number = ground.fresh();
        let deletes = |_: &World| vec![words("update-ref -d refs/heads/main")];
        let run = before_the_push(&ground, number, &arguments, deletes);
        assert_eq!((run.code, run.outputs.len()), (3, 0), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("has no branch `main`: it has {left}")), "{}", run.stderr);
        let branches = ground.world.git(&["for-each-ref", "--format=%(objectname)"]);
        assert!(branches.lines().all(|id| id == ground.tip), "{branches}");
        ground.world.git(&["branch", "main", &ground.tip]);
    }
}

#[test]
fn a_branch_that_is_rewritten_meanwhile_is_looked_at_anew() {
    let ground = Ground::new();
    // An unrelated history with another configuration, of which nothing was fetched before.
    let mut files = wildside();
    files.insert("bivouac.yaml".to_owned(), files["bivouac.yaml"].replace("preview.example.com", "new.example.com"));
    files.insert("base/extra.yaml".to_owned(), "kind: ConfigMap\n".to_owned());
    let aside = ground.world.home.path().join("aside.git");
    ground.world.git(&["init", "--quiet", "--bare", "--initial-branch=main", &aside.to_string_lossy()]);
    commit(&aside, ground.world.home.path(), &files, "Begin again");
    ground.world.git(&["fetch", "--quiet", &aside.to_string_lossy(), "main:aside"]);
    for is_pruned in [false, true] {
        let number = ground.fresh();
        let run = before_the_push(&ground, number, &[], |_| {
            let moves = vec![words("update-ref refs/heads/main refs/heads/aside")];
            let forgets = words("-c gc.pruneExpire=now gc --quiet --prune=now");
            if is_pruned { [moves, vec![forgets]].concat() } else { moves }
        });
        assert_eq!((run.code, run.output("result")), (0, "created"), "{is_pruned}\n{}", run.stderr);
        assert_eq!(run.output("url"), format!("https://pr-{number}.new.example.com"));
        assert_eq!(ground.world.git(&["rev-parse", "main~1"]), ground.world.git(&["rev-parse", "aside"]));
        ground.is_sound();
    }
}
