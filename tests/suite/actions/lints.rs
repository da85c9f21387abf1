//! Actions and workflows, and the workflows on the pages of the documentation, in the linters' strict settings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::files::top;
use crate::kustomize::{documents, tool};
use crate::world::checked;

/// What yamllint minds: everything, but for a mark at the start of a file, and `on:`, which is GitHub's word.
const YAMLLINT: &str = "{extends: default, rules: {line-length: {max: 120}, document-start: disable, \
                        truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}}}";

/// The tracked files, and those that will be, whose path `is_wanted`. Fails when there is none.
fn files(is_wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let listed = Command::new("git").args(["ls-files", "-co", "--exclude-standard"]).current_dir(top()).output();
    let listed = checked(&listed.unwrap());
    let found: Vec<_> =
        listed.lines().map(Path::new).filter(|path| is_wanted(path)).map(|path| top().join(path)).collect();
    assert!(!found.is_empty(), "there is nothing to check");
    found
}

fn is_called(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension))
}

fn actions() -> Vec<PathBuf> {
    files(|path| path.ends_with("action.yml"))
}

fn workflows() -> Vec<PathBuf> {
    files(|path| {
        is_called(path, &["yml", "yaml"]) && (path.starts_with("workflows") || path.starts_with(".github/workflows"))
    })
}

/// The whole workflows on the pages, as files of a folder.
fn workflows_on_pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for page in files(|path| is_called(path, &["md"])) {
        let text = fs::read_to_string(&page).unwrap();
        let blocks = text.split("\n```yaml\n").skip(1).map(|rest| rest.split("\n```\n").next().unwrap());
        for block in blocks.filter(|block| block.contains("\non:") && block.contains("\njobs:\n")) {
            let file = folder.join(format!("{}-{}.yml", page.file_stem().unwrap().display(), found.len()));
            fs::write(&file, format!("{block}\n")).unwrap();
            found.push(file);
        }
    }
    assert!(!found.is_empty(), "no page has a workflow");
    found
}

fn passes(command: &mut Command) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{said}");
}

#[test]
fn zizmor_finds_nothing_in_its_strictest_persona() {
    passes(tool("zizmor").args(["--offline", "--persona", "auditor"]).args(actions()).args(workflows()));
}

#[test]
fn actions_and_workflows_are_as_github_describes_them() {
    passes(tool("check-jsonschema").args(["--builtin-schema", "vendor.github-actions"]).args(actions()));
    passes(tool("check-jsonschema").args(["--builtin-schema", "vendor.github-workflows"]).args(workflows()));
}

#[test]
fn yamllint_finds_nothing() {
    passes(tool("yamllint").args(["--strict", "-d", YAMLLINT]).args(actions()).args(workflows()));
}

#[test]
fn the_workflows_on_the_pages_are_sound() {
    let folder = TempDir::new().unwrap();
    let found = workflows_on_pages(folder.path());
    passes(tool("zizmor").args(["--offline", "--persona", "pedantic"]).args(&found));
    passes(tool("check-jsonschema").args(["--builtin-schema", "vendor.github-workflows"]).args(&found));
}

#[test]
fn no_expression_stands_in_a_script_and_shellcheck_finds_nothing_there() {
    let folder = TempDir::new().unwrap();
    let mut scripts = Vec::new();
    for file in [actions(), workflows(), workflows_on_pages(folder.path())].concat() {
        let described = documents(&fs::read_to_string(&file).unwrap()).remove(0);
        let jobs = described["jobs"].as_object().into_iter().flatten().map(|(_, job)| job);
        let steps = jobs.chain([&described["runs"]]).flat_map(|part| part["steps"].as_array().into_iter().flatten());
        for script in steps.filter_map(|step| step["run"].as_str()) {
            assert!(!script.contains("${{"), "{}: {script}", file.display());
            let path = folder.path().join(format!("{}.sh", scripts.len()));
            fs::write(&path, format!("{script}\n")).unwrap();
            scripts.push(path);
        }
    }
    // What the runner sets is not assigned in the script (SC2154), and it runs scripts with `-e` (SC2164).
    let settings = ["--shell=bash", "--norc", "--enable=all", "--exclude=SC2154,SC2164,SC2250,SC2292"];
    passes(tool("shellcheck").args(settings).args(&scripts));
}

#[test]
fn every_action_of_others_is_pinned_to_a_commit_and_ours_all_to_the_same() {
    let folder = TempDir::new().unwrap();
    let mut ours = Vec::new();
    for file in [actions(), workflows(), workflows_on_pages(folder.path())].concat() {
        let text = fs::read_to_string(&file).unwrap();
        let used = text.lines().filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("uses: "));
        // `$/` is a path in the very commit that the workflow is of.
        for used in used.filter(|used| !used.starts_with("$/")) {
            let (action, pin) = used.split_once('@').unwrap_or_else(|| panic!("{used} in {}", file.display()));
            let commit = pin.split(' ').next().unwrap();
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit, "{used} in {}", file.display());
            assert!(pin.contains(" # "), "{used} in {} does not say which version that is", file.display());
            if action.starts_with("bivouac-dev/bivouac") {
                ours.push(pin.to_owned());
            }
        }
    }
    ours.sort();
    ours.dedup();
    assert_eq!(ours.len(), 1, "{ours:#?}");
}
