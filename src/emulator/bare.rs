//! The bare repositories, and how `git` is run on them: by itself, without anybody's configuration.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::EmulatorError;
use super::names::RepositoryName;

/// What GitHub allows, and nothing that would go on after a push has been answered.
const CONFIGURATION: &str = "\
[http]
\treceivepack = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[receive]
\tautogc = false
[gc]
\tauto = 0
";

/// Where git's programs, the repositories and the empty home are.
pub(super) struct GitPrograms {
    http_backend: PathBuf,
    repositories: PathBuf,
    home: PathBuf,
    search_path: OsString,
}

impl GitPrograms {
    /// Finds git, and makes the folders it needs in `folder`.
    pub(super) async fn find(folder: &Path) -> Result<Self, EmulatorError> {
        let mut programs = Self {
            http_backend: PathBuf::new(),
            repositories: folder.join("repositories"),
            home: folder.join("home"),
            // Hooks are scripts, and git finds itself there.
            search_path: std::env::var_os("PATH").unwrap_or_default(),
        };
        for folder in [&programs.repositories, &programs.home] {
            fs::create_dir(folder).map_err(EmulatorError::Folder)?;
        }
        let programs_folder = programs.git(&["--exec-path"]).await?;
        programs.http_backend = Path::new(programs_folder.trim()).join("git-http-backend");
        if programs.http_backend.is_file() {
            Ok(programs)
        } else {
            Err(EmulatorError::NoHttpBackend(programs.http_backend.display().to_string()))
        }
    }

    pub(super) fn repositories(&self) -> &Path {
        &self.repositories
    }

    /// The folder of a repository that exists.
    pub(super) fn folder(&self, name: &RepositoryName) -> Option<PathBuf> {
        Some(self.folder_for(name)).filter(|folder| folder.is_dir())
    }

    /// Makes an empty repository whose default branch is `main`.
    pub(super) async fn create(&self, name: &RepositoryName) -> Result<PathBuf, EmulatorError> {
        let folder = self.folder_for(name);
        if folder.exists() {
            return Err(EmulatorError::RepositoryExists(name.to_string()));
        }
        // Without a template there are no sample hooks; tests put real ones into `hooks`.
        let path = folder.to_string_lossy();
        self.git(&["init", "--quiet", "--bare", "--initial-branch=main", "--template=", &path]).await?;
        fs::create_dir_all(folder.join("hooks")).map_err(EmulatorError::Folder)?;
        let configuration = folder.join("config");
        let written = fs::read_to_string(&configuration).map_err(EmulatorError::Folder)?;
        fs::write(&configuration, written + CONFIGURATION).map_err(EmulatorError::Folder)?;
        Ok(folder)
    }

    /// `git http-backend` in an environment that holds nothing but what git needs.
    pub(super) fn http_backend(&self) -> Command {
        let mut command = self.hermetic(&self.http_backend);
        command.env("GIT_PROJECT_ROOT", &self.repositories).env("GIT_HTTP_EXPORT_ALL", "1");
        command
    }

    /// What a repository's `pre-receive` hook has against a move of a ref, if there is such a hook.
    pub(super) fn ask_hook(&self, folder: &Path, old: &str, new: &str, name: &str) -> Result<(), String> {
        let hook = folder.join("hooks/pre-receive");
        if !hook.is_file() {
            return Ok(());
        }
        let mut command = self.hermetic(&hook).into_std();
        command.current_dir(folder).env("GIT_DIR", ".").stdin(Stdio::piped()).stdout(Stdio::null());
        let asked = command.stderr(Stdio::piped()).spawn().and_then(|mut child| {
            if let Some(mut stdin) = child.stdin.take() {
                // A hook need not read what it is told.
                let _closed_early = writeln!(stdin, "{old} {new} {name}");
            }
            child.wait_with_output()
        });
        match asked {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(failure) => Err(format!("cannot run the hook: {failure}")),
        }
    }

    /// `git` itself, in the same environment.
    pub(super) fn git_program(&self) -> Command {
        self.hermetic(Path::new("git"))
    }

    async fn git(&self, arguments: &[&str]) -> Result<String, EmulatorError> {
        let output = self.git_program().args(arguments).stdin(Stdio::null()).output().await;
        let output = output.map_err(EmulatorError::Git)?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(EmulatorError::GitFailed { arguments: arguments.join(" "), output: said })
        }
    }

    fn hermetic(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", &self.search_path)
            .env("HOME", &self.home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .kill_on_drop(true);
        command
    }

    fn folder_for(&self, name: &RepositoryName) -> PathBuf {
        self.repositories.join(name.owner()).join(format!("{}.git", name.name()))
    }
}
