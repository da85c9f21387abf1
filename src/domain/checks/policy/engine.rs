//! `regorus`, as it is used here: bounded, silent, and with errors that say where.

use std::num::NonZeroU32;
use std::time::Duration;

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
    let mut attempt = |is_old: bool| {
        engine.set_rego_v0(is_old);
        let added = engine.add_policy(path.to_string(), text.to_owned());
        engine.set_rego_v0(false);
        added.map(|_| ()).map_err(|why| explained(&why.to_string(), std::slice::from_ref(path)))
    };
    let Err(new) = attempt(false) else { return Ok(()) };
    let Err(old) = attempt(true) else { return Ok(()) };
    // The one that got further is the one that was meant.
    let line = |error: &Explained| error.place.as_ref().and_then(|place| place.line).unwrap_or_default();
    let meant = if line(&old) > line(&new) { old } else { new };
    Err(PolicyError { place: meant.place, message: meant.message })
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
    fn the_place_of_an_error_is_found_in_its_text() {
        let path: RepoPath = "policy/a.rego".parse().unwrap();
        let text = "\n--> policy/a.rego:3:7\n  |\n3 | deny { x\n  |       ^\nerror: expecting `}`\n";
        let found = explained(text, std::slice::from_ref(&path));
        assert_eq!(found.place, Some(Place { file: path, line: Some(3) }));
        assert_eq!(found.message, "expecting `}`");
        assert_eq!(explained("time is up", &[]), Explained { place: None, message: "time is up".to_owned() });
    }
}
