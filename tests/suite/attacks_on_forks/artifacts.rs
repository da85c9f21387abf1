//! Runs that are not the build of what was approved, and archives that are made to exhaust whoever reads them.

use std::fs;
use std::time::{Duration, Instant};

use bivouac::effects::artifact::CheckedImage;
use bivouac::emulator::{Answer, Verdict};
use tempfile::TempDir;

use super::*;
use crate::images::{CONFIG, IMAGE, INDEX, LAYER, Layout, zip};

#[test]
fn a_run_that_is_not_the_build_of_what_was_approved_leaves_no_image() {
    let lies: [(&str, Value); 12] = [
        ("event", json!("push")),
        ("event", json!("pull_request_target")),
        ("event", json!("workflow_dispatch")),
        ("head_sha", json!(sha('b'))),
        ("head_sha", json!(&sha('a')[..12])),
        ("status", json!("queued")),
        ("conclusion", json!("neutral")),
        ("head_repository", json!({"full_name": APPLICATION})),
        ("head_repository", json!({"full_name": "another/wildside"})),
        ("head_repository", json!({"full_name": "stranger/wildside-2"})),
        ("head_repository", json!(null)),
        ("id", json!("7")),
    ];
    let ground = Ground::new();
    let tip = ground.world.tip();
    for (name, lie) in lies {
        let what = format!("{name}: {lie}");
        let run = ground.world.emulator.forge().runs(APPLICATION).unwrap().remove(0);
        let mut told = json!({
            "id": run.id, "event": "pull_request", "head_sha": sha('a'), "head_branch": BRANCH, "status": "completed",
            "conclusion": "success", "head_repository": {"full_name": FORK},
        });
        told[name] = lie;
        let told = json!({"total_count": 1, "workflow_runs": [told]});
        ground.world.intercept(move |request| {
            if request.path.contains("/actions/workflows/") {
                Verdict::Answer(Answer::json(200, &told))
            } else {
                Verdict::Pass
            }
        });
        let run = ground.ada(&format!("/preview approve {}", sha('a')));
        assert_eq!(run.code, 12, "{what}: {}", run.stderr);
        assert_eq!(ground.world.tip(), tip, "{what}");
        ground.holds_nothing_of('a', &what);
    }
}

/// Why an image is not taken; nothing when it is.
fn refusal(layout: &Layout) -> Option<String> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("artifact.zip");
    fs::write(&file, zip("web.tar", &layout.tar())).unwrap();
    CheckedImage::open(&file, "web.tar", 64 * 1024 * 1024).err().map(|error| error.to_string())
}

/// A layout with this as its index.
fn with_index(mut layout: Layout, index: impl Into<Vec<u8>>) -> Layout {
    layout.root(&[]);
    let index = index.into();
    layout.files.iter_mut().filter(|(name, _)| name == "index.json").for_each(|(_, bytes)| bytes.clone_from(&index));
    layout
}

#[test]
fn documents_that_are_made_to_exhaust_a_reader_are_refused_at_once() {
    let started = Instant::now();
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"manifests\":[", "]}")] {
        let deep = format!("{}1{}", open.repeat(200_000), close.repeat(200_000));
        assert!(refusal(&with_index(Layout::default(), deep)).is_some(), "{open}");
    }
    let keys = (0..150_000).map(|number| format!("\"key-{number}\":0,")).collect::<Vec<_>>().concat();
    assert!(refusal(&with_index(Layout::default(), format!("{{{keys}\"schemaVersion\":2}}"))).is_some());
    let mut layout = Layout::default();
    let one = layout.image(&[b"one"]);
    let same = vec![one.to_string(); 10_000].join(",");
    let index = format!("{{\"schemaVersion\":2,\"mediaType\":\"{INDEX}\",\"manifests\":[{same}]}}");
    assert_eq!(refusal(&with_index(layout, index)), None, "the same image under many tags");
    let mut layout = Layout::default();
    let layer = layout.blob(LAYER, b"one");
    let image = layout.image_of(&vec![layer; 10_000]);
    layout.root(&[image]);
    assert_eq!(refusal(&layout), None, "one layer many times");
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}

#[test]
fn one_blob_is_not_two_things_of_different_sizes_and_no_size_is_odd() {
    let sizes = ["-1", "1.5", "3.0", "3e0", "18446744073709551615", "18446744073709551616", "\"3\"", "null", "[3]"];
    for size in sizes {
        let mut layout = Layout::default();
        let config = layout.blob(CONFIG, b"{}");
        let layer = layout.blob(LAYER, b"one");
        let layer = layer.to_string().replace("\"size\":3", &format!("\"size\":{size}"));
        let manifest =
            format!("{{\"schemaVersion\":2,\"mediaType\":\"{IMAGE}\",\"config\":{config},\"layers\":[{layer}]}}");
        let image = layout.blob(IMAGE, manifest.as_bytes());
        layout.root(&[image]);
        assert!(refusal(&layout).is_some(), "{size}");
    }
    for digest in ["sha256:", "SHA256:", "sha256:../../../etc/passwd", "sha512:", "sha256:%2e%2e", "sha256:A"] {
        let mut layout = Layout::default();
        let digits = "a".repeat(64);
        let layer = json!({"mediaType": LAYER, "size": 3, "digest": format!("{digest}{digits}")});
        let image = layout.image_of(&[layer]);
        layout.root(&[image]);
        assert!(refusal(&layout).is_some(), "{digest}");
    }
}
