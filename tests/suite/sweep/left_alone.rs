//! What is not a preview that Bivouac knows is left alone.

use std::os::unix::fs::symlink;

use super::{annotations, change, close, directories, edit_patch, list, said, sweep, there, told, world, write};

#[test]
fn a_persons_directory_is_a_warning() {
    let world = world(&[1, 2]);
    close(&world, &[1]);
    change(&world, |tree| {
        let previews = tree.join("overlays/ephemeral");
        write(&previews.join("mine/kustomization.yaml"), "resources: []\n");
        write(&previews.join("pr-9/notes/precious.txt"), "precious\n");
        write(&previews.join("README.md"), "# Previews\n");
        symlink("pr-2", previews.join("latest")).unwrap();
    });
    let run = sweep(&world, &[]).ok();
    assert_eq!(
        (list(&run, "removed"), directories(&world)),
        (vec!["pr-1".to_owned()], ["mine", "pr-2", "pr-9"].map(str::to_owned).into())
    );
    insta::assert_snapshot!(annotations(&run).join("\n"), @"
    ::warning title=Sweep::`overlays/ephemeral/mine` is not a preview that Bivouac made: it is left alone
    ::warning title=Sweep::`overlays/ephemeral/pr-9` is not a preview that Bivouac made: it is left alone
    ");
    assert!(world.file("overlays/ephemeral/README.md").is_some());
    assert!(run.summary.contains("- `overlays/ephemeral/mine` is not a preview"), "{}", run.summary);
}

#[test]
fn broken_records_are_named_and_left_alone_while_the_others_are_swept() {
    let world = world(&[1, 2, 3, 4, 5, 6, 7, 8]);
    close(&world, &[1, 2, 3, 4, 5, 6, 7]);
    edit_patch(&world, 1, "bivouac.dev/generation: \"1\"", "bivouac.dev/generation: \"many\"");
    edit_patch(&world, 2, "bivouac.dev/pull-request: \"2\"", "bivouac.dev/pull-request: \"4294967296\"");
    edit_patch(&world, 3, "bivouac.dev/created-at", "bivouac.dev/made-at");
    edit_patch(&world, 4, "metadata:", "metadata: [");
    edit_patch(&world, 5, "\"acme/wildside\"", "\"acme/other\"");
    change(&world, |tree| {
        let sixth = tree.join("overlays/ephemeral/pr-6");
        std::fs::remove_file(sixth.join("namespace.yaml")).unwrap();
        symlink("../pr-7/namespace.yaml", sixth.join("namespace.yaml")).unwrap();
    });
    let run = sweep(&world, &[]);
    assert_eq!((run.code, list(&run, "removed")), (7, vec!["pr-7".to_owned()]), "{}", run.stderr);
    assert_eq!(there(&world), ["pr-1", "pr-2", "pr-3", "pr-4", "pr-5", "pr-6", "pr-8"]);
    assert_eq!(list(&run, "failed"), ["pr-1", "pr-2", "pr-3", "pr-4", "pr-5", "pr-6"]);
    assert_eq!(list(&run, "announced"), ["pr-7"]);
    for number in 1..=6 {
        assert_eq!(told(&world, number), "deploying / up");
    }
    insta::assert_snapshot!(said(&world, &run), @"
    ERROR pr-1: its record is broken: its annotation `bivouac.dev/generation` is `many`, which makes no sense; put the annotations of its patch right, or remove the directory and its line in the list by hand
    ERROR pr-2: its record is broken: its annotation `bivouac.dev/pull-request` is `4294967296`, which makes no sense; put the annotations of its patch right, or remove the directory and its line in the list by hand
    ERROR pr-3: its record is broken: it has no annotation `bivouac.dev/created-at`; put the annotations of its patch right, or remove the directory and its line in the list by hand
    ERROR pr-4: its record is broken: its patch is not YAML; put the annotations of its patch right, or remove the directory and its line in the list by hand
    ERROR pr-5: it is a preview of `acme/other`, which `bivouac.yaml` does not name; set `repository` in `bivouac.yaml`, or remove the directory and its line in the list by hand
    ERROR pr-6: `overlays/ephemeral/pr-6/namespace.yaml` in the apps repository is a symbolic link, which Bivouac does not follow or replace; remove it: Bivouac does not follow or replace it
    error: the sweep could not do everything: pr-1, pr-2, pr-3, pr-4, pr-5, pr-6
      because its record is broken: its annotation `bivouac.dev/generation` is `many`, which makes no sense
      hint the rest was done; what was left is tried again by the next sweep
    ");
    assert_eq!(annotations(&run).len(), 1);
    let again = crate::policy::quietly(&world, || sweep(&world, &[]));
    assert_eq!((again.code, again.output("removed")), (7, "[]"));
}

#[test]
fn the_words_of_a_record_can_not_be_commands() {
    let world = world(&[1, 2]);
    edit_patch(&world, 1, "generation: \"1\"", "generation: \"\\n::error::x\\n##[add-mask]y\\u001b[31m\"");
    let run = sweep(&world, &[]);
    assert_eq!(run.code, 7);
    assert!(!run.stderr.contains(['\u{1b}', '\r']) && !run.summary.contains('\u{1b}'), "{run:?}");
    assert!(!run.stderr.lines().any(|line| line.starts_with("::error::x")), "{}", run.stderr);
}

#[test]
fn a_name_with_line_ends_is_no_workflow_command() {
    let world = world(&[1]);
    change(&world, |tree| {
        write(&tree.join("overlays/ephemeral/x\n::error::pwned\n##[error]y/file"), "resources: []\n");
    });
    let run = sweep(&world, &[]).ok();
    let is_command = |line: &&str| line.starts_with("::") || line.contains("##[");
    let commands: Vec<_> = run.stderr.lines().filter(is_command).collect();
    assert!(
        commands.iter().all(|line| line.starts_with("::add-mask::") || line.starts_with("::warning ")),
        "{commands:#?}"
    );
    assert!(run.stderr.contains("is not a preview that Bivouac made"), "{}", run.stderr);
}
