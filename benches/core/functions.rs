//! What is measured: each is prepared once, and then run as often as wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::hint::black_box;

use bivouac::domain::base::{Base, Source, Sources};
use bivouac::domain::configuration::Configuration;
use bivouac::domain::decision::{Intent, Situation, Wanted, decide};
use bivouac::domain::names::{CommitId, PullRequestNumber};
use bivouac::domain::overlay::Ingredients;
use bivouac::domain::path::RepoPath;
use bivouac::domain::plan::{Previews, Update, put_up};
use bivouac::domain::pull_request::{Changes, PullRequest, PullRequestState};
use bivouac::domain::roster::Roster;
use jiff::Timestamp;

const CONFIGURATION: &str = include_str!("../fixtures/bivouac.yaml");
const RELEASE: &str = include_str!("../fixtures/base/helmrelease.yaml");
const COMMIT: &str = "5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a";

/// A function that is ready to run.
pub(crate) type Prepared = Box<dyn Fn()>;

/// A function: its name, what prepares it for a number of entries, and whether that number matters.
pub(crate) type Function = (&'static str, fn(usize) -> Prepared, bool);

/// Every function.
pub(crate) const ALL: [Function; 6] = [
    ("configuration_parse", configuration_parse, false),
    ("decision", decision, false),
    ("plan_of_a_new_preview", plan_of_a_new_preview, true),
    ("roster_add", roster_add, true),
    ("roster_parse", roster_parse, true),
    ("roster_remove", roster_remove, true),
];

/// Reads the list.
pub(crate) fn roster_parse(entries: usize) -> Prepared {
    let text = roster(entries);
    Box::new(move || drop(black_box(Roster::parse(black_box(&text)))))
}

/// Adds an entry to the list.
pub(crate) fn roster_add(entries: usize) -> Prepared {
    let roster = parsed(entries);
    Box::new(move || drop(black_box(black_box(&roster).with("pr-999999"))))
}

/// Takes an entry out of the list.
pub(crate) fn roster_remove(entries: usize) -> Prepared {
    let roster = parsed(entries);
    Box::new(move || drop(black_box(black_box(&roster).without("pr-5"))))
}

/// Reads `bivouac.yaml`.
pub(crate) fn configuration_parse(_: usize) -> Prepared {
    Box::new(|| drop(black_box(configuration())))
}

/// Decides over a pull request that gets a preview.
pub(crate) fn decision(_: usize) -> Prepared {
    let (configuration, pull_request) = (configuration(), example());
    let intent = Intent::Deploy { made_for: Some(commit()), is_explicit: false };
    Box::new(move || {
        let situation = Situation {
            settings: &configuration.document().preview,
            pull_request: &pull_request,
            recorded: None,
            expired: None,
            holders: &[],
            approval: None,
            now: Timestamp::UNIX_EPOCH,
        };
        let wanted = decide(black_box(&intent), &situation);
        assert!(matches!(wanted, Wanted::Preview(_)), "the benchmark is of a pull request that gets a preview");
    })
}

/// Plans the three files and the edit of the list.
pub(crate) fn plan_of_a_new_preview(entries: usize) -> Prepared {
    let (configuration, base, commit, previews) = (configuration(), base(), commit(), previews(entries));
    let identity = configuration.identity(number()).expect("it has a name");
    let tags = configuration.tags(&BTreeMap::new(), &commit).expect("it has tags");
    Box::new(move || {
        let ingredients = Ingredients { configuration: &configuration, base: &base, identity: &identity, tags: &tags };
        let update = Update { commit: &commit, now: Timestamp::UNIX_EPOCH, told: 0, is_renewed: false, approval: None };
        let plan = put_up(black_box(&ingredients), &previews, update).expect("there is a plan");
        assert_eq!(plan.edits.len(), 4, "three files and the list");
    })
}

/// A list as Bivouac writes it.
fn roster(entries: usize) -> String {
    let mut text = Roster::empty().text().replace("resources: []\n", "resources:\n");
    for number in 1..=entries {
        let _ = writeln!(text, "  - \"pr-{number}\"");
    }
    text
}

fn parsed(entries: usize) -> Roster {
    Roster::parse(&roster(entries)).expect("it is a list")
}

fn configuration() -> Configuration {
    let path = "bivouac.yaml".parse().expect("it is a path");
    Configuration::parse(path, CONFIGURATION).expect("it is a configuration")
}

fn commit() -> CommitId {
    COMMIT.parse().expect("it is a commit")
}

fn number() -> PullRequestNumber {
    "999999".parse().expect("it is a number")
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

fn example() -> PullRequest {
    PullRequest {
        number: number(),
        state: PullRequestState::Open,
        head: commit(),
        head_repository: Some("acme/wildside".parse().expect("it is a name")),
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
