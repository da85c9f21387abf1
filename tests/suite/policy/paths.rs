//! Which files a pull request changes.

use super::{comment, configured, on, open, patch, plain, quietly};
use crate::world::{APPLICATION, World};

const REFUSED: &str = "the pull request changes no file that previews are for";

fn world(files: &[&str]) -> World {
    let world = configured("{paths: {include: ['src/**', chart/values.yaml], exclude: ['**/*.md']}}");
    open(&world, |new| new.files = owned(files));
    world
}

fn owned(files: &[&str]) -> Vec<String> {
    files.iter().map(|file| (*file).to_owned()).collect()
}

fn change(world: &World, files: &[&str]) {
    world.emulator.forge().change(APPLICATION, 7, |of| of.files = owned(files)).unwrap();
}

#[test]
fn a_change_of_other_files_gets_a_preview_when_it_comes_to_change_the_right_ones() {
    let world = world(&["docs/index.html", "src/notes.md", "chart/templates/values.yaml"]);
    assert_eq!(on(&world, "opened"), ("refused".to_owned(), REFUSED.to_owned()));
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=0 state=refused reason=paths text=… -->
    ### Preview of wildside: none

    There is no preview because the pull request changes no file that previews are for. `preview.paths` in `bivouac.yaml` says which are.
    ");
    assert_eq!(quietly(&world, || on(&world, "synchronize")).0, "refused");
    change(&world, &["docs/index.html", "src/deep/down/main.rs"]);
    assert_eq!(on(&world, "synchronize"), plain("created"));
    change(&world, &["docs/index.html"]);
    assert_eq!(on(&world, "synchronize"), ("removed".to_owned(), REFUSED.to_owned()));
    assert_eq!(patch(&world, 7), None);
}

#[test]
fn one_file_that_is_meant_is_enough() {
    assert_eq!(on(&world(&["README.md", "chart/values.yaml"]), "opened"), plain("created"));
}

#[test]
fn a_pull_request_that_changes_nothing_is_left_out_where_files_are_chosen() {
    assert_eq!(on(&world(&[]), "opened").0, "refused");
    let world = World::new();
    open(&world, |new| new.files = Vec::new());
    assert_eq!(on(&world, "opened"), plain("created"));
}

#[test]
fn more_files_than_are_listed_are_not_left_out() {
    let many: Vec<_> = (0..101).map(|number| format!("docs/{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert_eq!(on(&world(&many), "opened"), plain("created"));
    assert_eq!(on(&world(&many[..100]), "opened").0, "refused");
}
