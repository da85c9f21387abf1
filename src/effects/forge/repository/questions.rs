//! The texts of the questions about a commit: one alias for each path, and every path a variable.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::super::operations::{CONTENT, ENTRY, NAMES, SURROUNDINGS, TEXT};
use crate::domain::names::BranchName;
use crate::domain::path::RepoPath;

/// What is asked for at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) path: RepoPath,
    pub(super) depth: Depth,
    /// Whether its kind is asked for too: the text of a symbolic link looks like that of a file.
    pub(super) with_kind: bool,
}

/// How much is asked for at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// What it is.
    Kind,
    /// The names in it.
    Names,
    /// The names in it, and in the directories directly in it.
    Surroundings,
    /// Its text; or the names in it, and the texts of the files directly in it.
    Content,
}

/// The commit that is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Revision<'a> {
    /// The tip of a branch, of the default one where none is named.
    Tip(Option<&'a BranchName>),
    /// The commit with that id.
    Commit(&'a str),
}

/// A question in GraphQL.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) text: String,
    /// Beside the owner and the name of the repository.
    pub(super) variables: Value,
}

/// What a path's object and its kind are called in the answer.
pub(super) fn aliases(index: usize) -> (String, String) {
    (format!("o{index}"), format!("f{index}"))
}

impl Question {
    /// Asks for all of it at once. The tip is asked for first and last: what is read in between is of the tip only if both
    /// are the same.
    pub(super) fn new(revision: Revision<'_>, asks: &[Ask]) -> Self {
        let mut variables = Map::new();
        let rev = match revision {
            Revision::Tip(Some(branch)) => {
                variables.insert("branch".to_owned(), format!("refs/heads/{branch}").into());
                format!("refs/heads/{branch}")
            }
            Revision::Tip(None) => "HEAD".to_owned(),
            Revision::Commit(id) => {
                if asks.iter().any(|ask| ask.with_kind) {
                    variables.insert("commit".to_owned(), id.into());
                }
                id.to_owned()
            }
        };
        let (mut objects, mut kinds) = (String::new(), String::new());
        for (index, Ask { path, depth, with_kind }) in asks.iter().enumerate() {
            let (object, kind) = aliases(index);
            variables.insert(format!("e{index}"), format!("{rev}:{}", path.as_str()).into());
            let _ = writeln!(objects, "    {object}: object(expression: $e{index}) {{ {} }}", depth.selection());
            if *with_kind {
                variables.insert(format!("p{index}"), path.as_str().into());
                let _ = write!(kinds, " {kind}: file(path: $p{index}) {{ mode type oid }}");
            }
        }
        let name = match revision {
            Revision::Tip(_) => "ObserveAppsRepository",
            Revision::Commit(_) => "ReadAppsRepository",
        };
        let text = format!(
            "query {name}($owner: String!, $name: String!{}) {{\n  repository(owner: $owner, name: $name) {{\n{}  }}\n}}{}",
            declarations(&variables),
            around(revision, &objects, &kinds),
            fragments(asks)
        );
        Self { name, text, variables: Value::Object(variables) }
    }
}

impl Depth {
    fn selection(self) -> &'static str {
        match self {
            Self::Kind => "__typename oid",
            Self::Names => "...Names",
            Self::Surroundings => "...Surroundings",
            Self::Content => "...Content",
        }
    }
}

fn declarations(variables: &Map<String, Value>) -> String {
    variables.keys().fold(String::new(), |mut text, name| {
        let of_type = if name == "commit" { "GitObjectID!" } else { "String!" };
        let _ = write!(text, ", ${name}: {of_type}");
        text
    })
}

/// The objects, with the tip or the commit that has the kinds around them.
fn around(revision: Revision<'_>, objects: &str, kinds: &str) -> String {
    let of_commit = if kinds.is_empty() { String::new() } else { format!(" ... on Commit {{{kinds} }}") };
    let tip = match revision {
        Revision::Tip(Some(_)) => "ref(qualifiedName: $branch)",
        Revision::Tip(None) => "defaultBranchRef",
        Revision::Commit(_) if kinds.is_empty() => return objects.to_owned(),
        Revision::Commit(_) => return format!("    commit: object(oid: $commit) {{{of_commit} }}\n{objects}"),
    };
    format!(
        "    isEmpty\n    first: {tip} {{ name target {{ oid{of_commit} }} }}\n{objects}    last: {tip} {{ name target {{ oid }} }}\n"
    )
}

/// The fragments that are used.
fn fragments(asks: &[Ask]) -> String {
    let is_asked = |depth| asks.iter().any(|ask| ask.depth == depth);
    let (names, surroundings, content) =
        (is_asked(Depth::Names), is_asked(Depth::Surroundings), is_asked(Depth::Content));
    let used = [
        (names, NAMES),
        (surroundings, SURROUNDINGS),
        (content, CONTENT),
        (content, TEXT),
        (names || surroundings || content, ENTRY),
    ];
    used.iter().filter(|(is_used, _)| *is_used).map(|(_, fragment)| *fragment).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::effects::forge::operations::{OBSERVE_APPS_REPOSITORY, READ_APPS_REPOSITORY};

    fn ask(path: &str, depth: Depth, with_kind: bool) -> Ask {
        Ask { path: path.parse().unwrap(), depth, with_kind }
    }

    #[test]
    fn the_reference_shows_what_is_asked() {
        let asks = [ask(".", Depth::Surroundings, false), ask("overlays/ephemeral/pr-7", Depth::Content, true)];
        let question = Question::new(Revision::Tip(None), &asks);
        assert_eq!((question.name, &*question.text), (OBSERVE_APPS_REPOSITORY.name, OBSERVE_APPS_REPOSITORY.text));
        let expected = json!({"e0": "HEAD:", "e1": "HEAD:overlays/ephemeral/pr-7", "p1": "overlays/ephemeral/pr-7"});
        assert_eq!(question.variables, expected);

        let asks = [ask("overlays", Depth::Names, false), ask("overlays/x", Depth::Kind, true)];
        let question = Question::new(Revision::Commit("ab"), &asks);
        assert_eq!((question.name, &*question.text), (READ_APPS_REPOSITORY.name, READ_APPS_REPOSITORY.text));
        let expected = json!({"commit": "ab", "e0": "ab:overlays", "e1": "ab:overlays/x", "p1": "overlays/x"});
        assert_eq!(question.variables, expected);
    }

    #[test]
    fn a_branch_that_is_named_is_asked_for_by_its_whole_name() {
        let branch = "feature/x".parse().unwrap();
        let question = Question::new(Revision::Tip(Some(&branch)), &[ask("a\"b{}$", Depth::Content, true)]);
        assert_eq!(
            question.variables,
            json!({"branch": "refs/heads/feature/x", "e0": "refs/heads/feature/x:a\"b{}$", "p0": "a\"b{}$"})
        );
        assert!(question.text.contains("$branch: String!, $e0: String!, $p0: String!)"), "{}", question.text);
        let tip = "first: ref(qualifiedName: $branch) { name target { oid ... on Commit { f0: file(path: $p0) { mode type oid } } } }";
        assert!(question.text.contains(tip), "{}", question.text);
        assert!(!question.text.contains("a\"b"), "a path stands in the text: {}", question.text);
    }

    #[test]
    fn only_what_is_used_is_defined() {
        let question = Question::new(Revision::Commit("ab"), &[ask("a", Depth::Names, false)]);
        assert_eq!(question.variables, json!({"e0": "ab:a"}));
        assert!(
            !question.text.contains("fragment Text") && question.text.contains("fragment Entry"),
            "{}",
            question.text
        );
        let question = Question::new(Revision::Commit("ab"), &[ask("a", Depth::Kind, false)]);
        assert!(!question.text.contains("fragment"), "{}", question.text);
    }
}
