//! The kustomize component that lets Flux say on the head commit how a preview's release stands.

use indoc::{formatdoc, indoc};

use super::Layout;

/// Its directory, below the root.
pub(super) const DIRECTORY: &str = "components/commit-status";
/// The Secret with the token, which has to be in the namespace of every preview.
const SECRET: &str = "commit-status-token";

impl Layout {
    /// The files of the component, by name. An Alert hears of releases of its own namespace, and has its Provider, with its
    /// Secret, beside it: so each preview brings both.
    pub(super) fn commit_status(&self) -> [(&'static str, String); 2] {
        let kustomization = indoc! {"
            # Flux says on the pull request's head commit how the preview's release stands: `checks.ready.flux` waits for that.
            # Used once `preview.components` in bivouac.yaml lists this directory.
            apiVersion: kustomize.config.k8s.io/v1alpha1
            kind: Component
            resources:
              - notification.yaml
        "};
        let notification = formatdoc! {r#"
            # The Secret `{SECRET}` has to be in the namespace of every preview, put there by the cluster, with the key
            # `token`: one that may write commit statuses in {repository}, and nothing else.
            apiVersion: notification.toolkit.fluxcd.io/v1beta3
            kind: Provider
            metadata:
              name: commit-status
            spec:
              type: github
              address: "https://github.com/{repository}"
              secretRef:
                name: {SECRET}
            ---
            apiVersion: notification.toolkit.fluxcd.io/v1beta3
            kind: Alert
            metadata:
              name: commit-status
            spec:
              providerRef:
                name: commit-status
              eventSources:
                - kind: HelmRelease
                  name: "*"
        "#, repository = self.repository};
        [("kustomization.yaml", kustomization.to_owned()), ("notification.yaml", notification)]
    }
}
