//! Globs that include, less globs that exclude.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text_type::text_type;

text_type! {
    /// A pattern for branches or paths: `*` stays within one part, `?` is one byte, `**` is any number of parts, `{a,b}` is either.
    Glob, check_glob
}

fn check_glob(text: &str) -> Result<(), String> {
    let wrong = |why: &str| {
        format!("`{}` is not a pattern ({why}): use one such as `main`, `release/*` or `docs/**`", text.escape_debug())
    };
    if text.is_empty() {
        return Err(wrong("it is empty"));
    }
    if text.starts_with('/') || text.ends_with('/') {
        return Err(wrong("no branch or path begins or ends with `/`"));
    }
    if text.starts_with('!') {
        return Err(wrong("put what is not meant under `exclude`, without `!`"));
    }
    if text.starts_with("./") || text.starts_with("refs/") {
        return Err(wrong("leave out what it begins with"));
    }
    let glob = compile(text).map_err(|why| wrong(&why.kind().to_string()))?;
    let set = GlobSetBuilder::new().add(glob).build();
    set.map(|_| ()).map_err(|_| wrong("it is too long, or nested too deeply"))
}

fn compile(text: &str) -> Result<globset::Glob, globset::Error> {
    GlobBuilder::new(text).literal_separator(true).build()
}

/// Globs that include, less globs that exclude.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// What is meant.
    pub include: Vec<Glob>,
    /// What is not meant after all.
    pub exclude: Vec<Glob>,
}

impl Default for Filter {
    fn default() -> Self {
        let all = "**".parse().unwrap_or_else(|_| unreachable!("it is a pattern"));
        Self { include: vec![all], exclude: Vec::new() }
    }
}

impl Filter {
    /// Whether it lets one of these through.
    #[must_use]
    pub fn lets_through_any<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let (include, exclude) = (set(&self.include), set(&self.exclude));
        texts.into_iter().any(|text| include.is_match(text) && !exclude.is_match(text))
    }
}

fn set(globs: &[Glob]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(compile(glob.as_str()).unwrap_or_else(|_| unreachable!("a pattern was compiled when it was read")));
    }
    builder.build().unwrap_or_else(|_| unreachable!("patterns that compile by themselves do so together"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filter(include: &[&str], exclude: &[&str]) -> Filter {
        let parsed = |globs: &[&str]| globs.iter().map(|glob| glob.parse().unwrap()).collect();
        Filter { include: parsed(include), exclude: parsed(exclude) }
    }

    #[test]
    fn a_star_stays_within_a_part_and_two_do_not() {
        let table = [
            ("main", "main", true),
            ("main", "maintenance", false),
            ("release/*", "release/1", true),
            ("release/*", "release/1/hotfix", false),
            ("release/**", "release/1/hotfix", true),
            ("**", "any/thing", true),
            ("docs/**", "docs/a/b.md", true),
            ("**/*.md", "README.md", true),
            ("{main,next}", "next", true),
            ("v?", "v1", true),
        ];
        for (glob, text, is_let_through) in table {
            assert_eq!(filter(&[glob], &[]).lets_through_any([text]), is_let_through, "{glob} {text}");
        }
    }

    #[test]
    fn one_that_is_included_and_not_excluded_is_enough() {
        let code = filter(&["**"], &["docs/**", "*.md"]);
        assert!(code.lets_through_any(["README.md", "src/main.rs"]));
        assert!(!code.lets_through_any(["README.md", "docs/a.md"]));
        assert!(!code.lets_through_any([]));
        assert!(!filter(&[], &[]).lets_through_any(["main"]));
    }

    #[test]
    fn a_pattern_that_is_none_is_refused_with_what_would_be_right() {
        let wrong = "[".parse::<Glob>().unwrap_err().to_string();
        assert!(wrong.starts_with("`[` is not a pattern (") && wrong.ends_with("or `docs/**`"), "{wrong}");
        for broken in ["", "docs/", "/src/**", "!docs/**", "./docs/**", "refs/heads/main"] {
            assert!(broken.parse::<Glob>().is_err(), "{broken}");
        }
    }

    #[test]
    fn a_pattern_that_only_the_matcher_can_not_take_is_refused_too() {
        let deep = format!("{}a{}", "{".repeat(300), "}".repeat(300));
        assert!(deep.parse::<Glob>().is_err());
    }

    #[test]
    fn the_default_lets_everything_through() {
        for text in ["main", "a/b/c", ".github/workflows/a.yml", "-", "ü", "a b"] {
            assert!(Filter::default().lets_through_any([text]), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_pattern_that_is_taken_can_be_matched(
            globs in prop::collection::vec("([a-c/.*?!^{},\\[\\]\\\\ü-]|\\*\\*){1,12}", 1..6), text in "\\PC{0,12}",
        ) {
            let globs: Vec<Glob> = globs.iter().filter_map(|glob| glob.parse().ok()).collect();
            let all = Filter { include: globs.clone(), exclude: Vec::new() };
            let none = Filter { include: globs.clone(), exclude: globs };
            let is_let_through = all.lets_through_any([text.as_str()]);
            prop_assert!(!none.lets_through_any([text.as_str()]));
            prop_assert_eq!(all.lets_through_any(["", text.as_str()]), is_let_through || all.lets_through_any([""]));
        }
    }
}
