//! The sticky comment: found, and made to tell what holds now.

use crate::domain::comment::{Comment, Marker, State};
use crate::domain::configuration::Configuration;
use crate::domain::identity::Identity;
use crate::domain::names::{Application, CommitId};
use crate::ports::{Conversation, ForgeError, OurComment, PullRequests};

/// The highest generation that our comments speak of; 0 when there are none.
#[must_use]
pub fn generation_told(configuration: &Configuration, observed: &Conversation) -> u64 {
    let application = &configuration.document().application;
    comments_of(application, observed).map(|(_, marker)| marker.generation).max().unwrap_or(0)
}

/// Whether our comment still speaks of a preview that is there.
#[must_use]
pub fn is_told_to_be_up(application: &Application, observed: &Conversation) -> bool {
    comments_of(application, observed).any(|(_, marker)| marker.state == State::Deploying)
}

/// Our comments about one application, oldest first.
fn comments_of<'a>(
    application: &'a Application,
    observed: &'a Conversation,
) -> impl Iterator<Item = (&'a OurComment, Marker)> {
    observed.our_comments.iter().filter_map(move |comment| {
        let marker = Marker::read(&comment.body)?;
        (marker.application == *application).then_some((comment, marker))
    })
}

/// What there is to tell.
pub struct Announcement<'a> {
    /// What the comment shall tell; nothing when this run has no say.
    pub marker: Option<Marker>,
    /// The application.
    pub application: &'a Application,
    /// What the preview is called.
    pub identity: &'a Identity,
    /// The commit that the preview shows, or showed.
    pub commit: Option<&'a CommitId>,
    /// Half a sentence: why there is no preview.
    pub because: Option<String>,
    /// Whether to write at all.
    pub write: bool,
}

impl Announcement<'_> {
    /// Makes the comment tell it, and returns the comment's address where there is one.
    ///
    /// A comment that tells it already, or speaks of a later generation, is left alone. Of several the oldest stays.
    ///
    /// # Errors
    ///
    /// When the forge can not be told.
    pub async fn make(&self, forge: &impl PullRequests, observed: &Conversation) -> Result<Option<String>, ForgeError> {
        let existing: Vec<_> = comments_of(self.application, observed).collect();
        let first = existing.first();
        let url = first.map(|(comment, _)| comment.url.clone());
        let Some(marker) = self.marker.as_ref().filter(|_| self.write) else { return Ok(url) };
        if existing.iter().any(|(_, told)| told.generation > marker.generation) {
            return Ok(url);
        }
        let url = match first {
            Some((_, told)) if told == marker => url,
            // There never was a preview that could have gone.
            Some((_, told)) if told.state == State::Refused && marker.state == State::Removed => url,
            Some((comment, _)) => match forge.edit_comment(comment.id, &self.body(marker, observed)).await {
                // Somebody has deleted it meanwhile.
                Err(ForgeError::NotFound { .. }) => Some(self.begin(forge, marker, observed).await?),
                edited => edited.map(|()| url)?,
            },
            // Nothing was ever said about a preview that is gone now: there is nothing to correct.
            None if marker.state == State::Removed => None,
            None => Some(self.begin(forge, marker, observed).await?),
        };
        for (comment, _) in existing.iter().skip(1) {
            forge.delete_comment(comment.id).await?;
        }
        Ok(url)
    }

    async fn begin(
        &self,
        forge: &impl PullRequests,
        marker: &Marker,
        observed: &Conversation,
    ) -> Result<String, ForgeError> {
        forge.comment(self.identity.number, &self.body(marker, observed)).await
    }

    fn body(&self, marker: &Marker, observed: &Conversation) -> String {
        Comment {
            marker: marker.clone(),
            identity: self.identity,
            commit: self.commit,
            pull_request_url: &observed.pull_request.url,
            because: self.because.clone(),
        }
        .body()
    }
}
