//! What the verbs say and write, on a file.

use std::fs;

use bivouac::domain::escrow::{Ledger, PgpShare, Record};
use bivouac::effects::escrow::AgeCipher;
use bivouac::ports::EscrowCipher as _;
use bivouac::secret::Secret;
use serde_json::Value;

use super::{Person, SHARES, contents, escrow, keeps_secrets, ledger, record, write};
use crate::world::World;

#[test]
fn an_escrow_is_shown_without_being_opened() {
    let (world, one, two) = (World::empty(), Person::new(), Person::with_ssh("ed25519", ""));
    let ledger = ledger(&[&one, &two]);
    let sinks = [format!("file:{}", write(&world, "vault.escrow", &ledger).display())];

    let run = escrow(&world, &["show"], &sinks, None).ok();
    assert!(run.stdout.contains(&format!("{}  ✓ 2 generations", sinks[0])), "{}", run.stdout);
    for word in ["intent", "captured", "2026-11-21 10:00 UTC", "https://vault.example.com:8200", "2 of 3", &two.public]
    {
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    }
    let run = escrow(&world, &["show", "--format", "json", "--environment", "production"], &sinks, None).ok();
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&json["current"], &json["sinks"][0]["standing"]), (&2.into(), &"whole".into()));
    assert_eq!(json["records"][1]["recipients"][0], one.public);

    let run = escrow(&world, &["show", "--ciphertext"], &sinks, None).ok();
    let cipher = AgeCipher::new(Secret::new(&one.secret).as_ref()).unwrap();
    assert_eq!(cipher.decrypt(&run.stdout).unwrap(), contents(&SHARES));
    assert_eq!(escrow(&world, &["show", "--environment", "staging"], &sinks, None).code, 7);
}

#[test]
fn a_persons_share_is_printed_alone() {
    let (world, one, two) = (World::empty(), Person::new(), Person::new());
    let share = |fingerprint: &str, share: &str| PgpShare { fingerprint: fingerprint.into(), share: share.into() };
    let pgp_shares = vec![
        share("AAAA1111BBBB2222", "wcBMA1"),
        share("AAAA1111CCCC3333", "wcBMA2"),
        share("D".repeat(40).as_str(), "x"),
    ];
    let by_person = Record { pgp_shares, ..record(1, &[&one, &two], &[]) };
    let sinks = [format!("file:{}", write(&world, "vault.escrow", &Ledger::default().with(by_person)).display())];
    assert_eq!(escrow(&world, &["show", "--share", "cccc 3333"], &sinks, None).ok().stdout, "wcBMA2\n");
    for wrong in ["3333", "EEEEEEEE", "", "AAAA1111"] {
        assert_eq!(escrow(&world, &["show", &format!("--share={wrong}")], &sinks, None).code, 2, "{wrong}");
    }
    let run = escrow(&world, &["verify"], &sinks, Some(&one.secret)).ok();
    assert!(run.stdout.contains("its 3 shares are with people, 2 unseal"), "{}", run.stdout);
}

#[test]
fn an_escrow_is_verified_with_either_kind_of_key() {
    let people = [Person::new(), Person::with_ssh("ed25519", ""), Person::with_ssh("rsa", "")];
    let world = World::empty();
    let ledger = ledger(&people.iter().collect::<Vec<_>>());
    let sinks = [format!("file:{}", write(&world, "vault.escrow", &ledger).display())];
    for person in &people {
        let run = escrow(&world, &["verify"], &sinks, Some(&person.secret)).ok();
        assert!(run.stdout.contains("generation 2 opens, with all of its 3 shares, 2 unseal"), "{}", run.stdout);
    }
    let file = world.home.path().join("identity");
    fs::write(&file, format!("# created: today\n# public key: {}\n{}\n", people[0].public, people[0].secret)).unwrap();
    let mut command = world.bivouac(&["escrow", "verify", "--format", "json", "--escrow", &sinks[0]]);
    command.env("BIVOUAC_AGE_IDENTITY_FILE", &file);
    let run = world.run(command).ok();
    keeps_secrets(&run, Some(&people[0].secret));
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&json[0]["opens"], &json[0]["shares"]), (&true.into(), &3.into()));
}

#[test]
fn an_escrow_that_can_not_be_opened_waits_for_somebody_who_can() {
    let (world, one, two) = (World::empty(), Person::new(), Person::new());
    let sinks = [format!("file:{}", write(&world, "vault.escrow", &ledger(&[&one, &two])).display())];
    for (identity, words) in [(None, "no identity"), (Some(Person::new()), "encrypted to others")] {
        let identity = identity.map(|person| person.secret);
        for verb in [&["verify"][..], &["rekey", "--recipient", &one.public, "--recipient", "age1x"]] {
            let run = escrow(&world, verb, &sinks, identity.as_deref());
            assert_eq!(run.code, 10, "{}", run.stderr);
            assert!(run.stderr.contains(words) && run.stderr.contains("hint"), "{}", run.stderr);
        }
    }
    let locked = Person::with_ssh("ed25519", "passphrase");
    let run = escrow(&world, &["verify"], &sinks, Some(&locked.secret));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("passphrase"), "{}", run.stderr);
}

#[test]
fn an_escrow_that_holds_too_little_is_told() {
    let (world, one, two) = (World::empty(), Person::new(), Person::new());
    for shares in [&SHARES[..1], &SHARES[..2], &[SHARES[0], SHARES[0], SHARES[0]]] {
        let ledger = Ledger::default().with(record(1, &[&one, &two], shares));
        let sinks = [format!("file:{}", write(&world, "vault.escrow", &ledger).display())];
        let run = escrow(&world, &["verify"], &sinks, Some(&one.secret));
        assert_eq!(run.code, 7, "{}", run.stderr);
        assert!(run.stdout.contains('✗'), "{}", run.stdout);
    }
    let sinks = [format!("file:{}", world.home.path().join("none.escrow").display())];
    assert!(escrow(&world, &["show"], &sinks, None).ok().stdout.contains("There are no records."));
    assert_eq!(escrow(&world, &["verify"], &sinks, Some(&one.secret)).code, 1);
    assert_eq!(escrow(&world, &["show"], &[], None).code, 2);
    assert_eq!(escrow(&world, &["show"], &[sinks[0].clone(), sinks[0].clone()], None).code, 2);
}

#[test]
fn others_get_the_escrow_and_nothing_of_it_is_overwritten() {
    let (world, one, two, three) = (World::empty(), Person::new(), Person::new(), Person::with_ssh("ed25519", ""));
    let path = write(&world, "vault.escrow", &ledger(&[&one, &two]));
    let (sinks, before) = ([format!("file:{}", path.display())], fs::read_to_string(&path).unwrap());
    let rekey = ["rekey", "--recipient", &one.public, "--recipient", &three.public];

    let mut dry = rekey.to_vec();
    dry.push("--dry-run");
    let run = escrow(&world, &dry, &sinks, Some(&one.secret)).ok();
    assert!(run.stdout.starts_with("would write generation 3"), "{}", run.stdout);
    assert_eq!(fs::read_to_string(&path).unwrap(), before);

    let run = escrow(&world, &rekey, &sinks, Some(&one.secret)).ok();
    assert!(
        run.stdout.contains("wrote generation 3, captured") && run.stdout.contains("proven: it opens"),
        "{}",
        run.stdout
    );
    let after = fs::read_to_string(&path).unwrap();
    assert!(after.starts_with(&before) && after.lines().count() == 3);
    escrow(&world, &["verify"], &sinks, Some(&three.secret)).ok();
    assert_eq!(escrow(&world, &["verify"], &sinks, Some(&two.secret)).code, 10);

    let run = escrow(&world, &rekey, &sinks, Some(&three.secret)).ok();
    assert!(run.stdout.starts_with("unchanged: generation 3"), "{}", run.stdout);
    assert_eq!(fs::read_to_string(&path).unwrap(), after);
}

#[test]
fn what_nobody_has_opened_is_not_called_proven() {
    let (world, one, two) = (World::empty(), Person::new(), Person::new());
    let sinks = [format!("file:{}", write(&world, "vault.escrow", &ledger(&[&one, &two])).display())];
    let others = [Person::new(), Person::new()];
    let rekey = ["rekey", "--recipient", &others[0].public, "--recipient", &others[1].public];
    let run = escrow(&world, &rekey, &sinks, Some(&one.secret)).ok();
    assert!(run.stdout.contains("not proven") && run.stderr.contains("::warning title=Escrow::"), "{run:#?}");
    escrow(&world, &["verify"], &sinks, Some(&others[1].secret)).ok();
}

#[test]
fn an_escrow_is_never_left_to_one_person() {
    let (world, one, two) = (World::empty(), Person::new(), Person::new());
    let path = write(&world, "vault.escrow", &ledger(&[&one, &two]));
    let (sinks, before) = ([format!("file:{}", path.display())], fs::read_to_string(&path).unwrap());
    for recipients in [vec![], vec![&one.public], vec![&one.public, &one.public], vec![&one.public, &two.secret]] {
        let mut rekey = vec!["rekey"];
        rekey.extend(recipients.iter().flat_map(|recipient| ["--recipient", recipient]));
        let run = escrow(&world, &rekey, &sinks, Some(&one.secret));
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(!run.stderr.contains(&two.secret), "{}", run.stderr);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}
