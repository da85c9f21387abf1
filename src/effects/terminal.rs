//! A terminal that shows nothing of what is typed.

use std::io::{self, BufRead as _, Read as _};

/// The most bytes that a terminal hands over of one line: what is typed beyond is lost.
/// <https://man7.org/linux/man-pages/man3/termios.3.html>, canonical mode
const LONGEST_LINE: usize = 4095;

/// One line that is typed at standard input, of which nothing is shown.
///
/// # Errors
///
/// When standard input is no terminal, can not be read, or the line is too long for one.
pub async fn unseen_line(prompt: impl FnOnce()) -> io::Result<Vec<u8>> {
    // It ends with this future, which a signal drops.
    let _unseen = Unseen::begin()?;
    prompt();
    let line = tokio::task::spawn_blocking(read_line).await;
    line.map_err(io::Error::other).and_then(|line| line)
}

fn read_line() -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    io::stdin().lock().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line)?;
    if line.len() >= LONGEST_LINE {
        return Err(io::Error::other(format!("a line at a terminal has less than {LONGEST_LINE} bytes: use `--file`")));
    }
    Ok(line)
}

/// That the terminal at standard input shows nothing; it shows what is typed again when this goes.
struct Unseen {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl Unseen {
    fn begin() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin())?;
        let mut unseen = before.clone();
        unseen.local_modes.remove(LocalModes::ECHO);
        unseen.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON);
        tcsetattr(io::stdin(), OptionalActions::Now, &unseen)?;
        Ok(Self { before })
    }
}

#[cfg(unix)]
impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, &self.before);
    }
}

#[cfg(not(unix))]
impl Unseen {
    fn begin() -> io::Result<Self> {
        Err(io::Error::other("this terminal can not be kept from showing what is typed: use `--file`, or a pipe"))
    }
}
