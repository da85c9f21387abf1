//! Registries that want a token for pushing, break, or lead astray.

use bivouac::ports::RegistryError;

use super::*;
use crate::registry::scripted::{Asked, Scripted, http};

/// A registry that takes everything of `acme/web`, at `place` below its uploads, unless `answer` says something else.
fn taking(place: &'static str, answer: impl Fn(&Asked, usize) -> Option<String> + Send + Sync + 'static) -> Scripted {
    Scripted::new(move |asked, before| {
        let line = asked.line.as_str();
        answer(asked, before).unwrap_or_else(|| match line.split(' ').next() {
            Some("POST") => http(202, &[("location", place)], ""),
            Some("PUT") => http(201, &[], ""),
            Some("GET") => http(200, &[], "{}"),
            _ => http(404, &[], ""),
        })
    })
}

fn upload(asked: &Asked) -> bool {
    asked.line.starts_with("PUT /up/")
}

#[tokio::test]
async fn blobs_come_before_the_manifest_which_comes_by_its_tag() {
    let registry = taking("/up/1?state=a%2Fb", |_, _| None);
    publish_bare(&registry.address(), &artifact(MEMBER, "one")).await.unwrap();
    let sent: Vec<_> = registry.asked().into_iter().filter(|asked| asked.line.starts_with("PUT")).collect();
    assert_eq!(sent.len(), 3);
    let layer = sent.iter().find(|asked| asked.body == "one").unwrap();
    let digest = sha256(b"one").replace(':', "%3A");
    assert_eq!(layer.line, format!("PUT /up/1?state=a%2Fb&digest={digest}"));
    assert_eq!(sent[2].line, "PUT /v2/acme/web/manifests/v1");
}

#[tokio::test]
async fn a_token_for_pushing_is_asked_for_by_itself_and_anew_when_it_is_too_old() {
    let realm = Scripted::new(|_, before| http(200, &[], &format!(r#"{{"token":"good{before}"}}"#)));
    let address = realm.address();
    let registry = taking("/up/1", move |asked, before| {
        let challenge = format!("Bearer realm=\"http://{address}/token\"");
        let is_old = upload(asked) && before == 0 && asked.authorization.as_deref() == Some("Bearer good0");
        let is_let_in = asked.authorization.as_deref().is_some_and(|sent| sent.starts_with("Bearer good"));
        (is_old || !is_let_in).then(|| http(401, &[("www-authenticate", &challenge)], ""))
    });
    publish(given("me", "hush"), &registry.address(), &artifact(MEMBER, "one")).await.unwrap();
    let lines = realm.lines();
    assert_eq!(lines, ["GET /token?scope=repository%3Aacme%2Fweb%3Apull%2Cpush"; 2].map(str::to_owned));
}

#[tokio::test]
async fn a_token_that_may_only_read_is_told_so() {
    let realm = Scripted::new(|_, _| http(200, &[], r#"{"token":"good"}"#));
    let denied = r#"{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}"#;
    for status in [401, 403] {
        let address = realm.address();
        let registry = taking("/up/1", move |asked, _| {
            let challenge = format!("Bearer realm=\"http://{address}/token\",error=\"insufficient_scope\"");
            let is_read = asked.authorization.is_some() && !asked.line.starts_with("POST");
            let refusal = if asked.authorization.is_some() { status } else { 401 };
            (!is_read).then(|| http(refusal, &[("www-authenticate", &challenge)], denied))
        });
        let error = publish(given("me", "hush"), &registry.address(), &artifact(MEMBER, "one")).await.unwrap_err();
        assert!(matches!(&error, PublishError::Registry(RegistryError::Forbidden { .. })), "{error:?}");
        assert!(error.to_string().contains("write_package"), "{error}");
        assert!(registry.lines().iter().all(|line| !line.starts_with("PUT")));
    }
}

#[tokio::test]
async fn an_upload_goes_to_nobody_else() {
    let thief = Scripted::new(|_, _| http(201, &[], ""));
    let port = thief.address().split(':').nth(1).unwrap().to_owned();
    let places = [
        format!("http://localhost:{port}/up"),
        "https://evil.example/up".to_owned(),
        "http://me:word@127.0.0.1:1/up".to_owned(),
        "file:///etc/passwd".to_owned(),
        "http://".to_owned(),
    ];
    for place in places {
        let registry = taking(place.leak(), |_, _| None);
        let error = publish(given("me", "hush"), &registry.address(), &artifact(MEMBER, "one")).await.unwrap_err();
        assert!(error.to_string().contains("where no image may go"), "{error}");
    }
    assert_eq!(thief.asked(), []);
    // Another port of the host gets the image, and no login.
    let place = format!("http://{}/up", thief.address());
    let registry = taking(place.leak(), |asked, _| {
        let challenge = [("www-authenticate", "Basic realm=\"x\"")];
        asked.authorization.is_none().then(|| http(401, &challenge, ""))
    });
    publish(given("me", "hush"), &registry.address(), &artifact(MEMBER, "one")).await.unwrap();
    assert_eq!(thief.asked().len(), 2);
    assert!(thief.asked().iter().all(|asked| asked.authorization.is_none()));
}

#[tokio::test]
async fn what_breaks_is_sent_again_from_its_start_and_not_for_ever() {
    let breaking = |times: usize| {
        taking("/up/1", move |asked, before| (upload(asked) && before < times).then(|| http(503, &[], "")))
    };
    let registry = breaking(1);
    publish_bare(&registry.address(), &artifact(MEMBER, "one")).await.unwrap();
    let registry = breaking(100);
    let error = publish_bare(&registry.address(), &artifact(MEMBER, "one")).await.unwrap_err();
    assert!(matches!(&error, PublishError::Registry(RegistryError::Failed { status: 503, .. })), "{error:?}");
    assert_eq!(registry.asked().iter().filter(|asked| upload(asked)).count(), 4);
    assert!(!registry.lines().iter().any(|line| line.contains("PUT /v2/acme/web/manifests")));

    let lost = taking("/up/1", |asked, before| {
        let unknown = r#"{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}"#;
        (upload(asked) && before == 0).then(|| http(404, &[], unknown))
    });
    publish_bare(&lost.address(), &artifact(MEMBER, "one")).await.unwrap();
    let invalid = taking("/up/1", |asked, _| asked.line.contains("PUT /v2/").then(|| http(400, &[], "")));
    assert!(publish_bare(&invalid.address(), &artifact(MEMBER, "one")).await.is_err());
    assert_eq!(invalid.lines().iter().filter(|line| line.starts_with("PUT /v2/")).count(), 1);
}

#[tokio::test]
async fn a_registry_that_says_that_it_took_something_else_is_not_believed() {
    let registry = taking("/up/1", |asked, _| {
        let other = sha256(b"other");
        asked.line.contains("PUT /v2/").then(|| http(201, &[("docker-content-digest", &other)], ""))
    });
    let error = publish_bare(&registry.address(), &artifact(MEMBER, "one")).await.unwrap_err();
    assert!(error.to_string().contains("is not the one that was sent"), "{error}");
}
