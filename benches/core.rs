//! The pure core: what it takes to read and edit the list of all previews, to decide, and to plan, without any server.
//!
//! Times are this machine's. The allocations are counted, and are the same on every run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::hint::black_box;

use bivouac::domain::base::{Base, Source, Sources};
use bivouac::domain::configuration::Configuration;
use bivouac::domain::decision::{Intent, Situation, Wanted, decide};
use bivouac::domain::identity::Identity;
use bivouac::domain::names::CommitId;
use bivouac::domain::overlay::Ingredients;
use bivouac::domain::path::RepoPath;
use bivouac::domain::plan::{Plan, Previews, Update, put_up};
use bivouac::domain::pull_request::{Changes, PullRequest, PullRequestState};
use bivouac::domain::roster::Roster;
use divan::{AllocProfiler, Bencher};
use jiff::Timestamp;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const CONFIGURATION: &str = include_str!("fixtures/bivouac.yaml");
const RELEASE: &str = include_str!("fixtures/base/helmrelease.yaml");
const COMMIT: &str = "5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a";
const ENTRIES: [usize; 4] = [10, 100, 1000, 10_000];
/// So many entries make 5 MB.
const LARGE: usize = 340_000;

fn main() {
    divan::main();
}

/// A roster as Bivouac writes it.
fn roster(entries: usize) -> String {
    let mut text = Roster::empty().text().replace("resources: []\n", "resources:\n");
    for number in 1..=entries {
        let _ = writeln!(text, "  - \"pr-{number}\"");
    }
    text
}

#[divan::bench(args = ENTRIES, max_time = 2)]
fn roster_parse(bencher: Bencher<'_, '_>, entries: usize) {
    let text = roster(entries);
    bencher.bench(|| Roster::parse(black_box(&text)).is_ok());
}

#[divan::bench(args = ENTRIES, max_time = 2)]
fn roster_add(bencher: Bencher<'_, '_>, entries: usize) {
    let roster = Roster::parse(&roster(entries)).expect("it is a roster");
    bencher.bench(|| black_box(&roster).with("pr-999999"));
}

#[divan::bench(args = ENTRIES, max_time = 2)]
fn roster_remove(bencher: Bencher<'_, '_>, entries: usize) {
    let roster = Roster::parse(&roster(entries)).expect("it is a roster");
    bencher.bench(|| black_box(&roster).without("pr-5"));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn roster_parse_5_mb(bencher: Bencher<'_, '_>) {
    let text = roster(LARGE);
    bencher.bench_local(|| Roster::parse(black_box(&text)).is_ok());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn roster_add_5_mb(bencher: Bencher<'_, '_>) {
    let roster = Roster::parse(&roster(LARGE)).expect("it is a roster");
    bencher.bench_local(|| black_box(&roster).with("pr-999999"));
}

fn configuration() -> Configuration {
    let path = "bivouac.yaml".parse().expect("it is a path");
    Configuration::parse(path, CONFIGURATION).expect("it is a configuration")
}

#[divan::bench(max_time = 2)]
fn configuration_parse() -> Configuration {
    configuration()
}

fn commit() -> CommitId {
    COMMIT.parse().expect("it is a commit")
}

#[divan::bench(max_time = 2)]
fn decision(bencher: Bencher<'_, '_>) {
    let configuration = configuration();
    let pull_request = example();
    let situation = Situation {
        settings: &configuration.document().preview,
        pull_request: &pull_request,
        recorded: None,
        expired: None,
        holders: &[],
        now: Timestamp::UNIX_EPOCH,
    };
    let intent = Intent::Deploy { made_for: Some(commit()), is_explicit: false };
    bencher.bench(|| {
        let wanted = decide(black_box(&intent), &situation);
        assert!(matches!(wanted, Wanted::Preview(_)));
    });
}

#[divan::bench(args = ENTRIES, max_time = 2)]
fn plan_of_a_new_preview(bencher: Bencher<'_, '_>, entries: usize) {
    let configuration = configuration();
    let (base, identity) = (base(), configuration.identity(number()).expect("it has a name"));
    let tags = configuration.tags(&BTreeMap::new(), &commit()).expect("it has tags");
    let previews = previews(entries);
    let ingredients = Ingredients { configuration: &configuration, base: &base, identity: &identity, tags: &tags };
    bencher.bench(|| plan(black_box(&ingredients), &previews, &identity));
}

/// Plans the preview of a new pull request.
fn plan(ingredients: &Ingredients<'_>, previews: &Previews, identity: &Identity) -> Plan {
    let commit = commit();
    let update = Update { commit: &commit, now: Timestamp::UNIX_EPOCH, told: 0, is_renewed: false };
    let plan = put_up(ingredients, previews, update).expect("there is a plan");
    assert_eq!(plan.edits.len(), 4, "three files and the roster of {}", identity.name);
    plan
}

/// A root with that many previews, none of which concerns the pull request.
fn previews(entries: usize) -> Previews {
    let path: RepoPath = "overlays/ephemeral/kustomization.yaml".parse().expect("it is a path");
    Previews {
        root: RepoPath::top(),
        directories: BTreeMap::new(),
        names: (1..=entries).map(|number| format!("pr-{number}")).collect::<BTreeSet<_>>(),
        unreadable: Vec::new(),
        roster: Some((path, roster(entries))),
    }
}

fn base() -> Base {
    let directory: RepoPath = "base".parse().expect("it is a path");
    let source = Source { path: directory.join("helmrelease.yaml"), text: RELEASE.to_owned(), ..Source::default() };
    Base::find(&directory, &Sources { files: vec![source], ..Sources::default() }).expect("it is a base")
}

fn number() -> bivouac::domain::names::PullRequestNumber {
    "999999".parse().expect("it is a number")
}

fn example() -> PullRequest {
    PullRequest {
        number: number(),
        state: PullRequestState::Open,
        head: commit(),
        target: "main".to_owned(),
        is_from_fork: false,
        is_draft: false,
        author: None,
        labels: Vec::new(),
        changes: Changes { paths: vec!["src/main.rs".to_owned()], are_complete: true },
        title: "A change".to_owned(),
        url: "https://github.com/acme/wildside/pull/999999".to_owned(),
    }
}
