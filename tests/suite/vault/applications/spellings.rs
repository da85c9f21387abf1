//! However a path is spelled, it does not lead out of the prefix, nor to what previews share.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{Site, THERE, canary};

/// One that stands at a place that the role may write.
const OWN: &str = "previews/wildside/pr-7";
/// One that previews share, two names below the prefix.
const DEEP: &str = "previews/wildside/a/b";

/// Asks for a path as it is written here: a client would tidy it up. Follows the server where it leads, as many times as it does.
fn asked(site: &Site, method: &str, path: &str, token: &str, body: &Value) -> (u16, String) {
    let mut path = format!("/v1/{path}");
    for _redirect in 0..4 {
        let (head, answer) = once(site, method, &path, token, body);
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let location = head.lines().find_map(|line| line.to_lowercase().starts_with("location: ").then(|| &line[10..]));
        match location {
            Some(location) if status == 307 || status == 301 => location.trim().clone_into(&mut path),
            _ => return (status, answer),
        }
    }
    panic!("{path}: the server leads round in a circle");
}

/// One request, and the head and the body of what came back.
fn once(site: &Site, method: &str, path: &str, token: &str, body: &Value) -> (String, String) {
    let host = site.world.bao.address();
    let mut stream = TcpStream::connect(host.trim_start_matches("http://")).unwrap();
    let body = body.to_string();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: vault\r\nX-Vault-Token: {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.split_once("\r\n\r\n").map(|(head, body)| (head.to_owned(), body.to_owned())).unwrap()
}

/// Tries each spelling with each verb and each method: nothing of another is shown, and all is as it was.
fn changes_nothing(site: &Site, spellings: &[String]) {
    let is_foreign = |path: &&str| {
        *path != "staging/wildside" && *path != "previews/wildside" && !path.starts_with("previews/wildside/")
    };
    let (token, before) = (site.by_jwt(), site.everything());
    let body = json!({ "data": { "value": "another" }, "versions": [1] });
    let mut statuses = Vec::new();
    for spelling in spellings {
        for kind in ["data", "metadata", "delete", "undelete", "destroy", "subkeys"] {
            for method in ["GET", "LIST", "POST", "DELETE"] {
                let body = if kind == "metadata" { &json!({ "custom_metadata": { "x": "y" } }) } else { &body };
                let (status, answer) = asked(site, method, &format!("secret/{kind}/{spelling}"), &token, body);
                for path in THERE.into_iter().filter(is_foreign) {
                    assert!(!answer.contains(&format!("\"{}\"", canary(path))), "{method} {kind}/{spelling}: {answer}");
                }
                statuses.push(format!("{status} {method} {kind}/{spelling}"));
            }
        }
        assert_eq!(site.everything(), before, "{spelling}: {statuses:#?}");
    }
}

#[test]
fn no_spelling_leads_to_a_neighbour() {
    let site = Site::new();
    let tails = [
        "/../other/pr-7",
        "/%2e%2e/other/pr-7",
        "/..%2fother/pr-7",
        "/%2e%2e%2fother%2fpr-7",
        "/.%2e/other/pr-7",
        "//../other",
        "/./../other",
        "%2f..%2fother",
        "/pr-7/../../other/pr-7",
        "/pr-7%2f..%2f..%2fother%2fpr-7",
        "/../../staging/x",
        "-evil/x",
        "/..",
        "/../",
        "/%2e%2e",
    ];
    let spellings: Vec<_> = tails.iter().map(|tail| format!("previews/wildside{tail}")).collect();
    let more = ["previews//other/pr-7", "./previews/other/pr-7", "previews%2fother%2fpr-7"];
    let spellings: Vec<_> = spellings.into_iter().chain(more.map(str::to_owned)).collect();
    changes_nothing(&site, &spellings);
}

/// A server takes `a//b` for `a/b`, although no rule for what is below `a/b` matches that.
#[test]
fn no_slash_too_many_between_its_names_leads_to_what_previews_share_further_down() {
    let site = Site::new();
    let body = json!({ "data": { "value": canary(DEEP) } });
    site.world.bao.done("POST", &format!("secret/data/{DEEP}"), Some(&site.root), Some(body));
    let between = [
        "//",
        "/%2f",
        "%2f%2f",
        "%2f/",
        "/%2f%2f",
        "%2f%2f%2f",
        "///",
        "/./",
        "/%2e/",
        "%2f%2e%2f",
        "/x/../",
        "/x%2f..%2f",
    ];
    let spellings = between.into_iter().flat_map(|between| {
        let first = format!("previews/wildside{between}a/b");
        let second = format!("previews/wildside/a{between}b");
        let both = format!("previews/wildside{between}a{between}b");
        [format!("{second}/"), format!("{second}%2f"), first, second, both]
    });
    changes_nothing(&site, &spellings.collect::<Vec<_>>());
}

/// A server deletes what stands at `path` when it is told to delete `path/`, which a rule for `path/*` is about.
#[test]
fn no_spelling_of_what_previews_share_deletes_it() {
    let site = Site::new();
    let tails = [
        "/",
        "%2f",
        "//",
        "/%2f",
        "%2f%2f",
        "/%2f%2f",
        "/.",
        "/%2e",
        "%2f%2e",
        "/%2e/",
        "/./",
        "/%2e%2f%2e",
        "/x/..",
        "/x%2f%2e%2e",
    ];
    let shared = ["previews/wildside", "previews/wildside/backend"];
    let spellings: Vec<_> = shared.iter().flat_map(|path| tails.map(|tail| format!("{path}{tail}"))).collect();
    changes_nothing(&site, &spellings);
    // It is no matter of the method: its own goes.
    let (token, body) = (site.by_jwt(), json!({}));
    assert_eq!(asked(&site, "DELETE", &format!("secret/metadata/{OWN}/"), &token, &body).0, 204);
    assert!(!site.everything().contains_key(OWN));
}
