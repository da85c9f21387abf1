//! Where it is run, and what is there.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

#[test]
fn it_runs_from_everywhere_in_a_checkout() {
    let checkout = Checkout::new(&two_roots());
    for (directory, summary) in [
        (".", "4 overlays in 2 roots"),
        ("apps", "4 overlays in 2 roots"),
        ("apps/one", "2 overlays in 1 root"),
        ("apps/two/base", "2 overlays in 1 root"),
        ("apps/two/overlays/production", "2 overlays in 1 root"),
    ] {
        let run = checkout.validate(&[directory]);
        assert!(run.code == 0 && run.stdout.starts_with(summary), "{directory}: {}{}", run.stdout, run.stderr);
        let mut command = checkout.command(&["validate"]);
        command.current_dir(checkout.folder.path().join(directory));
        assert!(checkout.run(command).stdout.starts_with(summary), "{directory}");
    }
}

#[test]
fn what_is_no_checkout_is_a_wrong_argument_and_one_without_a_root_has_nothing_to_check() {
    let checkout = Checkout::new(&layout().0);
    for path in ["/nonexistent/checkout", "bivouac.yaml", "nope"] {
        let run = checkout.validate(&[path]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(&format!("`{path}` is no directory that can be read")), "{}", run.stderr);
    }
    let empty = Checkout::new(&BTreeMap::new());
    let run = empty.validate(&[]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    // A folder need not be a checkout.
    fs::remove_dir(checkout.folder.path().join(".git")).unwrap();
    assert_eq!(checkout.validate(&[]).code, 0);
}

#[test]
fn without_kustomize_nothing_can_be_said() {
    let checkout = Checkout::new(&layout().0);
    let mut command = checkout.command(&["validate"]);
    command.env_remove("BIVOUAC_KUSTOMIZE").env("PATH", checkout.home.path());
    let run = checkout.run(command);
    assert_eq!(run.code, 11, "{}", run.stderr);
    assert!(run.stderr.contains("there is no `kustomize` on this machine"), "{}", run.stderr);
}

#[test]
fn links_strange_names_and_files_that_can_not_be_read_do_no_harm() {
    let odd = "overlays/a \u{e9} %3A,line=1::x/kustomization.yaml";
    let checkout = Checkout::new(&layout().with(odd, &kustomization("resources: [nope.yaml]")).0);
    let top = checkout.folder.path();
    symlink("/etc", top.join("overlays/etc")).unwrap();
    symlink("production", top.join("overlays/link")).unwrap();
    symlink("nowhere", top.join("base/dangling")).unwrap();
    symlink("..", top.join("overlays/loop")).unwrap();
    let run = checkout.validate(&[]);
    assert_eq!(run.code, 12, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("3 overlays in 1 root: 1 refusal"), "{}", run.stdout);
    let property = "file=overlays/a \u{e9} %253A%2Cline=1%3A%3Ax/kustomization.yaml,line=3::";
    assert!(run.stderr.contains(property), "{}", run.stderr);

    fs::set_permissions(top.join("overlays/staging/kustomization.yaml"), fs::Permissions::from_mode(0o0)).unwrap();
    let run = checkout.validate(&[]);
    assert!([1, 12].contains(&run.code), "{}", run.stderr);
}

#[test]
fn a_link_in_place_of_what_is_read_is_told_of() {
    for path in ["bivouac.yaml", "base/helmrelease.yaml", "overlays/ephemeral/kustomization.yaml"] {
        let checkout = Checkout::new(&layout().0);
        let place = checkout.folder.path().join(path);
        fs::rename(&place, checkout.folder.path().join("elsewhere")).unwrap();
        symlink(checkout.folder.path().join("elsewhere"), &place).unwrap();
        let run = checkout.validate(&[]);
        assert_ne!(run.code, 0, "{path}: {}", run.stdout);
    }
}
