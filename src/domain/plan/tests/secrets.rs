//! What makes a preview's Secrets comes and goes with `secrets`.

use super::*;
use crate::domain::approval::Approval;

const SECRETS: &str = "secrets: [{name: wildside, store: wildside-previews, path: previews/wildside}]\n";
const FILE: &str = "overlays/ephemeral/pr-7/external-secrets.yaml";

fn rendered(scene: &Scene, tree: &mut Tree, approval: Option<&Approval>) -> (Change, Vec<String>) {
    let update = Update { commit: &commit('a'), now: at(LATER), told: 0, is_renewed: false, approval };
    let plan = scene.update(tree, 7, update).unwrap();
    tree.apply(&plan);
    (plan.change, touched(&plan))
}

#[test]
fn a_preview_gets_its_secrets_with_the_next_deploy_and_loses_them_with_the_one_after_they_are_gone() {
    let (with, without) = (Scene::configured(SECRETS), Scene::new());
    let mut tree = without.with_previews(&[7]);
    let before = tree.clone();
    let (change, paths) = rendered(&with, &mut tree, None);
    assert_eq!((change, tree.record("pr-7").generation), (Change::Updated, 2));
    assert!(paths.contains(&FILE.to_owned()) && tree.0.contains_key(FILE), "{paths:?}");
    assert_eq!(rendered(&with, &mut tree, None), (Change::Unchanged, vec![]));

    let (change, paths) = rendered(&without, &mut tree, None);
    assert_eq!((change, tree.record("pr-7").generation), (Change::Updated, 3));
    assert_eq!(paths.last().map(String::as_str), Some(FILE));
    assert_eq!(tree.0.keys().collect::<Vec<_>>(), before.0.keys().collect::<Vec<_>>());
    assert_eq!(rendered(&without, &mut tree, None), (Change::Unchanged, vec![]));
}

#[test]
fn what_is_left_of_secrets_alone_is_taken_away() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[7]);
    tree.0.insert(FILE.to_owned(), "kind: ExternalSecret\n".to_owned());
    assert_eq!(rendered(&scene, &mut tree, None).0, Change::Updated);
    assert!(!tree.0.contains_key(FILE));
}

#[test]
fn files_that_bivouac_does_not_know_stay() {
    let scene = Scene::new();
    let mut tree = scene.with_previews(&[7]);
    let other = "overlays/ephemeral/pr-7/notes.md";
    tree.0.insert(other.to_owned(), "mine\n".to_owned());
    assert_eq!(rendered(&scene, &mut tree, None), (Change::Unchanged, vec![]));
    assert!(tree.0.contains_key(other));
}

#[test]
fn a_preview_that_turns_out_to_be_a_forks_loses_its_secrets() {
    let scene = Scene::configured(SECRETS);
    let mut tree = scene.with_previews(&[7]);
    assert!(tree.0.contains_key(FILE));
    let approval = Approval { commit: commit('a'), by: "ada".parse().unwrap() };
    assert_eq!(rendered(&scene, &mut tree, Some(&approval)).0, Change::Updated);
    assert!(!tree.0.contains_key(FILE));
    assert!(!tree.0["overlays/ephemeral/pr-7/kustomization.yaml"].contains("external-secrets"));
}

#[test]
fn a_preview_that_goes_takes_what_makes_its_secrets_along() {
    let scene = Scene::configured(SECRETS);
    let mut tree = scene.with_previews(&[7]);
    let plan = Scene::new().take_down(&tree, 7).unwrap();
    tree.apply(&plan);
    assert_eq!(tree, Scene::new().with_previews(&[]));
    let removed = plan.edits.iter().find_map(|edit| match edit {
        Edit::RemoveDirectory { files, .. } => Some(files.contains_key(EXTERNAL_SECRETS)),
        _ => None,
    });
    assert_eq!(removed, Some(true), "the diff shows it");
}
