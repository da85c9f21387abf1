//! What holds of every configuration.

use proptest::prelude::*;

use super::{LEAST, WHOLE, but, parse};
use crate::domain::names::{Host, Namespace, PreviewName};

/// A piece of text such as configurations, good and bad, are made of.
fn piece() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(WHOLE.lines().map(|line| format!("{line}\n")).collect::<Vec<_>>());
    let marks = prop::sample::select(vec![
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "  ",
        "\t",
        "&a ",
        "*a",
        "<<: *a\n",
        "!!binary ",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "---\n",
        "...\n",
        "#",
        "%YAML 1.1\n",
        "? ",
        "~",
        "\u{feff}",
        "\r",
        "{number}",
        "é",
    ]);
    prop_oneof![keys, marks.prop_map(str::to_owned), "\\PC{0,12}", any::<char>().prop_map(String::from)]
}

/// One line of the whole configuration said otherwise.
fn damaged() -> impl Strategy<Value = String> {
    let characters: Vec<_> = WHOLE.char_indices().map(|(at, _)| at).collect();
    (prop::sample::select(characters), prop::sample::select(vec![0, 1, 5, 20]), piece()).prop_map(
        |(at, length, piece)| {
            let rest: String = WHOLE[at..].chars().skip(length).collect();
            format!("{}{piece}{rest}", &WHOLE[..at])
        },
    )
}

/// Parses, and uses what was accepted. An error says where, within the text.
fn survives(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(configuration) => {
            for number in ["1", "2147483647"] {
                let _ = configuration.identity(number.parse().unwrap());
            }
        }
        Err(error) => {
            let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
            prop_assert!(error.line >= 1 && error.line <= lines + 1, "{error}: of {lines} lines: {text:?}");
            prop_assert!(error.column >= 1, "{error}");
            prop_assert!(!error.message.is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        survives(&text)?;
    }

    #[test]
    fn no_text_of_pieces_makes_the_parser_panic(pieces in prop::collection::vec(piece(), 0..40)) {
        survives(&pieces.concat())?;
    }

    #[test]
    fn no_damage_makes_the_parser_panic(text in damaged()) {
        survives(&text)?;
    }

    #[test]
    fn whatever_is_accepted_gives_names_that_are_valid(
        application in "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
        domain in prop::collection::vec("[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", 1..5),
        number in 1..=2_147_483_647_u32,
    ) {
        let domain = domain.join(".");
        let text = but("application: wildside", &format!("application: \"{application}\""))
            .replace("domain: preview.example.com", &format!("domain: \"{domain}\""));
        let number = number.to_string().parse().unwrap();
        let too_long = format!("{application}-pr-{number}").len() > 63;
        let identity = parse(&text).and_then(|configuration| configuration.identity(number));
        prop_assert_eq!(identity.is_err(), too_long, "{:?}", identity);
        if let Ok(identity) = identity {
            prop_assert!(identity.name.as_str().parse::<PreviewName>().is_ok());
            prop_assert!(identity.namespace.as_str().parse::<Namespace>().is_ok());
            prop_assert!(identity.host.as_str().parse::<Host>().is_ok());
            let expected = format!("pr-{number}.{domain}");
            prop_assert_eq!(identity.host.as_str(), expected);
            prop_assert_eq!(identity.namespace.as_str(), format!("{application}-pr-{number}"));
        }
    }

    #[test]
    fn two_pull_requests_never_share_a_name(
        name in "[a-z0-9{}-]{0,12}",
        one in 1..=2_147_483_647_u32,
        other in 1..=2_147_483_647_u32,
    ) {
        let text = format!("{LEAST}preview: {{name: \"{name}-{{number}}\"}}\n");
        let Ok(configuration) = parse(&text) else { return Ok(()) };
        let identity = |number: u32| configuration.identity(number.to_string().parse().unwrap());
        if let (Ok(left), Ok(right)) = (identity(one), identity(other)) {
            prop_assert_eq!(one == other, left.name == right.name);
            prop_assert_eq!(one == other, left.namespace == right.namespace);
            prop_assert_eq!(one == other, left.host == right.host);
        }
    }
}
