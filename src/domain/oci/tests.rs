use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const OCI_IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// A digest that is told from others by a number.
fn sha(number: usize) -> String {
    format!("sha256:{number:064x}")
}

fn blob(kind: &str, number: usize) -> Value {
    json!({"mediaType": kind, "digest": sha(number), "size": 10})
}

fn image(layers: &[usize]) -> Value {
    let layers: Vec<_> = layers.iter().map(|layer| blob(LAYER, *layer)).collect();
    json!({"schemaVersion": 2, "mediaType": OCI_IMAGE, "config": blob(CONFIG, 1), "layers": layers})
}

fn index(entries: &[Value]) -> Value {
    json!({"schemaVersion": 2, "manifests": entries})
}

/// Assembles the image whose root has the number 100, out of numbered manifests.
fn assembled(root: &str, manifests: &[(usize, Value)]) -> Result<Image, String> {
    of(&index(&[blob(root, 100)]), manifests)
}

fn of(top: &Value, manifests: &[(usize, Value)]) -> Result<Image, String> {
    let held: BTreeMap<_, _> = manifests.iter().map(|(number, text)| (sha(*number), text.to_string())).collect();
    let read = |blob: &Blob| {
        let text = held.get(blob.digest.as_str()).ok_or_else(|| Invalid("there is no such blob".to_owned()))?;
        Ok::<_, Invalid>(text.clone().into_bytes())
    };
    assemble(top.to_string().as_bytes(), read).map_err(|why| why.0)
}

fn refusal(root: &str, manifests: &[(usize, Value)]) -> String {
    assembled(root, manifests).unwrap_err()
}

/// An image with something put in another way.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut image = image(&[2]);
    change(&mut image);
    refusal(OCI_IMAGE, &[(100, image)])
}

#[test]
fn an_image_has_its_config_and_layers_once_each() {
    let found = assembled(OCI_IMAGE, &[(100, image(&[2, 3, 2]))]).unwrap();
    assert_eq!(found.root.blob.digest.as_str(), sha(100));
    assert_eq!(found.below, []);
    let blobs: Vec<_> = found.blobs.iter().map(|blob| blob.digest.to_string()).collect();
    assert_eq!(blobs, [sha(1), sha(2), sha(3)]);
}

#[test]
fn what_an_index_names_comes_before_it() {
    let inner = index(&[blob(OCI_IMAGE, 103)]);
    let outer = index(&[blob(OCI_INDEX, 101), blob(OCI_IMAGE, 102), blob(OCI_IMAGE, 103), blob(OCI_IMAGE, 102)]);
    let manifests = [(100, outer), (101, inner), (102, image(&[2])), (103, image(&[3]))];
    let found = assembled(OCI_INDEX, &manifests).unwrap();
    let below: Vec<_> = found.below.iter().map(|manifest| manifest.blob.digest.to_string()).collect();
    assert_eq!(below, [sha(102), sha(103), sha(101)]);
    assert_eq!(found.blobs.len(), 3);
}

#[test]
fn an_index_leads_no_deeper_than_to_another_one() {
    let deep = [
        (100, index(&[blob(OCI_INDEX, 101)])),
        (101, index(&[blob(OCI_INDEX, 102)])),
        (102, index(&[blob(OCI_IMAGE, 103)])),
        (103, image(&[2])),
    ];
    assert_eq!(refusal(OCI_INDEX, &deep), "its indexes are nested more than 2 deep");
    assert!(refusal(OCI_INDEX, &[(100, index(&[blob(OCI_IMAGE, 101)]))]).contains("no such blob"));
    // Its digest says that it can not be, but this does not depend on it.
    assert!(assembled(OCI_INDEX, &[(100, index(&[blob(OCI_INDEX, 100)]))]).is_ok());
}

#[test]
fn index_json_names_one_image_however_often() {
    let manifests = [(100, image(&[])), (101, image(&[]))];
    let named = |numbers: &[usize]| {
        let entries: Vec<_> = numbers
            .iter()
            .enumerate()
            .map(|(at, number)| {
                let mut entry = blob(OCI_IMAGE, *number);
                entry["annotations"] = json!({"org.opencontainers.image.ref.name": at.to_string()});
                entry
            })
            .collect();
        of(&index(&entries), &manifests)
    };
    assert!(named(&[100, 100]).is_ok());
    assert_eq!(named(&[]).unwrap_err(), "`index.json` names no image");
    assert_eq!(named(&[100, 101]).unwrap_err(), "`index.json` names more than one image");
}

#[test]
fn attestations_are_taken_and_what_they_hold_is_taken_nowhere_else() {
    let mut said = image(&[2]);
    said["layers"][0]["mediaType"] = json!("application/vnd.in-toto+json");
    let mut entry = blob(OCI_IMAGE, 102);
    entry["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    entry["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let whole = |entry: &Value, said: &Value| {
        let outer = index(&[blob(OCI_IMAGE, 101), entry.clone()]);
        assembled(OCI_INDEX, &[(100, outer), (101, image(&[3])), (102, said.clone())])
    };
    assert_eq!(whole(&entry, &said).unwrap().below.len(), 2);
    assert!(whole(&blob(OCI_IMAGE, 102), &said).unwrap_err().contains("which is not taken"));
    // It may be about an image of this index, and about nobody else's.
    said["subject"] = blob(OCI_IMAGE, 101);
    assert!(whole(&entry, &said).is_ok());
    said["subject"] = blob(OCI_IMAGE, 7);
    assert!(whole(&entry, &said).unwrap_err().contains("which is none of this image"));
}

#[test]
fn layers_that_are_elsewhere_and_unknown_ones_are_refused() {
    for kind in [
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.in-toto+json",
        "text/html",
        "",
    ] {
        let message = changed(|image| image["layers"][0]["mediaType"] = json!(kind));
        assert!(message.contains(&format!("has the media type `{kind}`, which is not taken")), "{message}");
    }
    for (key, value) in [("urls", json!(["https://evil.example/"])), ("urls", Value::Null), ("data", json!("eA=="))] {
        let message = changed(|image| image["layers"][0][key] = value);
        assert!(message.contains("is to be had elsewhere"), "{message}");
    }
    assert!(changed(|image| image["config"]["mediaType"] = json!(LAYER)).contains("the config"));
}

#[test]
fn what_descriptors_may_say_is_bounded() {
    let table = [
        ("digest", json!("sha512:00"), "no digest by sha256"),
        ("digest", json!(format!("sha512:{}", "0".repeat(128))), "no digest by sha256"),
        ("digest", json!("../../etc/passwd"), "no digest by sha256"),
        ("size", json!(LARGEST_BLOB + 1), "is said to have 4294967297 bytes"),
        ("size", json!(-1), "can not be read"),
        ("size", json!(1.5), "can not be read"),
        ("size", json!("10"), "can not be read"),
    ];
    for (key, value, words) in table {
        let message = changed(|image| image["layers"][0][key] = value);
        assert!(message.contains(words), "{message}");
    }
    let mut large = blob(OCI_IMAGE, 100);
    large["size"] = json!(LARGEST_MANIFEST + 1);
    assert!(of(&index(&[large]), &[]).unwrap_err().contains("4194304 are taken"));
    let twice = changed(|image| image["config"] = json!({"mediaType": CONFIG, "digest": sha(2), "size": 11}));
    assert!(twice.contains("is described in two ways"), "{twice}");
}

#[test]
fn what_a_manifest_is_is_not_in_doubt() {
    let table: [(&str, Value, &str); 6] = [
        ("schemaVersion", json!(1), "is not of the schema version 2"),
        ("mediaType", json!(OCI_INDEX), "another media type than where it is named"),
        ("manifests", json!([]), "has not `config` and `layers` alone"),
        ("layers", Value::Null, "has not `config` and `layers` alone"),
        ("Layers", json!([]), "the key `Layers` is written otherwise"),
        ("layer\u{17f}", json!([]), "is written otherwise"),
    ];
    for (key, value, words) in table {
        let message = changed(|image| image[key] = value);
        assert!(message.contains(words), "{message}");
    }
    let mut both = index(&[blob(OCI_IMAGE, 101)]);
    both["layers"] = json!([]);
    assert!(refusal(OCI_INDEX, &[(100, both)]).contains("has not `manifests` alone"));
    assert!(refusal("text/plain", &[]).contains("`text/plain`"));
}

#[test]
fn there_are_so_many_manifests_and_blobs_and_no_more() {
    let layers: Vec<_> = (2..=MOST_BLOBS).collect();
    assert!(assembled(OCI_IMAGE, &[(100, image(&layers))]).is_ok());
    let layers: Vec<_> = (2..=MOST_BLOBS + 1).collect();
    assert!(refusal(OCI_IMAGE, &[(100, image(&layers))]).contains("more than 512"));
    let many = |count: usize| {
        let entries: Vec<_> = (0..count).map(|number| blob(OCI_IMAGE, 101 + number)).collect();
        let images = (0..count).map(|number| (101 + number, image(&[2])));
        assembled(OCI_INDEX, &std::iter::once((100, index(&entries))).chain(images).collect::<Vec<_>>())
    };
    assert!(many(MOST_MANIFESTS - 1).is_ok());
    assert_eq!(many(MOST_MANIFESTS).unwrap_err(), "it has more than 64 manifests");
}

#[test]
fn json_that_is_read_in_two_ways_is_refused() {
    let table = [
        (r#"{"imageLayoutVersion":"1.0.0","imageLayoutVersion":"1.0.0"}"#.to_owned(), "is there twice"),
        (r#"{"imageLayoutVersion":"1.0.0","x":{"a":1,"A":2}}"#.to_owned(), "the key `A` is there twice"),
        (r#"{"imageLayoutVersion":"1.0.0"} {}"#.to_owned(), "trailing characters"),
        (r#"{"imageLayoutVersion":"2.0.0"}"#.to_owned(), "is of the version `2.0.0`"),
        (r#"{"imageLayoutVersion":1}"#.to_owned(), "invalid type"),
        ("[".repeat(100_000), "recursion limit"),
        ("{}".to_owned(), "missing field"),
        (String::new(), "EOF"),
    ];
    for (text, words) in table {
        let message = check_layout(text.as_bytes()).unwrap_err().0;
        assert!(message.contains(words) && message.chars().count() < 400, "{message}");
    }
    check_layout(br#"{"imageLayoutVersion":"1.0.0","other":[1,-1,0.5,null,true,"x"]}"#).unwrap();
}

#[test]
fn hostile_text_is_quoted_and_cut() {
    assert_eq!(quoted("a\n::error::\u{202e}##[x"), r"`a\n::error::\u{202e}# #[x`");
    let long = quoted(&"x".repeat(1_000_000));
    assert_eq!(long.chars().count(), SHOWN + 3);
}

proptest! {
    #[test]
    fn no_bytes_are_a_surprise(bytes: Vec<u8>) {
        let _ = check_layout(&bytes);
        let _ = assemble(&bytes, |_| Ok::<_, Invalid>(bytes.clone()));
        let _ = assemble(index(&[blob(OCI_IMAGE, 100)]).to_string().as_bytes(), |_| Ok::<_, Invalid>(bytes.clone()));
    }

    #[test]
    fn no_change_of_a_byte_is_a_surprise(at: prop::sample::Index, byte: u8) {
        let mut bytes = index(&[blob(OCI_INDEX, 100), blob(OCI_INDEX, 100)]).to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Err(why) = assemble(&bytes, |_| Ok::<_, Invalid>(bytes.clone())) {
            prop_assert!(!why.0.chars().any(char::is_control), "{}", why.0);
        }
    }
}
