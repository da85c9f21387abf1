//! Histories: what comes of announcements that are interrupted, while people and other runs get in the way.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::{Announcement, Holding, announcement, news};
use super::forge::{FAILED, Forge, READY, Requests, holding};
use crate::domain::comment::{State, is_untouched};
use crate::domain::deployment::{Environments, Standing};
use crate::domain::lifecycle;
use crate::domain::names::Application;
use crate::domain::reason::{Holder, Reason};
use crate::domain::record::Record;
use crate::domain::tests::{number, record};

static REASONS: LazyLock<[Reason; 4]> = LazyLock::new(|| {
    let holders = vec![Holder { name: "pr-1".parse().unwrap(), number: number(1) }];
    [Reason::Closed, Reason::Draft, Reason::Fork, Reason::Limit { limit: 1, holders }]
});

/// What happens to a pull request.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// Its preview is put up, or changed.
    Push,
    /// A run finds everything in order.
    Again,
    /// Its preview's time is nearly up.
    Warn,
    /// A run has waited for it, and it got ready or not.
    Wait(bool),
    /// It is to have no preview.
    End(usize),
    /// Somebody deletes the comment.
    Delete,
    /// Somebody writes into the comment.
    Edit,
    /// Two runs at once have written a comment.
    Twice,
    /// Somebody removes the preview by hand.
    ByHand,
}

/// An event, how many requests of its announcement are made, and how many deployments can be read.
type Step = (Event, usize, Option<usize>);

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Push),
        2 => Just(Event::Again),
        1 => Just(Event::Warn),
        2 => any::<bool>().prop_map(Event::Wait),
        2 => (0..REASONS.len()).prop_map(Event::End),
        1 => Just(Event::Delete),
        1 => Just(Event::Edit),
        1 => Just(Event::Twice),
        1 => Just(Event::ByHand),
    ]
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    let left = prop_oneof![1 => 0..5_usize, 2 => Just(usize::MAX)];
    let reach = prop_oneof![1 => Just(None), 6 => Just(Some(usize::MAX))];
    prop::collection::vec((event(), left, reach), 0..10)
}

fn environments() -> impl Strategy<Value = Environments> {
    prop_oneof![Just(Environments::Shared), Just(Environments::PerPreview), Just(Environments::Off)]
}

/// A forge, and the generation of the preview that is committed.
#[derive(Debug, Clone)]
struct World {
    forge: Forge,
    environments: Environments,
    recorded: Option<u64>,
}

fn application() -> Application {
    "wildside".parse().unwrap()
}

impl World {
    fn after(environments: Environments, history: &[Step]) -> Self {
        let mut world = Self { forge: Forge::new(), environments, recorded: None };
        for (event, left, reach) in history {
            world.forge.reach = *reach;
            if let Some(holding) = world.happen(*event) {
                world.say(&holding, *left);
            }
        }
        world.forge.reach = Some(usize::MAX);
        world
    }

    /// What holds after an event, for the run that it starts.
    fn happen(&mut self, event: Event) -> Option<Holding<'static>> {
        let comments = &mut self.forge.comments;
        match event {
            Event::Delete => drop(comments.drain(..comments.len().min(1))),
            Event::Edit => comments.iter_mut().for_each(|(_, text)| text.push_str("And?")),
            Event::Twice => comments.extend(comments.last().cloned().map(|(id, text)| (id + 1, text))),
            Event::ByHand => self.recorded = None,
            Event::Push | Event::Again | Event::Warn | Event::Wait(_) | Event::End(_) => return self.run(event),
        }
        None
    }

    /// Generations are counted as plans and use cases count them.
    fn run(&mut self, event: Event) -> Option<Holding<'static>> {
        let said = self.forge.said();
        let told = said.generation_told(&application());
        let mut holding = match (event, self.recorded) {
            (Event::Push, recorded) => {
                let generation = recorded.map_or(told, |generation| generation.max(told)) + 1;
                self.recorded = Some(generation);
                holding(State::Deploying, generation, None)
            }
            (Event::End(reason), Some(generation)) => {
                self.recorded = None;
                let gone = holding(State::Removed, generation.max(told) + 1, Some(&REASONS[reason]));
                Holding { taken: Some(lifecycle::Step::Removed), ..gone }
            }
            (Event::End(reason), None) => {
                let state = if REASONS[reason].is_refusal() { State::Refused } else { State::Removed };
                let generation = told + u64::from(self.is_told_to_be_up());
                holding(state, generation, Some(&REASONS[reason]))
            }
            // It was put up by a run that could not read what was said, and is not told of until the next push.
            (_, Some(generation)) if generation < told => return None,
            (_, Some(generation)) => {
                let state = if matches!(event, Event::Warn) { State::Expiring } else { State::Deploying };
                let known = said.marker(&application(), state, Some(&Record { generation, ..record() }), None);
                let marker = match event {
                    Event::Wait(true) => known.after(READY),
                    Event::Wait(false) => known.after(FAILED),
                    _ => known,
                };
                Holding { marker: marker.clone(), ..holding(marker.state, generation, None) }
            }
            (_, None) => return None,
        };
        holding.environments = self.environments;
        Some(holding)
    }

    fn is_told_to_be_up(&self) -> bool {
        self.forge.said().is_told_to_be_up(&application())
    }

    fn say(&mut self, holding: &Holding<'_>, left: usize) -> Announcement {
        let said = announcement(holding, &self.forge.said());
        self.forge.carry_out(&said, holding, &mut Requests::stopped_after(left));
        said
    }

    /// Whether the forge tells what holds, and nothing else.
    fn tells(&self, holding: &Holding<'_>) -> Result<(), TestCaseError> {
        let marker = &holding.marker;
        let said = self.forge.said();
        let comments: Vec<_> = said.comments_of(&marker.application).collect();
        prop_assert!(comments.len() <= 1);
        prop_assert!(comments.iter().all(|(comment, _)| is_untouched(&comment.body)));
        let standing: Vec<_> =
            self.forge.deployments.iter().filter(|known| known.standing != Standing::Inactive).collect();
        if marker.state.is_up() {
            prop_assert_eq!(comments.len(), 1);
            let told = &comments[0].1;
            prop_assert_eq!((told.state, told.generation), (marker.state, marker.generation));
            prop_assert_eq!(told.rollout, marker.rollout);
            if self.environments != Environments::Off {
                prop_assert_eq!(standing.len(), 1);
                let stands = standing[0].standing;
                match marker.rollout {
                    None => prop_assert!(stands != Standing::Begun),
                    rollout => prop_assert_eq!(stands, super::forge::standing(rollout)),
                }
                prop_assert_eq!(standing[0].payload.as_ref().unwrap().generation, marker.generation);
                prop_assert_eq!(told.deployment, standing[0].id);
            }
        } else {
            prop_assert!(standing.is_empty());
            prop_assert!(comments.iter().all(|(_, told)| !told.state.is_up()));
            let reason = comments.first().and_then(|(_, told)| told.reason.as_deref());
            prop_assert!(marker.state != State::Refused || reason == marker.reason.as_deref());
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_said_whole_is_true_and_said_once(
        environments in environments(), history in history(), last in event(),
    ) {
        let mut world = World::after(environments, &history);
        if let Some(holding) = world.happen(last) {
            world.say(&holding, usize::MAX);
            world.tells(&holding)?;
            prop_assert_eq!(announcement(&holding, &world.forge.said()).requests(), 0);
        }
    }

    #[test]
    fn what_was_interrupted_anywhere_is_the_same_in_the_end_as_if_it_had_not_been(
        environments in environments(), history in history(), last in event(),
    ) {
        let mut world = World::after(environments, &history);
        let Some(holding) = world.happen(last) else { return Ok(()) };
        // An environment that an interrupted run did not come to is a sweep's.
        let is_remembered = environments != Environments::PerPreview;
        let mut whole = world.clone();
        let requests = whole.say(&holding, usize::MAX).requests();
        for made in 0..requests {
            let mut world = world.clone();
            world.say(&holding, made);
            let rest = world.say(&holding, usize::MAX);
            prop_assert!(rest.requests() > 0 || !is_remembered, "{} of {} were enough", made, requests);
            prop_assert!(rest.requests() <= requests, "{:?} after {}", rest, made);
            if !is_remembered {
                world.forge.environments.clone_from(&whole.forge.environments);
            }
            prop_assert_eq!(&world.forge, &whole.forge, "after {} of {}", made, requests);
            prop_assert_eq!(announcement(&holding, &world.forge.said()).requests(), 0);
        }
    }

    #[test]
    fn a_later_run_of_the_same_event_says_what_an_interrupted_one_did_not(
        environments in environments(), history in history(), last in event(), made in 0..6_usize,
    ) {
        let mut world = World::after(environments, &history);
        if let Some(holding) = world.happen(last) {
            world.say(&holding, made);
        }
        let again = if matches!(last, Event::Push) { Event::Again } else { last };
        if let Some(holding) = world.happen(again) {
            world.say(&holding, usize::MAX);
            world.tells(&holding)?;
            prop_assert_eq!(announcement(&holding, &world.forge.said()).requests(), 0);
        }
    }

    #[test]
    fn those_who_listen_hear_from_the_next_run_what_the_comment_did_not_say(
        environments in environments(), history in history(), made in 0..6_usize,
    ) {
        let mut world = World::after(environments, &history);
        let holding = world.happen(Event::Push).unwrap();
        world.say(&holding, made);
        let said = world.forge.said();
        let mut comments = said.comments_of(&holding.marker.application);
        let is_told = comments.next().is_some_and(|(_, told)| told.generation == holding.marker.generation);
        let again = world.happen(Event::Again).unwrap();
        prop_assert_eq!(news(&again, &said).is_empty(), is_told, "{:?}", said.our_comments);
    }

    #[test]
    fn those_who_listen_hear_nothing_twice(
        environments in environments(), history in history(), last in event(),
    ) {
        let mut world = World::after(environments, &history);
        let Some(holding) = world.happen(last) else { return Ok(()) };
        world.say(&holding, usize::MAX);
        let again = Holding { taken: None, seen: None, ..holding };
        prop_assert_eq!(news(&again, &world.forge.said()), vec![]);
    }

    #[test]
    fn what_failed_is_said_by_the_next_run(
        environments in environments(), history in history(), last in event(),
        fails in prop::collection::vec(any::<bool>(), 8),
    ) {
        let mut world = World::after(environments, &history);
        let Some(holding) = world.happen(last) else { return Ok(()) };
        let said = announcement(&holding, &world.forge.said());
        world.forge.carry_out(&said, &holding, &mut Requests::failing(fails));
        world.say(&holding, usize::MAX);
        world.tells(&holding)?;
        prop_assert_eq!(announcement(&holding, &world.forge.said()).requests(), 0);
    }

    #[test]
    fn an_earlier_run_says_nothing_once_a_later_one_has_said_anything(
        environments in environments(), history in history(), made in 1..6_usize,
    ) {
        let mut world = World::after(environments, &history);
        let earlier = world.happen(Event::Push).unwrap();
        let later = world.happen(Event::Push).unwrap();
        world.say(&later, made);
        prop_assert_eq!(announcement(&earlier, &world.forge.said()).requests(), 0);
    }

    #[test]
    fn it_comes_to_rest_however_few_deployments_can_be_read(
        environments in environments(), history in history(), last in event(), reach in prop::option::of(0..3_usize),
    ) {
        let mut world = World::after(environments, &history);
        world.forge.reach = reach;
        if let Some(holding) = world.happen(last) {
            world.say(&holding, usize::MAX);
            world.say(&holding, usize::MAX);
            prop_assert_eq!(announcement(&holding, &world.forge.said()).requests(), 0);
        }
    }
}
