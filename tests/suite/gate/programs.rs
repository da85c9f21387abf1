//! Machines without kustomize, and programs that misbehave.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bivouac::contract::ExitCode;
use bivouac::effects::programs::{Named, Programs};
use bivouac::emulator::RequestKind;
use bivouac::error::Error;
use bivouac::ports::{Files, RenderError, Renderer as _};
use tempfile::TempDir;

use super::*;
use crate::files::write_program;
use crate::world::tools;

/// A program of this name that runs `script`.
fn program(folder: &TempDir, name: &str, script: &str) -> PathBuf {
    let path = folder.path().join(name);
    write_program(&path, &format!("#!/bin/sh\n{script}\n"));
    path
}

/// A deploy on a machine that has nothing.
fn bare(world: &World) -> Command {
    let mut command = deploy(world, &[]);
    command.env_remove("BIVOUAC_KUSTOMIZE").env("PATH", world.home.path());
    command
}

#[test]
fn without_kustomize_there_is_no_check_unless_one_is_asked_for() {
    let world = broken().world();
    let run = world.run(bare(&world)).ok();
    assert_eq!(run.output("result"), "created");
    assert!(!run.stderr.contains("kustomize"), "{}", run.stderr);
    for check in ["build", "roster-build", "chart", "schemas"] {
        let world = Layout::new().configured(&format!("checks: {{{check}: require}}\n")).world();
        let run = ends_without_commit(&world, bare(&world), 11);
        assert!(run.stderr.contains("there is no `kustomize` on this machine"), "{}", run.stderr);
    }
}

#[test]
fn a_program_that_is_named_has_to_be_there() {
    let world = Layout::new().world();
    for option in ["--kustomize", "--helm"] {
        let run = ends_without_commit(&world, deploy(&world, &[option, "/nonexistent/program"]), 2);
        assert!(run.stderr.contains(&format!("`{option} /nonexistent/program` names no program")), "{}", run.stderr);
    }
}

#[test]
fn a_kustomize_that_dies_prints_endlessly_or_prints_rubbish_commits_nothing() {
    let folder = TempDir::new().unwrap();
    for (script, code, words) in [
        ("kill -9 $$", 12, "it said nothing, and ended with signal: 9"),
        ("exit 3", 12, "it said nothing, and ended with exit status: 3"),
        ("echo half a word >&2; kill -9 $$", 12, "half a word"),
        ("printf '\\377::error::forged\\n ##[add-mask]x\\n' >&2; exit 1", 12, "::error::forged"),
        ("echo 'a: ['", 12, "what kustomize printed can not be read"),
        ("yes", 11, "printed more than 64 MiB"),
    ] {
        let world = Layout::new().world();
        let mut command = deploy(&world, &[]);
        command.env("BIVOUAC_KUSTOMIZE", program(&folder, "kustomize", script));
        let run = ends_without_commit(&world, command, code);
        assert!(run.stdout.contains(words) || run.stderr.contains(words), "{}{}", run.stdout, run.stderr);
        for line in run.stdout.lines() {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{line}");
        }
    }
}

#[tokio::test]
async fn a_program_that_hangs_is_ended() {
    let folder = TempDir::new().unwrap();
    let path = program(&folder, "kustomize", "exec sleep 600");
    let named = Named { kustomize: Some(path), helm: None };
    let programs = Programs::find(&named, None).unwrap().with_limit(Duration::from_secs(1));
    let laid_out = programs.lay_out(&Files::new()).unwrap();
    let started = Instant::now();
    let error = programs.build(&laid_out, &["overlays/x".parse().unwrap()]).await.unwrap_err();
    assert!(matches!(error, RenderError::TooSlow { .. }), "{error}");
    assert!(error.to_string().ends_with("did not end within 1 seconds"), "{error}");
    assert_eq!(Error::from(error).exit_code(), ExitCode::SetUp);
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_tip_that_moves_while_it_is_checked_is_checked_again() {
    let (world, folder) = (Layout::new().world(), TempDir::new().unwrap());
    let script = format!(
        "echo x >> {home}/calls\n\
         if [ $(wc -l < {home}/calls) = 1 ]; then\n\
         cd {apps}\n\
         moved=$(git -c user.name=x -c user.email=x@example.com commit-tree -p main -m moved 'main^{{tree}}')\n\
         git update-ref refs/heads/main $moved\n\
         fi\n\
         exec {kubectl} \"$@\"",
        home = folder.path().display(),
        apps = world.apps.display(),
        kubectl = tools().join("bin/kubectl").display(),
    );
    let mut command = deploy(&world, &[]);
    command.env("BIVOUAC_KUSTOMIZE", program(&folder, "kubectl", &script));
    let run = world.run(command).ok();
    assert_eq!(run.output("apps-commit"), world.tip());
    assert_eq!(world.git(&["log", "--format=%s", "-1", "main~1"]).trim(), "moved");
    assert_eq!(fs::read_to_string(folder.path().join("calls")).unwrap().lines().count(), 2);
}

/// How many requests a first deploy makes: all of them, and those for archives.
fn cost(layout: &Layout, backend: &'static str) -> (usize, usize) {
    let mut world = layout.world();
    world.backend = backend;
    world.emulator.forget_requests();
    world.deploy(7, &sha('a')).ok();
    let archives = world.requests(RequestKind::Archive).len();
    (world.emulator.requests().len(), archives)
}

#[test]
fn a_check_costs_no_request_of_a_flat_base_and_one_of_a_deep_one() {
    let deep = |checks: &str| {
        let settings = kustomization("configMapGenerator: [{name: a, files: [texts/x/deep.txt]}]");
        let layout = Layout::new().base("resources: [helmrelease.yaml, ../a]").configured(checks);
        let layout = layout.with("a/kustomization.yaml", &kustomization("resources: [../b]"));
        let layout = layout.with("b/kustomization.yaml", &kustomization("resources: [../c/d]"));
        layout.with("c/d/kustomization.yaml", &settings).with("c/d/texts/x/deep.txt", "deep\n")
    };
    for backend in ["git", "github"] {
        let off = cost(&Layout::new().configured("checks: {build: off}\n"), backend);
        assert_eq!(cost(&Layout::new(), backend), off, "{backend}");
        let (all, archives) = cost(&deep("checks: {build: warn}\n"), backend);
        let (before, _) = cost(&deep("checks: {build: off}\n"), backend);
        // Git asks for each of the two directories and for the file, and GitHub says first where the archive is.
        let more = if backend == "git" { 3 } else { 2 };
        assert!(archives <= 1 && all <= before + more, "{backend}: {all}, {before}, {archives}");
    }
}
