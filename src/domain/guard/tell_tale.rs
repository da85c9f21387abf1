//! Keys that tell that a secret follows, and those that tell that it does not.

/// The last word of keys whose value is a secret.
const SECRETS: [&str; 25] = [
    "password",
    "passwords",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "passcode",
    "secret",
    "secrets",
    "token",
    "tokens",
    "apikey",
    "apikeys",
    "credential",
    "credentials",
    "creds",
    "auth",
    "dsn",
    "salt",
    "psk",
    "authtoken",
    "accesskey",
    "secretkey",
    "privatekey",
    "clientsecret",
];
/// The word before `key`, or two, for keys whose value is one: the value of `passwordKey` is the name of a key.
const KEYS: [&str; 17] = [
    "api",
    "access",
    "secret",
    "private",
    "signing",
    "encryption",
    "master",
    "account",
    "storage",
    "hmac",
    "session",
    "cookie",
    "app",
    "license",
    "ssh",
    "shared",
    "deploy",
];
/// How the last word of such keys ends where words are not told apart: `PGPASSWORD`.
const JOINED: [&str; 5] = ["password", "passwd", "passphrase", "token", "secret"];
/// What comes before `secret` in such words where they name a Secret: `imagepullsecret`.
const REFERRING: [&str; 2] = ["pull", "tls"];
/// The first word of keys that name what exists, or say of it whether it is there.
const NAMING: [&str; 8] = ["existing", "checksum", "use", "has", "is", "no", "enable", "disable"];
/// The last word of keys that only say in which form the secret is that they name.
const FORMS: [&str; 9] = ["value", "base", "b", "encoded", "plain", "plaintext", "text", "raw", "hash"];

/// Whether the value of a key is a secret, by the key.
pub(super) fn is_tell_tale(key: &str) -> bool {
    let words = words(key);
    let mut words: Vec<_> = words.iter().map(|word| without_number(word)).filter(|word| !word.is_empty()).collect();
    while let [_, .., last] = words.as_slice()
        && FORMS.contains(last)
    {
        words.pop();
    }
    match words.as_slice() {
        [] => false,
        [first, _, ..] if NAMING.contains(first) => false,
        [.., "connection", "string"] => true,
        [.., before, "key"] => KEYS.contains(before),
        [.., last] => SECRETS.contains(last) || is_joined(last),
    }
}

/// Keys below which each value is a secret.
const MANY: [&str; 5] = ["passwords", "secrets", "tokens", "credentials", "apikeys"];
/// The last word of keys that say something about a secret, and are none.
const ABOUT: [&str; 12] =
    ["name", "namespace", "key", "keys", "id", "ref", "path", "file", "version", "kind", "type", "store"];

/// Whether all that is below a key are secrets, by names of their own.
pub(super) fn is_of_many(key: &str) -> bool {
    words(key).last().is_some_and(|last| MANY.contains(&last.as_str())) && is_tell_tale(key)
}

/// Whether a key is about a secret, and holds none.
pub(super) fn is_about(key: &str) -> bool {
    let words = words(key);
    let is_naming = |word: &String| NAMING.contains(&word.as_str());
    words.first().is_some_and(is_naming) || words.last().is_some_and(|last| ABOUT.contains(&last.as_str()))
}

/// Whether a word ends like a key of a secret, and does not name a Secret that is elsewhere.
fn is_joined(word: &str) -> bool {
    let refers = word
        .strip_suffix("secret")
        .is_some_and(|front| front.starts_with("existing") || REFERRING.iter().any(|before| front.ends_with(before)));
    !refers && JOINED.iter().any(|end| word.ends_with(end))
}

fn without_number(word: &str) -> &str {
    word.trim_end_matches(|character: char| character.is_ascii_digit())
}

/// The words of a key in lower case: `dbPassword`, `db-password` and `DB_PASSWORD` are two each.
pub(super) fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before: Option<char> = None;
    let mut characters = key.chars().peekable();
    while let Some(character) = characters.next() {
        let is_hump = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || before.is_uppercase() && characters.peek().is_some_and(|next| next.is_lowercase())
            });
        if is_hump || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
        before = Some(character);
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_split_into_words() {
        for (key, expected) in [
            ("dbPassword", "db password"),
            ("DB_PASSWORD", "db password"),
            ("OIDCClientSecret", "oidc client secret"),
            ("tls.key", "tls key"),
            ("oauth2Token", "oauth2 token"),
            ("--api-key", "api key"),
        ] {
            assert_eq!(words(key).join(" "), expected, "{key}");
        }
    }

    #[test]
    fn keys_that_tell_of_a_secret_are_told_from_those_that_name_one() {
        for key in [
            "password",
            "adminPassword",
            "postgres-password",
            "DB_PASSWORD",
            "PGPASSWORD_1",
            "passwd",
            "pwd",
            "clientSecret",
            "client_secret",
            "token",
            "bot-token",
            "apiKey",
            "api-key",
            "API_KEY",
            "secretAccessKey",
            "aws_secret_access_key",
            "privateKey",
            "signing-key",
            "encryptionKey",
            "credentials",
            "auth",
            "dsn",
            "SENTRY_DSN",
            "connectionString",
            "salt",
            "passwordHash",
            "password-base64",
            "secretValue",
            "passwords",
            "cookieSecret",
            "sessionKey",
            "masterKey",
            "accesstoken",
            "refreshtoken",
            "SLACKTOKEN",
            "GITHUBTOKEN_2",
            "webhooksecret",
            "CLIENTSECRET",
        ] {
            assert!(is_tell_tale(key), "{key}");
        }
        for key in [
            "existingSecret",
            "existingSecretPasswordKey",
            "existingsecret",
            "existingdbsecret",
            "imagepullsecret",
            "imagepullsecrets",
            "tlssecret",
            "secretname",
            "tokenurl",
            "secretName",
            "tlsSecretName",
            "secretKeyRef",
            "tokenUrl",
            "passwordPolicy",
            "passwordFile",
            "secretPath",
            "adminPasswordKey",
            "userPasswordKey",
            "tokenTTL",
            "imagePullSecretName",
            "secretStoreRef",
            "authEnabled",
            "authMethod",
            "key",
            "tls.key",
            "clientId",
            "keyId",
            "checksum/secret",
            "secret.reloader.stakater.com/reload",
            "publicKey",
            "sshPublicKey",
            "tag",
            "digest",
            "sha256",
            "commit",
            "partitionKey",
            "sortKey",
            "monkey",
            "author",
            "passive",
            "bypass-list",
            "useSecret",
            "no-auth",
            "bivouac.dev/commit",
            "",
            "1",
            "password-length",
        ] {
            assert!(!is_tell_tale(key), "{key}");
        }
    }
}
