//! `bivouac init --workflows`.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::context::Context;
use super::super::report;
use crate::domain::names::CommitId;
use crate::domain::path::RepoPath;
use crate::domain::workflows::{self, Pin};
use crate::effects::{files, releases};
use crate::error::Error;

/// Which Bivouac the workflows run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// The release that has the version of this program.
    Own,
    /// The release with this tag.
    Tag(String),
    /// This commit.
    Commit(CommitId),
}

/// The value of `--pin`; blank for the release of this program.
///
/// # Errors
///
/// When it can be neither a tag nor a commit.
pub fn parse_revision(text: &str) -> Result<Revision, String> {
    if text.is_empty() {
        return Ok(Revision::Own);
    }
    if let Ok(commit) = text.parse() {
        return Ok(Revision::Commit(commit));
    }
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if text.bytes().all(fine) && !text.starts_with(['-', '.']) && !text.contains("..") {
        return Ok(Revision::Tag(text.to_owned()));
    }
    Err("give the tag of a release, such as `v1.2.0`, or all 40 digits of a commit".to_owned())
}

/// Copies the workflows into a checkout of the application repository.
///
/// # Errors
///
/// When no commit of Bivouac is known for them to run, a file is in the way, or can not be written.
pub async fn run(
    directory: &Path,
    pin: Option<&Revision>,
    forks: bool,
    force: bool,
    context: &Context,
) -> Result<(), Error> {
    if !directory.is_dir() {
        let message = format!("`{}` is not a directory", directory.display());
        let hint = "give the checkout of the application repository; a tag or a commit is given as `--pin=…`";
        return Err(Error::Usage { message, hint });
    }
    let build = if matches!(pin, Some(Revision::Commit(_))) { BUILD } else { "" };
    let pin = match pin {
        Some(revision) => Some(resolve(revision, context).await?),
        None => None,
    };
    let chosen = |text: &str| if forks { text.to_owned() } else { workflows::without_forks(text) };
    let pinned = |text: &str| pin.as_ref().map_or_else(|| text.to_owned(), |pin| workflows::pinned(text, pin));
    let folder = RepoPath::top().join(".github/workflows");
    let of_forks = workflows::FORK_FILES.iter().filter(|_| forks);
    let files = workflows::FILES.iter().chain(of_forks);
    let texts: BTreeMap<_, _> = files.map(|(name, text)| (folder.join(name), pinned(&chosen(text)))).collect();
    if texts.values().any(|text| workflows::is_unreleased(text)) {
        let message = "this version of Bivouac knows no release for the workflows to run".to_owned();
        let hint = "give `--pin`, `--pin=TAG` or `--pin=COMMIT`";
        return Err(Error::Usage { message, hint });
    }
    let written = files::write_all(directory, &texts, force)?;
    let forks = if forks { FORKS } else { "" };
    report::print(&format!("{}{NEXT}{forks}{build}", super::listing(&written)))
}

async fn resolve(revision: &Revision, context: &Context) -> Result<Pin, Error> {
    let tag = match revision {
        Revision::Commit(commit) => return Ok(Pin { commit: commit.clone(), name: commit.short().to_owned() }),
        Revision::Tag(tag) => tag.clone(),
        Revision::Own => format!("v{}", env!("CARGO_PKG_VERSION")),
    };
    let server = context.server_url();
    let is_plain = reqwest::Url::parse(server).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none()
    });
    if !is_plain {
        let message = "`GITHUB_SERVER_URL` is not the address of a server".to_owned();
        return Err(Error::Usage {
            message,
            hint: "give one such as `https://github.example.com`, without credentials",
        });
    }
    let address = format!("{server}/bivouac-dev/bivouac");
    match releases::commit_of_tag(&address, &tag).await? {
        Some(commit) => Ok(Pin { commit, name: tag }),
        None => Err(Error::Usage {
            message: format!("`{address}` has no tag `{tag}`"),
            hint: "name one that it has with `--pin=TAG`, or a commit with `--pin=COMMIT`",
        }),
    }
}

const NEXT: &str = "
Next: look through these files, and give the repository what they need:
  gh variable set BIVOUAC_APPS_REPOSITORY --body OWNER/NAME
  gh secret set BIVOUAC_APPS_TOKEN
  gh variable set BIVOUAC_IMAGE_DIRECTORIES --body '[\"backend\", \"frontend\"]'
The last one says where the Dockerfiles are: leave it out for one at the top, and say [] if images are built elsewhere.
Then commit the files to the default branch.
";

const FORKS: &str = "
For forks, say `preview: {forks: approved}` in `bivouac.yaml`, and in preview-fork-build.yml where the Dockerfiles are, as GitHub
gives no variables to runs for forks. The rest is in docs/forks.md: https://github.com/bivouac-dev/bivouac/blob/main/docs/forks.md
";

const BUILD: &str = "
If that commit is not a release, the runs have to build Bivouac, which takes minutes of each:
  gh variable set BIVOUAC_BUILD_FROM_SOURCE --body true
";
