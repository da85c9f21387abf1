//! Apps repositories with everything in them that Git can hold, and large ones: whatever is not ours stays as it is, to the byte.

mod contents;
mod large;
mod listing;

use std::collections::BTreeMap;

use crate::world::{APPLICATION, Run, World, sha, wildside};
use listing::Listing;

/// The ways to commit that have to leave everything else alone.
const BACKENDS: [&str; 2] = ["git", "github"];

/// An application's root in a repository, and a way to commit to it.
struct Life<'w> {
    world: &'w World,
    root: &'static str,
    backend: &'static str,
}

/// The files of an application in a root.
fn laid_out(root: &str) -> BTreeMap<String, String> {
    let files = wildside().into_iter();
    files.map(|(path, text)| (if root == "." { path } else { format!("{root}/{path}") }, text)).collect()
}

impl Life<'_> {
    fn run(&self, verb: &str, digit: char) -> Run {
        let arguments = ["--backend", self.backend, "--path", self.root];
        self.world.on_event(verb, "synchronize", 7, &sha(digit), &arguments)
    }

    /// Runs a verb that commits, and sees that nothing but our own changed; returns what is there then.
    fn step(&self, verb: &str, digit: char, result: &str, before: &Listing) -> Listing {
        let run = self.run(verb, digit);
        assert_eq!((run.code, run.output("result")), (0, result), "{} {}\n{}", self.backend, verb, run.stderr);
        let after = Listing::of(self.world);
        let touched = before.difference(&after);
        let foreign: Vec<_> = touched.iter().filter(|path| !self.is_ours(path)).collect();
        assert!(foreign.is_empty(), "{} {verb}: {foreign:?}", self.backend);
        after
    }

    fn is_ours(&self, path: &str) -> bool {
        let prefix = if self.root == "." { String::new() } else { format!("{}/", self.root) };
        let directory = format!("{prefix}overlays/ephemeral/pr-7");
        let ours = ["kustomization.yaml", "namespace.yaml", "patch-helmrelease-values.yaml"];
        format!("{directory}/").starts_with(&format!("{path}/"))
            || path == format!("{prefix}overlays/ephemeral/kustomization.yaml")
            || ours.iter().any(|name| path == format!("{directory}/{name}"))
    }

    /// A whole life, in the middle of which `meanwhile` happens; in the end everything is as it was before.
    fn is_lived(&self, meanwhile: impl Fn(&World)) {
        let tree = self.world.git(&["rev-parse", "main^{tree}"]);
        let before = Listing::of(self.world);
        self.world.open(7, &sha('a'));
        let up = self.step("deploy", 'a', "created", &before);
        assert_eq!(up.count(), before.count() + 4);
        meanwhile(self.world);
        self.world.push(7, &sha('b'));
        self.step("deploy", 'b', "updated", &Listing::of(self.world));
        self.world.emulator.forge().close(APPLICATION, 7).unwrap();
        self.world.git(&["fsck", "--full", "--no-dangling"]);
        assert_eq!(self.run("teardown", 'b').ok().output("result"), "removed");
        assert_eq!(before.difference(&Listing::of(self.world)), Vec::<String>::new());
        assert_eq!(self.world.git(&["rev-parse", "main^{tree}"]), tree);
    }
}
