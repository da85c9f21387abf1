//! A release of the program under test, on a server of this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::files::{sha256, top};
use crate::installer::server::{Reply, Server};
use crate::world::checked;

/// The release, made once.
pub(crate) static RELEASE: LazyLock<Release> = LazyLock::new(Release::make);

/// What somebody gets who pins a commit of Bivouac.
pub(crate) struct Release {
    /// The tree of that commit, as far as a runner reads it.
    pub(crate) tree: PathBuf,
    /// The runner's tool cache, which all tests share.
    pub(crate) tool_cache: PathBuf,
    /// Where its archive is, for as long as the tests run.
    _server: Server,
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
            run(Command::new("cp").arg("-R").arg(top().join(part)).arg(&tree));
        }
        let program = folder.join("bivouac");
        run(Command::new("strip").arg("-o").arg(&program).arg(env!("CARGO_BIN_EXE_bivouac")));
        run(Command::new(top().join("release/pack")).arg(TARGET).arg(&program).arg(&archives));
        let archive = archives.join(format!("bivouac-{}-{TARGET}.tar.gz", env!("CARGO_PKG_VERSION")));
        let [archive, program] = [archive, program].map(|file| fs::read(file).unwrap());
        let hashes = [&archive, &program].map(|bytes| sha256(bytes)).join(" ");
        let server = Server::saying(Reply::Whole(archive));
        let address = server.address();
        let text = format!("version {}\naddress {address}\n{TARGET} {hashes}\n", env!("CARGO_PKG_VERSION"));
        fs::write(tree.join("RELEASE"), text).unwrap();
        Self { tree, tool_cache, _server: server }
    }
}

fn run(command: &mut Command) {
    checked(&command.output().unwrap());
}
