//! The runs of a workflow for the heads of pull requests, and what they left.

use std::path::Path;

use http::Method;
use reqwest::Url;
use serde_json::{Value, json};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::answer::Trouble;
use super::elsewhere::{self, Failed};
use super::limits::Tries;
use super::operations::FIND_PULL_REQUESTS;
use super::{GitHub, answer, reading};
use crate::domain::fork_build::{Artifact, Build, BuildStanding, RunHead, WorkflowFile};
use crate::domain::names::{CommitId, PullRequestNumber};
use crate::ports::{Builds, ForgeError};

/// The most pages that are read of what one run left.
const PAGES: usize = 10;
/// The most things on a page.
const PAGE: usize = 100;

const FIND: &str = "find the pull request of a run";
const FETCH: &str = "fetch what a build left";

impl Builds for GitHub {
    async fn builds(&self, workflow: &WorkflowFile, commit: &CommitId) -> Result<Vec<Build>, ForgeError> {
        let what = "list the builds of a commit";
        // The latest hundred: nobody needs more than those that are under way, and the last one that went well.
        let path =
            format!("actions/workflows/{workflow}/runs?event=pull_request&head_sha={commit}&per_page={PAGE}&page=1");
        let told = self.done(self.write(Method::GET, &path, what, true)).await?;
        let mut builds: Vec<_> = listed(&told, "workflow_runs", what)?.filter_map(|run| build(run, commit)).collect();
        builds.sort_by_key(|build| std::cmp::Reverse(build.id));
        Ok(builds)
    }

    async fn artifacts(&self, build: u64) -> Result<Vec<Artifact>, ForgeError> {
        let what = "list what a build left";
        let mut found = Vec::new();
        for page in 1..=PAGES {
            let path = format!("actions/runs/{build}/artifacts?per_page={PAGE}&page={page}");
            let told = self.done(self.write(Method::GET, &path, what, true)).await?;
            let listed = listed(&told, "artifacts", what)?;
            let is_last = listed.len() < PAGE;
            found.extend(listed.filter_map(artifact));
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    async fn download(&self, artifact: u64, file: &Path, limit: u64) -> Result<(), ForgeError> {
        let local = |source| ForgeError::Local { path: file.to_owned(), source };
        let mut written = create(file).await.map_err(local)?;
        let result = self.fetch(artifact, &mut written, limit).await;
        let ended = match result {
            Ok(()) => written.flush().await.map_err(local),
            Err(Ending::Forge(why)) => Err(why),
            Err(Ending::Local(why)) => Err(local(why)),
        };
        if ended.is_err() {
            drop(written);
            if let Err(why) = fs::remove_file(file).await {
                tracing::debug!(%why, "what was fetched of it is still there");
            }
        }
        ended
    }

    async fn pull_requests_of(&self, head: &RunHead) -> Result<Vec<PullRequestNumber>, ForgeError> {
        let senseless = |why: String| Trouble::senseless(why).error(FIND);
        let (mut found, mut after) = (Vec::new(), None::<String>);
        loop {
            let variables = json!({"branch": head.branch, "after": after});
            let mut reply = self.ask(&FIND_PULL_REQUESTS, FIND_PULL_REQUESTS.text, variables, FIND).await?;
            let told = reply.take("pullRequests").map_err(|trouble| trouble.error(FIND))?.unwrap_or_default();
            let page = reading::heads(&told).map_err(senseless)?;
            found.extend(page.entries.into_iter().filter(|one| one.is(head)).map(|one| one.number));
            if page.next.is_some() && page.next == after {
                return Err(senseless("the list of pull requests has no end".to_owned()));
            }
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }
}

/// Why an artifact was not fetched.
enum Ending {
    Forge(ForgeError),
    Local(std::io::Error),
}

/// Why an attempt to write it down failed.
enum Attempt {
    Failed(Failed),
    Local(std::io::Error),
}

impl GitHub {
    /// Fetches an artifact into a file that is empty. What broke is fetched again from its beginning.
    async fn fetch(&self, artifact: u64, file: &mut File, limit: u64) -> Result<(), Ending> {
        let mut tries = Tries::default();
        loop {
            let address = self.artifact_address(artifact).await.map_err(Ending::Forge)?;
            let failed = match self.write_down(address, file, limit).await {
                Ok(()) => return Ok(()),
                Err(Attempt::Local(why)) => return Err(Ending::Local(why)),
                Err(Attempt::Failed(failed)) => failed,
            };
            let passes = failed.passes;
            failed.wait(&mut tries).await.map_err(|why| Ending::Forge(self.not_fetched(passes, why)))?;
            file.set_len(0).await.map_err(Ending::Local)?;
            file.rewind().await.map_err(Ending::Local)?;
        }
    }

    fn not_fetched(&self, passes: bool, message: String) -> ForgeError {
        if passes {
            return ForgeError::Unreachable { address: self.rest.address.clone(), source: message.into() };
        }
        ForgeError::Senseless { what: FETCH, message }
    }

    /// Where the forge has an artifact.
    async fn artifact_address(&self, artifact: u64) -> Result<Url, ForgeError> {
        let path = format!("{}/repos/{}/actions/artifacts/{artifact}/zip", self.rest.path, self.repository);
        let address = self.rest.elsewhere(path, FETCH).await?;
        address.ok_or_else(|| ForgeError::Senseless {
            what: FETCH,
            message: "it is not where it can be fetched safely, by `https://`".to_owned(),
        })
    }

    async fn write_down(&self, address: Url, file: &mut File, limit: u64) -> Result<(), Attempt> {
        let mut response = elsewhere::open(&self.http, address).await.map_err(Attempt::Failed)?;
        let too_large = || Attempt::Failed(Failed::for_good(format!("it has more than {limit} bytes")));
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut left = limit;
        while let Some(piece) = response.chunk().await.map_err(|why| Attempt::Failed(Failed::broken(why)))? {
            // Whatever length was told, or none.
            left = u64::try_from(piece.len()).ok().and_then(|length| left.checked_sub(length)).ok_or_else(too_large)?;
            file.write_all(&piece).await.map_err(Attempt::Local)?;
        }
        Ok(())
    }
}

/// Makes a file for nobody else. One that is there already is not touched.
async fn create(file: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(file).await
}

/// What is in a list that an answer holds.
fn listed<'a>(
    told: &'a Value,
    name: &str,
    what: &'static str,
) -> Result<impl ExactSizeIterator<Item = &'a Value> + use<'a>, ForgeError> {
    let list = told.get(name).and_then(Value::as_array);
    let list = list.ok_or_else(|| ForgeError::Senseless { what, message: format!("it holds no `{name}`") })?;
    Ok(list.iter())
}

/// A run, if it is one for a pull request with this head: whatever was asked for, nothing else counts.
fn build(run: &Value, commit: &CommitId) -> Option<Build> {
    let is = |place: &str, wanted: &str| run.get(place).and_then(Value::as_str) == Some(wanted);
    if !is("event", "pull_request") || !is("head_sha", commit.as_str()) {
        return None;
    }
    let standing = match (answer::text(run, "/status").as_str(), answer::text(run, "/conclusion").as_str()) {
        // Somebody has to let it begin, as it is the first one of a stranger.
        ("completed", "action_required") => BuildStanding::Pending,
        ("completed", "success") => BuildStanding::Succeeded,
        ("completed", _) => BuildStanding::Failed,
        _ => BuildStanding::Pending,
    };
    let head_repository = answer::text(run, "/head_repository/full_name").parse().ok();
    Some(Build { id: run.get("id")?.as_u64()?, head_repository, standing })
}

fn artifact(one: &Value) -> Option<Artifact> {
    Some(Artifact {
        id: one.get("id")?.as_u64()?,
        name: one.get("name")?.as_str()?.to_owned(),
        size: one.get("size_in_bytes")?.as_u64()?,
        is_expired: one.get("expired")?.as_bool()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn run(changes: &Value) -> Value {
        let mut run = json!({
            "id": 5_000_000_001_u64, "event": "pull_request", "head_sha": COMMIT, "status": "completed",
            "conclusion": "success", "head_repository": {"full_name": "stranger/shop"},
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            run[name] = value.clone();
        }
        run
    }

    #[test]
    fn a_run_stands_as_its_status_and_conclusion_say() {
        use BuildStanding::{Failed, Pending, Succeeded};
        let commit = COMMIT.parse().unwrap();
        for (status, conclusion, standing) in [
            ("completed", json!("success"), Succeeded),
            ("completed", json!("failure"), Failed),
            ("completed", json!("cancelled"), Failed),
            ("completed", json!("skipped"), Failed),
            ("completed", Value::Null, Failed),
            ("completed", json!("action_required"), Pending),
            ("in_progress", Value::Null, Pending),
            ("queued", json!("success"), Pending),
            ("waiting", Value::Null, Pending),
        ] {
            let found = build(&run(&json!({"status": status, "conclusion": conclusion})), &commit).unwrap();
            assert_eq!((found.id, found.standing), (5_000_000_001, standing), "{status} {conclusion}");
            assert_eq!(found.head_repository, Some("stranger/shop".parse().unwrap()));
        }
    }

    #[test]
    fn a_run_of_anything_else_is_none_and_one_of_a_fork_that_is_gone_has_no_repository() {
        let commit = COMMIT.parse().unwrap();
        for changes in [
            json!({"event": "push"}),
            json!({"event": "pull_request_target"}),
            json!({"head_sha": "f".repeat(40)}),
            json!({"head_sha": null}),
            json!({"id": "7"}),
        ] {
            assert_eq!(build(&run(&changes), &commit), None, "{changes}");
        }
        for gone in [Value::Null, json!({"full_name": "../x"})] {
            assert_eq!(build(&run(&json!({"head_repository": gone})), &commit).unwrap().head_repository, None);
        }
    }

    #[test]
    fn an_artifact_is_read_whole_or_not_at_all() {
        let told = json!({"id": 7, "name": "bivouac-image-web", "size_in_bytes": 12, "expired": false});
        let found = artifact(&told).unwrap();
        assert_eq!((found.id, found.name.as_str(), found.size, found.is_expired), (7, "bivouac-image-web", 12, false));
        for missing in ["id", "name", "size_in_bytes", "expired"] {
            let mut told = told.clone();
            told[missing] = Value::Null;
            assert_eq!(artifact(&told), None, "{missing}");
        }
    }
}
