//! What goes wrong on the way to a Git server, and with servers that are old, or lie: whatever it is, a change lands once or not
//! at all, and what is told is true.

mod cuts;
mod kills;
mod liars;
mod lost;
pub(crate) mod meddler;
pub(crate) mod old;
mod strange;

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::transports::left_behind;
use crate::world::{Run, World, sha};

const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

/// A world in which a preview after the other is put up, each on top of the same commit.
struct Ground {
    world: World,
    /// Where the branch is before.
    tip: String,
    roster: String,
    next: AtomicUsize,
}

impl Ground {
    fn new() -> Self {
        let world = World::new();
        let (tip, roster) = (world.tip(), world.file(ROSTER).unwrap());
        Self { world, tip, roster, next: AtomicUsize::new(1) }
    }

    /// A pull request of which nobody has heard before, and a branch that knows of none.
    fn fresh(&self) -> u64 {
        self.world.git(&["update-ref", "refs/heads/main", &self.tip]);
        let number = self.next.fetch_add(1, Ordering::SeqCst) as u64;
        self.world.open(number, &sha('a'));
        number
    }

    /// A deploy of a pull request, which may fail of the network, and then leaves nothing behind.
    fn deploy(&self, number: u64, over: &dyn Fn(&mut Command)) -> Run {
        let number = number.to_string();
        let mut command = self.world.bivouac(&["deploy", "--backend", "git", "--pull-request", &number]);
        over(&mut command);
        let run = self.world.run(command);
        assert_eq!(left_behind(&self.world), Vec::<String>::new(), "{run:#?}");
        run
    }

    /// The preview was put up, by one commit, of which the run told.
    fn landed_once(&self, number: u64, run: &Run, what: &str) {
        assert_eq!((run.code, run.output("result")), (0, "created"), "{what}:\n{}", run.stderr);
        assert_eq!(run.output("apps-commit"), self.world.tip(), "{what}");
        self.is_there_once(number, what);
    }

    fn is_there_once(&self, number: u64, what: &str) {
        let world = &self.world;
        let log = world.git(&["log", "--format=%s", &format!("{}..main", self.tip)]);
        assert_eq!(log.trim(), format!("preview(wildside): put up pr-{number} at aaaaaaa"), "{what}");
        let listed = self.roster.replace("resources: []\n", &format!("resources:\n  - \"pr-{number}\"\n"));
        assert_eq!(world.file(ROSTER), Some(listed), "{what}");
        assert_eq!(world.comments(number).len(), 1, "{what}");
    }

    /// Nothing was written anywhere, and nothing went wrong in the program itself.
    fn is_untouched(&self, number: u64, run: &Run, what: &str) {
        assert_eq!(self.world.tip(), self.tip, "{what}");
        assert!(!run.stderr.contains("panicked"), "{what}:\n{}", run.stderr);
        assert_eq!((run.outputs.len(), self.world.comments(number).len()), (0, 0), "{what}:\n{}", run.stderr);
    }

    /// Every object that ever came is whole.
    fn is_sound(&self) {
        self.world.git(&["fsck", "--strict", "--full", "--no-dangling"]);
    }
}
