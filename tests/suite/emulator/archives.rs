//! The emulator's archives: where they are, and who gets them.

use bivouac::emulator::Settings;
use flate2::read::GzDecoder;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use super::support::{REPOSITORY, Workshop, accounts, git_url, started};
use crate::world::DESCRIBED;

async fn fetched(url: &str, token: Option<&str>) -> Response {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let request = client.get(url);
    token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token)).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_elsewhere_under_an_address_that_is_good_by_itself() {
    let (emulator, workshop) = (started(Settings::new(accounts())).await, Workshop::new());
    workshop.clone_with_commit(&git_url(&emulator, "writer-token", "/acme/wildside"), "one");
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:main"]);
    let sha = workshop.done("one", &["rev-parse", "HEAD"]);
    let path = format!("/repos/{REPOSITORY}/tarball/{sha}");
    let url = format!("{}{path}", emulator.api_url());
    DESCRIBED.check_rest("GET", &path, None).unwrap();

    for (token, status) in
        [(None, 401), (Some("nobody"), 401), (Some("stranger-token"), 404), (Some("reader-token"), 302)]
    {
        assert_eq!(fetched(&url, token).await.status(), status, "{token:?}");
    }
    let nothing = format!("{}/repos/{REPOSITORY}/tarball/{}", emulator.api_url(), "0".repeat(40));
    assert_eq!(fetched(&nothing, Some("reader-token")).await.status(), 404);

    let told = fetched(&url, Some("reader-token")).await;
    let place = told.headers()["location"].to_str().unwrap().to_owned();
    let status = told.status().as_u16();
    DESCRIBED.check_rest_answer("GET", &path, status, &told.bytes().await.unwrap()).unwrap();
    let (without_key, _) = place.split_once('?').unwrap();
    assert_eq!(fetched(without_key, Some("reader-token")).await.status(), 404);

    let answer = fetched(&place, None).await;
    assert_eq!(answer.headers()["content-type"], "application/x-gzip");
    let bytes = answer.bytes().await.unwrap();
    let mut archive = tar::Archive::new(GzDecoder::new(&bytes[..]));
    let names = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string());
    let names: Vec<_> = names.filter(|name| name != "pax_global_header").collect();
    let top = format!("acme-wildside-{}/", &sha[..7]);
    assert_eq!(names, [top.clone(), format!("{top}file")]);
}
