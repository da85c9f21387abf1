//! One fault, at every request of a run: the run may fail, the next one makes it good, and the one after has nothing to do.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bivouac::emulator::Verdict;

use super::truth::{Saved, Told, Truth};
use super::{calm, meet, refusal, world, world_with_preview, writes};
use crate::on_github::{is_of_apps, named_alike};
use crate::world::{APPLICATION, Run, World, sha};

/// What a request of a run meets: one of git's, or one to the forge.
fn faults(is_git: bool) -> Vec<(&'static str, Verdict)> {
    let drops =
        [("dropped before it took effect", Verdict::Drop), ("dropped after it took effect", Verdict::DropAfter)];
    if is_git {
        return drops.into();
    }
    let bad = || refusal(502, "Bad Gateway");
    let limited = refusal(403, "You have exceeded a secondary rate limit").with_header("retry-after", "3600");
    let forbidden = refusal(403, "Resource not accessible by integration");
    let answers = [
        ("502 before it took effect", Verdict::Answer(bad())),
        ("502 after it took effect", Verdict::AnswerAfter(bad())),
        ("403 for want of a permission", Verdict::Answer(forbidden)),
        ("403 for a rate limit", Verdict::Answer(limited)),
    ];
    drops.into_iter().chain(answers).collect()
}

/// A world right before a run, and the run.
#[derive(Clone, Copy)]
struct Scenario {
    world: fn() -> World,
    numbers: &'static [u64],
    command: fn(&World) -> Command,
    /// What further runs say, when there is nothing left to do.
    result: &'static str,
}

impl Scenario {
    /// Meets every request with every fault. Much of it is waiting, so that two worlds share the work.
    fn survives_every_fault(self, forge_requests: usize, previews: &[Told]) {
        std::thread::scope(|scope| {
            for share in [0, 1] {
                named_alike()
                    .spawn_scoped(scope, move || {
                        let (stage, forge, apps) = Stage::set(self);
                        let by_git = stage.world.backend == "git";
                        assert_eq!(forge, forge_requests);
                        assert_eq!(stage.truth.previews.values().cloned().collect::<Vec<_>>(), previews);
                        let of_apps =
                            (0..apps).flat_map(|index| faults(by_git).into_iter().map(move |of| (true, index, of)));
                        let cases =
                            (0..forge).flat_map(|index| faults(false).into_iter().map(move |of| (false, index, of)));
                        // What becomes of the others does not hang on the backend: the run by git has met them.
                        let cases = cases.filter(|_| by_git);
                        for (is_apps, index, (name, verdict)) in cases.chain(of_apps).skip(share).step_by(2) {
                            let what = format!("{} request {index}: {name}", if is_apps { "apps" } else { "forge" });
                            stage.saved.restore(&stage.world);
                            stage.survives(is_apps, index, verdict, &what);
                        }
                    })
                    .unwrap();
            }
        });
    }
}

/// A world to be brought back again and again.
struct Stage {
    scenario: Scenario,
    world: World,
    /// What has to be there in the end.
    truth: Truth,
    saved: Saved,
}

impl Stage {
    /// Runs it without a fault, to see what has to be there in the end; returns the numbers of requests about pull requests and
    /// to the apps repository.
    fn set(scenario: Scenario) -> (Self, usize, usize) {
        let world = (scenario.world)();
        let saved = Saved::of(&world, scenario.numbers);
        let (all, of_apps) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let (counted, counted_of_apps) = (Arc::clone(&all), Arc::clone(&of_apps));
        world.intercept(move |request| {
            counted.fetch_add(1, Ordering::SeqCst);
            counted_of_apps.fetch_add(usize::from(is_of_apps(request)), Ordering::SeqCst);
            Verdict::Pass
        });
        world.run((scenario.command)(&world)).ok();
        let apps = of_apps.load(Ordering::SeqCst);
        let forge = all.load(Ordering::SeqCst) - apps;
        let truth = Truth::of(&world, scenario.numbers).refused_as_removed();
        (Self { scenario, world, truth, saved }, forge, apps)
    }

    fn run(&self) -> Run {
        self.world.run((self.scenario.command)(&self.world))
    }

    fn survives(&self, is_apps: bool, index: usize, verdict: Verdict, what: &str) {
        let world = &self.world;
        let picked = meet(world, index, 1, move |of| is_of_apps(of) == is_apps, move || verdict.clone());
        let first = self.run();
        assert!([0, 4, 6].contains(&first.code), "{what}: {}\n{}", first.code, first.stderr);
        assert_eq!(first.code != 0, first.stderr.contains("error:"), "{what}:\n{}", first.stderr);
        assert!(picked.load(Ordering::SeqCst) > index, "{what}: it never came to that");
        calm(world);
        let mut run = self.makes_good(what, &first);
        if !writes(world).is_empty() {
            run = self.makes_good(what, &first);
        }
        assert!(writes(world).is_empty(), "{what}: {:#?}\n{}", writes(world), first.stderr);
        assert_eq!(run.output("result"), self.scenario.result, "{what}");
        assert!(run.output("removed").trim_matches(['[', ']']).is_empty(), "{what}: {}", run.stdout);
    }

    /// One more run without a fault, after which everything has to be as it should.
    fn makes_good(&self, what: &str, first: &Run) -> Run {
        self.world.emulator.forget_requests();
        let run = self.run();
        assert_eq!(run.code, 0, "{what}: {}", run.stderr);
        let truth = Truth::of(&self.world, self.scenario.numbers).refused_as_removed();
        assert_eq!(truth, self.truth, "{what}: {}\nand then\n{}{}", first.stderr, run.stdout, run.stderr);
        run
    }
}

#[test]
fn a_preview_is_put_up_whatever_request_fails() {
    let command = |world: &World| world.event_command("deploy", "opened", 7, &sha('a'), &[]);
    let scenario = Scenario { world, numbers: &[7], command, result: "unchanged" };
    scenario.survives_every_fault(4, &[Told::up(7, &sha('a'))]);
}

#[test]
fn a_preview_is_brought_up_to_date_whatever_request_fails() {
    let world = || {
        let world = world_with_preview();
        world.push(7, &sha('b'));
        world
    };
    let command = |world: &World| world.event_command("deploy", "synchronize", 7, &sha('b'), &[]);
    let scenario = Scenario { world, numbers: &[7], command, result: "unchanged" };
    scenario.survives_every_fault(5, &[Told::up(7, &sha('b'))]);
}

#[test]
fn a_preview_is_taken_down_whatever_request_fails() {
    let world = || {
        let world = world_with_preview();
        world.emulator.forge().close(APPLICATION, 7).unwrap();
        world
    };
    let command = |world: &World| world.event_command("teardown", "closed", 7, &sha('a'), &[]);
    let scenario = Scenario { world, numbers: &[7], command, result: "absent" };
    scenario.survives_every_fault(3, &[Told::gone("removed")]);
}

#[test]
fn a_preview_goes_with_a_label_whatever_request_fails() {
    let world = || {
        let world = world_with_preview();
        world.emulator.forge().label(APPLICATION, 7, "no-preview").unwrap();
        world
    };
    let command = |world: &World| world.event_command("deploy", "labeled", 7, &sha('a'), &[]);
    let scenario = Scenario { world, numbers: &[7], command, result: "refused" };
    scenario.survives_every_fault(3, &[Told::gone("removed")]);
}

#[test]
fn a_sweep_takes_down_what_is_closed_whatever_request_fails() {
    let world = || {
        let world = World::new();
        for number in [7, 8, 9] {
            world.open(number, &sha('a'));
            world.deploy(number, &sha('a')).ok();
        }
        for number in [7, 8] {
            world.emulator.forge().close(APPLICATION, number).unwrap();
        }
        world
    };
    let scenario = Scenario { world, numbers: &[7, 8, 9], command: |world| world.bivouac(&["sweep"]), result: "" };
    scenario.survives_every_fault(8, &[Told::gone("removed"), Told::gone("removed"), Told::up(9, &sha('a'))]);
}
