//! The forms that tokens have, by what those say who issue them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::words::{is_example, is_stand_in};

/// A form: how it begins, what it goes on with, and what holds of that.
struct Shape {
    name: &'static str,
    starts: &'static [&'static str],
    goes_on: fn(u8) -> bool,
    holds: fn(&str) -> bool,
}

/// Each with the page that says so.
const SHAPES: [Shape; 30] = [
    // <https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats>
    shape("a token of GitHub", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], is_of_name, |rest| rest.len() >= 30),
    shape("a token of GitHub", &["github_pat_"], is_of_name, |rest| rest.len() >= 22),
    // <https://docs.gitlab.com/security/tokens/#token-prefixes>
    shape(
        "a token of GitLab",
        &[
            "glpat-",
            "gloas-",
            "gldt-",
            "glrt-",
            "glcbt-",
            "glptt-",
            "glft-",
            "glimt-",
            "glagent-",
            "glsoat-",
            "GR1348941",
        ],
        is_of_name,
        |rest| rest.len() >= 20,
    ),
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
    shape("an access key of AWS", &["AKIA", "ASIA"], is_upper, |rest| rest.len() == 16),
    // <https://cloud.google.com/docs/authentication/api-keys>
    shape("an API key of Google", &["AIza"], is_of_name, |rest| (35..=39).contains(&rest.len())),
    // <https://cloud.google.com/docs/authentication/token-types>
    shape("a token of Google", &["ya29."], is_of_name, |rest| rest.len() >= 20),
    shape("a client secret of Google", &["GOCSPX-"], is_of_name, |rest| rest.len() >= 20),
    // <https://api.slack.com/concepts/token-types>
    shape(
        "a token of Slack",
        &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.xoxp-", "xoxe.xoxb-", "xapp-"],
        is_of_name,
        |rest| rest.len() >= 16 && has_digit(rest),
    ),
    // <https://api.slack.com/messaging/webhooks>
    shape("a webhook of Slack", &["hooks.slack.com/services/"], is_of_path, |rest| rest.len() >= 20),
    // <https://discord.com/developers/docs/resources/webhook>
    shape("a webhook of Discord", &["discord.com/api/webhooks/"], is_of_path, |rest| rest.len() >= 40),
    // <https://docs.stripe.com/keys>
    shape("a key of Stripe", &["sk_live_", "rk_live_", "sk_test_", "rk_test_"], is_alphanumeric, |rest| {
        rest.len() >= 16
    }),
    // <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme>
    shape("a secret of webhooks", &["whsec_"], is_of_base64, |rest| rest.len() >= 24),
    // <https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes>
    shape("a token of a Vault", &["hvs.", "hvb.", "hvr."], is_of_name, |rest| rest.len() >= 20),
    // <https://openbao.org/docs/concepts/tokens/#token-prefixes>
    shape("a token of a Vault", &["s.", "b.", "r."], is_alphanumeric, |rest| rest.len() == 24 && is_mixed(rest)),
    // <https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/>
    shape("a token of npm", &["npm_"], is_alphanumeric, |rest| rest.len() >= 36),
    // <https://pypi.org/help/#apitoken>
    shape("a token of PyPI", &["pypi-"], is_of_name, |rest| rest.len() >= 50 && is_mixed(rest)),
    // RFC 7519, section 3.1: each part is Base64 of an object of JSON.
    shape("a JSON Web Token", &["eyJ"], is_of_token, |rest| rest.len() >= 24 && rest.contains(".eyJ")),
    // <https://docs.sendgrid.com/ui/account-and-settings/api-keys>
    shape("a key of SendGrid", &["SG."], is_of_token, |rest| {
        rest.split_once('.').is_some_and(|(id, secret)| id.len() == 22 && secret.len() >= 40)
    }),
    // <https://www.twilio.com/docs/glossary/what-is-a-sid>
    shape("a key of Twilio", &["SK"], is_hexadecimal, |rest| rest.len() == 32),
    // <https://docs.digitalocean.com/reference/api/create-personal-access-token/>
    shape("a token of DigitalOcean", &["dop_v1_", "doo_v1_", "dor_v1_"], is_hexadecimal, |rest| rest.len() == 64),
    // <https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string>
    shape("a key of Azure", &["AccountKey=", "SharedAccessKey="], is_of_base64, |rest| rest.len() >= 20),
    // <https://docs.docker.com/security/access-tokens/>
    shape("a token of Docker", &["dckr_pat_", "dckr_oat_"], is_of_name, |rest| rest.len() >= 20),
    // <https://grafana.com/docs/grafana/latest/administration/service-accounts/>
    shape("a token of Grafana", &["glsa_", "glc_"], is_of_base64, |rest| rest.len() >= 30),
    // <https://huggingface.co/docs/hub/security-tokens>
    shape("a token of Hugging Face", &["hf_"], is_alphanumeric, |rest| rest.len() >= 30 && is_mixed(rest)),
    // <https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens>
    shape("a token of Shopify", &["shpat_", "shpca_", "shppa_", "shpss_"], is_hexadecimal, |rest| rest.len() >= 32),
    // <https://docs.anthropic.com/en/api/overview>, <https://platform.openai.com/docs/api-reference/authentication>
    shape("a key of a language model", &["sk-ant-", "sk-proj-", "sk-svcacct-"], is_of_name, |rest| rest.len() >= 20),
    // <https://tailscale.com/kb/1277/key-prefixes>
    shape("a key of Tailscale", &["tskey-"], is_of_name, |rest| rest.len() >= 20),
    // <https://docs.sentry.io/account/auth-tokens/>
    shape("a token of Sentry", &["sntrys_", "sntryu_"], is_of_base64, |rest| rest.len() >= 40),
    // <https://linear.app/developers/graphql#personal-api-keys>
    shape("a key of Linear", &["lin_api_"], is_alphanumeric, |rest| rest.len() >= 32),
    // <https://github.com/FiloSottile/age/blob/main/doc/age-keygen.1.ronn>
    shape("a private key of age", &["AGE-SECRET-KEY-", "age-secret-key-"], is_of_name, |rest| rest.len() >= 20),
];

const fn shape(
    name: &'static str,
    starts: &'static [&'static str],
    goes_on: fn(u8) -> bool,
    holds: fn(&str) -> bool,
) -> Shape {
    Shape { name, starts, goes_on, holds }
}

/// How a password stands in an address: RFC 3986, section 3.2.1.
const IN_ADDRESS: &str = "an address with a password";
/// RFC 7617 and RFC 6750.
const IN_HEADER: &str = "credentials of HTTP";
/// RFC 7468, section 10, and what else is written so.
pub(super) const PRIVATE_KEY: &str = "a private key";
/// What stands in manuals for the password in an address.
const PASSWORDS: [&str; 7] = ["password", "passwd", "pass", "pwd", "secret", "token", "pw"];
/// So much is looked at behind `://`, and behind the beginning of a token: what is made to take long does not.
const LONGEST: usize = 320;
/// So much of a token says whether it is an example.
const LONGEST_EXAMPLE: usize = 64;
/// So far in front of `PRIVATE KEY` its armour begins.
const LONGEST_ARMOUR: usize = 40;
/// From this length on, what follows `Bearer` is a token and no word.
const SHORTEST_BEARER: usize = 16;

/// Whether there is any of these forms in a text.
pub(super) fn is_within(text: &str) -> bool {
    find(text).next().is_some()
}

/// Where tokens stand in a text, by their bytes, and what they are.
pub(super) fn find(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    let bytes = text.as_bytes();
    let is_start = move |at: &usize| *at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    let pairs = bytes.windows(2).enumerate().filter(|(_, pair)| may_begin(pair[0], pair[1]));
    let candidates = pairs.map(|(at, _)| at).filter(is_start);
    let tokens = candidates.filter_map(|at| Some((at, token(text.get(at..)?)?)));
    let addresses = text.match_indices("://").filter(|(at, _)| has_password(&text[at + 3..]));
    let keys = text.match_indices("PRIVATE KEY").filter(|(at, _)| is_armour(&text.as_bytes()[..*at]));
    tokens.chain(addresses.map(|(at, _)| (at, IN_ADDRESS))).chain(keys.map(|(at, _)| (at, PRIVATE_KEY)))
}

/// Which two characters something begins with that has a form, a bit for each second one: most places of a text are passed by one
/// look at this.
const BEGINNINGS: [u128; 128] = beginnings();

const fn beginnings() -> [u128; 128] {
    let mut beginnings = [0; 128];
    // `Basic` and `Bearer`.
    beginnings[b'B' as usize] = 1 << b'a' | 1 << b'A' | 1 << b'e' | 1 << b'E';
    beginnings[b'b' as usize] = beginnings[b'B' as usize];
    let mut shape = 0;
    while shape < SHAPES.len() {
        let mut start = 0;
        while start < SHAPES[shape].starts.len() {
            let bytes = SHAPES[shape].starts[start].as_bytes();
            beginnings[bytes[0] as usize] |= 1 << bytes[1];
            start += 1;
        }
        shape += 1;
    }
    beginnings
}

fn may_begin(first: u8, second: u8) -> bool {
    first.is_ascii() && second.is_ascii() && BEGINNINGS[usize::from(first)] >> second & 1 == 1
}

/// What a text begins with, if that is a token.
fn token(text: &str) -> Option<&'static str> {
    let first = text.as_bytes().first()?;
    for shape in &SHAPES {
        let starts = shape.starts.iter().filter(|start| start.as_bytes().first() == Some(first));
        for (start, rest) in starts.filter_map(|start| Some((start, text.strip_prefix(start)?))) {
            // What begins again is looked at where it does.
            if !start.ends_with(|last: char| last.is_ascii_alphanumeric()) && rest.starts_with(start) {
                continue;
            }
            let end = rest.bytes().take(LONGEST).position(|byte| !(shape.goes_on)(byte));
            let rest = rest[..end.unwrap_or(rest.len().min(LONGEST))].trim_end_matches(['.', '-']);
            if (shape.holds)(rest) && !is_example(&rest[..rest.len().min(LONGEST_EXAMPLE)]) {
                return Some(shape.name);
            }
        }
    }
    is_header(text).then_some(IN_HEADER)
}

/// `Basic` or `Bearer`, and credentials.
fn is_header(text: &str) -> bool {
    let after = |scheme: &str| {
        let start = text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme));
        start.map(|_| text[scheme.len()..].trim_start_matches([' ', '\t']))
    };
    let run = |rest: &str| {
        let end = rest.bytes().position(|byte| !is_of_base64(byte) && !b".~".contains(&byte)).unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    if let Some(rest) = after("bearer ") {
        let token = run(rest);
        return token.len() >= SHORTEST_BEARER && is_mixed(&token) && !is_stand_in(&token);
    }
    let decoded = after("basic ").and_then(|rest| STANDARD.decode(run(rest)).ok());
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let password = decoded.as_deref().and_then(|text| text.split_once(':')).map(|(_, password)| password);
    password.is_some_and(|password| !password.is_empty() && !is_stand_in(password))
}

/// Whether a password stands in what follows `://`.
fn has_password(text: &str) -> bool {
    let is_end = |character: char| character.is_whitespace() || "\"'`<>\\#?".contains(character);
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let authority = text.split(is_end).next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    let Some((user, password)) = user.split_once(':') else { return false };
    // What people try things out with: `guest:guest@`, `root:password@`.
    let is_manual = password == user || PASSWORDS.iter().any(|word| password.eq_ignore_ascii_case(word));
    let is_format = matches!(password, "%s" | "%v") || password.starts_with('{') && password.ends_with('}');
    // A path with an `@` in it follows a port or a tag, not a password: `ghcr.io/acme/app:1.2@sha256:…`.
    let is_path = user.contains('/')
        || password.split('/').next().is_some_and(|port| port.parse::<u16>().is_ok()) && password.contains('/');
    !(password.is_empty() || is_manual || is_format || is_path || is_stand_in(password))
}

/// Whether `PRIVATE KEY` is preceded by the beginning of its armour.
fn is_armour(before: &[u8]) -> bool {
    let near = &before[before.len().saturating_sub(LONGEST_ARMOUR)..];
    let line = near.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    line.windows(6).any(|bytes| bytes == b"BEGIN ")
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_hexadecimal(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-".contains(&byte)
}

fn is_of_token(byte: u8) -> bool {
    is_of_name(byte) || byte == b'.'
}

fn is_of_base64(byte: u8) -> bool {
    is_of_name(byte) || b"+/=".contains(&byte)
}

fn is_of_path(byte: u8) -> bool {
    is_of_name(byte) || byte == b'/'
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether a text was made of more than one kind of characters, as no word is.
fn is_mixed(text: &str) -> bool {
    has_digit(text) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        || text.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
            && text.bytes().any(|byte| byte.is_ascii_lowercase())
}
