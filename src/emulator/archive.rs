//! Archives of commits: where they are, and what is in them. Like GitHub, it hands out an address that is good by itself.

use std::process::Stdio;

use super::answer::Answer;
use super::names::RepositoryName;
use super::server::Context;
use super::traffic::IncomingRequest;

/// Where archives are, on the emulator.
pub(super) const PLACE: &str = "/_codeload/";

/// The address of the archive of a commit.
pub(super) fn address(context: &Context, repository: &str, sha: &str) -> String {
    let (server, key) = (context.forge.server_url(), &context.archive_key);
    format!("{server}{PLACE}{repository}/legacy.tar.gz/{sha}?token={key}")
}

/// Answers a request for an archive. Nobody is asked who they are: the address says enough.
pub(super) fn answer(context: &Context, request: &IncomingRequest) -> Answer {
    let not_found = || Answer::text(404, "404: Not Found");
    let path: Vec<&str> = request.path.strip_prefix(PLACE).unwrap_or_default().split('/').collect();
    let ["GET", owner, name, "legacy.tar.gz", sha] = [&[request.method.as_str()], &*path].concat()[..] else {
        return not_found();
    };
    let is_known = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_known || request.parameter("token").as_deref() != Some(&*context.archive_key) {
        return not_found();
    }
    let folder = RepositoryName::new(owner, name).ok().and_then(|name| context.git.folder(&name));
    let Some(folder) = folder else { return not_found() };
    let mut command = context.git.git_program().into_std();
    let prefix = format!("--prefix={owner}-{name}-{}/", &sha[..7]);
    command.args(["archive", "--format=tar.gz", &prefix, sha]).current_dir(folder).stdin(Stdio::null());
    match command.output() {
        Ok(output) if output.status.success() => Answer::new(200, "application/x-gzip", output.stdout),
        Ok(_) => not_found(),
        Err(why) => Answer::text(500, why.to_string()),
    }
}
