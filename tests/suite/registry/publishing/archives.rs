//! Archives that are not what they should be: each is refused, and nothing of it is sent.

use std::time::{Duration, Instant};

use bivouac::effects::artifact::{CheckedImage, Unusable};
use proptest::prelude::*;
use tar::EntryType;

use super::*;
use crate::images::entry;

/// Publishes what is refused, and returns why.
pub(super) async fn refused(server: &Server, archive: &[u8]) -> String {
    let error = publish_bare(&server.address(), archive).await.unwrap_err();
    let PublishError::Refused { message, .. } = &error else { panic!("{error:?}") };
    let message = message.clone();
    let error = Error::from(ForkImagesError::from(error));
    assert_eq!(error.exit_code(), ExitCode::Unsafe, "{error}");
    assert!(error.to_string().contains(MEMBER) && error.to_string().contains(&message), "{error}");
    assert_eq!(server.requests().await, [""; 0], "{message}");
    message
}

fn packed(content: &[u8]) -> Packed<'_> {
    Packed { name: MEMBER, content, ..Packed::default() }
}

#[tokio::test]
async fn a_zip_archive_holds_one_regular_file_of_the_right_name() {
    let server = Server::open();
    let content = Layout::of_one_image("one").tar();
    let one = packed(&content);
    let table = [
        (Zip::default().of(&[]), "holds 0 files, not one"),
        (Zip::default().of(&[one, Packed { name: "more", ..one }]), "holds 2 files, not one"),
        (Zip { count: Some(1), ..Zip::default() }.of(&[one, one]), "contradict each other"),
        (Zip::default().of(&[Packed { name: "api.tar", ..one }]), "holds `api.tar`, not `web.tar`"),
        (Zip::default().of(&[Packed { name: "../web.tar", ..one }]), "holds `../web.tar`"),
        (Zip::default().of(&[Packed { name: "a\n::error::x", ..one }]), r"holds `a\n::error::x`"),
        (Zip::default().of(&[Packed { attributes: 0o120_777 << 16, ..one }]), "is no regular file"),
        (Zip::default().of(&[Packed { attributes: 0o040_755 << 16, ..one }]), "is no regular file"),
        (Zip::default().of(&[Packed { attributes: 0x10, ..one }]), "is no regular file"),
        (Zip::default().of(&[Packed { flags: 1, ..one }]), "is encrypted"),
        (Zip::default().of(&[Packed { told: Some((3, 3)), ..one }]), "another length or sum"),
        (Zip::default().of(&[packed(b"no archive")]), "the archive can not be read"),
        (b"no archive".to_vec(), "it is no zip archive"),
        (Vec::new(), "it is no zip archive"),
    ];
    for (archive, words) in table {
        let message = refused(&server, &archive).await;
        assert!(message.contains(words), "{message}");
    }
    let whole = zip(MEMBER, &content);
    for length in [10, whole.len() / 2, whole.len() - 30, whole.len() - 1] {
        refused(&server, &whole[..length]).await;
    }
}

#[tokio::test]
async fn ten_million_files_are_refused_without_a_look_at_them() {
    let server = Server::open();
    let content = Layout::of_one_image("one").tar();
    let archive = Zip { is_large: true, count: Some(10_000_000) }.of(&[packed(&content)]);
    let started = Instant::now();
    assert_eq!(refused(&server, &archive).await, "the zip archive holds 10000000 files, not one");
    let archive = Zip { count: Some(0xfffe), ..Zip::default() }.of(&[packed(&content)]);
    assert_eq!(refused(&server, &archive).await, "the zip archive holds 65534 files, not one");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn no_more_is_unpacked_than_is_taken_whatever_the_headers_say() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("artifact.zip");
    let bomb = vec![0; 20_000_000];
    for is_stored in [false, true] {
        for told in [None, Some((10, 0))] {
            fs::write(&file, Zip::default().of(&[Packed { is_stored, told, ..packed(&bomb) }])).unwrap();
            let error = CheckedImage::open(&file, MEMBER, 1_000_000).unwrap_err();
            assert!(error.to_string().contains("more than 1000000 bytes when it is unpacked"), "{error}");
        }
    }
    let content = Layout::of_one_image("one").tar();
    fs::write(&file, zip(MEMBER, &content)).unwrap();
    assert!(CheckedImage::open(&file, MEMBER, content.len() as u64).is_ok());
    assert!(CheckedImage::open(&file, MEMBER, content.len() as u64 - 1).is_err());
    let missing = CheckedImage::open(&folder.path().join("gone.zip"), MEMBER, 10).unwrap_err();
    assert!(matches!(missing, Unusable::Local { .. }), "{missing:?}");
}

#[tokio::test]
async fn an_archive_holds_files_and_directories_each_once_and_below_it() {
    let server = Server::open();
    let layout = Layout::of_one_image("one");
    let table: [(&[u8], EntryType, &str); 14] = [
        (b"blobs/sha256/x", EntryType::Symlink, "`blobs/sha256/x` is a link"),
        (b"blobs/sha256/x", EntryType::Link, "`blobs/sha256/x` is a link"),
        (b"x", EntryType::Char, "`x` is no regular file"),
        (b"x", EntryType::Block, "`x` is no regular file"),
        (b"x", EntryType::Fifo, "`x` is no regular file"),
        (b"x", EntryType::GNUSparse, "`x` is no regular file"),
        (b"x", EntryType::GNULongName, "`x` is no regular file"),
        (b"x", EntryType::XGlobalHeader, "`x` is no regular file"),
        (b"/etc/cron.d/x", EntryType::Regular, "`/etc/cron.d/x` is an absolute path"),
        (b"../x", EntryType::Regular, "`../x` is no path in a layout"),
        (b"blobs/../../x", EntryType::Regular, "is no path in a layout"),
        (b"a//b", EntryType::Directory, "is no path in a layout"),
        (b"a\xff", EntryType::Regular, "is no UTF-8"),
        (b"./index.json", EntryType::Regular, "`index.json` is there twice"),
    ];
    for (name, kind, words) in table {
        let archive = layout.tar_with(|builder| entry(builder, name, kind, b""));
        let message = refused(&server, &zip(MEMBER, &archive)).await;
        assert!(message.contains(words), "{message}");
    }
    let (blob, bytes) = layout.files[0].clone();
    let twice = layout.tar_with(|builder| entry(builder, &blob, EntryType::Regular, &bytes));
    assert!(refused(&server, &zip(MEMBER, &twice)).await.contains("is there twice"));
    let many = layout.tar_with(|builder| {
        (0..10_000).for_each(|number| entry(builder, number.to_string(), EntryType::Directory, b""));
    });
    assert_eq!(refused(&server, &zip(MEMBER, &many)).await, "the archive has more than 10000 entries");
    let whole = layout.tar();
    for length in [100, 700, 1600] {
        refused(&server, &zip(MEMBER, &whole[..length])).await;
    }
}

#[tokio::test]
async fn what_extends_a_header_changes_neither_name_nor_length() {
    let server = Server::open();
    let layout = Layout::of_one_image("one");
    let extended = |key: &str, value: &str| {
        layout.tar_with(|builder| {
            builder.append_pax_extensions([(key, value.as_bytes())]).unwrap();
            entry(builder, "more", EntryType::Regular, b"");
        })
    };
    for (key, value) in [("path", "/etc/passwd"), ("size", "99999999999"), ("linkpath", "x"), ("GNU.sparse.major", "1")]
    {
        let message = refused(&server, &zip(MEMBER, &extended(key, value))).await;
        assert_eq!(message, format!("the archive has an extended header with `{key}`"));
    }
    let long = extended("comment", &"x".repeat(100_000));
    assert!(refused(&server, &zip(MEMBER, &long)).await.contains("too long"));
    publish_bare(&server.address(), &zip(MEMBER, &extended("mtime", "1.5"))).await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_change_of_a_byte_is_a_surprise(
        in_zip: bool,
        from_end: bool,
        at in 0_usize..2_000,
        byte: u8,
        cut in proptest::option::of(0_usize..2_000),
    ) {
        let change = |bytes: &mut Vec<u8>| {
            let place = at.min(bytes.len() - 1);
            let place = if from_end { bytes.len() - 1 - place } else { place };
            bytes[place] = byte;
            bytes.truncate(bytes.len() - cut.unwrap_or_default().min(bytes.len()));
        };
        let mut content = Layout::of_one_image("one").tar();
        if !in_zip {
            change(&mut content);
        }
        let mut archive = zip(MEMBER, &content);
        if in_zip {
            change(&mut archive);
        }
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("artifact.zip");
        fs::write(&file, archive).unwrap();
        if let Err(error) = CheckedImage::open(&file, MEMBER, 1_000_000) {
            prop_assert!(matches!(error, Unusable::Refused(_)), "{error:?}");
            prop_assert!(!error.to_string().chars().any(char::is_control), "{error}");
        }
    }
}
