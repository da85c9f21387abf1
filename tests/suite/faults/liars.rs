//! Servers whose answers are wrong: it is told, and nothing is written.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::Arc;

use super::Ground;
use super::meddler::{Deed, Exchange, Kind, answer, by_way_of, position, that_meddles};
use crate::on_github::named_alike;
use crate::world::{World, git_command};

/// What a server answers, in place of the truth.
type Lie = Arc<dyn Fn(&Exchange) -> Deed + Send + Sync>;

/// A line of the protocol.
fn line(text: &[u8]) -> Vec<u8> {
    [format!("{:04x}", text.len() + 4).as_bytes(), text].concat()
}

/// The answer to a fetch that holds this pack.
fn fetched(pack: &[u8]) -> Vec<u8> {
    let band = line(&[b"\x01", pack].concat());
    answer("upload-pack-result", &[line(b"packfile\n").as_slice(), &band, b"0000"].concat())
}

/// The answer to a push that reports this.
fn reported(lines: &[&str]) -> Vec<u8> {
    let inner: Vec<u8> = lines.iter().flat_map(|text| line(text.as_bytes())).collect();
    let band = line(&[b"\x01".as_slice(), &inner, b"0000"].concat());
    answer("receive-pack-result", &[band.as_slice(), b"0000"].concat())
}

/// A pack of these objects of the apps repository.
fn pack(world: &World, ids: &[&str]) -> Vec<u8> {
    let mut command = git_command(&world.apps, world.home.path());
    command.args(["pack-objects", "--quiet", "--stdout"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all((ids.join("\n") + "\n").trim_start().as_bytes()).unwrap();
    running.wait_with_output().unwrap().stdout
}

/// The same answer to every request of a kind.
fn says(kind: Kind, bytes: Vec<u8>) -> Lie {
    Arc::new(move |exchange| if exchange.kind == kind { Deed::Say(bytes.clone()) } else { Deed::Pass })
}

/// One bit of each answer of a kind is another, so far after some bytes.
fn flips(kind: Kind, after: &'static [u8], offset: usize) -> Lie {
    let change = move |mut bytes: Vec<u8>| {
        let place = position(&bytes, after).unwrap() + offset;
        bytes[place] ^= 0x10;
        bytes
    };
    Arc::new(move |exchange| if exchange.kind == kind { Deed::Change(Box::new(change)) } else { Deed::Pass })
}

/// Each lie ends the run with this code, and is told in these words.
fn are_told(lies: impl Fn(&World) -> Vec<(&'static str, Lie, i32, &'static str)> + Sync) {
    const SHARES: usize = 4;
    std::thread::scope(|scope| {
        for share in 0..SHARES {
            let lies = &lies;
            let work = move || {
                let ground = Ground::new();
                for (what, lie, code, words) in lies(&ground.world).into_iter().skip(share).step_by(SHARES) {
                    let number = ground.fresh();
                    let port = that_meddles(&ground.world, move |exchange| lie(exchange));
                    let run = ground.deploy(number, &|command| by_way_of(port, command));
                    assert!(run.code == code && run.stderr.contains(words), "{what}: {}\n{}", run.code, run.stderr);
                    ground.is_untouched(number, &run, what);
                }
            };
            named_alike().spawn_scoped(scope, work).unwrap();
        }
    });
}

#[test]
fn wrong_packs_are_told() {
    are_told(|world| {
        let id = |name: &str| world.git(&["rev-parse", name]).trim().to_owned();
        let (commit, file) = (id("main"), id("main:bivouac.yaml"));
        let [none, another, bare] =
            [vec![], vec![file.as_str()], vec![commit.as_str()]].map(|ids| fetched(&pack(world, &ids)));
        let (one, two) = (none.clone(), bare.clone());
        let nothing_else: Lie = Arc::new(move |exchange| match exchange.kind {
            Kind::Tip => Deed::Say(two.clone()),
            Kind::Objects => Deed::Say(one.clone()),
            _ => Deed::Pass,
        });
        let left_out = "leaves out what it was asked for";
        vec![
            ("a flipped bit in the pack of the tip", flips(Kind::Tip, b"PACK", 40), 6, "can not be read"),
            ("a flipped bit in the pack of objects", flips(Kind::Objects, b"PACK", 40), 6, "can not be read"),
            ("a flipped bit at the start of a pack", flips(Kind::Tip, b"PACK", 1), 6, "can not be read"),
            ("no pack", says(Kind::Tip, answer("upload-pack-result", b"0000")), 6, "holds no pack"),
            ("a pack without a byte", says(Kind::Tip, fetched(b"")), 6, "can not be read"),
            ("an empty pack for the tip", says(Kind::Tip, none.clone()), 6, left_out),
            ("another object for the tip", says(Kind::Tip, another.clone()), 6, left_out),
            ("an empty pack for the objects", says(Kind::Objects, none), 6, left_out),
            ("another object for the objects", says(Kind::Objects, another), 6, left_out),
            ("a commit, and nothing of what is in it", nothing_else, 6, left_out),
        ]
    });
}

#[test]
fn wrong_packets_are_told() {
    are_told(|world| {
        let say = |body: &[u8]| says(Kind::Branches, answer("upload-pack-result", body));
        let all = |body: &'static [u8]| -> Lie {
            Arc::new(move |exchange| match exchange.kind {
                Kind::Advertisement => Deed::Say(answer("upload-pack-advertisement", body)),
                _ => Deed::Say(answer("upload-pack-result", body)),
            })
        };
        let file = world.git(&["rev-parse", "main:bivouac.yaml"]).trim().to_owned();
        let at = |id: &str| {
            let lines = [
                line(format!("{id} HEAD symref-target:refs/heads/main\n").as_bytes()),
                line(format!("{id} refs/heads/main\n").as_bytes()),
            ];
            [lines.concat().as_slice(), b"0000"].concat()
        };
        let senseless = "the server's answer makes no sense";
        vec![
            ("a page", say(b"<!DOCTYPE html><html></html>"), 6, senseless),
            ("a page for everything", all(b"<!DOCTYPE html><html></html>"), 6, senseless),
            ("nothing for everything", all(b""), 6, "hung up"),
            ("zeros for everything", all(&[0; 64]), 6, senseless),
            ("a length that is too short", say(b"0003"), 6, senseless),
            ("a length that is too long", say(b"fffe"), 6, senseless),
            ("a length that is no number", say(b"00zz"), 6, senseless),
            ("a line that ends before its length", say(b"00ffabc"), 6, "hung up"),
            ("a line that is no reference", say(b"0008abc\n0000"), 6, senseless),
            ("an id that is none", say(&at("banana")), 6, senseless),
            ("an id of nothing", say(&at(&"1".repeat(40))), 6, "not our ref"),
            ("an id of nothing at all", say(&at(&"0".repeat(40))), 6, "can not be reached"),
            ("a tip that is a file", say(&at(&file)), 6, "can not be reached"),
            ("an error", say(&line(b"ERR no \x1b[31mway\n")), 6, "no [31mway"),
        ]
    });
}

#[test]
fn wrong_reports_of_a_push_that_did_not_land_are_told() {
    are_told(|_| {
        let say = |body: &[u8]| says(Kind::Push, answer("receive-pack-result", body));
        let reports = |lines: &[&str]| says(Kind::Push, reported(lines));
        vec![
            ("another branch", reports(&["unpack ok\n", "ok refs/heads/other\n"]), 6, "refs/heads/main"),
            ("no branch", reports(&["unpack ok\n"]), 6, "refs/heads/main"),
            ("nothing", say(b"0000"), 6, "can not be reached"),
            ("not a byte", say(b""), 6, "hung up"),
            ("a page", say(b"<!DOCTYPE html><html></html>"), 6, "makes no sense"),
            ("a report of something else", reports(&["unpack ok\n", "hello\n"]), 6, "`hello` is no report"),
            ("a refusal", reports(&["unpack ok\n", "ng refs/heads/main not today\n"]), 4, "not today"),
            ("a refusal without a reason", reports(&["unpack ok\n", "ng refs/heads/main\n"]), 4, "no reason"),
        ]
    });
}

#[test]
fn wrong_reports_of_a_push_that_landed_are_seen_through() {
    let ground = Ground::new();
    let page = answer("receive-pack-result", b"<!DOCTYPE html><html></html>");
    for report in [reported(&["unpack ok\n", "ok refs/heads/other\n"]), reported(&["unpack ok\n"]), page] {
        let (number, what) = (ground.fresh(), String::from_utf8_lossy(&report).into_owned());
        let port = that_meddles(&ground.world, move |exchange| {
            let report = report.clone();
            if exchange.kind == Kind::Push { Deed::Change(Box::new(|_| report)) } else { Deed::Pass }
        });
        let run = ground.deploy(number, &|command| by_way_of(port, command));
        ground.landed_once(number, &run, &what);
    }
}
