//! Policies as people write them for conftest.

use bivouac::domain::checks::policy::{Policies, PolicyError, Subject};
use bivouac::domain::checks::{Finding, Severity};
use bivouac::domain::configuration::{Checks, Strictness};
use bivouac::domain::path::RepoPath;

use super::schemas::manifest;

/// As conftest's own documentation has it, before version 0.60.
const OF_OLD: &str = r#"package main

deny[msg] {
  input.kind == "Deployment"
  not input.spec.template.spec.securityContext.runAsNonRoot

  msg := "Containers must not run as root"
}

deny[msg] {
  input.kind == "Deployment"
  not input.spec.selector.matchLabels.app

  msg := "Containers must provide app label for pod selectors"
}
"#;

/// The same way in Rego v1, with a helper in a package of its own, objects as results, and a warning.
const OF_TODAY: &str = r#"package main

import data.lib.containers

violation_latest contains {"msg": msg, "details": {"image": c.image}} if {
	some c in containers.all
	endswith(c.image, ":latest")
	msg := sprintf("%s uses the tag latest", [c.name])
}

warn_pull contains msg if {
	some c in containers.all
	not c.imagePullPolicy
	msg := sprintf("%s states no imagePullPolicy", [c.name])
}

warn_format contains "the name is long" if count(input.metadata.name) > 40
"#;

const LIBRARY: &str = "package lib.containers

import rego.v1

all contains c if some c in input.spec.template.spec.containers
";

const DEPLOYMENT: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: \
                          {containers: [{name: app, image: 'acme/web:latest'}]}}}}";

fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

fn read(files: &[(&str, &str)], strictness: Strictness) -> Result<Policies, PolicyError> {
    let files: Vec<_> = files.iter().map(|(name, text)| (path(name), (*text).to_owned())).collect();
    Policies::read(&files, &Checks { policies: strictness, ..Checks::default() })
}

fn found(policies: &Policies, text: &str) -> Vec<Finding> {
    let overlay = path("overlays/ephemeral/pr-7");
    let subject = Subject { overlay: &overlay, domain: "preview.example.com", namespace: Some("pr-7") };
    policies.over(subject).unwrap().check(&manifest(text))
}

fn told(files: &[(&str, &str)], text: &str) -> Vec<(Severity, String)> {
    let findings = found(&read(files, Strictness::Require).unwrap(), text);
    findings.into_iter().map(|finding| (finding.severity, finding.message)).collect()
}

#[test]
fn policies_of_old_and_of_today_stand_beside_each_other() {
    let files = [("policy/old.rego", OF_OLD), ("policy/new.rego", OF_TODAY), ("policy/lib/containers.rego", LIBRARY)];
    let refusal = |message: &str| (Severity::Refusal, message.to_owned());
    assert_eq!(
        told(&files, DEPLOYMENT),
        [
            refusal("Containers must not run as root (`deny` in `policy/old.rego`)"),
            refusal("Containers must provide app label for pod selectors (`deny` in `policy/old.rego`)"),
            refusal("app uses the tag latest (`violation_latest` in `policy/new.rego`)"),
            (Severity::Warning, "app states no imagePullPolicy (`warn_pull` in `policy/new.rego`)".to_owned()),
        ]
    );
    assert_eq!(told(&files, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"), []);
    let warned = found(&read(&files, Strictness::Warn).unwrap(), DEPLOYMENT);
    assert!(warned.len() == 4 && warned.iter().all(|finding| finding.severity == Severity::Warning), "{warned:#?}");
    assert!(read(&files, Strictness::Off).unwrap().is_empty());
}

#[test]
fn what_is_no_rego_is_refused_with_file_and_line() {
    let refused = |text: &str| read(&[("policy/a.rego", text)], Strictness::Require).unwrap_err().to_string();
    let message = refused("package main\n\ndeny contains msg if {\n\tmsg := \n}\n");
    assert!(message.starts_with("the policy `policy/a.rego` can not be used: line 4: "), "{message}");
    let message = refused("package main\n\ndeny[msg] {\n  msg = = 1\n}\n");
    assert!(message.starts_with("the policy `policy/a.rego` can not be used: line 4: "), "{message}");
    let message = refused("package main\n\nimport rego.v1\n\ndeny contains msg if { input.a == b }\n");
    assert!(message.starts_with("the policy `policy/a.rego` can not be used: line 5: "), "{message}");
    let message = refused("deny contains msg if { true }\n");
    assert!(message.starts_with("the policy `policy/a.rego` can not be used: line 1: "), "{message}");
}

#[test]
fn a_rule_that_can_not_be_evaluated_refuses() {
    for (body, word) in [
        ("startswith(input.metadata, \"a\")", "string"),
        ("parse_config(\"yaml\", \"a: b\").a == \"b\"", "parse_config"),
        ("http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1\"}).status_code == 200", "http.send"),
        ("opa.runtime().env.HOME != \"\"", "opa.runtime"),
        ("time.now_ns() > 0", "time.now_ns"),
    ] {
        let text = format!("package main\n\nimport rego.v1\n\ndeny contains \"x\" if {{\n\t{body}\n}}\n");
        let found = match read(&[("policy/a.rego", &text)], Strictness::Require) {
            Ok(policies) => found(&policies, DEPLOYMENT),
            Err(why) => {
                assert!(why.message.contains(word) && why.place.is_some(), "{body}: {why:?}");
                continue;
            }
        };
        let [finding] = found.as_slice() else { panic!("{body}: {found:#?}") };
        assert_eq!(finding.severity, Severity::Refusal);
        assert!(finding.message.contains(word), "{body}: {finding:#?}");
        let place = finding.place.as_ref().unwrap();
        assert_eq!((place.file.as_str(), place.line), ("policy/a.rego", Some(6)), "{finding:#?}");
    }
}

#[test]
fn a_rule_that_takes_too_long_is_stopped_and_refuses() {
    let text = "package main\n\nimport rego.v1\n\ndeny contains \"x\" if {\n\tsome a in numbers.range(1, 3000)\n\t\
                some b in numbers.range(1, 3000)\n\tsome c in numbers.range(1, 3000)\n\ta * b * c == -1\n}\n";
    let begun = std::time::Instant::now();
    let told = told(&[("policy/a.rego", text)], DEPLOYMENT);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    let [(Severity::Refusal, message)] = told.as_slice() else { panic!("{told:#?}") };
    assert!(message.contains("the policy `deny` can not be evaluated: ") && message.contains("time"), "{message}");
}

#[test]
fn other_packages_and_tests_do_not_refuse_and_what_holds_without_words_does() {
    let rule = "import rego.v1\n\ndeny contains \"x\" if true\n";
    let other = format!("package other\n\n{rule}");
    let test = format!("package main\n\n{rule}");
    assert_eq!(told(&[("policy/other.rego", &other), ("policy/main_test.rego", &test)], DEPLOYMENT), []);
    for (head, message) in [
        ("deny := true", "it holds, and its result is neither a text nor an object with `msg`"),
        ("deny := \"a text\"", "a text"),
        ("deny contains {\"a\": 1} if true", "it holds, and its result has no `msg`"),
        ("deny contains 1 if true", "it holds, and its result is neither a text nor an object with `msg`"),
        ("deny := [\"one of a list\"]", "one of a list"),
    ] {
        let policy = format!("package main\n\nimport rego.v1\n\n{head}\n");
        let message = format!("{message} (`deny` in `policy/a.rego`)");
        assert_eq!(told(&[("policy/a.rego", &policy)], DEPLOYMENT), [(Severity::Refusal, message)], "{head}");
    }
    assert_eq!(told(&[("policy/a.rego", "package main\n\ndeny := false\n")], DEPLOYMENT), []);
}

#[test]
fn an_exception_takes_a_rule_away_for_what_it_names() {
    let text = "package main\n\nimport rego.v1\n\ndeny_a contains \"a\" if true\n\ndeny contains \"plain\" if true\n\n\
                exception contains rules if {\n\tinput.metadata.name == \"web\"\n\trules := [\"a\"]\n}\n\n\
                exception contains rules if {\n\tinput.metadata.name == \"all\"\n\trules := [\"a\", \"\"]\n}\n";
    for (name, left) in [("other", 2), ("web", 1), ("all", 0)] {
        let manifest = format!("{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}}}");
        assert_eq!(told(&[("policy/a.rego", text)], &manifest).len(), left, "{name}");
    }
}

#[test]
fn data_files_are_data_and_the_previews_own_are_there_too() {
    let text = "package main\n\nimport rego.v1\n\ndeny contains msg if {\n\tnot input.kind in data.kinds\n\t\
                msg := sprintf(\"%v in %v of %v\", [input.kind, data.bivouac.namespace, data.bivouac.domain])\n}\n";
    let files = [("policy/a.rego", text), ("policy/data.yaml", "kinds: [ConfigMap]\n")];
    let message = "Deployment in pr-7 of preview.example.com (`deny` in `policy/a.rego`)";
    assert_eq!(told(&files, DEPLOYMENT), [(Severity::Refusal, message.to_owned())]);
    assert_eq!(told(&files, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"), []);
    for (data, line) in [("kinds: [\n", Some(1)), ("bivouac: {}\n", None), ("[]\n", None)] {
        let refused = read(&[("policy/a.rego", text), ("policy/data.yaml", data)], Strictness::Require).unwrap_err();
        let place = refused.place.unwrap();
        assert_eq!((place.file.as_str(), place.line), ("policy/data.yaml", line), "{data}");
    }
}

#[test]
fn the_policy_in_the_documentation_works_when_it_is_pasted() {
    let page = std::fs::read_to_string(crate::files::top().join("docs/policies.md")).unwrap();
    let policy = page.split("```rego\n").nth(1).unwrap().split("```").next().unwrap();
    let deployment = DEPLOYMENT.replace("spec: {template", "spec: {replicas: 2, template");
    assert_eq!(
        told(&[("policy/images.rego", policy)], &deployment),
        [
            (
                Severity::Refusal,
                "Deployment `web`: the image `acme/web:latest` is not ours (`deny` in `policy/images.rego`)".to_owned()
            ),
            (Severity::Warning, "web runs 2 times in pr-7 (`warn_replicas` in `policy/images.rego`)".to_owned()),
        ]
    );
}
