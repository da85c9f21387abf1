use super::*;

fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

fn file(text: Text) -> Node {
    Node::File(File { oid: "0".repeat(40), is_executable: false, text })
}

fn text() -> Node {
    file(Text::Is("x".to_owned()))
}

fn directory(names: &[(&str, EntryKind)]) -> Node {
    let names = names.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    Node::Directory(Some(Listing { names, has_nameless: false }))
}

fn known(nodes: &[(&str, Node)]) -> Known {
    let mut known = Known::default();
    for (at, node) in nodes {
        known.learn(&path(at), node.clone());
    }
    known
}

fn seen(known: &Known, at: &str) -> String {
    match known.look(&path(at)) {
        Look::Unknown(at) => format!("unknown {at}"),
        Look::Absent => "absent".to_owned(),
        Look::File(_) => "file".to_owned(),
        Look::Directory(None) => "directory".to_owned(),
        Look::Directory(Some(_)) => "listed".to_owned(),
        Look::InTheWay(at, kind) => format!("{} at {at}", kind.with_article()),
    }
}

/// What is asked for: the path, how much, and `+` where the kind is asked for too.
fn asked(asks: Vec<Ask>) -> Vec<String> {
    let shown = |ask: Ask| format!("{} {:?}{}", ask.path, ask.depth, if ask.with_kind { "+" } else { "" });
    asks.into_iter().map(shown).collect()
}

fn missing(known: &Known, needs: &[Need]) -> Vec<String> {
    asked(known.missing(needs))
}

#[test]
fn a_path_ends_at_the_first_thing_that_is_no_directory() {
    use EntryKind::{Directory, File, Submodule, Symlink};
    let top = directory(&[("dir", Directory), ("file", File), ("link", Symlink), ("module", Submodule)]);
    let nodes = [
        ("link", Node::Symlink),
        ("module", Node::Submodule),
        ("file", text()),
        ("dir", Node::Directory(None)),
        (".", top),
    ];
    let known = known(&nodes);
    for (at, expected) in [
        (".", "listed"),
        ("file", "file"),
        ("file/below", "a file at file"),
        ("link", "a symbolic link at link"),
        ("link/far/below", "a symbolic link at link"),
        ("module/x", "a submodule at module"),
        ("none", "absent"),
        ("none/below", "absent"),
        ("dir", "directory"),
        ("dir/x/y", "unknown dir/x"),
    ] {
        assert_eq!(seen(&known, at), expected, "{at}");
    }
}

#[test]
fn what_is_there_proves_the_way_to_it() {
    let known = known(&[("a/b/c", text()), ("x/y/z", Node::Absent)]);
    for (at, expected) in [
        ("a/b/c", "file"),
        ("a/b", "directory"),
        ("a", "directory"),
        ("a/b/d", "unknown a/b/d"),
        ("x/y/z", "unknown x"),
    ] {
        assert_eq!(seen(&known, at), expected, "{at}");
    }
}

#[test]
fn what_was_known_better_stays() {
    let listed = directory(&[]);
    let cases = [
        (listed.clone(), Node::Directory(None), listed.clone()),
        (Node::Directory(None), listed.clone(), listed),
        (text(), file(Text::Unread), text()),
        (file(Text::Unread), text(), text()),
        (Node::Symlink, text(), Node::Symlink),
        (text(), Node::Symlink, Node::Symlink),
        (Node::Submodule, Node::Absent, Node::Submodule),
        (Node::Absent, text(), text()),
    ];
    for (first, second, expected) in cases {
        let known = known(&[("a", first.clone()), ("a", second.clone())]);
        assert_eq!(known.nodes[&path("a")], expected, "{first:?} {second:?}");
    }
    let executable = Node::File(File { oid: String::new(), is_executable: true, text: Text::Unread });
    let known = known(&[("a", executable), ("a", text())]);
    assert!(matches!(known.look(&path("a")), Look::File(File { is_executable: true, text: Text::Is(_), .. })));
}

#[test]
fn a_look_at_one_preview_asks_for_each_kind_that_no_names_tell() {
    let needs = [
        Need::Surroundings(path(".")),
        Need::Content(path("bivouac.yaml")),
        Need::Content(path("overlays/ephemeral/kustomization.yaml")),
        Need::Content(path("overlays/ephemeral")),
        Need::Content(path("deep/down/below/x")),
    ];
    assert_eq!(
        missing(&Known::default(), &needs[..3]),
        [". Surroundings", "bivouac.yaml Content", "overlays/ephemeral/kustomization.yaml Content+"]
    );
    assert_eq!(
        missing(&Known::default(), &needs),
        [
            ". Surroundings",
            "bivouac.yaml Content",
            "deep/down/below/x Content+",
            "overlays/ephemeral Content",
            "overlays/ephemeral/kustomization.yaml Content",
        ]
    );
}

#[test]
fn only_what_is_not_at_hand_is_asked_for() {
    use EntryKind::{Directory, File};
    let nodes = [
        ("a", directory(&[("f", File), ("d", Directory)])),
        ("a/f", file(Text::Unread)),
        ("a/d", Node::Directory(None)),
        ("g", text()),
    ];
    let mut known = known(&nodes);
    let content = |at| Need::Content(path(at));
    assert!(missing(&known, &[content("g"), content("g/x"), content("a/none")]).is_empty());
    assert_eq!(
        missing(&known, &[content("a"), content("a/f"), content("b")]),
        ["a Content", "a/f Content", "b Content+"]
    );
    assert_eq!(missing(&known, &[Need::Surroundings(path("a"))]), ["a Surroundings"]);
    known.learn(&path("a/f"), text());
    assert!(missing(&known, &[content("a")]).is_empty());
    assert_eq!(missing(&known, &[Need::Whole(path("a"))]), ["a/d Content"]);
    assert_eq!(asked(known.missing_names(&path("a"))), ["a/d Names"]);
    known.learn(&path("a/d"), directory(&[]));
    assert!(missing(&known, &[Need::Surroundings(path("a")), Need::Whole(path("a"))]).is_empty());
}

#[test]
fn what_was_asked_for_in_vain_is_settled_by_what_is_above_it() {
    let mut known = known(&[("a/b/c", Node::Absent)]);
    let needs = [Need::Content(path("a/b/c"))];
    assert_eq!(missing(&known, &needs), ["a Kind+", "a/b Kind+"]);
    known.learn(&path("a"), Node::Symlink);
    assert!(missing(&known, &needs).is_empty());
    assert_eq!(seen(&known, "a/b/c"), "a symbolic link at a");
}

#[test]
fn a_directory_goes_with_everything_in_it() {
    use EntryKind::{Directory, File, Submodule, Symlink};
    let nodes = [
        ("a", directory(&[("f", File), ("l", Symlink), ("d", Directory), ("e", Directory)])),
        ("a/f", file(Text::Unread)),
        ("a/l", Node::Symlink),
        ("a/d", directory(&[("m", Submodule)])),
        ("a/e", directory(&[])),
    ];
    let mut known = known(&nodes);
    assert_eq!(known.files_below(&path("a")), Ok(["a/f", "a/l", "a/d/m"].map(path).to_vec()));
    assert_eq!(known.files_below(&path("b")), Ok(vec![]));
    known.learn(&path("a/e"), Node::Directory(Some(Listing { names: vec![], has_nameless: true })));
    assert_eq!(known.files_below(&path("a")), Err(path("a/e")));
}
