use git2::{ObjectType, Repository, Signature, Time};
use proptest::prelude::*;
use tempfile::TempDir;

use super::super::super::pack::Pack;
use super::*;

const TEXT: &str =
    "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nFirst\n";

fn oid(text: &str) -> Oid {
    Oid::hash_object(ObjectType::Commit, text.as_bytes()).unwrap()
}

#[test]
fn commits_are_read_whole_and_as_what_sets_them_apart_and_the_rest_is_passed_over() {
    let second = TEXT.replace("First", "Second, which is longer");
    let mut pack = Pack::new();
    pack.add(ObjectType::Tree, b"").unwrap();
    pack.add(ObjectType::Commit, TEXT.as_bytes()).unwrap();
    pack.add(ObjectType::Blob, &[7; 70_000]).unwrap();
    pack.add_difference(ObjectType::Commit, oid(TEXT), TEXT.as_bytes(), second.as_bytes()).unwrap();
    pack.add_difference(ObjectType::Blob, oid("x"), b"a\nb\n", b"a\nc\n").unwrap();
    let commits = Commits::read(&pack.finish()).unwrap();
    assert_eq!(commits.text(oid(TEXT)), Some(TEXT.as_bytes()));
    assert_eq!(commits.text(oid(&second)), Some(second.as_bytes()));
    assert_eq!((commits.places.len(), commits.text(oid("x"))), (2, None));
}

#[test]
fn what_git_packs_is_read() {
    let folder = TempDir::new().unwrap();
    let repository = Repository::init_bare(folder.path()).unwrap();
    let tree = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
    let mut builder = repository.packbuilder().unwrap();
    let mut made = Vec::new();
    for index in 0..200 {
        let author = Signature::new("A", "a@b", &Time::new(index, 0)).unwrap();
        let message = format!("{}\n\n{index}\n", "Much that is alike. ".repeat(40));
        let id = repository.commit(None, &author, &author, &message, &tree, &[]).unwrap();
        builder.insert_object(id, None).unwrap();
        made.push((id, message));
    }
    let mut bytes = git2::Buf::new();
    builder.write_buf(&mut bytes).unwrap();
    assert!(bytes.len() < 200 * 200, "nothing is told by what sets it apart");
    let commits = Commits::read(&bytes).unwrap();
    for (id, message) in made {
        assert!(commits.text(id).unwrap().ends_with(message.as_bytes()));
    }
}

fn with_sum(content: &[u8]) -> Vec<u8> {
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, content);
    [content, sum.as_ref()].concat()
}

#[test]
fn what_is_no_pack_is_told() {
    for content in [
        b"".as_slice(),
        b"PACK",
        b"PACK\0\0\0\x03\0\0\0\0",
        b"PACK\0\0\0\x02\0\0\0\x01",
        b"PACK\0\0\0\x02\0\0\0\x01\x10",
        b"PACK\0\0\0\x02\0\0\0\x01\x05x",
        b"PACK\0\0\0\x02\0\0\0\x01\x61\x7fx",
        b"PACK\0\0\0\x02\0\0\0\x01\x9f\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    ] {
        assert!(Commits::read(&with_sum(content)).is_err(), "{}", content.escape_ascii());
    }
    assert!(matches!(Commits::read(b"PACK"), Err(Fault::Broken(_))));
    let mut pack = Pack::new().finish();
    assert!(Commits::read(&pack).is_ok());
    pack[9] ^= 1;
    assert!(Commits::read(&pack).is_err());
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_told(bytes in prop::collection::vec(any::<u8>(), 0..200), place in 0_usize..400, byte: u8) {
        drop(Commits::read(&with_sum(&bytes)));
        drop(Commits::read(&with_sum(&[HEAD, &[0, 0, 0, 2], &bytes].concat())));
        let second = TEXT.replace("First", "Second");
        let mut pack = Pack::new();
        pack.add(ObjectType::Commit, TEXT.as_bytes()).unwrap();
        pack.add_difference(ObjectType::Commit, oid(TEXT), TEXT.as_bytes(), second.as_bytes()).unwrap();
        let mut pack = pack.finish();
        let end = pack.len() - ID_LENGTH;
        if let Some(at) = pack[..end].get_mut(place) {
            *at = byte;
        }
        drop(Commits::read(&with_sum(&pack[..end])));
        let _nothing = apply(&bytes, 0..TEXT.len(), &mut TEXT.as_bytes().to_vec());
    }
}
