//! How many instructions a function takes, counted by valgrind: the same on every run, however busy the machine is.

use std::error::Error;
use std::io::{Write as _, stderr, stdout};
use std::process::Command;

use crate::{ENTRIES, functions};

/// What may fail here, with whatever went wrong.
pub(crate) type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What makes this program run one function several times.
pub(crate) const REPEAT: &str = "repeat";
/// How often more the second count is of, so that what comes before and once is in neither.
const MORE: u64 = 3;

/// Prints a line for each function: its name as in divan's table, a tab, and the number.
pub(crate) fn print() -> Fallible<()> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        writeln!(stderr(), "there is no `valgrind`: the instructions are not counted")?;
        return Ok(());
    }
    for (name, _, is_sized) in functions::ALL {
        for entries in if is_sized { &ENTRIES[..] } else { &[0] } {
            let row = if is_sized { format!("{name}, {entries}") } else { name.to_owned() };
            let instructions = (count(name, *entries, 1 + MORE)? - count(name, *entries, 1)?) / MORE;
            writeln!(stdout(), "{row}\t{instructions}")?;
        }
    }
    Ok(())
}

/// Runs a function.
pub(crate) fn repeat(name: &str, entries: usize, times: usize) -> Fallible<()> {
    let found = functions::ALL.into_iter().find(|(known, _, _)| *known == name);
    let (_, prepare, _) = found.ok_or_else(|| format!("there is no function `{name}`"))?;
    let function = prepare(entries);
    (0..times).for_each(|_| function());
    Ok(())
}

/// All instructions of a process that runs a function that often.
fn count(name: &str, entries: usize, times: u64) -> Fallible<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    command.arg(std::env::current_exe()?).args([REPEAT, name, &entries.to_string(), &times.to_string()]);
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    // `==1== I   refs:      6,860,443`, with one blank in newer versions.
    let refs =
        said.lines().filter_map(|line| line.split_once("refs:")).find(|(what, _)| what.trim_end().ends_with(" I"));
    let number = refs.filter(|_| output.status.success()).map(|(_, number)| number.replace(',', ""));
    let number = number.ok_or_else(|| format!("valgrind failed: {said}"))?;
    Ok(number.trim().parse()?)
}
