//! CRDs as they are published, and what the API server says of objects of their kinds.

use serde_json::json;

use super::*;
use crate::domain::yaml;

/// A CRD whose `spec` has this schema.
fn crd(spec: &Value) -> String {
    let schema = json!({"type": "object", "properties": {
        "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}, "spec": spec,
    }});
    let version = |name: &str, served| json!({"name": name, "served": served, "schema": {"openAPIV3Schema": schema}});
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {
        "group": "example.com", "names": {"kind": "Thing"}, "versions": [version("v1", true), version("v1beta1", false)],
    }})
    .to_string()
}

fn schemas(files: &[(&str, &str)]) -> Schemas {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Schemas::read(files, None).unwrap()
}

fn look(schemas: &Schemas, text: &str) -> Vec<String> {
    match schemas.check(&Manifest { object: yaml::parse(text).unwrap(), origin: None }).unwrap() {
        Verdict::Valid => Vec::new(),
        Verdict::Unknown(kind) => vec![format!("unknown: {kind}")],
        Verdict::Invalid(found) => found,
    }
}

/// What is said of a `spec`.
fn said(schema: &Value, spec: &str) -> Vec<String> {
    let schemas = schemas(&[("crd.json", &crd(schema))]);
    look(&schemas, &format!("{{apiVersion: example.com/v1, kind: Thing, metadata: {{name: a}}, spec: {spec}}}"))
}

#[test]
fn each_keyword_says_what_it_has_against_a_value() {
    let rows = [
        (json!({"type": "integer", "minimum": 1, "maximum": 5}), "3", ""),
        (json!({"type": "integer", "minimum": 1}), "0", "spec: must be greater than or equal to 1"),
        (json!({"type": "number", "maximum": 1, "exclusiveMaximum": true}), "1", "spec: must be less than 1"),
        (json!({"type": "number", "exclusiveMinimum": 0}), "0", "spec: must be greater than 0"),
        (json!({"type": "integer", "multipleOf": 5}), "7", "spec: must be a multiple of 5"),
        (json!({"type": "integer", "format": "int32"}), "3000000000", "spec: does not fit into int32"),
        (json!({"type": "integer"}), "2.0", ""),
        (json!({"type": "string", "minLength": 2}), "a", "spec: must have at least 2 characters, and has 1"),
        (json!({"type": "string", "maxLength": 2}), "äöü", "spec: must have at most 2 characters, and has 3"),
        (json!({"type": "string", "pattern": "^a+$"}), "b", "spec: does not match the pattern `^a+$`: \"b\""),
        (json!({"type": "string", "pattern": r"^\w+$"}), "é", "spec: does not match the pattern `^\\w+$`: \"é\""),
        (json!({"type": "string", "pattern": "^[^[]+{a}$"}), "'b{a}'", ""),
        (json!({"type": "string", "format": "date-time"}), "'2026-01-31T08:00:00Z'", ""),
        (json!({"type": "string", "format": "date-time"}), "soon", "spec: must be a date and time"),
        (json!({"type": "string", "format": "byte"}), "'%'", "spec: must be base64"),
        (json!({"type": "string", "format": "what"}), "a", ""),
        (json!({"type": "string", "enum": ["a", "b"]}), "c", "spec: unsupported \"c\": supported values: \"a\", \"b\""),
        (json!({"const": 1}), "2", "spec: unsupported 2: supported values: 1"),
        (json!({"type": "array", "items": {"type": "string"}}), "[a, 1]", "spec[1]: expected string, got integer 1"),
        (json!({"type": "array", "minItems": 1}), "[]", "spec: must have at least 1 items, and has 0"),
        (json!({"type": "array", "uniqueItems": true}), "[a, b, a]", "spec: item 2 is there twice"),
        (json!({"type": "array", "x-kubernetes-list-type": "set"}), "[a, a]", "spec: item 1 is there twice"),
        (
            json!({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}),
            "[{name: a, b: 1}, {name: a}]",
            "spec: item 1 is there twice: name=\"a\"",
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            "{a.b/c: 1}",
            "spec[a.b/c]: expected string",
        ),
        (
            json!({"type": "object", "maxProperties": 1, "additionalProperties": true}),
            "{a: 1, b: 2}",
            "spec: must have at most 1 keys",
        ),
        (json!({"type": "object", "required": ["a"], "properties": {"a": {}}}), "{}", "spec: `a` is required"),
        (json!({"x-kubernetes-int-or-string": true}), "[]", "spec: expected integer or string, got array"),
        (json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}), "50%", ""),
        (json!({"type": "string", "nullable": true}), "null", ""),
        (json!({"type": "string"}), "null", "spec: expected string, got null"),
        (json!({"type": "string", "default": "a"}), "null", ""),
        (json!({"type": "object", "properties": {"ab": {}}}), "{a: 1}", "spec: unknown field `a`"),
        (json!({"type": "object"}), "{a: 1}", "spec: unknown field `a`"),
        (json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}), "{a: 1}", ""),
        (
            json!({"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true}),
            "{apiVersion: v1, metadata: {name: 1}}",
            "spec.metadata.name: expected string, got integer 1",
        ),
        (
            json!({"type": "object", "properties": {"a": {}, "b": {}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            "{}",
            "spec: must be exactly one of 2 forms (oneOf), and is none: spec: `a` is required",
        ),
        (
            json!({"type": "object", "properties": {"a": {}, "b": {}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            "{a: 1, b: 1}",
            "spec: must be exactly one of 2 forms (oneOf), and is 2 of them",
        ),
        (json!({"anyOf": [{"minimum": 5}, {"maximum": 1}]}), "3", "spec: must be at least one of 2 forms (anyOf)"),
        (json!({"type": "integer", "allOf": [{"minimum": 5}]}), "3", "spec: must be greater than or equal to 5"),
        (json!({"type": "string", "not": {"enum": ["a"]}}), "a", "spec: is what the schema forbids (not)"),
    ];
    for (schema, spec, message) in rows {
        let found = said(&schema, spec);
        let is_right =
            if message.is_empty() { found.is_empty() } else { found.iter().any(|said| said.starts_with(message)) };
        assert!(is_right, "{schema} {spec}: {found:#?}");
    }
}

#[test]
fn metadata_is_known_whatever_the_schema_says_of_it() {
    let schemas = schemas(&[("crd.json", &crd(&json!({"type": "object"})))]);
    let thing = |rest: &str| look(&schemas, &format!("{{apiVersion: example.com/v1, kind: Thing, {rest}}}"));
    let fine = "metadata: {name: a, namespace: b, labels: {a: b}, annotations: {c: d}, finalizers: [e], creationTimestamp: null}";
    assert_eq!(thing(fine), Vec::<String>::new());
    assert_eq!(thing("metadata: {name: 1}"), ["metadata.name: expected string, got integer 1"]);
    assert_eq!(
        thing("metadata: {annotations: {a: true}}"),
        ["metadata.annotations.a: expected string, got boolean true"]
    );
    assert_eq!(thing("metadata: {lables: {}}"), ["metadata: unknown field `lables`: did you mean `labels`?"]);
    let both = ["metadata: expected object, got array", "unknown field `sepc`: did you mean `spec`?"];
    assert_eq!(thing("metadata: [], sepc: {}"), both);
}

#[test]
fn a_version_that_a_crd_does_not_serve_is_refused_and_an_unknown_kind_is_not() {
    let schemas = schemas(&[("crd.json", &crd(&json!({})))]);
    let old = look(&schemas, "{apiVersion: example.com/v1beta1, kind: Thing}");
    assert_eq!(old, ["apiVersion: \"example.com/v1beta1\" is not served for Thing: use example.com/v1"]);
    assert_eq!(look(&schemas, "{apiVersion: example.com/v1, kind: Other}"), ["unknown: example.com/v1 Other"]);
    assert_eq!(look(&schemas, "{apiVersion: 1, kind: Other}"), ["apiVersion and kind: required, as strings"]);
}

#[test]
fn a_kind_is_written_as_its_schema_writes_it() {
    let stated = json!([{"group": "example.com", "version": "v1", "kind": "Thing"}]);
    let definition = json!({"type": "object", "x-kubernetes-group-version-kind": stated});
    let openapi = json!({"definitions": {"com.example.v1.Thing": definition}}).to_string();
    let layout = "example.com/thing_v1.json";
    for (name, text) in [("crd.json", &crd(&json!({}))), ("swagger.json", &openapi), (layout, &definition.to_string())]
    {
        let schemas = schemas(&[(name, text)]);
        assert_eq!(look(&schemas, "{apiVersion: example.com/v1, kind: Thing}"), Vec::<String>::new(), "{name}");
        let wrong = look(&schemas, "{apiVersion: example.com/v1, kind: thing}");
        assert_eq!(wrong, ["kind: \"thing\" is not known: use Thing"], "{name}");
    }
    let silent = schemas(&[(layout, "{}")]);
    assert_eq!(look(&silent, "{apiVersion: example.com/v1, kind: thing}"), Vec::<String>::new());
}

#[test]
fn crds_are_found_in_documents_lists_and_beside_other_files() {
    let thing = crd(&json!({"type": "object", "properties": {"a": {"type": "string"}}}));
    let object = "{apiVersion: example.com/v1, kind: Thing, spec: {a: 1}}";
    let several = format!("a: b\n---\n{thing}\n---\n");
    let list = format!("{{\"kind\": \"List\", \"items\": [{thing}]}}");
    for (name, text) in [("a.yaml", several.as_str()), ("a.json", &list), ("a.yml", &list)] {
        let schemas = schemas(&[("other.yaml", "a: b"), ("other.json", "[]"), (name, text)]);
        assert_eq!(look(&schemas, object), ["spec.a: expected string, got integer 1"], "{name}");
    }
    let template = "kind: CustomResourceDefinition\n{{ if .Values.crds }}\n";
    assert_eq!(look(&schemas(&[("templates/crd.yaml", template)]), object), ["unknown: example.com/v1 Thing"]);
    let broken = vec![("crd.yaml".to_owned(), "kind: CustomResourceDefinition\na: [".to_owned())];
    let refused = Schemas::read(broken, None).unwrap_err().to_string();
    assert!(refused.starts_with("the schemas in `crd.yaml` can not be read: line 2, "), "{refused}");
}

#[test]
fn the_layouts_of_kubeconform_and_of_the_catalog_are_known() {
    let closed = r#"{"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}},
        "additionalProperties": false}}, "additionalProperties": false}"#;
    let object = "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: a}, spec: {a: b, c: d}}";
    for name in ["helm.toolkit.fluxcd.io/helmrelease_v2.json", "master-standalone-strict/helmrelease-helm-v2.json"] {
        assert_eq!(look(&schemas(&[(name, closed)]), object), ["spec: unknown field `c`"], "{name}");
    }
    let other = r#"{"x-kubernetes-group-version-kind": [{"group": "helm.example.com", "kind": "HelmRelease", "version": "v2"}]}"#;
    let schemas = schemas(&[("x/helmrelease-helm-v2.json", other)]);
    assert_eq!(look(&schemas, object), ["unknown: helm.toolkit.fluxcd.io/v2 HelmRelease"]);
}

#[test]
fn a_schema_that_leads_nowhere_is_an_error_of_its_own() {
    let refused = |text: &str| {
        let schemas = schemas(&[("example.com/thing_v1.json", text)]);
        let object = json!({"apiVersion": "example.com/v1", "kind": "Thing", "spec": {"a": "b"}});
        schemas.check(&Manifest { object, origin: None }).unwrap_err().to_string()
    };
    let file = "the schemas in `example.com/thing_v1.json`";
    assert_eq!(
        refused(r##"{"properties": {"spec": {"$ref": "#/a"}}, "a": {"$ref": "#/a"}}"##),
        format!("{file} refer to themselves without end")
    );
    assert_eq!(refused(r##"{"allOf": [{"$ref": "#"}]}"##), format!("{file} refer to themselves without end"));
    assert_eq!(
        refused(r#"{"properties": {"spec": {"$ref": "x.json#/a"}}}"#),
        format!("{file} refer to `x.json#/a`, which is not there")
    );
    assert!(refused("{").starts_with(&format!("{file} can not be read: ")));
    let pattern = refused(r#"{"properties": {"spec": {"properties": {"a": {"type": "string", "pattern": "("}}}}}"#);
    assert!(pattern.starts_with(&format!("{file} have a `pattern` that can not be read: ")), "{pattern}");
}

#[test]
fn the_values_of_a_secret_are_not_repeated() {
    let text = r#"{"properties": {"data": {"additionalProperties": {"type": "string", "format": "byte", "pattern": "^a", "enum": ["a"]}}}}"#;
    let schemas = schemas(&[("secret-v1.json", text)]);
    for value in ["hunter2", "4711"] {
        let found = look(&schemas, &format!("{{apiVersion: v1, kind: Secret, data: {{key: {value}}}}}"));
        assert!(!found.is_empty() && found.iter().all(|said| !said.contains(value)), "{found:#?}");
    }
}

#[test]
fn no_more_than_twenty_are_told_and_what_is_deep_is_refused() {
    let many = said(
        &json!({"type": "object"}),
        &json!((0..30).map(|at| (at.to_string(), 1)).collect::<HashMap<_, _>>()).to_string(),
    );
    assert_eq!((many.len(), many[20].as_str()), (21, "and 10 more"));
    let nested = r##"{"properties": {"spec": {"$ref": "#/a"}}, "a": {"type": "array", "items": {"$ref": "#/a"}}}"##;
    let schemas = schemas(&[("example.com/thing_v1.json", nested)]);
    let mut spec = json!([]);
    for _ in 0..400 {
        spec = json!([spec]);
    }
    let object = json!({"apiVersion": "example.com/v1", "kind": "Thing", "spec": spec});
    let verdict = schemas.check(&Manifest { object, origin: None }).unwrap();
    assert!(matches!(&verdict, Verdict::Invalid(found) if found[0].ends_with("is nested too deeply")), "{verdict:?}");
}

#[test]
fn forms_within_forms_end_soon() {
    let form = |key: &str| json!({"type": "object", "properties": {"a": {"$ref": "#/d"}}, "required": [key]});
    let text =
        json!({"type": "object", "properties": {"spec": {"$ref": "#/d"}}, "d": {"anyOf": [form("z"), form("y")]}});
    let schemas = schemas(&[("example.com/thing_v1.json", &text.to_string())]);
    let mut spec = json!({});
    for _ in 0..30 {
        spec = json!({"a": spec});
    }
    let object = json!({"apiVersion": "example.com/v1", "kind": "Thing", "spec": spec});
    let refused = schemas.check(&Manifest { object, origin: None }).unwrap_err().to_string();
    assert_eq!(refused, "the schemas in `example.com/thing_v1.json` take more than 101700 steps for one object");
}
