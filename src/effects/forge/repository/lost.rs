//! What became of a commit whose answer was lost.
//!
//! A branch that has left the expected head has exactly one commit that follows it directly, and the mutation puts ours there
//! or nowhere. So the commit after the expected head is ours, or nothing of ours is there.

use serde_json::{Value, json};

use super::super::operations::FIND_APPS_COMMIT;
use super::commit::{commit_id, is_same};
use super::snapshot::GitHubSnapshot;
use crate::domain::names::CommitId;
use crate::ports::AppsError;

/// The most pages of a hundred commits that are looked through.
const PAGES: usize = 5;

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in the branch.
    Landed(CommitId),
    /// Something else follows the expected head.
    Overtaken,
    /// The branch is where it was.
    Open,
}

impl GitHubSnapshot {
    /// Looks for the commit with `message` right after this one.
    pub(super) async fn fate(&self, message: &str) -> Result<Fate, AppsError> {
        let mut after = Value::Null;
        for _ in 0..PAGES {
            let branch = format!("refs/heads/{}", self.tip.branch);
            let variables = json!({"branch": branch, "after": after});
            let (name, text) = (FIND_APPS_COMMIT.name, FIND_APPS_COMMIT.text);
            let told = self.remote.ask(name, text, variables, "read its history").await?;
            let Some(tip) = told.pointer("/ref/target") else { return Err(self.no_branch()) };
            if tip.get("oid").and_then(Value::as_str) == Some(&self.tip.oid) {
                return Ok(Fate::Open);
            }
            if let Some(fate) = fate(tip, &self.tip.oid, message) {
                return Ok(fate);
            }
            let page = tip.pointer("/history/pageInfo");
            let next = page.filter(|page| page["hasNextPage"] == true).map(|page| page["endCursor"].clone());
            let Some(next) = next else { break };
            after = next;
        }
        Ok(Fate::Overtaken)
    }
}

/// What a page of the history says, if it reaches back to the expected head.
fn fate(tip: &Value, expected: &str, message: &str) -> Option<Fate> {
    let nodes = tip.pointer("/history/nodes")?.as_array()?;
    let follows = |node: &&Value| node.pointer("/parents/nodes/0/oid").and_then(Value::as_str) == Some(expected);
    let mut following = nodes.iter().filter(follows).peekable();
    following.peek()?;
    let ours = following.find(|node| node["message"].as_str().is_some_and(|told| is_same(told, message)));
    Some(ours.and_then(|node| commit_id(node.get("oid"))).map_or(Fate::Overtaken, Fate::Landed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(oid: char, parent: char, message: &str) -> Value {
        let id = |digit: char| digit.to_string().repeat(40);
        json!({"oid": id(oid), "message": message, "parents": {"nodes": [{"oid": id(parent)}]}})
    }

    #[test]
    fn only_what_follows_the_expected_head_directly_is_ours() {
        let expected = "1".repeat(40);
        let fate = |nodes: Vec<Value>| fate(&json!({"history": {"nodes": nodes}}), &expected, "ours\n\na: b\n");
        let ours = Some(Fate::Landed("2".repeat(40).parse().unwrap()));
        assert_eq!(fate(vec![node('2', '1', "ours\n\na: b")]), ours);
        assert_eq!(fate(vec![node('3', '2', "theirs"), node('2', '1', "ours\n\na: b"), node('1', '0', "x")]), ours);
        assert_eq!(fate(vec![node('3', '1', "theirs"), node('1', '0', "ours\n\na: b")]), Some(Fate::Overtaken));
        // The same message after another commit is another run's, for the next push say.
        assert_eq!(fate(vec![node('4', '3', "ours\n\na: b"), node('3', '1', "theirs")]), Some(Fate::Overtaken));
        assert_eq!(fate(vec![node('5', '4', "ours\n\na: b")]), None);
        assert_eq!(fate(vec![]), None);
    }
}
