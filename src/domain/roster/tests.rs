//! What edits of a roster do, case by case.

mod properties;

use std::fmt::Write as _;
use std::time::Instant;

use super::{Place, Roster, RosterError};

fn roster(text: &str) -> Roster {
    Roster::parse(text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

/// Adds `pr-9`, expects `after`, removes it and expects the text of before.
fn there_and_back(before: &str, after: &str) {
    let added = roster(before).with("pr-9").unwrap_or_else(|error| panic!("{error}: {before:?}"));
    assert_eq!(added.text(), after, "with, from {before:?}");
    let removed = added.without("pr-9").unwrap_or_else(|error| panic!("{error}: {after:?}"));
    assert_eq!(removed.text(), before, "without, from {after:?}");
}

fn removal(before: &str, directory: &str, after: &str) {
    let removed = roster(before).without(directory).unwrap_or_else(|error| panic!("{error}: {before:?}"));
    assert_eq!(removed.text(), after, "from {before:?}");
}

fn refusal(text: &str) -> RosterError {
    Roster::parse(text).expect_err(text)
}

#[test]
fn the_empty_roster_reads_back_and_takes_entries() {
    let empty = Roster::empty();
    assert_eq!(roster(empty.text()), empty);
    let text = empty.text().replace("resources: []", "resources:\n  - \"pr-9\"");
    there_and_back(empty.text(), &text);
}

#[test]
fn rosters_as_people_write_them_take_entries_and_give_them_back() {
    let header = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
    for list in [
        "resources: [] # filled by the pipeline\n",
        "resources:\n# keep sorted\n- ../base\n- pr-12\n- pr-7\n",
        "\nresources:\n  - ./pr-12/ # Ada, until Friday\n  # - ./pr-13/\n  - ./pr-14/\n",
        "resources:\n    - namespace.yaml\n    - pr-12\n\n\nlabels:\n    - pairs:\n        tier: preview\n",
        "namespace: previews\nresources: [\"pr-12\", \"pr-14\"]\ncommonAnnotations: {owner: web}\n",
        "resources: [\n  # Ada\n  pr-12,\n  # Grace\n  pr-14,\n]\n",
        "resources:\n  # shared\n  - ../common\n\n  # previews\n  - pr-12\n\npatches:\n  - path: quota.yaml\n    target:\n      kind: Namespace\n",
        "resources:\n- https://github.com/acme/base//previews?ref=v1.2.3\n- pr-12 \n#- pr-13\nimages:\n- name: web\n  newTag: \"12\"",
        "patches:\n- patch: |\n    - op: add\n      path: /resources\n      value: []\n  target: {kind: Deployment}\nresources:\n- pr-12\n",
        "resources: # yaml-language-server: disable\n  - 'pr-12'\n  - \"pr-14\"\n...\n",
    ] {
        for text in
            [format!("{header}{list}"), format!("---\n{list}"), format!("# Vorschau für alle\n{header}\n{list}")]
        {
            for text in [text.replace('\n', "\r\n"), text] {
                let added = roster(&text).with("pr-9").unwrap();
                assert_eq!(added.entries().last(), Some("pr-9"), "{text:?}");
                let grown = added.text().lines().count() - text.lines().count();
                assert_eq!(grown, usize::from(!text.contains("[\"pr-12")), "{text:?}");
                assert_eq!(added.without("pr-9").unwrap().text(), text);
            }
        }
    }
}

#[test]
fn a_block_list_grows_in_its_own_style() {
    there_and_back("resources:\n  - pr-1\n", "resources:\n  - pr-1\n  - \"pr-9\"\n");
    there_and_back("resources:\n- pr-1\nkind: K\n", "resources:\n- pr-1\n- \"pr-9\"\nkind: K\n");
    there_and_back("resources:\r\n- a\r\nkind: K\n", "resources:\r\n- a\r\n- \"pr-9\"\r\nkind: K\n");
    there_and_back("resources:\r- a\r", "resources:\r- a\r- \"pr-9\"\r");
    there_and_back("resources:\n    - a", "resources:\n    - a\n    - \"pr-9\"");
    there_and_back("resources:\r\n- a", "resources:\r\n- a\r\n- \"pr-9\"");
    there_and_back("resources:\n- a\n...\n", "resources:\n- a\n- \"pr-9\"\n...\n");
    there_and_back(" resources:\n - a\n kind: K\n", " resources:\n - a\n - \"pr-9\"\n kind: K\n");
    there_and_back("? resources\n: - a\n", "? resources\n: - a\n  - \"pr-9\"\n");
}

#[test]
fn comments_and_blank_lines_stay_where_they_are() {
    there_and_back(
        "\u{feff}# grün\t\n---\nresources: # für alle\n\n  # первый\n  - pr-1 \t # 一\n  # after\n\n# end\nkind: K # ü\n",
        "\u{feff}# grün\t\n---\nresources: # für alle\n\n  # первый\n  - pr-1 \t # 一\n  - \"pr-9\"\n  # after\n\n# end\nkind: K # ü\n",
    );
}

#[test]
fn an_ordinary_empty_list_becomes_a_block_list() {
    there_and_back("resources: []\n", "resources:\n  - \"pr-9\"\n");
    there_and_back("resources: []", "resources:\n  - \"pr-9\"");
    there_and_back("resources: [] # none\nkind: K\n", "resources: # none\n  - \"pr-9\"\nkind: K\n");
    there_and_back("\"resources\" : []  \r\n# x\r\n", "\"resources\" :  \r\n  - \"pr-9\"\r\n# x\r\n");
    there_and_back("resources: &none []\n", "resources: &none\n  - \"pr-9\"\n");
}

#[test]
fn another_empty_list_keeps_its_brackets() {
    there_and_back("resources:  []\n", "resources:  [\"pr-9\"]\n");
    there_and_back("resources: [ ]\n", "resources: [ \"pr-9\" ]\n");
    there_and_back("resources: [  ]\n", "resources: [ \"pr-9\"  ]\n");
    there_and_back("resources:\n  []\n", "resources:\n  [\"pr-9\"]\n");
    there_and_back("resources: [\n]\n", "resources: [\n  \"pr-9\"\n]\n");
    there_and_back("resources: [ # none\n  # yet\n]\n", "resources: [ # none\n  \"pr-9\"\n  # yet\n]\n");
    there_and_back("? resources\n: []\n", "? resources\n: [\"pr-9\"]\n");
    there_and_back("{\"resources\": []}", "{\"resources\": [\"pr-9\"]}");
}

#[test]
fn a_flow_list_on_one_line_stays_on_it() {
    there_and_back("resources: [a, 'b'] # c\n", "resources: [a, 'b', \"pr-9\"] # c\n");
    there_and_back("resources: [ a , b ]\n", "resources: [ a , b, \"pr-9\" ]\n");
    there_and_back("resources: [a, b , ]\n", "resources: [a, b, \"pr-9\" , ]\n");
    there_and_back("{resources: [a], kind: K}", "{resources: [a, \"pr-9\"], kind: K}");
}

#[test]
fn a_flow_list_on_several_lines_gets_one_more() {
    there_and_back("resources: [\n  a, # 1\n  b # 2\n]\n", "resources: [\n  a, # 1\n  b, # 2\n  \"pr-9\"\n]\n");
    there_and_back("resources: [\r\n    a,\r\n]\r\n", "resources: [\r\n    a,\r\n    \"pr-9\",\r\n]\r\n");
    there_and_back("resources: [a,\n  b]\n", "resources: [a,\n  b,\n  \"pr-9\"]\n");
    there_and_back("resources: [a, b\n]\n", "resources: [a, b,\n  \"pr-9\"\n]\n");
    there_and_back("resources: [ a\n  , b\n  ]\n", "resources: [ a\n  , b,\n  \"pr-9\"\n  ]\n");
    there_and_back("resources: [\n  a # 1\n  , # 2\n]\n", "resources: [\n  a, \"pr-9\" # 1\n  , # 2\n]\n");
    there_and_back("resources: [a, \"b\n  c\"]\n", "resources: [a, \"b\n  c\",\n  \"pr-9\"]\n");
}

#[test]
fn entries_of_several_lines_stay_whole() {
    there_and_back("resources:\n  - \"a\\\n    b\"\n", "resources:\n  - \"a\\\n    b\"\n  - \"pr-9\"\n");
    there_and_back("resources:\n  - |-\n    a\n\nkind: K\n", "resources:\n  - |-\n    a\n\n  - \"pr-9\"\nkind: K\n");
    there_and_back("resources:\n- >+\n  a\n\n\n# x\n", "resources:\n- >+\n  a\n\n\n- \"pr-9\"\n# x\n");
    there_and_back("resources:\n- |-\n  a", "resources:\n- |-\n  a\n- \"pr-9\"");
    there_and_back("resources:\n-\n  # b\n  b\n", "resources:\n-\n  # b\n  b\n- \"pr-9\"\n");
    removal("resources:\n  - |-\n    a\n\n  - b\n", "a", "resources:\n\n  - b\n");
    removal("resources:\n-\n  # b\n  b\n- c", "b", "resources:\n- c");
}

#[test]
fn a_missing_or_null_list_begins_and_then_stays_empty() {
    for (before, with, without) in [
        ("", "resources:\n  - \"pr-9\"\n", "resources: []\n"),
        ("# x", "# x\nresources:\n  - \"pr-9\"\n", "# x\nresources: []\n"),
        ("\u{feff}", "\u{feff}resources:\n  - \"pr-9\"\n", "\u{feff}resources: []\n"),
        ("---", "---\nresources:\n  - \"pr-9\"\n", "---\nresources: []\n"),
        ("---\r\n...\r\n", "---\r\nresources:\r\n  - \"pr-9\"\r\n...\r\n", "---\r\nresources: []\r\n...\r\n"),
        ("kind: K", "kind: K\nresources:\n  - \"pr-9\"\n", "kind: K\nresources: []\n"),
        (" kind: K\n# x\n", " kind: K\n# x\n resources:\n   - \"pr-9\"\n", " kind: K\n# x\n resources: []\n"),
        ("a: |+\n  x\n\n", "a: |+\n  x\n\nresources:\n  - \"pr-9\"\n", "a: |+\n  x\n\nresources: []\n"),
        ("resources: # x\nkind: K\n", "resources: # x\n  - \"pr-9\"\nkind: K\n", "resources: [] # x\nkind: K\n"),
        ("resources: ~ # x\n", "resources: # x\n  - \"pr-9\"\n", "resources: [] # x\n"),
        ("resources:   null", "resources:   [\"pr-9\"]", "resources:   []"),
        ("resources: &x\n", "resources: &x\n  - \"pr-9\"\n", "resources: &x []\n"),
        ("{resources: , kind: K}", "{resources: [\"pr-9\"] , kind: K}", "{resources: [] , kind: K}"),
    ] {
        let added = roster(before).with("pr-9").unwrap();
        assert_eq!(added.text(), with);
        assert_eq!(added.without("pr-9").unwrap().text(), without);
        assert_eq!(roster(before).without("pr-9").unwrap().text(), before);
    }
}

#[test]
fn the_last_removal_leaves_an_empty_list() {
    removal(
        "resources:\n  # all\n  - pr-1 # mine\n  # end\nkind: K\n",
        "pr-1",
        "resources: []\n  # all\n  # end\nkind: K\n",
    );
    removal("resources: # all\n- pr-1", "pr-1", "resources: [] # all");
    removal("resources: !!seq # all\n- pr-1\n", "pr-1", "resources: !!seq [] # all\n");
    removal("resources: [pr-1]\n", "pr-1", "resources: []\n");
    removal("resources: [ pr-1, ]\n", "pr-1", "resources: [ ]\n");
}

#[test]
fn an_entry_goes_with_its_line_and_its_comma() {
    removal("resources:\n  - a # x\n  # of b\n  - b\n", "a", "resources:\n  # of b\n  - b\n");
    removal("resources: [a, b, c]\n", "a", "resources: [b, c]\n");
    removal("resources: [a, b, c]\n", "b", "resources: [a, c]\n");
    removal("resources: [a, b, c]\n", "c", "resources: [a, b]\n");
    removal("resources: [\n  a, # 1\n  b # 2\n]\n", "b", "resources: [\n  a # 1\n]\n");
    removal("resources: [\n  a, # 1\n  b # 2\n]\n", "a", "resources: [\n  b # 2\n]\n");
    removal("resources: [a, # 1\n  b]\n", "a", "resources: [ # 1\n  b]\n");
    removal("resources: [a, # 1\n  b]\n", "b", "resources: [a # 1\n  ]\n");
    removal("resources: [\n  a\n  , b\n  , c\n]\n", "a", "resources: [\n   b\n  , c\n]\n");
    removal("resources: [\n  a\n  , b\n  , c\n]\n", "b", "resources: [\n  a\n  , c\n]\n");
}

#[test]
fn every_spelling_of_a_directory_is_the_same_entry() {
    let text =
        "resources:\n- pr-1\n- ./pr-1\n- 'pr-1/'\n- \"./pr-1/\"\n- .//pr-1/.\n- pr-10\n- a/pr-1\n- /pr-1\n- ../pr-1\n";
    assert!(roster(text).contains("pr-1"));
    assert_eq!(roster(text).with("pr-1").unwrap().text(), text);
    removal(text, "pr-1", "resources:\n- pr-10\n- a/pr-1\n- /pr-1\n- ../pr-1\n");
    removal("resources: [pr-1, ./pr-1, pr-1/, a, pr-1, ./pr-1]", "pr-1", "resources: [a]");
    assert!(!roster("resources: [pr-10, a/pr-1, /pr-1, ../pr-1]").contains("pr-1"));
}

#[test]
fn the_directories_beside_the_roster_are_known_in_any_spelling() {
    let directories =
        |entries: &str| roster(&format!("resources: [{entries}]")).directories().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        directories("pr-1, ./pr-2, pr-3/, ./pr-4/, .//pr-5/., 'pr-1'"),
        ["pr-1", "pr-2", "pr-3", "pr-4", "pr-5", "pr-1"]
    );
    assert_eq!(directories("/pr-1, a/b, ./a/b/, ../common, a/../pr-2, \"\", ., ./, https://example.com/x"), [""; 0]);
    assert_eq!(directories("namespace.yaml, .., pr-1"), ["namespace.yaml", "..", "pr-1"]);
}

#[test]
fn an_entry_that_is_not_there_changes_nothing_when_it_goes() {
    for text in ["", "kind: K", "resources: ~", "resources: [ ]", "resources:\r\n- a", "{}"] {
        removal(text, "pr-9", text);
    }
}

#[test]
fn values_are_decoded_and_aliases_resolved() {
    let text = "metadata: {name: &name pr-1}\nresources: [*name, 'it''s', \"\\u00fc\", !!str 12, ! x, &own b, *own]\n";
    assert_eq!(roster(text).entries().collect::<Vec<_>>(), ["pr-1", "it's", "ü", "12", "x", "b", "b"]);
    removal(text, "pr-1", &text.replace("[*name, ", "["));
    // The alias goes before its anchor.
    removal(text, "b", &text.replace(", &own b, *own", ""));
}

#[test]
fn an_edit_that_would_change_something_else_is_refused() {
    let used = roster("resources:\n- &a pr-1\n- b\nnamePrefix: *a\n");
    let error = used.without("pr-1").unwrap_err();
    assert_eq!(error.place(), Place { line: 2, column: 6 });
    assert!(error.to_string().starts_with("the entry `pr-1` cannot be edited at line 2, column 6 without"), "{error}");
    // The alias would silently be another value.
    let shadowed = roster("namespace: &a x\nresources: [&a pr-1, b]\nnamePrefix: *a\n");
    assert!(matches!(shadowed.without("pr-1"), Err(RosterError::NotEditable { .. })));
    // The line end would become a part of the value.
    for text in ["resources:\n- |+\n  a", "resources:\n- |\n  a"] {
        assert!(matches!(roster(text).with("pr-9"), Err(RosterError::NotEditable { .. })), "{text:?}");
    }
    // The comment would become one.
    let text = "resources:\n- |-\n  a\n- pr-1\n    # x\n";
    assert!(matches!(roster(text).without("pr-1"), Err(RosterError::NotEditable { .. })));
    assert!(matches!(roster("? resources\n: - a\n  - b\n").without("a"), Err(RosterError::NotEditable { .. })));
    let error = roster("# x\n{kind: K}").with("a").unwrap_err();
    assert!(matches!(error, RosterError::InBraces { .. }));
    assert_eq!(error.place(), Place { line: 2, column: 1 });
}

#[test]
fn anchors_elsewhere_may_shift() {
    let text = "resources:\n- &a pr-1\n- b\nnamePrefix: &p x\nnameSuffix: *p\n";
    removal(text, "pr-1", &text.replace("- &a pr-1\n", ""));
}

#[test]
fn what_cannot_be_edited_is_refused_with_its_place() {
    use RosterError as E;
    let place = |line, column| Place { line, column };
    for (text, is_expected, at) in [
        ("a: [", (|e| matches!(e, E::NotYaml { .. })) as fn(&E) -> bool, place(1, 4)),
        ("ü: x\n b: y\n", |e| matches!(e, E::NotYaml { .. }), place(2, 3)),
        ("a: b\n---\n", |e| matches!(e, E::SeveralDocuments { .. }), place(2, 1)),
        ("# x\n- a\n", |e| matches!(e, E::NotAMapping { .. }), place(2, 1)),
        ("\u{feff}null\n", |e| matches!(e, E::NotAMapping { .. }), place(1, 1)),
        ("resources: a\n", |e| matches!(e, E::NotAList { .. }), place(1, 12)),
        ("\u{feff}resources: {}\n", |e| matches!(e, E::NotAList { .. }), place(1, 12)),
        ("resources: ''\n", |e| matches!(e, E::NotAList { .. }), place(1, 12)),
        ("resources: !!null\n", |e| matches!(e, E::NotAList { .. }), place(1, 18)),
        ("{resources}\n", |e| matches!(e, E::NotAList { .. }), place(1, 11)),
        ("resources: [ü, 12]\n", |e| matches!(e, E::NotAString { .. }), place(1, 16)),
        ("resources:\n- a\n- [b]\n", |e| matches!(e, E::NotAString { .. }), place(3, 3)),
        ("resources:\n- a: b\n", |e| matches!(e, E::NotAString { .. }), place(2, 3)),
        ("resources:\n- &a x\n-\n", |e| matches!(e, E::NotAString { .. }), place(3, 2)),
        ("a: &a [x]\nresources: [*a]\n", |e| matches!(e, E::NotAString { .. }), place(2, 13)),
        ("resources: []\nkind: K\nresources: []\n", |e| matches!(e, E::Repeated { .. }), place(3, 1)),
        ("kind: K\nResources: []\n", |e| matches!(e, E::Misspelt { .. }), place(2, 1)),
        ("<<: {resources: [a]}\n", |e| matches!(e, E::Merged { .. }), place(1, 1)),
        ("a: &a [x]\nresources: *a\n", |e| matches!(e, E::Aliased { .. }), place(2, 12)),
        ("resources: &a [x]\nb: *a\n", |e| matches!(e, E::Shared { .. }), place(1, 15)),
    ] {
        let error = refusal(text);
        assert!(is_expected(&error), "{error:?}: {text:?}");
        assert_eq!(error.place(), at, "{error}: {text:?}");
        let message = error.to_string();
        assert!(message.contains(&format!("at {at}")) && !message.ends_with('.'), "{message}");
    }
}

#[test]
fn only_what_kustomize_reads_as_a_string_is_one() {
    for word in [
        "", "~", "null", "Yes", "off", "y", "12", "-1", "1_000", "0x1F", "0o7", "0b1", "1.5", ".5", "1e3", "-.inf",
        ".NaN", "!!int 1", "!!bool x", "!!null x",
    ] {
        assert!(matches!(refusal(&format!("resources:\n- {word}\n")), RosterError::NotAString { .. }), "{word}");
    }
    for word in [
        "yesterday",
        "1a",
        "1-2",
        "2001-01-01",
        "1.2.3",
        "0xg",
        "0x",
        "e5",
        ".",
        "_1",
        "inf",
        "nan",
        "!x 1",
        "'1'",
        "1e",
        "-",
    ] {
        let text = if word == "-" { "resources:\n- '-'\n".to_owned() } else { format!("resources:\n- {word}\n") };
        assert_eq!(roster(&text).entries().count(), 1, "{word}");
    }
}

#[test]
fn hundreds_of_comments_in_a_row_are_no_trouble() {
    let comments = "  # paused\n".repeat(500);
    there_and_back(
        &format!("resources:\n{comments}  - a\n{comments}"),
        &format!("resources:\n{comments}  - a\n  - \"pr-9\"\n{comments}"),
    );
}

#[test]
fn many_entries_go_with_their_lines_and_their_comments() {
    let all = |before: &str, directories: &[&str], after: &str| {
        assert_eq!(roster(before).without_all(directories).unwrap().text(), after, "{before:?} {directories:?}");
    };
    let text = "resources:\n# first\n- a # 1\n- ./b/\n\n# of c\n- 'c'\n- /d\n- e/f\nkind: K\n";
    all(text, &[], text);
    all(text, &["x", "d", "f"], text);
    all(text, &["c", "a"], "resources:\n# first\n- ./b/\n\n# of c\n- /d\n- e/f\nkind: K\n");
    all(text, &["e/f", "b", "b", "x"], "resources:\n# first\n- a # 1\n\n# of c\n- 'c'\n- /d\nkind: K\n");
    all("resources:\n- a\n- b\n", &["b", "a"], "resources: []\n");
    all("resources:\r\n- a\r\n\r\n- b\r\n- c", &["b", "c"], "resources:\r\n- a\r\n");
    all("resources: [a, b, c]", &["c", "a"], "resources: [b]");
    all("resources:\n- |-\n  a\n\n- b\n- c\n", &["a", "b"], "resources:\n\n- c\n");
    all("resources:\n- &x a\n- *x\n- b\n", &["a"], "resources:\n- b\n");
    all("", &["a"], "");
    let used = roster("resources:\n- &x a\n- b\nnamePrefix: *x\n").without_all(&["b", "a"]).unwrap_err();
    assert_eq!(used.place(), Place { line: 2, column: 6 });
}

#[test]
fn sixty_thousand_entries_take_no_noticeable_time() {
    let mut block = String::from("resources:\n");
    let mut flow = String::from("resources: [start");
    for number in 0..60_000 {
        writeln!(block, "  - \"pr-{number}\" # ü").unwrap();
        write!(flow, ", \"pr-{number}\"").unwrap();
    }
    flow.push(']');
    for text in [&block, &flow] {
        let before = roster(text);
        let started = Instant::now();
        let after = before.with("pr-new").and_then(|added| added.without("pr-new")).unwrap();
        // Some 0.4 s in a debug build; anything quadratic takes minutes.
        assert!(started.elapsed().as_secs() < 60);
        assert!(after == before && before.without("pr-5000").is_ok());
    }
    let before = roster(&block);
    let names: Vec<_> = before.entries().skip(1).step_by(2).collect();
    let started = Instant::now();
    let left = before.without_all(&names).unwrap();
    assert!(started.elapsed().as_secs() < 60);
    assert_eq!(left.entries().count(), 30_000);
}
