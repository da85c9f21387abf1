//! Programs that come from a release, and everything that can go wrong on the way.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::runner::Runner;
use super::server::{Reply, Server};
use super::{PROGRAM, TARGET};
use crate::files::{find, sha256};

/// A runner whose release is the good archive, at a server that says something.
fn with_server_saying(reply: impl FnOnce(&Runner, Vec<u8>) -> Reply) -> (Runner, Server) {
    let runner = Runner::new();
    let archive = runner.pack();
    let server = Server::saying(reply(&runner, archive.clone()));
    runner.name_release(&server.address(), &archive, PROGRAM);
    (runner, server)
}

/// A runner whose release is this folder, with its right hash.
fn with_folder(fill: impl FnOnce(&Runner, &str)) -> (Runner, Server) {
    let runner = Runner::new();
    let name = format!("bivouac-0.1.0-{TARGET}");
    fs::create_dir_all(runner.path("files").join(&name)).unwrap();
    fill(&runner, &format!("files/{name}"));
    let archive = runner.pack_folder(&name);
    let server = Server::saying(Reply::Whole(archive.clone()));
    runner.name_release(&server.address(), &archive, PROGRAM);
    (runner, server)
}

#[test]
fn a_release_is_downloaded_checked_and_kept() {
    let (runner, server) = with_server_saying(|_, archive| Reply::Whole(archive));
    runner.run().handed_over(&runner.cached(), "bivouac 0.1.0 downloaded and checked");
    assert_eq!(server.requests(), [format!("/bivouac-0.1.0-{TARGET}.tar.gz")]);
    let mode = fs::metadata(runner.cached()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    let kept = ["tool/bivouac", "tool/bivouac/0.1.0", "tool/bivouac/0.1.0/x64", "tool/bivouac/0.1.0/x64/bivouac"];
    assert_eq!(runner.kept(), kept.map(Into::into).into());
}

#[test]
fn every_target_has_its_archive_and_its_place() {
    for (system, machine, target, place) in [
        ("Linux", "X64", "x86_64-unknown-linux-musl", "x64"),
        ("Linux", "ARM64", "aarch64-unknown-linux-musl", "arm64"),
        ("macOS", "X64", "x86_64-apple-darwin", "x64"),
        ("macOS", "ARM64", "aarch64-apple-darwin", "arm64"),
    ] {
        let mut runner = Runner::new();
        let archive = runner.pack_for(target);
        let server = Server::saying(Reply::Whole(archive.clone()));
        let hashes = format!("{} {}", sha256(&archive), sha256(PROGRAM.as_bytes()));
        runner.write_release(&format!("version 0.1.0\naddress {}\n{target} {hashes}", server.address()));
        runner.set("RUNNER_OS", system);
        runner.set("RUNNER_ARCH", machine);
        let place = runner.path(&format!("tool/bivouac/0.1.0/{place}/bivouac"));
        runner.run().handed_over(&place, "bivouac 0.1.0 downloaded and checked");
    }
}

#[test]
fn a_runner_that_does_not_say_what_it_is_is_asked() {
    for (system, machine) in [("Linux", "x86_64"), ("Linux", "amd64")] {
        let (mut runner, _server) = with_server_saying(|_, archive| Reply::Whole(archive));
        runner.unset("RUNNER_OS");
        runner.set("RUNNER_ARCH", "");
        let text = format!("#!/bin/sh\ncase $1 in -s) echo {system} ;; -m) echo {machine} ;; esac\n");
        runner.put_program("bin/uname", &text);
        runner.run().handed_over(&runner.cached(), "bivouac 0.1.0 downloaded and checked");
    }
}

#[test]
fn a_system_or_a_machine_without_a_program_is_told() {
    let built = "`build-from-source: true`";
    for (system, machine, words, remedy) in [
        ("Windows", "X64", "Windows", "use a runner on Linux or macOS"),
        ("Linux", "ARM", "`ARM`", built),
        ("Plan9", "X64", "`Plan9`", built),
    ] {
        let (mut runner, server) = with_server_saying(|_, archive| Reply::Whole(archive));
        runner.set("RUNNER_OS", system);
        runner.set("RUNNER_ARCH", machine);
        runner.run().failed(&["there is no program for", words, remedy]);
        assert!(server.requests().is_empty());
    }
}

#[test]
fn an_archive_that_is_not_the_recorded_one_is_not_opened() {
    for other in [b"<!doctype html><title>Sign in</title>".to_vec(), b"\x1f\x8b".to_vec(), vec![]] {
        let (runner, server) = with_server_saying(|_, _| Reply::Whole(other));
        runner.put_program("bin/tar", "#!/bin/sh\ntouch \"$HOME/files/opened\"\n");
        runner.run().failed(&["is not the archive that RELEASE names", "SHA-256", "nothing of it was used"]);
        assert_eq!(server.requests().len(), 1);
        assert!(!runner.path("files/opened").exists());
    }
}

#[test]
fn a_program_that_is_not_the_recorded_one_is_not_run() {
    let (runner, _server) = with_folder(|runner, folder| {
        runner.put_program(&format!("{folder}/bivouac"), "#!/bin/sh\ntouch \"$HOME/files/ran\"\necho bivouac 0.1.0\n");
    });
    runner.run().failed(&["the program in", "is not the one that RELEASE names", "was not run"]);
    assert!(!runner.path("files/ran").exists());
}

#[test]
fn an_archive_whose_program_is_a_link_or_a_folder_or_is_missing_is_refused() {
    let (runner, _server) = with_folder(|runner, folder| {
        runner.put_program("files/elsewhere", PROGRAM);
        symlink(runner.path("files/elsewhere"), runner.path(folder).join("bivouac")).unwrap();
    });
    runner.run().failed(&["has no file", "bivouac` in it"]);

    let (runner, _server) = with_folder(|runner, folder| {
        runner.put_program(&format!("{folder}/a"), PROGRAM);
        fs::hard_link(runner.path(folder).join("a"), runner.path(folder).join("bivouac")).unwrap();
    });
    runner.run().failed(&["has no file", "bivouac` in it"]);

    let (runner, _server) = with_folder(|runner, folder| runner.put_program(&format!("{folder}/readme"), "Read me"));
    runner.run().failed(&["has no file", "bivouac` in it"]);

    let (runner, _server) = with_folder(|runner, folder| {
        runner.put_program(&format!("{folder}/bivouac/a"), "#!/bin/sh\n");
    });
    runner.run().failed(&["the program in", "is not the one that RELEASE names"]);
}

#[test]
fn a_transfer_that_is_cut_off_is_tried_again_and_then_told() {
    let (runner, server) = with_server_saying(|_, archive| Reply::CutOff(archive));
    runner.run().failed(&["can not be downloaded", "transfer closed"]);
    assert_eq!(server.requests().len(), 3);
    assert_eq!(fs::read_to_string(runner.path("files/slept")).unwrap(), "1\n2\n");
}

#[test]
fn a_server_that_fails_for_a_moment_is_asked_again() {
    for reply in [Reply::Status(503), Reply::Status(429), Reply::CutOff(b"a".to_vec())] {
        let runner = Runner::new();
        let archive = runner.pack();
        let good = Reply::Whole(archive.clone());
        let server = Server::start(move |number| if number == 0 { reply.clone() } else { good.clone() });
        runner.name_release(&server.address(), &archive, PROGRAM);
        runner.run().handed_over(&runner.cached(), "bivouac 0.1.0 downloaded and checked");
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn an_archive_that_is_not_there_is_asked_for_once_and_told() {
    for status in [404, 403] {
        let (runner, server) = with_server_saying(|_, _| Reply::Status(status));
        let words = ["can not be downloaded", &status.to_string(), "see that it is there"];
        runner.run().failed(&words);
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_server_that_is_down_is_told() {
    let (runner, server) = with_server_saying(|_, archive| Reply::Whole(archive));
    drop(server);
    runner.run().failed(&["can not be downloaded", "connect"]);
}

#[test]
fn a_redirect_to_what_is_not_encrypted_is_not_followed() {
    for to in ["http://mirror.example.com/a.tar.gz", "ftp://mirror.example.com/a.tar.gz", "file:///etc/passwd"] {
        let (runner, server) = with_server_saying(|_, _| Reply::Redirect(to.to_owned()));
        runner.run().failed(&["can not be downloaded", "rotocol"]);
        assert_eq!(server.requests().len(), 1, "{to}");
    }
    // Not even to this machine: whoever redirects does not choose what is trusted.
    let good = Server::saying(Reply::Whole(vec![]));
    let (runner, _server) = with_server_saying(|_, _| Reply::Redirect(good.address()));
    runner.run().failed(&["can not be downloaded", "rotocol"]);
    assert_eq!(good.requests(), [""; 0]);
}

#[test]
fn a_download_that_never_ends_is_given_up() {
    let (runner, _server) = with_server_saying(|_, _| Reply::Stalled);
    // The real curl with less patience: it takes the last of two options.
    let curl = fs::read_link(runner.path("bin/curl")).unwrap();
    fs::remove_file(runner.path("bin/curl")).unwrap();
    let text = "#!/bin/sh\necho \"$*\" >>\"$HOME/files/curl\"\nlast=\nfor last; do :; done\n";
    let text = format!("{text}args=${{*% -- *}}\nexec {} $args --max-time 0.3 -- \"$last\"\n", curl.display());
    runner.put_program("bin/curl", &text);
    runner.run().failed(&["can not be downloaded", "timed out"]);
    let asked = fs::read_to_string(runner.path("files/curl")).unwrap();
    assert_eq!(asked.matches("--connect-timeout 15 --max-time 120 ").count(), 3, "{asked}");
}

#[test]
fn a_job_that_is_cancelled_while_it_downloads_leaves_nothing() {
    let runner = Runner::new();
    let (tell, told) = std::sync::mpsc::channel();
    let server = Server::start(move |_| {
        tell.send(()).unwrap();
        Reply::Stalled
    });
    runner.name_release(&server.address(), b"", PROGRAM);
    let before = runner.kept();
    let mut child = runner.command("1").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    told.recv_timeout(Duration::from_mins(1)).unwrap();
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert!(!child.wait().unwrap().success());
    assert_eq!(runner.kept(), before);
    assert!(!runner.path("files/output-1").exists());
}

#[test]
fn a_settings_file_of_curls_has_no_say() {
    let (runner, _server) = with_server_saying(|_, archive| Reply::Whole(archive));
    fs::write(runner.path(".curlrc"), "output = \"/dev/null\"\nproxy = \"http://127.0.0.1:1\"\n").unwrap();
    runner.run().handed_over(&runner.cached(), "bivouac 0.1.0 downloaded and checked");
}

#[test]
fn a_loopback_address_is_not_asked_for_through_a_proxy() {
    let (mut runner, _server) = with_server_saying(|_, archive| Reply::Whole(archive));
    runner.set("http_proxy", "http://127.0.0.1:1");
    runner.run().handed_over(&runner.cached(), "bivouac 0.1.0 downloaded and checked");
}

#[test]
fn jobs_that_install_at_the_same_time_all_succeed() {
    const JOBS: usize = 4;
    let runner = Runner::new();
    let archive = runner.pack();
    let all_ask = Arc::new(Barrier::new(JOBS));
    let good = Reply::Whole(archive.clone());
    let server = Server::start(move |_| {
        all_ask.wait();
        good.clone()
    });
    runner.name_release(&server.address(), &archive, PROGRAM);
    let running: Vec<_> = (0..JOBS).map(|job| runner.command(&job.to_string()).spawn().unwrap()).collect();
    for (job, child) in running.into_iter().enumerate() {
        let output = child.wait_with_output().unwrap();
        let step = runner.step(&job.to_string(), &output);
        step.handed_over(&runner.cached(), "bivouac 0.1.0 downloaded and checked");
    }
    assert_eq!(server.requests().len(), JOBS);
    assert_eq!(runner.kept().len(), 4);
}

#[test]
fn what_the_setup_needs_and_does_not_find_is_told() {
    for (tool, words) in [("curl", "`curl`"), ("sha256sum", "`sha256sum`"), ("tar", "`tar`")] {
        let (runner, _server) = with_server_saying(|_, archive| Reply::Whole(archive));
        fs::remove_file(runner.path("bin").join(tool)).unwrap();
        runner.run().failed(&[words]);
    }
}

#[test]
fn every_tool_that_hashes_will_do_and_a_broken_one_does_not_matter() {
    let sum = find("sha256sum").display().to_string();
    for (tool, text) in [
        ("openssl", format!("[ \"$*\" = 'dgst -sha256 -r' ] && exec {sum}")),
        ("openssl", "echo 'no such digest' >&2; exit 1".to_owned()),
        ("openssl", format!("echo {}", "A".repeat(64))),
        ("shasum", format!("[ \"$*\" = '-a 256' ] && exec {sum}")),
    ] {
        let (runner, _server) = with_server_saying(|_, archive| Reply::Whole(archive));
        if text.contains("exec") {
            fs::remove_file(runner.path("bin/sha256sum")).unwrap();
        }
        runner.put_program(&format!("bin/{tool}"), &format!("#!/bin/sh\n{text}\n"));
        runner.run().handed_over(&runner.cached(), "bivouac 0.1.0 downloaded and checked");
        let other = Server::saying(Reply::Whole(b"another".to_vec()));
        runner.name_release(&other.address(), b"one", "other program");
        runner.run().failed(&["is not the archive that RELEASE names"]);
    }
}
