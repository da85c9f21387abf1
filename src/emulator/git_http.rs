//! Git over HTTP: `git http-backend` behind GitHub's doorkeeper.

use std::io;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::accounts::Access;
use super::answer::Answer;
use super::names::RepositoryName;
use super::server::Context;
use super::traffic::IncomingRequest;

const FETCH: &str = "git-upload-pack";
const PUSH: &str = "git-receive-pack";

/// What a request asks of which repository.
struct Target {
    repository: RepositoryName,
    /// `info/refs`, or the service itself.
    endpoint: &'static str,
    method: &'static str,
    writes: bool,
}

impl Target {
    /// Reads the three addresses of smart HTTP, with and without `.git`; all others are unknown, and so is a path with
    /// anything in it that is not a name.
    fn parse(request: &IncomingRequest) -> Option<Self> {
        let mut segments = request.path.strip_prefix('/')?.splitn(3, '/');
        let (owner, name, rest) = (segments.next()?, segments.next()?, segments.next()?);
        let repository = RepositoryName::new(owner, name.strip_suffix(".git").unwrap_or(name)).ok()?;
        let (endpoint, method, service) = match rest {
            "info/refs" => ("info/refs", "GET", request.parameter("service")?),
            FETCH => (FETCH, "POST", FETCH.to_owned()),
            PUSH => (PUSH, "POST", PUSH.to_owned()),
            _ => return None,
        };
        let known = service == FETCH || service == PUSH;
        known.then_some(Self { repository, endpoint, method, writes: service == PUSH })
    }
}

/// Answers a fetch or a push as GitHub would. The texts are without git's `remote: `, which the git program puts before
/// each line of a plain text.
pub(super) async fn answer(context: &Context, request: &IncomingRequest) -> Answer {
    let Some(target) = Target::parse(request) else {
        return Answer::text(404, "Not Found");
    };
    let authorization = request.header("authorization");
    let Some(account) = authorization.and_then(|header| context.accounts.by_password(header)) else {
        return unauthorized(authorization.is_some());
    };
    let access = account.access_to(&target.repository.to_string());
    if access == Access::None || context.git.folder(&target.repository).is_none() {
        return Answer::text(404, "Repository not found.");
    }
    if target.writes && access < Access::Write {
        return Answer::text(403, format!("Permission to {}.git denied to {}.", target.repository, account.login));
    }
    if request.method != target.method {
        return Answer::text(405, "Method Not Allowed");
    }
    let command = command(context, request, &target, &account.login);
    match converse(command, &request.body).await {
        Ok(answer) => answer,
        Err(failure) => Answer::text(500, format!("git http-backend: {failure}")),
    }
}

fn unauthorized(were_given: bool) -> Answer {
    let text = if were_given {
        "Invalid username or token. Password authentication is not supported for Git operations."
    } else {
        "No anonymous access."
    };
    Answer::text(401, text).with_header("www-authenticate", "Basic realm=\"GitHub\"")
}

fn command(context: &Context, request: &IncomingRequest, target: &Target, login: &str) -> Command {
    let mut command = context.git.http_backend();
    command
        .env("REQUEST_METHOD", target.method)
        .env("PATH_INFO", format!("/{}.git/{}", target.repository, target.endpoint))
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_TYPE", request.header("content-type").unwrap_or_default())
        .env("CONTENT_LENGTH", request.body.len().to_string())
        // Without a user http-backend refuses to receive.
        .env("REMOTE_USER", login)
        .env("REMOTE_ADDR", "127.0.0.1");
    if let Some(encoding) = request.header("content-encoding") {
        command.env("HTTP_CONTENT_ENCODING", encoding);
    }
    if let Some(protocol) = request.header("git-protocol") {
        command.env("GIT_PROTOCOL", protocol);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a CGI program to its end; dropping this kills it.
async fn converse(mut command: Command, body: &[u8]) -> io::Result<Answer> {
    let mut child = command.spawn()?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut output, mut complaint) = (Vec::new(), Vec::new());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A program that has heard enough closes its end; what it answers says why.
            let _closed_early = stdin.write_all(body).await;
        }
    };
    let read = async {
        match stdout {
            Some(mut stdout) => stdout.read_to_end(&mut output).await,
            None => Ok(0),
        }
    };
    let listen = async {
        match stderr {
            Some(mut stderr) => stderr.read_to_end(&mut complaint).await,
            None => Ok(0),
        }
    };
    let ((), read, listened) = tokio::join!(write, read, listen);
    read?;
    listened?;
    child.wait().await?;
    parse(output).ok_or_else(|| io::Error::other(String::from_utf8_lossy(&complaint).into_owned()))
}

/// Splits what a CGI program wrote into its head and its body (RFC 3875, section 6).
fn parse(mut output: Vec<u8>) -> Option<Answer> {
    let end = output.windows(4).position(|window| window == b"\r\n\r\n")?;
    let body = output.split_off(end + 4);
    let mut answer = Answer { status: 200, headers: Vec::new(), body };
    for line in String::from_utf8_lossy(&output).lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        match name.as_str() {
            "status" => answer.status = value.split(' ').next()?.parse().ok()?,
            // The server counts for itself.
            "content-length" => {}
            _ => answer.headers.push((name, value.to_owned())),
        }
    }
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_told_from_the_body() {
        let answer = parse(b"Status: 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nno\r\n\r\nno".to_vec()).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (403, b"no\r\n\r\nno".as_slice()));
        assert_eq!(answer.headers, [("content-type".to_owned(), "text/plain".to_owned())]);
        assert!(parse(b"fatal: not a head".to_vec()).is_none());
    }

    #[test]
    fn only_the_addresses_of_smart_http_are_known() {
        let target = |path: &str, query: &str| {
            let request = IncomingRequest::new("GET".into(), path.into(), query.into(), Vec::new(), Vec::new());
            Target::parse(&request).map(|target| (target.repository.to_string(), target.writes))
        };
        let push = "service=git-receive-pack";
        assert_eq!(target("/acme/apps.git/info/refs", push), Some(("acme/apps".to_owned(), true)));
        assert_eq!(target("/acme/apps/git-upload-pack", ""), Some(("acme/apps".to_owned(), false)));
        for path in [
            "/acme/../info/refs",
            "/../apps/info/refs",
            "/acme/apps.git/../x/info/refs",
            "/acme/apps.git/HEAD",
            "/acme",
            "/",
            "//apps/info/refs",
            "/acme/%2e%2e/info/refs",
        ] {
            assert_eq!(target(path, push), None, "{path}");
        }
        assert_eq!(target("/acme/apps/info/refs", "service=git-shell"), None);
    }
}
