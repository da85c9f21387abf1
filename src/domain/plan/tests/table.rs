//! The endings that a plan can have.

use super::*;

const IN_ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

#[test]
fn a_preview_that_is_not_there_is_put_up_together_with_its_entry() {
    let scene = Scene::new();
    let mut tree = Tree::new(&scene.root(), Some(ROSTER));
    let plan = scene.put_up(&tree, 7, 'a', NOON, 0).unwrap();
    assert_eq!(plan.change, Change::Created);
    let directory = "overlays/ephemeral/pr-7";
    let expected = [KUSTOMIZATION, NAMESPACE, PATCH].map(|name| format!("{directory}/{name}"));
    assert_eq!(touched(&plan), [&expected[..], &[IN_ROSTER.to_owned()]].concat());
    tree.apply(&plan);
    assert_eq!(tree.roster(), ROSTER.replace("resources: []", "resources:\n  - \"pr-7\""));
    assert_eq!(plan.record, Some(tree.record("pr-7")));
    let record = tree.record("pr-7");
    assert_eq!((record.generation, record.created_at, record.expires_at), (1, at(NOON), None));
    assert_eq!((record.commit, record.url.as_str()), (commit('a'), "https://pr-7.preview.example.com"));
}

#[test]
fn a_push_changes_the_patch_alone_and_keeps_when_it_was_put_up() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[7]);
    let plan = scene.put_up(&tree, 7, 'b', LATER, 1).unwrap();
    assert_eq!(plan.change, Change::Updated);
    assert_eq!(touched(&plan), [format!("overlays/ephemeral/pr-7/{PATCH}")]);
    tree.apply(&plan);
    let record = tree.record("pr-7");
    assert_eq!((record.generation, record.created_at, record.commit), (2, at(NOON), commit('b')));
}

#[test]
fn the_same_commit_again_changes_nothing_however_late() {
    let scene = Scene::new();
    let tree = scene.with_previews(&[7]);
    for told in [0, 1, 9] {
        let plan = scene.put_up(&tree, 7, 'a', LATER, told).unwrap();
        assert_eq!((plan.change, touched(&plan)), (Change::Unchanged, vec![]), "told {told}");
        assert_eq!(plan.record, Some(tree.record("pr-7")));
    }
}

#[test]
fn a_preview_is_removed_together_with_its_entry() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[6, 7]);
    tree.0.insert("overlays/ephemeral/pr-7/extra.yaml".to_owned(), "kind: Extra\n".to_owned());
    let record = tree.record("pr-7");
    let plan = scene.take_down(&tree, 7).unwrap();
    assert_eq!((plan.change, &plan.record), (Change::Removed, &Some(record)));
    assert_eq!(touched(&plan), ["overlays/ephemeral/pr-7/", IN_ROSTER]);
    tree.apply(&plan);
    assert_eq!(tree, scene.with_previews(&[6]));
}

#[test]
fn the_last_removal_leaves_an_empty_list() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[7]);
    let plan = scene.take_down(&tree, 7).unwrap();
    tree.apply(&plan);
    assert_eq!(tree, Tree::new(&scene.root(), Some(ROSTER)));
    assert!(tree.roster().contains("resources: []"));
}

#[test]
fn a_preview_that_is_not_there_is_not_removed() {
    let scene = Scene::new();
    let empty = Tree::new(&scene.root(), None);
    for tree in [scene.with_previews(&[]), scene.with_previews(&[70]), empty] {
        let plan = scene.take_down(&tree, 7).unwrap();
        assert_eq!((plan.change, touched(&plan), plan.record), (Change::Absent, vec![], None));
    }
}

#[test]
fn an_entry_that_is_missing_is_put_back() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[7]);
    let whole = tree.clone();
    tree.0.insert(IN_ROSTER.to_owned(), ROSTER.to_owned());
    let plan = scene.put_up(&tree, 7, 'a', LATER, 1).unwrap();
    assert_eq!((plan.change, touched(&plan)), (Change::Updated, vec![IN_ROSTER.to_owned()]));
    tree.apply(&plan);
    assert_eq!(tree, whole);
}

#[test]
fn an_entry_without_its_directory_is_taken_out() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[6, 7]);
    tree.0.retain(|path, _| !path.contains("/pr-7/"));
    let plan = scene.take_down(&tree, 7).unwrap();
    assert_eq!(touched(&plan), [IN_ROSTER]);
    tree.apply(&plan);
    assert_eq!(tree.entries(), ["pr-6"]);
}

#[test]
fn a_roster_that_is_missing_is_written() {
    let scene = Scene::new();
    let mut tree = Tree::new(&scene.root(), None);
    let plan = scene.put_up(&tree, 7, 'a', NOON, 0).unwrap();
    tree.apply(&plan);
    assert_eq!(tree.entries(), ["pr-7"]);
    tree.0.remove(IN_ROSTER);
    let plan = scene.take_down(&tree, 7).unwrap();
    assert_eq!(plan.change, Change::Removed);
    tree.apply(&plan);
    assert_eq!(tree.roster(), Roster::empty().text());
}

#[test]
fn files_that_were_changed_by_hand_are_made_what_they_should_be() {
    let scene = Scene::new();
    let whole = scene.with_previews(&[7]);
    for file in [NAMESPACE, KUSTOMIZATION] {
        for damage in [None, Some("kind: Nonsense\n")] {
            let mut tree = whole.clone();
            let path = format!("overlays/ephemeral/pr-7/{file}");
            tree.0.remove(&path);
            tree.0.extend(damage.map(|text| (path.clone(), text.to_owned())));
            let plan = scene.put_up(&tree, 7, 'a', LATER, 1).unwrap();
            assert_eq!(plan.change, Change::Updated, "{file} {damage:?}");
            tree.apply(&plan);
            let record = tree.record("pr-7");
            assert_eq!((record.generation, record.created_at, record.commit), (2, at(NOON), commit('a')));
            assert_eq!(tree.0[&path], whole.0[&path]);
        }
    }
}

#[test]
fn a_generation_counts_on_from_what_the_comment_tells() {
    let scene = Scene::new();
    for (before, told, expected) in [(false, 0, 1), (false, 4, 5), (true, 0, 2), (true, 1, 2), (true, 6, 7)] {
        let tree = scene.with_previews(if before { &[7] } else { &[] });
        let plan = scene.put_up(&tree, 7, 'b', LATER, told).unwrap();
        assert_eq!(plan.record.unwrap().generation, expected, "there before: {before}, told {told}");
    }
}

#[test]
fn a_preview_that_was_removed_and_is_put_up_again_is_a_new_one() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[7]);
    let plan = scene.take_down(&tree, 7).unwrap();
    tree.apply(&plan);
    // The comment on the removal tells a generation more than the record that went.
    let plan = scene.put_up(&tree, 7, 'a', LATER, 2).unwrap();
    tree.apply(&plan);
    assert_eq!((tree.record("pr-7").generation, tree.record("pr-7").created_at), (3, at(LATER)));
}

#[test]
fn another_template_moves_the_preview_and_leaves_nothing_behind() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[6, 7]);
    let renamed = Scene::configured("preview: {name: \"preview-{number}\"}\n");
    let plan = renamed.put_up(&tree, 7, 'a', LATER, 1).unwrap();
    assert_eq!(plan.change, Change::Updated);
    tree.apply(&plan);
    assert!(!tree.0.keys().any(|path| path.contains("/pr-7/")), "{tree:?}");
    assert_eq!(tree.entries(), ["pr-6", "preview-7"]);
    let record = tree.record("preview-7");
    assert_eq!((record.generation, record.created_at), (2, at(NOON)));
    assert_eq!(record.url, "https://preview-7.preview.example.com");
    let plan = renamed.put_up(&tree, 7, 'a', LATER, 2).unwrap();
    assert_eq!(plan.change, Change::Unchanged);
}

#[test]
fn a_preview_under_its_former_name_is_taken_down_too() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[6, 7]);
    let renamed = Scene::configured("preview: {name: \"preview-{number}\"}\n");
    let plan = renamed.take_down(&tree, 7).unwrap();
    assert_eq!(plan.change, Change::Removed);
    tree.apply(&plan);
    assert_eq!(tree, scene.with_previews(&[6]));
}

#[test]
fn both_directories_of_a_move_that_was_left_half_done_are_taken_down() {
    let (scene, renamed) = (Scene::new(), Scene::configured("preview: {name: \"preview-{number}\"}\n"));
    let mut tree = scene.with_previews(&[6, 7]);
    let elsewhere = renamed.with_previews(&[7]);
    tree.0.extend(elsewhere.0.into_iter().filter(|(path, _)| path.contains("/preview-7/")));
    let plan = renamed.take_down(&tree, 7).unwrap();
    tree.apply(&plan);
    assert_eq!(tree, scene.with_previews(&[6]));
}

#[test]
fn anothers_directory_is_neither_overwritten_nor_removed() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[7]);
    for text in tree.0.values_mut() {
        *text = text.replace("\"acme/wildside\"", "\"acme/other\"");
    }
    insta::assert_snapshot!(scene.put_up(&tree, 7, 'b', LATER, 0).unwrap_err(), @"`overlays/ephemeral/pr-7` is the preview of acme/other#7, not of this pull request");
    insta::assert_snapshot!(scene.take_down(&tree, 7).unwrap_err(), @"`overlays/ephemeral/pr-7` is the preview of acme/other#7, not of this pull request");
}

#[test]
fn a_directory_that_bivouac_did_not_write_is_neither_overwritten_nor_removed() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[7]);
    let patch = format!("overlays/ephemeral/pr-7/{PATCH}");
    for (text, why) in [
        (None, "it has no annotation `bivouac.dev/application-repository`"),
        (Some("kind: HelmRelease\n"), "it has no annotation `bivouac.dev/application-repository`"),
        (Some("a: ["), "its patch is not YAML"),
    ] {
        tree.0.remove(&patch);
        tree.0.extend(text.map(|text| (patch.clone(), text.to_owned())));
        for error in [scene.put_up(&tree, 7, 'b', LATER, 0).unwrap_err(), scene.take_down(&tree, 7).unwrap_err()] {
            assert_eq!(error.to_string(), "`overlays/ephemeral/pr-7` is not a preview that Bivouac knows", "{text:?}");
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert_eq!(cause, why, "{text:?}");
        }
    }
}

#[test]
fn a_roster_that_can_not_be_edited_is_an_error_and_no_half_of_a_plan() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[7]);
    for broken in ["resources: {}\n", "a: [", "- a\n", "resources: []\n---\nresources: []\n"] {
        tree.0.insert(IN_ROSTER.to_owned(), broken.to_owned());
        assert!(matches!(scene.put_up(&tree, 8, 'a', NOON, 0), Err(PlanError::Roster { .. })), "{broken}");
        assert!(matches!(scene.take_down(&tree, 7), Err(PlanError::Roster { .. })), "{broken}");
    }
}

#[test]
fn a_roster_under_another_of_kustomizes_names_is_edited_where_it_is() {
    let scene = Scene::new();
    let tree = Tree::new(&scene.root(), None);
    let mut previews = tree.previews(&scene.root());
    previews.roster = Some(("overlays/ephemeral/Kustomization".parse().unwrap(), ROSTER.to_owned()));
    let identity = scene.identity(7);
    let tags = scene.configuration.tags(&BTreeMap::new(), &commit('a')).unwrap();
    let ingredients =
        Ingredients { configuration: &scene.configuration, base: &scene.base, identity: &identity, tags: &tags };
    let update = Update { commit: &commit('a'), now: at(NOON), told: 0, is_renewed: false, approval: None };
    let plan = put_up(&ingredients, &previews, update).unwrap();
    assert_eq!(touched(&plan).last().unwrap(), "overlays/ephemeral/Kustomization");
}

#[test]
fn a_roster_that_can_not_be_edited_stops_whatever_needs_an_edit_of_it() {
    let scene = Scene::new();
    let with_roster = |numbers: &[u32], text: &str| {
        let mut tree = scene.with_previews(numbers);
        tree.0.insert("overlays/ephemeral/kustomization.yaml".to_owned(), text.to_owned());
        tree
    };
    let is_refused = |plan: Result<Plan, PlanError>| matches!(plan, Err(PlanError::Roster { .. }));
    let anchored = "resources:\n- &a pr-7\n- pr-8\nnamePrefix: *a\n";
    assert!(is_refused(scene.put_up(&with_roster(&[], "{kind: Kustomization}\n"), 7, 'a', NOON, 0)));
    for numbers in [&[7][..], &[]] {
        assert!(is_refused(scene.take_down(&with_roster(numbers, anchored), 7)), "{numbers:?}");
    }
    let renamed = Scene::configured("preview: {name: \"preview-{number}\"}\n");
    assert!(is_refused(renamed.put_up(&with_roster(&[7], anchored), 7, 'a', NOON, 0)));
    let missing = ["pr-7".to_owned()];
    let previews = with_roster(&[7], "{kind: Kustomization}\n").previews(&scene.root());
    assert!(matches!(previews.relisted(&[], &missing, false), Err(PlanError::Roster { .. })));
    // What needs no edit is not in the way of anything.
    assert_eq!(scene.take_down(&with_roster(&[8], anchored), 9).unwrap().change, Change::Absent);
    assert_eq!(scene.put_up(&with_roster(&[7], anchored), 7, 'a', NOON, 0).unwrap().change, Change::Unchanged);
}

#[test]
fn a_base_that_can_not_be_closed_has_no_preview() {
    let release = RELEASE.replace("spec: {}", "spec: {dependsOn: [{name: database}]}");
    let source = Source { path: "base/a.yaml".parse().unwrap(), text: release, ..Source::default() };
    let sources = Sources { files: vec![source], ..Sources::default() };
    let base = Base::find(&"base".parse().unwrap(), &sources).unwrap();
    let scene = Scene { base, ..Scene::new() };
    for tree in [Tree::new(&scene.root(), Some(ROSTER)), Scene::new().with_previews(&[7])] {
        let error = scene.put_up(&tree, 7, 'a', NOON, 0).unwrap_err();
        assert!(error.to_string().contains("`database`"), "{error}");
    }
}
