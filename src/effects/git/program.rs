//! Git's protocol over a program: `ssh`, with strict host keys and without questions, or `git` on this machine.

use std::io::{self, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use super::HeldFile;
use super::address::SshAddress;
use super::connection::Service;
use crate::env;
use crate::ports::AppsError;

/// What answers for a repository.
pub(super) enum Program {
    /// A server that is reached by `ssh`.
    Ssh(SshLogin),
    /// `git` itself, for a repository on this machine. libgit2's own way there heeds no hook, and overwrites what others push at
    /// the same time.
    Git(PathBuf),
}

/// An SSH server, and how to log in there.
pub(super) struct SshLogin {
    pub(super) address: SshAddress,
    /// The private key; the user's own set-up without it.
    pub(super) key: Option<HeldFile>,
    /// The host keys that are trusted; the user's own without it.
    pub(super) known_hosts: Option<HeldFile>,
}

/// A repository that a program answers for.
pub(super) struct ProgramConnection {
    pub(super) program: Program,
    pub(super) repository: String,
}

impl ProgramConnection {
    pub(super) fn open(&self, service: Service) -> Result<ProgramStream, AppsError> {
        let service = service.name();
        let (name, mut command) = match &self.program {
            Program::Ssh(login) => ("ssh", login.command(service)),
            Program::Git(path) => {
                let mut command = Command::new("git");
                command.arg(service).arg(path);
                ("git", command)
            }
        };
        env::keep_from(&mut command);
        command.env("GIT_PROTOCOL", "version=2");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|why| {
            let message = format!("the `{name}` program does not start: {why}");
            AppsError::Local { message }
        })?;
        let (Some(input), Some(output), Some(mut errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(AppsError::Local { message: format!("the `{name}` program has no pipes") });
        };
        let errors = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = errors.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        let (output, errors, repository) = (BufReader::new(output), Some(errors), self.repository.clone());
        Ok(ProgramStream { child, input: Some(input), output, errors, repository })
    }
}

impl SshLogin {
    fn command(&self, service: &str) -> Command {
        let mut command = Command::new("ssh");
        command.args(["-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=15"]);
        command.args(["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"]);
        command.args(["-o", "SendEnv=GIT_PROTOCOL"]);
        if let Some(key) = &self.key {
            command.args(["-F", "none", "-o", "IdentitiesOnly=yes", "-i"]).arg(key.path());
        }
        if let Some(known_hosts) = &self.known_hosts {
            command.arg("-o").arg(format!("UserKnownHostsFile=\"{}\"", known_hosts.path().display()));
            command.args(["-o", "GlobalKnownHostsFile=none"]);
        }
        if let Some(port) = self.address.port {
            command.args(["-p", &port.to_string()]);
        }
        if let Some(user) = &self.address.user {
            command.args(["-l", user]);
        }
        // The address was parsed so that neither the host nor the path can be taken for anything else.
        command.args(["--", &self.address.host, &format!("git-{service} '{}'", self.address.path)]);
        command
    }
}

/// One run of the program.
pub(super) struct ProgramStream {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    errors: Option<JoinHandle<String>>,
    repository: String,
}

impl ProgramStream {
    /// Sends a request.
    pub(super) fn send(&mut self, request: &[u8]) -> io::Result<()> {
        let Some(input) = &mut self.input else { return Err(self.explained(io::ErrorKind::BrokenPipe.into())) };
        let sent = input.write_all(request).and_then(|()| input.flush());
        sent.map_err(|why| self.explained(why))
    }

    /// The other end has hung up: when the program failed, its words say why.
    fn explained(&mut self, why: io::Error) -> io::Error {
        self.input = None;
        let failed = self.child.wait().is_ok_and(|status| !status.success());
        let words = self.errors.take().and_then(|errors| errors.join().ok()).unwrap_or_default();
        if failed { io::Error::other(explain(&self.repository, &words)) } else { why }
    }
}

impl Read for ProgramStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.output.read(buffer) {
            Ok(0) if !buffer.is_empty() => Err(self.explained(io::ErrorKind::UnexpectedEof.into())),
            read => read,
        }
    }
}

impl Drop for ProgramStream {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the words of `ssh`, or of the `git` behind it, come to.
fn explain(repository: &str, words: &str) -> AppsError {
    let repository = repository.to_owned();
    let message: String =
        words.trim().chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let says = |part: &str| message.to_ascii_lowercase().contains(part);
    if says("remote host identification has changed") {
        let message =
            "its host key is not the one that is trusted: ask its owner for the new one, somebody may be in between"
                .to_owned();
        AppsError::Address { repository, message }
    } else if says("host key verification failed") {
        let message = "its host key is not known: put it into `--ssh-known-hosts`".to_owned();
        AppsError::Address { repository, message }
    } else if says("repository not found") || says("does not appear to be a git repository") || says("does not exist") {
        AppsError::NoRepository { repository, message }
    } else if says("permission denied") {
        AppsError::BadCredentials { repository, message }
    } else {
        AppsError::Unreachable { repository, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_ssh_are_understood() {
        let kind = |words: &str| match explain("ssh://host/x", words) {
            AppsError::Address { .. } => "address",
            AppsError::NoRepository { .. } => "no repository",
            AppsError::BadCredentials { .. } => "credentials",
            _ => "unreachable",
        };
        let table = [
            ("Host key verification failed.\r\n", "address"),
            ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.", "address"),
            ("git@host: Permission denied (publickey).", "credentials"),
            ("ERROR: Repository not found.", "no repository"),
            ("fatal: '/srv/x' does not appear to be a git repository", "no repository"),
            ("ssh: connect to host x port 22: Connection refused", "unreachable"),
            ("ssh: Could not resolve hostname x", "unreachable"),
        ];
        for (words, expected) in table {
            assert_eq!(kind(words), expected, "{words}");
        }
    }
}
