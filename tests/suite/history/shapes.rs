//! Histories of every shape that people give them.

use super::*;

const LIFE: &str = "wildside pr-7: put-up, updated, removed - ended";

/// A branch with a whole life of a preview on it.
fn side(tree: &Tree) {
    tree.branch("side", "main");
    for message in [message("put up", 7, 'a'), message("update", 7, 'b'), message("take down", 7, 'b')] {
        tree.commit(&message);
    }
    tree.switch("main");
}

#[test]
fn a_life_on_one_side_of_a_merge_is_told_beside_one_on_the_other() {
    let tree = Tree::new();
    side(&tree);
    tree.commit(&message("put up", 8, 'c'));
    tree.git(&["merge", "--quiet", "--no-ff", "-m", "Merge the side", "side"]);
    tree.commit(&message("take down", 8, 'c'));
    let history = tree.read();
    assert_eq!(told(&history), ["wildside pr-8: put-up, removed - ended", LIFE]);
    assert_eq!((history.commits, odd(&history)), (7, Vec::new()));
}

#[test]
fn a_squash_tells_what_its_commits_told_and_counts_once_beside_them() {
    let tree = Tree::new();
    side(&tree);
    tree.git(&["merge", "--quiet", "--squash", "side"]);
    tree.git(&["commit", "--quiet", "--allow-empty", "--no-edit"]);
    // Git puts the youngest commit first.
    let squashed = tree.read();
    assert_eq!(told(&squashed), [LIFE], "{:?}", odd(&squashed));
    tree.git(&["merge", "--quiet", "--no-ff", "-m", "Merge it as well", "side"]);
    assert_eq!(told(&tree.read()), [LIFE]);
}

#[test]
fn a_rebased_branch_that_is_merged_besides_the_first_one_counts_once() {
    let tree = Tree::new();
    side(&tree);
    tree.commit("Notes");
    tree.branch("again", "side");
    tree.git(&["rebase", "--quiet", "--keep-empty", "main"]);
    tree.switch("main");
    tree.git(&["merge", "--quiet", "--no-ff", "-m", "Merge the side", "side"]);
    tree.git(&["merge", "--quiet", "--no-ff", "-m", "Merge it again", "again"]);
    let history = tree.read();
    assert_eq!((told(&history), history.commits), (vec![LIFE.to_owned()], 10));
    assert_eq!(odd(&history).len(), 3);
}

#[test]
fn a_cherry_picked_commit_on_both_sides_of_a_merge_counts_once() {
    let tree = Tree::new();
    tree.branch("side", "main");
    tree.commit(&message("put up", 7, 'a'));
    tree.switch("main");
    tree.commit("Notes");
    tree.git(&["cherry-pick", "--allow-empty", "-x", "side"]);
    tree.git(&["merge", "--quiet", "--no-ff", "-m", "Merge", "side"]);
    let history = tree.read();
    assert_eq!(told(&history), ["wildside pr-7: put-up - is up"]);
    assert_eq!(odd(&history), ["what it says of `pr-7` was said before: it counts once"]);
}

#[test]
fn a_revert_takes_down_what_was_put_up_and_a_revert_of_it_puts_it_up_again() {
    let tree = Tree::new();
    std::fs::write(tree.path.join("pr-7"), "up").unwrap();
    tree.git(&["add", "--all"]);
    tree.commit(&message("put up", 7, 'a'));
    tree.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(told(&tree.read()), ["wildside pr-7: put-up, removed - ended"]);
    tree.git(&["revert", "--no-edit", "HEAD"]);
    let history = tree.read();
    assert_eq!(told(&history), ["wildside pr-7: put-up - is up", "wildside pr-7: put-up, removed - ended"]);
    assert_eq!(odd(&history), Vec::<&str>::new());
}

#[test]
fn only_the_history_as_it_is_now_counts() {
    let tree = Tree::new();
    tree.commit(&message("put up", 7, 'a'));
    tree.commit(&message("put up", 8, 'a'));
    assert_eq!(tree.read().lives.len(), 2);
    tree.git(&["commit", "--quiet", "--amend", "--allow-empty", "-m", &message("put up", 9, 'a')]);
    let names = |history: &History| told(history).concat();
    assert_eq!(names(&tree.read()), "wildside pr-9: put-up - is upwildside pr-7: put-up - is up");
    tree.git(&["checkout", "--quiet", "--orphan", "new"]);
    tree.commit(&message("put up", 10, 'a'));
    tree.git(&["branch", "--quiet", "--force", "main", "new"]);
    assert_eq!((names(&tree.read()).as_str(), tree.read().commits), ("wildside pr-10: put-up - is up", 1));
}

#[test]
fn commits_by_hand_are_read_as_far_as_they_make_sense() {
    let tree = Tree::new();
    tree.git(&["-c", "i18n.commitEncoding=ISO-8859-1", "commit", "--quiet", "--allow-empty", "-m", "Prévue"]);
    tree.commit(&format!(
        "Put up a preview \u{202e} by hand\n\n{}",
        message("x", 7, 'a').split_once("\n\n").unwrap().1
    ));
    tree.commit("\n\n  \nBivouac-Preview: pr-7\n");
    tree.commit("Bivouac-Preview: ../../etc\nBivouac-Pull-Request: acme/wildside#7\n");
    tree.commit(&message("take down", 8, 'a'));
    tree.commit(&format!("{}Bivouac-Change: \u{1b}[31m\n", message("update", 7, 'b')));
    let history = tree.read();
    assert_eq!(told(&history), ["? pr-7: put-up, updated - is up".replace('?', "wildside")]);
    insta::assert_snapshot!(odd(&history).join("\n"), @"
    `pr-7` has no pull request
    `../../etc` is not the name of a preview
    `pr-8` is taken down, and was not up: that is left out
    `pr-7` says that it was ` [31m`
    ");
}

#[test]
fn clocks_may_lie_as_they_like() {
    let tree = Tree::new();
    for (time, text) in [
        ("@4102444800 +0000", message("put up", 7, 'a')),
        ("@1 -1200", message("update", 7, 'b')),
        ("@2147483648 +1400", message("take down", 7, 'b')),
    ] {
        let mut command = git_command(&tree.path, tree.world.home.path());
        command.env("GIT_AUTHOR_DATE", time).env("GIT_COMMITTER_DATE", time);
        command.args(["commit", "--quiet", "--allow-empty", "-m", &text]);
        checked(&command.output().unwrap());
    }
    let history = tree.read();
    assert_eq!(told(&history), [LIFE]);
    assert_eq!(odd(&history), ["it is older than what happened to `pr-7` before it"]);
    let statistics = history.statistics(&bivouac::domain::history::Filter::default());
    assert_eq!((statistics.life, statistics.weeks.len()), (None, 1));
}

#[test]
fn trailers_that_lie_are_held_against_what_is_there() {
    let world = World::new();
    world.open(7, &crate::world::sha('a'));
    world.deploy(7, &crate::world::sha('a')).ok();
    let nothing = || [("NOTES".to_owned(), world.tip())].into();
    world.commit_apps(&nothing(), &message("take down", 7, 'a'));
    world.commit_apps(&nothing(), &message("put up", 8, 'a'));
    let history = read(&world);
    // Two of them began within one second, or not.
    let mut lives = told(&history);
    lives.sort();
    assert_eq!(
        lives,
        ["wildside pr-7:  - is seen", "wildside pr-7: put-up, removed - ended", "wildside pr-8: put-up - is gone"]
    );
    assert_eq!(odd(&history), ["`pr-7` is there, though this took it down"]);
}
