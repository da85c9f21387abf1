//! A program that an earlier run put there, and the places where there is none.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::PROGRAM;
use super::runner::Runner;
use super::server::{Reply, Server};

const DOWNLOADED: &str = "bivouac 0.1.0 downloaded and checked";
const CACHED: &str = "bivouac 0.1.0 from the tool cache";

fn released() -> (Runner, Server) {
    let runner = Runner::new();
    let archive = runner.pack();
    let server = Server::saying(Reply::Whole(archive.clone()));
    runner.name_release(&server.address(), &archive, PROGRAM);
    (runner, server)
}

/// A runner that has the program already.
fn installed() -> (Runner, Server) {
    let (runner, server) = released();
    runner.run().handed_over(&runner.cached(), DOWNLOADED);
    (runner, server)
}

#[test]
fn a_second_run_uses_the_cache_and_asks_nobody() {
    let (runner, server) = installed();
    let step = runner.run().handed_over(&runner.cached(), CACHED);
    assert_eq!(step.stdout, format!("{CACHED}\n"));
    assert_eq!(step.stderr, "");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_cached_program_needs_no_server_and_no_tool_but_the_one_that_hashes() {
    let (runner, server) = installed();
    drop(server);
    for entry in fs::read_dir(runner.path("bin")).unwrap() {
        let path = entry.unwrap().path();
        if !["bash", "env", "sh", "sha256sum"].iter().any(|kept| path.ends_with(kept)) {
            fs::remove_file(path).unwrap();
        }
    }
    runner.run().handed_over(&runner.cached(), CACHED);
}

#[test]
fn a_cached_program_that_changed_is_replaced_and_told() {
    let (runner, server) = installed();
    runner.put_program("tool/bivouac/0.1.0/x64/bivouac", "#!/bin/sh\ntouch \"$HOME/files/ran\"\n");
    let step = runner.run().handed_over(&runner.cached(), DOWNLOADED);
    assert_eq!(step.stdout.matches("::warning title=Bivouac setup::`").count(), 1, "{step:#?}");
    assert_eq!(server.requests().len(), 2);
    assert!(!runner.path("files/ran").exists());
    runner.run().handed_over(&runner.cached(), CACHED);
}

#[test]
fn whatever_lies_in_the_programs_place_is_replaced() {
    let changes: [fn(&Path); 4] = [
        |place| fs::create_dir_all(place.join("bivouac")).unwrap(),
        |place| symlink("/nowhere", place).unwrap(),
        |place| symlink("..", place).unwrap(),
        |place| fs::write(place, "").unwrap(),
    ];
    for change in changes {
        let (runner, _server) = installed();
        let before = runner.kept();
        fs::remove_file(runner.cached()).unwrap();
        change(&runner.cached());
        let step = runner.run().handed_over(&runner.cached(), DOWNLOADED);
        assert!(step.stdout.contains("::warning"), "{step:#?}");
        assert!(fs::symlink_metadata(runner.cached()).unwrap().is_file());
        assert_eq!(runner.kept(), before);
    }
}

#[test]
fn a_changed_program_that_can_not_be_replaced_is_not_used() {
    let (runner, server) = installed();
    drop(server);
    runner.put_program("tool/bivouac/0.1.0/x64/bivouac", "#!/bin/sh\necho bivouac 0.1.0\n");
    let step = runner.run().failed(&["can not be downloaded"]);
    assert!(step.stdout.contains("::warning"), "{step:#?}");
}

#[test]
fn without_a_tool_cache_the_jobs_temporary_folder_has_the_program() {
    let changes: [fn(&mut Runner); 5] = [
        |runner| runner.unset("RUNNER_TOOL_CACHE"),
        |runner| runner.set("RUNNER_TOOL_CACHE", ""),
        |runner| runner.set("RUNNER_TOOL_CACHE", "relative"),
        // Nobody may write there, not even root.
        |runner| runner.set("RUNNER_TOOL_CACHE", "/proc/tools"),
        |runner| {
            fs::write(runner.path("files/in-the-way"), "").unwrap();
            let file = runner.path("files/in-the-way").display().to_string();
            runner.set("RUNNER_TOOL_CACHE", file);
        },
    ];
    for change in changes {
        let (mut runner, server) = released();
        change(&mut runner);
        let place = runner.path("temp/bivouac/0.1.0/x64/bivouac");
        let step = runner.run().handed_over(&place, DOWNLOADED);
        assert_eq!((step.stdout, step.stderr), (format!("{DOWNLOADED}\n"), String::new()));
        runner.run().handed_over(&place, "bivouac 0.1.0 from the job's temporary folder");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_tool_cache_that_is_not_there_yet_is_made() {
    let (mut runner, _server) = released();
    runner.set("RUNNER_TOOL_CACHE", runner.path("temp/new/tool cache").display().to_string());
    let place = runner.path("temp/new/tool cache/bivouac/0.1.0/x64/bivouac");
    runner.run().handed_over(&place, DOWNLOADED);
    runner.run().handed_over(&place, CACHED);
}

#[test]
fn a_runner_without_any_folder_to_write_to_is_told() {
    let (mut runner, server) = released();
    runner.set("RUNNER_TOOL_CACHE", "/proc/tools");
    runner.unset("RUNNER_TEMP");
    runner.run().failed(&["neither RUNNER_TOOL_CACHE nor RUNNER_TEMP"]);
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_where_a_folder_of_the_cache_goes_is_left_alone() {
    let (runner, _server) = released();
    fs::write(runner.path("tool/bivouac"), "").unwrap();
    let program = runner.path("temp/bivouac/0.1.0/x64/bivouac");
    runner.run().handed_over(&program, "bivouac 0.1.0 downloaded and checked");
    assert!(runner.path("tool/bivouac").is_file());
}

#[test]
fn a_folder_whose_name_would_be_an_output_is_refused() {
    let (mut runner, _server) = released();
    let folder = runner.path("temp/a\nversion=9").display().to_string();
    fs::create_dir(&folder).unwrap();
    runner.set("RUNNER_TOOL_CACHE", folder);
    let step = runner.command("1").output().unwrap();
    runner.step("1", &step).failed(&["control character"]);
}
