//! When a preview's time is up, and what becomes of the roster in a sweep.

use super::*;

const WEEK: &str = "preview: {ttl: 7d}\n";
const IN_A_WEEK: &str = "2026-11-28T12:00:00Z";
const A_WEEK_LATER: &str = "2026-11-29T08:30:00Z";

/// What a plan made at `LATER` says of the end of a preview, and whether it changes something.
fn end(scene: &Scene, tree: &Tree, digit: char, is_renewed: bool) -> (Change, Option<Timestamp>) {
    let update = Update { commit: &commit(digit), now: at(LATER), told: 0, is_renewed, approval: None };
    let plan = scene.update(tree, 7, update).unwrap();
    let mut after = tree.clone();
    after.apply(&plan);
    let record = after.record("pr-7");
    assert_eq!(plan.record, Some(record.clone()));
    (plan.change, record.expires_at)
}

#[test]
fn a_preview_has_an_end_when_previews_have_one() {
    for (more, expires_at) in [("", None), ("preview: {ttl: none}\n", None), (WEEK, Some(at(IN_A_WEEK)))] {
        let tree = Scene::configured(more).with_previews(&[7]);
        assert_eq!(tree.record("pr-7").expires_at, expires_at, "{more}");
    }
}

#[test]
fn an_end_moves_with_a_push_alone() {
    let scene = Scene::configured(WEEK);
    let tree = scene.with_previews(&[7]);
    assert_eq!(end(&scene, &tree, 'a', false), (Change::Unchanged, Some(at(IN_A_WEEK))));
    assert_eq!(end(&scene, &tree, 'b', false), (Change::Updated, Some(at(A_WEEK_LATER))));
    // Another image, or a change by hand, is no push.
    let mut damaged = tree.clone();
    damaged.0.remove(&format!("overlays/ephemeral/pr-7/{NAMESPACE}"));
    assert_eq!(end(&scene, &damaged, 'a', false), (Change::Updated, Some(at(IN_A_WEEK))));
}

#[test]
fn a_life_that_begins_anew_has_a_new_end_without_a_push() {
    let scene = Scene::configured(WEEK);
    let tree = scene.with_previews(&[7]);
    assert_eq!(end(&scene, &tree, 'a', true), (Change::Updated, Some(at(A_WEEK_LATER))));
    assert_eq!(end(&Scene::new(), &tree, 'a', true), (Change::Updated, None));
    assert_eq!(end(&Scene::new(), &Scene::new().with_previews(&[7]), 'a', true), (Change::Unchanged, None));
}

#[test]
fn a_push_never_brings_an_end_nearer() {
    let tree = Scene::configured(WEEK).with_previews(&[7]);
    let hour = Scene::configured("preview: {ttl: 1h}\n");
    for (digit, is_renewed) in [('b', false), ('a', true), ('b', true)] {
        assert_eq!(end(&hour, &tree, digit, is_renewed).1, Some(at(IN_A_WEEK)));
    }
}

#[test]
fn what_the_configuration_says_now_counts_from_the_next_push_on() {
    let (without, with) = (Scene::new(), Scene::configured(WEEK));
    let endless = without.with_previews(&[7]);
    assert_eq!(end(&with, &endless, 'a', false), (Change::Unchanged, None));
    assert_eq!(end(&with, &endless, 'b', false), (Change::Updated, Some(at(A_WEEK_LATER))));
    let ending = with.with_previews(&[7]);
    assert_eq!(end(&without, &ending, 'a', false), (Change::Unchanged, Some(at(IN_A_WEEK))));
    assert_eq!(end(&without, &ending, 'b', false), (Change::Updated, None));
}

#[test]
fn an_end_moves_with_the_preview() {
    let tree = Scene::configured(WEEK).with_previews(&[7]);
    let renamed = Scene::configured("preview: {ttl: 7d, name: \"preview-{number}\"}\n");
    for (digit, expires_at) in [('a', IN_A_WEEK), ('b', A_WEEK_LATER)] {
        let plan = renamed.put_up(&tree, 7, digit, LATER, 0).unwrap();
        assert_eq!(plan.record.unwrap().expires_at, Some(at(expires_at)));
    }
}

/// The previews of a tree whose roster has other entries.
fn listed(numbers: &[u32], entries: &[&str]) -> Previews {
    let scene = Scene::new();
    let mut previews = scene.with_previews(numbers).previews(&scene.root());
    let lines = entries.iter().map(|entry| format!("- {entry}\n")).collect::<Vec<_>>().concat();
    if let Some((_, text)) = &mut previews.roster {
        *text = format!("resources:\n{lines}");
    }
    previews
}

#[test]
fn entries_of_nothing_and_previews_without_an_entry_are_found() {
    let table: [(&[&str], &[&str], &[&str]); 5] = [
        (&["pr-6", "pr-7"], &[], &[]),
        (&["./pr-6", "pr-7/"], &[], &[]),
        (&["pr-6", "pr-8", "./pr-9/"], &["pr-8", "pr-9"], &["pr-7"]),
        (&["../common", "quota.yaml", "https://example.com/x", "/pr-7", "a/pr-6"], &[], &["pr-6", "pr-7"]),
        (&["Pr-8", "..", ".", "\"\""], &[], &["pr-6", "pr-7"]),
    ];
    for (entries, absent, unlisted) in table {
        let previews = listed(&[6, 7], entries);
        let expected = (
            absent.iter().map(|&name| name.to_owned()).collect(),
            unlisted.iter().map(|&name| name.to_owned()).collect(),
        );
        assert_eq!(previews.inconsistencies().unwrap(), expected, "{entries:?}");
    }
}

#[test]
fn what_is_there_without_a_record_is_neither_absent_nor_unlisted() {
    let mut previews = listed(&[7], &["pr-7", "else", "file"]);
    let directory = Directory { files: BTreeMap::new(), record: Record::read("") };
    previews.directories.insert("else".to_owned(), directory.clone());
    previews.directories.insert("unlisted".to_owned(), directory);
    previews.names.extend(["else", "file", "unlisted"].map(str::to_owned));
    assert_eq!(previews.inconsistencies().unwrap(), (vec![], vec![]));
}

#[test]
fn names_go_off_the_roster_and_on_it_in_one_edit() {
    let previews = listed(&[6, 7], &["pr-6", "./pr-8", "pr-7"]);
    let after = |gone: &[&str], missing: &[&str], beside: bool| {
        let missing: Vec<_> = missing.iter().map(|&name| name.to_owned()).collect();
        match previews.relisted(gone, &missing, beside).unwrap() {
            Some(Edit::Write { before, after, .. }) => {
                assert_eq!(before.as_ref(), previews.roster.as_ref().map(|(_, text)| text));
                Some(Roster::parse(&after).unwrap().entries().map(str::to_owned).collect::<Vec<_>>())
            }
            edit => edit.map(|_| Vec::new()),
        }
    };
    assert_eq!(after(&["pr-8", "pr-6"], &["pr-9"], true), Some(vec!["pr-7".to_owned(), "pr-9".to_owned()]));
    for beside in [false, true] {
        assert_eq!(after(&[], &[], beside), None);
        assert_eq!(after(&["pr-9"], &["pr-8"], beside), None);
    }
}

#[test]
fn a_roster_that_is_missing_is_written_beside_other_edits_or_for_an_entry() {
    let mut previews = listed(&[7], &[]);
    previews.roster = None;
    let missing = ["pr-7".to_owned()];
    for (missing, beside, is_written) in [(&[][..], false, false), (&[], true, true), (&missing, false, true)] {
        let edit = previews.relisted(&["pr-9"], missing, beside).unwrap();
        assert_eq!(edit.is_some(), is_written);
        assert!(edit.is_none_or(|edit| matches!(edit, Edit::Write { before: None, .. })));
    }
}

#[test]
fn a_roster_that_can_not_be_edited_has_neither_inconsistencies_nor_edits() {
    let mut previews = listed(&[7], &["&a pr-6", "pr-7"]);
    if let Some((_, text)) = &mut previews.roster {
        text.push_str("namePrefix: *a\n");
    }
    assert_eq!(previews.inconsistencies().unwrap(), (vec!["pr-6".to_owned()], vec![]));
    let error = previews.relisted(&["pr-7", "pr-6"], &[], false).unwrap_err();
    insta::assert_snapshot!(error, @"`overlays/ephemeral/kustomization.yaml` can not be edited");
    previews.roster = previews.roster.map(|(path, _)| (path, "resources: {}\n".to_owned()));
    assert!(matches!(previews.inconsistencies(), Err(PlanError::Roster { .. })));
    assert!(matches!(previews.relisted(&[], &[], false), Err(PlanError::Roster { .. })));
}

#[test]
fn the_record_of_a_pull_request_is_found_under_any_name() {
    let scene = Scene::configured("preview: {name: \"preview-{number}\"}\n");
    let previews = scene.with_previews(&[6, 7]).previews(&scene.root());
    let number = |number: u32| number.to_string().parse().unwrap();
    let found = previews.record_of(scene.repository(), number(7));
    assert_eq!(found.map(|record| record.number), Some(number(7)));
    assert_eq!(previews.record_of(scene.repository(), number(8)), None);
    assert_eq!(previews.record_of(&"acme/other".parse().unwrap(), number(7)), None);
}
