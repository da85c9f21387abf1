//! What holds for every roster that people may have written.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::RosterError;
use super::roster;
use crate::domain::roster::Roster;

/// Directories that no generated roster names.
const NEW: [&str; 4] = ["new-1", "22", "yes", "new-4"];

/// What YAML is made of.
const PIECES: [&str; 33] = [
    "resources:",
    "resources",
    "- ",
    "a",
    "b: ",
    "\n",
    "\n  ",
    " ",
    "[",
    "]",
    ",",
    "{",
    "}",
    "# ü",
    "\"pr\"",
    "'",
    "&x ",
    "*x",
    "|",
    ">-",
    "!!str ",
    "? ",
    ": ",
    "\r\n",
    "\t",
    "~",
    "---",
    "...",
    "\u{feff}",
    "ü",
    "\n- c",
    "\nresources: [",
    "resources: []",
];

/// A list as written after the key, up to its last line end; lines end with LF here.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Nothing,
    Ordinary,
    Block,
    Flow,
}

fn comment() -> impl Strategy<Value = &'static str> {
    select(vec!["# plain", "#", "# - \"new-1\"", "# grün,\t一 ]", "#resources: [a]", "# 🎪 \"", "#\t[ 'x"])
}

/// What may follow something on its line.
fn tail() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        1 => select(vec![" ", "  ", "\t", " \t "]).prop_map(str::to_owned),
        2 => (select(vec![" ", "  ", "\t"]), comment()).prop_map(|(blank, comment)| format!("{blank}{comment}")),
    ]
}

/// Lines without content.
fn idle_lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just(String::new()),
        select(vec![" ", "    "]).prop_map(str::to_owned),
        (select(vec!["", "  ", "      ", "\t"]), comment()).prop_map(|(blank, comment)| format!("{blank}{comment}")),
    ];
    prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(line, 1..4)]
        .prop_map(|lines| lines.iter().flat_map(|line| [line, "\n"]).collect())
}

fn other_key() -> impl Strategy<Value = String> {
    let key = select(vec![
        "apiVersion: kustomize.config.k8s.io/v1beta1",
        "kind: Kustomization",
        "\"namePrefix\": 'a-'",
        "labels:\n- pairs: {team: &team web}\n  includeSelectors: false",
        "patches:\n  - patch: |-\n      resources:\n        - none\n\n      - op: x\n    target: {kind: Namespace}",
        "images: [ {name: a, newTag: \"1\"},\n  # ü\n  {name: b} ]",
        "? components\n: - ../x",
        "commonAnnotations: &all\n  resources: none # ]",
        "nameSuffix: \"two\n  lines\"",
    ]);
    (key, tail()).prop_map(|(key, tail)| format!("{key}{tail}\n"))
}

/// A part of the file before or after the list. Keys come twice at times, which is not for the roster to judge.
fn surroundings() -> impl Strategy<Value = String> {
    let part = prop_oneof![idle_lines(), other_key()];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

/// Entries that differ, in all kinds of spellings that fit on a line.
fn items(most: usize) -> impl Strategy<Value = Vec<String>> {
    let spellings = vec![
        "pr-1",
        "./pr-2",
        "'pr-3/'",
        "\"pr-4\"",
        "../base",
        "!!str 5",
        "&six pr-6",
        "*prefix",
        "ü-7",
        "\"\\u00fc\\n\"",
        "'it''s # 8'",
        "\"a, [b]\"",
        "https://example.com/x?ref=v1#y",
        "&nine !!str \"9\"",
        "b-1:c",
        "'- d'",
    ];
    prop_oneof![6 => subsequence(spellings.clone(), 1..most), 1 => subsequence(spellings, 1..=1)]
        .prop_shuffle()
        .prop_map(|items| items.into_iter().map(str::to_owned).collect())
}

/// Entries of several lines, under a dash at the given indentation.
fn long_item(indentation: usize) -> impl Strategy<Value = String> {
    let inner = " ".repeat(indentation + 3);
    let templates = vec![
        "|-\n_long-1",
        "|-\n_long-2\n\n",
        ">-\n_long\n_3",
        "\n_# ü\n_long-4",
        "\"long\\\n_-5\"",
        "long\n_6",
        "|2-\n_long-7",
    ];
    select(templates).prop_map(move |template| {
        let inner = if template.starts_with("|2") { " ".repeat(indentation + 2) } else { inner.clone() };
        template.replace('_', &inner)
    })
}

fn block() -> impl Strategy<Value = String> {
    (0_usize..5).prop_flat_map(|indentation| {
        let item = (items(2), prop::option::weighted(0.15, long_item(indentation)), tail(), idle_lines(), 1_usize..4);
        (tail(), idle_lines(), prop::collection::vec(item, 1..6)).prop_map(move |(first, idle, items)| {
            let mut list = format!("{first}\n{idle}");
            for (short, long, tail, idle, gap) in items {
                let item = match long {
                    Some(long) if long.contains('|') || long.contains('>') => format!("{long}\n"),
                    Some(long) => format!("{long}{tail}\n{idle}"),
                    None => format!("{}{}{tail}\n{idle}", " ".repeat(gap - 1), short[0]),
                };
                list.extend([" ".repeat(indentation).as_str(), "- ", &item]);
            }
            list
        })
    })
}

/// Blanks, or line ends with comments, between the parts of a flow list.
fn gap(is_on_lines: bool) -> BoxedStrategy<String> {
    let blank = select(vec!["", " ", "  "]).prop_map(str::to_owned);
    if !is_on_lines {
        return blank.boxed();
    }
    let lines = (tail(), idle_lines(), select(vec![" ", "  ", "    "]));
    prop_oneof![2 => blank, 3 => lines.prop_map(|(tail, idle, blank)| format!("{tail}\n{idle}{blank}"))].boxed()
}

fn flow() -> impl Strategy<Value = String> {
    let shape = (any::<bool>(), prop::bool::weighted(0.3), prop_oneof![1 => Just(Vec::new()), 5 => items(6)]);
    shape.prop_flat_map(|(is_on_lines, is_comma_final, items)| {
        let gaps = prop::collection::vec((gap(is_on_lines), gap(is_on_lines)), items.len() + 1);
        (gaps, tail()).prop_map(move |(gaps, tail)| {
            let mut list = String::from(" [");
            for (index, item) in items.iter().enumerate() {
                let comma = if index + 1 < items.len() || is_comma_final { "," } else { "" };
                list.extend([&gaps[index].0, item, &gaps[index].1, comma]);
            }
            format!("{list}{}]{tail}\n", gaps[items.len()].0)
        })
    })
}

fn list() -> impl Strategy<Value = (Kind, String)> {
    let null = select(vec!["", " ~", " null", "  # ~"]);
    prop_oneof![
        1 => tail().prop_map(|tail| (Kind::Ordinary, format!(" []{tail}\n"))),
        1 => null.prop_map(|null| (Kind::Nothing, format!("{null}\n"))),
        6 => block().prop_map(|list| (Kind::Block, list)),
        5 => flow().prop_map(|list| (if list.starts_with(" []") { Kind::Ordinary } else { Kind::Flow }, list)),
    ]
}

/// A roster as people may have written it, and the kind of its list.
fn written() -> impl Strategy<Value = (Kind, String)> {
    let key = select(vec!["resources:", "\"resources\":", "'resources' :", "resources: &list", "resources: !!seq"]);
    let keyed = (key, list()).prop_map(|(key, (kind, list))| {
        let is_odd = kind == Kind::Nothing && key.contains('!');
        (kind, format!("{}{list}", if is_odd { "resources:" } else { key }))
    });
    let list = prop_oneof![9 => keyed, 1 => Just((Kind::Nothing, String::new()))];
    let frame = (select(vec!["", "", "---\n", "# ü\n---  # 一\n"]), select(vec!["", "", "...\n", "...\n# end\n"]));
    let line_end = prop_oneof![6 => Just("\n"), 3 => Just("\r\n"), 1 => Just("\r")];
    let ends = (prop::bool::weighted(0.1), line_end, prop::bool::weighted(0.7));
    (surroundings(), list, surroundings(), frame, ends).prop_map(|(above, (kind, list), below, (start, stop), ends)| {
        let (has_mark, line_end, is_ended) = ends;
        let text = format!("{start}namespace: &prefix a\n{above}{list}{below}{stop}");
        let text = if is_ended { &text } else { text.strip_suffix('\n').unwrap_or(&text) };
        (kind, format!("{}{}", if has_mark { "\u{feff}" } else { "" }, text.replace('\n', line_end)))
    })
}

/// A text that is YAML at times: pieces in any order, or a roster with a piece put into it or cut out of it.
fn anything() -> impl Strategy<Value = String> {
    let heap = prop::collection::vec(select(&PIECES), 0..16).prop_map(|pieces| pieces.concat());
    let keyed = heap.clone().prop_map(|heap| format!("resources:{heap}"));
    let place = any::<prop::sample::Index>();
    let damaged = (written(), place, 0_usize..6, select(&PIECES)).prop_map(|((_, text), place, cut, piece)| {
        let characters: Vec<char> = text.chars().collect();
        let start = place.index(characters.len());
        let end = (start + cut).min(characters.len());
        characters[..start].iter().copied().chain(piece.chars()).chain(characters[end..].iter().copied()).collect()
    });
    prop_oneof![heap, keyed, damaged]
}

fn is_subsequence<T: PartialEq>(part: impl Iterator<Item = T>, mut whole: impl Iterator<Item = T>) -> bool {
    part.into_iter().all(|wanted| whole.any(|found| found == wanted))
}

fn added(before: &Roster, directory: &str) -> Result<Roster, TestCaseError> {
    before.with(directory).map_err(|error| TestCaseError::fail(error.to_string()))
}

fn removed(before: &Roster, directory: &str) -> Result<Roster, TestCaseError> {
    before.without(directory).map_err(|error| TestCaseError::fail(error.to_string()))
}

proptest! {
    #[test]
    fn an_entry_that_comes_and_goes_leaves_no_trace((kind, text) in written(), directory in select(&NEW)) {
        let before = roster(&text);
        let with = added(&before, directory)?;
        let expected: Vec<_> = before.entries().chain([directory]).collect();
        prop_assert_eq!(with.entries().collect::<Vec<_>>(), expected);
        let after = removed(&with, directory)?;
        if kind == Kind::Nothing {
            prop_assert!(after.text().contains("[]"));
            prop_assert_eq!(&removed(&added(&after, directory)?, directory)?, &after);
        } else {
            prop_assert_eq!(after.text(), text);
        }
    }

    #[test]
    fn everything_that_was_written_is_still_there((kind, text) in written(), directory in select(&NEW)) {
        let with = added(&roster(&text), directory)?;
        match kind {
            Kind::Block => {
                prop_assert!(is_subsequence(text.split(['\n', '\r']), with.text().split(['\n', '\r'])));
                let line = format!("- \"{directory}\"");
                prop_assert!(with.text().split(['\n', '\r']).any(|found| found.trim_matches(' ') == line));
                prop_assert_eq!(with.text().matches('\n').count() + with.text().replace("\r\n", "").matches('\r').count(),
                    text.matches('\n').count() + text.replace("\r\n", "").matches('\r').count() + 1);
            }
            Kind::Flow => prop_assert!(is_subsequence(text.chars(), with.text().chars())),
            Kind::Ordinary => prop_assert!(is_subsequence(text.replacen(" []", "", 1).chars(), with.text().chars())),
            Kind::Nothing => {}
        }
    }

    #[test]
    fn entries_that_come_and_go_in_any_order_leave_no_trace(
        (kind, text) in written(),
        steps in prop::collection::vec(0..NEW.len(), 0..12),
        order in Just(NEW.to_vec()).prop_shuffle(),
    ) {
        let before = roster(&text);
        let mut current = before.clone();
        for step in steps {
            let directory = NEW[step];
            current = if current.contains(directory) { removed(&current, directory)? } else { added(&current, directory)? };
        }
        for directory in order {
            current = removed(&current, directory)?;
        }
        let untouched = current == before;
        prop_assert!(untouched || kind == Kind::Nothing && current.text().contains("[]"), "{:?}", current.text());
    }

    #[test]
    fn what_people_added_can_go_too((_, text) in written(), chosen in any::<prop::sample::Index>()) {
        let before = roster(&text);
        let same = removed(&before, "not-there")?;
        prop_assert_eq!(same.text(), &text);
        let mut current = before.clone();
        let mut entries: Vec<_> = before.entries().map(str::to_owned).collect();
        while !entries.is_empty() {
            let entry = entries.swap_remove(chosen.index(entries.len()));
            let after = match current.without(&entry) {
                // What follows may not move up to a block scalar, where it would become text.
                Err(RosterError::NotEditable { .. }) if text.contains("long") => return Ok(()),
                after => after.map_err(|error| TestCaseError::fail(error.to_string()))?,
            };
            prop_assert!(!after.contains(&entry));
            prop_assert!(is_subsequence(after.entries(), current.entries()));
            current = after;
        }
        prop_assert_eq!(current.entries().count(), 0);
        let begun = added(&current, "new-1")?;
        prop_assert_eq!(begun.entries().collect::<Vec<_>>(), ["new-1"]);
    }

    #[test]
    fn many_that_go_at_once_leave_what_they_leave_one_by_one(
        (_, text) in written(), chosen in prop::collection::vec(any::<prop::sample::Index>(), 0..12), rest in 0_usize..3,
    ) {
        let before = roster(&text);
        let entries: Vec<_> = before.entries().chain(["not-there", "./new-1/"]).collect();
        let mut directories: Vec<_> = chosen.iter().map(|chosen| *chosen.get(&entries)).collect();
        if rest == 0 {
            directories.extend(entries.iter().rev());
        }
        let one_by_one = directories.iter().try_fold(before.clone(), |roster, directory| roster.without(directory));
        match (before.without_all(&directories), one_by_one) {
            (Ok(at_once), Ok(one_by_one)) => prop_assert_eq!(at_once, one_by_one),
            (at_once, one_by_one) => prop_assert_eq!(at_once.is_err(), one_by_one.is_err()),
        }
    }

    #[test]
    fn whatever_the_text_it_is_refused_or_edited_without_a_trace(text in anything()) {
        let Ok(before) = Roster::parse(&text) else { return Ok(()) };
        match before.with("new-1") {
            Ok(same) if before.contains("new-1") => prop_assert_eq!(&same, &before),
            Err(RosterError::NotEditable { .. } | RosterError::InBraces { .. }) => {}
            Err(error) => prop_assert!(false, "{error}"),
            Ok(with) => {
                let after = removed(&with, "new-1")?;
                let is_begun = before.entries().count() == 0 && after.text().contains("[]");
                prop_assert!(after == before || is_begun, "{:?}", after.text());
                let again = removed(&added(&after, "new-1")?, "new-1")?;
                prop_assert_eq!(again, after);
            }
        }
        for entry in before.entries() {
            if let Ok(after) = before.without(entry) {
                prop_assert!(is_subsequence(after.entries(), before.entries()));
            }
        }
    }
}
