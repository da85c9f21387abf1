//! What the commits say, held against what is there.

use super::Builder;
use crate::domain::history::claims::Claim;
use crate::domain::history::{End, Life, There, Tip};
use crate::domain::names::CommitId;

impl Builder {
    /// Holds what is still up by the commits against what is there at the tip, which is `last`.
    pub(super) fn hold_against(&mut self, tip: &Tip, last: &CommitId) {
        for there in &tip.previews {
            let track = self.tracks.seen(&there.application, &there.repository, there.number);
            match track.and_then(|track| self.tracks[track].open) {
                Some(open) => {
                    let (_, life) = &mut self.lives[open];
                    life.end = End::StillUp { is_seen: true };
                    life.began_at = life.began_at.or(Some(there.created_at));
                    if let Ok(name) = there.preview.parse() {
                        life.preview = name;
                    }
                }
                None => self.find_out(track, there, last),
            }
        }
        for (track, life) in &mut self.lives {
            let Some(application) = &self.tracks[*track].application else { continue };
            let is_known = tip.is_whole || tip.applications.contains(application);
            let is_unread = || tip.unread.contains(&(application.clone(), life.preview.to_string()));
            if life.end == (End::StillUp { is_seen: false }) && is_known && !is_unread() {
                life.end = End::Unsaid;
            }
        }
    }

    /// Adds the life of a preview that is there, though no commit says so.
    fn find_out(&mut self, track: Option<usize>, there: &There, last: &CommitId) {
        let Ok(preview) = there.preview.parse() else { return };
        let gone = track.and_then(|track| self.lives.get(self.tracks[track].last?));
        let (commit, why) = match gone.and_then(|(_, life)| life.moments.last()) {
            Some(moment) => (moment.apps_commit.clone(), format!("`{preview}` is there, though this took it down")),
            None => (last.clone(), format!("`{preview}` is there, though no commit says that it was put up")),
        };
        self.odd.push((commit, why));
        let life = Life {
            application: None,
            preview,
            repository: there.repository.clone(),
            number: there.number,
            moments: Vec::new(),
            end: End::StillUp { is_seen: true },
            began_at: Some(there.created_at),
        };
        let track = track.unwrap_or_else(|| self.tracks.of(&claim_of(there, &life)));
        self.lives.push((track, life));
    }
}

/// What a commit would have said of what is there.
fn claim_of(there: &There, life: &Life) -> Claim {
    Claim {
        told: None,
        application: Some(there.application.clone()),
        preview: life.preview.clone(),
        repository: there.repository.clone(),
        number: there.number,
        commit: Some(there.commit.clone()),
        generation: Some(there.generation),
        by: None,
        approved_by: None,
        run: None,
        reason: None,
        pushed_at: None,
        origin: None,
    }
}
