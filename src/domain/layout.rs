//! A new apps repository: the files of one root, and of Flux's side of it.

mod commit_status;
mod secret_store;

use std::collections::BTreeMap;

use indoc::formatdoc;

use super::names::{Application, BranchName, Domain, ImageName, ImageRepository, RepositoryName};
use super::overlay::previews_directory;
use super::path::RepoPath;
use super::roster::Roster;
use super::text_type::text_type;
use super::values::ValuesPath;
use super::vault::address::NodeAddress;

text_type! {
    /// The name of a Helm chart: lower case letters, digits and `-`.
    ChartName, check_chart_name
}
text_type! {
    /// Where charts are: an `https://` address of a chart repository, or an `oci://` one of a registry.
    ChartRepository, check_chart_repository
}
text_type! {
    /// A version of a chart, or a range of them, such as `1.x`.
    ChartVersion, check_chart_version
}

fn check_chart_name(text: &str) -> Result<(), String> {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !text.is_empty() && text.len() <= 63 && text.bytes().all(fine) && !text.starts_with('-') {
        return Ok(());
    }
    Err(format!("`{}` is not the name of a chart: use lower case letters, digits and `-`", text.escape_debug()))
}

fn check_chart_repository(text: &str) -> Result<(), String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("oci://"));
    if rest.is_some_and(is_plain_address) {
        return Ok(());
    }
    Err(format!("`{}` is not a place for charts: give an `https://` or `oci://` address", text.escape_debug()))
}

fn check_chart_version(text: &str) -> Result<(), String> {
    let fine = |character: char| character.is_ascii_alphanumeric() || " .*<>=~^|-+,!".contains(character);
    if !text.trim().is_empty() && text.chars().all(fine) {
        return Ok(());
    }
    Err(format!("`{}` is not a version: use one such as `1.2.3`, or a range such as `1.x`", text.escape_debug()))
}

fn is_plain_address(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte))
}

/// What a new apps repository is made for.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The application.
    pub application: Application,
    /// Where its pull requests are.
    pub repository: RepositoryName,
    /// The domain of its previews.
    pub domain: Domain,
    /// Its images.
    pub images: BTreeMap<ImageName, ImageRepository>,
    /// Where the host goes in the values.
    pub ingress_host: ValuesPath,
    /// Its chart.
    pub chart: ChartName,
    /// Where its chart is.
    pub chart_repository: ChartRepository,
    /// Which versions of it.
    pub chart_version: ChartVersion,
    /// The address of the apps repository, as Flux reaches it.
    pub apps_url: String,
    /// Its branch.
    pub apps_branch: BranchName,
    /// The directory in it.
    pub root: RepoPath,
    /// The Vault that previews have their Secrets from, if any.
    pub vault_address: Option<NodeAddress>,
}

impl Layout {
    /// Path, from the top of the repository, and text of every file.
    #[must_use]
    pub fn files(&self) -> BTreeMap<RepoPath, String> {
        let root = &self.root;
        let files = [
            (root.join("bivouac.yaml"), self.configuration()),
            (
                root.join("base/kustomization.yaml"),
                kustomization("What every environment has.", None, "helmrelease.yaml"),
            ),
            (root.join("base/helmrelease.yaml"), self.release()),
            (root.join("flux/chart.yaml"), self.chart_source()),
            (root.join("flux/previews.yaml"), self.flux()),
            (previews_directory(root).join("kustomization.yaml"), Roster::empty().text().to_owned()),
        ];
        let mut files = BTreeMap::from(files);
        let store = self.vault_address.as_ref().map(|address| (self.store_file(), self.secret_store(address)));
        files.extend(store);
        let component = root.join(commit_status::DIRECTORY);
        files.extend(self.commit_status().map(|(name, text)| (component.join(name), text)));
        for environment in ["production", "staging"] {
            let namespace = format!("{}-{environment}", self.application);
            let directory = root.join("overlays").join(environment);
            let comment = format!("The environment {environment}. Yours to change: Bivouac never writes here.");
            let resources = "namespace.yaml\n  - ../../base";
            files.insert(directory.join("kustomization.yaml"), kustomization(&comment, Some(&namespace), resources));
            files.insert(directory.join("namespace.yaml"), namespace_file(&namespace));
        }
        files
    }

    fn configuration(&self) -> String {
        let single = self.images.len() == 1;
        let images = self.images.iter().map(|(name, repository)| {
            let values = if single { "image".to_owned() } else { format!("{name}.image") };
            format!("  {name}: {{repository: \"{repository}\", values: \"{values}\"}}\n")
        });
        formatdoc! {r#"
            # The previews of {application}. Every key: https://github.com/bivouac-dev/bivouac/blob/main/docs/reference/configuration.md
            version: 1
            application: "{application}"
            # Only its pull requests may have previews here.
            repository: "{repository}"
            # Previews are at pr-<number>.{domain}.
            domain: "{domain}"
            # Where each image is, and where the chart's values take it.
            images:
            {images}# Where the chart's values take the host.
            ingress:
              host: {host}
            # What `deploy --wait` waits for: https://github.com/bivouac-dev/bivouac/blob/main/docs/waiting.md
            # preview: {{components: [components/commit-status]}}
            # checks: {{ready: {{header: x-commit, flux: true}}}}
            {secrets}"#,
            application = self.application,
            repository = self.repository,
            domain = self.domain,
            images = images.collect::<String>(),
            host = quoted(&self.ingress_host),
            secrets = self.secrets(),
        }
    }

    fn release(&self) -> String {
        let (application, chart, version) = (&self.application, &self.chart, &self.chart_version);
        let source = if self.is_oci() {
            formatdoc! {r#"
                chartRef:
                    kind: OCIRepository
                    name: "{application}-chart"
                    namespace: flux-system
            "#}
        } else {
            formatdoc! {r#"
                chart:
                    spec:
                      chart: "{chart}"
                      version: "{version}"
                      sourceRef:
                        kind: HelmRepository
                        name: "{application}-charts"
                        namespace: flux-system
            "#}
        };
        formatdoc! {r#"
            # The canonical release. Overlays patch it: production and staging by hand, previews by Bivouac.
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata:
              name: "{application}"
            spec:
              interval: 10m
              {source}  install:
                remediation: {{retries: 3}}
              upgrade:
                remediation: {{retries: 3}}
              values: {{}}
        "#}
    }

    fn chart_source(&self) -> String {
        let (application, chart, version) = (&self.application, &self.chart, &self.chart_version);
        let repository = self.chart_repository.as_str().trim_end_matches('/');
        if self.is_oci() {
            // Whoever copies the address of the chart itself means the same. A chart repository has no such addresses, but
            // is often at one that ends so: `https://kubernetes.github.io/ingress-nginx`.
            let repository = repository.strip_suffix(&format!("/{chart}")).unwrap_or(repository);
            formatdoc! {r#"
                # Where the chart comes from. This API needs Flux 2.6 or later.
                apiVersion: source.toolkit.fluxcd.io/v1
                kind: OCIRepository
                metadata:
                  name: "{application}-chart"
                  namespace: flux-system
                spec:
                  interval: 10m
                  url: "{repository}/{chart}"
                  layerSelector:
                    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
                    operation: copy
                  ref:
                    semver: "{version}"
            "#}
        } else {
            formatdoc! {r#"
                # Where the chart comes from.
                apiVersion: source.toolkit.fluxcd.io/v1
                kind: HelmRepository
                metadata:
                  name: "{application}-charts"
                  namespace: flux-system
                spec:
                  interval: 10m
                  url: "{repository}"
            "#}
        }
    }

    fn flux(&self) -> String {
        formatdoc! {r#"
            # What Flux (2.3 or later) needs to know of the previews: `kubectl apply -f` this once.
            apiVersion: source.toolkit.fluxcd.io/v1
            kind: GitRepository
            metadata:
              name: "{application}-previews"
              namespace: flux-system
            spec:
              interval: 1m
              url: {url}
              ref:
                branch: {branch}
              # A private repository needs credentials: https://fluxcd.io/flux/components/source/gitrepositories/#secret-reference
              # secretRef:
              #   name: apps-repository
            ---
            apiVersion: kustomize.toolkit.fluxcd.io/v1
            kind: Kustomization
            metadata:
              name: "{application}-previews"
              namespace: flux-system
            spec:
              interval: 10m
              path: {path}
              prune: true    # without it a preview that is taken down stays in the cluster
              wait: false    # one preview that does not come up must not hold up the others
              # No targetNamespace: every preview brings a namespace of its own.
              sourceRef:
                kind: GitRepository
                name: "{application}-previews"
        "#,
            application = self.application,
            url = quoted(&self.apps_url),
            branch = quoted(&self.apps_branch),
            path = quoted(&format_args!("./{}", previews_directory(&self.root))),
        }
    }

    fn is_oci(&self) -> bool {
        self.chart_repository.as_str().starts_with("oci://")
    }
}

/// A text in double quotes, as YAML and JSON both write it.
fn quoted(text: &impl ToString) -> serde_json::Value {
    serde_json::Value::from(text.to_string())
}

fn kustomization(comment: &str, namespace: Option<&str>, resources: &str) -> String {
    let namespace = namespace.map_or_else(String::new, |namespace| format!("namespace: \"{namespace}\"\n"));
    format!(
        "# {comment}\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{namespace}resources:\n  - {resources}\n"
    )
}

fn namespace_file(namespace: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: \"{namespace}\"\n")
}

#[cfg(test)]
mod tests;
