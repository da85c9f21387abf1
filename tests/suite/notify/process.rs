//! Who is trusted, and which proxies there are, is said by the environment of a process. So a test may run once more, in a
//! process of its own with another environment, and tell a listener there.

use std::process::{Command, Output};

use bivouac::domain::lifecycle::Step;
use bivouac::effects::notify::Settings;
use bivouac::ports::Listeners as _;

use super::{event, notifier, ops};

/// Where the process finds the listener.
const ADDRESS: &str = "TEST_OF_LISTENERS";

/// Does what the other process is there for, if this is it: tells the listener, and says what came of it.
pub(super) fn is_the_other(settings: Settings) -> bool {
    let Ok(address) = std::env::var(ADDRESS) else { return false };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let undelivered = runtime.block_on(async {
        let notifier = notifier(&format!("ops={address}"), "", settings);
        notifier.tell(&[ops()], &event(Step::Ready));
        notifier.end().await
    });
    let why = undelivered.first().map_or("told", |one| one.why.as_str());
    println!("\noutcome: {why}");
    true
}

/// Runs that test in another process, which tells a listener at that address. Returns why it was in vain, if it was.
pub(super) fn told(test: &str, address: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads", "1"]);
    command.env_clear().env(ADDRESS, address).envs(variables.iter().copied());
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{out}\n{err}");
    let outcome = out.lines().find_map(|line| line.split_once("outcome: "));
    outcome.unwrap_or_else(|| panic!("{out}\n{err}")).1.to_owned()
}
