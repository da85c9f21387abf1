use serde_json::json;

use super::super::known::Look;
use super::super::questions::Depth;
use super::*;

fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

fn ask(at: &str, with_kind: bool) -> Ask {
    Ask { path: path(at), depth: Depth::Content, with_kind }
}

fn entry(name: &[u8], mode: u32, of_type: &str, object: &Value) -> Value {
    let name_raw = STANDARD.encode(name);
    let name = String::from_utf8_lossy(name);
    json!({"name": name, "nameRaw": name_raw, "mode": mode, "type": of_type, "oid": "ab", "object": object})
}

fn blob_of(text: &str) -> Value {
    json!({"byteSize": text.len(), "isBinary": false, "isTruncated": false, "text": text})
}

fn text_at(known: &Known, at: &str) -> Option<Text> {
    match known.look(&path(at)) {
        Look::File(file) => Some(file.text.clone()),
        _ => None,
    }
}

#[test]
fn the_tip_is_the_name_of_its_branch_and_its_commit() {
    let told = json!({"first": {"name": "feature/x", "target": {"oid": "ab"}}, "last": null});
    assert_eq!(tip(&told, "first"), Some(Tip { branch: "feature/x".to_owned(), oid: "ab".to_owned() }));
    assert_eq!((tip(&told, "last"), tip(&told, "other")), (None, None));
}

#[test]
fn a_directory_is_read_with_the_texts_in_it() {
    let entries = [
        entry(b"f", 0o100_644, "blob", &blob_of("hello")),
        entry(b"x", 0o100_755, "blob", &blob_of("")),
        entry(b"l", 0o120_000, "blob", &blob_of("f")),
        entry(b"m", 0o160_000, "commit", &Value::Null),
        entry(b"d", 0o40_000, "tree", &json!({})),
        entry(b"e", 0o40_000, "tree", &json!({"entries": [entry(b"g", 0o100_644, "blob", &Value::Null)]})),
        entry(b"\xff", 0o100_644, "blob", &blob_of("z")),
    ];
    let mut told = json!({"o0": {"__typename": "Tree", "oid": "ab", "entries": entries}});
    let mut known = Known::default();
    learn(&mut known, &mut told, &[ask("a", false)]).unwrap();
    let Look::Directory(Some(listing)) = known.look(&path("a")) else { panic!() };
    let names: Vec<_> = listing.names.iter().map(|(name, kind)| format!("{name} is {}", kind.with_article())).collect();
    let expected = [
        "f is a file",
        "x is a file",
        "l is a symbolic link",
        "m is a submodule",
        "d is a directory",
        "e is a directory",
    ];
    assert_eq!((names, listing.has_nameless), (expected.map(str::to_owned).to_vec(), true));
    assert_eq!(text_at(&known, "a/f"), Some(Text::Is("hello".to_owned())));
    assert!(matches!(known.look(&path("a/x")), Look::File(file) if file.is_executable));
    assert_eq!(known.look(&path("a/l")), Look::InTheWay(path("a/l"), EntryKind::Symlink));
    assert_eq!((known.look(&path("a/d")), text_at(&known, "a/e/g")), (Look::Directory(None), Some(Text::Unread)));
}

#[test]
fn a_link_is_told_from_a_file_by_its_mode() {
    let mode = |mode: u32| json!({"mode": mode, "type": "blob", "oid": "ab"});
    let blob = || json!({"__typename": "Blob", "oid": "ab", "byteSize": 1, "isTruncated": false, "text": "x"});
    let asks = [ask("f", true), ask("l", true), ask("none", true), ask("untold", true)];
    for place in ["first", "commit"] {
        let kinds = json!({"f0": mode(0o100_644), "f1": mode(0o120_000), "f2": null, "f3": null});
        let kinds = if place == "first" { json!({"name": "main", "target": kinds}) } else { kinds };
        let mut told = json!({place: kinds, "o0": blob(), "o1": blob(), "o2": null, "o3": blob()});
        let mut known = Known::default();
        known.learn(&RepoPath::top(), Node::Directory(None));
        learn(&mut known, &mut told, &asks).unwrap();
        assert_eq!(text_at(&known, "f"), Some(Text::Is("x".to_owned())), "{place}");
        assert_eq!(known.look(&path("l")), Look::InTheWay(path("l"), EntryKind::Symlink), "{place}");
        assert_eq!((known.look(&path("none")), text_at(&known, "untold").is_some()), (Look::Absent, true), "{place}");
    }
}

#[test]
fn only_a_text_that_is_told_whole_counts() {
    let is = |text: &str| Text::Is(text.to_owned());
    let table = [
        (json!({"byteSize": 2, "isBinary": false, "isTruncated": false, "text": "ab"}), is("ab")),
        (json!({"byteSize": 0, "isBinary": null, "isTruncated": false, "text": ""}), is("")),
        (json!({"byteSize": 3, "isBinary": false, "isTruncated": false, "text": "€"}), is("€")),
        (json!({"byteSize": 9, "isBinary": true, "isTruncated": false, "text": null}), Text::Other),
        (json!({"byteSize": 9, "isBinary": false, "isTruncated": true, "text": "ab"}), Text::Withheld),
        (json!({"byteSize": 9, "isBinary": false, "isTruncated": false, "text": "ab"}), Text::Withheld),
        (json!({"byteSize": 2, "isBinary": null, "isTruncated": false, "text": null}), Text::Withheld),
        // One character for three bytes that are none: as long as they were.
        (json!({"byteSize": 3, "isBinary": false, "isTruncated": false, "text": "\u{fffd}"}), Text::Withheld),
    ];
    for (told, expected) in table {
        assert_eq!(Object::deserialize(&told).unwrap().text(), expected, "{told}");
    }
}

#[test]
fn a_blob_of_rest_is_decoded() {
    let content = |content: &str, encoding: &str| json!({"content": content, "encoding": encoding});
    assert_eq!(blob(&content("aGVs\nbG8=\n", "base64")), Ok(b"hello".to_vec()));
    assert_eq!(blob(&content("/w==", "base64")), Ok(vec![0xff]));
    assert_eq!(blob(&content("hello", "utf-8")), Ok(b"hello".to_vec()));
    assert!(blob(&content("!", "base64")).is_err() && blob(&content("", "none")).is_err() && blob(&json!({})).is_err());
}

#[test]
fn an_answer_that_makes_no_sense_is_refused() {
    for told in [json!({}), json!({"o0": {"__typename": "Tag"}}), json!({"o0": {}}), json!({"o0": 7})] {
        assert!(learn(&mut Known::default(), &mut told.clone(), &[ask("a", false)]).is_err(), "{told}");
    }
}
