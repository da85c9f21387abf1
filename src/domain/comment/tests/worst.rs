//! The worst that may come: the longest of everything, and texts that mean harm.

use proptest::prelude::*;

use super::*;
use crate::domain::tests::hostile;

/// The most characters of a comment that GitHub takes.
const MOST: usize = 65_536;

#[test]
fn the_longest_comments_are_short_enough() {
    let wide = "🎪".repeat(500);
    let images: Vec<_> = (0..200).map(|index| (format!("{index:0>63}"), "x".repeat(128))).collect();
    let names =
        (1..=5_000).map(|other| Holder { name: format!("{other:0>63}").parse().unwrap(), number: number(other) });
    let limit = Reason::Limit { limit: 5_000, holders: names.collect() };
    let excluded = Reason::Excluded { label: wide.clone() };
    let kept = Expiry::Kept { label: wide.clone() };
    let record = record();
    let stories = [
        (State::Expiring, Story::Up { record: &record, tags: &images, expiry: &kept, keep: Some("keep-preview") }),
        (State::Removed, Story::Removed { reason: Some(&limit), record: Some(&record) }),
        (State::Removed, Story::Removed { reason: Some(&excluded), record: Some(&record) }),
        (State::Refused, Story::Refused { reason: &limit }),
        (State::Refused, Story::Refused { reason: &excluded }),
    ];
    for (state, story) in stories {
        let body = body_by(state, story, Some(&wide));
        assert!(body.len() < MOST / 2, "{} bytes", body.len());
    }
}

/// All comments in which somebody else's texts are shown.
fn bodies(text: &str) -> Vec<String> {
    let owned = || text.to_owned();
    let images = vec![(owned(), owned()), ("web".to_owned(), owned())];
    let (record, kept) = (record(), Expiry::Kept { label: owned() });
    let by = Some(text);
    let mut bodies = vec![body_by(
        State::Deploying,
        Story::Up { record: &record, tags: &images, expiry: &kept, keep: Some("keep-preview") },
        by,
    )];
    for reason in [
        Reason::Bot { login: owned() },
        Reason::Excluded { label: owned() },
        Reason::Unlabelled { label: owned() },
        Reason::Branch { target: owned() },
    ] {
        let story = Story::Removed { reason: Some(&reason), record: Some(&record) };
        bodies.push(body_by(State::Removed, story, by));
        bodies.push(body_by(State::Refused, Story::Refused { reason: &reason }, by));
    }
    bodies
}

/// What gives a comment its shape.
fn shape(body: &str) -> Vec<(usize, usize)> {
    let ends = |character: char| matches!(character, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}');
    body.split(ends).map(|line| (line.matches('|').count(), line.matches('`').count())).collect()
}

proptest! {
    #[test]
    fn nobody_breaks_a_table_a_code_span_or_the_marker(text in hostile()) {
        for (hostile, harmless) in bodies(&text).iter().zip(bodies("x")) {
            prop_assert_eq!(shape(hostile), shape(&harmless), "{}", hostile);
            prop_assert_eq!(Marker::read(hostile), Marker::read(&harmless));
            prop_assert!(is_untouched(hostile));
            prop_assert!(!hostile.contains("##["));
        }
    }

    #[test]
    fn what_others_choose_is_all_that_is_different(text in hostile()) {
        // As much of it as is shown of a tag.
        let text: String = text.chars().take(TAG).collect();
        let told = |body: &str| body.split_once("-->").unwrap().1.to_owned();
        for (hostile, harmless) in bodies(&text).iter().zip(bodies("x")) {
            prop_assert_eq!(told(hostile), told(&harmless).replace("`x`", &code(&text)));
        }
    }
}
