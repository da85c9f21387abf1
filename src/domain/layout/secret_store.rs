//! The store that previews take their Secrets from, and the rule that keeps each of them to its own.

use indoc::formatdoc;

use super::{Layout, quoted};
use crate::domain::path::RepoPath;
use crate::domain::vault::address::NodeAddress;

/// Its file, below the root.
const FILE: &str = "flux/secret-store.yaml";

/// What stands above all of it.
const HEADING: &str = "\
# Where previews have their Secrets from, and what each of them may have: `kubectl apply -f` this once. It needs External
# Secrets Operator 0.16 or later and Kubernetes 1.30 or later.
#
# The namespaces and the keys here are those of `preview.name` and `preview.namespace` as they are by default: whoever
# changes these in bivouac.yaml changes them here.
#
";

impl Layout {
    /// The file of the store.
    #[must_use]
    pub fn store_file(&self) -> RepoPath {
        self.root.join(FILE)
    }

    /// What the name of the store is.
    pub(super) fn store_name(&self) -> String {
        format!("{}-previews", self.application)
    }

    /// The store, and the admission rule for what refers to it.
    ///
    /// The operator looks for `namespaceRegexes` anywhere in a name (`validateNamespaceConditions` of
    /// <https://github.com/external-secrets/external-secrets/blob/main/runtime/clientmanager/manager.go>), so they are anchored.
    /// It takes a leading mount off a key, and the client of Vault's resolves `..` in it, so a key has to be one of the few that
    /// are taken as they stand. The functions are those of Kubernetes 1.30:
    /// <https://kubernetes.io/docs/reference/using-api/cel/>.
    pub(super) fn secret_store(&self, server: &NodeAddress) -> String {
        // The rule first: a store without it would answer everybody until it is there.
        format!("{HEADING}{}---\n{}---\n{}", self.admission_policy(), self.admission_binding(), self.store(server))
    }

    fn store(&self, server: &NodeAddress) -> String {
        formatdoc! {r#"
            apiVersion: external-secrets.io/v1
            kind: ClusterSecretStore
            metadata:
              name: "{store}"
            spec:
              # The namespaces of previews, and no others.
              conditions:
                - namespaceRegexes:
                    - "^{application}-pr-[1-9][0-9]*$"
              provider:
                vault:
                  server: {server}
                  path: "secret"
                  version: "v2"
                  # A certificate authority of your own: https://external-secrets.io/latest/provider/hashicorp-vault/
                  auth:
                    appRole:
                      path: "approle"
                      # The role that may read and nothing else. Its ids are in a Secret beside the operator.
                      roleRef:
                        name: "bivouac-reader"
                        namespace: "external-secrets"
                        key: "role-id"
                      secretRef:
                        name: "bivouac-reader"
                        namespace: "external-secrets"
                        key: "secret-id"
        "#,
            store = self.store_name(),
            application = self.application,
            server = quoted(&server.as_str()),
        }
    }

    fn admission_policy(&self) -> String {
        formatdoc! {r#"
            # The store may read the values of all previews, so this ties what an ExternalSecret asks it for to the namespace: what all
            # previews share, and what is the preview's own.
            #
            # There is no other door to the store from within a namespace. A ClusterExternalSecret makes ExternalSecrets, which come
            # by here. A PushSecret writes, which the role in the Vault may not. A SecretStore or a generator has credentials of its own,
            # and none of a namespace can refer to the Secret of another. A template, or what it takes from ConfigMaps and Secrets, reads
            # nothing in the store. Who may change this policy or the store, or read Secrets in external-secrets, can read everything.
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata:
              name: "{store}"
            spec:
              failurePolicy: Fail
              matchConstraints:
                matchPolicy: Equivalent
                resourceRules:
                  - apiGroups: ["external-secrets.io"]
                    apiVersions: ["v1", "v1beta1"]
                    operations: ["CREATE", "UPDATE"]
                    resources: ["externalsecrets"]
              # An object of before this rule can still be labelled and deleted.
              matchConditions:
                - name: asks-for-something-new
                  expression: "request.operation == 'CREATE' || object.spec != oldObject.spec"
              variables:
                - name: data
                  expression: "has(object.spec.data) ? object.spec.data : []"
                - name: dataFrom
                  expression: "has(object.spec.dataFrom) ? object.spec.dataFrom : []"
                # Kind and name of every store that is referred to, for all keys or for one.
                - name: stores
                  expression: >-
                    (has(object.spec.secretStoreRef) ? [object.spec.secretStoreRef] : [])
                    .filter(store, has(store.kind) && has(store.name))
                    .map(store, store.kind + '/' + store.name)
                    + variables.data
                    .filter(entry, has(entry.sourceRef) && has(entry.sourceRef.storeRef))
                    .map(entry, entry.sourceRef.storeRef)
                    .filter(store, has(store.kind) && has(store.name))
                    .map(store, store.kind + '/' + store.name)
                    + variables.dataFrom
                    .filter(entry, has(entry.sourceRef) && has(entry.sourceRef.storeRef))
                    .map(entry, entry.sourceRef.storeRef)
                    .filter(store, has(store.kind) && has(store.name))
                    .map(store, store.kind + '/' + store.name)
                - name: isAsked
                  expression: "'ClusterSecretStore/{store}' in variables.stores"
                - name: keys
                  expression: >-
                    variables.data.map(entry, entry.remoteRef.key)
                    + variables.dataFrom.filter(entry, has(entry.extract)).map(entry, entry.extract.key)
              validations:
                - expression: "!variables.isAsked || variables.dataFrom.all(entry, !has(entry.find))"
                  message: "who asks the store {store} names each key: dataFrom.find is not allowed"
                - expression: >-
                    !variables.isAsked || variables.keys.all(key, key.matches(
                    '^previews/{application}(/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)*$'))
                  message: "the store {store} may be asked for previews/{application} and what is below it only"
                - expression: >-
                    !variables.isAsked || variables.keys.all(key, key.split('/').all(name,
                    !name.matches('^pr-[1-9][0-9]*$') || '{application}-' + name == request.namespace))
                  message: "the store {store} may be asked for what all previews share and for the preview's own, not for another's"
        "#,
            store = self.store_name(),
            application = self.application,
        }
    }

    fn admission_binding(&self) -> String {
        formatdoc! {r#"
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata:
              name: "{store}"
            spec:
              policyName: "{store}"
              validationActions: ["Deny"]
        "#, store = self.store_name()}
    }

    /// What `bivouac.yaml` says of secrets: how they would be had, where the store was not described.
    #[must_use]
    pub fn secrets(&self) -> String {
        let application = &self.application;
        let entry =
            format!("{{name: \"{application}\", store: \"{}\", path: \"previews/{application}\"}}", self.store_name());
        let more = "https://github.com/bivouac-dev/bivouac/blob/main/docs/secrets.md";
        match self.vault_address {
            Some(_) => format!("# What previews have from Vault, as Secrets: {more}\nsecrets:\n  - {entry}\n"),
            None => format!(
                "# What previews have from Vault, as Secrets; `bivouac init --vault-address URL` writes the store: {more}\n# secrets: [{entry}]\n"
            ),
        }
    }
}
