use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::contract::ExitCode;
use crate::domain::fork_build::RunHead;
use crate::domain::image::Digest;
use crate::domain::names::PullRequestNumber;
use crate::ports::PublishError;

const FORK: &str = "mallory/web";

/// A forge that has these builds, one list for each look, the last of which holds from then on.
#[derive(Default)]
struct Forge {
    looks: Vec<Vec<Build>>,
    artifacts: Vec<Artifact>,
    looked: AtomicUsize,
    fetched: Mutex<Vec<u64>>,
    fails_first: bool,
}

impl Builds for Forge {
    async fn builds(&self, _: &WorkflowFile, _: &CommitId) -> Result<Vec<Build>, ForgeError> {
        let look = self.looked.fetch_add(1, Ordering::SeqCst);
        if self.fails_first && look == 0 {
            return Err(ForgeError::Failed { what: "look", status: 502, message: String::new() });
        }
        Ok(self.looks.get(look).or(self.looks.last()).cloned().unwrap_or_default())
    }

    async fn artifacts(&self, _: u64) -> Result<Vec<Artifact>, ForgeError> {
        Ok(self.artifacts.clone())
    }

    async fn download(&self, artifact: u64, file: &Path, limit: u64) -> Result<(), ForgeError> {
        assert_eq!(limit, LARGEST_ARTIFACT);
        std::fs::write(file, format!("artifact {artifact}")).unwrap();
        self.fetched.lock().unwrap().push(artifact);
        Ok(())
    }

    async fn pull_requests_of(&self, _: &RunHead) -> Result<Vec<PullRequestNumber>, ForgeError> {
        Ok(Vec::new())
    }
}

/// A registry that has some tags, and takes all but the image of one member.
#[derive(Default)]
struct Images {
    there: Vec<ImageReference>,
    forbids: bool,
    refused: Option<&'static str>,
    published: Mutex<Vec<(String, String, String)>>,
}

impl Registry for Images {
    async fn digest(&self, image: &ImageReference) -> Result<Option<Digest>, RegistryError> {
        if self.forbids {
            return Err(RegistryError::Forbidden { repository: image.repository.clone(), message: String::new() });
        }
        Ok(self.there.contains(image).then(digest))
    }
}

impl ImagePublisher for Images {
    async fn publish(&self, zip: &Path, member: &str, image: &ImageReference) -> Result<Digest, PublishError> {
        let (image, member) = (image.clone(), member.to_owned());
        if self.refused == Some(member.as_str()) {
            return Err(PublishError::Refused { image, member, message: "it is odd".to_owned() });
        }
        let held = std::fs::read_to_string(zip).unwrap();
        self.published.lock().unwrap().push((held, member, image.to_string()));
        Ok(digest())
    }
}

fn digest() -> Digest {
    format!("sha256:{}", "0".repeat(64)).parse().unwrap()
}

fn image(repository: &str) -> ImageReference {
    ImageReference { repository: repository.parse().unwrap(), tag: "v1".parse().unwrap() }
}

fn build(id: u64, repository: Option<&str>, standing: BuildStanding) -> Build {
    Build { id, head_repository: repository.map(|name| name.parse().unwrap()), standing }
}

fn artifact(id: u64, name: &str) -> Artifact {
    Artifact { id, name: name.to_owned(), size: 10, is_expired: false }
}

/// What becomes of it, and what is left in the folder.
async fn publish(forge: &Forge, images: &Images, wanted: &[&str], timeout: Duration) -> Result<bool, Error> {
    let folder = tempfile::tempdir().unwrap();
    let wanted: Vec<_> = wanted.iter().map(|repository| image(repository)).collect();
    let (commit, fork) = ("a".repeat(40).parse().unwrap(), FORK.parse().unwrap());
    let workflow = "preview-fork-build.yml".parse().unwrap();
    let of = ForkCommit { commit: &commit, head_repository: Some(&fork) };
    let by = Source { builds: forge, registry: images, workflow: &workflow, timeout, folder: folder.path() };
    let ended = super::publish(&wanted, &of, &by).await;
    let left: Vec<PathBuf> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, Vec::<PathBuf>::new());
    ended
}

fn forge(builds: Vec<Build>) -> Forge {
    let artifacts = vec![artifact(1, "bivouac-image-web"), artifact(2, "bivouac-image-api")];
    Forge { looks: vec![builds], artifacts, ..Forge::default() }
}

#[tokio::test]
async fn what_is_there_is_left_alone_and_the_rest_is_published_as_it_is_wanted() {
    let images = Images { there: vec![image("ghcr.io/acme/web")], ..Images::default() };
    let forge = forge(vec![build(7, Some(FORK), BuildStanding::Succeeded)]);
    let wanted = ["ghcr.io/acme/web", "ghcr.io/acme/api", "ghcr.io/acme/api"];
    assert!(publish(&forge, &images, &wanted, Duration::ZERO).await.unwrap());
    let published = images.published.into_inner().unwrap();
    let api = ("artifact 2".to_owned(), "api.tar".to_owned(), "ghcr.io/acme/api:v1".to_owned());
    assert_eq!(published, [api]);
}

#[tokio::test]
async fn when_nothing_is_missing_the_forge_is_not_asked() {
    let images = Images { there: vec![image("ghcr.io/acme/web")], ..Images::default() };
    let forge = Forge::default();
    assert!(!publish(&forge, &images, &["ghcr.io/acme/web"], Duration::ZERO).await.unwrap());
    assert!(!publish(&forge, &images, &[], Duration::ZERO).await.unwrap());
    assert_eq!(forge.looked.into_inner(), 0);
}

#[tokio::test]
async fn a_repository_that_may_not_be_read_may_be_one_that_is_not_there_yet() {
    let images = Images { forbids: true, ..Images::default() };
    let forge = forge(vec![build(7, Some(FORK), BuildStanding::Succeeded)]);
    assert!(publish(&forge, &images, &["ghcr.io/acme/web"], Duration::ZERO).await.unwrap());
}

#[tokio::test]
async fn a_build_is_waited_for_through_what_passes() {
    let mut forge = forge(vec![]);
    forge.looks.push(vec![build(7, Some(FORK), BuildStanding::Pending)]);
    forge.looks.push(vec![build(7, Some(FORK), BuildStanding::Succeeded)]);
    forge.fails_first = true;
    let images = Images::default();
    assert!(publish(&forge, &images, &["ghcr.io/acme/web"], Duration::from_mins(1)).await.unwrap());
    assert_eq!(forge.looked.into_inner(), 3);
}

/// Whose build it is, and how it stands.
type Told = (Option<&'static str>, BuildStanding);

#[tokio::test]
async fn how_the_builds_stand_decides() {
    use BuildStanding::{Failed, Pending, Succeeded};
    let table: [(&[Told], Result<(), &str>); 9] = [
        (&[], Err("there is none that has not ended")),
        (&[(Some(FORK), Pending)], Err("run 9 waits for approval, or is under way")),
        (&[(Some(FORK), Failed)], Err("failed: run 9")),
        (&[(Some(FORK), Failed), (Some(FORK), Failed)], Err("failed: run 9")),
        (&[(Some(FORK), Failed), (Some(FORK), Pending)], Err("run 8 waits for approval")),
        (&[(Some(FORK), Pending), (Some(FORK), Succeeded)], Ok(())),
        (&[(Some(FORK), Failed), (Some(FORK), Succeeded)], Ok(())),
        (&[(Some("eve/web"), Succeeded), (None, Succeeded)], Err("there is none that has not ended")),
        (&[(Some("eve/web"), Pending), (Some(FORK), Failed)], Err("failed: run 8")),
    ];
    for (builds, expected) in table {
        let ids = (0..=9).rev();
        let forge = forge(builds.iter().zip(ids).map(|((from, standing), id)| build(id, *from, *standing)).collect());
        let ended = publish(&forge, &Images::default(), &["ghcr.io/acme/web"], Duration::ZERO).await;
        match (ended, expected) {
            (Ok(is_published), Ok(())) => assert!(is_published, "{builds:?}"),
            (Err(error), Err(words)) => {
                assert_eq!(error.exit_code(), ExitCode::Blocked, "{builds:?}");
                assert!(error.to_string().contains(words) && error.hint().is_some(), "{error}");
            }
            (ended, _) => panic!("{builds:?}: {ended:?}"),
        }
    }
}

#[tokio::test]
async fn a_failed_build_is_not_waited_for() {
    let forge = forge(vec![build(7, Some(FORK), BuildStanding::Failed)]);
    let ended = publish(&forge, &Images::default(), &["ghcr.io/acme/web"], Duration::from_mins(10)).await;
    assert!(matches!(ended, Err(Error::ForkImages(ForkImagesError::BuildFailed { build: 7, .. }))), "{ended:?}");
}

#[tokio::test]
async fn an_artifact_that_can_not_be_used_is_told_before_anything_is_fetched() {
    let expired = Artifact { is_expired: true, ..artifact(3, "bivouac-image-web") };
    let large = Artifact { size: LARGEST_ARTIFACT + 1, ..artifact(3, "bivouac-image-web") };
    let table = [
        (vec![], ExitCode::Blocked, "left no artifact `bivouac-image-web`"),
        (vec![artifact(3, "bivouac-image-web2")], ExitCode::Blocked, "left no artifact"),
        (vec![artifact(2, "bivouac-image-web"), expired], ExitCode::Blocked, "has expired"),
        (vec![large], ExitCode::Unsafe, "8589934593 bytes"),
    ];
    for (mut artifacts, code, words) in table {
        artifacts.push(artifact(1, "bivouac-image-api"));
        let looks = vec![vec![build(7, Some(FORK), BuildStanding::Succeeded)]];
        let forge = Forge { looks, artifacts, ..Forge::default() };
        let wanted = ["ghcr.io/acme/api", "ghcr.io/acme/web"];
        let error = publish(&forge, &Images::default(), &wanted, Duration::ZERO).await.unwrap_err();
        assert_eq!(error.exit_code(), code, "{error}");
        assert!(error.to_string().contains(words) && error.hint().is_some(), "{error}");
        assert_eq!(forge.fetched.into_inner().unwrap(), [0; 0]);
    }
}

#[tokio::test]
async fn two_images_of_one_artifact_are_refused_before_anybody_is_asked() {
    let (forge, images) = (Forge::default(), Images { forbids: true, ..Images::default() });
    let wanted = ["ghcr.io/acme/web", "ghcr.io/other/web"];
    let error = publish(&forge, &images, &wanted, Duration::ZERO).await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Configuration);
    assert!(wanted.iter().all(|name| error.to_string().contains(&format!("`{name}`"))), "{error}");
    assert_eq!(forge.looked.into_inner(), 0);
}

#[tokio::test]
async fn what_is_no_image_ends_it_and_leaves_no_file() {
    let images = Images { refused: Some("web.tar"), ..Images::default() };
    let forge = forge(vec![build(7, Some(FORK), BuildStanding::Succeeded)]);
    let error = publish(&forge, &images, &["ghcr.io/acme/web"], Duration::ZERO).await.unwrap_err();
    assert_eq!(error.exit_code(), ExitCode::Unsafe);
    assert!(error.to_string().contains("it is odd"), "{error}");
}
