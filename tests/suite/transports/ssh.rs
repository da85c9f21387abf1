//! SSH, with a real server and the `ssh` program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bivouac::emulator::Verdict;
use tempfile::TempDir;

use super::{both_landed, deploy, left_behind, live_a_whole_life, move_the_tip_once, wait_for_a_fetch};
use crate::files::write_program;
use crate::world::{Run, World, checked, sha, tools};

/// The server of `tests/parts/ssh_server.py` in front of the emulator's repositories.
struct Server {
    child: Child,
    port: u16,
    keys: TempDir,
}

impl Server {
    fn start(world: &World) -> Self {
        let keys = TempDir::new().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parts/ssh_server.py");
        let mut child = Command::new("python3")
            .arg("-P")
            .args([&script, world.emulator.repositories(), keys.path()])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", world.home.path())
            .env("PYTHONPATH", tools().join("python"))
            .env("PYTHONNOUSERSITE", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let port = port.trim().parse().expect("the SSH server says its port: `make tools` brings what it needs");
        Self { child, port, keys }
    }

    fn key(&self, name: &str) -> PathBuf {
        self.keys.path().join(name)
    }

    fn address(&self, repository: &str) -> String {
        format!("ssh://git@127.0.0.1:{}/{repository}", self.port)
    }

    /// Sends a command here, with the key that may log in.
    fn reach(&self, command: &mut Command) {
        command
            .env("BIVOUAC_APPS_REPOSITORY", self.address("acme/apps.git"))
            .env("BIVOUAC_SSH_KEY", self.key("client"))
            .env("BIVOUAC_SSH_KNOWN_HOSTS", self.key("known_hosts"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}

fn started() -> (World, Server) {
    let world = World::new();
    let server = Server::start(&world);
    world.open(7, &sha('a'));
    (world, server)
}

/// A deploy whose `ssh` would ask a program that notes it was asked; it never is.
fn deploy_unasked(world: &World, over: &dyn Fn(&mut Command)) -> Run {
    let (program, note) = (world.home.path().join("askpass"), world.home.path().join("note"));
    write_program(&program, &format!("#!/bin/sh\ntouch '{}'\n", note.display()));
    let run = deploy(world, 'a', &|command| {
        over(command);
        command.env("SSH_ASKPASS", &program).env("SSH_ASKPASS_REQUIRE", "force").env("DISPLAY", ":0");
    });
    assert!(!note.exists(), "somebody was asked:\n{}", run.stderr);
    run
}

#[test]
fn a_preview_lives_over_ssh() {
    let world = World::new();
    let server = Server::start(&world);
    live_a_whole_life(&world, &|command| server.reach(command));
}

#[test]
fn the_key_and_the_hosts_are_options_too() {
    let (world, server) = started();
    let (key, hosts, address) = (server.key("client"), server.key("known_hosts"), server.address("acme/apps.git"));
    let (key, hosts) = (key.to_str().unwrap(), hosts.to_str().unwrap());
    let options = ["--apps-repository", &address, "--ssh-key", key, "--ssh-known-hosts", hosts];
    assert_eq!(world.on_event("deploy", "opened", 7, &sha('a'), &options).ok().output("result"), "created");
}

#[test]
fn the_variables_may_hold_the_key_and_the_hosts_themselves() {
    let (world, server) = started();
    let [key, host] = ["client", "known_hosts"].map(|name| fs::read_to_string(server.key(name)).unwrap());
    let another = host.replace("127.0.0.1", "127.0.0.2");
    for (digit, hosts) in [('a', format!("{another}{host}")), ('b', host)] {
        world.push(7, &sha(digit));
        let run = deploy(&world, digit, &|command| {
            server.reach(command);
            command.env("BIVOUAC_SSH_KEY", &key).env("BIVOUAC_SSH_KNOWN_HOSTS", &hosts);
        });
        let unmasked: String = run.stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
        assert!(!unmasked.contains(key.lines().nth(1).unwrap()), "{unmasked}");
        assert_eq!(run.ok().output("apps-commit"), world.tip());
    }
}

#[test]
fn a_run_that_is_cancelled_leaves_no_key_behind() {
    for signal in ["INT", "TERM"] {
        let (world, server) = started();
        world.intercept(|_| {
            std::thread::sleep(Duration::from_secs(3));
            Verdict::Pass
        });
        let mut command = world.event_command("deploy", "opened", 7, &sha('a'), &[]);
        server.reach(&mut command);
        let key = fs::read_to_string(server.key("client")).unwrap();
        let mut running = command.env("BIVOUAC_SSH_KEY", key).stderr(Stdio::null()).spawn().unwrap();
        wait_for_a_fetch(world.home.path());
        let sent = Command::new("kill").args(["-s", signal, &running.id().to_string()]).status().unwrap();
        assert!(sent.success() && !running.wait().unwrap().success());
        assert_eq!(left_behind(&world), Vec::<String>::new(), "after SIG{signal}");
    }
}

#[test]
fn a_host_key_that_is_not_known_is_refused() {
    let (world, server) = started();
    let nobody = server.key("nobody");
    fs::write(&nobody, "").unwrap();
    let run = deploy_unasked(&world, &|command| {
        server.reach(command);
        command.env("BIVOUAC_SSH_KNOWN_HOSTS", &nobody);
    });
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("host key is not known") && run.stderr.contains("--ssh-known-hosts"), "{}", run.stderr);
}

#[test]
fn a_host_key_that_has_changed_is_refused() {
    let (world, server) = started();
    let other = Server::start(&world);
    let hosts = fs::read_to_string(other.key("known_hosts")).unwrap();
    fs::write(server.key("known_hosts"), hosts.replace(&other.port.to_string(), &server.port.to_string())).unwrap();
    let run = deploy_unasked(&world, &|command| server.reach(command));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("host key"), "{}", run.stderr);
}

#[test]
fn a_key_that_may_not_log_in_is_refused() {
    let (world, server) = started();
    let locked = server.key("locked");
    fs::copy(server.key("client"), &locked).unwrap();
    checked(&Command::new("ssh-keygen").args(["-q", "-p", "-N", "a secret", "-f"]).arg(&locked).output().unwrap());
    for key in [server.key("stranger"), locked] {
        let run = deploy_unasked(&world, &|command| {
            server.reach(command);
            command.env("BIVOUAC_SSH_KEY", &key);
        });
        assert_eq!(run.code, 4, "{}", run.stderr);
        assert!(run.stderr.contains("does not accept the credentials"), "{}", run.stderr);
        assert!(run.stderr.contains("--ssh-key"), "{}", run.stderr);
    }
}

#[test]
fn a_repository_that_is_not_on_the_server_is_told() {
    let (world, server) = started();
    let run = deploy(&world, 'a', &|command| {
        server.reach(command);
        command.env("BIVOUAC_APPS_REPOSITORY", server.address("acme/nowhere.git"));
    });
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("there is no apps repository `ssh://"), "{}", run.stderr);
}

#[test]
fn a_server_that_is_down_is_told() {
    let (world, server) = started();
    let address = server.address("acme/apps.git");
    drop(server);
    let run = deploy(&world, 'a', &|command| {
        command.env("BIVOUAC_APPS_REPOSITORY", &address);
    });
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(run.stderr.contains("Connection refused"), "{}", run.stderr);
}

#[test]
fn a_hook_has_its_say_over_ssh() {
    let (world, server) = started();
    world.hook("pre-receive", "echo 'not on a Friday' >&2; exit 1");
    let tip = world.tip();
    let run = deploy(&world, 'a', &|command| server.reach(command));
    assert_eq!((run.code, world.tip()), (4, tip), "{}", run.stderr);
    assert!(run.stderr.contains("not on a Friday"), "{}", run.stderr);
}

#[test]
fn a_hook_that_runs_after_a_push_is_waited_for() {
    let (world, server) = started();
    world.hook("post-receive", "sleep 1; echo done >&2; touch noted");
    deploy(&world, 'a', &|command| server.reach(command)).ok();
    assert!(world.apps.join("noted").exists());
}

#[test]
fn a_moved_tip_is_looked_at_again_over_ssh() {
    let (world, server) = started();
    move_the_tip_once(&world);
    both_landed(&world, deploy(&world, 'a', &|command| server.reach(command)));
}

#[test]
fn a_tip_that_moves_during_the_push_is_looked_at_again() {
    let (world, server) = started();
    let other = world.git(&["commit-tree", "main^{tree}", "-p", "main", "-m", "Take notes"]);
    let once = "test -e moved && exit 0; touch moved; unset GIT_QUARANTINE_PATH";
    world.hook("update", &format!("{once}; git update-ref refs/heads/main {other}"));
    let run = deploy(&world, 'a', &|command| server.reach(command));
    assert_eq!(run.ok().output("result"), "created");
    assert_eq!(world.git(&["rev-parse", "main~1"]), other);
}
