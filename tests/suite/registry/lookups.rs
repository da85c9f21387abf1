//! What a real registry says of tags.

use super::server::{DOCKER_IMAGE, DOCKER_LIST, OCI_IMAGE, OCI_INDEX, Server};
use super::{image, look_bare, sha256};

#[tokio::test]
async fn a_tag_that_is_there_has_the_digest_of_its_manifest() {
    let server = Server::open();
    for kind in [OCI_IMAGE, DOCKER_IMAGE] {
        let manifest = server.push_image("acme/web", "v1", kind, kind).await;
        let found = look_bare(&image(&server.address(), "acme/web", "v1")).await.unwrap().unwrap();
        assert_eq!(found.as_str(), sha256(&manifest), "{kind}");
    }
}

#[tokio::test]
async fn a_missing_tag_and_a_missing_repository_are_nothing() {
    let server = Server::open();
    server.push_image("web", "v1", OCI_IMAGE, "one").await;
    assert_eq!(look_bare(&image(&server.address(), "web", "v2")).await.unwrap(), None);
    assert_eq!(look_bare(&image(&server.address(), "other/web", "v1")).await.unwrap(), None);
}

#[tokio::test]
async fn an_image_for_several_platforms_has_the_digest_of_its_index() {
    let server = Server::open();
    for (path, kind, of) in [("oci", OCI_INDEX, OCI_IMAGE), ("docker", DOCKER_LIST, DOCKER_IMAGE)] {
        let index = server.push_index(path, "v1", kind, of).await;
        let found = look_bare(&image(&server.address(), path, "v1")).await.unwrap().unwrap();
        assert_eq!(found.as_str(), sha256(&index), "{kind}");
        let one = look_bare(&image(&server.address(), path, "amd64")).await.unwrap().unwrap();
        assert_ne!(one, found, "{kind}");
    }
}
