//! A real registry that asks for a name and a password.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bivouac::contract::ExitCode;
use bivouac::effects::registry::{Credentials, DockerConfiguration, GitHubToken};
use bivouac::error::Error;
use bivouac::ports::RegistryError;
use bivouac::secret::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::server::{OCI_IMAGE, PASSWORD, Server, USER};
use super::{given, image, look, sha256};

/// What docker knows, by this file.
fn docker(folder: &Path, document: &Value) -> Credentials {
    fs::write(folder.join("config.json"), document.to_string()).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let docker = DockerConfiguration { folder: folder.to_owned(), search_path: Some(path.into()) };
    Credentials { docker: Some(docker), ..Credentials::default() }
}

#[tokio::test]
async fn right_credentials_are_let_in_wherever_they_come_from() {
    let server = Server::locked();
    let manifest = server.push_image("acme/web", "v1", OCI_IMAGE, "one").await;
    let (address, folder) = (server.address(), TempDir::new().unwrap());
    let helper = folder.path().join("docker-credential-test");
    let script = format!(
        "#!/bin/sh\n[ \"$1 $(cat)\" = 'get {address}' ] || exit 1\necho '{{\"Username\":\"{USER}\",\"Secret\":\"{PASSWORD}\"}}'\n"
    );
    fs::write(&helper, script).unwrap();
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    let auth = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    let all = [given(USER, PASSWORD), docker(folder.path(), &json!({"auths": {&address: {"auth": auth}}}))];
    let image = image(&address, "acme/web", "v1");
    for credentials in all {
        assert_eq!(look(credentials, &image).await.unwrap().unwrap().as_str(), sha256(&manifest));
    }
    let by_helper = docker(folder.path(), &json!({"credHelpers": {&address: "test"}}));
    assert_eq!(look(by_helper, &image).await.unwrap().unwrap().as_str(), sha256(&manifest));
    let by_store = docker(folder.path(), &json!({"credsStore": "test", "auths": {&address: {}}}));
    assert_eq!(look(by_store, &image).await.unwrap().unwrap().as_str(), sha256(&manifest));
}

#[tokio::test]
async fn no_credentials_and_wrong_ones_are_told_apart_and_not_shown() {
    let server = Server::locked();
    server.push_image("web", "v1", OCI_IMAGE, "one").await;
    let image = image(&server.address(), "web", "v1");
    let github = GitHubToken::of_github_com(Secret::new("hush-hush").unwrap());
    let elsewhere = Credentials { github: Some(github), ..Credentials::default() };
    for credentials in [Credentials::default(), elsewhere] {
        let error = look(credentials, &image).await.unwrap_err();
        assert!(matches!(&error, RegistryError::BadCredentials { offered: None, .. }), "{error:?}");
        assert!(error.to_string().contains("asks for credentials, and there are none"), "{error}");
    }
    let error = look(given(USER, "hush-hush"), &image).await.unwrap_err();
    assert!(error.to_string().contains("`BIVOUAC_REGISTRY_TOKEN`"), "{error}");
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    let error = Error::from(error);
    assert_eq!(error.exit_code(), ExitCode::NotAllowed);
    assert!(error.hint().unwrap().contains("docker login"));
}

#[tokio::test]
async fn a_configuration_that_can_not_be_read_is_a_problem_of_the_set_up() {
    let server = Server::locked();
    let folder = TempDir::new().unwrap();
    let credentials = docker(folder.path(), &json!({"credsStore": "not-there"}));
    let error = Error::from(look(credentials, &image(&server.address(), "web", "v1")).await.unwrap_err());
    assert_eq!(error.exit_code(), ExitCode::SetUp, "{error}");
}
