//! Keys whose feature is not there yet: accepted as long as they say the default, refused when they are used. And keys
//! whose feature was not there once.

use std::time::Duration;

use super::{parse, refusal, with};
use crate::domain::configuration::{Age, PreviewSettings, Ttl};
use crate::domain::tests::filter;

/// Each key, its default, and uses of it.
const LATER: [(&str, &str, &[&str]); 1] =
    [("delivery", "delivery: roster", &["delivery: flux-kustomization", "delivery: argocd"])];

fn settings(preview: &str) -> PreviewSettings {
    let text = with(&format!("preview: {preview}"));
    parse(&text).unwrap_or_else(|error| panic!("{error}: {preview}")).document().preview.clone()
}

fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

#[test]
fn a_later_feature_that_is_not_used_is_accepted() {
    for (key, default, _) in LATER {
        assert!(parse(&with(default)).is_ok(), "{key}: {}", refusal(&with(default)));
    }
}

#[test]
fn a_later_feature_that_is_used_is_refused_where_it_stands() {
    for (key, _, uses) in LATER {
        for used in uses {
            let column = if key.starts_with("preview.") { 11 } else { 1 };
            let expected =
                format!("`bivouac.yaml` line 7, column {column}: `{key}` is not available yet: leave it out");
            assert_eq!(refusal(&with(used)), expected, "{used}");
        }
    }
}

#[test]
fn provided_and_components_are_available() {
    let preview = settings("{provided: [registry], components: [components/quota]}");
    assert_eq!(preview.provided, ["registry"]);
    assert_eq!(preview.components[0].0.as_str(), "components/quota");
}

#[test]
fn a_life_has_no_end_or_one_after_some_time() {
    for (ttl, expected) in [
        ("none", Ttl::None),
        ("90m", Ttl::After(Age(minutes(90)))),
        ("12h", Ttl::After(Age(minutes(12 * 60)))),
        ("7d", Ttl::After(Age(minutes(7 * 24 * 60)))),
        ("2w", Ttl::After(Age(minutes(14 * 24 * 60)))),
        ("4294967295w", Ttl::After(Age(minutes(4_294_967_295 * 7 * 24 * 60)))),
    ] {
        assert_eq!(settings(&format!("{{ttl: {ttl}}}")).ttl, expected, "{ttl}");
        let Ttl::After(age) = expected else { continue };
        assert_eq!(settings(&format!("{{ttl-warning: {ttl}}}")).ttl_warning, age, "{ttl}");
    }
    assert_eq!(settings("{}").ttl, Ttl::None);
    assert_eq!(settings("{ttl: 7d}").ttl_warning, Age(minutes(24 * 60)));
}

#[test]
fn a_time_is_written_so_that_it_reads_back() {
    for (time, written) in [("90m", "90m"), ("12h", "12h"), ("7d", "168h"), ("none", "none")] {
        let ttl = settings(&format!("{{ttl: {time}}}")).ttl;
        assert_eq!(serde_json::to_value(ttl).unwrap(), written);
        assert_eq!(settings(&format!("{{ttl: {written}}}")).ttl, ttl);
    }
}

#[test]
fn settings_are_written_so_that_they_read_back() {
    for preview in [
        "{}",
        "{ttl: 90m, ttl-warning: 1h, limit: 3, drafts: false, bots: true, components: [components/quota, ./a//b/]}",
        "{name: \"{number}\", provided: [registry], paths: {include: [src/**], exclude: [\"*.md\"]}}",
        "{labels: {require: [a], exclude: [], keep: [\"b c\"]}, branches: {include: [main, release/*]}}",
    ] {
        let read = settings(preview);
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(format!("{:?}", settings(&written.to_string())), format!("{read:?}"), "{written}");
    }
}

#[test]
fn a_time_that_is_none_is_refused_where_it_stands() {
    for key in ["ttl", "ttl-warning"] {
        for wrong in ["0h", "7", "d", "7y", "-1d", "1.5h", "7 d", "4294967296m", "7D", "None"] {
            let expected = format!(
                "`bivouac.yaml` line 7, column {}: `{wrong}` is not a length of time: use a whole number and m, h, d or w, \
                 such as `12h` or `7d`",
                key.len() + 13,
            );
            let quoted = format!("preview: {{{key}: \"{wrong}\"}}");
            assert_eq!(refusal(&with(&quoted)), expected);
        }
    }
    insta::assert_snapshot!(refusal(&with("preview: {ttl: 7}")), @r#"`bivouac.yaml` line 7, column 16: `7` is not a text: quote it, `"7"`"#);
    insta::assert_snapshot!(refusal(&with("preview: {ttl-warning: none}")), @"`bivouac.yaml` line 7, column 24: `none` is not a length of time: use a whole number and m, h, d or w, such as `12h` or `7d`");
}

#[test]
fn a_limit_is_any_number_from_nothing_on() {
    assert_eq!(
        (settings("{}").limit, settings("{limit: 0}").limit, settings("{limit: 4294967295}").limit),
        (50, 0, u32::MAX)
    );
    insta::assert_snapshot!(refusal(&with("preview: {limit: -1}")), @"`bivouac.yaml` line 7, column 18: `-1` is not a number that fits here: use a whole one from 0 to 4294967295");
    insta::assert_snapshot!(refusal(&with("preview: {limit: 4294967296}")), @"`bivouac.yaml` line 7, column 18: `4294967296` is not a number that fits here: use a whole one from 0 to 4294967295");
    insta::assert_snapshot!(refusal(&with("preview: {limit: \"10\"}")), @"`bivouac.yaml` line 7, column 18: `10` is not a number that fits here: use a whole one from 0 to 4294967295");
    insta::assert_snapshot!(refusal(&with("preview: {limit: 1.5}")), @"`bivouac.yaml` line 7, column 18: `1.5` is not a number that fits here: use a whole one from 0 to 4294967295");
}

#[test]
fn labels_that_are_not_named_keep_their_defaults() {
    let labels = |preview: &str| {
        let labels = settings(preview).labels;
        [labels.require, labels.exclude, labels.keep].map(|labels| labels.join(","))
    };
    assert_eq!(labels("{}"), ["", "no-preview", "keep-preview"]);
    assert_eq!(labels("{labels: {}}"), ["", "no-preview", "keep-preview"]);
    assert_eq!(labels("{labels: {require: [Preview, ready]}}"), ["Preview,ready", "no-preview", "keep-preview"]);
    assert_eq!(labels("{labels: {exclude: [], keep: [\"a b\"]}}"), ["", "", "a b"]);
    insta::assert_snapshot!(refusal(&with("preview: {labels: {required: [a]}}")), @"`bivouac.yaml` line 7, column 20: there is no key `required` here: did you mean `require`?");
    insta::assert_snapshot!(refusal(&with("preview: {labels: {require: [7]}}")), @r#"`bivouac.yaml` line 7, column 30: `7` is not a text: quote it, `"7"`"#);
    insta::assert_snapshot!(refusal(&with("preview: {labels: [a]}")), @"`bivouac.yaml` line 7, column 19: a list is not a map: write `key: value` pairs here");
}

#[test]
fn branches_and_paths_are_filters() {
    let preview = settings("{branches: {include: [main, \"release/*\"]}, paths: {exclude: [\"docs/**\", \"*.md\"]}}");
    assert_eq!(preview.branches, filter(&["main", "release/*"], &[]));
    assert_eq!(preview.paths, filter(&["**"], &["docs/**", "*.md"]));
    let defaults = settings("{branches: {}, paths: {include: []}}");
    assert_eq!((defaults.branches, defaults.paths), (filter(&["**"], &[]), filter(&[], &[])));
}

#[test]
fn a_pattern_that_is_none_is_refused_where_it_stands() {
    insta::assert_snapshot!(refusal(&with("preview: {branches: {include: [main, \"[\"]}}")), @"`bivouac.yaml` line 7, column 38: `[` is not a pattern (unclosed character class; missing ']'): use one such as `main`, `release/*` or `docs/**`");
    insta::assert_snapshot!(refusal(&with("preview:\n  paths:\n    exclude:\n      - docs/**\n      - \"{a\"")), @"`bivouac.yaml` line 11, column 9: `{a` is not a pattern (unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)): use one such as `main`, `release/*` or `docs/**`");
    insta::assert_snapshot!(refusal(&with("preview: {branches: {include: [\"\"]}}")), @"`bivouac.yaml` line 7, column 32: `` is not a pattern (it is empty): use one such as `main`, `release/*` or `docs/**`");
    insta::assert_snapshot!(refusal(&with("preview: {branches: {includes: [main]}}")), @"`bivouac.yaml` line 7, column 22: there is no key `includes` here: did you mean `include`?");
    insta::assert_snapshot!(refusal(&with("preview: {branches: [main]}")), @"`bivouac.yaml` line 7, column 21: a list is not a map: write `key: value` pairs here");
    insta::assert_snapshot!(refusal(&with("preview: {paths: {include: \"src/**\"}}")), @"`bivouac.yaml` line 7, column 28: `src/**` is not a list: write it as `[src/**]`");
}

#[test]
fn drafts_and_bots_are_switched() {
    for (preview, drafts, bots) in [
        ("{}", true, false),
        ("{drafts: false}", false, false),
        ("{bots: true}", true, true),
        ("{drafts: true, bots: false}", true, false),
    ] {
        let found = settings(preview);
        assert_eq!((found.drafts, found.bots), (drafts, bots), "{preview}");
    }
    insta::assert_snapshot!(refusal(&with("preview: {drafts: \"no\"}")), @"`bivouac.yaml` line 7, column 19: `no` is neither `true` nor `false`: use one of them, unquoted");
    insta::assert_snapshot!(refusal(&with("preview: {bots: 1}")), @"`bivouac.yaml` line 7, column 17: `1` is neither `true` nor `false`: use one of them, unquoted");
}

#[test]
fn labels_that_no_pull_request_could_satisfy_are_refused_where_they_stand() {
    let both = "`bivouac.yaml` line 7, column 11: the label `Preview` is required and excluded: no pull request could have a preview";
    assert_eq!(refusal(&with("preview: {labels: {require: [Preview], exclude: [never, preview]}}")), both);
    let blank = "`bivouac.yaml` line 7, column 11: a label is blank: no pull request can have it";
    for key in ["require", "exclude", "keep"] {
        assert_eq!(refusal(&with(&format!("preview: {{labels: {{{key}: [preview, \" \"]}}}}"))), blank, "{key}");
    }
    assert!(parse(&with("preview: {labels: {require: [preview], exclude: [], keep: [preview]}}")).is_ok());
}

#[test]
fn labels_that_a_forge_would_shorten_are_refused() {
    for (key, label) in [("require", "preview "), ("exclude", " hold"), ("keep", "\\tkeep")] {
        let told = refusal(&with(&format!("preview: {{labels: {{{key}: [ready, \"{label}\"]}}}}")));
        assert!(told.ends_with("begins or ends with a blank: no pull request can have it"), "{told}");
    }
}

#[test]
fn labels_that_no_command_could_take_off_are_refused() {
    for label in [".", ".."] {
        let told = refusal(&with(&format!("preview: {{labels: {{exclude: [hold, \"{label}\"]}}}}")));
        let words = format!("the label `{label}` can not be taken off by a command: give it another name");
        assert_eq!(told, format!("`bivouac.yaml` line 7, column 11: {words}"));
        assert!(parse(&with(&format!("preview: {{labels: {{require: [\"{label}\"]}}}}"))).is_ok());
    }
    assert!(parse(&with("preview: {labels: {exclude: [\"...\", \"a/..\", \"%2e\"]}}")).is_ok());
}

#[test]
fn roots_are_of_one_application_only_with_the_same_repository() {
    let configuration = parse(&with("")).unwrap();
    let renamed = |from: &str, to: &str| parse(&with("").replace(from, to)).unwrap();
    assert!(configuration.is_of_the_application_of(&renamed("domain: ", "domain: x.")));
    assert!(!configuration.is_of_the_application_of(&renamed("application: ", "application: x")));
    assert!(!configuration.is_of_the_application_of(&renamed("repository: ", "repository: x")));
}
