//! What a desired state is, and what is none.

use proptest::prelude::*;

use super::*;

mod applications;

const LEAST: &str = "version: 1\nvault:\n  addresses: [https://vault.example.com:8200]\n";

const FULL: &str = r#"version: 1
vault:
  environment: production
  addresses: [https://vault-0.example.com:8200, https://vault-1.example.com:8200]
  ca-certificate: ca.pem
  escrow: ["file:/var/lib/vault-escrow.jsonl", "git:vault/production.jsonl"]
  recipients: [age1abc, "ssh-ed25519 AAAA alice"]
  pgp-keys: []
  key-shares: 7
  key-threshold: 4
  single-share: false
  kv: {mount: team/kv}
  audit: {path: socket, type: socket, options: {address: "127.0.0.1:9090"}}
  deployer:
    {name: d, policy-name: d, policy-file: d.hcl, prefix: a/b, token-ttl: 90m, token-max-ttl: 7d, secret-id-ttl: 3600}
  reader: {name: r, policy-name: r, policy: 'path "a" { policy = "read" }', token-ttl: 1h, token-max-ttl: 0}
  operator: {name: o, policy-name: o, token-ttl: 5m, token-max-ttl: 10m}
  approle: {mount: roles}
  github:
    mount: oidc
    repository-id: 123456
    job-workflow-ref: acme/wildside/.github/workflows/preview.yml@refs/heads/main
    issuer: https://github.example.com/_services/token
    role: d
    jwks-url: https://github.example.com/jwks
    operator-workflow-ref: acme/wildside/.github/workflows/vault.yml@refs/tags/v1
  policies: {more: 'path "b" { capabilities = ["list"] }'}
"#;

fn read(path: &str) -> Result<String, String> {
    if path == "d.hcl" { Ok("path \"c\" { policy = \"read\" }".to_owned()) } else { Err("there is none".to_owned()) }
}

fn parse(text: &str) -> Result<Wanted, WantedError> {
    with(text, &Shortcuts::default())
}

fn with(text: &str, shortcuts: &Shortcuts) -> Result<Wanted, WantedError> {
    Wanted::new(Some(File { name: "vault.yaml", text }), shortcuts, read)
}

fn message(text: &str) -> String {
    parse(text).map_or_else(|error| error.to_string(), |_| "it is taken".to_owned())
}

#[test]
fn a_file_says_everything() {
    let wanted = parse(FULL).unwrap();
    assert_eq!(wanted.environment.as_ref().map(Environment::as_str), Some("production"));
    assert_eq!((wanted.addresses.len(), wanted.escrows.len(), wanted.recipients.len()), (2, 2, 2));
    assert_eq!((wanted.key_shares.shares(), wanted.key_shares.threshold()), (7, 4));
    assert_eq!(
        (wanted.kv_mount.as_str(), wanted.prefix.as_str(), wanted.approle_mount.as_str()),
        ("team/kv", "a/b", "roles")
    );
    assert_eq!(wanted.audit.map(|device| device.kind), Some("socket".to_owned()));
    assert_eq!(wanted.deployer.policy.as_deref(), Some("path \"c\" { policy = \"read\" }"));
    assert_eq!(wanted.deployer.secret_id_ttl, Lifetime::from_seconds(3600));
    assert_eq!(wanted.reader.secret_id_ttl, Lifetime::NONE);
    let github = wanted.github.unwrap();
    assert_eq!(github.audience, "https://vault-0.example.com:8200");
    assert_eq!(github.keys, IssuerKeys::Jwks("https://github.example.com/jwks".parse().unwrap()));
    assert_eq!(github.deployer.unwrap().repository_id.to_string(), "123456");
}

#[test]
fn an_address_is_enough_for_the_rest_has_defaults() {
    let shortcuts =
        Shortcuts { vault_addresses: vec!["https://vault.example.com:8200".to_owned()], ..Shortcuts::default() };
    for wanted in [parse(LEAST).unwrap(), Wanted::new(None, &shortcuts, read).unwrap()] {
        assert_eq!((wanted.key_shares.shares(), wanted.key_shares.threshold()), (5, 3));
        assert_eq!(wanted.kv_mount.as_str(), "secret");
        assert_eq!(wanted.audit, Some(AuditDevice::default()));
        assert_eq!((wanted.deployer.role.as_str(), wanted.deployer.policy.as_ref()), ("bivouac-deployer", None));
        assert_eq!(wanted.operator.token_ttl.to_string(), "15m");
        assert!(wanted.github.is_none() && wanted.escrows.is_empty());
    }
    assert_eq!(parse(&format!("{LEAST}  audit: none\n")).unwrap().audit, None);
    assert_eq!(
        parse(&format!("{LEAST}  audit:\n  github:\n  policies:\n")).unwrap().audit,
        Some(AuditDevice::default())
    );
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    for (line, place, words) in [
        ("  recipient: [a]", "line 4, column 3", "there is no key `recipient` here: did you mean `recipients`?"),
        ("  root-token: hvs.secret", "line 4, column 15", "looks like a private key or a token"),
        ("  unseal-shares: [abcdef]", "line 4, column 3", "there is no key `unseal-shares` here"),
        ("  key-shares: 1", "line 4, column 3", "3 of 1 shares can not be"),
        ("  key-shares: 300", "line 4, column 15", "from 1 to 255"),
        ("  kv: {mount: sys}", "line 4, column 15", "Vault's own"),
        ("  kv: {mount: a/}", "line 4, column 15", "not where something is mounted"),
        ("  kv: {mounts: a}", "line 4, column 8", "there is no key `mounts` here: did you mean `mount`?"),
        ("  audit: off", "line 4, column 10", "neither a map nor `none`"),
        ("  audit: {file: x}", "line 4, column 11", "there is no key `file` here"),
        ("  audit: {path: a b}", "line 4, column", "not where something is mounted"),
        ("  deployer: {token-ttl: 5h}", "line 4, column 14", "a token that lives 5h can not end after 4h"),
        ("  deployer: {token-ttl: 5x}", "line 4, column 25", "not a length of time"),
        ("  deployer: {policy-name: Root}", "line 4, column 27", "not the name of a policy"),
        ("  deployer: {policy-name: root}", "line 4, column 27", "Vault's own"),
        ("  deployer: {policy-file: none}", "line 4, column 14", "can not be read: there is none"),
        ("  deployer: {policy-file: d.hcl, policy: a}", "line 4, column 14", "side by side"),
        ("  deployer: {policy: 'pth \"a\" {}'}", "line 4, column 14", "no `pth`"),
        ("  reader: {name: bivouac-deployer}", "line 4, column 12", "the deployer's name already"),
        ("  reader: {policy-name: bivouac-deployer}", "line 4, column 12", "the deployer's policy already"),
        ("  policies: {bivouac-reader: a}", "line 4, column 3", "the reader's policy"),
        ("  policies: {a: b}", "line 4, column 14", "not HCL"),
        ("  escrow: [a]", "line 2, column 1", "at least two different recipients"),
        (
            "  escrow: [a]\n  recipients: [ssh-ed25519 A x, ssh-ed25519 A y]",
            "line 5, column 3",
            "two different recipients",
        ),
        ("  recipients: [AGE-SECRET-KEY-1ABC]", "line 4, column 16", "looks like a private key"),
        ("  AGE-SECRET-KEY-1ABC: x", "line 4, column 3", "looks like a private key"),
        ("  kv: {age-secret-key-1ABC: x}", "line 4, column 8", "looks like a private key"),
        ("  pgp-keys: [a, b]", "line 4, column 3", "keys 2, shares 5"),
        ("  github: {repository-id: 1}", "line 4, column 3", "needs `job-workflow-ref`"),
        ("  github: {repository-id: x1}", "line 4, column 27", "not the id of a repository"),
        (
            "  github: {job-workflow-ref: a/b/.github/workflows/c.yml@refs/pull/1/merge}",
            "line 4, column 30",
            "not a workflow at a ref",
        ),
        ("  github: {issuer: token}", "line 4, column 20", "not an address on the web"),
        ("  environment: 5", "line 4, column 16", "quote it"),
    ] {
        let found = message(&format!("{LEAST}{line}\n"));
        assert!(found.contains(place) && found.contains(words), "{line}: {found}");
        assert!(!found.contains("hvs.") && !found.contains("1ABC") && !found.contains("abcdef"), "{found}");
    }
}

#[test]
fn a_file_that_is_no_desired_state_is_refused() {
    for (text, words) in [
        ("", "it is empty"),
        ("version: 2\n", "this Bivouac reads version 1"),
        ("vault: {}\n", "the key `version` is missing"),
        ("version: 1\n", "no node of the Vault is named"),
        ("version: 1\nvault: []\n", "is not a map"),
        ("version: 1\nvault: {addresses: [https://a, https://A:443/]}\n", "twice"),
        ("version: 1\nvault: {addresses: [http://a]}\n", "plain HTTP"),
        ("version: [\n", "line"),
        ("version: 1\nhvs.hush: 1\nhvs.hush: 2\n", "looks like a private key or a token"),
        ("version: 1\nAGE-SECRET-KEY-1HUSH: 1\nAGE-SECRET-KEY-1HUSH: 2\n", "looks like a private key or a token"),
    ] {
        let found = message(text);
        assert!(found.starts_with("`vault.yaml` line ") && found.contains(words), "{text:?}: {found}");
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what an option is that was given")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn an_option_replaces_what_the_file_says() {
    let shortcuts = Shortcuts {
        vault_addresses: vec!["https://other.example.com".to_owned()],
        environment: text("staging"),
        ca_certificate: text(" "),
        escrows: vec!["file:x".to_owned()],
        recipients: vec!["age1x".to_owned(), "age1y".to_owned()],
        key_shares: Some(3),
        key_threshold: Some(2),
        kv_mount: text("kv"),
        approle_name: text("a"),
        approle_policy_name: text("a"),
        approle_policy: text("path \"x\" { policy = \"write\" }"),
        token_ttl: text("10m"),
        token_max_ttl: text("20m"),
        secret_id_ttl: text("30m"),
        github_repository_id: text("9"),
        job_workflow_ref: text("a/b/.github/workflows/c.yaml@refs/heads/main"),
        ..Shortcuts::default()
    };
    let wanted = with(FULL, &shortcuts).unwrap();
    assert_eq!(wanted.addresses, ["https://other.example.com".parse().unwrap()]);
    assert_eq!(wanted.environment.map(|name| name.to_string()), text("staging"));
    assert_eq!(wanted.ca_certificate, text("ca.pem"));
    assert_eq!((wanted.escrows, wanted.recipients), (shortcuts.escrows.clone(), shortcuts.recipients.clone()));
    assert_eq!((wanted.key_shares.shares(), wanted.key_shares.threshold()), (3, 2));
    assert_eq!((wanted.kv_mount.as_str(), wanted.deployer.role.as_str()), ("kv", "a"));
    assert_eq!((wanted.deployer.policy_name.as_str(), wanted.deployer.policy), ("a", shortcuts.approle_policy.clone()));
    let times = [wanted.deployer.token_ttl, wanted.deployer.token_max_ttl, wanted.deployer.secret_id_ttl];
    assert_eq!(times.map(|time| time.to_string()), ["10m", "20m", "30m"]);
    let github = wanted.github.unwrap();
    assert_eq!((github.mount.as_str(), github.deployer.unwrap().repository_id.to_string().as_str()), ("oidc", "9"));
}

#[test]
fn a_wrong_option_is_named() {
    let wrong = |shortcuts: Shortcuts| with(LEAST, &shortcuts).unwrap_err().to_string();
    for (shortcuts, start) in [
        (Shortcuts { vault_addresses: vec!["x".to_owned()], ..Shortcuts::default() }, "`--vault-address`: "),
        (Shortcuts { token_ttl: text("9h"), ..Shortcuts::default() }, "`--token-ttl`: a token that lives 9h"),
        (Shortcuts { key_shares: Some(2), ..Shortcuts::default() }, "`--key-shares`: 3 of 2"),
        (Shortcuts { key_threshold: Some(6), ..Shortcuts::default() }, "`--key-threshold`: 6 of 5"),
        (Shortcuts { approle_policy: text("x"), ..Shortcuts::default() }, "`--approle-policy`: "),
        (Shortcuts { approle_name: text("bivouac-reader"), ..Shortcuts::default() }, "`"),
        (
            Shortcuts { recipients: vec!["AGE-SECRET-KEY-1ABC".to_owned()], ..Shortcuts::default() },
            "`--recipient`: this looks like a private key or a token, which is never an argument",
        ),
        (Shortcuts { github_repository_id: text("x"), ..Shortcuts::default() }, "`--github-repository-id`: "),
    ] {
        let found = wrong(shortcuts);
        assert!(found.starts_with(start), "{found}");
    }
    let nothing = Wanted::new(None, &Shortcuts::default(), read).unwrap_err();
    assert!(matches!(&nothing, WantedError::Nowhere(message) if message.contains("`--vault-address`")), "{nothing}");
}

#[test]
fn one_share_is_only_for_those_who_say_so() {
    let one = Shortcuts { key_shares: Some(1), key_threshold: Some(1), ..Shortcuts::default() };
    assert!(with(LEAST, &one).unwrap_err().to_string().contains("`single-share: true`"));
    assert!(with(LEAST, &Shortcuts { single_share: true, ..one.clone() }).is_ok());
    assert!(with(&format!("{LEAST}  single-share: true\n"), &one).is_ok());
}

#[test]
fn names_are_what_vault_takes() {
    for (mount, is_right) in [
        ("secret", true),
        ("team/Kv-2", true),
        ("sys", false),
        ("Sys/a", false),
        ("identity", false),
        ("a//b", false),
        ("/a", false),
        ("a/*", false),
        ("a+", false),
        ("..", false),
        ("a/../b", false),
        ("", false),
    ] {
        assert_eq!(mount.parse::<MountPath>().is_ok(), is_right, "{mount}");
    }
    for (name, is_right) in
        [("a", true), ("a.b_c-d", true), ("A", false), ("a/b", false), ("-a", false), ("default", false)]
    {
        assert_eq!(name.parse::<PolicyName>().is_ok(), is_right, "{name}");
        assert_eq!(name.parse::<RoleName>().is_ok(), is_right || name == "default", "{name}");
    }
    let commit = "a".repeat(40);
    for (reference, is_right) in [
        ("refs/heads/main", true),
        ("refs/heads/release/1", true),
        ("refs/tags/v1", true),
        (commit.as_str(), true),
        ("main", false),
        ("refs/heads/*", false),
        ("refs/pull/1/merge", false),
        ("refs/heads/", false),
        ("", false),
    ] {
        let text = format!("acme/wildside/.github/workflows/preview.yml@{reference}");
        assert_eq!(text.parse::<WorkflowReference>().is_ok(), is_right, "{text}");
    }
    for wrong in [
        "a/.github/workflows/b.yml@refs/heads/m",
        "a/b/workflows/c.yml@refs/heads/m",
        "a/b/.github/workflows/*@refs/heads/m",
    ] {
        assert!(wrong.parse::<WorkflowReference>().is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn no_file_breaks_the_reader(text in "\\PC{0,60}|(version: 1\nvault:\n)?( {2}[a-z-]{2,12}: ?[a-z0-9\\[\\]{}, ]{0,12}\n){0,4}") {
        let _ = parse(&text);
    }

    #[test]
    fn what_is_shared_out_is_always_safe(shares in 0..300u32, threshold in 0..300u32, single in any::<bool>()) {
        if let Ok(found) = KeyShares::new(shares, threshold, single) {
            prop_assert!(found.threshold() <= found.shares());
            prop_assert!(found.threshold() >= 2 || (single && found.shares() == 1));
        }
    }
}
