//! Secrets that are put into environments.

use std::sync::atomic::{AtomicBool, Ordering};

use bivouac::emulator::Verdict;
use bivouac::ports::{EnvironmentSecrets, ForgeError};
use bivouac::secret::Secret;

use super::{US, github};
use crate::world::{APPLICATION, World};

const HUSH: &str = "5d8e7a3c-hush";

fn put(world: &World, environment: &str) -> Result<(), ForgeError> {
    let (github, name, value) = (github(world), "VAULT_SECRET_ID".parse().unwrap(), Secret::new(HUSH).unwrap());
    let put = world.block_on(github.put(environment, &name, &value));
    world.accepts_all();
    put
}

/// A world with one environment, whose name takes encoding.
fn world() -> World {
    let world = World::new();
    world.emulator.forge().create_environment(APPLICATION, "live/a b").unwrap();
    world.emulator.change_account(US, |account| account.keeps_secrets = true).unwrap();
    world
}

fn kept(world: &World) -> Option<String> {
    world.emulator.forge().environment_secret(APPLICATION, "live/a b", "VAULT_SECRET_ID").unwrap()
}

#[test]
fn a_secret_reaches_its_environment_and_is_seen_by_nobody_on_the_way() {
    let world = world();
    for _first_and_again in 0..2 {
        put(&world, "live/a b").unwrap();
        assert_eq!(kept(&world).as_deref(), Some(HUSH));
    }
    assert!(world.emulator.requests().iter().all(|request| !request.body.to_string().contains("hush")));
}

#[test]
fn a_secret_whose_answer_was_lost_is_put_again() {
    let world = world();
    let is_first = AtomicBool::new(true);
    world.intercept(move |request| {
        let is_it = request.method == "PUT" && is_first.swap(false, Ordering::SeqCst);
        if is_it { Verdict::DropAfter } else { Verdict::Pass }
    });
    put(&world, "live/a b").unwrap();
    assert_eq!(kept(&world).as_deref(), Some(HUSH));
}

#[test]
fn an_environment_that_is_not_there_and_a_token_that_may_not_are_told() {
    let world = world();
    assert!(matches!(put(&world, "nowhere"), Err(ForgeError::NotFound { .. })));
    world.emulator.change_account(US, |account| account.keeps_secrets = false).unwrap();
    let error = bivouac::error::Error::from(put(&world, "live/a b").unwrap_err());
    assert!(error.to_string().contains("does not allow to put a secret into an environment"), "{error}");
    assert!(error.hint().unwrap().contains("BIVOUAC_ENVIRONMENT_TOKEN"));
    assert_eq!(kept(&world), None);
}
