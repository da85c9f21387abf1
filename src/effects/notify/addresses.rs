//! Where listeners are, and the keys that they check signatures with: lines of the environment.

use std::collections::BTreeMap;

use reqwest::Url;
use tracing::warn;
use url::Host;

use super::Settings;
use super::reach::Proxies;
use super::signature::Key;
use crate::domain::address_range::is_public;
use crate::domain::names::ListenerName;
use crate::effects::git::is_loopback;
use crate::secret::Secret;

/// Names that lead to metadata services and to this machine, whoever resolves them.
const INWARD: [&str; 3] = ["localhost", "metadata.google.internal", "instance-data.ec2.internal"];

/// Where somebody listens.
pub(super) struct Endpoint {
    /// A secret: never shown.
    pub(super) url: Url,
    /// With what requests are signed.
    pub(super) signing: Signing,
}

/// With what requests are signed.
#[derive(Default)]
pub(super) enum Signing {
    /// They are not.
    #[default]
    Off,
    /// Each of these makes a signature.
    With(Vec<Key>),
    /// They should be, and no key can be used.
    Impossible,
}

/// All addresses that can be used, and why others can not.
pub(super) type Addresses = BTreeMap<ListenerName, Result<Endpoint, &'static str>>;

/// Reads the lines `NAME=ADDRESS` and `NAME=SECRET`. What makes no sense is told by the number of its line.
pub(super) fn read(
    addresses: Option<&Secret>,
    secrets: Option<&Secret>,
    settings: &Settings,
    proxies: &Proxies,
) -> Addresses {
    let mut signing = signing(secrets);
    let mut found = Addresses::new();
    for (number, name, address) in lines(addresses, "addresses") {
        if found.contains_key(&name) {
            warn!("line {number} of the addresses of listeners is ignored: `{name}` has an address already");
            continue;
        }
        let endpoint = checked(address, settings, proxies);
        if let Err(why) = &endpoint {
            warn!("the listener `{name}`, line {number} of the addresses, can not be told anything: {why}");
        }
        let signing = signing.remove(&name).unwrap_or_default();
        found.insert(name, endpoint.map(|url| Endpoint { url, signing }));
    }
    for name in signing.keys() {
        warn!("the listener `{name}` has a secret and no address");
    }
    found
}

fn signing(secrets: Option<&Secret>) -> BTreeMap<ListenerName, Signing> {
    let mut found = BTreeMap::<_, Signing>::new();
    for (number, name, secret) in lines(secrets, "secrets") {
        let key = Key::read(secret);
        if let Err(why) = &key {
            warn!("line {number} of the secrets of listeners, for `{name}`, can not be used: {why}");
        }
        let signing = found.entry(name).or_default();
        match (key, signing) {
            (Ok(key), Signing::With(keys)) => keys.push(key),
            (Ok(key), signing) => *signing = Signing::With(vec![key]),
            (Err(_), signing @ Signing::Off) => *signing = Signing::Impossible,
            (Err(_), Signing::With(_) | Signing::Impossible) => {}
        }
    }
    found
}

/// The lines that are `NAME=…`, with their numbers. What is `of` others is told by its number only.
fn lines<'a>(
    text: Option<&'a Secret>,
    of: &'static str,
) -> impl Iterator<Item = (usize, ListenerName, &'a str)> + use<'a> {
    let lines = text.map(Secret::expose).unwrap_or_default().lines().map(str::trim).enumerate();
    let said = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    said.filter_map(move |(index, line)| {
        let number = index + 1;
        let parsed = line.split_once('=').and_then(|(name, rest)| Some((name.trim().parse().ok()?, rest.trim())));
        if parsed.is_none() {
            warn!("line {number} of the {of} of listeners is not `NAME=…`, with the name of a listener");
        }
        parsed.map(|(name, rest)| (number, name, rest))
    })
}

fn checked(address: &str, settings: &Settings, proxies: &Proxies) -> Result<Url, &'static str> {
    let url = Url::parse(address).map_err(|_| "its address is not a URL")?;
    let host = url.host().ok_or("its address has no host")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("its address holds a user or a password");
    }
    if !settings.allow_private && leads_inward(&host, proxies) {
        return Err(
            "its address leads into a private network, to this machine or to a metadata service: `--notify-allow-private` allows that",
        );
    }
    match url.scheme() {
        "https" => {}
        "http" if settings.allow_http || (settings.allow_private && is_loopback(&url)) => {}
        "http" => {
            return Err(
                "its address is plain HTTP, which anybody on the way can read and change: `--allow-http` allows it",
            );
        }
        _ => return Err("its address is not `https`"),
    }
    let mut url = url;
    url.set_fragment(None);
    Ok(url)
}

/// Whether that is known without asking anybody. What a name stands for is looked at when it is connected to.
fn leads_inward(host: &Host<&str>, proxies: &Proxies) -> bool {
    match host {
        Host::Ipv4(address) => !is_public((*address).into()),
        Host::Ipv6(address) => !is_public((*address).into()),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            INWARD.contains(&name) || name.ends_with(".localhost") || proxies.include(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::of(text.to_owned())
    }

    fn settings(allow_private: bool, allow_http: bool) -> Settings {
        Settings { allow_private, allow_http, timeout: Duration::from_secs(1) }
    }

    fn verdict(address: &str, allow_private: bool, allow_http: bool) -> Result<Url, &'static str> {
        let proxies = Proxies::of(["http://proxy.example.com:3128"]);
        checked(address, &settings(allow_private, allow_http), &proxies)
    }

    #[test]
    fn only_https_to_somewhere_on_the_internet_is_reached_unless_more_is_allowed() {
        for (address, strict, private, plain) in [
            ("https://hooks.slack.com/services/T/B/x", true, true, true),
            ("https://8.8.8.8/", true, true, true),
            ("http://example.com/", false, false, true),
            ("http://127.0.0.1:80/", false, true, false),
            ("http://localhost:80/", false, true, false),
            ("http://10.0.0.1/", false, false, false),
            ("https://127.0.0.1/", false, true, false),
            ("https://0x7f.1/", false, true, false),
            ("https://2130706433/", false, true, false),
            ("https://017700000001/", false, true, false),
            ("https://127.1/", false, true, false),
            ("https://１２７.0.0.1/", false, true, false),
            ("https://[::ffff:127.0.0.1]/", false, true, false),
            ("https://[::1]/", false, true, false),
            ("https://169.254.169.254/latest/meta-data/", false, true, false),
            ("https://[fd00:ec2::254]/", false, true, false),
            ("https://metadata.google.internal/", false, true, false),
            ("https://LOCALHOST./", false, true, false),
            ("https://x.localhost/", false, true, false),
            ("https://proxy.example.com/", false, true, false),
            ("https://ada:hush@example.com/", false, false, false),
            ("https://ada@example.com/", false, false, false),
            ("ftp://example.com/", false, false, false),
            ("file:///etc/passwd", false, false, false),
            ("data:text/plain,x", false, false, false),
            ("example.com", false, false, false),
            ("", false, false, false),
        ] {
            assert_eq!(verdict(address, false, false).is_ok(), strict, "{address}");
            assert_eq!(verdict(address, true, false).is_ok(), private, "{address}");
            assert_eq!(verdict(address, false, true).is_ok(), plain, "{address}");
        }
    }

    #[test]
    fn lines_are_read_with_blanks_and_remarks_and_each_name_has_one_address() {
        let addresses = secret(
            "\n# where\n ops = https://one.example.com/a=b \r\nops=https://two.example.com\n\nOps=https://x\nnothing\ndev=http://x\n",
        );
        let secrets = secret(&format!("ops=whsec_{0}\nops = whsec_{0}\ndev=short\nold=whsec_{0}", "A".repeat(32)));
        let found = read(Some(&addresses), Some(&secrets), &settings(false, false), &Proxies::default());
        assert_eq!(found.keys().map(ListenerName::as_str).collect::<Vec<_>>(), ["dev", "ops"]);
        let ops = found.values().nth(1).unwrap().as_ref().unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(ops.url.as_str(), "https://one.example.com/a=b");
        assert!(matches!(&ops.signing, Signing::With(keys) if keys.len() == 2));
        assert!(found.values().next().unwrap().is_err());
    }

    #[test]
    fn a_bad_key_beside_a_good_one_is_left_out_and_alone_it_makes_signing_impossible() {
        let good = format!("whsec_{}", "A".repeat(32));
        for (secrets, keys) in [
            (format!("x=bad\nx={good}"), Some(1)),
            (format!("x={good}\nx=bad"), Some(1)),
            (format!("x={good}\nx={good}"), Some(2)),
            ("x=bad".to_owned(), None),
            ("x=bad\nx=worse".to_owned(), None),
        ] {
            let found = match signing(Some(&secret(&secrets))).into_values().next() {
                Some(Signing::With(keys)) => Some(keys.len()),
                Some(Signing::Impossible) => None,
                Some(Signing::Off) | None => panic!("{secrets}"),
            };
            assert_eq!(found, keys, "{secrets}");
        }
    }
}
