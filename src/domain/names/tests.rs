//! Which texts are names.

use proptest::prelude::*;

use super::*;

#[test]
fn a_label_of_64_characters_is_refused_with_its_length() {
    let error = "a".repeat(64).parse::<PreviewName>().unwrap_err().to_string();
    assert!(error.contains("it has 64 characters"), "{error}");
    assert!(error.contains("use 1-63 of a-z"), "{error}");
}

#[test]
fn a_host_names_the_label_that_breaks_the_rule() {
    let error = "ok.Nope.example.com".parse::<Host>().unwrap_err().to_string();
    insta::assert_snapshot!(error, @"`ok.Nope.example.com` is not a host: `Nope` is not a DNS label: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
}

#[test]
fn repositories_are_the_same_whatever_their_case() {
    assert_eq!("Acme/Wildside".parse::<RepositoryName>().unwrap(), "acme/wildside".parse().unwrap());
    for broken in ["acme", "acme/", "/x", "a/b/c", "a/..", "a b/c", "a/b\n"] {
        assert!(broken.parse::<RepositoryName>().is_err(), "{broken}");
    }
}

#[test]
fn images_have_no_tag_and_no_capitals() {
    for fine in ["nginx", "ghcr.io/acme/wildside-backend", "localhost:5000/a/b", "registry.k8s.io/pause"] {
        assert!(fine.parse::<ImageRepository>().is_ok(), "{fine}");
    }
    for broken in ["", "ghcr.io/acme/x:1", "ghcr.io/Acme/x", "a//b", "a@sha256:00", "ghcr.io/"] {
        assert!(broken.parse::<ImageRepository>().is_err(), "{broken}");
    }
}

#[test]
fn the_name_of_a_secret_is_one_that_github_takes() {
    for fine in ["VAULT_SECRET_ID", "_x", "a1", "MY_GITHUB_TOKEN"] {
        assert!(fine.parse::<SecretName>().is_ok(), "{fine}");
    }
    for broken in ["", "1A", "A-B", "A B", "github_x", "GITHUB_X", "Ä", "../x"] {
        assert!(broken.parse::<SecretName>().is_err(), "{broken}");
    }
}

#[test]
fn numbers_and_commits_are_strict() {
    for broken in ["0", "-1", "+1", "1.0", "", "4294967295", "one"] {
        assert!(broken.parse::<PullRequestNumber>().is_err(), "{broken}");
    }
    assert!("5f2c9d1".parse::<CommitId>().is_err());
    assert_eq!("A".repeat(40).parse::<CommitId>().unwrap().short(), "aaaaaaa");
}

#[test]
fn branches_follow_git() {
    for fine in ["main", "release/1.2", "a@b"] {
        assert!(fine.parse::<BranchName>().is_ok(), "{fine}");
    }
    for broken in ["", "a..b", "-x", "a b", "x.lock", "a//b", ".a", "a\n", "@", "refs/heads/x:y"] {
        assert!(broken.parse::<BranchName>().is_err(), "{broken}");
    }
}

/// Fails unless exactly the first of these texts are a `T`.
fn check<T: FromStr>(fine: &[&str], broken: &[&str]) {
    for text in fine {
        assert!(text.parse::<T>().is_ok(), "{text:?}");
    }
    for text in broken {
        assert!(text.parse::<T>().is_err(), "{text:?}");
    }
}

#[test]
fn a_label_begins_and_ends_with_a_letter_or_digit() {
    check::<Namespace>(&["a", "7", "a-b", "a--b", "0a"], &["", "-a", "a-", "-", "a_b", "a.b", "A", "ä"]);
    check::<Namespace>(&[&"a".repeat(63)], &[&"a".repeat(64)]);
}

#[test]
fn a_host_of_254_characters_is_refused_with_its_length() {
    let host = |length: usize| format!("{}.{}", vec!["a".repeat(63); 3].join("."), "b".repeat(length - 192));
    check::<Host>(&[&host(253)], &["", ".", "a..b", "a.b.", "a.-b"]);
    let error = host(254).parse::<Host>().unwrap_err().to_string();
    assert!(error.ends_with("is not a host: it has 254 characters, use at most 253"), "{error}");
}

#[test]
fn a_host_of_one_label_breaks_the_rule_of_a_host() {
    let error = "Nope".parse::<Host>().unwrap_err().to_string();
    assert!(error.starts_with("`Nope` is not a host: use 1-63 of"), "{error}");
}

#[test]
fn a_registry_is_told_from_a_path_by_its_dot_its_port_or_its_name() {
    check::<ImageRepository>(
        &["localhost/a", "localhost:5000/a", "registry:5000/a", "GHCR.io/a", "acme/a", "1.2.3.4:65535/a"],
        &[
            "registry:70000/a",
            "registry:/a",
            "registry:x/a",
            "registry:+80/a",
            "ghcr..io/a",
            "-ghcr.io/a",
            "Acme/a",
            "localhost/",
            "a:5000",
        ],
    );
}

#[test]
fn an_image_is_of_255_characters_at_most() {
    let image = |length: usize| format!("ghcr.io/{}", "a".repeat(length - 8));
    check::<ImageRepository>(&[&image(255)], &[&image(256)]);
}

#[test]
fn a_part_of_an_image_begins_and_ends_with_a_letter_or_digit() {
    check::<ImageRepository>(&["a", "a0", "7/0"], &["a-", "-a", "a/_b", "a/b.", "a b", "aB", "ä"]);
}

#[test]
fn words_of_an_image_are_apart_by_a_dot_one_or_two_underscores_or_dashes() {
    let fine = ["a.b/c_d", "a__b", "a-b", "a---b", "a-b.c__d"];
    check::<ImageRepository>(&fine, &["a..b", "a___b", "a.-b", "a_-b", "a._b", "a-b..c"]);
}

#[test]
fn a_tag_may_begin_with_an_underscore_but_not_with_a_dot_or_dash() {
    check::<ImageTag>(
        &["v1.2.3-rc.1", "_a", "A", "7", "a_b", "a-", "a.", &"a".repeat(128)],
        &["", ".a", "-a", "a b", "a:b", "a/b", "ä", "aä", "a+b", &"a".repeat(129)],
    );
    insta::assert_snapshot!("-x".parse::<ImageTag>().unwrap_err(), @"`-x` is not an image tag: use 1-128 of letters, digits, `_`, `.` and `-`, not starting with `.` or `-`");
}

#[test]
fn a_branch_has_nothing_that_git_gives_a_meaning() {
    let fine = ["a.b", "a.lock.b", "lock", "a@", "{a}", "@a", "a/@", "ü"];
    check::<BranchName>(
        &fine,
        &["a@{1}", "a.", "a/b.lock", "a/.b", "/a", "a/", "a\u{7f}", "a~1", "a^", "a?", "a*", "a["],
    );
}

#[test]
fn a_repository_is_known_by_its_owner_and_its_name() {
    let repository: RepositoryName = "Acme/wild.side_1-x".parse().unwrap();
    assert_eq!((repository.owner(), repository.name()), ("Acme", "wild.side_1-x"));
    check::<RepositoryName>(&["a/.github"], &["./a", "a/.", "../a", "a\\b", "a/ü", "a/b?x"]);
    check::<RepositoryName>(&[&format!("a/{}", "b".repeat(100))], &[&format!("a/{}", "b".repeat(101))]);
}

#[test]
fn a_commit_is_40_or_64_hexadecimal_digits() {
    let of = |digit: &str, length: usize| digit.repeat(length);
    check::<CommitId>(
        &[&of("a", 40), &of("0", 64), &of("F", 64)],
        &[&of("a", 39), &of("a", 41), &of("g", 40), &of("g", 64), &of("ä", 20), "HEAD", ""],
    );
}

proptest! {
    #[test]
    fn every_number_that_a_forge_can_give_is_one(number in 1..=2_147_483_647_u32, beyond in 2_147_483_648_u32..) {
        let parsed: PullRequestNumber = number.to_string().parse().unwrap();
        prop_assert_eq!((parsed.as_u32(), parsed.to_string()), (number, number.to_string()));
        prop_assert!(beyond.to_string().parse::<PullRequestNumber>().is_err());
    }

    #[test]
    fn every_refused_name_is_refused_with_what_would_be_right(text in "\\PC{0,40}") {
        let errors = [
            text.parse::<ImageRepository>().err(),
            text.parse::<ImageTag>().err(),
            text.parse::<BranchName>().err(),
            text.parse::<RepositoryName>().err(),
            text.parse::<CommitId>().err(),
        ];
        for error in errors.into_iter().flatten() {
            let message = error.to_string();
            prop_assert!(["use ", "give ", "write "].iter().any(|advice| message.contains(advice)), "{}", message);
        }
    }


    #[test]
    fn any_text_is_a_label_or_an_error_and_never_a_path(text in "\\PC{0,80}") {
        if let Ok(name) = text.parse::<PreviewName>() {
            prop_assert!(name.as_str().len() <= 63);
            prop_assert!(!name.as_str().contains(['/', '.', '\\', ' ', '\n']));
            prop_assert_eq!(name.as_str(), text);
        }
    }

    #[test]
    fn every_label_joined_by_dots_is_a_host(labels in prop::collection::vec("[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", 1..8)) {
        prop_assert!(labels.join(".").parse::<Host>().is_ok());
    }
}
