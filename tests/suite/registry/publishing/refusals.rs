//! Images that lie about themselves: each is refused, and nothing of it is sent.

use serde_json::{Value, json};

use super::archives::refused;
use super::*;
use crate::images::{CONFIG, IMAGE, LAYER};

/// The archive of an image with one layer, described in another way.
fn described(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut layout = Layout::default();
    let mut layer = layout.blob(LAYER, b"one");
    change(&mut layer);
    let image = layout.image_of(&[layer]);
    layout.root(&[image]);
    zip(MEMBER, &layout.tar())
}

#[tokio::test]
async fn what_a_descriptor_says_has_to_be_so() {
    let server = Server::open();
    let absent = sha256(b"absent");
    let table = [
        (described(|layer| layer["size"] = json!(4)), "has 3 bytes, and is said to have 4"),
        (described(|layer| layer["digest"] = json!(absent)), "is not in the archive"),
        (described(|layer| layer["urls"] = json!(["https://evil.example/layer"])), "`urls` or `data`"),
        (described(|layer| layer["data"] = json!("b25l")), "`urls` or `data`"),
        (
            described(|layer| {
                layer["mediaType"] = json!("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
            }),
            "which is not taken",
        ),
        (described(|layer| layer["digest"] = json!("sha256:../../../index.json")), "is no digest by sha256"),
    ];
    for (archive, words) in table {
        let message = refused(&server, &archive).await;
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_blob_has_the_digest_that_it_is_called_by() {
    let server = Server::open();
    let layout = Layout::of_one_image("one");
    // Every blob in turn is another one of the same length.
    for index in 0..3 {
        let mut lying = Layout { files: layout.files.clone() };
        let (name, bytes) = &mut lying.files[index];
        assert!(name.starts_with("blobs/sha256/"));
        let last = bytes.last_mut().unwrap();
        *last = if *last == b'}' { b' ' } else { b'x' };
        let message = refused(&server, &zip(MEMBER, &lying.tar())).await;
        assert!(message.contains("has the digest `sha256:"), "{message}");
    }
    for index in 0..layout.files.len() - 2 {
        let mut lacking = Layout { files: layout.files.clone() };
        lacking.files.remove(index);
        refused(&server, &zip(MEMBER, &lacking.tar())).await;
    }
}

#[tokio::test]
async fn an_index_brings_all_that_it_names() {
    let server = Server::open();
    let mut layout = Layout::default();
    let there = layout.image(&[b"one"]);
    let absent = json!({"mediaType": IMAGE, "digest": sha256(b"absent"), "size": 6});
    let index = layout.index(&[there, absent]);
    layout.root(&[index]);
    assert!(refused(&server, &zip(MEMBER, &layout.tar())).await.contains("is not in the archive"));

    let mut layout = Layout::default();
    let images = [layout.image(&[b"one"]), layout.image(&[b"two"])];
    layout.root(&images);
    assert_eq!(refused(&server, &zip(MEMBER, &layout.tar())).await, "`index.json` names more than one image");
}

#[tokio::test]
async fn a_document_is_no_longer_than_registries_take_it() {
    let server = Server::open();
    let mut layout = Layout::default();
    let config = layout.blob(CONFIG, b"{}");
    let padded = json!({"schemaVersion": 2, "config": config, "layers": [], "x": " ".repeat(4 * 1024 * 1024)});
    let image = layout.blob(IMAGE, padded.to_string().as_bytes());
    layout.root(&[image]);
    assert!(refused(&server, &zip(MEMBER, &layout.tar())).await.contains("4194304 are taken"));
    let mut layout = Layout::of_one_image("one");
    for (name, bytes) in &mut layout.files {
        if name == "index.json" {
            bytes.resize(5 * 1024 * 1024, b' ');
        }
    }
    assert!(refused(&server, &zip(MEMBER, &layout.tar())).await.contains("`index.json` has 5242880 bytes"));
}
