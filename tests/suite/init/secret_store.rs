//! The store that `init` writes is what the operator and Kubernetes take, and its admission rule, evaluated by a real CEL, lets a
//! preview have what all previews share and its own values, and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use cel::extensions;
use cel::{Context, Env, Value as CelValue};
use serde_json::json;

use super::*;
use crate::operator;

const FILE: &str = "flux/secret-store.yaml";
const VAULT: [&str; 2] = ["--vault-address", "https://vault.example.com:8200"];
const STORE: &str = "wildside-previews";
const NAMESPACE: &str = "wildside-pr-7";

fn laid_out() -> Checkout {
    let checkout = Checkout::new();
    checkout.init(&VAULT).ok();
    checkout
}

/// The rule, as Kubernetes has it.
struct Policy(Value);

impl Policy {
    fn read() -> Self {
        let objects = documents(&laid_out().files()[FILE]);
        Self(only(&objects, "ValidatingAdmissionPolicy")["spec"].clone())
    }

    /// What is said of a new object in a namespace: the message of the first rule that it breaks.
    fn refusal(&self, object: &Value, namespace: &str) -> Option<String> {
        self.said(&Asked { object, former: None, namespace })
    }

    fn said(&self, asked: &Asked<'_>) -> Option<String> {
        let mut variables: HashMap<String, CelValue> = HashMap::new();
        let mut conditions = self.0["matchConditions"].as_array().unwrap().iter();
        if conditions.any(|condition| evaluate(condition, asked, &variables) == CelValue::Bool(false)) {
            return None;
        }
        for variable in self.0["variables"].as_array().unwrap() {
            let value = evaluate(variable, asked, &variables);
            variables.insert(variable["name"].as_str().unwrap().to_owned(), value);
        }
        let rules = self.0["validations"].as_array().unwrap();
        let broken = rules.iter().find(|rule| match evaluate(rule, asked, &variables) {
            CelValue::Bool(holds) => !holds,
            other => panic!("{rule}: {other:?}"),
        });
        broken.map(|rule| rule["message"].as_str().unwrap().to_owned())
    }
}

/// What somebody asks the API server for.
struct Asked<'a> {
    object: &'a Value,
    /// What the object was before; nothing if it is new.
    former: Option<&'a Value>,
    namespace: &'a str,
}

fn evaluate(rule: &Value, asked: &Asked<'_>, variables: &HashMap<String, CelValue>) -> CelValue {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings).unwrap();
    let env = Arc::new(env);
    let program = env.compile(rule["expression"].as_str().unwrap()).unwrap_or_else(|why| panic!("{rule}: {why}"));
    let mut context = Context::with_env(Arc::clone(&env));
    let operation = if asked.former.is_some() { "UPDATE" } else { "CREATE" };
    context.add_variable("object", asked.object).unwrap();
    context.add_variable("oldObject", asked.former).unwrap();
    context.add_variable("request", json!({"namespace": asked.namespace, "operation": operation})).unwrap();
    context.add_variable_from_value("variables", variables.clone());
    program.execute(&context).unwrap_or_else(|why| panic!("{rule}: {why}\n{:#}", asked.object))
}

fn store(name: &str) -> Value {
    json!({"kind": "ClusterSecretStore", "name": name})
}

fn secret(spec: &Value) -> Value {
    json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": {"name": "a"}, "spec": spec})
}

/// An `ExternalSecret` that asks the store for one key.
fn asking(key: &str) -> Value {
    secret(&json!({"secretStoreRef": store(STORE), "dataFrom": [{"extract": {"key": key}}]}))
}

const ONLY_BELOW: &str = "the store wildside-previews may be asked for previews/wildside and what is below it only";
const NOT_ANOTHERS: &str =
    "the store wildside-previews may be asked for what all previews share and for the preview's own, not for another's";
const NO_FIND: &str = "who asks the store wildside-previews names each key: dataFrom.find is not allowed";

#[test]
fn the_store_is_what_the_operator_takes_and_asks_the_vault_that_was_named() {
    let objects = documents(&laid_out().files()[FILE]);
    let store = only(&objects, "ClusterSecretStore");
    operator::takes(store);
    let vault = &store["spec"]["provider"]["vault"];
    assert_eq!(
        (&vault["server"], &vault["path"], &vault["version"]),
        (&VAULT[1].into(), &"secret".into(), &"v2".into())
    );
    let role = &vault["auth"]["appRole"];
    for (reference, key) in [("roleRef", "role-id"), ("secretRef", "secret-id")] {
        assert_eq!(role[reference], json!({"name": "bivouac-reader", "namespace": "external-secrets", "key": key}));
    }
}

#[test]
fn the_rule_is_what_kubernetes_takes_and_denies() {
    let checkout = laid_out();
    let file = checkout.path().join(FILE);
    let output = tool("kubernetes-validate").args(["-k", "1.34", "--strict"]).arg(&file).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    let objects = documents(&checkout.files()[FILE]);
    let (policy, binding) =
        (only(&objects, "ValidatingAdmissionPolicy"), only(&objects, "ValidatingAdmissionPolicyBinding"));
    typed::<k8s_openapi::api::admissionregistration::v1::ValidatingAdmissionPolicy>(policy);
    typed::<k8s_openapi::api::admissionregistration::v1::ValidatingAdmissionPolicyBinding>(binding);
    assert_eq!(binding["spec"], json!({"policyName": policy["metadata"]["name"], "validationActions": ["Deny"]}));
    assert_eq!(policy["spec"]["failurePolicy"], "Fail");
    let rules = policy["spec"]["matchConstraints"]["resourceRules"].as_array().unwrap();
    assert_eq!(rules.len(), 1);
    assert_eq!(
        (&rules[0]["resources"], &rules[0]["operations"]),
        (&json!(["externalsecrets"]), &json!(["CREATE", "UPDATE"]))
    );
}

/// Kubernetes' own types lose what they do not know.
fn typed<T: serde::de::DeserializeOwned + serde::Serialize>(object: &Value) {
    let read: T = serde_json::from_value(object.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), *object);
}

#[test]
fn what_a_deploy_renders_is_let_through_in_its_own_namespace_and_in_no_other() {
    let checkout = laid_out();
    checkout.is_ready(".");
    let tree = checkout.world.checkout();
    let objects = build(&tree.path().join("tree/overlays/ephemeral")).unwrap();
    let rendered = only(&objects, "ExternalSecret");
    assert_eq!(
        (&rendered["metadata"]["namespace"], &rendered["spec"]["secretStoreRef"]),
        (&NAMESPACE.into(), &store(STORE))
    );
    operator::takes(rendered);
    let policy = Policy::read();
    assert_eq!(policy.refusal(rendered, NAMESPACE), None);
    for other in ["wildside-pr-8", "wildside-pr-77", "wildside", "default", "other-pr-7"] {
        assert_eq!(policy.refusal(rendered, other).as_deref(), Some(NOT_ANOTHERS), "{other}");
    }
}

#[test]
fn a_key_is_what_all_share_or_the_previews_own() {
    let policy = Policy::read();
    for (key, expected) in [
        ("previews/wildside", None),
        ("previews/wildside/pr-7", None),
        ("previews/wildside/backend", None),
        ("previews/wildside/backend/pr-7", None),
        ("previews/wildside/pr-x", None),
        ("previews/wildside/a_b.c-d", None),
        ("previews/wildside/pr-8", Some(NOT_ANOTHERS)),
        ("previews/wildside/x/pr-8", Some(NOT_ANOTHERS)),
        ("previews/wildside/pr-8/x", Some(NOT_ANOTHERS)),
        ("previews/wildside/pr-7/pr-8", Some(NOT_ANOTHERS)),
        ("previews/wildside/pr-77", Some(NOT_ANOTHERS)),
        ("previews/other", Some(ONLY_BELOW)),
        ("previews/other/pr-7", Some(ONLY_BELOW)),
        ("previews/wildside-evil", Some(ONLY_BELOW)),
        ("previews/wildside-evil/pr-7", Some(ONLY_BELOW)),
        ("previews", Some(ONLY_BELOW)),
        ("", Some(ONLY_BELOW)),
        ("pr-7", Some(ONLY_BELOW)),
        ("/previews/wildside", Some(ONLY_BELOW)),
        ("previews/wildside/", Some(ONLY_BELOW)),
        ("previews/wildside//pr-8", Some(ONLY_BELOW)),
        ("previews/wildside/pr-7/../pr-8", Some(ONLY_BELOW)),
        ("previews/wildside/./pr-8", Some(ONLY_BELOW)),
        ("previews/wildside/..", Some(ONLY_BELOW)),
        ("previews/wildside/%2e%2e/other", Some(ONLY_BELOW)),
        ("previews/wildside/pr-7?version=1", Some(ONLY_BELOW)),
        ("previews/wildside/pr-7#x", Some(ONLY_BELOW)),
        ("previews/wildside/pr-8 ", Some(ONLY_BELOW)),
        ("previews/wildside\n", Some(ONLY_BELOW)),
        ("x\npreviews/wildside", Some(ONLY_BELOW)),
        ("secret/previews/wildside/pr-8", Some(ONLY_BELOW)),
        ("secret/data/previews/wildside/pr-8", Some(ONLY_BELOW)),
        ("Previews/wildside", Some(ONLY_BELOW)),
    ] {
        assert_eq!(policy.refusal(&asking(key), NAMESPACE).as_deref(), expected, "{key:?}");
    }
}

#[test]
fn every_way_to_name_a_key_is_looked_at() {
    let policy = Policy::read();
    let refusal = |spec: &Value| policy.refusal(&secret(spec), NAMESPACE);
    let data = |key: &str| json!([{"secretKey": "a", "remoteRef": {"key": key}}]);
    let extract = |key: &str| json!({"extract": {"key": key}});
    let elsewhere = store("other");
    for (key, expected) in [("previews/wildside/pr-7", None), ("previews/wildside/pr-8", Some(NOT_ANOTHERS.to_owned()))]
    {
        let own = "previews/wildside";
        for spec in [
            json!({"secretStoreRef": store(STORE), "data": data(key)}),
            json!({"secretStoreRef": store(STORE), "dataFrom": [extract(own), extract(key)]}),
            json!({"secretStoreRef": store(STORE), "data": data(own), "dataFrom": [extract(key)]}),
            json!({"data": [{"secretKey": "a", "remoteRef": {"key": key}, "sourceRef": {"storeRef": store(STORE)}}]}),
            json!({"dataFrom": [{"extract": {"key": key}, "sourceRef": {"storeRef": store(STORE)}}]}),
            json!({
                "secretStoreRef": elsewhere,
                "dataFrom": [{"extract": {"key": key}, "sourceRef": {"storeRef": store(STORE)}}],
            }),
            json!({
                "secretStoreRef": elsewhere,
                "data": [{"secretKey": "a", "remoteRef": {"key": key}, "sourceRef": {"storeRef": store(STORE)}}],
            }),
        ] {
            assert_eq!(refusal(&spec), expected, "{spec}");
        }
    }
    for spec in [
        json!({"secretStoreRef": store(STORE), "dataFrom": [{"find": {"name": {"regexp": ".*"}}}]}),
        json!({"secretStoreRef": store(STORE), "dataFrom": [{"find": {"path": "previews/wildside/pr-7"}}]}),
        json!({"dataFrom": [{"find": {"path": "previews"}, "sourceRef": {"storeRef": store(STORE)}}]}),
    ] {
        assert_eq!(refusal(&spec).as_deref(), Some(NO_FIND), "{spec}");
    }
}

#[test]
fn a_change_of_what_is_asked_is_looked_at_and_one_of_anything_else_is_not() {
    let policy = Policy::read();
    let (own, anothers) = (asking("previews/wildside/pr-7"), asking("previews/wildside/pr-8"));
    let changed =
        |former: &Value, object: &Value| policy.said(&Asked { object, former: Some(former), namespace: NAMESPACE });
    assert_eq!(changed(&own, &anothers).as_deref(), Some(NOT_ANOTHERS));
    assert_eq!(changed(&asking("previews/wildside/pr-9"), &anothers).as_deref(), Some(NOT_ANOTHERS));
    assert_eq!(changed(&anothers, &own), None);
    let mut labelled = anothers.clone();
    labelled["metadata"]["labels"] = json!({"a": "b"});
    assert_eq!(changed(&anothers, &labelled), None);
    assert_eq!(policy.refusal(&labelled, NAMESPACE).as_deref(), Some(NOT_ANOTHERS));
}

#[test]
fn what_does_not_ask_the_store_is_nobodys_business() {
    let policy = Policy::read();
    let generator = json!({"apiVersion": "generators.external-secrets.io/v1alpha1", "kind": "Password", "name": "a"});
    for spec in [
        json!({"secretStoreRef": store("other"), "dataFrom": [{"extract": {"key": "anything/pr-8"}}]}),
        json!({"secretStoreRef": store("other"), "dataFrom": [{"find": {"name": {"regexp": ".*"}}}]}),
        json!({"secretStoreRef": {"name": STORE}, "data": [{"secretKey": "a", "remoteRef": {"key": "x"}}]}),
        json!({"secretStoreRef": {"kind": "SecretStore", "name": STORE}, "dataFrom": [{"extract": {"key": "x"}}]}),
        json!({"dataFrom": [{"sourceRef": {"generatorRef": generator}}]}),
        json!({}),
    ] {
        assert_eq!(policy.refusal(&secret(&spec), NAMESPACE), None, "{spec}");
    }
}

#[test]
fn who_lays_out_a_store_is_told_what_it_takes_to_read_the_vault_and_nobody_else_is() {
    let checkout = Checkout::new();
    let run = checkout.init(&[&VAULT[..], &["--path", "apps/wildside"]].concat()).ok();
    for words in [
        "created      apps/wildside/flux/secret-store.yaml",
        "kubectl create secret generic bivouac-reader --namespace external-secrets \\\n",
        "--from-literal=role-id=ROLE_ID --from-file=secret-id=FILE\n",
        "kubectl apply -f apps/wildside/flux/secret-store.yaml\n",
        "`bivouac bootstrap-vault --mint-reader-secret-id`",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let without = Checkout::new();
    let run = without.init(&[]).ok();
    assert!(!run.stdout.contains("secret") && !without.files().keys().any(|path| path.contains("secret")));
}

#[test]
fn an_application_with_the_name_of_a_preview_is_refused_before_anything_is_written() {
    let checkout = Checkout::new();
    let directory = checkout.path();
    let names = ["--application", "pr-7", "--repository", "acme/wildside", "--domain", "preview.example.com"];
    let arguments = [&["init", directory.to_str().unwrap()], &names[..], &VAULT[..]].concat();
    let run = checkout.world.run(checkout.world.bivouac(&arguments));
    assert_eq!((run.code, directory.exists()), (3, false), "{}", run.stderr);
    assert!(run.stderr.contains("`pr-7` is what a preview would be called"), "{}", run.stderr);
}

#[test]
fn a_store_is_no_part_of_workflows() {
    let run = Checkout::new().world.run(World::empty().bivouac(&[&["init", "x", "--workflows"], &VAULT[..]].concat()));
    assert_eq!(run.code, 2, "{}", run.stderr);
}

#[test]
fn a_store_is_added_to_a_repository_that_people_have_made_their_own() {
    let checkout = Checkout::new();
    checkout.init(&[]).ok();
    let configuration = checkout.path().join("bivouac.yaml");
    let own = format!("{}# ours\n", fs::read_to_string(&configuration).unwrap());
    fs::write(&configuration, &own).unwrap();
    let run = checkout.init(&[&VAULT[..], &["--secret-store"]].concat()).ok();
    assert!(run.stdout.starts_with("created      flux/secret-store.yaml\n\nNext:"), "{}", run.stdout);
    let entry = "secrets:\n  - {name: \"wildside\", store: \"wildside-previews\", path: \"previews/wildside\"}\n";
    assert!(run.stdout.contains(entry) && !run.stdout.contains("previews.yaml"), "{}", run.stdout);
    assert_eq!(fs::read_to_string(&configuration).unwrap(), own);
    assert_eq!(checkout.init(&["--secret-store"]).code, 2);
}
