//! After a release, the workflows and the pages name it.

use super::Checkout;

const COMMIT: &str =
    "uses: bivouac-dev/bivouac/actions/deploy@0000000000000000000000000000000000000000 # no release yet";

fn tagged() -> (Checkout, String) {
    let checkout = Checkout::new();
    for (name, text) in [
        ("README.md", format!("```yaml\n      - {COMMIT}\n```\nOr `{}`.\n", COMMIT.replace("/actions/deploy", ""))),
        ("workflow.yml", format!("jobs:\n  {COMMIT}\n  uses: actions/checkout@{} # v4\n", "1".repeat(40))),
        ("notes.txt", COMMIT.to_owned()),
    ] {
        checkout.write(name, text);
    }
    checkout.git(&["init", "--quiet"]).ok();
    checkout.git(&["add", "--all"]).ok();
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    checkout.git(&[&identity[..], &["commit", "--quiet", "--message", "Release"]].concat()).ok();
    checkout.git(&[&identity[..], &["tag", "--annotate", "--message", "Release", "v1.2.3"]].concat()).ok();
    let commit = checkout.git(&["rev-parse", "HEAD"]).ok().trim().to_owned();
    (checkout, commit)
}

#[test]
fn the_release_is_named_wherever_one_was_and_nothing_else_changes() {
    let (checkout, commit) = tagged();
    checkout.script("pin", &["v1.2.3"]).ok();
    let pin = format!("@{commit} # v1.2.3");
    let expected = format!(
        "```yaml\n      - uses: bivouac-dev/bivouac/actions/deploy{pin}\n```\nOr `uses: bivouac-dev/bivouac{pin}`.\n"
    );
    assert_eq!(checkout.read("README.md"), expected);
    let expected = format!(
        "jobs:\n  uses: bivouac-dev/bivouac/actions/deploy{pin}\n  uses: actions/checkout@{} # v4\n",
        "1".repeat(40)
    );
    assert_eq!(checkout.read("workflow.yml"), expected);
    assert_eq!(checkout.read("notes.txt"), COMMIT);
}

#[test]
fn what_is_no_tag_of_a_release_is_refused() {
    let (checkout, _) = tagged();
    for (tag, why) in [("v1.2.4", "there is no tag `v1.2.4` here"), ("main", "`main` is not a tag of a release")] {
        let said = checkout.script("pin", &[tag]).refused();
        assert!(said.contains(why), "{said}");
    }
    assert!(checkout.read("README.md").contains(COMMIT));
}
