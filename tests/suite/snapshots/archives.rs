//! Archives that are not what the commit is, do not come whole, or are somewhere else.

use std::os::unix::ffi::OsStrExt;
use std::sync::{Arc, Mutex};

use bivouac::effects::apps::AppsSnapshot;
use bivouac::emulator::{Answer, IncomingRequest, RequestKind, Verdict};
use bivouac::ports::{AppsError, AppsRepository, Need, Snapshot};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::{apps, asked, everything, fill, need};
use crate::bad_input::{commit_change, write};
use crate::world::{TOKEN, World, checked, git_command};

async fn looked_at(world: &World) -> AppsSnapshot {
    let snapshot = apps(world, "github").observe(&[need(Need::Surroundings, ".")]).await.unwrap();
    world.emulator.forget_requests();
    snapshot
}

async fn gathered(snapshot: &AppsSnapshot) -> Result<(), AppsError> {
    snapshot.gather_at_once(&[need(Need::Whole, ".")]).await
}

/// What is said when everything is asked for at once, and how often an archive was asked for.
fn said(world: &World) -> (String, usize) {
    let said = world.block_on(async { gathered(&looked_at(world).await).await.unwrap_err().to_string() });
    (said.replace(&world.emulator.server_url(), "SERVER"), asked(world).0)
}

fn is_address(request: &IncomingRequest) -> bool {
    request.path.contains("/tarball/")
}

#[test]
fn what_attributes_make_of_a_commit_is_not_what_it_is() {
    let world = World::new();
    commit_change(&world, |tree| {
        fill(tree);
        let attributes = "/hidden export-ignore\nversion export-subst\n*.crlf text eol=crlf\n*.ident ident\n";
        write(&tree.join(".gitattributes"), attributes);
        write(&tree.join("hidden/secret.yaml"), "hidden: true\n");
        write(&tree.join("version"), "$Format:%H$\n");
        write(&tree.join("sub/version"), "$Format:%H$\n");
        write(&tree.join("sub/x.crlf"), "a\nb\n");
        write(&tree.join("sub/x.ident"), "$Id$\n");
        write(&tree.join("whole/y"), "y\n");
        write(&tree.join("strange").join(std::ffi::OsStr::from_bytes(b"caf\xe9")), "z\n");
    });
    world.block_on(async {
        let git = apps(&world, "git").observe(&[need(Need::Whole, ".")]).await.unwrap();
        let snapshot = looked_at(&world).await;
        gathered(&snapshot).await.unwrap();
        let (archives, others) = asked(&world);
        assert!(archives == 2 && others <= 3, "{:#?}", world.emulator.requests());
        let seen = everything(&snapshot, ".").await.unwrap();
        assert_eq!(seen, everything(&git, ".").await.unwrap());
        assert!(seen.iter().any(|line| line.contains("$Format:%H$")), "{seen:#?}");
        assert_eq!(asked(&world).0, 2, "the archive was asked for again");
    });
    world.accepts_all();
}

#[test]
fn a_submodule_stays_one() {
    let world = World::new();
    let tip = world.tip();
    let home = world.home.path();
    let git = |arguments: &[&str]| checked(&git_command(&world.apps, home).args(arguments).output().unwrap());
    git(&["read-tree", "main"]);
    git(&["update-index", "--add", "--cacheinfo", &format!("160000,{tip},charts/module")]);
    let commit = git(&["commit-tree", git(&["write-tree"]).trim(), "-p", "main", "-m", "A submodule"]);
    git(&["update-ref", "refs/heads/main", commit.trim()]);
    world.block_on(async {
        let git = apps(&world, "git").observe(&[need(Need::Whole, ".")]).await.unwrap();
        let snapshot = looked_at(&world).await;
        gathered(&snapshot).await.unwrap();
        let seen = everything(&snapshot, ".").await.unwrap();
        assert!(seen.iter().any(|line| line.contains("charts/module\") a submodule")), "{seen:#?}");
        assert_eq!(seen, everything(&git, ".").await.unwrap());
    });
}

#[test]
fn an_archive_that_is_cut_off_once_is_fetched_again() {
    let world = World::new();
    let cut = Arc::new(Mutex::new(Some(Verdict::DropMidway(100))));
    let once = Arc::clone(&cut);
    world.intercept(move |request| match request.kind {
        RequestKind::Archive => once.lock().unwrap().take().unwrap_or(Verdict::Pass),
        _ => Verdict::Pass,
    });
    world.block_on(async {
        gathered(&looked_at(&world).await).await.unwrap();
    });
    assert_eq!(asked(&world), (4, 0), "{:#?}", world.emulator.requests());
}

#[test]
fn an_archive_that_never_comes_whole_is_told_of() {
    let world = World::new();
    world.intercept(|request| match request.kind {
        RequestKind::Archive => Verdict::DropMidway(100),
        _ => Verdict::Pass,
    });
    let (said, requests) = said(&world);
    let start = "the apps repository `SERVER/acme/apps` can not be reached: its archive can not be read: ";
    assert!(said.starts_with(start), "{said}");
    assert!(!said.contains("token="), "{said}");
    assert_eq!(requests, 6);
}

/// Which requests are met with a status, what is said of it then, and how often an archive is asked for.
type Met<'a> = (fn(&IncomingRequest) -> bool, u16, &'a str, usize);

#[test]
fn an_answer_of_another_kind_is_told_of() {
    let table: [Met<'_>; 5] = [
        (is_address, 404, "its answer makes no sense: it has no archive of a commit that it has told of", 1),
        (is_address, 502, "the forge failed to read an archive of it: status 502: x", 3),
        (
            is_address,
            200,
            "the forge's answer makes no sense while trying to read an archive of it: status 200 says of no other address",
            1,
        ),
        (
            |request| request.kind == RequestKind::Archive,
            404,
            "its archive can not be read: where it is, the answer is status 404",
            2,
        ),
        (
            |request| request.kind == RequestKind::Archive,
            503,
            "its archive can not be read: where it is, the answer is status 503",
            6,
        ),
    ];
    for (is_met, status, expected, requests) in table {
        let world = World::new();
        world.intercept(move |request| {
            let answer = Answer::json(status, &json!({"message": "x"}));
            if is_met(request) { Verdict::Answer(answer) } else { Verdict::Pass }
        });
        let expected = format!("the apps repository `SERVER/acme/apps` can not be reached: {expected}");
        assert_eq!(said(&world), (expected, requests), "status {status}");
    }
}

#[test]
fn what_is_too_large_or_leads_out_of_it_is_refused() {
    let archive = |path: &str, size: u64| {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_mode(0o644);
        header.set_size(size);
        header.set_cksum();
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        std::io::copy(&mut &header.as_bytes()[..], &mut packed).unwrap();
        std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 1024), &mut packed).unwrap();
        packed.finish().unwrap()
    };
    let bomb = || {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 600 * 1024 * 1024), &mut packed).unwrap();
        packed.finish().unwrap()
    };
    let table = [
        (
            archive("acme-apps-1/../../etc/passwd", 5),
            "it holds `acme-apps-1/../../etc/passwd`, which is no path in a commit",
        ),
        (archive("acme-apps-1/x", 1 << 32), "it has more than 512 MiB when it is unpacked"),
        (bomb(), "it has more than 512 MiB when it is unpacked"),
    ];
    for (bytes, expected) in table {
        let world = World::new();
        world.intercept(move |request| match request.kind {
            RequestKind::Archive => Verdict::Answer(Answer::new(200, "application/x-gzip", bytes.clone())),
            _ => Verdict::Pass,
        });
        let expected = format!(
            "the apps repository `SERVER/acme/apps` can not be reached: its archive can not be read: {expected}"
        );
        assert_eq!(said(&world), (expected, 2));
    }
}

/// The headers of every request that came to another host.
type Heard = Arc<Mutex<Vec<IncomingRequest>>>;

#[test]
fn another_host_never_gets_the_token() {
    let (world, elsewhere) = (World::new(), World::new());
    let heard = Heard::default();
    let ear = Arc::clone(&heard);
    elsewhere.intercept(move |request| {
        ear.lock().unwrap().push(request.clone());
        Verdict::Answer(Answer::new(302, "text/plain", "").with_header("location", "/_codeload/on/and/on"))
    });
    let place = elsewhere.emulator.server_url();
    let address = format!("{}/_codeload/x", place.replace("127.0.0.1", "localhost"));
    world.intercept(move |request| {
        let there = Answer::new(302, "text/plain", "").with_header("location", address.clone());
        if is_address(request) { Verdict::Answer(there) } else { Verdict::Pass }
    });
    let (said, requests) = said(&world);
    assert!(said.ends_with("where it is, the answer is status 302"), "{said}");
    let heard = heard.lock().unwrap();
    assert_eq!((requests, heard.len()), (1, 1), "a second redirect was followed");
    for request in &*heard {
        assert_eq!(request.header("authorization"), None);
        let everything = format!("{:?} {} {}", request.headers, request.query, String::from_utf8_lossy(&request.body));
        assert!(!everything.contains(TOKEN) && request.header("cookie").is_none(), "{everything}");
    }
}

#[test]
fn an_address_that_is_not_safe_is_not_asked() {
    for place in [
        "http://example.com/x.tar.gz",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "http://[",
        "http://127.0.0.1.example.com/",
    ] {
        let world = World::new();
        let answer = Answer::new(302, "text/plain", "").with_header("location", place);
        world.intercept(
            move |request| {
                if is_address(request) { Verdict::Answer(answer.clone()) } else { Verdict::Pass }
            },
        );
        let (said, requests) = said(&world);
        assert!(said.ends_with("its archive is not where it can be fetched safely, by `https://`"), "{place}: {said}");
        assert_eq!(requests, 1);
    }
}

#[test]
fn a_repository_that_has_moved_is_told_of() {
    let world = World::new();
    let place = format!("{}/api/v3/repositories/7/tarball/x", world.emulator.server_url());
    world.intercept(move |request| {
        let moved = Answer::json(301, &json!({"message": "Moved Permanently"})).with_header("location", place.clone());
        if is_address(request) { Verdict::Answer(moved) } else { Verdict::Pass }
    });
    let (said, requests) = said(&world);
    assert!(said.ends_with("the repository has moved: give the name that it has now"), "{said}");
    assert_eq!(requests, 1);
}
