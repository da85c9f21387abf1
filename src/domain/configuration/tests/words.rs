//! Refusals that the YAML library words by itself are put into the words of whoever writes `bivouac.yaml`.

use super::{but, refusal, with};

/// Words of parsers and of Rust, which nobody who writes YAML needs to know.
const FOREIGN: [&str; 15] = [
    "u32",
    "u64",
    "i64",
    "f64",
    "bool ",
    "scalar",
    "mapping start",
    "sequence start",
    "unit value",
    "invalid type",
    "variant",
    "struct",
    "enum",
    "end of file",
    "unknown value",
];

/// Fails unless `text` is refused at that place, in plain words, among them all of `needed`; `|` is between two of which
/// one is enough.
fn plainly(text: &str, line: usize, column: usize, needed: &[&str]) {
    let place = format!("`bivouac.yaml` line {line}, column {column}: ");
    let message = refusal(text);
    assert!(message.starts_with(&place), "not at line {line}, column {column}: {message}\n{text}");
    in_plain_words(text, needed);
}

fn in_plain_words(text: &str, needed: &[&str]) {
    let message = refusal(text);
    for word in FOREIGN {
        assert!(!message.contains(word), "`{word}` is no word for users: {message}\n{text}");
    }
    for word in needed {
        assert!(word.split('|').any(|word| message.contains(word)), "it does not say `{word}`: {message}\n{text}");
    }
}

#[test]
fn a_number_that_is_none_is_refused_with_what_would_be_right() {
    for number in ["many", "-1", "1.5", "5000000000"] {
        plainly(&with(&format!("preview: {{limit: {number}}}\n")), 7, 18, &["number", number]);
    }
}

#[test]
fn a_version_that_is_none_is_refused_with_the_one_that_there_is() {
    for version in ["-1", "1.5", "one", "[1]", "{major: 1}"] {
        plainly(&but("version: 1", &format!("version: {version}")), 1, 10, &["version 1"]);
    }
}

#[test]
fn a_quoted_version_is_refused_as_the_schema_has_it() {
    plainly(&but("version: 1", "version: \"1\""), 1, 10, &["version 1"]);
}

#[test]
fn a_switch_that_is_neither_true_nor_false_is_refused() {
    for switch in ["maybe", "1", "[]"] {
        plainly(&with(&format!("preview: {{drafts: {switch}}}\n")), 7, 19, &["true", "false"]);
    }
}

#[test]
fn a_quoted_switch_is_refused_as_the_schema_has_it() {
    plainly(&with("preview: {drafts: \"true\"}\n"), 7, 19, &["true", "false"]);
}

#[test]
fn a_number_or_a_switch_in_place_of_a_text_is_refused_as_the_schema_has_it() {
    for other in ["7", "true", "1.5"] {
        plainly(&but("application: wildside", &format!("application: {other}")), 2, 14, &["text|string|quote"]);
    }
    plainly(&with("preview: {provided: [7]}\n"), 7, 22, &["text|string|quote"]);
}

#[test]
fn a_list_or_a_map_in_place_of_a_text_is_refused() {
    for other in ["[wildside]", "{name: wildside}"] {
        plainly(&but("application: wildside", &format!("application: {other}")), 2, 14, &["text|string"]);
    }
}

#[test]
fn nothing_in_place_of_a_text_is_refused() {
    let message = refusal(&but("application: wildside", "application:"));
    assert!(message.starts_with("`bivouac.yaml` line 2, column "), "{message}");
    assert!(!message.contains("null"), "`null` is not in the file: {message}");
}

#[test]
fn nothing_in_a_list_of_texts_is_refused() {
    plainly(&with("preview: {provided: [registry, ~]}\n"), 7, 32, &["nothing"]);
    plainly(&with("preview:\n  labels:\n    keep:\n      - a\n      -\n"), 11, 8, &["nothing"]);
}

#[test]
fn a_text_in_place_of_a_list_is_refused() {
    plainly(&with("preview: {provided: registry}\n"), 7, 21, &["list"]);
    plainly(&with("preview: {components: {a: b}}\n"), 7, 23, &["list"]);
    plainly(&with("secrets: {a: b}\n"), 7, 10, &["list"]);
    plainly(&with("secrets: [a]\n"), 7, 11, &["map"]);
}

#[test]
fn a_text_or_a_list_in_place_of_a_map_is_refused() {
    plainly(&with("preview: [name]\n"), 7, 10, &["map"]);
    plainly(&with("preview: none\n"), 7, 10, &["map"]);
    plainly(&with("preview: {labels: [no]}\n"), 7, 19, &["map"]);
    plainly(&with("ingress: ingress.hostname\n"), 7, 10, &["map"]);
    plainly(&with("values: [a]\n"), 7, 9, &["map"]);
    let image = "{repository: ghcr.io/acme/wildside-backend, values: backend.image}";
    plainly(&but(image, "ghcr.io/acme/wildside-backend"), 6, 12, &["map"]);
    plainly(&but(&format!("backend: {image}"), &format!("- {image}")), 6, 3, &["map"]);
}

#[test]
fn a_place_for_the_host_that_is_neither_a_path_nor_a_list_is_refused() {
    in_plain_words(&with("ingress: {host: 7}\n"), &["line 7", "path", "list"]);
    in_plain_words(&with("ingress: {host: {a: b}}\n"), &["line 7", "path", "list"]);
}

#[test]
fn a_word_that_is_none_of_the_choices_is_refused_with_the_choices() {
    plainly(&with("preview: {forks: allowed}\n"), 7, 18, &["`allowed`", "refused", "approved"]);
    plainly(&with("delivery: mail\n"), 7, 11, &["`mail`", "roster"]);
}

#[test]
fn a_key_that_is_missing_is_named_and_no_other_key_is_blamed() {
    for line in ["version: 1\n", "application: wildside\n", "repository: acme/wildside\n"] {
        let key = line.split(':').next().unwrap();
        plainly(&but(line, ""), 1, 1, &[&format!("`{key}`"), "missing"]);
    }
    plainly("version: 1\n", 1, 1, &["`application`", "missing"]);
}

#[test]
fn a_section_without_content_is_one_that_was_left_out() {
    for empty in ["preview:\n", "values:\n", "ingress:\n", "ingress:\n  host:\n", "secrets:\n", "preview:\n  labels:\n"]
    {
        let text = with(empty);
        assert!(super::parse(&text).is_ok(), "{empty:?}: {}", refusal(&text));
    }
}

#[test]
fn a_list_of_images_without_content_is_refused_like_an_empty_one() {
    let image = "images:\n  backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}\n";
    let message = refusal(&but(image, "images:\n"));
    assert!(message.starts_with("`bivouac.yaml` line 5, column "), "{message}");
    assert!(message.contains("at least one image"), "{message}");
}

#[test]
fn a_file_without_content_is_refused_with_what_belongs_into_it() {
    for text in ["", "\n", "# nothing yet\n", "---\n", "null\n"] {
        in_plain_words(text, &["empty"]);
    }
}

#[test]
fn a_file_that_is_no_map_is_refused() {
    for text in ["- a\n- b\n", "hello\n", "7\n"] {
        plainly(text, 1, 1, &["map"]);
    }
}

#[test]
fn a_second_document_is_refused() {
    let text = with("---\nversion: 1\n");
    plainly(&text, 8, 1, &["document"]);
}
