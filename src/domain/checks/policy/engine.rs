//! `regorus`, as it is used here: bounded, silent, and with errors that say where.

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;
use regorus::Engine;
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::Value;

use super::PolicyError;
use crate::domain::checks::Place;
use crate::domain::path::RepoPath;

/// So long may one rule take for one manifest.
const LONGEST: Duration = Duration::from_secs(2);

/// An engine that stops by itself, and prints nothing.
pub(super) fn engine() -> Engine {
    let mut engine = Engine::new();
    let check_interval = NonZeroU32::new(1_000).unwrap_or(NonZeroU32::MIN);
    engine.set_execution_timer_config(ExecutionTimerConfig { limit: LONGEST, check_interval });
    engine.set_gather_prints(true);
    engine.set_strict_builtin_errors(true);
    engine
}

/// Adds a policy: as Rego v1, or as v0 if it is only that.
pub(super) fn add(engine: &mut Engine, path: &RepoPath, text: &str) -> Result<(), PolicyError> {
    // `regorus` warns of it on standard error, and ignores it.
    let text = REDUNDANT_IMPORT.replace_all(text, "");
    let mut attempt = |is_old: bool| {
        engine.set_rego_v0(is_old);
        let added = engine.add_policy(path.to_string(), text.clone().into_owned());
        engine.set_rego_v0(false);
        added.map(|_| ()).map_err(|why| explained(&why.to_string(), std::slice::from_ref(path)))
    };
    let Err(new) = attempt(false) else { return Ok(()) };
    let old = if may_be_old(&text) { attempt(true) } else { Err(new.clone()) };
    let Err(old) = old else { return Ok(()) };
    // The one that got further is the one that was meant.
    let line = |error: &Explained| error.place.as_ref().and_then(|place| place.line).unwrap_or_default();
    let meant = if line(&old) > line(&new) { old } else { new };
    Err(PolicyError { place: meant.place, message: meant.message })
}

static REDUNDANT_IMPORT: LazyLock<Regex> = LazyLock::new(|| expression(r"(?m)^[ \t]*import[ \t]+input[ \t]*(?:#.*)?$"));
/// Comments and texts, which are no code.
static NO_CODE: LazyLock<Regex> = LazyLock::new(|| expression(r#"(?m)#.*$|"(?:\\.|[^"\\\n])*"|`[^`]*`"#));
static KEYWORD: LazyLock<Regex> = LazyLock::new(|| expression(r"\b(if|in|every|contains)\b(\s*\()?"));

/// An expression that is a constant.
pub(super) fn expression(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|_| unreachable!("it is a constant, and the tests use it"))
}

/// Whether a policy uses no keyword of today without importing it. As v0, `regorus` would take such a word for a name, and
/// warn of it on standard error.
fn may_be_old(text: &str) -> bool {
    let code = NO_CODE.replace_all(text, "");
    let imports = |keyword: &str| {
        code.lines().filter_map(|line| line.trim().strip_prefix("import")).any(|import| {
            let import = import.trim();
            import == "rego.v1" || import == "future.keywords" || import == format!("future.keywords.{keyword}")
        })
    };
    let code_without_imports = code.lines().filter(|line| !line.trim_start().starts_with("import"));
    code_without_imports.flat_map(|line| KEYWORD.captures_iter(line)).all(|found| {
        let keyword = &found[1];
        // `contains(a, b)` is a function.
        keyword == "contains" && found.get(2).is_some() || imports(keyword)
    })
}

/// Evaluates a rule for the input that was set; nothing when it is undefined.
pub(super) fn evaluate(engine: &mut Engine, query: &str, paths: &[RepoPath]) -> Result<Option<Value>, Explained> {
    let explain = |why: &dyn std::fmt::Display| explained(&why.to_string(), paths);
    let value = engine.eval_rule(query.to_owned()).map_err(|why| explain(&why))?;
    // What a policy prints is for nobody.
    let _ = engine.take_prints();
    if value == regorus::Value::Undefined {
        return Ok(None);
    }
    let text = value.to_json_str().map_err(|why| explain(&why))?;
    serde_json::from_str(&text).map(Some).map_err(|why| explain(&why))
}

/// Hands a value over.
pub(super) fn value(value: &Value) -> Result<regorus::Value, String> {
    serde_json::from_value(value.clone()).map_err(|why| why.to_string())
}

/// What `regorus` says, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Explained {
    pub(super) place: Option<Place>,
    pub(super) message: String,
}

/// Takes apart what `regorus` writes: an arrow with the place, the line itself, and the message behind `error: `.
pub(super) fn explained(text: &str, paths: &[RepoPath]) -> Explained {
    let place = paths.iter().find_map(|path| {
        let (_, rest) = text.split_once(&format!("--> {path}:"))?;
        let line = rest.split(':').next()?.parse().ok();
        Some(Place { file: path.clone(), line })
    });
    let words = text.rsplit_once("error: ").map_or(text, |(_, words)| words);
    let message = words.split_whitespace().collect::<Vec<_>>().join(" ");
    Explained { place, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_today_that_are_not_imported_are_not_of_old() {
        for old in [
            "deny[msg] { contains(input.a, \"if\"); msg := `x in y` }",
            "import future.keywords.in\ndeny[m] { m in [1] } # if",
            "import future.keywords\ndeny contains m if { m := 1 }",
        ] {
            assert!(may_be_old(old), "{old}");
        }
        for new in ["deny contains m if { true }", "import future.keywords.in\ndeny[m] if { m in [1] }"] {
            assert!(!may_be_old(new), "{new}");
        }
        assert_eq!(REDUNDANT_IMPORT.replace_all("a\n import input # x\nimport input.a", ""), "a\n\nimport input.a");
    }

    #[test]
    fn the_place_of_an_error_is_found_in_its_text() {
        let path: RepoPath = "policy/a.rego".parse().unwrap();
        let text = "\n--> policy/a.rego:3:7\n  |\n3 | deny { x\n  |       ^\nerror: expecting `}`\n";
        let found = explained(text, std::slice::from_ref(&path));
        assert_eq!(found.place, Some(Place { file: path, line: Some(3) }));
        assert_eq!(found.message, "expecting `}`");
        assert_eq!(explained("time is up", &[]), Explained { place: None, message: "time is up".to_owned() });
    }
}
