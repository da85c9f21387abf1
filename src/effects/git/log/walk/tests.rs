use super::*;

fn commit(parents: &[u8], second: i64) -> Commit {
    let id = |id: u8| Oid::from_bytes(&[id; 20]).unwrap();
    let parents: String = parents.iter().map(|parent| format!("parent {}\n", id(*parent))).collect();
    let text = format!("tree {}\n{parents}author A <a> {second} +0000\ncommitter B <b> {second} +0000\n\nx\n", id(0));
    Commit::parse(id(1), text.as_bytes()).unwrap()
}

fn order(commits: &[(u8, &[u8], i64)]) -> Vec<i64> {
    let mut walk = Walk::default();
    for (id, parents, second) in commits {
        walk.add(Oid::from_bytes(&[*id; 20]).unwrap(), commit(parents, *second));
    }
    walk.finish().into_iter().map(|logged| logged.at.as_second()).collect()
}

#[test]
fn commits_come_after_their_parents_whatever_their_clocks_say() {
    assert_eq!(order(&[(3, &[2], 10), (2, &[1], 30), (1, &[], 20)]), [20, 30, 10]);
}

#[test]
fn of_commits_beside_each_other_the_older_one_comes_first() {
    let merged: [(u8, &[u8], i64); 6] =
        [(9, &[4, 5], 90), (4, &[2], 40), (5, &[3], 35), (2, &[1], 20), (3, &[1], 30), (1, &[], 10)];
    assert_eq!(order(&merged), [10, 20, 30, 35, 40, 90]);
}

#[test]
fn a_history_whose_beginning_is_not_there_begins_where_it_can() {
    assert_eq!(order(&[(3, &[2, 8], 30), (2, &[7], 20)]), [20, 30]);
    assert_eq!(order(&[]), Vec::<i64>::new());
}

#[test]
fn a_commit_is_read_as_git_writes_it() {
    let parse = |text: &[u8]| Commit::parse(Oid::from_bytes(&[1; 20]).unwrap(), text).unwrap();
    let id = "2".repeat(40);
    let text = format!(
        "tree {id}\nparent {id}\nparent {id}\nauthor Ada L <a@b> 60 +0100\ncommitter C <c> 120 +0000\ngpgsig x\n y\n\nA\n\nb\n"
    );
    let found = parse(text.as_bytes());
    assert_eq!(
        (found.parents.len(), found.logged.author.as_str(), found.logged.message.as_str()),
        (2, "Ada L", "A\n\nb\n")
    );
    assert_eq!((found.logged.authored_at.as_second(), found.logged.at.as_second()), (60, 120));
    let latin = [b"author \xe9 <> 1 +0000\ncommitter x <> 2 +0000\n\nPr\xe9".as_slice(), b"view\n"].concat();
    assert_eq!(parse(&latin).logged.message, "Pr\u{fffd}view\n");
    for (committer, at) in [
        ("x <> 99999999999999999999 +0000", Timestamp::MAX.as_second()),
        ("x <> -99999999999999999999 +0000", Timestamp::MIN.as_second()),
        ("x <> soon", 7),
        ("x", 7),
        ("", 7),
    ] {
        let found = parse(format!("author y <> 7 +0000\ncommitter {committer}\n\nm").as_bytes());
        assert_eq!(found.logged.at.as_second(), at, "{committer}");
    }
    assert_eq!(parse(b"tree x\n").logged.message, "");
}
