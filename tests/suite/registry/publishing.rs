//! Images that strangers' builds left, and a real registry that is to get them.

mod archives;
mod refusals;
mod uploads;

use std::fs;

use bivouac::contract::ExitCode;
use bivouac::domain::image::Digest;
use bivouac::effects::registry::{Credentials, OciRegistry};
use bivouac::error::{Error, ForkImagesError};
use bivouac::ports::{ImagePublisher, PublishError, Registry};
use tempfile::TempDir;

use super::server::{PASSWORD, Server, USER};
use super::{given, image, look, look_bare};
use crate::images::{Layout, Packed, Zip, artifact, sha256, zip};

const MEMBER: &str = "web.tar";

/// Publishes an archive as `acme/web:v1` of a registry.
async fn publish(credentials: Credentials, address: &str, archive: &[u8]) -> Result<Digest, PublishError> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("artifact.zip");
    fs::write(&file, archive).unwrap();
    let registry = OciRegistry::new(credentials, false);
    registry.publish(&file, MEMBER, &image(address, "acme/web", "v1")).await
}

async fn publish_bare(address: &str, archive: &[u8]) -> Result<Digest, PublishError> {
    publish(Credentials::default(), address, archive).await
}

#[tokio::test]
async fn an_image_is_published_and_is_the_one_that_is_pulled() {
    for (server, credentials) in [(Server::open(), Credentials::default()), (Server::locked(), given(USER, PASSWORD))] {
        let layout = Layout::of_one_image("one");
        let (digest, manifest) = manifest_of(&layout);
        let published = publish(credentials, &server.address(), &zip(MEMBER, &layout.tar())).await.unwrap();
        assert_eq!(published.as_str(), digest);
        let found = look(given(USER, PASSWORD), &image(&server.address(), "acme/web", "v1")).await.unwrap();
        assert_eq!(found, Some(published));
        assert_eq!(server.get("acme/web", "manifests/v1").await.unwrap(), manifest);
        let layer = server.get("acme/web", &format!("blobs/{}", sha256(b"one"))).await.unwrap();
        assert_eq!(layer, b"one");
    }
}

/// The digest of the one image, and its manifest.
fn manifest_of(layout: &Layout) -> (String, Vec<u8>) {
    let index = &layout.files.iter().find(|(name, _)| name == "index.json").unwrap().1;
    let index: serde_json::Value = serde_json::from_slice(index).unwrap();
    let digest = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
    let name = format!("blobs/sha256/{}", digest.trim_start_matches("sha256:"));
    let manifest = layout.files.iter().find(|(found, _)| *found == name).unwrap().1.clone();
    (digest, manifest)
}

#[tokio::test]
async fn an_index_of_two_platforms_is_published_whole_and_what_they_share_is_sent_once() {
    let server = Server::open();
    let mut layout = Layout::default();
    let large: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let images = [layout.image(&[&large, b"amd64"]), layout.image(&[&large, b"arm64"])];
    let index = layout.index(&images);
    layout.root(&[index.clone(), index.clone()]);
    let published = publish_bare(&server.address(), &zip(MEMBER, &layout.tar())).await.unwrap();
    assert_eq!(index["digest"], published.as_str());
    for image in &images {
        let place = format!("manifests/{}", image["digest"].as_str().unwrap());
        assert!(server.get("acme/web", &place).await.is_some());
    }
    assert_eq!(server.get("acme/web", &format!("blobs/{}", sha256(&large))).await.unwrap(), large);
    let sent =
        |requests: &[String]| requests.iter().filter(|request| request.starts_with("PUT /v2/acme/web/blobs")).count();
    // One config, and three layers.
    assert_eq!(sent(&server.requests().await), 4);

    // The next image shares all but a layer with it.
    let mut next = Layout::default();
    let image = next.image(&[&large, b"another"]);
    next.root(&[image]);
    publish_bare(&server.address(), &zip(MEMBER, &next.tar())).await.unwrap();
    assert_eq!(sent(&server.requests().await), 5);
}

#[tokio::test]
async fn a_tag_that_stands_for_the_image_is_not_written_again() {
    let server = Server::open();
    let archive = artifact(MEMBER, "one");
    let first = publish_bare(&server.address(), &archive).await.unwrap();
    let writes = server.requests().await.iter().filter(|request| !request.starts_with("HEAD")).count();
    assert_eq!(publish_bare(&server.address(), &archive).await.unwrap(), first);
    let again = server.requests().await.iter().filter(|request| !request.starts_with("HEAD")).count();
    assert_eq!(writes, again);
}

#[tokio::test]
async fn wrong_credentials_and_a_registry_that_takes_nothing_are_told_apart() {
    let locked = Server::locked();
    for credentials in [Credentials::default(), given(USER, "hush-hush")] {
        let error = publish(credentials, &locked.address(), &artifact(MEMBER, "one")).await.unwrap_err();
        let error = Error::from(ForkImagesError::from(error));
        assert_eq!(error.exit_code(), ExitCode::NotAllowed, "{error}");
        assert!(!error.to_string().contains("hush"), "{error}");
    }
    let full = Server::read_only();
    let error = publish_bare(&full.address(), &artifact(MEMBER, "one")).await.unwrap_err();
    assert!(error.to_string().contains("does not allow this access"), "{error}");
    let error = Error::from(ForkImagesError::from(error));
    assert_eq!(error.exit_code(), ExitCode::NotAllowed);
    assert!(error.hint().unwrap().contains("packages: read` or `write"), "{error}");
}

#[tokio::test]
async fn one_who_looked_before_may_push_after() {
    let server = Server::locked();
    let registry = OciRegistry::new(given(USER, PASSWORD), false);
    let image = image(&server.address(), "acme/web", "v1");
    assert_eq!(registry.digest(&image).await.unwrap(), None);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("artifact.zip");
    fs::write(&file, artifact(MEMBER, "one")).unwrap();
    let published = registry.publish(&file, MEMBER, &image).await.unwrap();
    assert_eq!(registry.digest(&image).await.unwrap(), Some(published));
}

#[tokio::test]
async fn an_archive_may_be_stored_or_deflated_and_with_the_fields_for_large_ones() {
    let server = Server::open();
    let content = Layout::of_one_image("one").tar();
    for is_stored in [false, true] {
        for is_large in [false, true] {
            let packed = Packed { name: MEMBER, content: &content, is_stored, ..Packed::default() };
            let archive = Zip { is_large, ..Zip::default() }.of(&[packed]);
            publish_bare(&server.address(), &archive).await.unwrap();
        }
    }
    assert!(look_bare(&image(&server.address(), "acme/web", "v1")).await.unwrap().is_some());
}
