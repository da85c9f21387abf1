//! Registries that want a token, which is to be had from somebody else: who gets the login, and who does not.

use bivouac::effects::registry::{Credentials, GitHubToken, Login, OciRegistry};
use bivouac::ports::{Registry, RegistryError};
use bivouac::secret::Secret;

use super::scripted::{Asked, Scripted, http};
use super::{given, image, look, look_bare, sha256};

const BASIC: &str = "Basic bWU6aHVzaA==";

/// A registry that wants the token `good`, and sends to `realm` for it.
fn wants_token(realm: String, refusal: &'static str) -> Scripted {
    Scripted::new(move |asked: &Asked, _| {
        let challenge = format!("Bearer realm=\"{realm}\",service=\"of tests\"{refusal}");
        match asked.authorization.as_deref() {
            Some("Bearer good") => http(200, &[("docker-content-digest", &sha256("x"))], ""),
            _ => http(401, &[("www-authenticate", &challenge)], ""),
        }
    })
}

fn gives(answer: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Scripted {
    Scripted::new(move |asked, _| answer(asked))
}

#[tokio::test]
async fn a_token_is_asked_for_once_with_the_login_and_the_registry_gets_the_token_alone() {
    let realm = gives(|_| http(200, &[], r#"{"access_token":"good","token":"good"}"#));
    let registry = wants_token(format!("http://{}/token", realm.address()), "");
    let client = OciRegistry::new(given("me", "hush"), false);
    let image = image(&registry.address(), "acme/web", "v1");
    for _look in 0..3 {
        assert_eq!(client.digest(&image).await.unwrap().unwrap().as_str(), sha256("x"));
    }
    let asked = realm.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].authorization.as_deref(), Some(BASIC));
    assert_eq!(asked[0].line, "GET /token?scope=repository%3Aacme%2Fweb%3Apull&service=of+tests");
    assert!(registry.asked().iter().all(|asked| asked.authorization.as_deref() != Some(BASIC)));
    assert_eq!(registry.lines().iter().filter(|line| *line == "GET /v2/").count(), 1);
}

#[tokio::test]
async fn without_a_login_a_token_is_asked_for_without_one() {
    let realm = gives(|_| http(200, &[], r#"{"token":"good"}"#));
    let registry = wants_token(format!("http://{}/token", realm.address()), "");
    assert!(look_bare(&image(&registry.address(), "web", "v1")).await.unwrap().is_some());
    assert_eq!(realm.asked()[0].authorization, None);
}

#[tokio::test]
async fn an_identity_token_is_sent_in_a_form_and_never_in_an_address() {
    let realm = gives(|_| http(200, &[], r#"{"access_token":"good"}"#));
    let registry = wants_token(format!("http://{}/token", realm.address()), "");
    let given = Some(Login::IdentityToken(Secret::new("long&lived").unwrap()));
    let credentials = Credentials { given, ..Credentials::default() };
    assert!(look(credentials, &image(&registry.address(), "web", "v1")).await.unwrap().is_some());
    let asked = realm.asked().remove(0);
    assert_eq!((asked.line.as_str(), asked.authorization), ("POST /token", None));
    assert!(asked.body.contains("grant_type=refresh_token") && asked.body.contains("refresh_token=long%26lived"));
}

#[tokio::test]
async fn a_token_that_has_become_too_old_is_asked_for_anew() {
    let realm = gives(|_| http(200, &[], r#"{"token":"good"}"#));
    let address = realm.address();
    let registry = Scripted::new(move |asked, before| {
        let challenge = format!("Bearer realm=\"http://{address}/token\"");
        if asked.line.starts_with("HEAD") && before != 1 {
            return http(200, &[("docker-content-digest", &sha256("x"))], "");
        }
        http(401, &[("www-authenticate", &challenge)], "")
    });
    let client = OciRegistry::new(given("me", "hush"), false);
    let image = image(&registry.address(), "web", "v1");
    for _look in 0..2 {
        assert!(client.digest(&image).await.unwrap().is_some());
    }
    assert_eq!(realm.asked().len(), 2);
}

/// A registry that gives its tokens itself, and what is in it to `anonymous` only if that is so.
fn of_github(anonymous: bool) -> (Scripted, Credentials) {
    let registry = Scripted::new(move |asked, _| match asked.authorization.as_deref() {
        Some("Bearer good") => http(200, &[("docker-content-digest", &sha256("x"))], ""),
        None if asked.line.starts_with("GET /token") && anonymous => http(200, &[], r#"{"token":"good"}"#),
        _ if asked.line.starts_with("GET /token") => http(403, &[], r#"{"errors":[{"code":"DENIED"}]}"#),
        _ => {
            let host = asked.host.clone().unwrap_or_default();
            http(401, &[("www-authenticate", &format!("Bearer realm=\"http://{host}/token\""))], "")
        }
    });
    let github = GitHubToken { token: Secret::new("hush").unwrap(), registry: registry.address() };
    (registry, Credentials { github: Some(github), ..Credentials::default() })
}

#[tokio::test]
async fn where_the_github_token_is_refused_what_is_public_is_read_without_it() {
    let (registry, credentials) = of_github(true);
    assert!(look(credentials, &image(&registry.address(), "web", "v1")).await.unwrap().is_some());
    let asked = registry.asked();
    let tokens: Vec<_> = asked.iter().filter(|asked| asked.line.starts_with("GET /token")).collect();
    assert_eq!(tokens.len(), 2);
    assert!(tokens[0].authorization.as_ref().is_some_and(|sent| sent.starts_with("Basic ")));
    assert_eq!(tokens[1].authorization, None);

    let (registry, credentials) = of_github(false);
    let error = look(credentials, &image(&registry.address(), "web", "v1")).await.unwrap_err();
    assert!(matches!(&error, RegistryError::Forbidden { .. }) && error.is_passing(), "{error:?}");
}

#[tokio::test]
async fn the_github_token_goes_to_no_realm_but_its_registrys() {
    let thief = gives(|_| http(200, &[], r#"{"token":"good"}"#));
    let registry = wants_token(format!("http://{}/token", thief.address()), "");
    let github = GitHubToken { token: Secret::new("hush").unwrap(), registry: registry.address() };
    let credentials = Credentials { github: Some(github), ..Credentials::default() };
    assert!(look(credentials, &image(&registry.address(), "web", "v1")).await.unwrap().is_some());
    assert_eq!(thief.asked()[0].authorization, None);
}

#[tokio::test]
async fn a_login_goes_to_no_realm_in_plain_http_off_this_machine_and_to_none_with_a_login_of_its_own() {
    for realm in
        ["http://registry.invalid/token", "http://me:word@127.0.0.1:1/token", "ftp://127.0.0.1/token", "/token", ""]
    {
        let registry = wants_token(realm.to_owned(), "");
        let error = look(given("me", "hush"), &image(&registry.address(), "web", "v1")).await.unwrap_err();
        assert!(matches!(&error, RegistryError::Senseless { .. }), "{realm}: {error:?}");
        assert!(error.to_string().contains("where no login may go"), "{error}");
    }
}

#[tokio::test]
async fn a_realm_leads_nobody_elsewhere_with_the_login() {
    let thief = gives(|_| http(200, &[], r#"{"token":"good"}"#));
    let address = thief.address();
    let realm = gives(move |_| http(307, &[("location", &format!("http://{address}/token"))], ""));
    let registry = wants_token(format!("http://{}/token", realm.address()), "");
    let error = look(given("me", "hush"), &image(&registry.address(), "web", "v1")).await.unwrap_err();
    assert!(matches!(error, RegistryError::Failed { status: 307, .. }), "{error:?}");
    assert_eq!(thief.asked(), []);
}

#[tokio::test]
async fn what_is_no_token_is_put_into_no_header() {
    for said in [r#"{"token":"a\r\nX-Evil: b"}"#, r#"{"token":""}"#, r#"{"token":7}"#, "{}", "<html>", ""] {
        let realm = gives(move |_| http(200, &[], said));
        let registry = wants_token(format!("http://{}/token", realm.address()), "");
        let error = look(given("me", "hush"), &image(&registry.address(), "web", "v1")).await.unwrap_err();
        assert!(matches!(error, RegistryError::Senseless { .. }), "{said}: {error:?}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_token_says_whether_another_look_is_worth_it() {
    let denied = r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#;
    for (status, is_passing) in [(401, false), (403, true), (429, true), (503, true)] {
        let realm = gives(move |_| http(status, &[], denied));
        let registry = wants_token(format!("http://{}/token", realm.address()), "");
        let error = look(given("me", "hush"), &image(&registry.address(), "web", "v1")).await.unwrap_err();
        assert_eq!(error.is_passing(), is_passing, "{error}");
        assert!(error.to_string().contains("DENIED requested access"), "{error}");
    }
}

#[tokio::test]
async fn a_token_that_is_good_and_not_enough_may_be_enough_once_the_repository_is_there() {
    let realm = gives(|_| http(200, &[], r#"{"token":"empty"}"#));
    let insufficient = ",error=\"insufficient_scope\"";
    let registry = wants_token(format!("http://{}/token", realm.address()), insufficient);
    let error = look_bare(&image(&registry.address(), "web", "v1")).await.unwrap_err();
    assert!(matches!(error, RegistryError::Forbidden { .. }), "{error:?}");
    let registry = wants_token(format!("http://{}/token", realm.address()), "");
    let error = look(given("me", "hush"), &image(&registry.address(), "web", "v1")).await.unwrap_err();
    assert!(matches!(error, RegistryError::BadCredentials { offered: Some(_), .. }), "{error:?}");
}
