//! One deploy of a new pull request with nobody else about, all contestants in turns.

use std::collections::BTreeMap;

use crate::contestant::Contestant;
use crate::results::Alone;
use crate::settings::{DELAY, Settings};
use crate::traffic::{self, Traffic};
use crate::world::World;
use crate::{Fallible, progress};

/// Measures all sizes, near and far.
pub(crate) fn measure(world: &mut World, settings: &Settings) -> Fallible<Vec<Alone>> {
    let mut found = Vec::new();
    for index in 0..world.apps.len() {
        // Not measured: the first of each reads everything from the disk.
        for contestant in world.contestants() {
            world.run(index, contestant, false, settings)?;
        }
        for is_far in [false, true] {
            found.extend(measure_one(world, index, is_far, settings)?);
        }
    }
    Ok(found)
}

fn measure_one(world: &mut World, index: usize, is_far: bool, settings: &Settings) -> Fallible<Vec<Alone>> {
    let previews = world.apps[index].previews;
    let round_trip_ms = if is_far { u64::try_from(DELAY.as_millis() * 2)? } else { 0 };
    let rounds = if is_far { settings.far_rounds } else { settings.rounds };
    let mut found: BTreeMap<Contestant, Alone> = BTreeMap::new();
    for _ in 0..rounds {
        for contestant in world.contestants() {
            let (run, asked) = world.run(index, contestant, is_far, settings)?;
            let (times, peak_kb, traffic, requests) = (Vec::new(), 0, Traffic::default(), Vec::new());
            let alone =
                Alone { previews, round_trip_ms, contestant, times, cpu: Vec::new(), peak_kb, traffic, requests };
            let alone = found.entry(contestant).or_insert(alone);
            alone.times.push(run.ended.milliseconds);
            alone.cpu.push(run.ended.cpu_ms);
            alone.peak_kb = alone.peak_kb.max(run.ended.peak_kb);
            alone.traffic = Traffic::of(&asked);
            alone.requests = asked.iter().map(traffic::line).collect();
        }
    }
    for alone in found.values() {
        let (name, median) = (alone.contestant.name(), alone.median());
        progress(&format!("{previews} previews, {round_trip_ms} ms away: {name} {median:.0} ms"));
    }
    Ok(found.into_values().collect())
}
