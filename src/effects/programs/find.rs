//! Which kustomize and helm there are.

use std::path::{Path, PathBuf};

use super::{Kustomize, Programs, run};
use crate::error::Error;

/// The programs that somebody named.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// `kustomize`, or a `kubectl`.
    pub kustomize: Option<PathBuf>,
    /// `helm`.
    pub helm: Option<PathBuf>,
}

impl Programs {
    /// The programs that are named, else those that are found in the folders of `search_path`.
    ///
    /// # Errors
    ///
    /// When a named one is not there.
    pub fn find(named: &Named, search_path: Option<&str>) -> Result<Self, Error> {
        let on_path = |name: &str| search(search_path.unwrap_or_default(), name);
        let kustomize = match &named.kustomize {
            Some(path) => Some(given(path, "--kustomize", search_path)?),
            None => on_path("kustomize").or_else(|| on_path("kubectl")),
        };
        let helm = match &named.helm {
            Some(path) => Some(given(path, "--helm", search_path)?),
            None => on_path("helm"),
        };
        Ok(Self { kustomize: kustomize.map(Kustomize::new), helm, limit: run::LIMIT })
    }
}

impl Kustomize {
    fn new(program: PathBuf) -> Self {
        let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let verb = if name.starts_with("kubectl") { "kustomize" } else { "build" };
        Self { program, verb }
    }
}

/// A program by its path; by its name alone where that says no folder.
fn given(path: &Path, option: &str, search_path: Option<&str>) -> Result<PathBuf, Error> {
    let is_name = path.components().count() == 1 && path.is_relative();
    let by_name = || search(search_path.unwrap_or_default(), &path.to_string_lossy());
    let found = if is_name { by_name() } else { path.is_file().then(|| path.to_owned()) };
    found.ok_or_else(|| Error::Usage {
        message: format!("`{option} {}` names no program", path.display()),
        hint: "give the path of the program, or leave the option out to have it looked for",
    })
}

fn search(path: &str, name: &str) -> Option<PathBuf> {
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(name)).find(|program| is_program(program))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
