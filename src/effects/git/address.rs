//! Where an apps repository is.

use std::fmt;
use std::path::PathBuf;

use reqwest::Url;

use crate::domain::names::RepositoryName;
use crate::ports::AppsError;
use crate::secret::Secret;

/// The address of a repository, without any secret in it.
#[derive(Debug, Clone)]
pub enum Address {
    /// A smart-HTTP server.
    Http(HttpAddress),
    /// A server reached by the `ssh` program.
    Ssh(SshAddress),
    /// A bare repository on this machine.
    File(PathBuf),
}

/// A repository on a smart-HTTP server.
#[derive(Debug, Clone)]
pub struct HttpAddress {
    /// Its address, without anybody's name in it: what stands there may be a token.
    pub url: Url,
    /// The name that goes with the token, where one is said.
    pub user: Option<Secret>,
}

/// A repository on an SSH server.
#[derive(Debug, Clone)]
pub struct SshAddress {
    /// Who logs in, where it is said.
    pub user: Option<String>,
    /// The server.
    pub host: String,
    /// Its port, where it is said.
    pub port: Option<u16>,
    /// The repository's path there.
    pub path: String,
}

impl Address {
    /// Reads `OWNER/NAME` (on `server_url`), `https://…`, `http://…`, `ssh://…`, `user@host:path` or `file:///…`.
    ///
    /// Plain HTTP is for loopback addresses, unless `allow_http`.
    ///
    /// # Errors
    ///
    /// When it is none of these, holds a password, or would be plain HTTP over a network.
    pub fn parse(text: &str, server_url: &str, allow_http: bool) -> Result<Self, AppsError> {
        if let Ok(name) = text.parse::<RepositoryName>() {
            let url = format!("{}/{name}", server_url.trim_end_matches('/'));
            return Self::from_url(&url, allow_http);
        }
        if text.contains("://") {
            return Self::from_url(text, allow_http);
        }
        match text.split_once(':') {
            Some((login, path)) if !login.contains('/') && !path.is_empty() && !path.contains('@') => {
                ssh(text, login, None, path)
            }
            _ => Err(refused(
                &without_login(text),
                "write it as `OWNER/NAME`, `https://…`, `ssh://…`, `user@host:path` or `file:///…`",
            )),
        }
    }

    fn from_url(text: &str, allow_http: bool) -> Result<Self, AppsError> {
        let url = Url::parse(text).map_err(|why| refused(&without_login(text), &format!("it is not a URL ({why})")))?;
        let shown = without_login(text);
        if url.query().is_some() || url.fragment().is_some() {
            let shown = shown.split(['?', '#']).next().unwrap_or_default();
            return Err(refused(shown, "it goes on after the path, with `?` or `#`: leave that out"));
        }
        if url.password().is_some() {
            return Err(refused(&shown, "it holds a password, give that in `BIVOUAC_APPS_TOKEN` instead"));
        }
        match url.scheme() {
            "https" => Ok(http(url)),
            "http" if allow_http || is_loopback(&url) => Ok(http(url)),
            "http" => Err(refused(
                &shown,
                "plain HTTP would send the token in the clear, use `https://` or give `--allow-http`",
            )),
            "ssh" => {
                let host = url.host_str().unwrap_or_default();
                let login =
                    if url.username().is_empty() { host.to_owned() } else { format!("{}@{host}", url.username()) };
                ssh(text, &login, url.port(), url.path())
            }
            "file" => {
                url.to_file_path().map(Self::File).map_err(|()| refused(&shown, "it is not a path on this machine"))
            }
            other => Err(refused(&shown, &format!("`{other}` is not supported, use `https`, `ssh` or `file`"))),
        }
    }

    /// The form that the Git library is given.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Http(address) => address.url.to_string(),
            Self::Ssh(address) => address.to_string(),
            Self::File(path) => format!("file://{}", path.display()),
        }
    }

    /// Whether the server is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        matches!(self, Self::Http(address) if is_loopback(&address.url))
    }
}

fn http(mut url: Url) -> Address {
    let user = Secret::new(url.username());
    // An address with a host can always lose its user; reqwest would send what it finds there beside our own header.
    let _ = url.set_username("");
    Address::Http(HttpAddress { url, user })
}

/// Whether a URL's host is this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn ssh(text: &str, login: &str, port: Option<u16>, path: &str) -> Result<Address, AppsError> {
    let (user, host) = login.split_once('@').map_or((None, login), |(user, host)| (Some(user), host));
    let plain = |word: &str| {
        !word.is_empty()
            && !word.starts_with('-')
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    // The path is quoted for the shell at the other end, and an option is never taken for a host.
    let path_is_fine =
        !path.contains(|character: char| character == '\'' || character == '\\' || character.is_control());
    if !plain(host) || !user.is_none_or(plain) || !path_is_fine || path.starts_with('-') {
        return Err(refused(&without_login(text), "user, host or path hold characters that SSH addresses do not have"));
    }
    let (user, host) = (user.map(str::to_owned), host.to_owned());
    Ok(Address::Ssh(SshAddress { user, host, port, path: path.to_owned() }))
}

impl fmt::Display for SshAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.user.as_ref().map_or_else(String::new, |user| format!("{user}@"));
        let port = self.port.map_or_else(String::new, |port| format!(":{port}"));
        let slash = if self.path.starts_with('/') { "" } else { "/" };
        write!(formatter, "ssh://{user}{}{port}{slash}{}", self.host, self.path)
    }
}

/// The address without what stands before an `@`, which may be a secret.
fn without_login(text: &str) -> String {
    match text.split_once("://") {
        Some((scheme, rest)) => {
            let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
            format!("{scheme}://{rest}")
        }
        None => text.rsplit_once('@').map_or(text, |(_, rest)| rest).to_owned(),
    }
}

fn refused(repository: &str, message: &str) -> AppsError {
    AppsError::Address { repository: repository.escape_debug().to_string(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Address, AppsError> {
        Address::parse(text, "https://github.com", false)
    }

    #[test]
    fn a_short_name_is_on_the_server() {
        assert_eq!(parse("acme/apps").unwrap().url(), "https://github.com/acme/apps");
        assert_eq!(parse("https://example.com/acme/apps.git").unwrap().url(), "https://example.com/acme/apps.git");
        assert_eq!(parse("git@example.com:acme/apps.git").unwrap().url(), "ssh://git@example.com/acme/apps.git");
        assert_eq!(
            parse("ssh://git@example.com:22022/srv/apps").unwrap().url(),
            "ssh://git@example.com:22022/srv/apps"
        );
        assert!(matches!(parse("file:///srv/git/apps.git"), Ok(Address::File(_))));
    }

    #[test]
    fn a_password_never_shows_in_the_refusal() {
        let error = parse("https://me:hush@example.com/acme/apps").unwrap_err().to_string();
        insta::assert_snapshot!(error, @"the apps repository `https://example.com/acme/apps` can not be used: it holds a password, give that in `BIVOUAC_APPS_TOKEN` instead");
    }

    #[test]
    fn a_token_in_a_broken_address_never_shows_in_the_refusal() {
        for broken in [
            "hush@github.com/acme/apps",
            "x-access-token:hush@github.com/acme/apps",
            "https://github.com/acme/apps?token=hush",
            "https://me:hu/hush@github.com/acme/apps",
        ] {
            let error = parse(broken).unwrap_err().to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_unless_allowed() {
        assert!(parse("http://127.0.0.1:8080/a/b.git").is_ok() && parse("http://[::1]:8080/a/b").is_ok());
        assert!(parse("http://example.com/a/b").is_err());
        assert!(Address::parse("http://example.com/a/b", "", true).is_ok());
    }

    #[test]
    fn nothing_can_be_taken_for_an_option_or_a_command() {
        for broken in [
            "-oProxyCommand=x:y",
            "ssh://-oProxyCommand=x/y",
            "git@host:a'; rm -rf ~'",
            "x",
            "ftp://a/b",
            "git@ho st:a",
        ] {
            assert!(parse(broken).is_err(), "{broken}");
        }
    }
}
