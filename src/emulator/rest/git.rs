//! Git's own objects: blobs, trees and archives of commits.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use git2::{ObjectType, Oid, Tree};
use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::archive;
use super::Call;
use super::refusal::Refusal;

/// The most that GitHub describes a blob of, and a listing, to have.
const LARGEST_BLOB: usize = 100 * 1024 * 1024;
const LONGEST_LISTING: usize = 100_000;
/// GitHub breaks Base64 into lines of 60 characters.
const BYTES_OF_A_LINE: usize = 45;

impl Call<'_> {
    /// As JSON, or the bytes alone where `Accept` asks for them.
    pub(super) fn show_blob(&self, sha: &str) -> Result<Answer, Refusal> {
        let git = self.git()?;
        let whole = |sha: &str| Oid::from_str(sha).ok().filter(|_| sha.len() == 40);
        let oid = whole(sha).ok_or_else(|| {
            Refusal::new(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
        })?;
        let blob = git.find_blob(oid).map_err(|_| Refusal::not_found())?;
        if blob.size() > LARGEST_BLOB {
            let message =
                "This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via the API.";
            let error = json!({"resource": "Blob", "field": "data", "code": "too_large"});
            return Err(Refusal::new(403, message).with_error(error));
        }
        let accepted = self.request.header("accept").unwrap_or_default();
        if accepted.contains("application/vnd.github.raw") {
            return Ok(Answer::new(200, "application/vnd.github.raw+json; charset=utf-8", blob.content()));
        }
        let lines = blob.content().chunks(BYTES_OF_A_LINE).map(|line| STANDARD.encode(line) + "\n");
        Ok(Answer::json(
            200,
            &json!({
                "sha": sha,
                "node_id": format!("B_{sha}"),
                "size": blob.size(),
                "url": self.address("blobs", sha),
                "content": lines.collect::<String>(),
                "encoding": "base64",
            }),
        ))
    }

    /// The tree of an identifier or a ref; with `recursive`, whatever its value, and what is below.
    pub(super) fn show_tree(&self, name: &str) -> Result<Answer, Refusal> {
        let git = self.git()?;
        let found = git.revparse_single(name).and_then(|found| found.peel_to_tree());
        let tree = found.map_err(|_| Refusal::not_found())?;
        let recursive = self.request.parameter("recursive").is_some();
        let mut entries = Vec::new();
        self.list(&git, &tree, "", recursive, &mut entries).map_err(|_| Refusal::not_found())?;
        let truncated = entries.len() > LONGEST_LISTING;
        entries.truncate(LONGEST_LISTING);
        let sha = tree.id().to_string();
        let url = self.address("trees", &sha);
        Ok(Answer::json(200, &json!({"sha": sha, "url": url, "tree": entries, "truncated": truncated})))
    }

    /// Where the archive of a commit is.
    pub(super) fn show_archive(&self, name: &str) -> Result<Answer, Refusal> {
        let git = self.git()?;
        let found = git.revparse_single(name).and_then(|found| found.peel_to_commit());
        let sha = found.map_err(|_| Refusal::not_found())?.id().to_string();
        let address = archive::address(self.context, &self.repository, &sha);
        Ok(Answer::empty(302).with_header("location", address))
    }

    fn list(
        &self,
        git: &git2::Repository,
        tree: &Tree,
        above: &str,
        recursive: bool,
        entries: &mut Vec<Value>,
    ) -> Result<(), git2::Error> {
        for entry in tree {
            let (path, sha) =
                (format!("{above}{}", String::from_utf8_lossy(entry.name_bytes())), entry.id().to_string());
            let mut shown = json!({"path": path, "mode": format!("{:06o}", entry.filemode()), "sha": sha});
            match entry.kind() {
                Some(ObjectType::Commit) => shown["type"] = "commit".into(),
                Some(ObjectType::Tree) => {
                    shown["type"] = "tree".into();
                    shown["url"] = self.address("trees", &sha).into();
                }
                _ => {
                    shown["type"] = "blob".into();
                    shown["size"] = git.odb()?.read_header(entry.id())?.0.into();
                    shown["url"] = self.address("blobs", &sha).into();
                }
            }
            let below = recursive && entry.kind() == Some(ObjectType::Tree);
            entries.push(shown);
            if entries.len() > LONGEST_LISTING {
                break;
            }
            if below {
                self.list(git, &git.find_tree(entry.id())?, &format!("{path}/"), recursive, entries)?;
            }
        }
        Ok(())
    }

    fn git(&self) -> Result<git2::Repository, Refusal> {
        self.repository()?.git().map_err(|_| Refusal::not_found())
    }

    fn address(&self, kind: &str, sha: &str) -> String {
        format!("{}/api/v3/repos/{}/git/{kind}/{sha}", self.context.forge.server_url(), self.repository)
    }
}
