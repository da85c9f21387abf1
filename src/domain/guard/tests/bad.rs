//! Texts that are made to break who reads them.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

#[test]
fn a_bomb_of_aliases_does_not_unfold() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..40 {
        let _ = writeln!(bomb, "a{at}: &a{at} [{}]", vec![format!("*a{}", at - 1); 10].join(", "));
    }
    assert_eq!(found(&bomb), []);
    assert_eq!(kinds(&format!("{bomb}password: q9Zrkk31aaXX\n")), [Kind::Random]);
}

#[test]
fn what_is_nested_deep_is_read_or_searched_as_it_is() {
    for depth in [100, 100_000] {
        let deep = format!("a: {}{CANARY}{}\n", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(kinds(&deep), [Kind::Known]);
        let deep = format!("{}{CANARY}\n", "- ".repeat(depth));
        assert_eq!(kinds(&deep), [Kind::Known]);
    }
    let deep = (0..2000).fold(String::new(), |text, at| text + &" ".repeat(at) + "a:\n");
    assert_eq!(kinds(&format!("{deep}{}password: q9Zrkk31aaXX\n", " ".repeat(2000))), [Kind::Random]);
}

#[test]
fn a_huge_value_is_searched_to_its_end() {
    let huge = format!("a: |\n  {}\n  {CANARY}\n", "lorem ipsum ".repeat(200_000));
    assert_eq!(kinds(&huge), [Kind::Known]);
    let packed = format!("a: {}{CANARY}\n", "QUFBQUFB".repeat(200_000));
    assert_eq!(kinds(&packed), [Kind::Known]);
}

#[test]
fn what_was_found_is_bounded_and_named_in_few_words() {
    let many: String = (0..5000).map(|at| format!("password{at}: q9Zrkk31aaXX\n")).collect::<Vec<_>>().concat();
    let edits = write(None, &many);
    let leak = Guard::new(&Known::default()).clear(&edits, "x").unwrap_err();
    assert_eq!(leak.found().len(), 100);
    assert!(leak.to_string().ends_with("; and 97 more") && leak.to_string().len() < 600, "{leak}");
}

#[test]
fn the_texts_of_others_are_told_without_what_breaks_a_line() {
    let text = "\"a\\nb\\e[31m\": {password: q9Zrkk31aaXX}\n";
    let key = found(text).pop().unwrap().key.unwrap();
    assert_eq!(key, "a\u{fffd}b\u{fffd}[31m.password");
}

proptest! {
    #[test]
    fn no_text_breaks_the_search(text in any::<String>(), lines in prop::collection::vec("[-a-z:&*{}\\[\\]\"'|>!# \t\r%@,]{0,12}", 0..20)) {
        let _ = (found(&text), found(&lines.join("\n")));
    }

    #[test]
    fn a_secret_of_this_run_is_found_in_whatever_text(before in "[ -~\n]{0,40}", after in "[ -~\n]{0,40}") {
        let text = format!("{before}{CANARY}{after}");
        prop_assert!(kinds(&text).contains(&Kind::Known));
    }
}
