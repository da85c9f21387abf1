//! The version of a release: given by `release/bump`, compared by `release/agree`, followed by `release/move-major`.

use super::{Checkout, TARGETS};

#[test]
fn a_bump_changes_manifest_lock_and_changelog_and_nothing_else() {
    let checkout = Checkout::new();
    let lock = checkout.read("Cargo.lock");
    checkout.script("bump", &["7.8.9", "2026-11-21"]).ok();

    assert!(checkout.read("Cargo.toml").contains("name = \"bivouac\"\nversion = \"7.8.9\"\n"));
    let changed = checkout.read("Cargo.lock");
    let different: Vec<_> = lock.lines().zip(changed.lines()).filter(|(old, new)| old != new).collect();
    assert_eq!(different, [(format!("version = \"{}\"", env!("CARGO_PKG_VERSION")).as_str(), "version = \"7.8.9\"")]);
    assert!(changed.contains("name = \"bivouac\"\nversion = \"7.8.9\"\n"));
    let changelog = checkout.read("CHANGELOG.md");
    assert!(changelog.contains("\n## [Unreleased]\n\n## [7.8.9] - 2026-11-21\n\n### "), "{changelog}");
}

#[test]
fn a_version_that_is_none_or_lower_or_released_changes_nothing() {
    let checkout = Checkout::new();
    let before = checkout.read("Cargo.toml");
    for (version, day, why) in [
        ("v1.2.3", "2026-11-21", "is not a version"),
        ("1.2", "2026-11-21", "is not a version"),
        ("1.2.3-rc.1", "2026-11-21", "is not a version"),
        ("01.2.3", "2026-11-21", "is not a version"),
        ("1.2.3\n", "2026-11-21", "is not a version"),
        ("1.2.3; id", "2026-11-21", "is not a version"),
        ("0.0.1", "2026-11-21", "is lower than"),
        ("7.0.0", "21.11.2026", "is not a day"),
    ] {
        let complaint = checkout.script("bump", &[version, day]).refused();
        assert!(complaint.contains(why), "{version}: {complaint}");
    }
    assert_eq!(checkout.read("Cargo.toml"), before);

    checkout.script("bump", &["7.0.0", "2026-11-21"]).ok();
    assert!(checkout.script("bump", &["7.0.0", "2026-11-22"]).refused().contains("has 7.0.0 already"));
    assert!(checkout.script("bump", &["7.0.1", "2026-11-22"]).refused().contains("nothing to release"));
    assert!(checkout.read("Cargo.toml").contains("\"7.0.0\""));
}

/// A checkout whose version was given on a day and recorded.
fn recorded(version: &str) -> Checkout {
    let checkout = Checkout::new();
    checkout.script("bump", &[version, "2026-11-21"]).ok();
    let rows = TARGETS.map(|target| format!("{target} {} {}\n", "a".repeat(64), "b".repeat(64)));
    let address = format!("https://github.com/bivouac-dev/bivouac/releases/download/v{version}");
    checkout.write("RELEASE", format!("version {version}\naddress {address}\n{}", rows.concat()));
    checkout
}

#[test]
fn a_tag_that_agrees_gets_the_changelog_of_its_version() {
    let checkout = recorded("7.8.9");
    checkout.write(
        "CHANGELOG.md",
        "# Changelog\n\n## [Unreleased]\n\n- Later.\n\n## [7.8.9] - 2026-11-21\n\n### Added\n\n- This.\n\n## [7.8.8] - 2026-01-01\n\n- Old.\n",
    );
    assert_eq!(checkout.script("agree", &["v7.8.9"]).ok(), "### Added\n\n- This.\n");
    assert!(checkout.script("agree", &["v7.8.8"]).refused().contains("Cargo.toml has 7.8.9"));
    for strange in ["7.8.9", "v7", "v7.8.9-rc.1", "vnext"] {
        checkout.script("agree", &[strange]).refused();
    }
}

#[test]
fn a_tag_without_its_release_does_not_agree() {
    let checkout = recorded("7.8.9");
    let good = checkout.read("RELEASE");
    for (text, why) in [
        (good.replace("7.8.9", "7.8.8"), "RELEASE has 7.8.8"),
        (good.replace("download/v7.8.9", "download/v7.8.8"), "the address is not"),
        (good.replace("https://github.com", "https://evil.example"), "the address is not"),
        (good.replace('\n', "\r\n"), "line 1"),
        (format!("{good}riscv64-unknown-linux-musl {0} {0}\n", "a".repeat(64)), "is not understood"),
        (good.lines().take(5).collect::<Vec<_>>().join("\n"), "the targets are"),
        (String::new(), "nothing to check"),
    ] {
        checkout.write("RELEASE", text);
        let complaint = checkout.script("agree", &["v7.8.9"]).refused();
        assert!(complaint.contains(why), "{why}: {complaint}");
    }
    checkout.write("RELEASE", good);
    checkout.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n");
    assert!(checkout.script("agree", &["v7.8.9"]).refused().contains("says nothing of 7.8.9"));
}

/// A checkout in Git, with a remote, where each of `tags` names a commit of its own.
fn tagged(tags: &[&str]) -> Checkout {
    let checkout = Checkout::new();
    checkout.git(&["init", "--quiet", "--bare", "remote.git"]).ok();
    checkout.git(&["init", "--quiet", "--initial-branch", "main"]).ok();
    checkout.git(&["remote", "add", "origin", "remote.git"]).ok();
    for tag in tags {
        checkout.write("RELEASE", tag);
        checkout.script("commit", &[&format!("release: {tag}"), "RELEASE"]).ok();
        checkout.git(&["tag", tag]).ok();
    }
    checkout.git(&["push", "--quiet", "--tags", "origin", "main"]).ok();
    checkout
}

#[test]
fn the_major_tag_follows_the_highest_release_only() {
    let checkout = tagged(&["v1.9.0", "v1.10.0", "v1.99.0-beta", "v1.abc.zz", "v2.0.0"]);
    let at = |tag: &str| checkout.git(&["ls-remote", "remote.git", &format!("refs/tags/{tag}")]).out()[..40].to_owned();
    checkout.script("move-major", &["v1.10.0"]).ok();
    assert_eq!(at("v1"), at("v1.10.0"));
    assert_eq!(checkout.script("move-major", &["v1.9.0"]).ok(), "v1 stays: v1.10.0 is higher than v1.9.0\n");
    assert_eq!(at("v1"), at("v1.10.0"));

    checkout.write("RELEASE", "v1.10.1");
    checkout.script("commit", &["release: v1.10.1", "RELEASE"]).ok();
    let me = ["-c", "user.name=me", "-c", "user.email=me@example.com"];
    checkout.git(&[&me[..], &["tag", "--annotate", "--message", "1.10.1", "v1.10.1"]].concat()).ok();
    checkout.git(&["push", "--quiet", "--tags", "origin", "main"]).ok();
    assert_eq!(checkout.script("move-major", &["v1.10.1"]).ok(), "v1 is v1.10.1 now\n");
    assert_eq!(at("v1"), checkout.git(&["rev-parse", "v1.10.1^{commit}"]).ok().trim());
    assert!(checkout.git(&["ls-remote", "remote.git", "refs/tags/v2"]).out().is_empty());
    checkout.script("move-major", &["v1"]).refused();
}

#[test]
fn a_commit_of_a_release_holds_the_named_files_and_fails_without_a_change() {
    let checkout = tagged(&["v1.0.0"]);
    checkout.write("RELEASE", "2");
    checkout.write("README.md", "unrelated");
    checkout.script("commit", &["release: 2", "RELEASE"]).ok();
    assert_eq!(
        checkout.git(&["show", "--format=%an: %s", "--name-only"]).ok(),
        "github-actions[bot]: release: 2\n\nRELEASE\n"
    );
    checkout.script("commit", &["release: 2", "RELEASE"]).refused();
}
