//! Several roots in one apps repository.

use super::{Refusal, configuration, deploy, files};
use crate::world::{World, sha, wildside};

/// A world with the usual root in `one` and another one in `two`.
fn two_roots(one: &str, two: &str) -> World {
    let world = World::empty();
    let mut all = files(&[]);
    for (root, configuration) in [("one", one), ("two", two)] {
        let of_root = wildside().into_iter().map(|(path, text)| (format!("{root}/{path}"), text));
        all.extend(of_root);
        all.insert(format!("{root}/bivouac.yaml"), configuration.to_owned());
    }
    world.commit_apps(&all, "Lay out two roots");
    world.open(7, &sha('a'));
    world
}

#[test]
fn two_roots_with_the_same_hosts_are_refused() {
    let same = configuration("application: wildside", "application: second");
    let world = two_roots(&configuration("version", "version"), &same);
    let refusal = Refusal::of(&world, deploy(&world, &["--path", "one"]));
    assert_eq!(refusal.code, 3);
    insta::assert_snapshot!(refusal.said, @"
    error: `one/bivouac.yaml` and `two/bivouac.yaml` give their previews the same hosts
      hint give one of them another `domain`, or another `preview.host`
    ");
}

#[test]
fn two_roots_whose_hosts_do_not_depend_on_what_differs_are_refused() {
    let with_name = |name: &str| {
        configuration("images:", &format!("preview: {{name: \"{name}\", host: \"pr-{{number}}.{{domain}}\"}}\nimages:"))
    };
    let world = two_roots(&with_name("a-{number}"), &with_name("b-{number}"));
    let refusal = Refusal::of(&world, deploy(&world, &["--path", "one"]));
    assert_eq!(refusal.code, 3, "{}", refusal.said);
}

#[test]
fn two_roots_with_different_domains_are_fine() {
    let second =
        configuration("preview.example", "second.example").replace("application: wildside", "application: second");
    let world = two_roots(&configuration("version", "version"), &second);
    let run = world.run(deploy(&world, &["--path", "one"])).ok();
    assert_eq!(run.output("overlay"), "one/overlays/ephemeral/pr-7");
    let run = world.run(deploy(&world, &["--path", "two"])).ok();
    assert_eq!(run.output("url"), "https://pr-7.second.example.com");
    assert!(world.file("two/overlays/ephemeral/kustomization.yaml").unwrap().contains("\"pr-7\""));
}

#[test]
fn two_roots_of_one_application_are_refused_whatever_their_hosts_are() {
    let elsewhere = configuration("preview.example", "second.example");
    let world = two_roots(&configuration("version", "version"), &elsewhere);
    let refusal = Refusal::of(&world, deploy(&world, &["--path", "one"]));
    assert_eq!(refusal.code, 3);
    insta::assert_snapshot!(refusal.said, @"
    error: `one/bivouac.yaml` and `two/bivouac.yaml` are of one application, whose pull requests have one comment and one namespace
      hint give one of them another `application`
    ");
    let another = elsewhere.replace("repository: acme/wildside\n", "repository: acme/other\n");
    let world = two_roots(&configuration("version", "version"), &another);
    assert_eq!(world.run(deploy(&world, &["--path", "one"])).ok().output("result"), "created");
}

#[test]
fn another_root_that_can_not_be_read_is_nobody_elses_trouble() {
    for broken in ["version: 9\n", "application: [\n"] {
        let world = two_roots(&configuration("version", "version"), broken);
        assert_eq!(world.run(deploy(&world, &["--path", "one"])).ok().output("result"), "created");
    }
}

#[test]
fn another_root_that_is_not_text_is_nobody_elses_trouble() {
    let world = World::new();
    world.open(7, &sha('a'));
    super::commit_change(&world, |tree| super::write(&tree.join("other/bivouac.yaml"), b"version: \xff\n"));
    assert_eq!(world.run(deploy(&world, &[])).ok().output("result"), "created");
}
