//! What is written is private and goes again; what is not ours is not touched.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::*;

fn files() -> (TempDir, VaultFiles) {
    let runner = TempDir::new().unwrap();
    let path = runner.path().display().to_string();
    let environment = Environment::new([(env::RUNNER_TEMP.to_owned(), path)].into_iter());
    let files = VaultFiles::new(&environment);
    (runner, files)
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

fn why(result: Result<PathBuf, Error>) -> String {
    let error = result.unwrap_err();
    std::error::Error::source(&error).unwrap().to_string()
}

fn names(paths: &[PathBuf]) -> Vec<&str> {
    paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect()
}

#[test]
fn a_secret_is_written_for_this_user_only_and_replaced_as_a_whole() {
    let (runner, files) = files();
    let path = files.write("approle-secret-id", &secret("a longer one")).unwrap();
    assert_eq!(path, runner.path().join("bivouac-vault/approle-secret-id"));
    files.write("approle-secret-id", &secret("short")).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "short");
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn one_file_is_read_and_removed_by_its_name() {
    let (runner, files) = files();
    assert_eq!(files.read("escrow-live.jsonl"), None);
    files.remove("escrow-live.jsonl").unwrap();
    files.write("escrow-live.jsonl", &secret("{}")).unwrap();
    assert_eq!(files.read("escrow-live.jsonl").as_deref(), Some("{}"));
    fs::write(runner.path().join("elsewhere"), "x").unwrap();
    symlink(runner.path().join("elsewhere"), files.folder.join("link")).unwrap();
    assert_eq!((files.read("link"), files.read("../elsewhere")), (None, None));
    assert!(files.remove("../elsewhere").is_err());
    files.remove("link").unwrap();
    files.remove("escrow-live.jsonl").unwrap();
    assert_eq!(files.read("escrow-live.jsonl"), None);
    assert!(runner.path().join("elsewhere").exists());
}

#[test]
fn a_folder_that_is_open_is_closed_before_anything_is_written() {
    let (_runner, files) = files();
    fs::create_dir(&files.folder).unwrap();
    fs::set_permissions(&files.folder, fs::Permissions::from_mode(0o777)).unwrap();
    files.write("x", &secret("x")).unwrap();
    assert_eq!(mode(&files.folder), 0o700);
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    let (runner, files) = files();
    for name in ["", ".", "..", "../x", "a/b", ".hidden", "a b", "a\nb"] {
        assert!(files.write(name, &secret("x")).is_err(), "{name}");
    }
    assert_eq!(fs::read_dir(runner.path()).unwrap().count(), 0);
}

#[test]
fn no_link_is_written_through() {
    let (runner, files) = files();
    let elsewhere = runner.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, &files.folder).unwrap();
    assert_eq!(why(files.write("x", &secret("x"))), "it is no folder");
    fs::remove_file(&files.folder).unwrap();
    fs::create_dir(&files.folder).unwrap();
    symlink(elsewhere.join("x"), files.folder.join("x")).unwrap();
    assert_eq!(why(files.write("x", &secret("x"))), "it is no file");
    assert_eq!(fs::read_dir(elsewhere).unwrap().count(), 0);
}

#[test]
fn what_belongs_to_somebody_else_is_refused() {
    let root = fs::metadata("/proc/1").or_else(|_| fs::metadata("/")).unwrap();
    let nobody_is_root = owner(&root) != user().unwrap();
    assert_eq!(is_ours(&root).is_err(), nobody_is_root);
    // Only root can give a folder away; who is not root has one of root's at hand.
    let (_runner, files) = files();
    if std::os::unix::fs::chown(prepared(&files), Some(12_345), None).is_ok() {
        assert_eq!(why(files.write("x", &secret("x"))), "it belongs to somebody else");
        assert!(files.remove_all(true).is_err());
    } else {
        let foreign = VaultFiles { folder: PathBuf::from("/usr") };
        assert_eq!(why(foreign.write("x", &secret("x"))), "it belongs to somebody else");
        assert!(foreign.remove_all(true).is_err());
    }
}

fn prepared(files: &VaultFiles) -> &Path {
    files.prepare().unwrap();
    &files.folder
}

#[test]
fn everything_goes_but_escrow_and_no_link_is_followed() {
    let (runner, files) = files();
    assert!(files.remove_all(false).unwrap().removed.is_empty());
    let precious = runner.path().join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("file"), "x").unwrap();
    for name in ["approle-secret-id", "escrow-2.json"] {
        files.write(name, &secret("x")).unwrap();
    }
    symlink(&precious, files.folder.join("link")).unwrap();
    fs::create_dir(files.folder.join("inner")).unwrap();
    symlink(&precious, files.folder.join("inner/link")).unwrap();
    let gone = files.remove_all(false).unwrap();
    assert_eq!(names(&gone.removed), ["approle-secret-id", "inner", "link"]);
    assert_eq!((names(&gone.kept), gone.failed.len()), (vec!["escrow-2.json"], 0));
    let gone = files.remove_all(true).unwrap();
    assert_eq!((names(&gone.removed), gone.kept.len()), (vec!["escrow-2.json"], 0));
    assert!(!files.folder.exists() && precious.join("file").exists());
}

#[test]
fn a_folder_that_is_a_link_is_not_cleaned_up() {
    let (runner, files) = files();
    fs::write(runner.path().join("file"), "x").unwrap();
    symlink(runner.path(), &files.folder).unwrap();
    assert!(files.remove_all(true).is_err());
    assert!(runner.path().join("file").exists());
}

#[test]
fn without_a_runner_the_folder_is_named_after_the_user() {
    let files = VaultFiles::new(&Environment::default());
    assert_eq!(files.folder, std::env::temp_dir().join(format!("bivouac-vault-{}", user().unwrap())));
}

#[test]
fn a_new_file_takes_nobodys_place_and_only_our_folder_is_listed() {
    let (runner, files) = files();
    assert!(files.names().is_empty());
    let path = files.write_new("escrow-b.jsonl", &secret("first")).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert!(files.write_new("escrow-b.jsonl", &secret("second")).is_err());
    symlink(runner.path().join("elsewhere"), files.folder.join("escrow-a.jsonl")).unwrap();
    assert!(files.write_new("escrow-a.jsonl", &secret("second")).is_err());
    assert_eq!(files.read("escrow-b.jsonl").as_deref(), Some("first"));
    assert_eq!(files.names(), ["escrow-a.jsonl", "escrow-b.jsonl"]);
    assert!(!runner.path().join("elsewhere").exists());
    fs::rename(&files.folder, runner.path().join("moved")).unwrap();
    symlink(runner.path().join("moved"), &files.folder).unwrap();
    assert!(files.names().is_empty());
}

#[test]
fn a_folder_that_takes_no_file_is_known_before_anything_is_written() {
    let (runner, files) = files();
    files.try_out().unwrap();
    assert!(files.names().is_empty() && files.folder.is_dir());
    fs::remove_dir(&files.folder).unwrap();
    fs::write(&files.folder, "in the way").unwrap();
    let error = files.try_out().unwrap_err();
    assert!(error.to_string().contains("bivouac-vault"), "{error}");
    let gone =
        Environment::new([(env::RUNNER_TEMP.to_owned(), runner.path().join("gone").display().to_string())].into_iter());
    assert!(VaultFiles::new(&gone).try_out().is_err());
}
