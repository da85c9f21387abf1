//! The builds of forks: runs without secrets, whose artifacts hold the images of a commit. All that they left is hostile.

use super::approval::Login;
use super::names::{CommitId, ImageRepository, RepositoryName};
use super::text_type::text_type;

text_type! {
    /// The file name of a workflow in `.github/workflows`.
    WorkflowFile, check_workflow_file
}

fn check_workflow_file(text: &str) -> Result<(), String> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let name = text.strip_suffix(".yml").or_else(|| text.strip_suffix(".yaml")).unwrap_or_default();
    if !name.is_empty() && text.len() <= 255 && !name.starts_with('.') && text.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(format!(
        "`{}` is not the file of a workflow: give its name, such as `preview-fork-build.yml`",
        text.escape_debug()
    ))
}

/// The head of the pull request that a run was for, as the forge has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHead {
    /// The repository of the branch; nothing when that is gone.
    pub repository: Option<RepositoryName>,
    /// The branch. Hostile text: any that Git allows.
    pub branch: String,
    /// The commit.
    pub commit: CommitId,
}

/// A run of the workflow that builds the images of forks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The forge's number of the run.
    pub id: u64,
    /// The repository that the commit came from; nothing when that is gone.
    pub head_repository: Option<RepositoryName>,
    /// How it stands.
    pub standing: BuildStanding,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildStanding {
    /// It has not begun, waits for somebody to let it begin, or is under way.
    Pending,
    /// It went well.
    Succeeded,
    /// It ended in any other way.
    Failed,
}

/// A file that a run left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The forge's number of it.
    pub id: u64,
    /// Its name. Hostile text.
    pub name: String,
    /// How many bytes it has as it is fetched, as the forge says.
    pub size: u64,
    /// Whether the forge has thrown it away already.
    pub is_expired: bool,
}

/// The name of the artifact that holds the image of a repository: after its last part.
#[must_use]
pub fn artifact_name(repository: &ImageRepository) -> String {
    format!("bivouac-image-{}", file_stem(repository))
}

/// The name of the one file in that artifact: an archive as `docker save` writes it.
#[must_use]
pub fn file_name(repository: &ImageRepository) -> String {
    format!("{}.tar", file_stem(repository))
}

fn file_stem(repository: &ImageRepository) -> &str {
    repository.as_str().rsplit('/').next().unwrap_or_default()
}

/// What somebody may do in a repository, as the forge says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The forge's number of the account: a name may be somebody else's by now.
    pub account: u64,
    /// The name of the account, as the forge writes it.
    pub login: Login,
    /// Whether they may push.
    pub may_write: bool,
}
