//! Where a node of a Vault is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The address of one node: `https://host:port`, without a path. Two spellings of one address are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NodeAddress(String);

/// Why a text is not the address of a node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNodeAddress {
    /// Not `https://host:port`.
    #[error("`{0}` is not the address of a Vault: write it as `https://host:8200`")]
    Shape(String),
    /// A name or a password in it.
    #[error("the address of the Vault `{0}` holds a name or a password: give credentials by variables")]
    Credentials(String),
    /// Plain HTTP to another machine.
    #[error("`{0}` is plain HTTP to another machine, where everybody on the way reads the keys: use `https://`")]
    Plain(String),
}

impl NodeAddress {
    /// Whether it is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let authority = self.authority();
        let host = if authority.starts_with('[') {
            authority.split_inclusive(']').next().unwrap_or_default()
        } else {
            authority.split(':').next().unwrap_or_default()
        };
        is_loopback(host)
    }

    /// The address as text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn authority(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, authority)| authority)
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl FromStr for NodeAddress {
    type Err = InvalidNodeAddress;

    fn from_str(text: &str) -> Result<Self, InvalidNodeAddress> {
        let text = text.trim();
        let shown: String =
            text.chars().map(|character| if character.is_control() { '?' } else { character }).collect();
        let wrong = || InvalidNodeAddress::Shape(shown.clone());
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let scheme = scheme.to_ascii_lowercase();
        let authority = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        if authority.contains('@') {
            let bare = authority.rsplit('@').next().unwrap_or_default();
            return Err(InvalidNodeAddress::Credentials(format!("{scheme}://…@{bare}")));
        }
        let (host, port) = split_port(&authority).ok_or_else(wrong)?;
        let default = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(wrong()),
        };
        if scheme == "http" && !is_loopback(host) {
            return Err(InvalidNodeAddress::Plain(shown));
        }
        let port = port.filter(|port| *port != default).map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self(format!("{scheme}://{host}{port}")))
    }
}

/// A host and its port, if they are a host and a port.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']')?;
            address.parse::<core::net::Ipv6Addr>().ok()?;
            let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
            (&authority[..address.len() + 2], port)
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let is_name = |host: &str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
    };
    let is_fine = host.starts_with('[') || (is_name(host) && (!is_number(host) || is_ipv4(host)));
    let port = port.map(parse_port);
    match (is_fine, port) {
        (true, None) => Some((host, None)),
        (true, Some(Some(port))) => Some((host, Some(port))),
        _ => None,
    }
}

/// A port, without a sign and without blanks.
fn parse_port(text: &str) -> Option<u16> {
    let is_fine = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| is_fine && *port > 0)
}

/// Whether a host ends in a number, so that only an address of IPv4 can be meant:
/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>.
fn is_number(host: &str) -> bool {
    let last = without_last_dot(host).rsplit('.').next().unwrap_or_default();
    let is_hexadecimal = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (!last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()))
        || last.strip_prefix("0x").is_some_and(is_hexadecimal)
}

fn is_ipv4(host: &str) -> bool {
    without_last_dot(host).parse::<core::net::Ipv4Addr>().is_ok()
}

fn without_last_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

impl TryFrom<String> for NodeAddress {
    type Error = InvalidNodeAddress;

    fn try_from(text: String) -> Result<Self, InvalidNodeAddress> {
        text.parse()
    }
}

impl From<NodeAddress> for String {
    fn from(address: NodeAddress) -> Self {
        address.0
    }
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_equal() {
        let parsed = |text: &str| text.parse::<NodeAddress>().unwrap();
        assert_eq!(parsed("HTTPS://Vault.Example.com:443/"), parsed("https://vault.example.com"));
        assert_eq!(parsed("http://127.0.0.1:8200/").as_str(), "http://127.0.0.1:8200");
        assert_eq!(parsed("https://a:08200"), parsed("https://a:8200"));
        assert_eq!(parsed("https://a:0443"), parsed("https://a"));
        assert_eq!(parsed("https://10.0.0.1.").as_str(), "https://10.0.0.1.");
        assert!(parsed("http://[::1]:8200").is_loopback() && parsed("http://localhost:1").is_loopback());
        assert!(!parsed("https://127.0.0.1.example.com").is_loopback());
    }

    #[test]
    fn what_is_no_address_of_a_node_is_refused() {
        for wrong in [
            "vault",
            "https://",
            "ftp://a",
            "https://a/path",
            "https://a:b",
            "https://a:0",
            "https://a b",
            "https://[1]:2",
            "https://127.0.0.1:+8200",
            "https://a:",
            "https://a:008200",
            "https://1.2.3.400:8200",
            "https://256.256.256.256",
            "https://a.b.5:1",
            "https://127.1",
            "https://a.0x7f",
        ] {
            assert!(matches!(wrong.parse::<NodeAddress>(), Err(InvalidNodeAddress::Shape(_))), "{wrong}");
        }
        assert!(
            matches!("https://u:p@a".parse::<NodeAddress>(), Err(InvalidNodeAddress::Credentials(text)) if !text.contains("p@"))
        );
        assert!(matches!("http://vault:8200".parse::<NodeAddress>(), Err(InvalidNodeAddress::Plain(_))));
    }
}
