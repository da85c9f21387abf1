//! "The overlay is closed", sentence by sentence.

use super::*;

const CHART: &str = "{chart: {spec: {chart: wildside, sourceRef: {kind: HelmRepository, name: charts}}}}";
const REPOSITORY: &str =
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts, namespace: flux-system}\n";

fn source_ref(namespace: &str) -> Value {
    json!({"chart": {"spec": {"sourceRef": {"namespace": namespace}}}})
}

#[test]
fn what_base_does_not_state_is_not_patched() {
    assert_eq!(Kitchen::new().spec(), json!({}));
}

#[test]
fn namespaces_for_the_release_and_its_storage_become_the_previews_where_base_states_them() {
    let spec = Kitchen::specified("{targetNamespace: wildside, storageNamespace: flux-system}").spec();
    assert_eq!(spec, json!({"targetNamespace": "wildside-pr-123", "storageNamespace": "wildside-pr-123"}));
    let spec = Kitchen::specified("{targetNamespace: wildside}").spec();
    assert_eq!(spec, json!({"targetNamespace": "wildside-pr-123"}));
    let spec = Kitchen::specified("{storageNamespace: wildside}").spec();
    assert_eq!(spec, json!({"storageNamespace": "wildside-pr-123"}));
}

#[test]
fn a_source_without_a_namespace_gets_the_one_that_base_had() {
    assert_eq!(Kitchen::specified(CHART).within("apps").spec(), source_ref("apps"));
    let release = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: wildside, namespace: flux-system}}\nspec: {CHART}\n"
    );
    assert_eq!(Kitchen::of(&release).spec(), source_ref("flux-system"));
    assert_eq!(Kitchen::of(&release).within("apps").spec(), source_ref("apps"));
}

#[test]
fn a_source_with_a_namespace_keeps_it() {
    assert_eq!(Kitchen::new().within("apps").spec(), json!({}));
}

#[test]
fn an_empty_namespace_of_a_source_is_none() {
    let chart = CHART.replace("name: charts", "name: charts, namespace: \"\"");
    assert_eq!(Kitchen::specified(&chart).within("apps").spec(), source_ref("apps"));
}

#[test]
fn a_source_without_a_namespace_is_refused_when_base_states_none() {
    insta::assert_snapshot!(Kitchen::specified(CHART).refusal(), @"the HelmRelease `wildside` refers to `charts` in `spec.chart.spec.sourceRef` without a namespace, and base states none to take it from");
}

#[test]
fn a_source_that_base_brings_moves_along() {
    assert_eq!(Kitchen::specified(CHART).beside(REPOSITORY).spec(), json!({}));
    assert_eq!(Kitchen::specified(CHART).beside(REPOSITORY).within("apps").spec(), json!({}));
}

#[test]
fn a_source_of_another_kind_that_base_brings_is_not_the_one_that_is_meant() {
    let other = REPOSITORY.replace("HelmRepository", "GitRepository");
    assert_eq!(Kitchen::specified(CHART).beside(&other).within("apps").spec(), source_ref("apps"));
}

#[test]
fn a_source_that_base_brings_is_found_in_the_previews_namespace_even_if_base_states_its_former_one() {
    let chart = CHART.replace("name: charts", "name: charts, namespace: flux-system");
    assert_eq!(Kitchen::specified(&chart).beside(REPOSITORY).spec(), source_ref("wildside-pr-123"));
}

#[test]
fn a_source_in_another_namespace_is_not_the_one_of_that_name_that_base_brings() {
    let chart = CHART.replace("name: charts", "name: charts, namespace: elsewhere");
    assert_eq!(Kitchen::specified(&chart).beside(REPOSITORY).spec(), json!({}));
}

#[test]
fn a_chart_reference_is_closed_like_a_source() {
    let reference = "{chartRef: {kind: OCIRepository, name: wildside-chart}}";
    assert_eq!(Kitchen::specified(reference).within("apps").spec(), json!({"chartRef": {"namespace": "apps"}}));
    let stated = "{chartRef: {kind: OCIRepository, name: wildside-chart, namespace: flux-system}}";
    assert_eq!(Kitchen::specified(stated).within("apps").spec(), json!({}));
    let chart = REPOSITORY.replace("HelmRepository", "OCIRepository").replace("charts", "wildside-chart");
    assert_eq!(Kitchen::specified(reference).beside(&chart).spec(), json!({}));
    insta::assert_snapshot!(Kitchen::specified(reference).refusal(), @"the HelmRelease `wildside` refers to `wildside-chart` in `spec.chartRef` without a namespace, and base states none to take it from");
}

#[test]
fn each_dependency_without_a_namespace_gets_the_one_that_base_had() {
    let mixed =
        "{dependsOn: [{name: postgres}, {name: cert-manager, namespace: cert-manager}, {name: redis, readyExpr: x}]}";
    let expected = json!({"dependsOn": [
        {"name": "postgres", "namespace": "apps"},
        {"name": "cert-manager", "namespace": "cert-manager"},
        {"name": "redis", "readyExpr": "x", "namespace": "apps"},
    ]});
    assert_eq!(Kitchen::specified(mixed).within("apps").spec(), expected);
    insta::assert_snapshot!(Kitchen::specified(mixed).refusal(), @"the HelmRelease `wildside` refers to `postgres` in `spec.dependsOn` without a namespace, and base states none to take it from");
    let stated = "{dependsOn: [{name: cert-manager, namespace: cert-manager}]}";
    assert_eq!(Kitchen::specified(stated).spec(), json!({}));
}

#[test]
fn an_empty_namespace_of_a_dependency_is_none() {
    let expected = json!({"dependsOn": [{"name": "postgres", "namespace": "apps"}]});
    let empty = "{dependsOn: [{name: postgres, namespace: \"\"}]}";
    assert_eq!(Kitchen::specified(empty).within("apps").spec(), expected);
}

const NEEDS: &str = "{valuesFrom: [{kind: ConfigMap, name: settings}, {kind: Secret, name: passwords, valuesKey: x}], \
                     kubeConfig: {secretRef: {name: cluster}}, serviceAccountName: deployer}";

#[test]
fn what_nothing_provides_is_refused_by_name() {
    insta::assert_snapshot!(Kitchen::specified(NEEDS).refusal(), @"the HelmRelease `wildside` needs what nothing puts into the preview's namespace: the ConfigMap `settings` (`spec.valuesFrom`), the Secret `passwords` (`spec.valuesFrom`), the Secret `cluster` (`spec.kubeConfig.secretRef`), the ServiceAccount `deployer` (`spec.serviceAccountName`)");
    let kube_config = Kitchen::specified("{kubeConfig: {configMapRef: {name: cluster}}}").refusal();
    insta::assert_snapshot!(kube_config, @"the HelmRelease `wildside` needs what nothing puts into the preview's namespace: the ConfigMap `cluster` (`spec.kubeConfig.configMapRef`)");
}

#[test]
fn what_the_cluster_provides_is_not_refused() {
    let all = "preview: {provided: [settings, passwords, cluster, deployer]}\n";
    assert_eq!(Kitchen::specified(NEEDS).configured(all).spec(), json!({}));
    let some = "preview: {provided: [settings, passwords, cluster]}\n";
    let refusal = Kitchen::specified(NEEDS).configured(some).refusal();
    assert!(refusal.ends_with(": the ServiceAccount `deployer` (`spec.serviceAccountName`)"), "{refusal}");
}

#[test]
fn what_base_brings_is_not_refused() {
    let object = |kind: &str, name: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n---\n");
    let all =
        [("ConfigMap", "settings"), ("Secret", "passwords"), ("Secret", "cluster"), ("ServiceAccount", "deployer")];
    let text: String = all.iter().map(|(kind, name)| object(kind, name)).collect();
    assert_eq!(Kitchen::specified(NEEDS).beside(&text).spec(), json!({}));
    let wrong = text.replace("kind: ConfigMap", "kind: Secret");
    let refusal = Kitchen::specified(NEEDS).beside(&wrong).refusal();
    assert!(refusal.ends_with(": the ConfigMap `settings` (`spec.valuesFrom`)"), "{refusal}");
}

#[test]
fn what_base_generates_is_not_refused() {
    let mut kitchen = Kitchen::specified("{valuesFrom: [{kind: ConfigMap, name: settings}]}");
    kitchen.generated = vec![Object::generated("ConfigMap", "settings", &Names::default())];
    assert_eq!(kitchen.spec(), json!({}));
}

#[test]
fn a_secret_that_an_operator_makes_is_not_refused() {
    let needs = "{valuesFrom: [{kind: Secret, name: passwords}]}";
    for made in [
        "kind: ExternalSecret\nmetadata: {name: passwords}\n",
        "kind: ExternalSecret\nmetadata: {name: x}\nspec: {target: {name: passwords}}\n",
        "kind: SealedSecret\nmetadata: {name: passwords}\n",
    ] {
        assert_eq!(Kitchen::specified(needs).beside(made).spec(), json!({}), "{made}");
    }
}

#[test]
fn optional_values_are_not_refused() {
    let optional = "{valuesFrom: [{kind: Secret, name: passwords, optional: true}]}";
    assert_eq!(Kitchen::specified(optional).spec(), json!({}));
    let needed = "{valuesFrom: [{kind: Secret, name: passwords, optional: false}]}";
    assert!(Kitchen::specified(needed).refusal().contains("the Secret `passwords`"));
}

#[test]
fn every_namespace_has_the_default_service_account() {
    assert_eq!(Kitchen::specified("{serviceAccountName: default}").spec(), json!({}));
}

#[test]
fn nothing_in_place_of_a_reference_is_no_reference() {
    let nothing =
        "{targetNamespace: null, dependsOn: [], valuesFrom: null, kubeConfig: null, serviceAccountName: null}";
    assert_eq!(Kitchen::specified(nothing).spec(), json!({}));
}

#[test]
fn a_namespace_in_base_is_refused_with_its_file() {
    let files =
        [("base/all.yaml", format!("{RELEASE}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: wildside}}\n"))];
    let files = files.map(|(path, text)| Source { path: path.parse().unwrap(), text, ..Source::default() });
    let sources = Sources { files: files.into(), ..Sources::default() };
    let error = Base::find(&"base".parse().unwrap(), &sources).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"`base/all.yaml` holds the Namespace `wildside`, which kustomize would rename to the preview's own and refuse as a duplicate");
}
