//! Images that come later, or never.

use std::time::{Duration, Instant};

use bivouac::contract::ExitCode;
use bivouac::effects::registry::{Credentials, OciRegistry};
use bivouac::usecases::images::wait_for;

use super::scripted::{Scripted, http};
use super::server::{OCI_IMAGE, PASSWORD, Server, USER};
use super::{given, image, sha256};

fn bare() -> OciRegistry {
    OciRegistry::new(Credentials::default(), false)
}

#[tokio::test]
async fn a_slow_push_is_waited_for_and_all_images_at_once() {
    let server = Server::locked();
    server.push_image("web", "v1", OCI_IMAGE, "web").await;
    let (web, api) = (image(&server.address(), "web", "v1"), image(&server.address(), "api", "v1"));
    let registry = OciRegistry::new(given(USER, PASSWORD), false);
    let images = [web.clone(), api.clone(), web.clone()];
    let push = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        server.push_image("api", "v1", OCI_IMAGE, "api").await
    };
    let (found, pushed) = tokio::join!(wait_for(&images, &registry, Duration::from_mins(1)), push);
    let found = found.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[&api].as_str(), sha256(&pushed));
}

#[tokio::test]
async fn what_does_not_come_is_named_with_the_registrys_last_words() {
    let server = Server::open();
    server.push_image("web", "v1", OCI_IMAGE, "web").await;
    let failing = Scripted::new(|_, _| http(503, &[], r#"{"errors":[{"code":"UNAVAILABLE","message":"later"}]}"#));
    let (there, gone) = (image(&server.address(), "web", "v1"), image(&server.address(), "web", "v2"));
    let failed = image(&failing.address(), "api", "v1");
    let started = Instant::now();
    let waited = wait_for(&[there.clone(), gone.clone(), failed.clone()], &bare(), Duration::from_secs(3)).await;
    let error = waited.unwrap_err();
    assert!((3..20).contains(&started.elapsed().as_secs()));
    assert_eq!(error.exit_code(), ExitCode::Blocked);
    let text = error.to_string();
    assert!(text.starts_with("2 images are not there after 3 seconds"), "{text}");
    assert!(text.contains(&format!("`{gone}` (its registry has no such tag)")), "{text}");
    assert!(text.contains(&failed.to_string()) && text.contains("status 503: UNAVAILABLE later"), "{text}");
    assert!(!text.contains(&there.to_string()), "{text}");
}

#[tokio::test]
async fn without_any_time_there_is_one_look() {
    let server = Server::open();
    server.push_image("web", "v1", OCI_IMAGE, "web").await;
    let (there, gone) = (image(&server.address(), "web", "v1"), image(&server.address(), "web", "v2"));
    assert_eq!(wait_for(&[there], &bare(), Duration::ZERO).await.unwrap().len(), 1);
    let error = wait_for(&[gone], &bare(), Duration::ZERO).await.unwrap_err();
    assert!(error.to_string().contains("after one look"), "{error}");
    assert!(wait_for(&[], &bare(), Duration::ZERO).await.unwrap().is_empty());
}

#[tokio::test]
async fn wrong_credentials_are_not_waited_for() {
    let server = Server::locked();
    let images = [image(&server.address(), "web", "v1"), image(&server.address(), "api", "v1")];
    let started = Instant::now();
    let registry = OciRegistry::new(given(USER, "hush-hush"), false);
    let error = wait_for(&images, &registry, Duration::from_mins(10)).await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::NotAllowed, "{error}");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_registry_that_fails_is_asked_again() {
    let failing = Scripted::new(|asked, before| match asked.line.as_str() {
        "GET /v2/" if before < 3 => http(500, &[], ""),
        "GET /v2/" => http(200, &[], ""),
        _ => http(200, &[("docker-content-digest", &sha256("x"))], ""),
    });
    let found = wait_for(&[image(&failing.address(), "web", "v1")], &bare(), Duration::from_mins(1)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(failing.lines().len(), 5);
}

#[tokio::test]
async fn a_registry_is_left_alone_for_as_long_as_it_asks() {
    let limiting = |wait: &'static str| {
        Scripted::new(move |asked, before| match asked.line.as_str() {
            "GET /v2/" => http(200, &[], ""),
            _ if before == 0 => http(429, &[("retry-after", wait)], ""),
            _ => http(200, &[("docker-content-digest", &sha256("x"))], ""),
        })
    };
    let registry = limiting("3");
    let started = Instant::now();
    wait_for(&[image(&registry.address(), "web", "v1")], &bare(), Duration::from_mins(1)).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(3));

    // One that asks for more than there is time is not asked again, and not waited for.
    let registry = limiting("300");
    let started = Instant::now();
    let waited = wait_for(&[image(&registry.address(), "web", "v1")], &bare(), Duration::from_mins(1)).await;
    let error = waited.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Blocked);
    assert!(error.to_string().contains("it may be asked again in 5 minutes"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(registry.lines().len(), 2);
}
