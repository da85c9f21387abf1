//! Values as charts have them, on both sides.

use super::*;

const GITHUB: &str = "a token of GitHub";

/// A token's form without a token in the source of these tests: those who search repositories for them would find it.
fn token(start: &str) -> String {
    format!("{start}{}", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5")
}

#[test]
fn values_that_are_secrets_are_refused() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("auth: {password: q9Zr-kk31-aaXX}", "auth.password"),
        ("auth: {password: /q9Zrkk31aaXX+8Lm2pQ==}", "auth.password"),
        ("auth: {password: example-q9Zrkk31aaXX}", "auth.password"),
        ("auth: {password: 'q9Zrkk31${x}aaXXkJh'}", "auth.password"),
        ("auth: {password: 'sha256:q9Zrkk31aaXX'}", "auth.password"),
        ("passwords: {alice: q9Zrkk31aaXX}", "passwords.alice"),
        ("app: {secrets: {db: q9Zrkk31aaXX}}", "app.secrets.db"),
        ("config: |\n  [db]\n  password = q9Zrkk31aaXX\n", "config"),
        ("postgresql: {auth: {postgresPassword: Xk29vLq8}}", "postgresql.auth.postgresPassword"),
        ("adminPassword: 'tr0ub4dor&3x!'", "adminPassword"),
        ("keycloak: {auth: {adminPassword: aGVsbG8gd29ybGQ}}", "keycloak.auth.adminPassword"),
        ("redis:\n  global:\n    redis: {password: 8f14e45fceea167a}", "redis.global.redis.password"),
        ("minio: {rootPassword: kJhGfDsAqWeRtY}", "minio.rootPassword"),
        ("oidc: {clientSecret: 0f8fad5b-d9cb-469f-a165-70867728950e}", "oidc.clientSecret"),
        ("grafana.ini: {auth: {client_secret: 4eC39HqLyjWDarjtT1zdp7dc}}", "grafana\\.ini.auth.client_secret"),
        ("aws: {secretAccessKey: wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzKEY}", "aws.secretAccessKey"),
        ("externalDns: {cloudflare: {apiToken: v1.0-144c9defac04969c7bfad8ef}}", "externalDns.cloudflare.apiToken"),
        ("cookie-secret: kHHm2pPzWv8wTqVb3qHs9A==", "cookie-secret"),
        ("SECRET_KEY_BASE: x", ""),
        ("env: [{name: DB_PASSWORD, value: q9Zrkk31aaXX}]", "env[0].value"),
        ("env: [{name: LOG, value: info}, {value: q9Zrkk31aaXX, name: API_TOKEN}]", "env[1].value"),
        ("env: {DB_PASSWORD: {value: q9Zrkk31aaXX}}", "env.DB_PASSWORD.value"),
        ("args: [\"--port=80\", \"--admin-password=q9Zrkk31aaXX\"]", "args[1]"),
        ("command: serve --token=q9Zrkk31aaXX --port 80", "command"),
        ("tokens: [q9Zrkk31aaXX]", "tokens[0]"),
        ("passwords: {app: {plain: q9Zrkk31aaXX}}", "passwords.app.plain"),
        ("encryptionKey: 6368616e676520746869732070617373776f7264", "encryptionKey"),
        ("salt: Zk3jQ8sPw2", "salt"),
        ("dsn: q9Zrkk31aaXX", "dsn"),
        ("jwtSecret: \"a8Kd02mNx7QpL4sT\"", "jwtSecret"),
        ("credentials: \"q9Zr:kk31aaXX\"", "credentials"),
        ("webhookSecret: f3b1c9d2e4a5", "webhookSecret"),
        ("admin:\n  passwordHash: $2y$10$abcdefghijklmnopqrstuv", "admin.passwordHash"),
        ("connectionString: Server=db;Pwd=q9Zrkk31aaXX", "connectionString"),
    ] {
        let keys: Vec<_> = found(text).into_iter().map(|found| (found.key.unwrap_or_default(), found.what)).collect();
        let expected: Vec<_> = if expected.is_empty() { Vec::new() } else { vec![(expected.to_owned(), Kind::Random)] };
        if keys != expected {
            wrong.push(format!("{text}: {keys:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn tokens_are_refused_wherever_they_stand() {
    let long = "kLmN0pQrStUvWxYz".repeat(4);
    let hexadecimal = "0123456789abcdef".repeat(4);
    for (value, name) in [
        (token("ghp_"), GITHUB),
        (token("gho_"), GITHUB),
        (token("ghs_"), GITHUB),
        (token("github_pat_"), GITHUB),
        (token("glpat-"), "a token of GitLab"),
        ("AKIAQ2Z5R7T9W3X1Y8V6".to_owned(), "an access key of AWS"),
        (format!("AIza{}", &long[..35]), "an API key of Google"),
        ("xoxb-1234567890-abcDEFghiJKL".to_owned(), "a token of Slack"),
        (format!("https://{}.com/services/T0AB1CD2E/B0AB1CD2E/xYz123AbC456", "hooks.slack"), "a webhook of Slack"),
        (token("sk_live_"), "a key of Stripe"),
        (token("rk_live_"), "a key of Stripe"),
        (token("hvs."), "a token of a Vault"),
        ("s.aB3dE5fG7hJ9kL1mN3pQ5rS7".to_owned(), "a token of a Vault"),
        (token("npm_"), "a token of npm"),
        (format!("pypi-AgEI{long}"), "a token of PyPI"),
        (format!("{}.{}.c2lnbmF0dXJl", "eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NSJ9"), "a JSON Web Token"),
        (token("whsec_"), "a secret of webhooks"),
        (format!("SG.{}.{}", &long[..22], &long[..43]), "a key of SendGrid"),
        (format!("SK{}", &hexadecimal[..32]), "a key of Twilio"),
        (format!("dop_v1_{hexadecimal}"), "a token of DigitalOcean"),
        (format!("DefaultEndpointsProtocol=https;AccountKey={long}=="), "a key of Azure"),
        ("postgres://app:hunter2x@db:5432/app".to_owned(), "an address with a password"),
        ("https://x-access-token:q9Zr@git.example.com/a.git".to_owned(), "an address with a password"),
        ("Authorization: Bearer q9Zrkk31aaXXq9Zrkk31".to_owned(), "credentials of HTTP"),
        ("Basic YWRtaW46aHVudGVyMng=".to_owned(), "credentials of HTTP"),
        (format!("-----BEGIN {} PRIVATE KEY-----\nMIIE\n", "RSA"), "a private key"),
        (format!("-----BEGIN PGP {} KEY BLOCK-----\n\nlQ\n", "PRIVATE"), "a private key"),
        (format!("AGE-SECRET-KEY-1{}", long.to_uppercase()), "a private key of age"),
        ("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ".to_owned(), "a private key"),
    ] {
        let quoted = serde_json::to_string(&value).unwrap();
        for (text, key) in [
            (format!("a: {{b: {quoted}}}"), Some("a.b")),
            (format!("note: {quoted} # and more\n"), Some("note")),
            (format!("list:\n- x\n- {quoted}\n"), Some("list[1]")),
        ] {
            let all: Vec<_> = found(&text).into_iter().map(|found| (found.key, found.what)).collect();
            assert_eq!(all, [(key.map(str::to_owned), Kind::Shape(name))], "{text}");
        }
        if !value.contains('\n') && !value.starts_with("b3Bl") {
            let all: Vec<_> = found(&format!("a: 1\n# {value}\n")).into_iter().collect();
            assert_eq!(all.iter().map(|found| (found.line, found.key.clone())).collect::<Vec<_>>(), [(Some(2), None)]);
        }
    }
}

#[test]
fn values_that_are_none_are_let_through() {
    let mut wrong = Vec::new();
    for text in [
        "auth: {existingSecret: wildside-postgresql-9f8e7d6c5b}",
        "secrets: {database: {name: wildside-x9k2q7f1a, key: q9Zrkk31aaXX}}",
        "image: 'oci://ghcr.io/acme/app:1.2.3@sha256:8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543'",
        "url: 'amqp://guest:guest@rabbitmq:5672/'",
        "format: 'postgres://%s:%s@%s/app'",
        "route: 'https://{user}:{password}@registry.example.com'",
        "auth: {secretPath: /var/run/secrets/k8s9/token1a}",
        "auth: {token: 'sha256:8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543'}",
        "auth: {existingSecretPasswordKey: q9Zrkk31aaXX}",
        "auth: {enabled: true, method: scram-sha-256}",
        "auth: {password: \"\"}",
        "auth: {password: changeme}",
        "auth: {password: <password>}",
        "auth: {password: ${DB_PASSWORD}}",
        "auth: {password: \"$(DB_PASSWORD)\"}",
        "auth: {password: \"{{ .Values.password }}\"}",
        "auth: {password: \"postgres://{{ .user }}:{{ .password }}@db/{{ .name }}\"}",
        "auth: {password: \"ENC[AES256_GCM,data:q9Zrkk31aaXX,iv:x,tag:y,type:str]\"}",
        "auth: {password: xxxxxxxxxxxxxxxx}",
        "password: postgres",
        "adminPassword: prom-operator",
        "ingress: {tls: [{secretName: wildside-tls-q9zr31, hosts: [pr-7.preview.example.com]}]}",
        "tlsSecretName: a1b2c3d4e5f6a7b8",
        "secretKeyRef: {name: q9zr31-aaxx-31kk, key: password}",
        "env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db-q9zr31aaxx, key: postgres-password}}}]",
        "env: [{name: TOKEN_URL, value: \"https://example.com/oauth2/token?x=1\"}]",
        "env: [{name: PASSWORD_FILE, value: /run/secrets/q9Zrkk31aaXX}]",
        "env: [{name: CLIENT_ID, value: 0f8fad5b-d9cb-469f-a165-70867728950e}]",
        "image: {repository: ghcr.io/acme/wildside, tag: 5f2c9d15f2c9d15f2c9d15f2c9d15f2c9d15f2c9}",
        "image: \"ghcr.io/acme/wildside@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
        "token: \"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
        "annotations: {checksum/config: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}",
        "annotations: {checksum/secret: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}",
        "uid: 0f8fad5b-d9cb-469f-a165-70867728950e",
        "ca: |\n  -----BEGIN CERTIFICATE-----\n  MIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn\n  -----END CERTIFICATE-----\n",
        "publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0qqqq7b8Zk3jQ8sPw2 alice@example",
        "deployKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0qqqq7b8Zk3jQ8sPw2 alice@example",
        "recipients: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudp6l3pqqqqqqq",
        "tokenUrl: https://login.example.com/q9Zrkk31aaXX/token",
        "tokenTTL: 87600h0m0s",
        "passwordPolicy: length(12) and digits(2) and q9Zrkk31aaXX",
        "secretStoreRef: {name: vault-q9zr31aaxx, kind: ClusterSecretStore}",
        "imagePullSecrets: [{name: regcred-q9zr31aaxx}]",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: empty}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: empty}\ndata: {}\nstringData: {a: \"\"}\n",
        "apiVersion: v1\nkind: Secret\nstringData: {a: \"ENC[AES256_GCM,data:q9Z,type:str]\"}\nsops: {version: 3.9.0}\n",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {data: [{secretKey: DB_PASSWORD, remoteRef: {key: previews/wildside/pr-7}}]}\n",
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {encryptedData: {a: AgBy3i4OJSWK3T8z1LpQq}}\n",
        "url: https://user@example.com/path",
        "url: http://example.com:8080/path@5f2c9d1",
        "url: postgres://app@db:5432/app",
        "url: postgres://app:password@db:5432/app",
        "schedule: \"0 3 * * *\"\nversion: 1.2.3-rc.1+build.20261122",
        "resources: {limits: {memory: 512Mi, cpu: 500m}}",
        "hosts: [{host: pr-7.preview.example.com, paths: [{path: /, pathType: Prefix}]}]",
        "nodeSelector: {kubernetes.io/arch: amd64}",
        "event.toolkit.fluxcd.io/commit: 5f2c9d15f2c9d15f2c9d15f2c9d15f2c9d15f2c9",
        "bivouac.dev/expires-at: 2026-11-28T10:00:00Z",
        "token: 2026-11-28T10:00:00Z",
        "secret: kubernetes.io/service-account-token",
        "auth: https://keycloak.example.com/realms/q9Zrkk31aaXX",
        "pwd: /srv/app/q9Zrkk31aaXX",
        "oauth2-proxy: {config: {clientID: q9Zrkk31aaXX.apps.example.com}}",
        "cert-manager: {privateKey: {algorithm: ECDSA, rotationPolicy: Always, size: 384}}",
        "secretKey: minio-root-password",
        "password: 3.14159265",
        "auth: {token: my-token-v2}",
        "pass: correct horse battery staple",
        "jwtSecret: ref+vault://secret/previews/wildside#/jwt",
        "credentials: s3-backup-credentials",
        "passwords: {existingSecret: q9Zrkk31aaXX}",
        "note: 'Bearer tokens are refused, Basic ones are too'",
        "note: this is my PRIVATE KEY policy",
        "note: 'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, AKIAIOSFODNN7EXAMPLE'",
    ] {
        wrong.extend(found(text).into_iter().map(|found| format!("{text}: {found}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
