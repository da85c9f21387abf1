//! Many overlays built by few runs of kustomize.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::run::{self, Ended};
use super::{Folder, Kustomize};
use crate::domain::checks::Manifest;
use crate::domain::checks::build::{self, Failure};
use crate::domain::path::RepoPath;
use crate::domain::yaml::YamlError;
use crate::effects::scratch::Scratch;
use crate::ports::{Built, RenderError};

/// The most overlays in one run: a start of the program costs as much as some fifty overlays.
const MOST: usize = 64;
/// The fewest overlays that are worth a run of their own beside another.
const FEWEST: usize = 16;
/// After how many failures with the same words others are taken to fail alike: base itself is broken then.
const ALIKE: usize = 3;

/// The overlays in the order of `overlays`.
pub(super) async fn all(
    kustomize: &Kustomize,
    limit: Duration,
    folder: &Folder,
    overlays: &[RepoPath],
) -> Result<Vec<Built>, RenderError> {
    let wrappers = Wrappers::write(folder, overlays).map_err(|why| RenderError::Local { message: why.to_string() })?;
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let size = overlays.len().div_ceil(workers).clamp(FEWEST, MOST);
    let indices: Vec<_> = (0..overlays.len()).collect();
    let mut work = Work {
        built: vec![None; overlays.len()],
        waiting: indices.chunks(size).map(<[usize]>::to_vec).rev().collect(),
        failures: Vec::new(),
    };
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < workers
            && let Some(next) = work.waiting.pop()
        {
            running.push(wrappers.build(kustomize, limit, next));
        }
        let Some(ended) = running.next().await else { break };
        let (indices, ended) = ended?;
        work.learn(&wrappers, indices, ended);
    }
    Ok(work.built.into_iter().map(|built| built.unwrap_or_else(|| Ok(Vec::new()))).collect())
}

/// What is built and what is not.
struct Work {
    built: Vec<Option<Built>>,
    waiting: Vec<Vec<usize>>,
    /// The words of overlays that failed by themselves.
    failures: Vec<String>,
}

impl Work {
    fn learn(&mut self, wrappers: &Wrappers<'_>, indices: Vec<usize>, ended: Ended) {
        let words = match ended.map(|printed| wrappers.manifests(&printed)) {
            Ok(Ok(mut found)) => {
                for index in indices {
                    let manifests = found.remove(&index).unwrap_or_default();
                    self.built[index] = Some(Ok(manifests));
                }
                return;
            }
            Ok(Err(unreadable)) => format!("what kustomize printed can not be read: {unreadable}"),
            Err(words) => words,
        };
        let culprit = wrappers.culprit(&words).filter(|culprit| indices.contains(culprit));
        let failure = wrappers.explain(&words, culprit.unwrap_or(indices[0]));
        if let [index] = indices[..] {
            self.failures.push(failure.words.clone());
            self.built[index] = Some(Err(failure));
            return;
        }
        let alike = self.failures.iter().filter(|known| **known == failure.words).count();
        // What is in an overlay itself says nothing of the others.
        let own = wrappers.overlays[culprit.unwrap_or(indices[0])].as_str();
        let is_shared = failure.place.as_ref().is_some_and(|place| !place.file.as_str().starts_with(own));
        if alike >= ALIKE && is_shared {
            for index in indices {
                self.built[index] = Some(Err(failure.clone()));
            }
            return;
        }
        // Two overlays may only be in each other's way: who fails is tried alone.
        let (one, others) = if let Some(culprit) = culprit {
            indices.into_iter().partition(|index| *index == culprit)
        } else {
            let (first, rest) = indices.split_at(indices.len() / 2);
            (first.to_vec(), rest.to_vec())
        };
        self.waiting.extend([others, one]);
    }
}

/// A kustomization around each overlay.
struct Wrappers<'a> {
    folder: &'a Folder,
    overlays: &'a [RepoPath],
    /// Where they are, without symbolic links.
    place: PathBuf,
    _scratch: Scratch,
}

impl<'a> Wrappers<'a> {
    fn write(folder: &'a Folder, overlays: &'a [RepoPath]) -> io::Result<Self> {
        let scratch = Scratch::folder()?;
        let place = scratch.path().canonicalize()?;
        for (index, overlay) in overlays.iter().enumerate() {
            let here = place.join(index.to_string());
            fs::create_dir(&here)?;
            let path = relative(&here, &folder.place(overlay));
            fs::write(here.join("kustomization.yaml"), build::wrapper(&path, index))?;
        }
        Ok(Self { folder, overlays, place, _scratch: scratch })
    }

    async fn build(
        &self,
        kustomize: &Kustomize,
        limit: Duration,
        indices: Vec<usize>,
    ) -> Result<(Vec<usize>, Ended), RenderError> {
        let name = format!("from-{}-{}", indices[0], indices.len());
        let here = self.place.join(name);
        let paths: Vec<_> = indices.iter().map(|index| format!("../{index}")).collect();
        let write =
            fs::create_dir_all(&here).and_then(|()| fs::write(here.join("kustomization.yaml"), build::batch(&paths)));
        write.map_err(|why| RenderError::Local { message: why.to_string() })?;
        let mut command = run::command(&kustomize.program);
        command.arg(kustomize.verb).arg(&here);
        Ok((indices, run::run(command, limit).await?))
    }

    fn manifests(&self, printed: &str) -> Result<BTreeMap<usize, Vec<Manifest>>, YamlError> {
        // All of these folders are as deep as one another.
        let here = self.place.join("from");
        build::manifests(printed, |path| located(&here.join(path), &self.folder.path))
    }

    /// The overlay whose wrapper kustomize was in when it failed.
    fn culprit(&self, words: &str) -> Option<usize> {
        let mark = format!("of path '{}/", self.place.display());
        let at = words.find(&mark)? + mark.len();
        words[at..].split('\'').next()?.parse().ok()
    }

    fn explain(&self, words: &str, index: usize) -> Failure {
        // Kustomize names files by the way from where it runs, too.
        let way = format!("{}/", relative(&self.place.join("from"), &self.folder.path));
        build::explain(&words.replace(&way, ""), &self.folder.path.to_string_lossy(), &self.overlays[index])
    }
}

/// The way from one folder to another; both are absolute.
fn relative(from: &Path, to: &Path) -> String {
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to.components().skip(shared).map(|component| component.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// A path in the repository whose top is `top`.
fn located(path: &Path, top: &Path) -> Option<RepoPath> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain.strip_prefix(top).ok()?.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_lead_from_folder_to_folder() {
        for (from, to, way) in [
            ("/tmp/a/0", "/tmp/b/overlays/x", "../../b/overlays/x"),
            ("/tmp/a/0", "/srv/b", "../../../srv/b"),
            ("/a", "/a/b", "b"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), way);
            let back = located(&Path::new(from).join(way), Path::new("/")).unwrap();
            assert_eq!(format!("/{back}"), to);
        }
        assert_eq!(located(Path::new("/x/../etc"), Path::new("/tmp")), None);
    }
}
