//! What `bivouac init` lays out builds, reads well, and is ready for the first preview.

mod secret_store;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::kustomize::{build, documents, only, tool};
use crate::world::{Run, World, sha};

const WILDSIDE: [&str; 6] =
    ["--application", "wildside", "--repository", "acme/wildside", "--domain", "preview.example.com"];
const PREVIEWS: &str = "overlays/ephemeral/kustomization.yaml";

/// A directory that is being laid out.
struct Checkout {
    world: World,
    folder: TempDir,
}

impl Checkout {
    fn new() -> Self {
        Self { world: World::empty(), folder: TempDir::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("apps")
    }

    /// `bivouac init` for the application wildside, and more.
    fn init(&self, more: &[&str]) -> Run {
        let directory = self.path();
        let arguments = [&["init", directory.to_str().unwrap()], &WILDSIDE[..], more].concat();
        self.world.run(self.world.bivouac(&arguments))
    }

    fn files(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut waiting = vec![self.path()];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(directory).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path);
                } else {
                    let name = path.strip_prefix(self.path()).unwrap().to_str().unwrap().to_owned();
                    found.insert(name, fs::read_to_string(&path).unwrap());
                }
            }
        }
        found
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Builds every environment of the root, lints every file, and deploys a preview from what was written.
    fn is_ready(&self, root: &str) {
        let top = self.path().join(root);
        for environment in ["production", "staging"] {
            let objects = build(&top.join("overlays").join(environment)).unwrap();
            let namespace = format!("wildside-{environment}");
            assert_eq!(only(&objects, "Namespace")["metadata"]["name"], namespace.as_str());
            assert_eq!(only(&objects, "HelmRelease")["metadata"]["namespace"], namespace.as_str());
        }
        assert_eq!(build(&top.join("overlays/ephemeral")), Ok(vec![]));
        lints(&self.path());
        self.world.commit_apps(&self.files(), "Lay out the apps repository");
        self.world.open(7, &sha('a'));
        let run = self.world.on_event("deploy", "opened", 7, &sha('a'), &["--path", root]).ok();
        assert_eq!(run.output("result"), "created");
        let tree = self.world.checkout();
        let objects = build(&tree.path().join("tree").join(root).join("overlays/ephemeral")).unwrap();
        assert_eq!(only(&objects, "HelmRelease")["metadata"]["namespace"], "wildside-pr-7");
        lints(&tree.path().join("tree"));
    }

    fn release(&self) -> Value {
        documents(&self.files()["base/helmrelease.yaml"]).remove(0)
    }

    fn configuration(&self) -> Value {
        documents(&self.files()["bivouac.yaml"]).remove(0)
    }
}

fn lints(directory: &Path) {
    let output = tool("yamllint").args(["--strict", "-d", RELAXED, "."]).current_dir(directory).output().unwrap();
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{found}{}", String::from_utf8_lossy(&output.stderr));
}

/// yamllint's own `relaxed`, but for the length of lines, which an address or an annotation decides.
const RELAXED: &str = "{extends: relaxed, rules: {line-length: disable}}";

#[test]
fn a_layout_for_a_chart_repository_is_ready_for_the_first_preview() {
    let checkout = Checkout::new();
    checkout.init(&["--chart-repository", "https://charts.example.com/", "--chart-version", "1.x"]).ok();
    let spec = &checkout.release()["spec"]["chart"]["spec"];
    assert_eq!((&spec["chart"], &spec["version"]), (&"wildside".into(), &"1.x".into()));
    let source = documents(&checkout.files()["flux/chart.yaml"]).remove(0);
    assert_eq!(
        (&source["kind"], &source["spec"]["url"]),
        (&"HelmRepository".into(), &"https://charts.example.com".into())
    );
    assert_eq!(spec["sourceRef"]["name"], source["metadata"]["name"]);
    assert_eq!(spec["sourceRef"]["namespace"], source["metadata"]["namespace"]);
    checkout.is_ready(".");
}

#[test]
fn a_layout_for_a_registry_is_ready_for_the_first_preview() {
    let checkout = Checkout::new();
    checkout.init(&["--chart-repository", "oci://ghcr.io/acme/charts", "--chart", "web"]).ok();
    let reference = &checkout.release()["spec"]["chartRef"];
    let source = documents(&checkout.files()["flux/chart.yaml"]).remove(0);
    assert_eq!(
        (&source["kind"], &source["spec"]["url"]),
        (&"OCIRepository".into(), &"oci://ghcr.io/acme/charts/web".into())
    );
    assert_eq!(reference["kind"], "OCIRepository");
    assert_eq!(reference["name"], source["metadata"]["name"]);
    assert_eq!(reference["namespace"], source["metadata"]["namespace"]);
    checkout.is_ready(".");
}

#[test]
fn the_component_that_lets_flux_speak_on_the_commit_is_there_to_be_used() {
    let checkout = Checkout::new();
    checkout.init(&["--path", "apps/wildside"]).ok();
    let text = checkout.files()["apps/wildside/bivouac.yaml"].clone();
    let commented: Vec<_> =
        text.lines().filter(|line| line.starts_with("# preview: ") || line.starts_with("# checks: ")).collect();
    assert_eq!(commented.len(), 2, "{text}");
    let used = commented.iter().fold(text.clone(), |text, line| text.replace(line, line.trim_start_matches("# ")));
    checkout.write("apps/wildside/bivouac.yaml", &used);
    checkout.is_ready("apps/wildside");
    let tree = checkout.world.checkout();
    let objects = build(&tree.path().join("tree/apps/wildside/overlays/ephemeral")).unwrap();
    let (provider, alert) = (only(&objects, "Provider"), only(&objects, "Alert"));
    for object in [provider, alert] {
        assert_eq!(object["metadata"]["namespace"], "wildside-pr-7");
        assert_eq!(object["apiVersion"], "notification.toolkit.fluxcd.io/v1beta3");
    }
    assert_eq!(
        (&provider["spec"]["type"], &provider["spec"]["address"]),
        (&"github".into(), &"https://github.com/acme/wildside".into())
    );
    assert_eq!(alert["spec"]["providerRef"]["name"], provider["metadata"]["name"]);
    assert_eq!(alert["spec"]["eventSources"][0]["kind"], only(&objects, "HelmRelease")["kind"]);
}

#[test]
fn a_layout_of_which_nothing_but_the_names_was_said_is_ready_for_the_first_preview() {
    let checkout = Checkout::new();
    checkout.init(&[]).ok();
    let images = &checkout.configuration()["images"];
    assert_eq!(images["wildside"]["repository"], "ghcr.io/acme/wildside");
    checkout.is_ready(".");
}

#[test]
fn a_layout_for_several_images_is_ready_for_the_first_preview() {
    let checkout = Checkout::new();
    let images = ["--image", "backend=ghcr.io/acme/backend", "--image", "frontend=ghcr.io/acme/frontend"];
    checkout.init(&[&images[..], &["--ingress-host", "web.host"]].concat()).ok();
    let configuration = checkout.configuration();
    assert_eq!(configuration["images"]["backend"]["values"], "backend.image");
    assert_eq!(configuration["images"]["frontend"]["repository"], "ghcr.io/acme/frontend");
    assert_eq!(configuration["ingress"]["host"], "web.host");
    checkout.is_ready(".");
}

#[test]
fn a_layout_below_a_path_is_ready_for_the_first_preview() {
    let checkout = Checkout::new();
    checkout.init(&["--path", "apps/wildside"]).ok();
    assert!(checkout.files().keys().all(|path| path.starts_with("apps/wildside/")));
    let flux = documents(&checkout.files()["apps/wildside/flux/previews.yaml"]);
    assert_eq!(only(&flux, "Kustomization")["spec"]["path"], "./apps/wildside/overlays/ephemeral");
    checkout.is_ready("apps/wildside");
}

#[test]
fn fluxs_side_is_what_the_design_asks_for() {
    let checkout = Checkout::new();
    checkout.init(&["--apps-url", "https://git.example.com/acme/apps.git", "--apps-branch", "live"]).ok();
    let flux = documents(&checkout.files()["flux/previews.yaml"]);
    let (source, kustomization) = (only(&flux, "GitRepository"), only(&flux, "Kustomization"));
    assert_eq!(source["spec"]["url"], "https://git.example.com/acme/apps.git");
    assert_eq!(source["spec"]["ref"]["branch"], "live");
    let spec = &kustomization["spec"];
    assert_eq!((&spec["prune"], &spec["wait"]), (&true.into(), &false.into()));
    assert_eq!((spec.get("targetNamespace"), &spec["path"]), (None, &"./overlays/ephemeral".into()));
    assert_eq!(spec["sourceRef"]["name"], source["metadata"]["name"]);
}

#[test]
fn a_second_run_leaves_everything_as_it_is() {
    let checkout = Checkout::new();
    let first = checkout.init(&[]).ok();
    assert!(first.stdout.contains("created      bivouac.yaml"), "{}", first.stdout);
    let before = checkout.files();
    for more in [&[][..], &["--force"]] {
        let second = checkout.init(more).ok();
        assert!(second.stdout.contains("unchanged    bivouac.yaml"), "{}", second.stdout);
        assert!(!second.stdout.contains("created") && !second.stdout.contains("overwritten"), "{}", second.stdout);
        assert_eq!(checkout.files(), before);
    }
}

#[test]
fn a_file_that_says_something_else_is_overwritten_by_force_only_and_nothing_else_is_written_before() {
    let checkout = Checkout::new();
    checkout.write("overlays/staging/namespace.yaml", "# ours\n");
    checkout.write("README.md", "ours\n");
    let before = checkout.files();
    let run = checkout.init(&[]);
    assert_eq!(run.code, 7, "{}", run.stderr);
    assert!(run.stderr.contains("`overlays/staging/namespace.yaml`"), "{}", run.stderr);
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    assert_eq!(checkout.files(), before);
    let run = checkout.init(&["--force"]).ok();
    assert!(run.stdout.contains("overwritten  overlays/staging/namespace.yaml"), "{}", run.stdout);
    assert_eq!(checkout.files()["README.md"], "ours\n");
    checkout.is_ready(".");
}

#[test]
fn a_roster_with_previews_in_it_is_not_emptied() {
    let checkout = Checkout::new();
    checkout.init(&[]).ok();
    let roster = checkout.files()[PREVIEWS].replace("resources: []", "resources:\n  - \"pr-7\"");
    checkout.write(PREVIEWS, &roster);
    let run = checkout.init(&[]);
    assert_eq!((run.code, checkout.files()[PREVIEWS].as_str()), (7, roster.as_str()), "{}", run.stderr);
}

#[test]
fn a_symlink_in_the_way_is_not_followed_even_by_force() {
    for (link, target) in
        [("bivouac.yaml", "outside.yaml"), ("overlays", "outside"), ("base/helmrelease.yaml", "nowhere")]
    {
        let checkout = Checkout::new();
        let outside = checkout.folder.path().join("outside");
        fs::create_dir_all(&outside).unwrap();
        fs::write(checkout.folder.path().join("outside.yaml"), "secret\n").unwrap();
        let link = checkout.path().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(checkout.folder.path().join(target), &link).unwrap();
        let run = checkout.init(&["--force"]);
        assert_eq!(run.code, 7, "{}", run.stderr);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(outside).unwrap().count(), 0);
        assert_eq!(fs::read_to_string(checkout.folder.path().join("outside.yaml")).unwrap(), "secret\n");
        assert!(!checkout.path().join("flux").exists(), "something was written");
    }
}

#[test]
fn a_file_where_a_directory_should_be_is_refused() {
    let checkout = Checkout::new();
    checkout.write("overlays", "a file\n");
    let run = checkout.init(&["--force"]);
    assert_eq!(run.code, 7, "{}", run.stderr);
    assert_eq!(checkout.files().len(), 1);
    let checkout = Checkout::new();
    fs::create_dir_all(checkout.path().join("bivouac.yaml")).unwrap();
    assert_eq!(checkout.init(&["--force"]).code, 7);
}

#[test]
fn a_file_where_the_whole_layout_should_go_is_refused() {
    let checkout = Checkout::new();
    fs::write(checkout.path(), "a file\n").unwrap();
    let run = checkout.init(&["--force"]);
    assert_eq!(run.code, 7, "{}", run.stderr);
}

#[test]
fn values_that_can_not_be_are_refused_and_nothing_is_written() {
    let checkout = Checkout::new();
    let long = "a".repeat(64);
    for (option, value) in [
        ("--application", "Wild Side"),
        ("--application", long.as_str()),
        ("--repository", "wildside"),
        ("--domain", "https://example.com"),
        ("--image", "backend"),
        ("--image", "backend=ghcr.io/acme/x:latest"),
        ("--image", "Back_end=ghcr.io/acme/x"),
        ("--ingress-host", "ingress..host"),
        ("--ingress-host", "ingress.hosts[0]"),
        ("--chart", "../chart"),
        ("--chart-repository", "http://charts.example.com"),
        ("--chart-repository", "oci://ghcr.io/a\"\nx: y"),
        ("--chart-version", "1.0\"\nx: y"),
        ("--apps-url", "file:///etc"),
        ("--apps-url", "https://example.com/\"\nx: y"),
        ("--apps-branch", "a..b"),
        ("--vault-address", "http://vault.example.com"),
        ("--vault-address", "https://user@vault.example.com"),
        ("--vault-address", "https://vault.example.com/\"\nx: y"),
        ("--path", "../elsewhere"),
        ("--path", "/etc"),
        ("--path", ".git/hooks"),
    ] {
        let given: Vec<&str> = WILDSIDE.chunks(2).filter(|pair| pair[0] != option).flatten().copied().collect();
        let directory = checkout.path();
        let arguments = [&["init", directory.to_str().unwrap(), option, value], &given[..]].concat();
        let run = checkout.world.run(checkout.world.bivouac(&arguments));
        assert_eq!(run.code, 2, "{option} {value}: {}", run.stderr);
        assert!(!directory.exists(), "{option} {value}");
    }
}

#[test]
fn an_image_that_is_named_twice_is_refused() {
    let run = Checkout::new().init(&["--image", "web=ghcr.io/acme/one", "--image", "web=ghcr.io/acme/two"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
}

#[test]
fn a_dot_within_a_key_on_the_way_to_the_host_stays_escaped() {
    let checkout = Checkout::new();
    let host = r"ingress.annotations.example\.com/host";
    checkout.init(&["--ingress-host", host]).ok();
    lints(&checkout.path());
    assert_eq!(checkout.configuration()["ingress"]["host"], host);
    checkout.is_ready(".");
}

#[test]
fn what_would_break_out_of_its_quotes_is_refused_or_escaped() {
    for (option, value) in [("--ingress-host", "ingress.\"host\""), ("--apps-branch", "live\"1"), ("--path", "a\"b")] {
        let checkout = Checkout::new();
        if checkout.init(&[option, value]).code == 2 {
            continue;
        }
        lints(&checkout.path());
        let (configuration, flux) = if option == "--path" {
            ("a\"b/bivouac.yaml", "a\"b/flux/previews.yaml")
        } else {
            ("bivouac.yaml", "flux/previews.yaml")
        };
        let configuration = documents(&checkout.files()[configuration]).remove(0);
        let flux = documents(&checkout.files()[flux]);
        let found = match option {
            "--ingress-host" => &configuration["ingress"]["host"],
            "--apps-branch" => &only(&flux, "GitRepository")["spec"]["ref"]["branch"],
            _ => &only(&flux, "Kustomization")["spec"]["path"],
        };
        assert!(found.as_str().unwrap().contains(value), "{option}: {found}");
    }
}

#[test]
fn branches_and_versions_with_marks_in_them_are_written_as_they_are() {
    let checkout = Checkout::new();
    checkout.init(&["--apps-branch", "feature/#1", "--chart-version", ">=1.0 <2.0 || ^3"]).ok();
    let files = checkout.files();
    let flux = documents(&files["flux/previews.yaml"]);
    assert_eq!(only(&flux, "GitRepository")["spec"]["ref"]["branch"], "feature/#1");
    assert_eq!(documents(&files["flux/chart.yaml"])[0]["spec"]["ref"]["semver"], ">=1.0 <2.0 || ^3");
}

#[test]
fn names_that_look_like_numbers_stay_texts() {
    let checkout = Checkout::new();
    let directory = checkout.path();
    let arguments = ["init", directory.to_str().unwrap(), "--application", "123", "--repository", "acme/1e3"];
    let run = checkout.world.run(checkout.world.bivouac(&[&arguments[..], &["--domain", "1.5"]].concat()));
    run.ok();
    assert_eq!(checkout.configuration()["application"], "123");
    assert_eq!(checkout.configuration()["domain"], "1.5");
    assert_eq!(checkout.release()["metadata"]["name"], "123");
    let objects = build(&directory.join("overlays/staging")).unwrap();
    assert_eq!(only(&objects, "HelmRelease")["metadata"]["name"], "123");
}
