//! Many deploys at the same time, each of a pull request of its own.

use crate::contestant::Contestant;
use crate::results::Contention;
use crate::settings::Settings;
use crate::world::World;
use crate::{Fallible, progress};

/// Measures every number of writers, in the smallest repository.
pub(crate) fn measure(world: &mut World, settings: &Settings) -> Fallible<Vec<Contention>> {
    let mut found = Vec::new();
    for writers in &settings.writers {
        for contestant in world.contestants() {
            let one = measure_one(world, contestant, *writers, settings)?;
            let (name, seconds) = (contestant.name(), one.total_ms / 1000.0);
            progress(&format!("{writers} at once: {name} landed {} in {seconds:.1} s", one.landed));
            found.push(one);
        }
    }
    Ok(found)
}

fn measure_one(world: &mut World, contestant: Contestant, writers: usize, settings: &Settings) -> Fallible<Contention> {
    let (runs, traffic) = world.run_at_once(0, contestant, writers, settings)?;
    let numbers: Vec<_> = runs.iter().map(|run| run.number).collect();
    let landed = world.apps[0].landed(&numbers)?;
    let times = runs.iter().filter(|run| landed.contains(&run.number)).map(|run| run.ended.milliseconds).collect();
    let failed: Vec<_> = runs.iter().filter(|run| run.ended.code != Some(0)).collect();
    Ok(Contention {
        writers,
        contestant,
        landed: landed.len(),
        times,
        total_ms: runs.iter().map(|run| run.ended.milliseconds).fold(0.0, f64::max),
        failures: failed.iter().map(|run| run.ended.code).collect(),
        said: failed.first().map(|run| run.said.clone()).unwrap_or_default(),
        traffic,
    })
}
