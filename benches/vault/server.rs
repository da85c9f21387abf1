//! A real OpenBao server in memory, on loopback.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::Fallible;

/// The server. It is stopped when this goes.
pub(super) struct Server {
    process: Child,
    port: u16,
    audit: PathBuf,
}

impl Server {
    /// Starts it, and waits until it listens.
    pub(super) fn start(program: &Path, folder: &Path) -> Fallible<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let audit = folder.join("audit.log");
        let configuration = format!(
            "storage \"inmem\" {{}}\nlistener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n  tls_disable = true\n}}\napi_addr = \"http://127.0.0.1:{port}\"\naudit \"file\" \"file\" {{\n  options {{\n    file_path = \"{}\"\n  }}\n}}\n",
            audit.display()
        );
        let file = folder.join("server.hcl");
        fs::write(&file, configuration)?;
        let process = Command::new(program)
            .arg("server")
            .arg(format!("-config={}", file.display()))
            .env_clear()
            .env("HOME", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|why| format!("`{}` does not start ({why}): `make tools` brings it", program.display()))?;
        let server = Self { process, port, audit };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err("the server does not listen".into())
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many requests its audit log has.
    pub(super) fn requests(&self) -> Fallible<usize> {
        Ok(fs::read_to_string(&self.audit)?.lines().filter(|line| line.contains("\"type\":\"request\"")).count())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
