//! What makes two policies the same, and what does not.

use proptest::prelude::*;

use super::*;

const READER: &str = "path \"secret/data/*\" {\n  capabilities = [\"read\", \"list\"]\n}\n";

#[test]
fn what_is_written_otherwise_is_the_same() {
    for other in [
        "# a comment\npath \"secret/data/*\" { capabilities = [\"list\", \"read\"] }",
        "// another\npath \"/secret/data/*\" {\n/* and one */ capabilities = [\n\"read\",\n\"list\",\n\"read\",\n]\n}",
        "path \"secret/data/*\" { policy = \"read\" }",
        "path \"secret/data/*\" { capabilities = [\"read\"] }\npath \"secret/data/*\" { capabilities = [\"list\"] }",
        "{\"path\": {\"secret/data/*\": {\"capabilities\": [\"list\", \"read\"]}}}",
        "name = \"x\"\npath \"secret/data/*\" { policy = \"read\" }",
    ] {
        assert!(same(READER, other) && same(other, READER), "{other}");
        assert_eq!(difference(other, READER), "", "{other}");
    }
}

#[test]
fn what_allows_something_else_is_not_the_same() {
    let with = |inside: &str| format!("path \"a\" {{\n{inside}\n}}\n");
    let plain = "capabilities = [\"update\"]";
    for (one, other) in [
        (with(plain), with("capabilities = [\"update\", \"sudo\"]")),
        (with(plain), with("capabilities = [\"update\"]\nmin_wrapping_ttl = \"1s\"")),
        (with(plain), with("capabilities = [\"update\"]\nallowed_parameters = {\n\"a\" = []\n}")),
        (with(plain), with("capabilities = [\"update\"]\nrequired_parameters = [\"a\"]")),
        (with(plain), with("capabilities = [\"deny\", \"update\"]")),
        (with(plain), String::new()),
        (with(plain), with(plain).replace("\"a\"", "\"A\"")),
    ] {
        assert!(!same(&one, &other), "{one}\n{other}");
        assert!(!difference(&one, &other).is_empty());
    }
}

#[test]
fn conditions_are_compared_by_what_they_mean() {
    let with = |inside: &str| format!("path \"a\" {{\ncapabilities = [\"update\"]\n{inside}\n}}\n");
    for (one, other) in [
        ("min_wrapping_ttl = \"90s\"", "min_wrapping_ttl = 90"),
        ("max_wrapping_ttl = \"1h\"", "max_wrapping_ttl = \"60m\""),
        ("allowed_parameters = { \"B\" = [1, \"x\"], a = [] }", "allowed_parameters {\na = []\nb = [\"x\", 1]\n}"),
        ("required_parameters = [\"b\", \"a\"]", "required_parameters = [\"a\", \"b\"]"),
    ] {
        assert!(same(&with(one), &with(other)), "{one} {other}: {}", difference(&with(one), &with(other)));
    }
    assert!(same(
        "path \"a\" { capabilities = [\"deny\", \"read\"] }",
        "path \"a\" { capabilities = [\"sudo\"] }\npath \"a\" { policy = \"deny\" }"
    ));
}

#[test]
fn what_is_different_is_shown_line_by_line() {
    let wanted = "path \"secret/data/*\" { capabilities = [\"read\"] }\npath \"b\" { capabilities = [\"update\"] }";
    insta::assert_snapshot!(difference(READER, wanted), @r#"
    +path "b" {
    +  capabilities = ["update"]
    +}
     path "secret/data/*" {
    -  capabilities = ["list", "read"]
    +  capabilities = ["read"]
     }
    "#);
}

#[test]
fn what_can_not_be_read_is_compared_as_it_is() {
    let odd = "path \"a\" { capabilities = [\"read\"] policy = \"write\" }";
    assert!(check(odd).is_err());
    assert!(same(odd, &format!("{odd}\n")) && !same(odd, READER));
    assert!(difference(odd, READER).starts_with('-'));
}

#[test]
fn what_is_no_policy_is_refused_where_it_stands() {
    for (text, line, column, words) in [
        ("path \"a\" {", 1, 11, "not HCL"),
        ("# x\npaht \"a\" {}\n", 2, 1, "no `paht`"),
        ("path \"a\" {\n  capability = [\"read\"]\n}\n", 1, 1, "no `capability`"),
        ("\npath \"a\" {\n  capabilities = [\"write\"]\n}\n", 2, 1, "`write` is not a capability"),
        ("path \"a\" {\n  capabilities = \"read\"\n}\n", 1, 1, "not a list"),
        ("path \"a\" {\n  capabilities = [foo]\n}\n", 2, 3, "not a plain value"),
        ("path {\n}\n", 1, 1, "one name"),
        ("secret = 1\n", 1, 1, "no `secret`"),
        ("{\"path\": 1}", 1, 1, "not a map"),
        ("{\"path\":\n {\"a\"}}", 2, 6, "not JSON"),
        ("path \"a\" { policy = \"all\" }", 1, 1, "none of"),
        ("path \"a/+*\" { policy = \"read\" }", 1, 1, "refuses"),
        ("path \"a\" { min_wrapping_ttl = 1 }\npath \"a\" { policy = \"read\" }", 2, 1, "twice"),
    ] {
        let error = check(text).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
        assert!(error.message.contains(words), "{text}: {error}");
    }
    assert_eq!(check(""), Ok(()));
}

fn any_rule() -> impl Strategy<Value = (String, Vec<&'static str>)> {
    let words = prop::sample::subsequence(vec!["create", "read", "update", "delete", "list", "sudo", "deny"], 0..5);
    ("[a-z]{1,3}(/[a-z+]{1,2}){0,2}", words.prop_shuffle())
}

fn written((path, words): &(String, Vec<&'static str>), comment: &str) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("# {comment}\npath \"{path}\" {{\n  capabilities = [{}] # {comment}\n}}\n", words.join(",\n"))
}

proptest! {
    #[test]
    fn neither_order_nor_comments_matter(
        rules in prop::collection::vec(any_rule(), 0..6),
        comment in "[ -~]{0,12}",
    ) {
        let one: String = rules.iter().map(|rule| written(rule, "")).collect();
        let other: String = rules.iter().rev().map(|rule| written(rule, &comment)).collect();
        prop_assert!(same(&one, &other), "{}", difference(&one, &other));
        prop_assert_eq!(difference(&one, &other), "");
        let normal = super::read(&one).unwrap().to_string();
        prop_assert!(same(&one, &normal));
    }

    #[test]
    fn two_policies_are_the_same_exactly_when_nothing_differs(
        one in prop::collection::vec(any_rule(), 0..3),
        other in prop::collection::vec(any_rule(), 0..3),
    ) {
        let one: String = one.iter().map(|rule| written(rule, "")).collect();
        let other: String = other.iter().map(|rule| written(rule, "")).collect();
        prop_assert_eq!(same(&one, &other), difference(&one, &other).is_empty());
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,80}|[pathcbilesd \"{}\\[\\]=\n,]{0,80}") {
        let _ = check(&text);
        prop_assert!(same(&text, &text));
        prop_assert_eq!(difference(&text, &text), "");
    }
}
