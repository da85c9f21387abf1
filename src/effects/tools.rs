//! What the programs that checks run say of their versions.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use crate::domain::diagnosis::tools::{Tool, ToolSeen};
use crate::env;
use crate::ports::Tools;

/// How long a program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(15);
/// The most that is read of what it says, in bytes.
const MOST: u64 = 16 * 1024;

/// The programs as they were named, or as they are found.
#[derive(Debug, Clone, Default)]
pub struct Programs {
    /// Where kustomize is; `kustomize`, or else `kubectl`, if not named.
    pub kustomize: Option<PathBuf>,
    /// Where helm is; `helm` if not named.
    pub helm: Option<PathBuf>,
}

impl Tools for Programs {
    async fn version(&self, tool: Tool) -> ToolSeen {
        let (named, own, of_kubectl) = (["version"].as_slice(), "kustomize", ["version", "--client"].as_slice());
        match (tool, &self.kustomize, &self.helm) {
            (Tool::Kustomize, Some(path), _) => {
                let is_kubectl = path.file_stem().is_some_and(|name| name.to_string_lossy().contains("kubectl"));
                asked(path.clone(), if is_kubectl { of_kubectl } else { named }).await
            }
            (Tool::Kustomize, None, _) => match asked(own.into(), named).await {
                ToolSeen::Missing => asked("kubectl".into(), of_kubectl).await,
                seen => seen,
            },
            (Tool::Helm, _, path) => {
                asked(path.clone().unwrap_or_else(|| "helm".into()), &["version", "--short"]).await
            }
        }
    }
}

async fn asked(program: PathBuf, arguments: &[&str]) -> ToolSeen {
    let place = program.display().to_string();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    env::keep_from_renderer(&mut command);
    match tokio::time::timeout(PATIENCE, said(command)).await {
        Ok(Ok(text)) => ToolSeen::Says { place, text },
        Ok(Err(why)) if why.kind() == io::ErrorKind::NotFound => ToolSeen::Missing,
        Ok(Err(why)) => ToolSeen::Failed { place, why: why.to_string() },
        Err(_) => ToolSeen::Failed { place, why: format!("it takes longer than {} seconds", PATIENCE.as_secs()) },
    }
}

/// What a program prints, as far as it is read. One that is given up is ended.
async fn said(command: Command) -> io::Result<String> {
    let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
    let mut text = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MOST).read_to_end(&mut text).await?;
    }
    // Its end of the pipe is closed here: one that goes on printing ends by that.
    let status = child.wait().await?;
    if !status.success() && text.len() < usize::try_from(MOST).unwrap_or(usize::MAX) {
        return Err(io::Error::other(format!("it ended with {status}")));
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    async fn seen(script: &str) -> ToolSeen {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("helm");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let programs = Programs { helm: Some(path), ..Programs::default() };
        match programs.version(Tool::Helm).await {
            ToolSeen::Says { text, .. } => ToolSeen::Says { place: String::new(), text },
            ToolSeen::Failed { why, .. } => ToolSeen::Failed { place: String::new(), why },
            ToolSeen::Missing => ToolSeen::Missing,
        }
    }

    fn says(text: &str) -> ToolSeen {
        ToolSeen::Says { place: String::new(), text: text.to_owned() }
    }

    #[tokio::test]
    async fn a_program_says_its_version_and_gets_no_secret() {
        assert_eq!(seen("echo \"v3.8.1 $*\"").await, says("v3.8.1 version --short\n"));
        let ToolSeen::Failed { why, .. } = seen("echo v3.8.1; exit 3").await else { panic!() };
        assert!(why.contains('3'), "{why}");
        let ToolSeen::Says { text, .. } = seen("yes v3.8.1").await else { panic!() };
        assert_eq!(text.len(), 16 * 1024);
    }

    #[tokio::test]
    async fn one_that_is_not_there_is_missing() {
        let programs = Programs { helm: Some("/nowhere/helm".into()), kustomize: Some("/nowhere/kustomize".into()) };
        assert_eq!(programs.version(Tool::Helm).await, ToolSeen::Missing);
        assert_eq!(programs.version(Tool::Kustomize).await, ToolSeen::Missing);
    }
}
