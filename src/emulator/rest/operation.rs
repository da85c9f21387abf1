//! What can be asked of a repository.

/// An operation; the numbers and names are those of the path.
#[derive(Clone, Copy)]
pub(super) enum Operation<'a> {
    ShowRepository,
    ShowPullRequest(u64),
    AddLabels(u64),
    RemoveLabel(u64, &'a str),
    ListComments(u64),
    CreateComment(u64),
    ShowComment(u64),
    EditComment(u64),
    DeleteComment(u64),
    React(u64),
    ShowPermission(&'a str),
    ListRuns(&'a str),
    ListArtifacts(u64),
    ShowArtifact(u64),
    ListDeployments,
    CreateDeployment,
    ShowDeployment(u64),
    DeleteDeployment(u64),
    ListStatuses(u64),
    CreateStatus(u64),
    ShowCommit(&'a str),
    ListCommitStatuses(&'a str),
    DeleteEnvironment(&'a str),
    ShowPublicKey(&'a str),
    PutSecret(&'a str, &'a str),
    ShowBlob(&'a str),
    ShowTree(&'a str),
    ShowArchive(&'a str),
}

impl<'a> Operation<'a> {
    /// Reads the method and what follows `repos/{owner}/{name}` in the path.
    pub(super) fn parse(method: &str, path: &[&'a str]) -> Option<Self> {
        Some(match (method, path) {
            ("GET", []) => Self::ShowRepository,
            ("GET", ["pulls", number]) => Self::ShowPullRequest(number.parse().ok()?),
            ("GET", ["issues", "comments", id]) => Self::ShowComment(id.parse().ok()?),
            ("PATCH", ["issues", "comments", id]) => Self::EditComment(id.parse().ok()?),
            ("DELETE", ["issues", "comments", id]) => Self::DeleteComment(id.parse().ok()?),
            ("GET", ["issues", number, "comments"]) => Self::ListComments(number.parse().ok()?),
            ("POST", ["issues", number, "comments"]) => Self::CreateComment(number.parse().ok()?),
            ("POST", ["issues", "comments", id, "reactions"]) => Self::React(id.parse().ok()?),
            ("POST", ["issues", number, "labels"]) => Self::AddLabels(number.parse().ok()?),
            ("DELETE", ["issues", number, "labels", name]) => Self::RemoveLabel(number.parse().ok()?, name),
            ("GET", ["collaborators", login, "permission"]) => Self::ShowPermission(login),
            ("GET", ["actions", "workflows", workflow, "runs"]) => Self::ListRuns(workflow),
            ("GET", ["actions", "runs", id, "artifacts"]) => Self::ListArtifacts(id.parse().ok()?),
            ("GET", ["actions", "artifacts", id, "zip"]) => Self::ShowArtifact(id.parse().ok()?),
            ("GET", ["deployments"]) => Self::ListDeployments,
            ("POST", ["deployments"]) => Self::CreateDeployment,
            ("GET", ["deployments", id]) => Self::ShowDeployment(id.parse().ok()?),
            ("DELETE", ["deployments", id]) => Self::DeleteDeployment(id.parse().ok()?),
            ("GET", ["deployments", id, "statuses"]) => Self::ListStatuses(id.parse().ok()?),
            ("POST", ["deployments", id, "statuses"]) => Self::CreateStatus(id.parse().ok()?),
            ("GET", ["commits", reference, "statuses"]) => Self::ListCommitStatuses(reference),
            ("GET", ["commits", reference]) => Self::ShowCommit(reference),
            ("DELETE", ["environments", name]) => Self::DeleteEnvironment(name),
            ("GET", ["environments", name, "secrets", "public-key"]) => Self::ShowPublicKey(name),
            ("PUT", ["environments", environment, "secrets", name]) => Self::PutSecret(environment, name),
            ("GET", ["git", "blobs", sha]) => Self::ShowBlob(sha),
            ("GET", ["git", "trees", name]) => Self::ShowTree(name),
            ("GET", ["tarball", name]) => Self::ShowArchive(name),
            _ => return None,
        })
    }

    pub(super) fn writes(self) -> bool {
        match self {
            Self::ShowRepository
            | Self::ShowPullRequest(_)
            | Self::ListComments(_)
            | Self::ShowComment(_)
            | Self::ListDeployments
            | Self::ShowDeployment(_)
            | Self::ListStatuses(_)
            | Self::ShowPermission(_)
            | Self::ListRuns(_)
            | Self::ListArtifacts(_)
            | Self::ShowArtifact(_)
            | Self::ShowCommit(_)
            | Self::ListCommitStatuses(_)
            | Self::ShowPublicKey(_)
            | Self::ShowBlob(_)
            | Self::ShowTree(_)
            | Self::ShowArchive(_) => false,
            Self::CreateComment(_)
            | Self::EditComment(_)
            | Self::DeleteComment(_)
            | Self::React(_)
            | Self::AddLabels(_)
            | Self::RemoveLabel(..)
            | Self::CreateDeployment
            | Self::DeleteDeployment(_)
            | Self::CreateStatus(_)
            | Self::DeleteEnvironment(_)
            | Self::PutSecret(..) => true,
        }
    }

    /// Whether it needs the permission to administer.
    pub(super) fn administers(self) -> bool {
        matches!(self, Self::DeleteEnvironment(_))
    }

    /// Whether it needs the permission for what environments keep.
    pub(super) fn keeps_secrets(self) -> bool {
        matches!(self, Self::ShowPublicKey(_) | Self::PutSecret(..))
    }

    pub(super) fn documentation(self) -> &'static str {
        match self {
            Self::ShowRepository => "repos/repos#get-a-repository",
            Self::ShowPullRequest(_) => "pulls/pulls#get-a-pull-request",
            Self::ListComments(_) => "issues/comments#list-issue-comments",
            Self::CreateComment(_) => "issues/comments#create-an-issue-comment",
            Self::ShowComment(_) => "issues/comments#get-an-issue-comment",
            Self::EditComment(_) => "issues/comments#update-an-issue-comment",
            Self::DeleteComment(_) => "issues/comments#delete-an-issue-comment",
            Self::React(_) => "reactions/reactions#create-reaction-for-an-issue-comment",
            Self::AddLabels(_) => "issues/labels#add-labels-to-an-issue",
            Self::RemoveLabel(..) => "issues/labels#remove-a-label-from-an-issue",
            Self::ShowPermission(_) => "collaborators/collaborators#get-repository-permissions-for-a-user",
            Self::ListRuns(_) => "actions/workflow-runs#list-workflow-runs-for-a-workflow",
            Self::ListArtifacts(_) => "actions/artifacts#list-workflow-run-artifacts",
            Self::ShowArtifact(_) => "actions/artifacts#download-an-artifact",
            Self::ShowCommit(_) => "commits/commits#get-a-commit",
            Self::ListDeployments => "deployments/deployments#list-deployments",
            Self::CreateDeployment => "deployments/deployments#create-a-deployment",
            Self::ShowDeployment(_) => "deployments/deployments#get-a-deployment",
            Self::DeleteDeployment(_) => "deployments/deployments#delete-a-deployment",
            Self::ListStatuses(_) => "deployments/statuses#list-deployment-statuses",
            Self::CreateStatus(_) => "deployments/statuses#create-a-deployment-status",
            Self::ListCommitStatuses(_) => "commits/statuses#list-commit-statuses-for-a-reference",
            Self::DeleteEnvironment(_) => "deployments/environments#delete-an-environment",
            Self::ShowPublicKey(_) => "actions/secrets#get-an-environment-public-key",
            Self::PutSecret(..) => "actions/secrets#create-or-update-an-environment-secret",
            Self::ShowBlob(_) => "git/blobs#get-a-blob",
            Self::ShowTree(_) => "git/trees#get-a-tree",
            Self::ShowArchive(_) => "repos/contents#download-a-repository-archive-tar",
        }
    }
}
