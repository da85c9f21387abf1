//! How a comment is known again.

use proptest::prelude::*;

use super::*;
use crate::domain::deployment::DeploymentId;
use crate::domain::tests::hostile;

const OLD: &str = "<!-- bivouac application=wildside generation=3 state=deploying -->";

#[test]
fn a_marker_of_an_older_version_is_read() {
    for (word, state) in [("deploying", State::Deploying), ("removed", State::Removed), ("refused", State::Refused)] {
        let old = OLD.replace("deploying", word);
        for body in [old.clone(), format!("{old}\n**Preview of wildside: {word}**\n"), format!("{old}\r\nText")] {
            assert_eq!(Marker::read(&body), Some(marker(state)), "{body}");
            assert!(is_untouched(&body));
        }
    }
}

#[test]
fn a_marker_of_a_newer_version_is_read_as_far_as_it_is_known() {
    let newer = OLD.replace(" -->", " colour=red deployment=x expired=main unapproved=HEAD reason=closed -->");
    assert_eq!(Marker::read(&newer), Some(Marker { reason: Some("closed".to_owned()), ..marker(State::Deploying) }));
}

#[test]
fn what_is_quoted_cut_or_impossible_is_no_marker() {
    for (from, to) in [
        ("<!--", "> <!--"),
        ("<!--", " <!--"),
        ("<!--", "\n<!--"),
        ("bivouac", "other"),
        ("-->", ""),
        ("-->", "--"),
        ("application=wildside ", ""),
        ("wildside", "Wild_Side"),
    ] {
        assert_eq!(Marker::read(&OLD.replace(from, to)), None, "{from} {to}");
    }
    for body in ["", "<!-- bivouac", "<!-- bivouac -->", "Hello!"] {
        assert_eq!(Marker::read(body), None, "{body}");
        assert!(is_untouched(body), "what is not ours is not known to be touched");
    }
}

#[test]
fn what_was_broken_since_is_ours_and_speaks_of_nothing_that_holds() {
    let lengthened = format!("={}", u64::MAX);
    for (from, to) in [
        ("generation=3 ", ""),
        ("generation=3", "generation=three"),
        ("generation=3", "generation=-3"),
        ("=3", lengthened.as_str()),
        ("state=deploying", ""),
        ("deploying", "ready?"),
        ("deploying", "Deploying"),
        ("state=", "state "),
    ] {
        let read = Marker::read(&OLD.replace(from, to)).unwrap();
        assert_eq!((read.generation, read.state), (0, State::Deploying), "{from} {to}");
    }
}

#[test]
fn only_up_states_are_of_a_preview_that_is_there() {
    let up = [State::Deploying, State::Ready, State::Failed, State::Expiring, State::Removed, State::Refused];
    assert_eq!(up.map(State::is_up), [true, true, true, true, false, false]);
}

#[test]
fn an_edit_is_seen_and_another_spacing_is_none() {
    let text = "### Preview\n\n| a | b |\n\nText.";
    let body = marker(State::Deploying).above(text);
    for same in [
        body.replace('\n', "\r\n"),
        body.replace('\n', "  \n"),
        body.trim_end().to_owned(),
        format!("{body}\n\n"),
        body.replace(" -->\n", " -->\n\n"),
    ] {
        assert!(is_untouched(&same), "{same:?}");
    }
    for edited in [
        body.replace("Text", "Test"),
        body.replace("Text.", "Text. More."),
        body.replace("| a |", "| a"),
        body.replace("### ", "###"),
        format!("{body}x"),
        body.replace("text=", "text=f"),
        body.replace(text, ""),
    ] {
        assert!(!is_untouched(&edited), "{edited:?}");
        assert_eq!(Marker::read(&edited), Marker::read(&body));
    }
}

#[test]
fn a_fingerprint_is_the_same_in_every_version() {
    insta::assert_snapshot!(marker(State::Deploying).above("Text of\ttwo\nlines"), @"
    <!-- bivouac application=wildside generation=3 state=deploying text=df5b60378dddf70e -->
    Text of	two
    lines
    ");
}

fn any_marker() -> impl Strategy<Value = Marker> {
    let rollout =
        (any::<bool>(), prop::option::of(any::<u64>())).prop_map(|(is_ready, took)| Rollout { is_ready, took });
    let up = (any::<bool>(), prop::option::of(rollout)).prop_map(|(is_near, rollout)| match rollout {
        _ if is_near => (State::Expiring, rollout),
        Some(known) => (known.state(), rollout),
        None => (State::Deploying, None),
    });
    let state = prop_oneof![up, Just((State::Removed, None)), Just((State::Refused, None))];
    let commit = prop_oneof!["[0-9a-f]{40}", "[0-9a-f]{64}"];
    let commit = prop::option::of(commit);
    let optional = (prop::option::of("[a-z]{1,12}"), commit.clone(), commit, prop::option::of(any::<u64>()));
    ("[a-z]([a-z0-9-]{0,61}[a-z0-9])?", any::<u32>(), state, optional).prop_map(
        |(application, generation, (state, rollout), (reason, expired, unapproved, deployment))| Marker {
            application: application.parse().unwrap(),
            generation: generation.into(),
            state,
            reason,
            expired: expired.map(|commit| commit.parse().unwrap()),
            deployment: deployment.map(DeploymentId),
            rollout,
            unapproved: unapproved.map(|commit| commit.parse().unwrap()),
        },
    )
}

proptest! {
    #[test]
    fn a_marker_reads_back_what_was_written_above_any_text(marker in any_marker(), text in hostile()) {
        let body = marker.above(&text);
        prop_assert_eq!(Marker::read(&body), Some(marker));
        prop_assert!(is_untouched(&body));
        prop_assert!(is_untouched(&body.replace('\n', "\r\n")));
        prop_assert!(is_untouched(body.trim_end()));
    }

    #[test]
    fn one_character_more_anywhere_in_the_text_is_seen(
        text in "[a-z |`\\n]{0,40}", place in any::<prop::sample::Index>(), more in "[a-zA-Z0-9ü`|>*]",
    ) {
        let body = marker(State::Removed).above(&text);
        let start = body.find("-->").unwrap() + 3;
        let (before, after) = body.split_at(start + place.index(body.len() - start + 1));
        let edited = format!("{before}{more}{after}");
        prop_assert!(!is_untouched(&edited));
    }

    #[test]
    fn no_body_makes_the_reader_panic(body in "(<!-- bivouac )?[a-z=0-9 ->\\n]{0,60}", hostile in hostile()) {
        for body in [&body, &hostile, &format!("<!-- bivouac {hostile}"), &format!("<!-- bivouac text={body} -->")] {
            let _ = (Marker::read(body), is_untouched(body));
        }
    }
}

#[test]
fn what_came_of_waiting_is_read_only_of_a_preview_that_is_there() {
    let read = |fields: &str| Marker::read(&OLD.replace("state=deploying", fields)).unwrap();
    let rollout = |is_ready, took| Some(Rollout { is_ready, took });
    for (fields, state, expected) in [
        ("state=ready rollout=ready took=42", State::Ready, rollout(true, Some(42))),
        ("state=failed rollout=failed took=600", State::Failed, rollout(false, Some(600))),
        ("state=expiring rollout=ready", State::Expiring, rollout(true, None)),
        ("state=expiring rollout=failed took=x", State::Expiring, rollout(false, None)),
        ("state=expiring rollout=perhaps", State::Expiring, None),
        ("state=ready", State::Deploying, None),
        ("state=ready rollout=failed", State::Failed, rollout(false, None)),
        ("state=deploying rollout=ready", State::Ready, rollout(true, None)),
        ("state=removed rollout=ready took=42", State::Removed, None),
    ] {
        let marker = read(fields);
        assert_eq!((marker.state, marker.rollout), (state, expected), "{fields}");
    }
}

#[test]
fn what_was_told_of_waiting_is_not_told_again_in_other_numbers() {
    let (soon, late) = (Rollout { is_ready: true, took: Some(0) }, Rollout { is_ready: true, took: Some(42) });
    let vain = Rollout { is_ready: false, took: Some(600) };
    let told = marker(State::Deploying).after(late);
    assert_eq!((told.state, told.rollout), (State::Ready, Some(late)));
    assert_eq!(told.clone().after(soon).rollout, Some(late));
    assert_eq!(told.clone().after(vain).state, State::Failed);
    assert_eq!(told.after(vain).after(soon).rollout, Some(soon));
    let near = marker(State::Expiring).after(late);
    assert_eq!((near.state, near.rollout), (State::Expiring, Some(late)));
}
