//! What a pull request is on the forge, and what the runs for it do and say.

mod announcing;
mod builds;
mod comments;
mod cost;
mod deployments;
mod discussion;
mod events;
mod forks;
mod once;
mod secrets;

use bivouac::domain::deployment::Environments;
use bivouac::effects::forge::{Addresses, GitHub};
use bivouac::effects::http;
use bivouac::emulator::{Actor, RequestKind};
use bivouac::secret::Secret;

use crate::world::{APPLICATION, TOKEN, World, sha};

/// Who Bivouac is on the forge.
const US: &str = "github-actions[bot]";
const PATCH: &str = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";

/// A world with the open pull request 7 at `a…`.
fn world() -> World {
    let world = World::new();
    world.open(7, &sha('a'));
    world
}

/// What speaks with the forge for the program.
fn github(world: &World) -> GitHub {
    let addresses = Addresses { rest: world.emulator.api_url(), graphql: world.emulator.graphql_url() };
    let (http, token, repository) = (http::client().unwrap(), Secret::new(TOKEN), APPLICATION.parse().unwrap());
    // Its client starts a task.
    let github = async { GitHub::new(&http, &addresses, token.as_ref(), repository, false, Environments::Off) };
    world.block_on(github).unwrap()
}

/// Writes a comment on pull request 7, and returns its number.
fn comment(world: &World, author: Actor, body: &str) -> u64 {
    world.emulator.forge().comment(APPLICATION, 7, author, body).unwrap().id
}

/// The comments on pull request 7 by number.
fn comments(world: &World) -> Vec<(u64, String)> {
    let comments = world.emulator.forge().comments(APPLICATION, 7).unwrap();
    comments.into_iter().map(|comment| (comment.id, comment.body)).collect()
}

/// The start of a comment of ours.
fn marker(generation: u64, state: &str) -> String {
    format!("<!-- bivouac application=wildside generation={generation} state={state} ")
}

/// A comment of ours that says nothing else.
fn bare(generation: u64, state: &str) -> String {
    format!("{}-->\n", marker(generation, state))
}

/// Method and path of each REST request since the requests were forgotten.
fn rest(world: &World) -> Vec<String> {
    let requests = world.requests(RequestKind::Api).into_iter();
    requests.map(|request| format!("{} {}", request.method, request.path.replace("/api/v3/repos/acme/", ""))).collect()
}
