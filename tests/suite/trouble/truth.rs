//! What is there in the end: the apps repository, our comments, and the deployments that are not over.

use std::collections::BTreeMap;

use bivouac::emulator::{Actor, Comment, Deployment, DeploymentStatusState, NewDeploymentStatus};
use git2::{ObjectType, Oid, Repository, TreeWalkMode};

use super::US;
use crate::world::{APPLICATION, World};

/// All that people and Flux see of some pull requests, without what may differ from run to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Truth {
    /// The files of the apps repository.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) previews: BTreeMap<u64, Told>,
}

/// What is told of one preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// The state in each of our comments.
    pub(crate) states: Vec<String>,
    /// Whether a comment links to the preview.
    pub(crate) is_linked: bool,
    /// The commit and the address of each deployment that is not over.
    pub(crate) active: Vec<(String, String)>,
    /// Whether our comments name the deployments that are not over, and no others.
    pub(crate) is_named: bool,
    /// How many deployments of one generation there are more than one.
    pub(crate) repeated: usize,
}

impl Truth {
    pub(crate) fn of(world: &World, numbers: &[u64]) -> Self {
        let previews = numbers.iter().map(|number| (*number, Told::of(world, *number)));
        Self { files: files(world), previews: previews.collect() }
    }

    /// The same, where a preview that went and one that there should never have been are told alike.
    pub(crate) fn refused_as_removed(mut self) -> Self {
        for state in self.previews.values_mut().flat_map(|told| &mut told.states) {
            if state == "refused" {
                "removed".clone_into(state);
            }
        }
        self
    }
}

impl Told {
    pub(crate) fn of(world: &World, number: u64) -> Self {
        let bodies: Vec<_> = our_comments(world, number).into_iter().map(|comment| comment.body).collect();
        let ours = deployments(world, number);
        let active: Vec<_> = ours.iter().filter(|of| of.latest() != Some(DeploymentStatusState::Inactive)).collect();
        let named: Vec<_> = bodies.iter().filter_map(|body| field(body, "deployment")?.parse::<u64>().ok()).collect();
        let mut generations: Vec<_> = ours.iter().map(|of| of.payload["generation"].to_string()).collect();
        generations.sort();
        generations.dedup();
        let url = |of: &Deployment| of.statuses.last().map_or_else(String::new, |last| last.environment_url.clone());
        Self {
            states: bodies.iter().filter_map(|body| field(body, "state")).collect(),
            is_linked: bodies.iter().any(|body| {
                body.contains(&format!("](https://pr-{number}.preview.example.com)"))
                    || body.contains(&format!("| Address | https://pr-{number}.preview.example.com |"))
            }),
            is_named: named == active.iter().map(|of| of.id).collect::<Vec<_>>(),
            active: active.iter().map(|of| (of.sha.clone(), url(of))).collect(),
            repeated: ours.len() - generations.len(),
        }
    }

    /// A preview that is up at a commit, told once.
    pub(crate) fn up(number: u64, commit: &str) -> Self {
        Self {
            states: vec!["deploying".to_owned()],
            is_linked: true,
            active: vec![(commit.to_owned(), format!("https://pr-{number}.preview.example.com"))],
            is_named: true,
            repeated: 0,
        }
    }

    /// A preview that is gone, told once.
    pub(crate) fn gone(state: &str) -> Self {
        let states = vec![state.to_owned()];
        Self { states, is_linked: false, active: Vec::new(), is_named: true, repeated: 0 }
    }
}

/// A field of a comment's marker.
pub(crate) fn field(body: &str, name: &str) -> Option<String> {
    let inner = body.strip_prefix("<!-- bivouac ")?.split_once("-->")?.0;
    let found = inner.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='))?;
    Some(found.to_owned())
}

/// Our comments with a marker, the oldest first.
pub(crate) fn our_comments(world: &World, number: u64) -> Vec<Comment> {
    let all = world.emulator.forge().comments(APPLICATION, number).unwrap();
    let has_marker = |body: &str| field(body, "generation").is_some_and(|generation| generation.parse::<u32>().is_ok());
    let is_ours = |comment: &Comment| comment.author == Actor::bot(US) && has_marker(&comment.body);
    all.into_iter().filter(is_ours).collect()
}

/// The deployments of a pull request's preview, the oldest first.
pub(crate) fn deployments(world: &World, number: u64) -> Vec<Deployment> {
    let all = world.emulator.forge().deployments(APPLICATION).unwrap();
    all.into_iter().filter(|of| of.payload["pull-request"] == number).collect()
}

/// The files at the tip, without the lines that tell generations and times.
fn files(world: &World) -> BTreeMap<String, String> {
    let repository = Repository::open_bare(&world.apps).unwrap();
    let tree = repository.revparse_single("main^{tree}").unwrap().peel_to_tree().unwrap();
    let mut files = BTreeMap::new();
    tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
        if entry.kind() == Some(ObjectType::Blob) {
            let blob = repository.find_blob(entry.id()).unwrap();
            let text = String::from_utf8(blob.content().to_vec()).unwrap();
            let differs = |line: &&str| ["generation", "created-at", "expires-at"].iter().any(|key| line.contains(key));
            let kept: Vec<_> = text.lines().filter(|line| !differs(line)).collect();
            files.insert(format!("{folder}{}", entry.name().unwrap()), kept.join("\n"));
        }
        0
    })
    .unwrap();
    files
}

/// A moment that a world is brought back to.
pub(crate) struct Saved {
    tip: Oid,
    comments: BTreeMap<u64, Vec<Comment>>,
    deployments: Vec<Deployment>,
}

impl Saved {
    pub(crate) fn of(world: &World, numbers: &[u64]) -> Self {
        let forge = world.emulator.forge();
        let comments = numbers.iter().map(|number| (*number, forge.comments(APPLICATION, *number).unwrap()));
        Self {
            tip: world.tip().parse().unwrap(),
            comments: comments.collect(),
            deployments: forge.deployments(APPLICATION).unwrap(),
        }
    }

    /// Brings the world back, but for the identifiers that were given meanwhile.
    pub(crate) fn restore(&self, world: &World) {
        let repository = Repository::open_bare(&world.apps).unwrap();
        repository.reference("refs/heads/main", self.tip, true, "back").unwrap();
        let forge = world.emulator.forge();
        for (number, saved) in &self.comments {
            for now in forge.comments(APPLICATION, *number).unwrap() {
                match saved.iter().find(|then| then.id == now.id) {
                    Some(then) if then.body == now.body => {}
                    Some(then) => drop(forge.edit_comment(APPLICATION, then.id, &then.body).unwrap()),
                    None => forge.delete_comment(APPLICATION, now.id).unwrap(),
                }
            }
            assert_eq!(forge.comments(APPLICATION, *number).unwrap().len(), saved.len(), "a comment was lost");
        }
        for now in forge.deployments(APPLICATION).unwrap() {
            match self.deployments.iter().find(|then| then.id == now.id) {
                Some(then) if then.latest() == now.latest() => {}
                Some(then) => {
                    let last = then.statuses.last().unwrap();
                    let url = last.environment_url.clone();
                    let again = NewDeploymentStatus { environment_url: url, ..NewDeploymentStatus::of(last.state) };
                    forge.add_deployment_status(APPLICATION, now.id, again).unwrap();
                }
                None => forge.delete_deployment(APPLICATION, now.id).unwrap(),
            }
        }
    }
}
