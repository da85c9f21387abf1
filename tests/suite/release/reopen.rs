//! After a release, the workflows and the pages name it, and RELEASE names nothing.

use super::{Checkout, TARGETS};

const COMMIT: &str =
    "uses: bivouac-dev/bivouac/actions/deploy@0000000000000000000000000000000000000000 # no release yet";

fn tagged() -> (Checkout, String) {
    let checkout = Checkout::new();
    for (name, text) in [
        ("README.md", format!("```yaml\n      - {COMMIT}\n```\nOr `{}`.\n", COMMIT.replace("/actions/deploy", ""))),
        ("workflow.yml", format!("jobs:\n  {COMMIT}\n  uses: actions/checkout@{} # v4\n", "1".repeat(40))),
        ("notes.txt", COMMIT.to_owned()),
        ("others.md", COMMIT.replace("bivouac-dev/bivouac/", "bivouac-dev/bivouac-plugin/")),
        (
            "RELEASE",
            format!(
                "# The release\nversion 1.2.3\naddress https://github.com/x\n{} {h} {h}\n",
                TARGETS[0],
                h = "a".repeat(64)
            ),
        ),
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
    checkout.script("reopen", &["v1.2.3"]).ok();
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
    assert_eq!(checkout.read("others.md"), COMMIT.replace("bivouac-dev/bivouac/", "bivouac-dev/bivouac-plugin/"));
}

#[test]
fn the_sources_after_a_release_name_no_program() {
    let (checkout, _) = tagged();
    checkout.script("reopen", &["v1.2.3"]).ok();
    let said: Vec<_> =
        checkout.read("RELEASE").lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    assert_eq!(said, ["version 1.2.3", "address https://github.com/x"]);
    let refused = checkout.script("check", &["archives"]).refused();
    assert!(refused.contains("nothing to check"), "{refused}");
}

#[test]
fn what_is_no_tag_of_a_release_is_refused() {
    let (checkout, _) = tagged();
    for (tag, why) in [("v1.2.4", "there is no tag `v1.2.4` here"), ("main", "`main` is not a tag of a release")] {
        let said = checkout.script("reopen", &[tag]).refused();
        assert!(said.contains(why), "{said}");
    }
    assert!(checkout.read("README.md").contains(COMMIT));
}
