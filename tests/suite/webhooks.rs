//! GitHub's own examples of the events that start a workflow, and what it publishes no example of, derived from them.

use std::{fs, path::Path};

use serde_json::{Map, Value, json};

/// GitHub's examples, by event and action.
pub(crate) struct Webhooks {
    events: Vec<Value>,
}

impl Webhooks {
    /// The examples in `folder`, which `make tools` fills: `target/tools/github`.
    ///
    /// # Panics
    ///
    /// When they are missing.
    pub(crate) fn load(folder: &Path) -> Self {
        let path = folder.join("webhooks.json");
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("could not read `{}` ({error}): run `make tools`", path.display()));
        let events = serde_json::from_str(&text).expect("GitHub's examples are a list of events");
        Self { events }
    }

    /// GitHub's first example of `pull_request` with this action.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub(crate) fn pull_request(&self, action: &str) -> PullRequestEvent {
        PullRequestEvent::new(self.example("pull_request", action))
    }

    /// GitHub's first example of an event with this action.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub(crate) fn example(&self, name: &str, action: &str) -> Value {
        let of_that_name = self.events.iter().filter(|event| event["name"] == name);
        let mut examples = of_that_name.filter_map(|event| event["examples"].as_array()).flatten();
        let example = examples.find(|example| example["action"] == action);
        example.unwrap_or_else(|| panic!("GitHub has no example of `{name}` that is `{action}`")).clone()
    }
}

/// A `pull_request` event, as the runner keeps it in `GITHUB_EVENT_PATH`.
#[derive(Clone)]
pub(crate) struct PullRequestEvent(Value);

impl PullRequestEvent {
    fn new(mut payload: Value) -> Self {
        // What GitHub sends today and some of its examples do not have yet.
        for place in ["/pull_request/head/repo", "/pull_request/base/repo", "/repository"] {
            add_missing(&mut payload, place, "has_discussions", json!(false));
        }
        add_missing(&mut payload, "/pull_request", "auto_merge", Value::Null);
        // The runner's events carry no GitHub App.
        payload.as_object_mut().expect("an event is an object").remove("installation");
        Self(payload)
    }

    /// The payload.
    pub(crate) fn into_value(self) -> Value {
        self.0
    }

    /// With this number, in every address too.
    pub(crate) fn numbered(mut self, number: u64) -> Self {
        let old = self.0["number"].clone();
        for kind in ["pull", "pulls", "issues"] {
            let (old, new) = (format!("/{kind}/{old}"), format!("/{kind}/{number}"));
            change_strings(&mut self.0, &|text| replace_segments(text, &old, &new));
        }
        self.0["number"] = json!(number);
        self.0["pull_request"]["number"] = json!(number);
        self
    }

    /// With this commit as the head.
    pub(crate) fn at(mut self, commit: &str) -> Self {
        let old = self.0["pull_request"]["head"]["sha"].as_str().expect("a head is a commit").to_owned();
        change_strings(&mut self.0, &|text| text.replace(&old, commit));
        self
    }

    /// In this repository (`owner/name`), and from it too unless it came from elsewhere.
    pub(crate) fn in_repository(mut self, full_name: &str) -> Self {
        let old = self.0["repository"].clone();
        let comes_from_here = self.0["pull_request"]["head"]["repo"]["id"] == old["id"];
        let fork = self.0["pull_request"]["head"].clone();
        rename_repository(&mut self.0, &old, full_name);
        if !comes_from_here {
            self.0["pull_request"]["head"] = fork;
        }
        self
    }

    /// From a fork with this name (`owner/name`), whose owner is also the author.
    pub(crate) fn coming_from_fork(mut self, full_name: &str) -> Self {
        let old = self.0["repository"].clone();
        let event = &mut self.0["pull_request"];
        let mut head = event["head"].clone();
        rename_repository(&mut head, &old, full_name);
        // A fork is another repository of another person.
        head["repo"]["id"] = json!(FORK_ID);
        head["repo"]["node_id"] = json!("R_kgDOfork");
        head["repo"]["fork"] = json!(true);
        head["repo"]["owner"]["id"] = json!(STRANGER_ID);
        head["user"] = head["repo"]["owner"].clone();
        event["user"] = head["user"].clone();
        event["author_association"] = json!("FIRST_TIME_CONTRIBUTOR");
        event["head"] = head;
        self
    }

    /// From a fork that was deleted since.
    pub(crate) fn coming_from_a_deleted_fork(mut self) -> Self {
        self = self.coming_from_fork("stranger/gone");
        self.0["pull_request"]["head"]["repo"] = Value::Null;
        self
    }

    /// Merged as this commit. Starts from `closed`: GitHub has no example of a merge.
    pub(crate) fn merged(mut self, merge_commit: &str) -> Self {
        let sender = self.0["sender"].clone();
        let event = &mut self.0["pull_request"];
        event["state"] = json!("closed");
        event["merged"] = json!(true);
        event["merged_at"] = event["closed_at"].clone();
        event["merged_by"] = sender;
        event["merge_commit_sha"] = json!(merge_commit);
        self
    }

    /// As a draft, or as none.
    pub(crate) fn draft(mut self, draft: bool) -> Self {
        self.0["pull_request"]["draft"] = json!(draft);
        self
    }

    /// With these labels and no others.
    pub(crate) fn labelled(mut self, names: &[&str]) -> Self {
        let labels = names.iter().zip(1_u64..).map(|(name, id)| {
            json!({
                "id": id,
                "node_id": format!("LA_{id}"),
                "url": format!("{}/labels/{name}", self.0["repository"]["url"].as_str().unwrap_or_default()),
                "name": name,
                "color": "d73a4a",
                "default": false,
                "description": null,
            })
        });
        self.0["pull_request"]["labels"] = labels.collect();
        self
    }
}

const FORK_ID: u64 = 999_000_001;
const STRANGER_ID: u64 = 999_000_002;

fn add_missing(payload: &mut Value, place: &str, key: &str, value: Value) {
    if let Some(Value::Object(object)) = payload.pointer_mut(place) {
        object.entry(key).or_insert(value);
    }
}

/// Renames a repository and its owner in `value`, in every address too.
fn rename_repository(value: &mut Value, old: &Value, full_name: &str) {
    let (owner, name) = full_name.split_once('/').expect("a repository is `owner/name`");
    let old_name = old["name"].as_str().expect("a repository has a name").to_owned();
    let old_owner = old["owner"]["login"].as_str().expect("a repository has an owner").to_owned();
    let old_full_name = format!("{old_owner}/{old_name}");
    change_strings(value, &|text| match text {
        text if text == old_name => name.to_owned(),
        text if text == old_owner => owner.to_owned(),
        text => text
            .replace(&old_full_name, full_name)
            .replace(&format!("/users/{old_owner}"), &format!("/users/{owner}"))
            .replace(&format!("github.com/{old_owner}"), &format!("github.com/{owner}"))
            .replace(&format!("{old_owner}:"), &format!("{owner}:")),
    });
}

/// `…/pulls/2` and `…/pulls/2/comments` and `…/pull/2.diff`, but not `…/pulls/21`.
fn replace_segments(text: &str, old: &str, new: &str) -> String {
    match text.find(old) {
        Some(at) if !text[at + old.len()..].starts_with(|next: char| next.is_ascii_digit()) => {
            text.replacen(old, new, 1)
        }
        _ => text.to_owned(),
    }
}

fn change_strings(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| change_strings(item, change)),
        Value::Object(object) => change_object(object, change),
        _ => {}
    }
}

fn change_object(object: &mut Map<String, Value>, change: &dyn Fn(&str) -> String) {
    object.values_mut().for_each(|value| change_strings(value, change));
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::LazyLock};

    use serde_json::json;

    use super::Webhooks;
    use crate::described::Described;

    const COMMIT: &str = "5f2c9d1e0b7a4c3d8e6f1a2b3c4d5e6f7a8b9c0d";

    static GITHUB: LazyLock<(Webhooks, Described)> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/github");
        (Webhooks::load(&folder), Described::load(&folder))
    });

    #[test]
    fn every_action_that_bivouac_listens_to_has_an_example_that_github_describes() {
        let (webhooks, github) = &*GITHUB;
        for action in [
            "opened",
            "synchronize",
            "reopened",
            "ready_for_review",
            "converted_to_draft",
            "labeled",
            "unlabeled",
            "closed",
        ] {
            let event = webhooks.pull_request(action).into_value();
            assert_eq!(event["action"], action);
            github.check_event("pull_request", &event).unwrap();
        }
    }

    #[test]
    fn what_is_derived_is_still_what_github_describes() {
        let (webhooks, github) = &*GITHUB;
        let event = webhooks
            .pull_request("closed")
            .coming_from_fork("stranger/fork-of-wildside")
            .in_repository("acme/wildside")
            .numbered(123)
            .at(COMMIT)
            .labelled(&["keep-preview"])
            .draft(true)
            .merged("0123456789abcdef0123456789abcdef01234567")
            .into_value();
        github.check_event("pull_request", &event).unwrap();
        let pull_request = &event["pull_request"];
        assert_eq!(event["repository"]["full_name"], "acme/wildside");
        assert_eq!(pull_request["base"]["repo"]["full_name"], "acme/wildside");
        assert_eq!(pull_request["head"]["repo"]["full_name"], "stranger/fork-of-wildside");
        assert_eq!(pull_request["head"]["label"], "stranger:changes");
        assert_eq!(
            pull_request["comments_url"].as_str().unwrap().split("/repos/").nth(1),
            Some("acme/wildside/issues/123/comments")
        );
        assert_eq!(pull_request["user"]["login"], "stranger");
        assert_eq!(pull_request["head"]["sha"], COMMIT);
        assert_eq!((&pull_request["merged"], &pull_request["state"]), (&json!(true), &json!("closed")));
        assert!(!event.to_string().contains("Codertocat/Hello-World"), "{event}");
    }

    #[test]
    fn a_deleted_fork_leaves_no_repository_behind() {
        let (webhooks, github) = &*GITHUB;
        let event = webhooks.pull_request("opened").coming_from_a_deleted_fork().into_value();
        github.check_event("pull_request", &event).unwrap();
        assert!(event["pull_request"]["head"]["repo"].is_null());
    }

    #[test]
    fn an_event_that_github_does_not_describe_is_refused() {
        let (webhooks, github) = &*GITHUB;
        let mut event = webhooks.pull_request("opened").into_value();
        event["pull_request"]["head"]["sha"] = json!(12);
        assert!(github.check_event("pull_request", &event).unwrap_err().contains("/pull_request/head/sha"));
        event["action"] = json!("set-on-fire");
        assert!(github.check_event("pull_request", &event).unwrap_err().contains("describes no event"));
    }

    #[test]
    #[should_panic(expected = "run `make tools`")]
    fn missing_examples_fail_instead_of_being_skipped() {
        Webhooks::load(Path::new("/nonexistent"));
    }
}
