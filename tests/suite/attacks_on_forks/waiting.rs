//! What people say while an approval waits for the build.

use std::sync::atomic::{AtomicUsize, Ordering};

use bivouac::emulator::{Forge, RunConclusion, RunStatus, Verdict};

use super::*;

/// What comes of an approval of `a…`, before which some labels are there, and during whose wait `say` is done, after which the
/// build goes well.
fn approved_while(labels: &[&str], say: impl Fn(&Forge) + Send + Sync + 'static) -> (Ground, Run) {
    let ground = Ground::with(", labels: {require: [preview], exclude: [no-preview]}");
    let forge = ground.world.emulator.forge().clone();
    for label in labels {
        forge.label(APPLICATION, 7, label).unwrap();
    }
    let stands = |forge: &Forge, status, conclusion| {
        let id = forge.runs(APPLICATION).unwrap().iter().find(|run| run.said.head_sha == sha('a')).unwrap().id;
        forge.change_run(APPLICATION, id, |run| (run.status, run.conclusion) = (status, conclusion)).unwrap();
    };
    stands(&forge, RunStatus::InProgress, None);
    let looks = AtomicUsize::new(0);
    ground.world.intercept(move |request| {
        if request.path.contains("/actions/workflows/") {
            match looks.fetch_add(1, Ordering::SeqCst) {
                0 => say(&forge),
                3 => stands(&forge, RunStatus::Completed, Some(RunConclusion::Success)),
                _ => {}
            }
        }
        Verdict::Pass
    });
    let (ada, body) = (Actor::user(ADA), format!("/preview approve {}", sha('a')));
    let id = ground.world.emulator.forge().comment(APPLICATION, 7, ada.clone(), &body).unwrap().id;
    let event = crate::command::event(7, id, &ada, &body);
    let options = ["--build-workflow", WORKFLOW, "--image-timeout", "2m"];
    let run = ground.world.run(hearing(&ground.world, &event, &options)).ok();
    (ground, run)
}

/// What somebody does who does not want it any more.
type No = fn(&Forge);

#[test]
fn who_says_no_while_an_approval_waits_for_the_build_is_heard() {
    let exclude: No = |forge| drop(forge.label(APPLICATION, 7, "no-preview").unwrap());
    let unlabel: No = |forge| drop(forge.unlabel(APPLICATION, 7, LABEL).unwrap());
    let noes: [(&str, &[&str], No); 5] = [
        ("excluded", &[LABEL], exclude),
        ("excluded again, after the approval took that label off", &[LABEL, "no-preview"], exclude),
        ("no label any more", &[LABEL], unlabel),
        ("no label any more, after the approval put it on", &[], unlabel),
        ("closed", &[LABEL], |forge| drop(forge.close(APPLICATION, 7).unwrap())),
    ];
    for (what, labels, no) in noes {
        let (ground, run) = approved_while(labels, no);
        assert_eq!(ground.shown(), None, "{what}: {}", run.stderr);
        assert!(["refused", "absent"].contains(&run.output("result")), "{what}: {}", run.output("result"));
    }
    let (ground, _) = approved_while(&[LABEL], |_| ());
    assert_eq!(ground.shown(), Some((sha('a'), sha('a'))), "nobody says no");
}
