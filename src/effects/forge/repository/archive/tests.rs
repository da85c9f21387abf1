use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

use super::*;

const LIMIT: u64 = 1024 * 1024;
/// The id of an empty directory.
const EMPTY: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// An archive: the path, the kind and the bytes of each entry.
fn archived(entries: &[(&str, EntryType, u32, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, kind, mode, bytes) in entries {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(*mode);
        let is_link = *kind == EntryType::Symlink;
        header.set_size(if is_link { 0 } else { bytes.len() as u64 });
        if is_link {
            header.as_old_mut().linkname[..bytes.len()].copy_from_slice(bytes);
        }
        header.set_cksum();
        builder.append(&header, if is_link { &[] } else { *bytes }).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn why(compressed: &[u8], limit: u64) -> String {
    Archive::read(compressed, limit).unwrap_err().to_string()
}

#[test]
fn everything_has_the_id_that_git_has_for_it() {
    let bytes = archived(&[
        ("o-r-1/", EntryType::Directory, 0o775, b""),
        ("o-r-1/a", EntryType::Regular, 0o664, b"hello\n"),
        ("o-r-1/a.d/run", EntryType::Regular, 0o775, b"#!\n"),
        ("o-r-1/a.d/deep/down", EntryType::Regular, 0o664, b""),
        ("o-r-1/l", EntryType::Symlink, 0o777, b"a"),
        ("o-r-1/module/", EntryType::Directory, 0o775, b""),
    ]);
    let archive = Archive::read(&*bytes, LIMIT).unwrap();

    // What Git's own library makes of the same.
    let folder = tempfile::tempdir().unwrap();
    let git = git2::Repository::init_bare(folder.path()).unwrap();
    let tree = |children: &[(&str, Oid, i32)]| {
        let mut builder = git.treebuilder(None).unwrap();
        for (name, id, mode) in children {
            builder.insert(name, *id, *mode).unwrap();
        }
        builder.write().unwrap()
    };
    let blob = |bytes: &[u8]| git.blob(bytes).unwrap();
    let deep = tree(&[("down", blob(b""), 0o100_644)]);
    let inner = tree(&[("run", blob(b"#!\n"), 0o100_755), ("deep", deep, 0o40_000)]);
    let top = tree(&[("a", blob(b"hello\n"), 0o100_644), ("a.d", inner, 0o40_000), ("l", blob(b"a"), 0o120_000)]);

    let names: Vec<_> = archive.directory(&top.to_string()).unwrap().iter().map(|child| &*child.name).collect();
    assert_eq!(names, [&b"a"[..], b"a.d", b"l"]);
    assert_eq!(archive.directory(&inner.to_string()).unwrap().len(), 2);
    assert_eq!(archive.file(&blob(b"hello\n").to_string()), Some(&b"hello\n"[..]));
    assert_eq!(archive.file(&"0".repeat(40)), None);
    assert_eq!(archive.file("no id"), None);
}

#[test]
fn a_commit_without_files_is_an_empty_directory() {
    let archive = Archive::read(&*archived(&[("o-r-1/", EntryType::Directory, 0o775, b"")]), LIMIT).unwrap();
    assert_eq!(archive.directory(EMPTY), Some(&[][..]));
}

#[test]
fn a_path_that_leads_out_of_it_is_refused() {
    for path in ["o-r-1/../x", "../x", "/etc/passwd", "o-r-1/./x", "o-r-1//x", "o-r-1/a/.."] {
        let why = why(&archived(&[(path, EntryType::Regular, 0o664, b"x")]), LIMIT);
        assert_eq!(why, format!("it holds `{path}`, which is no path in a commit"));
    }
}

#[test]
fn more_than_the_limit_is_not_read() {
    let large = vec![0; 3 * 1024 * 1024];
    let in_one = archived(&[("o-r-1/x", EntryType::Regular, 0o664, &large)]);
    assert_eq!(why(&in_one, LIMIT), "it has more than 1 MiB when it is unpacked");
    // Behind its end, in what says nothing, and in a size that is only claimed.
    let mut behind = GzEncoder::new(Vec::new(), Compression::fast());
    behind.write_all(&large).unwrap();
    assert_eq!(why(&behind.finish().unwrap(), LIMIT), "it has more than 1 MiB when it is unpacked");
    let skipped = archived(&[("o-r-1/x", EntryType::Fifo, 0o664, &large)]);
    assert_eq!(why(&skipped, LIMIT), "it has more than 1 MiB when it is unpacked");
    assert!(Archive::read(&*in_one, 4 * LIMIT).is_ok());
}

#[test]
fn what_ends_early_or_is_something_else_is_told_of() {
    let whole = archived(&[("o-r-1/x", EntryType::Regular, 0o664, &[7; 5000])]);
    for length in [0, 5, 20, whole.len() / 2, whole.len() - 1] {
        let error = Archive::read(&whole[..length], LIMIT).unwrap_err();
        assert!(matches!(error, Unreadable::Broken(_)), "{length}: {error}");
    }
    assert!(matches!(Archive::read(&b"<html>"[..], LIMIT).unwrap_err(), Unreadable::Broken(_)));
    let mut changed = whole.clone();
    let last = changed.len() - 6;
    changed[last] ^= 1;
    assert!(matches!(Archive::read(&*changed, LIMIT).unwrap_err(), Unreadable::Broken(_)));
}
