//! What others rely on: the exit codes and the names of the outputs.

/// How the program ends. Documented in `--help` and `docs/reference/exit-codes.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done, unchanged, or not done for a stated reason.
    Done = 0,
    /// Anything that has no better code.
    Failed = 1,
    /// No event file, an event of another kind, no such pull request, an image that the configuration does not know.
    Usage = 2,
    /// `bivouac.yaml`, base, a missing branch, an empty apps repository.
    Configuration = 3,
    /// Wrong credentials, a read-only token, branch protection, a hook's refusal.
    NotAllowed = 4,
    /// The tip kept moving for longer than `--patience`.
    Contended = 5,
    /// A remote can not be reached, or keeps failing.
    Unreachable = 6,
    /// A repository that is not configured, a symbolic link or a file in the way.
    Unsafe = 7,
    /// Something differs from what is wanted, and was to be told only.
    Drift = 8,
    /// Keys that no sink took.
    EscrowInLog = 9,
    /// Somebody else has to give something first.
    Waiting = 10,
    /// The runner or a token is not set up for what is asked.
    SetUp = 11,
    /// What was looked at can not be released.
    Blocked = 12,
}

impl ExitCode {
    /// Every code with its meaning, in order.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::Done, "done, unchanged, or not done for a stated reason"),
        (Self::Failed, "anything that has no better code"),
        (Self::Usage, "usage: no event file, an event of another kind, no such pull request, an unknown image"),
        (Self::Configuration, "`bivouac.yaml`, base, a missing branch, an empty apps repository"),
        (Self::NotAllowed, "not allowed: wrong credentials, a read-only token, branch protection, a hook's refusal"),
        (Self::Contended, "the tip kept moving for longer than `--patience`"),
        (Self::Unreachable, "a remote can not be reached, or keeps failing"),
        (
            Self::Unsafe,
            "refused for safety: a repository that is not configured, a symbolic link or a file in the way, a Vault or an escrow that is not the expected one",
        ),
        (Self::Drift, "drift, found by `--check`"),
        (Self::EscrowInLog, "the keys of the Vault are in the log only, encrypted: no sink took them"),
        (Self::Waiting, "waiting for shares, or for an identity that opens the escrow"),
        (Self::SetUp, "a set-up problem: a tool, a token or a permission that a check needs is missing"),
        (Self::Blocked, "a problem that blocks a release: a check refuses it, or the preview did not get ready"),
    ];
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// A name that others rely on, such as that of an output or an input, with its meaning.
pub type Described = (&'static str, &'static str);

/// The outputs of `teardown`, and of `deploy` but for what it says of waiting, with what they hold, in the order in which they are shown.
pub const PREVIEW_OUTPUTS: [Described; 9] = [
    ("result", "`created`, `updated`, `unchanged`, `removed`, `absent`, `kept`, `superseded` or `refused`"),
    ("reason", "why, where nothing was put up"),
    ("url", "the address of the preview; blank when there is none now"),
    ("host", "the host of the preview"),
    ("name", "the name of the preview"),
    ("namespace", "the namespace of the preview"),
    ("overlay", "the directory of the preview in the apps repository"),
    ("apps-commit", "the commit in the apps repository, where there was something to change"),
    ("comment-url", "the comment on the pull request"),
];

/// What `deploy` hands over besides.
pub const READY_AFTER: Described =
    ("ready-after", "for how many seconds the preview was waited for, where it got ready");

/// The outputs of `deploy`, with what they hold, in the order in which they are shown.
pub const DEPLOY_OUTPUTS: [Described; 10] = [
    (
        "result",
        "`created`, `updated`, `unchanged`, `removed`, `absent`, `kept`, `superseded` or `refused`; with `wait`, `ready` or `failed` in place of the first three",
    ),
    PREVIEW_OUTPUTS[1],
    PREVIEW_OUTPUTS[2],
    PREVIEW_OUTPUTS[3],
    PREVIEW_OUTPUTS[4],
    PREVIEW_OUTPUTS[5],
    PREVIEW_OUTPUTS[6],
    PREVIEW_OUTPUTS[7],
    PREVIEW_OUTPUTS[8],
    READY_AFTER,
];

/// The outputs of `command`, with what they hold, in the order in which they are shown.
pub const COMMAND_OUTPUTS: [Described; 10] = [
    (
        "command",
        "what was asked for: `deploy`, `remove`, `keep`, `extend`, `status`, `approve` or `help`; blank where the comment was none of these",
    ),
    (
        "result",
        "`created`, `updated`, `unchanged`, `removed`, `absent`, `kept`, `superseded` or `refused`; blank where nothing was followed",
    ),
    PREVIEW_OUTPUTS[1],
    PREVIEW_OUTPUTS[2],
    PREVIEW_OUTPUTS[3],
    PREVIEW_OUTPUTS[4],
    PREVIEW_OUTPUTS[5],
    PREVIEW_OUTPUTS[6],
    PREVIEW_OUTPUTS[7],
    PREVIEW_OUTPUTS[8],
];

/// The outputs of `wait`, with what they hold, in the order in which they are shown.
pub const WAIT_OUTPUTS: [Described; 9] = [
    ("result", "`ready`, `failed`, `superseded` or `absent`"),
    ("reason", "why it was not waited for, or not to the end"),
    PREVIEW_OUTPUTS[2],
    PREVIEW_OUTPUTS[3],
    PREVIEW_OUTPUTS[4],
    PREVIEW_OUTPUTS[5],
    PREVIEW_OUTPUTS[6],
    PREVIEW_OUTPUTS[8],
    READY_AFTER,
];

/// The outputs of `sweep`, with what they hold, in the order in which they are shown.
pub const SWEEP_OUTPUTS: [Described; 4] = [
    ("removed", "the previews that were taken down, as a JSON list of names"),
    ("announced", "the previews whose pull request was told something, as a JSON list of names"),
    ("failed", "the previews and roots with which something went wrong, as a JSON list of names"),
    ("apps-commit", "the commit in the apps repository, where there was something to change"),
];

/// The outputs of `list`, with what they hold, in the order in which they are shown.
pub const LIST_OUTPUTS: [Described; 2] = [
    ("previews", "the previews, oldest first, as a JSON list of what `list --format json` prints of each"),
    ("count", "how many there are"),
];

/// The outputs of `history`, with what they hold, in the order in which they are shown.
pub const HISTORY_OUTPUTS: [Described; 2] =
    [("count", "how many lives of previews there were"), ("up", "how many of them have not ended")];

/// The outputs of `secrets put`, `copy` and `remove`, with what they hold, in the order in which they are shown.
pub const SECRETS_OUTPUTS: [Described; 2] = [
    ("result", "`created`, `updated` or `unchanged`; of `remove`, `removed` or `absent`"),
    ("path", "where the preview's own secrets are, or were, below the mount; one path a line"),
];

/// The outputs of `bootstrap-vault`, with what they hold, in the order in which they are shown.
pub const VAULT_OUTPUTS: [Described; 11] = [
    ("vault-address", "the address of the active node"),
    ("changed", "`true` when something was changed"),
    (
        "state",
        "the state that the Vault was found in: `uninitialised`, `data-lost`, `init-lost`, `sealed`, `half-unsealed`, `not-joined`, `unsealed`, `foreign`, `wrong-cluster`, `not-supported` or `unreachable`",
    ),
    ("approle-role-id", "the role-id of the deployer"),
    ("approle-secret-id-file", "the file (mode 0600) with the secret-id of the deployer, where one was minted"),
    (
        "approle-secret-id",
        "the secret-id itself, where one was minted and `output-secret-id` asks for it; it does not cross jobs",
    ),
    ("reader-role-id", "the role-id of the External Secrets reader"),
    ("reader-secret-id-file", "the file (mode 0600) with the secret-id of the reader, where it was asked for"),
    ("application-role-ids", "the role-ids of the applications, as lines `NAME=ROLE-ID`"),
    (
        "application-secret-id-files",
        "the files (mode 0600) with their secret-ids, where they were asked for, as lines `NAME=PATH`",
    ),
    ("escrow", "where the encrypted keys are kept, one place a line"),
];

/// The outputs of `validate`, with what they hold, in the order in which they are shown.
pub const VALIDATE_OUTPUTS: [Described; 3] = [
    ("overlays", "how many overlays were checked"),
    ("refusals", "how many findings refuse an overlay"),
    ("warnings", "how many findings are only told"),
];

/// The verbs that are packaged as composite actions, each with its outputs.
pub const ACTIONS: [(&str, &[Described]); 9] = [
    ("deploy", &DEPLOY_OUTPUTS),
    ("teardown", &PREVIEW_OUTPUTS),
    ("wait", &WAIT_OUTPUTS),
    ("command", &COMMAND_OUTPUTS),
    ("sweep", &SWEEP_OUTPUTS),
    ("list", &LIST_OUTPUTS),
    ("validate", &VALIDATE_OUTPUTS),
    ("bootstrap-vault", &VAULT_OUTPUTS),
    ("vault-cleanup", &[]),
];

/// The secrets that an action takes as inputs, where the verb has an option for the file that holds one.
pub const SECRET_INPUTS: [Described; 5] = [
    (
        "apps-token",
        "The token for the apps repository, with `contents: write` there: it reads and writes it, whichever the backend; `contents: read` does where nothing is written. Without it the GitHub token is used, on GitHub's own server only",
    ),
    (
        "github-token",
        "The token that reads pull requests and writes comments and deployments; the workflow's own if not given",
    ),
    (
        "notify-addresses",
        "The addresses of those whom `notify` of `bivouac.yaml` names, one a line: `NAME=https://…`. They are told what becomes of previews",
    ),
    (
        "notify-secrets",
        "The secrets that events for them are signed with, one a line: `NAME=whsec_…`. Two lines of one name sign twice, while a receiver changes from one to the other",
    ),
    (
        "vault-secret-id",
        "The secret-id for the login to the Vault by AppRole, which goes with `vault-role-id`. It removes what a preview has for itself there, when the preview goes",
    ),
];

/// The secrets that `bootstrap-vault` takes as inputs. They are variables of its step, and no options.
pub const VAULT_SECRET_INPUTS: [Described; 4] = [
    (
        "age-identity",
        "The private key that opens the escrow: an `age` identity, or an SSH private key. Without it the run stops where the escrow has to be opened",
    ),
    ("unseal-shares", "Unseal shares that people give by hand, apart by blanks or line ends"),
    (
        "vault-token",
        "A token of the Vault, where there is no other way to log in; `VAULT_TOKEN` of the job if not given",
    ),
    (
        "environment-token",
        "The token with `environments: write` that puts the login into the environment that `secrets-environment` names; the workflow's own can not do that",
    ),
];

/// What `setup/install.sh` is told, as inputs of every action. Their variables begin with `BIVOUAC_SETUP_`.
pub const SETUP_INPUTS: [Described; 3] = [
    ("binary", "A `bivouac` that is on the runner already: its path. Nothing is downloaded then"),
    (
        "build-from-source",
        "`true` builds Bivouac from the commit of this action, with the runner's Rust, in place of downloading it",
    ),
    (
        "mirror",
        "Where the archives of the release are, for runners that do not reach github.com: an `https://` address",
    ),
];

/// The outputs of the action `setup`.
pub const SETUP_OUTPUTS: [Described; 2] =
    [("path", "where `bivouac` is: hand it to later steps as a variable, and run that"), ("version", "its version")];
