//! What a policy allows, in one form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::domain::vault::wanted::Lifetime;

/// What Vault or OpenBao lets one do at a path.
const CAPABILITIES: [&str; 11] =
    ["create", "delete", "deny", "list", "patch", "read", "recover", "scan", "subscribe", "sudo", "update"];
/// What else can stand at a path: the keys of Vault's and of OpenBao's reader.
const CONDITIONS: [&str; 12] = [
    "allowed_parameters",
    "comment",
    "control_group",
    "denied_parameters",
    "expiration",
    "list_scan_response_keys_filter_path",
    "max_wrapping_ttl",
    "mfa_methods",
    "min_wrapping_ttl",
    "pagination_limit",
    "required_parameters",
    "subscribe_event_types",
];

/// The rules of a policy, by path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rules(BTreeMap<String, Rule>);

/// What holds for one path.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rule {
    capabilities: BTreeSet<String>,
    conditions: BTreeMap<String, Value>,
}

/// Why a rule can not be.
pub(super) struct WrongRule(pub(super) String);

impl Rules {
    /// Adds what holds for `path`. What is there for it already is merged as Vault merges it: capabilities add up, and
    /// `deny` wins. Conditions are not merged but refused: how they would add up differs between versions.
    pub(super) fn add(&mut self, path: &str, fields: &Map<String, Value>) -> Result<(), WrongRule> {
        // Paths begin behind `/v1/`.
        let path = path.strip_prefix('/').unwrap_or(path).to_owned();
        if path.contains("+*") {
            return Err(WrongRule(format!("`{}` holds `+*`, which Vault refuses", path.escape_debug())));
        }
        let rule = Rule::read(fields)?;
        let Some(earlier) = self.0.get_mut(&path) else {
            self.0.insert(path, rule);
            return Ok(());
        };
        if !rule.conditions.is_empty() || !earlier.conditions.is_empty() {
            let message =
                format!("the path `{}` stands there twice with conditions: write it once", path.escape_debug());
            return Err(WrongRule(message));
        }
        earlier.capabilities.extend(rule.capabilities);
        earlier.let_deny_win();
        Ok(())
    }
}

impl Rule {
    fn read(fields: &Map<String, Value>) -> Result<Self, WrongRule> {
        let mut rule = Self::default();
        for (key, value) in fields {
            match key.as_str() {
                "capabilities" => rule.add_capabilities(value)?,
                "policy" => rule.add_legacy(value)?,
                known if CONDITIONS.contains(&known) => {
                    rule.conditions.insert(key.clone(), normal(known, value));
                }
                _ => {
                    let message = format!("a path has no `{}`: use `capabilities`", key.escape_debug());
                    return Err(WrongRule(message));
                }
            }
        }
        rule.let_deny_win();
        Ok(rule)
    }

    fn add_capabilities(&mut self, value: &Value) -> Result<(), WrongRule> {
        let words = value.as_array().map(|items| items.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        let Some(Some(words)) = words else {
            return Err(WrongRule("`capabilities` is not a list of texts: write it as `[\"read\"]`".to_owned()));
        };
        for word in words {
            if !CAPABILITIES.contains(&word) {
                let message =
                    format!("`{}` is not a capability: use `{}`", word.escape_debug(), CAPABILITIES.join("`, `"));
                return Err(WrongRule(message));
            }
            self.capabilities.insert(word.to_owned());
        }
        Ok(())
    }

    /// The words of before Vault 0.5, which it still takes.
    fn add_legacy(&mut self, value: &Value) -> Result<(), WrongRule> {
        let words: &[&str] = match value.as_str() {
            Some("deny") => &["deny"],
            Some("read") => &["read", "list"],
            Some("write") => &["create", "read", "update", "delete", "list"],
            Some("sudo") => &["create", "read", "update", "delete", "list", "sudo"],
            _ => return Err(WrongRule("`policy` is none of `deny`, `read`, `write` and `sudo`".to_owned())),
        };
        self.capabilities.extend(words.iter().map(|word| (*word).to_owned()));
        Ok(())
    }

    fn let_deny_win(&mut self) {
        if self.capabilities.contains("deny") {
            self.capabilities.retain(|word| word == "deny");
        }
    }
}

/// A condition in one form: times in seconds, parameters by lower-case names, lists in one order.
fn normal(key: &str, value: &Value) -> Value {
    match key {
        "min_wrapping_ttl" | "max_wrapping_ttl" => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.parse::<Lifetime>().map_or_else(|_| value.clone(), |time| Value::from(time.seconds()))
        }
        "allowed_parameters" | "denied_parameters" => match value {
            Value::Object(map) => {
                let mut entries: Vec<_> =
                    map.iter().map(|(name, values)| (name.to_lowercase(), sorted(values))).collect();
                entries.sort_by(|(one, _), (other, _)| one.cmp(other));
                Value::Object(entries.into_iter().collect())
            }
            other => other.clone(),
        },
        "required_parameters" | "mfa_methods" | "subscribe_event_types" => sorted(value),
        _ => value.clone(),
    }
}

fn sorted(value: &Value) -> Value {
    let Value::Array(items) = value else { return value.clone() };
    let by_text: BTreeMap<String, &Value> = items.iter().map(|item| (item.to_string(), item)).collect();
    Value::Array(by_text.into_values().cloned().collect())
}

impl fmt::Display for Rules {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, rule) in &self.0 {
            writeln!(formatter, "path {} {{", Value::from(path.as_str()))?;
            let words: Vec<_> = rule.capabilities.iter().map(|word| format!("\"{word}\"")).collect();
            writeln!(formatter, "  capabilities = [{}]", words.join(", "))?;
            for (key, value) in &rule.conditions {
                writeln!(formatter, "  {key} = {value}")?;
            }
            writeln!(formatter, "}}")?;
        }
        Ok(())
    }
}
