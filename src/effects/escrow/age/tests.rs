//! Both kinds of keys, for real.

use std::fs;
use std::process::Command;

use age::secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::*;

fn native() -> (Secret, String) {
    let identity = x25519::Identity::generate();
    (Secret::new(identity.to_string().expose_secret()).unwrap(), identity.to_public().to_string())
}

/// A key that `ssh-keygen` makes: the private one, and the public one with its comment.
fn ssh(options: &[&str], passphrase: &str) -> (Secret, String) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("key");
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-C", "a person", "-N", passphrase, "-f"]).arg(&file).args(options);
    assert!(command.status().unwrap().success());
    let public = fs::read_to_string(file.with_extension("pub")).unwrap();
    (Secret::new(&fs::read_to_string(file).unwrap()).unwrap(), public.trim().to_owned())
}

fn contents() -> Contents {
    Contents { unseal_shares: vec![Secret::new("hush").unwrap()], ..Contents::default() }
}

fn cipher(identity: &Secret) -> AgeCipher {
    AgeCipher::new(Some(identity)).unwrap()
}

#[test]
fn everybody_it_is_encrypted_to_opens_it_alone_and_nobody_else_does() {
    let people = [native(), native(), ssh(&["-t", "ed25519"], ""), ssh(&["-t", "rsa", "-b", "2048"], "")];
    let recipients: Vec<_> = people.iter().map(|(_, public)| public.clone()).collect();
    let text = AgeCipher::default().encrypt(&contents(), &recipients).unwrap();
    assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n") && !text.contains("hush"), "{text}");
    for (identity, _) in &people {
        assert_eq!(cipher(identity).decrypt(&text).unwrap(), contents());
        cipher(identity).try_out(&recipients).unwrap();
    }
    for (stranger, _) in [native(), ssh(&["-t", "ed25519"], "")] {
        assert_eq!(cipher(&stranger).decrypt(&text), Err(CipherError::NotForIdentity));
        assert_eq!(cipher(&stranger).try_out(&recipients), Err(CipherError::NotForIdentity));
    }
    assert_eq!(AgeCipher::default().decrypt(&text), Err(CipherError::NoIdentity));
}

#[test]
fn several_identities_may_stand_in_one_text_with_comments() {
    let ((mine, public), (other, _), (_, third)) = (native(), native(), native());
    let text = format!("# created: today\r\n\n{}\r\n  {}\n# end", other.expose(), mine.expose());
    let cipher = cipher(&Secret::new(&text).unwrap());
    let ciphertext = cipher.encrypt(&contents(), &[public, third]).unwrap();
    assert_eq!(cipher.decrypt(&ciphertext).unwrap(), contents());
    assert!(cipher.has_identity() && !format!("{cipher:?}").contains(mine.expose()));
}

#[test]
fn others_get_the_very_same_text() {
    let ((mine, public), (theirs, their_public), (_, third)) = (native(), native(), native());
    let parsed = parse_recipients(&[public, third.clone()]).unwrap();
    let text = "{\"unseal_shares\":[\"hush\"],\"later\":1}";
    let anew =
        cipher(&mine).encrypt_anew(&encrypt_to(&parsed, text.as_bytes()).unwrap(), &[their_public, third]).unwrap();
    assert_eq!(cipher(&theirs).open(&anew).unwrap().expose(), text);
}

#[test]
fn what_is_no_recipient_is_refused_by_name() {
    let ((secret, one), (_, two), (_, key)) = (native(), native(), ssh(&["-t", "ed25519"], ""));
    let bare = key.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let (_, small) = ssh(&["-t", "rsa", "-b", "1024"], "");
    let (_, elliptic) = ssh(&["-t", "ecdsa"], "");
    let refused = |recipients: &[&str]| {
        let recipients: Vec<_> = recipients.iter().map(|text| (*text).to_owned()).collect();
        let error = AgeCipher::default().encrypt(&contents(), &recipients).unwrap_err();
        assert_eq!(AgeCipher::default().try_out(&recipients), Err(error.clone()));
        error.to_string()
    };
    for (recipients, word) in [
        (vec![one.as_str(), two.as_str(), one.as_str()], "given twice"),
        (vec![&key, &bare], "given twice"),
        (vec![&one, &small], "2048"),
        (vec![&one, &elliptic], "`age1…`, or an SSH"),
        (vec![&one, "ssh-dss AAAA"], "no recipient"),
        (vec![&one, &key[..40]], "not a whole"),
        (vec![&one, "age1xyz"], "no recipient"),
        (vec![&one, "alice"], "`age1…`"),
        (vec![&one, "age1\nx"], "line ends"),
        (vec![&one], "two recipients or more"),
        (vec![], "two recipients or more"),
    ] {
        assert!(refused(&recipients).contains(word), "{word}: {}", refused(&recipients));
    }
    let (private, _) = ssh(&["-t", "ed25519"], "");
    let body: String = private.expose().lines().filter(|line| !line.starts_with('-')).collect();
    for leak in [secret.expose().to_owned(), secret.expose().to_ascii_lowercase(), body] {
        let leaked = refused(&[&one, &leak]);
        assert!(leaked.contains("private key") && !leaked.contains(&leak[..20]), "{leaked}");
    }
    assert!(!refused(&[&one, &"x".repeat(60)]).contains(&"x".repeat(50)));
}

#[test]
fn an_identity_that_can_not_be_used_is_refused_with_what_to_do_and_never_quoted() {
    let (locked, _) = ssh(&["-t", "ed25519"], "passphrase");
    let (elliptic, _) = ssh(&["-t", "ecdsa"], "");
    let (mine, _) = native();
    let half = &mine.expose()[..mine.expose().len() - 3];
    for (text, word) in [
        (locked.expose(), "ssh-keygen -p"),
        (elliptic.expose(), "kind"),
        (half, "AGE-SECRET-KEY-1"),
        ("# nothing", "none in it"),
        ("AGE-PLUGIN-YUBIKEY-1XYZ", "plugin"),
        ("-----BEGIN AGE ENCRYPTED FILE-----", "age -d"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA", "whole"),
    ] {
        let error = AgeCipher::new(Secret::new(text).as_ref()).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(word), "{word}: {shown}");
        assert!(text.lines().filter(|line| line.len() > 36).all(|line| !shown.contains(line)), "{shown}");
    }
}

#[test]
fn a_ciphertext_that_was_changed_or_cut_is_broken_and_never_half_read() {
    let ((mine, public), (_, other)) = (native(), native());
    let cipher = cipher(&mine);
    let text = cipher.encrypt(&contents(), &[public, other]).unwrap();
    for end in (0..text.trim_end().len()).step_by(17) {
        assert!(cipher.decrypt(&text[..end]).is_err(), "{end}");
    }
    let last = text.trim_end().lines().rev().nth(1).unwrap();
    let changed: String = last.chars().map(|letter| if letter == 'A' { 'B' } else { 'A' }).collect();
    assert_eq!(cipher.decrypt(&text.replace(last, &changed)), Err(CipherError::Broken));
    assert_eq!(cipher.decrypt("hush"), Err(CipherError::Broken));
}
