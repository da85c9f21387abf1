//! What the path of a schema's file says: which version of Kubernetes it is for, and which kind it describes.

/// A version of Kubernetes that a folder is named after: `v1.34.2-standalone-strict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Release {
    /// The minor version, 34.
    pub(super) minor: u16,
    /// The patch, 0 if there is none.
    pub(super) patch: u16,
    /// Whether the schemas refuse what they do not know; of two folders that differ in nothing else, that one is taken.
    pub(super) is_strict: bool,
}

/// The folder of a path that is named after a version of Kubernetes: the path up to it, and the version.
pub(super) fn release(path: &str) -> Option<(&str, Release)> {
    let mut end = 0;
    for component in path.split_inclusive('/') {
        end += component.len();
        if let Some(found) = component.strip_suffix('/').and_then(parse_release) {
            return Some((&path[..end], found));
        }
    }
    None
}

fn parse_release(name: &str) -> Option<Release> {
    let (numbers, rest) = name.split_once('-').unwrap_or((name, ""));
    let mut numbers = numbers.strip_prefix('v').unwrap_or(numbers).split('.');
    if numbers.next() != Some("1") {
        return None;
    }
    let minor = numbers.next()?.parse().ok()?;
    let patch = numbers.next().map_or(Ok(0), str::parse).ok()?;
    numbers.next().is_none().then(|| Release { minor, patch, is_strict: rest.ends_with("strict") })
}

/// The kind that a file is about, as far as its name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<'a> {
    /// The kind, lower-case.
    pub(super) kind: &'a str,
    /// The group, or its first label alone; blank for the core group.
    pub(super) group: &'a str,
    /// The version.
    pub(super) version: &'a str,
    /// Whether the group is whole.
    pub(super) is_whole: bool,
}

/// Reads `deployment-apps-v1.json` (kubeconform), and `helm.toolkit.fluxcd.io/helmrelease_v2.json` (the CRDs catalog).
pub(super) fn named(path: &str) -> Option<Named<'_>> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.strip_suffix(".json")?;
    if let Some((kind, version)) = stem.rsplit_once('_') {
        let group = folder.rsplit('/').next().unwrap_or_default();
        let fits = is_kind(kind) && is_version(version) && group.contains('.');
        return fits.then_some(Named { kind, group, version, is_whole: true });
    }
    let (rest, version) = stem.rsplit_once('-')?;
    let (kind, group) = rest.split_once('-').unwrap_or((rest, ""));
    (is_kind(kind) && is_version(version)).then_some(Named { kind, group, version, is_whole: false })
}

fn is_kind(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Whether a text is a version of an API: `v1`, `v2beta1`.
fn is_version(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(rest) = text.strip_prefix('v') else { return false };
    let (major, pre) = rest.split_at(rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len()));
    let pre_number = pre.strip_prefix("alpha").or_else(|| pre.strip_prefix("beta"));
    digits(major) && (pre.is_empty() || pre_number.is_some_and(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_says_its_version_with_or_without_a_patch() {
        for (path, folder, minor, patch, is_strict) in [
            ("v1.34.2-standalone-strict/pod-v1.json", "v1.34.2-standalone-strict/", 34, 2, true),
            ("schemas/v1.34/pod-v1.json", "schemas/v1.34/", 34, 0, false),
            ("a/1.9.1/swagger.json", "a/1.9.1/", 9, 1, false),
            ("x/v1.34.0-local/_definitions.json", "x/v1.34.0-local/", 34, 0, false),
        ] {
            assert_eq!(release(path), Some((folder, Release { minor, patch, is_strict })), "{path}");
        }
        for path in ["master-standalone/pod-v1.json", "v2.34/x.json", "crds/v1/x.json", "v1.34.json", "v1.x/y.json"] {
            assert_eq!(release(path), None, "{path}");
        }
    }

    #[test]
    fn a_name_says_its_kind() {
        let kind = |path| named(path).map(|found| (found.kind, found.group, found.version, found.is_whole));
        assert_eq!(kind("v1.34.0/deployment-apps-v1.json"), Some(("deployment", "apps", "v1", false)));
        assert_eq!(kind("pod-v1.json"), Some(("pod", "", "v1", false)));
        assert_eq!(kind("x/helmrelease-helm-v2beta1.json"), Some(("helmrelease", "helm", "v2beta1", false)));
        assert_eq!(
            kind("helm.toolkit.fluxcd.io/helmrelease_v2.json"),
            Some(("helmrelease", "helm.toolkit.fluxcd.io", "v2", true))
        );
        for other in [
            "_definitions.json",
            "all.json",
            "swagger.json",
            "a/b_v1.json",
            "x-v.json",
            "x-v1gamma1.json",
            "pod-v1.yaml",
        ] {
            assert_eq!(kind(other), None, "{other}");
        }
    }
}
