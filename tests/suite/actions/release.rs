//! A release of the program under test, on a server of this machine.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use super::own;
use crate::world::checked;

/// The release, made once.
pub(crate) static RELEASE: LazyLock<Release> = LazyLock::new(Release::make);

/// What somebody gets who pins a commit of Bivouac.
pub(crate) struct Release {
    /// The tree of that commit, as far as a runner reads it.
    pub(crate) tree: PathBuf,
    /// The runner's tool cache, which all tests share.
    pub(crate) tool_cache: PathBuf,
}

const TARGET: &str = "x86_64-unknown-linux-musl";

impl Release {
    fn make() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("actions");
        let _ = fs::remove_dir_all(&folder);
        let (tree, archives, tool_cache) = (folder.join("tree"), folder.join("archives"), folder.join("tool-cache"));
        for directory in [&tree, &archives, &tool_cache] {
            fs::create_dir_all(directory).unwrap();
        }
        for part in ["action.yml", "actions", "setup", ".github"] {
            run(Command::new("cp").arg("-R").arg(own(part)).arg(&tree));
        }
        let program = folder.join("bivouac");
        run(Command::new("strip").arg("-o").arg(&program).arg(env!("CARGO_BIN_EXE_bivouac")));
        run(Command::new(own("release/pack")).arg(TARGET).arg(&program).arg(&archives));
        let archive = archives.join(format!("bivouac-{}-{TARGET}.tar.gz", env!("CARGO_PKG_VERSION")));
        let hashes = [&archive, &program].map(|file| sha256(file)).join(" ");
        let address = serve(archives);
        let text = format!("version {}\naddress {address}\n{TARGET} {hashes}\n", env!("CARGO_PKG_VERSION"));
        fs::write(tree.join("RELEASE"), text).unwrap();
        Self { tree, tool_cache }
    }
}

fn run(command: &mut Command) {
    checked(&command.output().unwrap());
}

fn sha256(file: &Path) -> String {
    let said = checked(&Command::new("sha256sum").arg(file).output().unwrap());
    said.split_whitespace().next().unwrap().to_owned()
}

/// Serves the files of a folder for as long as the tests run.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = answer(stream, &folder);
        }
    });
    address
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let name = request.split(' ').nth(1).unwrap_or_default().rsplit('/').next().unwrap_or_default();
    match fs::read(folder.join(name)) {
        Ok(bytes) => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len())?;
            stream.write_all(&bytes)
        }
        Err(_) => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    }
}
