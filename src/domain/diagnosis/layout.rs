//! What Flux is told of the previews, and whether the roster leads to something.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Diagnosis, Topic};
use crate::domain::overlay::previews_directory;
use crate::domain::path::RepoPath;
use crate::domain::roster::Roster;
use crate::domain::yaml;

/// Where `bivouac init` writes what Flux needs to know, from the root.
pub const FLUX: &str = "flux/previews.yaml";
/// The page that says what matters in it.
const PAGE: &str = "docs/operations.md says what matters";

/// What there is to say of what Flux is told.
#[must_use]
pub fn of_flux(root: &RepoPath, text: Option<&str>) -> Vec<Diagnosis> {
    let (topic, file, previews) = (Topic::Flux, root.join(FLUX), previews_directory(root));
    let Some(text) = text else {
        let what = format!("there is no `{file}`: what Flux does with `{previews}` is not known here");
        return vec![Diagnosis::unknown(topic, what, format!("`bivouac init` writes one; {PAGE}"))];
    };
    let documents = match yaml::parse_all(text) {
        Ok(documents) => documents,
        Err(why) => {
            return vec![Diagnosis::blocking(topic, format!("`{file}` can not be read: {why}"), "put its YAML right")];
        }
    };
    let kustomizations: Vec<_> = documents.iter().filter(|document| is_kustomization(document)).collect();
    let leading: Vec<_> = kustomizations.iter().copied().filter(|document| leads_to(document, &previews)).collect();
    if leading.is_empty() {
        let paths = kustomizations.iter().filter_map(|document| document.pointer("/spec/path")?.as_str());
        let paths: Vec<_> = paths.map(|path| format!("`{path}`")).collect();
        let instead = if paths.is_empty() {
            "it holds no `Kustomization` of Flux".to_owned()
        } else {
            format!("it leads to {}", paths.join(" and "))
        };
        let what = format!("`{file}` does not make Flux look at `{previews}`: {instead}");
        return vec![Diagnosis::blocking(topic, what, format!("write `path: ./{previews}`; {PAGE}"))];
    }
    let mut found: Vec<_> = leading.iter().flat_map(|document| settings(document, &file)).collect();
    if found.is_empty() {
        found.push(Diagnosis::fine(topic, format!("`{file}` leads to `{previews}`, prunes and does not wait")));
    }
    found
}

fn is_kustomization(document: &Value) -> bool {
    let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default();
    text("kind") == "Kustomization" && text("apiVersion").starts_with("kustomize.toolkit.fluxcd.io/")
}

/// Flux takes a path from the top of the repository, with or without a slash or a dot before it.
fn leads_to(document: &Value, previews: &RepoPath) -> bool {
    let path = document.pointer("/spec/path").and_then(Value::as_str).unwrap_or_default();
    RepoPath::top().resolve(path.trim_start_matches('/')).as_ref() == Some(previews)
}

fn settings(document: &Value, file: &RepoPath) -> Vec<Diagnosis> {
    let said = |key: &str| document.pointer(&format!("/spec/{key}"));
    let wrong = |what: &str, mend: &str| {
        Diagnosis::blocking(Topic::Flux, format!("`{file}` {what}"), format!("{mend}; {PAGE}"))
    };
    let mut found = Vec::new();
    if said("prune") != Some(&Value::Bool(true)) {
        found.push(wrong(
            "does not say `prune: true`: a preview that is taken down stays in the cluster",
            "write `prune: true`",
        ));
    }
    if said("wait") == Some(&Value::Bool(true)) {
        found.push(wrong(
            "says `wait: true`: one preview that does not come up holds up all others",
            "write `wait: false`",
        ));
    }
    if said("targetNamespace").is_some_and(|namespace| !namespace.is_null()) {
        found.push(wrong(
            "moves all previews into one `targetNamespace`, where they collide",
            "take `targetNamespace` out",
        ));
    }
    if said("suspend") == Some(&Value::Bool(true)) {
        found.push(wrong("says `suspend: true`: Flux looks at nothing", "write `suspend: false`"));
    }
    found
}

/// What there is to say of the roster, which lies at `file`, beside things of these names.
#[must_use]
pub fn of_roster(directory: &RepoPath, roster: Option<(&RepoPath, &str)>, names: &BTreeSet<String>) -> Vec<Diagnosis> {
    let topic = Topic::Layout;
    let Some((file, text)) = roster else {
        let what = format!(
            "there is no `{directory}/kustomization.yaml`: Flux finds no path until the first preview is put up"
        );
        return vec![Diagnosis::advice(topic, what, "commit one with `resources: []`, as `bivouac init` does")];
    };
    let roster = match Roster::parse(text) {
        Ok(roster) => roster,
        Err(why) => {
            let mend = "put it right: Bivouac changes nothing in a list that it does not understand";
            return vec![Diagnosis::blocking(topic, format!("`{file}` can not be edited: {why}"), mend)];
        }
    };
    let missing: Vec<_> =
        roster.directories().filter(|name| !names.contains(*name)).map(|name| format!("`{name}`")).collect();
    if missing.is_empty() {
        return vec![Diagnosis::fine(
            topic,
            format!("`{file}` lists {} and all of it is there", counted(roster.entries().count())),
        )];
    }
    let what =
        format!("`{file}` lists {}, which is not there: kustomize builds nothing of the list", missing.join(", "));
    vec![Diagnosis::blocking(topic, what, "take the line out, or put the directory back")]
}

fn counted(entries: usize) -> String {
    if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn flux(path: &str, more: &str) -> String {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  path: {path}\n{more}"
        )
    }

    #[test]
    fn each_setting_of_flux_counts() {
        let (good, here) = ("  prune: true\n  wait: false\n", "./apps/overlays/ephemeral");
        let table = [
            (None, vec![Verdict::Unknown]),
            (Some(flux(here, good)), vec![Verdict::Fine]),
            (Some(flux("apps/overlays/ephemeral/", good)), vec![Verdict::Fine]),
            (Some(flux("/apps/overlays/ephemeral", good)), vec![Verdict::Fine]),
            (Some(flux("./overlays/ephemeral", good)), vec![Verdict::Blocking]),
            (Some(flux(here, "")), vec![Verdict::Blocking]),
            (Some(flux(here, "  prune: \"true\"\n")), vec![Verdict::Blocking]),
            (
                Some(flux(here, "  prune: true\n  wait: true\n  targetNamespace: x\n  suspend: true\n")),
                vec![Verdict::Blocking; 3],
            ),
            (Some(String::new()), vec![Verdict::Blocking]),
            (Some("a: [".to_owned()), vec![Verdict::Blocking]),
        ];
        for (text, expected) in table {
            let found = of_flux(&"apps".parse().unwrap(), text.as_deref());
            assert_eq!(found.iter().map(|one| one.verdict).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_of_the_roster_that_leads_nowhere_blocks() {
        let (directory, file) =
            ("overlays/ephemeral".parse().unwrap(), "overlays/ephemeral/kustomization.yaml".parse().unwrap());
        let names = BTreeSet::from(["pr-7".to_owned(), "extra.yaml".to_owned()]);
        let verdict = |text: &str| of_roster(&directory, Some((&file, text)), &names)[0].verdict;
        assert_eq!(verdict("resources: [pr-7, ./extra.yaml]\n"), Verdict::Fine);
        assert_eq!(verdict("resources: [pr-7, pr-8]\n"), Verdict::Blocking);
        assert_eq!(verdict("resources: [pr-7\n"), Verdict::Blocking);
        assert_eq!(of_roster(&directory, None, &names)[0].verdict, Verdict::Advice);
    }
}
