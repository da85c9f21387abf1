//! What a sweep finds in a root, preview by preview.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::configuration::Configuration;
use crate::domain::overlay::PATCH;
use crate::domain::plan::Directory;
use crate::domain::pull_request::{Author, Changes, PullRequestState};
use crate::domain::roster::Roster;
use crate::domain::tests::{NOON, at, commit, number, pull_request};
use crate::domain::yaml;

const CONFIGURATION: &str = "version: 1\napplication: wildside\nrepository: acme/wildside\ndomain: preview.example.com\n\
                             images: {web: {repository: ghcr.io/acme/wildside, values: image}}\n\
                             preview: {ttl: 7d, drafts: false, paths: {exclude: [docs/**]}}\n";
const ANNOTATIONS: [(&str, &str); 5] = [
    ("bivouac.dev/application-repository", "acme/wildside"),
    ("bivouac.dev/pull-request", "7"),
    ("bivouac.dev/commit", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ("bivouac.dev/generation", "1"),
    ("bivouac.dev/created-at", "2026-11-21T10:00:00Z"),
];
const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

/// A root, and the pull requests as they are.
struct Scene {
    configuration: Configuration,
    previews: Previews,
    survey: Survey,
}

impl Scene {
    /// No preview, and a roster with these entries.
    fn new(entries: &[&str]) -> Self {
        let configuration = Configuration::parse("bivouac.yaml".parse().unwrap(), CONFIGURATION).unwrap();
        let previews = Previews {
            root: configuration.root(),
            directories: BTreeMap::new(),
            names: BTreeSet::from(["kustomization.yaml".to_owned()]),
            unreadable: Vec::new(),
            roster: Some((ROSTER.parse().unwrap(), roster(entries))),
        };
        Self { configuration, previews, survey: Survey::new() }
    }

    /// These previews of open pull requests, all in the roster.
    fn with(numbers: &[u32]) -> Self {
        let names: Vec<_> = numbers.iter().map(|number| format!("pr-{number}")).collect();
        let mut scene = Self::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for (name, number) in names.iter().zip(numbers) {
            scene.put(name, &[("bivouac.dev/pull-request", Some(&number.to_string()))]);
            scene.found(*number, |_| {});
        }
        scene
    }

    /// A directory with a whole record, but for some annotations that are others or missing.
    fn put(&mut self, name: &str, others: &[(&str, Option<&str>)]) {
        let mut annotations: BTreeMap<_, _> = ANNOTATIONS.map(|(key, value)| (key, Some(value))).into();
        annotations.extend(others.iter().copied());
        annotations.retain(|_, value| value.is_some());
        self.put_patch(name, &yaml::write(&serde_json::json!({"metadata": {"annotations": annotations}})));
    }

    fn put_patch(&mut self, name: &str, patch: &str) {
        let files = BTreeMap::from([(PATCH.to_owned(), patch.to_owned())]);
        let directory = Directory { record: Record::read(patch), files };
        self.previews.names.insert(name.to_owned());
        self.previews.directories.insert(name.to_owned(), directory);
    }

    /// The pull request of that number, which is open but for what is changed.
    fn found(&mut self, wanted: u32, change: impl FnOnce(&mut PullRequest)) {
        let mut found = PullRequest { number: number(wanted), ..pull_request() };
        found.changes.paths = vec!["src/main.rs".to_owned()];
        change(&mut found);
        self.survey.insert(number(wanted), Ok(found));
    }

    fn close(&mut self, number: u32) {
        self.found(number, |it| it.state = PullRequestState::Closed);
    }

    fn sweep(&self) -> Sweep {
        sweep(&self.configuration, &self.previews, &self.survey, at(NOON)).unwrap()
    }
}

fn roster(entries: &[&str]) -> String {
    let lines = entries.iter().map(|entry| format!("\n  - \"{entry}\"")).collect::<Vec<_>>().concat();
    let list = if entries.is_empty() { " []" } else { &lines };
    format!("# ours\nkind: Kustomization\nresources:{list}\n")
}

/// The edits: the directories that go, and what the roster says then.
fn edits(sweep: &Sweep) -> (Vec<String>, Option<String>) {
    let mut gone = Vec::new();
    let mut after = None;
    for edit in &sweep.edits {
        match edit {
            Edit::RemoveDirectory { path, files } => {
                assert!(files.contains_key(PATCH) && after.is_none(), "directories go first, with what was in them");
                gone.push(path.to_string());
            }
            Edit::Write { path, after: text, .. } => {
                assert_eq!((path.as_str(), after.replace(text.clone())), (ROSTER, None));
            }
            Edit::RemoveFile { path, .. } => panic!("`{path}` goes without its directory"),
        }
    }
    (gone, after)
}

fn problems(sweep: &Sweep) -> Vec<String> {
    sweep.problems.iter().map(|(name, problem)| format!("{name}: {problem}")).collect()
}

fn going(sweep: &Sweep) -> Vec<(&str, &'static str)> {
    sweep.going.iter().map(|going| (going.name.as_str(), going.reason.word())).collect()
}

#[test]
fn where_all_is_in_order_nothing_is_done() {
    for scene in [Scene::with(&[]), Scene::with(&[7]), Scene::with(&[7, 12, 8])] {
        let sweep = scene.sweep();
        assert!(sweep.edits.is_empty() && sweep.going.is_empty() && sweep.healed.is_empty());
        assert!(sweep.problems.is_empty() && sweep.foreign.is_empty() && !sweep.sees_nothing());
        let staying: Vec<_> = sweep.staying.keys().collect();
        assert_eq!(staying, scene.previews.directories.keys().collect::<Vec<_>>());
    }
}

/// A change of a pull request, and why its preview goes then.
type Row = (fn(&mut PullRequest), Option<&'static str>);

#[test]
fn each_preview_goes_or_stays_by_what_its_pull_request_is() {
    let table: [Row; 12] = [
        (|_| {}, None),
        (|it| it.state = PullRequestState::Closed, Some("closed")),
        (|it| it.state = PullRequestState::Merged, Some("merged")),
        (|it| it.is_from_fork = true, Some("fork")),
        (|it| it.author = Some(Author { login: "x".to_owned(), is_bot: true }), Some("bot")),
        (|it| it.author = None, None),
        (|it| it.is_draft = true, Some("draft")),
        (|it| it.labels.push("no-preview".to_owned()), Some("excluded")),
        (|it| it.changes.paths = vec!["docs/a.md".to_owned()], Some("paths")),
        (|it| it.changes = Changes::default(), None),
        (|it| it.head = commit('b'), None),
        (|it| it.title = "closed".to_owned(), None),
    ];
    for (change, reason) in table {
        let mut scene = Scene::with(&[6, 7, 8]);
        scene.found(7, change);
        let sweep = scene.sweep();
        assert_eq!(going(&sweep), reason.map(|word| ("pr-7", word)).into_iter().collect::<Vec<_>>());
        assert_eq!(sweep.staying.contains_key("pr-7"), reason.is_none());
        let expected = (vec!["overlays/ephemeral/pr-7".to_owned()], Some(roster(&["pr-6", "pr-8"])));
        assert_eq!(edits(&sweep), if reason.is_some() { expected } else { (vec![], None) }, "{reason:?}");
    }
}

#[test]
fn a_preview_whose_time_is_up_goes_unless_a_label_keeps_it() {
    for (end, label, reason) in [
        ("2026-11-21T12:00:00Z", "bug", Some("expired")),
        ("2026-11-21T12:00:01Z", "bug", None),
        ("2026-11-20T00:00:00Z", "keep-preview", None),
    ] {
        let mut scene = Scene::with(&[7]);
        scene.put("pr-7", &[("bivouac.dev/expires-at", Some(end))]);
        scene.found(7, |it| it.labels = vec![label.to_owned()]);
        let sweep = scene.sweep();
        assert_eq!(sweep.going.first().map(|going| going.reason.word()), reason, "{end} {label}");
        if let Some(going) = sweep.going.first() {
            assert_eq!(going.reason, Reason::Expired { since: Some(at(end)) });
        }
    }
}

#[test]
fn those_that_were_put_up_first_go_first_and_the_roster_is_written_once() {
    let mut scene = Scene::with(&[5, 6, 7, 8, 9]);
    for (wanted, created_at) in [(5, "2026-11-21T11:00:00Z"), (6, "2026-11-21T09:00:00Z"), (8, "2026-11-21T09:00:00Z")]
    {
        let annotations =
            [("bivouac.dev/pull-request", wanted.to_string()), ("bivouac.dev/created-at", created_at.to_owned())];
        let annotations = annotations.each_ref().map(|(key, value)| (*key, Some(value.as_str())));
        scene.put(&format!("pr-{wanted}"), &annotations);
        scene.close(wanted);
    }
    scene.close(9);
    let sweep = scene.sweep();
    let expected = ["pr-6", "pr-8", "pr-9", "pr-5"];
    assert_eq!(going(&sweep), expected.map(|name| (name, "closed")));
    let directories = expected.map(|name| format!("overlays/ephemeral/{name}")).to_vec();
    assert_eq!(edits(&sweep), (directories, Some(roster(&["pr-7"]))));
}

#[test]
fn the_last_ones_leave_an_empty_list() {
    let mut scene = Scene::with(&[7, 8]);
    scene.close(7);
    scene.close(8);
    let (_, after) = edits(&scene.sweep());
    assert_eq!(after, Some(roster(&[])));
}

#[test]
fn a_pull_request_that_can_not_be_read_keeps_its_preview() {
    let mut scene = Scene::with(&[6, 7, 8]);
    scene.survey.insert(number(6), Err("it is hidden".to_owned()));
    scene.survey.remove(&number(7));
    scene.close(8);
    let sweep = scene.sweep();
    assert_eq!(going(&sweep), [("pr-8", "closed")]);
    assert!(sweep.staying.is_empty());
    assert_eq!(
        problems(&sweep),
        [
            "pr-6: pull request 6 can not be read: it is hidden",
            "pr-7: pull request 7 can not be read: it was not asked for"
        ]
    );
}

#[test]
fn a_broken_record_keeps_its_preview_and_is_told_with_what_is_wrong() {
    let nonsense = [
        ("bivouac.dev/application-repository", "acme"),
        ("bivouac.dev/pull-request", "0"),
        ("bivouac.dev/commit", "main"),
        ("bivouac.dev/generation", "-1"),
        ("bivouac.dev/created-at", "yesterday"),
        ("bivouac.dev/expires-at", "tomorrow"),
    ];
    for (key, value) in nonsense {
        let mut scene = Scene::with(&[7]);
        scene.put("pr-7", &[(key, Some(value))]);
        scene.close(7);
        let sweep = scene.sweep();
        let expected = format!("pr-7: its record is broken: its annotation `{key}` is `{value}`, which makes no sense");
        assert_eq!((problems(&sweep), edits(&sweep)), (vec![expected], (vec![], None)));
    }
    for (key, _) in &ANNOTATIONS[1..] {
        let mut scene = Scene::with(&[7]);
        scene.put("pr-7", &[(*key, None)]);
        scene.close(7);
        let sweep = scene.sweep();
        let expected = format!("pr-7: its record is broken: it has no annotation `{key}`");
        assert_eq!((problems(&sweep), edits(&sweep)), (vec![expected], (vec![], None)));
    }
    let mut scene = Scene::with(&[7]);
    scene.put_patch("pr-7", "a: [");
    assert_eq!(problems(&scene.sweep()), ["pr-7: its record is broken: its patch is not YAML"]);
}

#[test]
fn what_says_nowhere_that_it_is_a_preview_is_foreign_and_stays_as_it_is() {
    let mut scene = Scene::with(&[7]);
    scene.put("hand-made", &[("bivouac.dev/application-repository", None)]);
    scene.put_patch("empty", "");
    scene.put_patch("else", "kind: HelmRelease\n");
    let sweep = scene.sweep();
    assert_eq!(sweep.foreign, ["else", "empty", "hand-made"]);
    assert!(sweep.edits.is_empty() && sweep.problems.is_empty() && sweep.healed.is_empty());
}

#[test]
fn a_preview_of_another_repository_stays_whatever_becomes_of_the_pull_request_of_that_number() {
    let mut scene = Scene::with(&[7, 8]);
    scene.put("pr-7", &[("bivouac.dev/application-repository", Some("acme/other"))]);
    scene.put(
        "pr-8",
        &[("bivouac.dev/application-repository", Some("ACME/Wildside")), ("bivouac.dev/pull-request", Some("8"))],
    );
    scene.close(7);
    scene.close(8);
    let sweep = scene.sweep();
    assert_eq!(problems(&sweep), ["pr-7: it is a preview of `acme/other`, which `bivouac.yaml` does not name"]);
    assert_eq!(going(&sweep), [("pr-8", "closed")]);
}

#[test]
fn a_directory_that_can_not_be_read_is_told_and_keeps_its_entry() {
    let mut scene = Scene::with(&[7]);
    scene.previews.roster = Some((ROSTER.parse().unwrap(), roster(&["pr-7", "pr-9"])));
    scene.previews.names.insert("pr-9".to_owned());
    scene.previews.unreadable.push(("pr-9".to_owned(), "there is a symbolic link".to_owned()));
    scene.close(7);
    let sweep = scene.sweep();
    assert_eq!(problems(&sweep), ["pr-9: there is a symbolic link"]);
    assert_eq!(edits(&sweep).1, Some(roster(&["pr-9"])));
}

#[test]
fn an_entry_without_its_directory_is_taken_off_and_a_preview_without_its_entry_is_put_on() {
    let mut scene = Scene::with(&[6, 7, 8]);
    let entries = ["../common", "namespace.yaml", "./pr-9", "pr-7", "a/pr-10", "/pr-11"];
    scene.previews.roster = Some((ROSTER.parse().unwrap(), roster(&entries)));
    scene.close(8);
    let sweep = scene.sweep();
    let after = roster(&["../common", "namespace.yaml", "pr-7", "a/pr-10", "/pr-11", "pr-6"]);
    assert_eq!(edits(&sweep), (vec!["overlays/ephemeral/pr-8".to_owned()], Some(after)));
    let healed: Vec<_> = sweep.healed.iter().map(ToString::to_string).collect();
    assert_eq!(healed, ["the list named `pr-9`, which is not there", "the list did not name `pr-6`"]);
}

#[test]
fn only_a_preview_that_stays_is_put_on_the_roster() {
    let mut scene = Scene::new(&[]);
    scene.put("pr-6", &[("bivouac.dev/pull-request", Some("6"))]);
    scene.put("pr-7", &[]);
    scene.put("pr-8", &[("bivouac.dev/commit", None)]);
    scene.put("pr-9", &[("bivouac.dev/application-repository", None)]);
    scene.survey.insert(number(6), Err("it is hidden".to_owned()));
    scene.close(7);
    let sweep = scene.sweep();
    assert_eq!(edits(&sweep), (vec!["overlays/ephemeral/pr-7".to_owned()], None));
    assert!(sweep.healed.is_empty());
}

#[test]
fn a_roster_that_is_missing_is_written_for_what_stays_or_goes() {
    for (is_closed, entries) in [(false, &["pr-7"][..]), (true, &[])] {
        let mut scene = Scene::with(&[7]);
        scene.previews.roster = None;
        if is_closed {
            scene.close(7);
        }
        let (_, after) = edits(&scene.sweep());
        let after = Roster::parse(&after.unwrap()).unwrap();
        assert_eq!(after.entries().collect::<Vec<_>>(), entries);
    }
    let mut scene = Scene::with(&[]);
    scene.previews.roster = None;
    assert!(scene.sweep().edits.is_empty());
}

#[test]
fn a_roster_that_can_not_be_edited_is_an_error_and_no_half_of_a_sweep() {
    for broken in ["a: [", "- a\n", "resources: {}\n", "resources:\n- &a pr-7\n- b\nnamePrefix: *a\n"] {
        let mut scene = Scene::with(&[7]);
        scene.close(7);
        scene.previews.roster = Some((ROSTER.parse().unwrap(), broken.to_owned()));
        let swept = sweep(&scene.configuration, &scene.previews, &scene.survey, at(NOON));
        assert!(matches!(swept, Err(PlanError::Roster { .. })), "{broken}");
    }
}

#[test]
fn a_swept_root_is_in_order() {
    let mut scene = Scene::with(&[6, 7, 8]);
    scene.previews.roster = Some((ROSTER.parse().unwrap(), roster(&["pr-6", "./pr-7/", "pr-9"])));
    scene.close(7);
    let sweep = scene.sweep();
    let (gone, after) = edits(&sweep);
    for path in gone {
        let name = path.rsplit('/').next().unwrap();
        scene.previews.directories.remove(name);
        scene.previews.names.remove(name);
    }
    scene.previews.roster = Some((ROSTER.parse().unwrap(), after.unwrap()));
    let again = scene.sweep();
    assert!(again.edits.is_empty() && again.healed.is_empty() && again.going.is_empty());
    assert_eq!(again.staying, sweep.staying);
}

#[test]
fn a_sweep_sees_nothing_when_no_pull_request_can_be_read() {
    let hidden = |scene: &mut Scene, numbers: &[u32]| {
        for wanted in numbers {
            scene.survey.insert(number(*wanted), Err(MISSING.to_owned()));
        }
    };
    let mut scene = Scene::with(&[6, 7, 8]);
    hidden(&mut scene, &[6, 7]);
    assert!(!scene.sweep().sees_nothing());
    hidden(&mut scene, &[8]);
    scene.put("pr-8", &[("bivouac.dev/commit", None)]);
    scene.put("else", &[("bivouac.dev/application-repository", None)]);
    assert!(scene.sweep().sees_nothing());
    scene.survey.insert(number(6), Err("the forge failed".to_owned()));
    assert!(scene.sweep().sees_nothing(), "one of them is enough to wonder");
    scene.close(6);
    assert!(!scene.sweep().sees_nothing());
    let mut scene = Scene::with(&[7]);
    scene.put("pr-7", &[("bivouac.dev/commit", None)]);
    assert!(!scene.sweep().sees_nothing(), "nobody was asked for");
}
