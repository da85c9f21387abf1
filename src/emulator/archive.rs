//! Archives of commits and what runs left: where they are, and what is in them. Like GitHub, it hands out an address that is
//! good by itself.

use std::process::Stdio;

use super::answer::Answer;
use super::names::RepositoryName;
use super::server::Context;
use super::traffic::IncomingRequest;

/// Where archives of commits are, on the emulator.
const PLACE: &str = "/_codeload/";
/// Where artifacts are.
const ARTIFACTS: &str = "/_artifacts/";

/// Whether something of this kind would be there.
pub(super) fn is_place(path: &str) -> bool {
    path.starts_with(PLACE) || path.starts_with(ARTIFACTS)
}

/// The address of the archive of a commit.
pub(super) fn address(context: &Context, repository: &str, sha: &str) -> String {
    let (server, key) = (context.forge.server_url(), &context.archive_key);
    format!("{server}{PLACE}{repository}/legacy.tar.gz/{sha}?token={key}")
}

/// The address of what a run left.
pub(super) fn address_of_artifact(context: &Context, repository: &str, id: u64) -> String {
    let (server, key) = (context.forge.server_url(), &context.archive_key);
    format!("{server}{ARTIFACTS}{repository}/{id}.zip?token={key}")
}

/// Answers a request for an archive. Nobody is asked who they are: the address says enough.
pub(super) fn answer(context: &Context, request: &IncomingRequest) -> Answer {
    if request.parameter("token").as_deref() != Some(&*context.archive_key) {
        return not_found();
    }
    match request.path.strip_prefix(ARTIFACTS) {
        Some(path) => artifact(context, request, path).unwrap_or_else(not_found),
        None => commit(context, request),
    }
}

/// What a run left, as long as it was not thrown away.
fn artifact(context: &Context, request: &IncomingRequest, path: &str) -> Option<Answer> {
    let (repository, file) = path.rsplit_once('/')?;
    let id = file.strip_suffix(".zip")?.parse().ok()?;
    let known = context.forge.repository(repository)?;
    let found = known.runs.artifact(id).filter(|found| !found.is_expired && request.method == "GET")?;
    Some(Answer::new(200, "application/zip", found.zip.to_vec()))
}

fn not_found() -> Answer {
    Answer::text(404, "404: Not Found")
}

fn commit(context: &Context, request: &IncomingRequest) -> Answer {
    let path: Vec<&str> = request.path.strip_prefix(PLACE).unwrap_or_default().split('/').collect();
    let ["GET", owner, name, "legacy.tar.gz", sha] = [&[request.method.as_str()], &*path].concat()[..] else {
        return not_found();
    };
    let is_known = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_known {
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
