//! What holds of every plan.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::guard::{Guard, Known};

const ROSTERS: [&str; 7] = [
    ROSTER,
    "resources: [] # filled by the pipeline\n",
    "resources:\n- ../common\n# previews\n- pr-1000001 # Ada\n",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n    - \"./pr-1000001/\"\n\n\nlabels:\n    - pairs: {tier: preview}\n",
    "resources: [pr-1000001, ../common]\n",
    "resources: [\n  # Ada\n  pr-1000001,\n]\nnamePrefix: x-\n",
    "resources:\r\n  - ../common\r\n",
];

/// What somebody asks for: a preview of a commit, or none.
#[derive(Debug, Clone)]
enum Wish {
    Up { number: u32, digit: char, told: u64 },
    Down { number: u32 },
}

fn wish() -> impl Strategy<Value = Wish> {
    let digit = prop::sample::select(vec!['a', 'b', 'c']);
    let up = (1..5_u32, digit, 0..4_u64).prop_map(|(number, digit, told)| Wish::Up { number, digit, told });
    prop_oneof![3 => up, 1 => (1..5_u32).prop_map(|number| Wish::Down { number })]
}

fn scene() -> impl Strategy<Value = Scene> {
    let file = prop::sample::select(vec!["bivouac.yaml", "apps/wildside/bivouac.yaml"]);
    let name = prop::sample::select(vec!["", "preview: {name: \"preview-{number}\"}\n"]);
    let secrets = prop::sample::select(vec!["", "secrets: [{name: a, store: s, path: previews/wildside}]\n"]);
    (file, name, secrets).prop_map(|(file, name, secrets)| Scene::at(file, &format!("{name}{secrets}")))
}

fn roster() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![9 => prop::sample::select(ROSTERS.to_vec()).prop_map(Some), 1 => Just(None)]
}

impl Wish {
    fn plan(&self, scene: &Scene, tree: &Tree, now: &str) -> Plan {
        match self {
            Self::Up { number, digit, told } => scene.put_up(tree, *number, *digit, now, *told).unwrap(),
            Self::Down { number } => scene.take_down(tree, *number).unwrap(),
        }
    }
}

/// A tree after some wishes were fulfilled, with a file or two that are nobody's business.
fn lived_in(scene: &Scene, roster: Option<&str>, wishes: &[Wish]) -> Tree {
    let mut tree = Tree::new(&scene.root(), roster);
    for path in ["README.md", "base/kustomization.yaml", "overlays/production/kustomization.yaml"] {
        tree.0.insert(scene.root().join(path).to_string(), format!("{path}\n"));
    }
    for wish in wishes {
        let plan = wish.plan(scene, &tree, NOON);
        tree.apply(&plan);
    }
    tree
}

fn directories(tree: &Tree, scene: &Scene) -> BTreeMap<String, BTreeMap<String, String>> {
    let previews = tree.previews(&scene.root());
    previews.directories.into_iter().map(|(name, directory)| (name, directory.files)).collect()
}

fn entries(tree: &Tree, scene: &Scene) -> BTreeSet<String> {
    let (_, text) = tree.previews(&scene.root()).roster.unwrap();
    Roster::parse(&text).unwrap().entries().map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_that_was_carried_out_is_not_planned_again(
        scene in scene(), roster in roster(), wishes in prop::collection::vec(wish(), 0..6), last in wish(),
    ) {
        let mut tree = lived_in(&scene, roster, &wishes);
        let plan = last.plan(&scene, &tree, LATER);
        tree.apply(&plan);
        let again = last.plan(&scene, &tree, "2027-01-01T00:00:00Z");
        prop_assert!(again.edits.is_empty(), "{:?}", again.edits);
        prop_assert!(matches!(again.change, Change::Unchanged | Change::Absent));
    }

    #[test]
    fn a_plan_changes_something_exactly_when_it_says_so(
        scene in scene(), roster in roster(), wishes in prop::collection::vec(wish(), 0..6), last in wish(),
    ) {
        let before = lived_in(&scene, roster, &wishes);
        let plan = last.plan(&scene, &before, LATER);
        let mut after = before.clone();
        after.apply(&plan);
        let nothing = matches!(plan.change, Change::Unchanged | Change::Absent);
        prop_assert_eq!(nothing, before == after, "{:?}", plan);
        prop_assert_eq!(nothing, plan.edits.is_empty());
    }

    #[test]
    fn no_plan_looks_like_a_secret(
        scene in scene(), roster in roster(), wishes in prop::collection::vec(wish(), 0..6), last in wish(),
    ) {
        let tree = lived_in(&scene, roster, &wishes);
        let plan = last.plan(&scene, &tree, LATER);
        let known = Known::default();
        let guard = Guard::new(&known).rendering(previews_directory(&scene.root()));
        prop_assert!(guard.clear(&plan.edits, "preview(wildside): put up pr-7 at aaaaaaa\n").is_ok());
    }

    #[test]
    fn what_is_put_up_and_taken_down_leaves_no_trace(
        scene in scene(),
        roster in prop::sample::select(ROSTERS.to_vec()),
        wishes in prop::collection::vec(wish(), 0..6),
        number in 5..2_147_483_647_u32,
    ) {
        let before = lived_in(&scene, Some(roster), &wishes);
        prop_assume!(number != 1_000_001);
        let mut tree = before.clone();
        let plan = scene.put_up(&tree, number, 'a', NOON, 0).unwrap();
        prop_assert_eq!(plan.change, Change::Created);
        tree.apply(&plan);
        let plan = scene.put_up(&tree, number, 'b', LATER, 0).unwrap();
        prop_assert_eq!(plan.change, Change::Updated);
        tree.apply(&plan);
        let plan = scene.take_down(&tree, number).unwrap();
        prop_assert_eq!(plan.change, Change::Removed);
        tree.apply(&plan);
        prop_assert_eq!(tree, before);
    }

    #[test]
    fn two_pull_requests_come_to_the_same_in_either_order(
        scene in scene(), roster in roster(), wishes in prop::collection::vec(wish(), 0..4), one in wish(), two in wish(),
    ) {
        let number = |wish: &Wish| match wish { Wish::Up { number, .. } | Wish::Down { number } => *number };
        prop_assume!(number(&one) != number(&two));
        let before = lived_in(&scene, roster.or(Some(ROSTER)), &wishes);
        let (mut left, mut right) = (before.clone(), before);
        for wish in [&one, &two] {
            let plan = wish.plan(&scene, &left, LATER);
            left.apply(&plan);
        }
        for wish in [&two, &one] {
            let plan = wish.plan(&scene, &right, LATER);
            right.apply(&plan);
        }
        prop_assert_eq!(directories(&left, &scene), directories(&right, &scene));
        prop_assert_eq!(entries(&left, &scene), entries(&right, &scene));
    }

    #[test]
    fn a_plan_touches_nothing_but_the_previews_own_directory_and_the_roster(
        scene in scene(), roster in roster(), wishes in prop::collection::vec(wish(), 0..6), last in wish(),
    ) {
        let tree = lived_in(&scene, roster, &wishes);
        let number = match last { Wish::Up { number, .. } | Wish::Down { number } => number };
        let parent = previews_directory(&scene.root());
        let own = format!("{}/", parent.join(scene.identity(number).name.as_str()));
        let list = parent.join("kustomization.yaml").to_string();
        for path in touched(&last.plan(&scene, &tree, LATER)) {
            prop_assert!(path.starts_with(&own) || path == list, "{}", path);
        }
    }

    #[test]
    fn every_directory_has_its_entry_and_every_generation_is_higher_than_the_one_before(
        scene in scene(), roster in roster(), wishes in prop::collection::vec(wish(), 1..12),
    ) {
        let mut tree = lived_in(&scene, roster, &[]);
        let mut told = BTreeMap::new();
        for wish in wishes {
            let plan = match wish {
                Wish::Up { number, digit, .. } => {
                    let known = told.get(&number).copied().unwrap_or(0);
                    let plan = scene.put_up(&tree, number, digit, NOON, known).unwrap();
                    let generation = plan.record.as_ref().unwrap().generation;
                    prop_assert_eq!(generation > known, plan.change != Change::Unchanged);
                    told.insert(number, generation);
                    plan
                }
                Wish::Down { number } => {
                    let plan = scene.take_down(&tree, number).unwrap();
                    if plan.change == Change::Removed {
                        *told.entry(number).or_default() += 1;
                    }
                    plan
                }
            };
            tree.apply(&plan);
            let listed = Roster::parse(&tree.previews(&scene.root()).roster.map(|(_, text)| text).unwrap_or_default());
            for name in directories(&tree, &scene).keys() {
                prop_assert!(listed.as_ref().unwrap().contains(name), "{}", name);
            }
        }
    }
}
