//! What people ask for in comments: a later end, and a preview of a commit of a fork that they approve.

use super::*;

const WEEK: &str = "preview: {ttl: 7d}\n";
const IN_A_WEEK: &str = "2026-11-28T12:00:00Z";
const IN_TWO_WEEKS: &str = "2026-12-05T12:00:00Z";
const PATCH_OF_7: &str = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";

fn prolonged(scene: &Scene, tree: &Tree, number: u32, end: &str, told: u64) -> Result<Plan, PlanError> {
    let number = number.to_string().parse().unwrap();
    prolong(&tree.previews(&scene.root()), scene.repository(), number, at(end), told)
}

#[test]
fn a_later_end_is_written_and_nothing_else_of_the_patch() {
    let scene = Scene::configured(WEEK);
    let mut tree = scene.with_previews(&[6, 7]);
    let before = tree.clone();
    let plan = prolonged(&scene, &tree, 7, IN_TWO_WEEKS, 0).unwrap();
    assert_eq!((plan.change, touched(&plan)), (Change::Updated, vec![PATCH_OF_7.to_owned()]));
    tree.apply(&plan);
    let record = tree.record("pr-7");
    assert_eq!(plan.record, Some(record.clone()));
    assert_eq!((record.expires_at, record.generation), (Some(at(IN_TWO_WEEKS)), 2));
    assert_eq!(Record { expires_at: Some(at(IN_A_WEEK)), generation: 1, ..record }, before.record("pr-7"));
    let lines = |tree: &Tree| tree.0[PATCH_OF_7].lines().map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(&before), lines(&tree));
    let changed: Vec<_> = old.iter().zip(&new).filter(|(old, new)| old != new).map(|(_, new)| new.trim()).collect();
    assert_eq!(old.len(), new.len());
    assert_eq!(changed, ["bivouac.dev/generation: \"2\"", "bivouac.dev/expires-at: \"2026-12-05T12:00:00Z\""]);
    assert_eq!(prolonged(&scene, &tree, 7, IN_TWO_WEEKS, 2).unwrap().change, Change::Unchanged);
}

#[test]
fn an_end_never_comes_nearer() {
    let scene = Scene::configured(WEEK);
    let tree = scene.with_previews(&[7]);
    for end in [IN_A_WEEK, LATER, NOON] {
        let plan = prolonged(&scene, &tree, 7, end, 9).unwrap();
        assert_eq!((plan.change, plan.edits), (Change::Unchanged, vec![]), "{end}");
        assert_eq!(plan.record.unwrap().expires_at, Some(at(IN_A_WEEK)));
    }
}

#[test]
fn a_preview_from_before_there_were_ends_gets_one() {
    let (without, with) = (Scene::new(), Scene::configured(WEEK));
    let mut tree = without.with_previews(&[7]);
    let plan = prolonged(&with, &tree, 7, LATER, 0).unwrap();
    tree.apply(&plan);
    assert_eq!((plan.change, tree.record("pr-7").expires_at), (Change::Updated, Some(at(LATER))));
}

#[test]
fn there_is_nothing_to_prolong_where_there_is_no_preview() {
    let scene = Scene::configured(WEEK);
    let plan = prolonged(&scene, &scene.with_previews(&[6]), 7, LATER, 0).unwrap();
    assert_eq!((plan.change, plan.edits, plan.record), (Change::Absent, vec![], None));
}

#[test]
fn a_later_generation_that_was_told_is_counted_on_from() {
    let scene = Scene::configured(WEEK);
    let tree = scene.with_previews(&[7]);
    let generation = |told| prolonged(&scene, &tree, 7, IN_TWO_WEEKS, told).unwrap().record.unwrap().generation;
    assert_eq!((generation(0), generation(1), generation(8)), (2, 2, 9));
}

#[test]
fn a_patch_in_another_form_is_refused_and_left_alone() {
    let scene = Scene::configured(WEEK);
    let tree = scene.with_previews(&[7]);
    let changed: [fn(&str) -> String; 3] = [
        |patch| patch.replace("bivouac.dev/generation: \"1\"", "\"bivouac.dev/generation\": \"1\""),
        |patch| patch.replace("    bivouac.dev/created-at", "    ? bivouac.dev/created-at\n    "),
        |patch| format!("{patch}# bivouac.dev/generation: 7\n"),
    ];
    for change in changed {
        let mut tree = tree.clone();
        let patch = change(&tree.0[PATCH_OF_7]);
        assert_ne!(patch, tree.0[PATCH_OF_7]);
        tree.0.insert(PATCH_OF_7.to_owned(), patch);
        let Err(error) = prolonged(&scene, &tree, 7, IN_TWO_WEEKS, 0) else { panic!("it is written anew") };
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"`overlays/ephemeral/pr-7/patch-helmrelease-values.yaml` was written anew by somebody, so that its end alone can not be put off");
        }
    }
}

#[test]
fn a_deploy_after_a_later_end_finds_everything_as_it_should_be() {
    let scene = Scene::configured(WEEK);
    let mut tree = scene.with_previews(&[7]);
    let plan = prolonged(&scene, &tree, 7, IN_TWO_WEEKS, 0).unwrap();
    tree.apply(&plan);
    assert_eq!(scene.put_up(&tree, 7, 'a', LATER, 2).unwrap().change, Change::Unchanged);
    let pushed = scene.put_up(&tree, 7, 'b', LATER, 2).unwrap();
    assert_eq!(pushed.record.unwrap().expires_at, Some(at(IN_TWO_WEEKS)), "a push never makes a life shorter");
}

fn approval(digit: char, by: &str) -> Approval {
    Approval { commit: commit(digit), by: by.parse().unwrap() }
}

/// What a plan for a commit and an approval comes to, which is carried out.
fn put_up_approved(scene: &Scene, tree: &mut Tree, digit: char, approval: Option<&Approval>) -> Change {
    let update = Update { commit: &commit(digit), now: at(LATER), told: 0, is_renewed: false, approval };
    let plan = scene.update(tree, 7, update).unwrap();
    tree.apply(&plan);
    assert_eq!(plan.record, Some(tree.record("pr-7")));
    plan.change
}

#[test]
fn an_approval_is_recorded_with_the_commit_that_it_is_of() {
    let (scene, ada, grace) = (Scene::new(), approval('a', "ada"), approval('b', "grace"));
    let mut tree = Tree::new(&scene.root(), Some(ROSTER));
    assert_eq!(put_up_approved(&scene, &mut tree, 'a', Some(&ada)), Change::Created);
    assert!(tree.record("pr-7").is_approved());
    assert_eq!(put_up_approved(&scene, &mut tree, 'a', Some(&ada)), Change::Unchanged);
    assert_eq!(put_up_approved(&scene, &mut tree, 'b', Some(&grace)), Change::Updated);
    assert_eq!(tree.record("pr-7").approval, Some(grace));
    assert_eq!(put_up_approved(&scene, &mut tree, 'b', None), Change::Updated);
    let text = &tree.0[PATCH_OF_7];
    assert!(!text.contains("approved"), "{text}");
}

#[test]
fn a_later_end_keeps_the_approval() {
    let (scene, ada) = (Scene::configured(WEEK), approval('a', "ada"));
    let mut tree = Tree::new(&scene.root(), Some(ROSTER));
    put_up_approved(&scene, &mut tree, 'a', Some(&ada));
    let plan = prolonged(&scene, &tree, 7, IN_TWO_WEEKS, 0).unwrap();
    tree.apply(&plan);
    assert_eq!(tree.record("pr-7").approval, Some(ada.clone()));
    assert_eq!(put_up_approved(&scene, &mut tree, 'a', Some(&ada)), Change::Unchanged);
}
