//! The rules that Bivouac brings, each with what it takes and what it refuses.

use std::collections::BTreeMap;

use super::{Policies, Subject};
use crate::domain::checks::{Finding, Manifest, Severity};
use crate::domain::configuration::{Checks, Rule, Strictness};
use crate::domain::path::RepoPath;
use crate::domain::yaml;

fn policies(rule: Rule, strictness: Strictness) -> Policies {
    let checks = Checks {
        rules: BTreeMap::from([(rule, strictness)]),
        mandatory_labels: vec!["team".to_owned(), "example.com/tier".to_owned()],
        ..Checks::default()
    };
    Policies::read(&[], &checks).unwrap()
}

fn look(policies: &Policies, text: &str) -> Vec<Finding> {
    let overlay = RepoPath::top().join("overlays/ephemeral/pr-7");
    let subject = Subject { overlay: &overlay, domain: "Preview.example.com", namespace: Some("pr-7") };
    let manifest = Manifest { object: yaml::parse(text).unwrap(), origin: None };
    policies.over(subject).unwrap().check(&manifest)
}

/// The messages of a rule, without its name at their end.
fn told(rule: Rule, text: &str) -> Vec<String> {
    let ending = format!(" (rule `{}`)", rule.word());
    let found = look(&policies(rule, Strictness::Require), text);
    assert!(found.iter().all(|finding| finding.severity == Severity::Refusal));
    found.into_iter().map(|finding| finding.message.strip_suffix(&ending).unwrap().to_owned()).collect()
}

fn fine(rule: Rule, texts: &[&str]) {
    for text in texts {
        assert_eq!(told(rule, text), Vec::<String>::new(), "{text}");
    }
}

/// Asserts that each manifest is refused once, with a message that has the words.
fn refused(rule: Rule, texts: &[(&str, &str)]) {
    for (text, words) in texts {
        let found = told(rule, text);
        assert!(found.len() == 1 && found[0].contains(words), "{text}: {found:#?}");
    }
}

#[test]
fn a_secret_in_plain_sight_is_refused_without_its_value() {
    refused(
        Rule::NoInlineSecrets,
        &[
            (
                "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {key: c2VjcmV0}}",
                "the Secret `a` holds `data.key` in plain sight",
            ),
            ("{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {key: x}}", "`stringData.key`"),
            (
                "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {key: x, b: 'ENC[AES256_GCM,data:x]'}, sops: {mac: x}}",
                "`stringData.key`",
            ),
            ("{apiVersion: v1, kind: Secret, stringData: {key: 'ENC[AES256_GCM,data:x]'}}", "`stringData.key`"),
            ("{apiVersion: v1, kind: Secret, stringData: {key: 5}, sops: {}}", "`stringData.key`"),
        ],
    );
    fine(
        Rule::NoInlineSecrets,
        &[
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, type: kubernetes.io/service-account-token}",
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {}, stringData: {a: ''}}",
            "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {a: 'ENC[AES256_GCM,data:x]'}, sops: {mac: x}}",
            "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: a}, spec: {encryptedData: {a: b}}}",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}",
        ],
    );
}

/// The same pod specification as a Pod, in a template, and in a template of a template.
fn pods(specification: &str) -> [String; 4] {
    [
        format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {specification}}}"),
        format!(
            "{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: a}}, spec: {{template: {{spec: {specification}}}}}}}"
        ),
        format!(
            "{{apiVersion: batch/v1, kind: Job, metadata: {{name: a}}, spec: {{template: {{spec: {specification}}}}}}}"
        ),
        format!(
            "{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: a}}, spec: {{jobTemplate: {{spec: {{template: {{spec: {specification}}}}}}}}}}}"
        ),
    ]
}

#[test]
fn resources_have_to_be_stated() {
    for pod in pods("{containers: [{name: b, resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}}]}") {
        fine(Rule::Resources, &[&pod]);
    }
    for pod in pods("{containers: [{name: b, resources: {limits: {cpu: 1, memory: 1Gi}}}]}") {
        fine(Rule::Resources, &[&pod]);
    }
    for pod in pods("{initContainers: [{name: b, resources: {requests: {cpu: 1}, limits: {memory: 1Gi}}}, {name: c}]}")
    {
        let found = told(Rule::Resources, &pod);
        assert_eq!(found.len(), 3, "{found:#?}");
        assert!(found.iter().all(|message| message.starts_with("the container `c` of the ")), "{found:#?}");
    }
    for pod in pods("{containers: [{name: b, resources: {requests: {memory: 1Gi}, limits: {memory: 1Gi}}}]}") {
        refused(Rule::Resources, &[(&pod, "` requests no cpu: set `resources.requests.cpu`")]);
    }
    fine(Rule::Resources, &["{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {}}"]);
}

#[test]
fn a_container_keeps_to_itself() {
    let good = "securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false";
    for pod in pods(&format!(
        "{{containers: [{{name: b, {good}, capabilities: {{drop: [ALL], add: [NET_BIND_SERVICE]}}}}}}]}}"
    )) {
        fine(Rule::SecurityContext, &[&pod]);
    }
    for pod in pods(
        "{securityContext: {runAsNonRoot: true}, containers: [{name: b, securityContext: {allowPrivilegeEscalation: false}}]}",
    ) {
        fine(Rule::SecurityContext, &[&pod]);
    }
    for (more, words) in [
        (", privileged: true", "the container `b` of the Pod `a` is privileged"),
        (", runAsUser: 0", "runs as root"),
        (", capabilities: {add: [SYS_ADMIN]}", "adds the capability `SYS_ADMIN`"),
    ] {
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            let [pod, ..] = pods(&format!("{{{list}: [{{name: b, {good}{more}}}}}]}}"));
            refused(Rule::SecurityContext, &[(&pod, words)]);
        }
    }
    for (specification, words) in [
        ("{containers: [{name: b, securityContext: {runAsNonRoot: true}}]}", "may gain privileges"),
        ("{containers: [{name: b, securityContext: {allowPrivilegeEscalation: false}}]}", "may run as root"),
        ("{hostNetwork: true}", "shares its node's `hostNetwork`"),
        ("{volumes: [{name: v, hostPath: {path: /}}]}", "the volume `v` of the "),
    ] {
        for pod in pods(specification) {
            refused(Rule::SecurityContext, &[(&pod, words)]);
        }
    }
}

#[test]
fn workloads_have_the_labels_that_are_asked_for() {
    let with =
        |labels: &str| format!("{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a, labels: {labels}}}}}");
    fine(
        Rule::MandatoryLabels,
        &[&with("{team: x, example.com/tier: y}"), "{apiVersion: v1, kind: Service, metadata: {name: a}}"],
    );
    refused(
        Rule::MandatoryLabels,
        &[
            (&with("{team: x}"), "the Deployment `a` lacks the label `example.com/tier`"),
            (&with("{team: '', example.com/tier: y}"), "the label `team`"),
        ],
    );
    assert_eq!(told(Rule::MandatoryLabels, "{apiVersion: v1, kind: Pod}").len(), 2);
}

#[test]
fn nothing_is_for_the_whole_cluster() {
    fine(
        Rule::NoClusterScope,
        &[
            "{apiVersion: v1, kind: Namespace, metadata: {name: pr-7}}",
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}}",
            "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: a}}",
            // Of another group than the cluster-scoped kinds of these names.
            "{apiVersion: example.com/v1, kind: Node, metadata: {name: a}}",
            "{apiVersion: v1, kind: ConfigMap}",
        ],
    );
    for (api_version, kind) in [
        ("v1", "Node"),
        ("v1", "PersistentVolume"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io/v1beta1", "ClusterRole"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
        ("storage.k8s.io/v1", "StorageClass"),
        ("scheduling.k8s.io/v1", "PriorityClass"),
        ("apiregistration.k8s.io/v1", "APIService"),
        ("networking.k8s.io/v1", "IngressClass"),
        ("cert-manager.io/v1", "ClusterIssuer"),
    ] {
        let text = format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}}}");
        refused(Rule::NoClusterScope, &[(&text, &format!("the {kind} `a` is for the whole cluster"))]);
    }
    refused(
        Rule::NoClusterScope,
        &[(
            "{apiVersion: v1, kind: Namespace, metadata: {name: kube-system}}",
            "the Namespace `kube-system` is not the preview's own",
        )],
    );
}

#[test]
fn hosts_are_within_the_domain() {
    let kinds = [
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{host: HOST}]}}",
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {tls: [{hosts: [HOST]}]}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec: {hostnames: [HOST]}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: a}, spec: {hostnames: [HOST]}}",
        "{apiVersion: gateway.networking.k8s.io/v1alpha3, kind: TLSRoute, metadata: {name: a}, spec: {hostnames: [HOST]}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a}, spec: {listeners: [{hostname: HOST}]}}",
        "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: a}, spec: {hosts: [HOST, plain]}}",
        "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: a}, spec: {servers: [{hosts: [HOST]}]}}",
        "{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: a}, spec: {host: HOST}}",
        "{apiVersion: serving.knative.dev/v1beta1, kind: DomainMapping, metadata: {name: HOST}}",
    ];
    for kind in kinds {
        for host in [
            "preview.example.com",
            "PR-7.preview.Example.com",
            "'*.pr-7.preview.example.com'",
            "a.preview.example.com.",
        ] {
            fine(Rule::HostInDomain, &[&kind.replace("HOST", host)]);
        }
        for host in ["example.com", "evilpreview.example.com", "preview.example.com.evil.org", "'*.example.com'"] {
            let words = format!("the host `{}` of the ", host.trim_matches('\''));
            refused(Rule::HostInDomain, &[(&kind.replace("HOST", host), &words)]);
        }
    }
    refused(
        Rule::HostInDomain,
        &[
            (
                "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{http: {}}]}}",
                "would answer for every host",
            ),
            (
                "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {defaultBackend: {}}}",
                "would answer for every host",
            ),
            (
                "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec: {}}",
                "would answer for every host",
            ),
        ],
    );
}

#[test]
fn a_rule_is_as_strict_as_it_is_set() {
    let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: other}}";
    let severity = |strictness| -> Vec<Severity> {
        look(&policies(Rule::NoClusterScope, strictness), namespace).iter().map(|found| found.severity).collect()
    };
    assert_eq!(severity(Strictness::Require), [Severity::Refusal]);
    assert_eq!(severity(Strictness::Warn), [Severity::Warning]);
    assert_eq!(severity(Strictness::Off), []);
}

#[test]
fn what_is_in_a_list_is_looked_at() {
    let secret = "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {key: c2VjcmV0}}";
    let list =
        format!("{{apiVersion: v1, kind: List, items: [{{apiVersion: v1, kind: SecretList, items: [{secret}]}}]}}");
    let found = look(&policies(Rule::NoInlineSecrets, Strictness::Require), &list);
    assert_eq!(found[0].object.as_deref(), Some("Secret `a`"), "{found:#?}");
}
