use super::*;

const ID: &str = "0123456789012345678901234567890123456789";

fn answer(request: Request) -> Vec<u8> {
    request.bytes()
}

fn told(bytes: &[u8]) -> Result<(Server, Heads), Fault> {
    advertisement(&mut Packets::new(Box::new(bytes)))
}

fn branch(name: &str) -> (BranchName, Oid) {
    (name.parse().unwrap(), Oid::from_str(ID).unwrap())
}

#[test]
fn the_branch_that_head_names_is_the_default_one() {
    let bytes = answer(
        Request::default()
            .line(&format!("{ID} HEAD symref-target:refs/heads/main"))
            .line(&format!("{ID} refs/heads/main"))
            .line(&format!("{ID} refs/heads/other"))
            .line(&format!("{ID} refs/tags/v1 peeled:{ID}"))
            .flush(),
    );
    let heads = heads(&mut Packets::new(Box::new(bytes.as_slice()))).unwrap();
    assert_eq!(heads.branches, [branch("main"), branch("other")]);
    assert_eq!(heads.default, Some("main".parse().unwrap()));
    assert_eq!(heads.choose(None, "x").unwrap(), branch("main"));
    assert_eq!(heads.choose(Some(&"other".parse().unwrap()), "x").unwrap(), branch("other"));
    assert!(matches!(heads.choose(Some(&"x".parse().unwrap()), "x"), Err(AppsError::NoBranch { .. })));
}

#[test]
fn a_server_tells_what_it_can() {
    let two = |features: &str| {
        let request = Request::default().lines(["version 2", "agent=git/2.47.3", "ls-refs=unborn", features]);
        told(&answer(request.lines(["server-option", "object-format=sha1"]).flush())).unwrap().0
    };
    assert_eq!(two("fetch=shallow wait-for-done filter").filters, Filters::FilesAndDepths);
    assert_eq!(two("fetch=shallow").filters, Filters::None);
    assert!(two("fetch").was_asked && two("fetch").version == Version::Two);
}

#[test]
fn an_old_server_tells_of_its_branches_too() {
    let first = format!("{ID} HEAD\0multi_ack symref=HEAD:refs/heads/main agent=git/2.10");
    let heads = [first.as_str(), &format!("{ID} refs/heads/main"), &format!("{ID} refs/heads/\u{e9}")];
    let plain = answer(Request::default().lines(heads).flush());
    let over_http = answer(Request::default().line("# service=git-upload-pack").flush().lines(heads).flush());
    let version_one = answer(Request::default().line("version 1").lines(heads).flush());
    for bytes in [plain, over_http, version_one] {
        let (server, heads) = told(&bytes).unwrap();
        assert_eq!((server.version, server.filters), (Version::Old, Filters::None));
        assert_eq!((heads.default.as_ref().unwrap().as_str(), heads.branches[0].clone()), ("main", branch("main")));
    }
    let zero = "0".repeat(40);
    let empty = answer(Request::default().line(&format!("{zero} capabilities^{{}}\0agent=x")).flush());
    assert_eq!(told(&empty).unwrap().1, Heads::default());
    assert!(matches!(told(&empty).unwrap().1.choose(None, "x"), Err(AppsError::Empty { .. })));
}

#[test]
fn objects_that_are_named_otherwise_are_told() {
    let bytes = answer(Request::default().line(&format!("{} refs/heads/main", "0".repeat(64))).flush());
    assert!(matches!(heads(&mut Packets::new(Box::new(bytes.as_slice()))), Err(Fault::Unsupported(_))));
}

#[test]
fn less_is_asked_for_than_there_is() {
    assert_eq!(
        [Filters::FilesAndDepths, Filters::Files, Filters::None].map(|filters| filters.for_directories(Some(3))),
        [Some("combine:blob:none+tree:3".to_owned()), Some("blob:none".to_owned()), None]
    );
    assert_eq!(Filters::FilesAndDepths.for_directories(None).as_deref(), Some("blob:none"));
    assert_eq!(Filters::FilesAndDepths.fewer().fewer(), Filters::None);
}
