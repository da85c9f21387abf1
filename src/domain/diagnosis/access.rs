//! What a token may do, as far as that can be told without writing anything.

use jiff::{SignedDuration, Timestamp};

use super::{Diagnosis, Topic};
use crate::domain::names::RepositoryName;

/// How long before its end a token is spoken of.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What the forge says of a token and a repository, without anything being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessSeen {
    /// Whether its owner may write to the repository; nothing where the forge does not say.
    pub may_write: Option<bool>,
    /// The scopes of a classic personal access token; nothing for every other kind, whose permissions the forge does not tell.
    pub scopes: Option<Vec<String>>,
    /// When the token ends, where it does and the forge says so.
    pub expires_at: Option<Timestamp>,
    /// Whether the repository is archived, so that nobody may write.
    pub is_archived: bool,
}

/// What there is to say of the token that reads pull requests and writes comments and deployments.
#[must_use]
pub fn of_github_token(repository: &RepositoryName, seen: &AccessSeen, now: Timestamp) -> Vec<Diagnosis> {
    let mut found = vec![judged(repository, seen)];
    found.extend(end(seen, now, "the GitHub token"));
    found
}

fn judged(repository: &RepositoryName, seen: &AccessSeen) -> Diagnosis {
    let topic = Topic::Tokens;
    if seen.is_archived {
        let what = format!("`{repository}` is archived: nobody can comment there");
        return Diagnosis::set_up(topic, what, "unarchive it, or name another one with `--repository`");
    }
    if seen.may_write == Some(false) {
        let what = format!("the GitHub token may only read `{repository}`");
        let mend = "give the job `pull-requests: write` and `deployments: write`, or take a token of somebody who may write; a run for a fork never gets one that may";
        return Diagnosis::set_up(topic, what, mend);
    }
    match &seen.scopes {
        Some(scopes) if !scopes.iter().any(|scope| scope == "repo" || scope == "public_repo") => {
            let what = format!("the GitHub token is a classic one without the scope `repo` ({})", listed(scopes));
            Diagnosis::set_up(topic, what, "give it the scope `repo`, or take the workflow's own token")
        }
        Some(_) => Diagnosis::fine(topic, format!("the GitHub token may write to `{repository}`")),
        None => {
            let what = format!(
                "the GitHub token reads `{repository}`; whether it may write comments and deployments can not be told without writing"
            );
            let mend =
                "see that the job has `pull-requests: write` and `deployments: write`: the workflows' findings say so";
            Diagnosis::unknown(topic, what, mend)
        }
    }
}

/// What there is to say of the end of a token.
#[must_use]
pub fn end(seen: &AccessSeen, now: Timestamp, which: &str) -> Option<Diagnosis> {
    let end = seen.expires_at?;
    let (topic, mend) = (Topic::Tokens, "make a new one, and put it where the old one is");
    if end <= now {
        return Some(Diagnosis::set_up(topic, format!("{which} ended at {end}"), mend));
    }
    let is_soon = end.duration_since(now) <= SOON;
    // A token of an App or of a workflow lives for an hour, and is made anew for each run.
    let is_made_anew = end.duration_since(now) <= SignedDuration::from_hours(25);
    (is_soon && !is_made_anew).then(|| Diagnosis::advice(topic, format!("{which} ends at {end}"), mend))
}

fn listed(scopes: &[String]) -> String {
    if scopes.is_empty() { "it has none".to_owned() } else { format!("it has `{}`", scopes.join("`, `")) }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn what_a_token_may_do_is_told_as_far_as_it_is_known() {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let scopes = |scopes: &[&str]| Some(scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let table = [
            (AccessSeen::default(), Verdict::Unknown),
            (AccessSeen { may_write: Some(true), ..AccessSeen::default() }, Verdict::Unknown),
            (AccessSeen { may_write: Some(false), ..AccessSeen::default() }, Verdict::SetUp),
            (AccessSeen { scopes: scopes(&["repo"]), ..AccessSeen::default() }, Verdict::Fine),
            (AccessSeen { scopes: scopes(&["gist"]), ..AccessSeen::default() }, Verdict::SetUp),
            (AccessSeen { scopes: scopes(&[]), ..AccessSeen::default() }, Verdict::SetUp),
            (AccessSeen { is_archived: true, scopes: scopes(&["repo"]), ..AccessSeen::default() }, Verdict::SetUp),
        ];
        for (seen, expected) in table {
            let found = of_github_token(&"acme/wildside".parse().unwrap(), &seen, now);
            assert_eq!((found.len(), found[0].verdict), (1, expected), "{seen:?}");
        }
    }

    #[test]
    fn the_end_of_a_token_is_told_when_somebody_has_to_do_something() {
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let table = [(-1, Some(Verdict::SetUp)), (1, None), (30, Some(Verdict::Advice)), (24 * 30, None)];
        for (hours, expected) in table {
            let seen =
                AccessSeen { expires_at: Some(now + SignedDuration::from_hours(hours)), ..AccessSeen::default() };
            assert_eq!(end(&seen, now, "the token").map(|found| found.verdict), expected, "{hours} hours");
        }
    }
}
