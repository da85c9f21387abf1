use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::effects::http;

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, path, *content).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn hash(bytes: &[u8]) -> Sha256 {
    hexadecimal(digest(&SHA256, bytes).as_ref()).parse().unwrap()
}

/// A server on loopback with an archive, ways to it, and a way that has no end; and how often the archive was fetched.
async fn serve(bytes: Vec<u8>) -> (String, Arc<AtomicUsize>) {
    let fetched = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&fetched);
    let archive = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        let bytes = bytes.clone();
        async move { bytes }
    };
    let router = Router::new()
        .route("/schemas.tar.gz", get(archive))
        .route("/moved", get(|| async { Redirect::temporary("/schemas.tar.gz") }))
        .route("/round", get(|| async { Redirect::temporary("/round") }))
        .route("/out", get(|| async { Redirect::temporary("http://192.0.2.1/schemas.tar.gz") }))
        .route("/gone", get(|| async { StatusCode::NOT_FOUND }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, fetched)
}

#[tokio::test]
async fn an_archive_is_fetched_once_and_its_cache_is_not_believed() {
    let bytes = packed(&[("a/b_v1.json", b"{}"), ("a/README.md", b"no"), ("c.yaml", b"a: b"), ("d.json", b"\xff")]);
    let (address, fetched) = serve(bytes.clone()).await;
    let folder = tempfile::tempdir().unwrap();
    let archive = SchemaArchive { url: format!("{address}/moved"), sha256: hash(&bytes) };
    let client = http::client().unwrap();
    for _ in 0..2 {
        let files = read(&client, &archive, Some(folder.path())).await.unwrap();
        let prefix = &archive.sha256.as_str()[..12];
        let expected =
            [(format!("{prefix}/a/b_v1.json"), "{}".to_owned()), (format!("{prefix}/c.yaml"), "a: b".to_owned())];
        assert_eq!(files, expected);
    }
    assert_eq!(fetched.load(Ordering::Relaxed), 1);
    fs::write(folder.path().join(format!("{}.tar.gz", archive.sha256)), b"something else").unwrap();
    assert_eq!(read(&client, &archive, Some(folder.path())).await.unwrap().len(), 2);
    assert_eq!(fetched.load(Ordering::Relaxed), 2);
    // A cache that can not be written does not matter.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(read(&client, &archive, Some(&file)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_not_pinned_or_leads_astray_is_refused() {
    let bytes = packed(&[("a.json", b"{}")]);
    let (address, _) = serve(bytes.clone()).await;
    let client = http::client().unwrap();
    let other = hash(b"other");
    let fetched = fetch(&client, &format!("{address}/schemas.tar.gz"), &other).await;
    assert!(matches!(fetched, Err(ArchiveProblem::Hash { .. })), "{fetched:?}");
    for (path, words) in [
        ("round", "it leads to more than 5 other addresses"),
        ("out", "`http://192.0.2.1/schemas.tar.gz` is not an `https://` address"),
        ("gone", "the server answers with 404"),
    ] {
        let problem = fetch(&client, &format!("{address}/{path}"), &hash(&bytes)).await.unwrap_err();
        assert_eq!(problem.to_string(), words);
    }
    for url in ["http://example.com/a.tar.gz", "ftp://example.com/a", "file:///etc/passwd", "no address"] {
        let problem = fetch(&client, url, &other).await.unwrap_err();
        assert!(matches!(problem, ArchiveProblem::Address(_)), "{url}: {problem}");
    }
}

#[test]
fn an_archive_that_unpacks_without_end_or_not_at_all_is_refused() {
    assert!(matches!(unpack(b"no archive"), Err(ArchiveProblem::Unpack(_))));
    let large = vec![b' '; 70 << 20];
    let bomb = packed(&[("a.json", &large), ("b.txt", &large), ("c.json", &large)]);
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(unpack(&bomb), Err(ArchiveProblem::Large(_))));
}

#[test]
fn archives_are_kept_where_runners_and_users_keep_such_things() {
    let folder = |variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        cache_folder(&Environment::new(variables)).map(|folder| folder.to_string_lossy().into_owned())
    };
    let home = ("HOME", "/home/a");
    let user = ("XDG_CACHE_HOME", "/cache");
    assert_eq!(folder(&[home]).as_deref(), Some("/home/a/.cache/bivouac/schemas"));
    assert_eq!(folder(&[home, user]).as_deref(), Some("/cache/bivouac/schemas"));
    assert_eq!(folder(&[home, user, ("RUNNER_TOOL_CACHE", "/t")]).as_deref(), Some("/t/bivouac/schemas"));
    assert_eq!(folder(&[("HOME", "relative")]), None);
}
