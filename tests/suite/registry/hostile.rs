//! Registries that break, or mean harm.

use std::io::Write;
use std::time::{Duration, Instant};

use bivouac::ports::RegistryError;

use super::scripted::{Asked, Scripted, http};
use super::{given, image, look, look_bare, sha256};

const MANIFEST: &str = r#"{"schemaVersion":2}"#;

/// A registry that asks for nothing, and answers so to what is asked about images.
fn registry(answer: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Scripted {
    Scripted::new(move |asked, _| if asked.line == "GET /v2/" { http(200, &[], "{}") } else { answer(asked) })
}

async fn found(registry: &Scripted) -> Result<Option<String>, RegistryError> {
    let digest = look_bare(&image(&registry.address(), "web", "v1")).await?;
    Ok(digest.map(|digest| digest.to_string()))
}

#[tokio::test]
async fn a_registry_that_states_no_digest_is_asked_for_the_manifest() {
    for status in [200, 405] {
        let registry = registry(move |asked| match asked.line.as_str() {
            "HEAD /v2/web/manifests/v1" => http(status, &[], ""),
            _ => http(200, &[], MANIFEST),
        });
        assert_eq!(found(&registry).await.unwrap(), Some(sha256(MANIFEST)));
    }
}

#[tokio::test]
async fn a_digest_that_is_not_the_manifests_is_refused() {
    let registry = registry(|asked| match asked.line.as_str() {
        "HEAD /v2/web/manifests/v1" => http(200, &[], ""),
        _ => http(200, &[("docker-content-digest", &sha256("other"))], MANIFEST),
    });
    let error = found(&registry).await.unwrap_err();
    assert!(error.to_string().contains("not the one whose digest it states"), "{error}");
}

#[tokio::test]
async fn what_is_no_digest_and_what_is_no_manifest_are_refused() {
    let odd = registry(|_| http(200, &[("docker-content-digest", "sha256:../../x")], ""));
    assert!(matches!(found(&odd).await.unwrap_err(), RegistryError::Senseless { .. }));
    for body in ["<html>Log in</html>", "", "{}", r#"{"schemaVersion":1}"#, "[]"] {
        let page = registry(move |_| http(200, &[], body));
        assert!(matches!(found(&page).await.unwrap_err(), RegistryError::Senseless { .. }), "{body}");
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_read_to_it() {
    let endless = Scripted::raw(|asked, _, stream| {
        let _ = match asked.line.as_str() {
            "GET /v2/" => stream.write_all(http(200, &[], "").as_bytes()),
            line if line.starts_with("HEAD") => stream.write_all(http(200, &[], "").as_bytes()),
            _ => stream.write_all(b"HTTP/1.1 200 Said\r\n\r\n").and_then(|()| {
                let part = vec![b' '; 64 * 1024];
                loop {
                    stream.write_all(&part)?;
                }
            }),
        };
    });
    let started = Instant::now();
    let error = found(&endless).await.unwrap_err();
    assert!(error.to_string().contains("longer than 4 MiB"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_connection_that_breaks_may_hold_the_next_time() {
    let broken = Scripted::raw(|asked, _, stream| {
        let text = http(200, &[], MANIFEST);
        let end = if asked.line.starts_with("GET /v2/web") { text.len() - 5 } else { text.len() };
        let text = if asked.line.starts_with("HEAD") { http(200, &[], "") } else { text[..end].to_owned() };
        let _ = stream.write_all(text.as_bytes());
    });
    let error = found(&broken).await.unwrap_err();
    assert!(matches!(&error, RegistryError::Unreachable { .. }) && error.is_passing(), "{error:?}");
    let closed = Scripted::raw(|_, _, _| {});
    assert!(matches!(found(&closed).await.unwrap_err(), RegistryError::Unreachable { .. }));
    let error = look_bare(&image("127.0.0.1:1", "web", "v1")).await.unwrap_err();
    assert!(matches!(error, RegistryError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_followed_without_the_login_and_not_for_ever() {
    let mirror = registry(|_| http(200, &[("docker-content-digest", &sha256("x"))], ""));
    let place = format!("http://{}/elsewhere", mirror.address());
    let leading = Scripted::new(move |asked, _| match asked.authorization {
        Some(_) => http(307, &[("location", &place)], ""),
        None => http(401, &[("www-authenticate", "Basic realm=\"x\"")], ""),
    });
    let image = image(&leading.address(), "web", "v1");
    assert_eq!(look(given("me", "hush"), &image).await.unwrap().unwrap().as_str(), sha256("x"));
    let asked = mirror.asked();
    assert_eq!((asked[0].line.as_str(), &asked[0].authorization), ("HEAD /elsewhere", &None));

    let round = registry(|_| http(302, &[("location", "/again")], ""));
    assert!(found(&round).await.unwrap_err().to_string().contains("without an end"));
    for place in ["http://registry.invalid/x", "file:///etc/passwd", "http://"] {
        let astray = registry(move |_| http(302, &[("location", place)], ""));
        assert!(found(&astray).await.unwrap_err().to_string().contains("where no registry may lead"), "{place}");
    }
}

#[tokio::test]
async fn a_registry_that_asks_in_no_known_way_is_told_of() {
    let odd = Scripted::new(|_, _| http(401, &[("www-authenticate", "Negotiate")], ""));
    let error = look(given("me", "hush"), &image(&odd.address(), "web", "v1")).await.unwrap_err();
    assert!(error.to_string().contains("does not say how it wants to be asked"), "{error}");
    assert!(odd.asked().iter().all(|asked| asked.authorization.is_none()));
}
