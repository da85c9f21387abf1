//! What the history of many commits costs: read and put together by `usecases::history`, against a clone without trees and a
//! script over `git log` that counts what was put up each week.
//!
//! `make bench-history` runs it, and writes `docs/benchmarks/history.md`. `BENCH_ROUNDS` says how often each is measured. The server
//! is the emulator's, `git http-backend` on loopback; the other way is a folder of this machine.

mod page;
#[path = "../commits/statistics.rs"]
#[expect(dead_code, reason = "the other benchmark has percentiles")]
mod statistics;
mod stream;

use std::error::Error;
use std::fs;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bivouac::domain::history::{Filter, History, Tip};
use bivouac::effects::git::{Address, Author, Credentials, GitRepository};
use bivouac::effects::http;
use bivouac::emulator::{Access, Account, Emulator, Settings};
use bivouac::ports::{AppsRepository as _, CommitLog as _};
use bivouac::secret::Secret;
use bivouac::usecases::history::history;
use tempfile::TempDir;

/// What may fail here, with whatever went wrong.
type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many commits there are.
const COMMITS: [usize; 3] = [1_000, 10_000, 50_000];
/// How many of them belong to one preview.
const OF_ONE: usize = 6;
const TOKEN: &str = "token-of-the-bot";

/// What people do today, and less than we: nothing is held against the tip, and nothing counts once that is there twice.
const SCRIPT: &str = r#"set -eu
git clone --quiet --bare --filter=tree:0 "$URL" "$FOLDER"
git -C "$FOLDER" log --topo-order --reverse \
    --format='%ct%x09%s%x09%(trailers:key=Bivouac-Preview,key=Bivouac-Pull-Request,valueonly,separator=%x20)' |
    awk -F '\t' '$2 ~ /^preview.*: put up / { week = int($1 / 604800); up[week]++; sum++ }
        END { for (week in up) print week, up[week]; print "all", sum > "/dev/stderr" }' | sort -n
"#;

/// How a repository is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Http,
    Folder,
}

/// What was measured of one repository, in milliseconds.
#[derive(Debug)]
struct Measured {
    commits: usize,
    way: Way,
    ours: Vec<f64>,
    theirs: Vec<f64>,
    /// Of one run: to look at the tip, to read all commits, and to put the lives together.
    parts: [f64; 3],
}

struct World {
    emulator: Emulator,
    home: TempDir,
}

#[tokio::main]
async fn main() -> Fallible<()> {
    let rounds = std::env::var("BENCH_ROUNDS").map_or(Ok(5), |text| text.trim().parse())?;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let account = Account::bot("github-actions[bot]", TOKEN, Access::Write);
    let emulator = Emulator::start(Settings::new(vec![account])).await?;
    let world = World { emulator, home: TempDir::new()? };
    let mut measured = Vec::new();
    for commits in COMMITS {
        let name = format!("apps-{commits}");
        let folder = world.emulator.create_repository("acme", &name).await?;
        stream::fill(&folder, commits)?;
        for way in [Way::Http, Way::Folder] {
            let address = match way {
                Way::Http => format!("{}/acme/{name}", world.emulator.server_url()),
                Way::Folder => format!("file://{}", folder.display()),
            };
            measured.push(world.measure(commits, way, &address, rounds).await?);
        }
    }
    let page = page::page(&measured, rounds, load)?;
    fs::write(top().join("docs/benchmarks/history.md"), &page)?;
    drop(write!(stderr(), "\n{page}"));
    Ok(())
}

impl World {
    async fn measure(&self, commits: usize, way: Way, address: &str, rounds: usize) -> Fallible<Measured> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        // The first round is not counted: programs and packs are read from the disk.
        for round in 0..=rounds {
            drop(writeln!(stderr(), "{commits} commits, {way:?}: round {round} of {rounds}"));
            let started = Instant::now();
            let told = history(&repository(address)?).await?;
            let weeks = told.statistics(&Filter::default()).weeks.len();
            ours.extend((round > 0).then(|| milliseconds(started)));
            let expected = commits.div_ceil(OF_ONE);
            if (told.commits, told.lives.len(), told.odd.len()) != (commits, expected, 0) || weeks == 0 {
                return Err(format!("{} commits and {} lives were told", told.commits, told.lives.len()).into());
            }
            let time = self.script(address, expected)?;
            theirs.extend((round > 0).then_some(time));
        }
        let parts = parts(&repository(address)?).await?;
        Ok(Measured { commits, way, ours, theirs, parts })
    }

    /// Runs the script, and makes sure that it counts the same.
    fn script(&self, address: &str, expected: usize) -> Fallible<f64> {
        let clone = self.home.path().join("clone.git");
        let basic = BASE64_STANDARD.encode(format!("x-access-token:{TOKEN}"));
        let started = Instant::now();
        let output = Command::new("sh")
            .args(["-c", SCRIPT])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("URL", address)
            .env("FOLDER", &clone)
            .envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "http.extraHeader")])
            .env("GIT_CONFIG_VALUE_0", format!("Authorization: Basic {basic}"))
            .stdin(Stdio::null())
            .output()?;
        let time = milliseconds(started);
        fs::remove_dir_all(&clone)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() || !said.contains(&format!("all {expected}\n")) {
            return Err(format!("the script counts something else: {said}").into());
        }
        Ok(time)
    }
}

async fn parts(apps: &GitRepository) -> Fallible<[f64; 3]> {
    let started = Instant::now();
    let snapshot = apps.observe(&[]).await?;
    let looked = milliseconds(started);
    let commits = apps.commits(&snapshot).await?;
    let read = milliseconds(started);
    let told = History::of(&commits, &Tip::default());
    drop(told.statistics(&Filter::default()));
    Ok([looked, read - looked, milliseconds(started) - read])
}

fn repository(address: &str) -> Fallible<GitRepository> {
    let address = Address::parse(address, "https://github.com", true)?;
    let credentials = Credentials { token: Secret::new(TOKEN), ..Credentials::default() };
    let author = Author { name: "A".to_owned(), mail: "a@example.com".to_owned() };
    Ok(GitRepository::new(&http::client()?, &address, None, credentials, author)?)
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Where Bivouac's own tree is.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
