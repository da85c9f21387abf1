//! What comments say, how they are known again, and that nobody gets out of his code span.

mod forks;
mod markers;
mod texts;
mod worst;

use super::*;
use crate::domain::reason::Holder;
use crate::domain::tests::{NOON, at, identity, number, pull_request, record};

const RUN: &str = "https://github.com/acme/wildside/actions/runs/4711";

fn marker(state: State) -> Marker {
    let application = "wildside".parse().unwrap();
    Marker {
        application,
        generation: 3,
        state,
        reason: None,
        expired: None,
        deployment: None,
        rollout: None,
        unapproved: None,
    }
}

/// The body of a comment with that state and story, on a run of Ada's.
fn body(state: State, story: Story<'_>) -> String {
    body_by(state, story, Some("ada"))
}

fn body_by(state: State, story: Story<'_>, by: Option<&str>) -> String {
    let (identity, pull_request) = (identity(), pull_request());
    let (marker, at) = (marker(state), at(NOON));
    Comment {
        marker,
        identity: &identity,
        pull_request: &pull_request,
        story,
        seen: None,
        answer: None,
        by,
        at,
        run: Some(RUN),
    }
    .body()
}

fn holders(count: u32) -> Vec<Holder> {
    (1..=count).map(|other| Holder { name: format!("pr-{other}").parse().unwrap(), number: number(other) }).collect()
}

fn tags(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|&(name, tag)| (name.to_owned(), tag.to_owned())).collect()
}
