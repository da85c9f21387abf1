use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

/// A configuration with this in its file.
fn configuration(folder: &Path, text: &str) -> DockerConfiguration {
    fs::write(folder.join("config.json"), text).unwrap();
    let path = std::env::var("PATH").unwrap();
    let search_path = Some(OsString::from(format!("{}:{path}", folder.display())));
    DockerConfiguration { folder: folder.to_owned(), search_path }
}

/// A helper in the folder that does this.
fn helper(folder: &Path, name: &str, script: &str) {
    let file = folder.join(format!("docker-credential-{name}"));
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The login for a registry, as one text.
async fn found(configuration: &DockerConfiguration, registry: &str) -> Result<String, String> {
    Ok(match configuration.login(registry).await? {
        Some(Login::Password { username, password }) => format!("{username}:{}", password.expose()),
        Some(Login::IdentityToken(token)) => format!("token {}", token.expose()),
        None => "none".to_owned(),
    })
}

fn auth(pair: &str) -> Value {
    json!({"auth": STANDARD.encode(pair)})
}

#[tokio::test]
async fn entries_of_the_file_are_found_in_all_their_forms() {
    let folder = TempDir::new().unwrap();
    let document = json!({
        "auths": {
            "ghcr.io": auth("me:with:colons"),
            "https://index.docker.io/v1/": auth("hub:word\0"),
            "http://localhost:5000": {"username": "plain", "password": "word"},
            "https://registry.example/v2/": {"auth": "", "identitytoken": "long-lived"},
            "empty.example": {},
        },
        "HttpHeaders": {"X": "y"},
        "currentContext": "other",
    });
    let configuration = configuration(folder.path(), &document.to_string());
    let table = [
        ("ghcr.io", "me:with:colons"),
        ("docker.io", "hub:word"),
        ("localhost:5000", "plain:word"),
        ("registry.example", "token long-lived"),
        ("empty.example", "none"),
        ("other.example", "none"),
        ("localhost", "none"),
    ];
    for (registry, login) in table {
        assert_eq!(found(&configuration, registry).await.as_deref(), Ok(login), "{registry}");
    }
}

#[tokio::test]
async fn a_broken_file_is_told_of_and_nothing_in_it() {
    let folder = TempDir::new().unwrap();
    let texts = [
        "",
        "{",
        r#"{"auths": "hush"}"#,
        r#"{"auths": {"ghcr.io": "hush"}}"#,
        r#"{"auths": {"ghcr.io": {"auth": "hush"}}}"#,
        r#"{"auths": {"ghcr.io": {"auth": "aHVzaA=="}}}"#,
        r#"{"auths": {"ghcr.io": {"auth": "/////w=="}}}"#,
        r#"{"credsStore": "../../hush"}"#,
        r#"{"credHelpers": {"ghcr.io": "a b; hush"}}"#,
    ];
    for text in texts {
        let error = found(&configuration(folder.path(), text), "ghcr.io").await.unwrap_err();
        assert!(error.contains("config.json") || error.contains("credential helper"), "{text}: {error}");
        assert!(!error.contains("hush") || error.contains("credential helper"), "{text}: {error}");
    }
}

#[tokio::test]
async fn no_file_is_no_login() {
    let folder = TempDir::new().unwrap();
    let gone = DockerConfiguration { folder: folder.path().join("gone"), search_path: None };
    assert_eq!(found(&gone, "ghcr.io").await.as_deref(), Ok("none"));
}

#[tokio::test]
async fn helpers_are_asked_over_their_standard_input() {
    let folder = TempDir::new().unwrap();
    helper(folder.path(), "own", r#"read server; printf '{"Username":"%s","Secret":"%s"}' "$1" "$server""#);
    helper(folder.path(), "store", r#"cat >&2; echo '{"ServerURL":"x","Username":"<token>","Secret":"long-lived"}'"#);
    let document = json!({
        "credHelpers": {"ghcr.io": "own", "docker.io": "own"},
        "credsStore": "store",
        "auths": {"ghcr.io": {}, "registry.example": {}},
    });
    let configuration = configuration(folder.path(), &document.to_string());
    assert_eq!(found(&configuration, "ghcr.io").await.as_deref(), Ok("get:ghcr.io"));
    assert_eq!(found(&configuration, "docker.io").await.as_deref(), Ok("get:https://index.docker.io/v1/"));
    assert_eq!(found(&configuration, "registry.example").await.as_deref(), Ok("token long-lived"));
}

#[tokio::test]
async fn a_helper_that_knows_nothing_leaves_it_to_the_file_and_one_that_fails_does_not() {
    let folder = TempDir::new().unwrap();
    let ask = async |script: &str| {
        helper(folder.path(), "odd", script);
        let document = json!({"credsStore": "odd", "auths": {"ghcr.io": auth("me:word")}});
        found(&configuration(folder.path(), &document.to_string()), "ghcr.io").await
    };
    assert_eq!(ask("echo credentials not found in native keychain; exit 1").await.as_deref(), Ok("me:word"));
    assert_eq!(ask(r#"echo '{"Username":"","Secret":""}'"#).await.as_deref(), Ok("me:word"));
    for script in ["echo hush; exit 1", "echo hush", "kill $$", "exec cat /dev/zero"] {
        let error = ask(script).await.unwrap_err();
        assert!(error.contains("docker-credential-odd") && !error.contains("hush"), "{script}: {error}");
    }
    let document = json!({"credsStore": "not-there"}).to_string();
    let error = found(&configuration(folder.path(), &document), "ghcr.io").await.unwrap_err();
    assert!(error.contains("docker-credential-not-there"), "{error}");
}

#[test]
fn the_folder_is_the_one_that_docker_would_use() {
    let folder = |variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        DockerConfiguration::from_environment(&Environment::new(variables)).map(|found| found.folder)
    };
    assert_eq!(folder(&[("HOME", "/home/me")]), Some("/home/me/.docker".into()));
    assert_eq!(folder(&[("HOME", "/home/me"), ("DOCKER_CONFIG", "/tmp/docker")]), Some("/tmp/docker".into()));
    assert_eq!(folder(&[]), None);
}
