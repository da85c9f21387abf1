//! The comments of the forge.

use super::super::EmulatorError;
use super::super::model::{Actor, Comment, Reaction};
use super::Forge;

impl Forge {
    /// Writes a comment on a pull request, in anybody's name.
    ///
    /// # Errors
    ///
    /// When there is no such pull request.
    pub fn comment(&self, repository: &str, number: u64, author: Actor, body: &str) -> Result<Comment, EmulatorError> {
        let now = (self.clock)();
        let mut state = self.lock();
        let id = state.next_identifier();
        state.note(&author);
        let pull_request = state.pull_request(repository, number)?;
        pull_request.updated_at = now;
        let comment = Comment {
            id,
            node_id: format!("IC_{id:x}"),
            pull_request: number,
            body: body.to_owned(),
            author,
            created_at: now,
            updated_at: now,
            last_edit: None,
            url: format!("{}#issuecomment-{id}", pull_request.url),
            reactions: Vec::new(),
        };
        state.repository(repository)?.comments.push(comment.clone());
        Ok(comment)
    }

    /// The comments on a pull request, the oldest first.
    ///
    /// # Errors
    ///
    /// When there is no such pull request.
    pub fn comments(&self, repository: &str, number: u64) -> Result<Vec<Comment>, EmulatorError> {
        let state = self.lock();
        state.known_pull_request(repository, number)?;
        Ok(state.known(repository)?.comments.on(number).map(|comment| comment.as_ref().clone()).collect())
    }

    /// Replaces the text of a comment, as its author would.
    ///
    /// # Errors
    ///
    /// When there is no such comment.
    pub fn edit_comment(&self, repository: &str, id: u64, body: &str) -> Result<Comment, EmulatorError> {
        let author = self.known_comment(repository, id)?.author;
        self.edit_comment_as(repository, id, author, body)
    }

    /// Replaces the text of a comment, in anybody's name.
    ///
    /// # Errors
    ///
    /// When there is no such comment.
    pub fn edit_comment_as(
        &self,
        repository: &str,
        id: u64,
        editor: Actor,
        body: &str,
    ) -> Result<Comment, EmulatorError> {
        let now = (self.clock)();
        let mut state = self.lock();
        let comment = state.repository(repository)?.comments.get_mut(id).ok_or(EmulatorError::UnknownComment(id))?;
        body.clone_into(&mut comment.body);
        comment.updated_at = now;
        comment.last_edit = Some((now, editor));
        Ok(comment.clone())
    }

    /// Reacts to a comment, in anybody's name. Says whether the reaction is new: of one kind there is one by each.
    ///
    /// # Errors
    ///
    /// When there is no such comment.
    pub fn react(
        &self,
        repository: &str,
        id: u64,
        author: Actor,
        content: &str,
    ) -> Result<(Reaction, bool), EmulatorError> {
        let created_at = (self.clock)();
        let mut state = self.lock();
        let reaction_id = state.next_identifier();
        let comment = state.repository(repository)?.comments.get_mut(id).ok_or(EmulatorError::UnknownComment(id))?;
        let is_same = |known: &&Reaction| known.author == author && known.content == content;
        if let Some(known) = comment.reactions.iter().find(is_same) {
            return Ok((known.clone(), false));
        }
        let reaction = Reaction { id: reaction_id, content: content.to_owned(), author, created_at };
        comment.reactions.push(reaction.clone());
        Ok((reaction, true))
    }

    /// Deletes a comment.
    ///
    /// # Errors
    ///
    /// When there is no such comment.
    pub fn delete_comment(&self, repository: &str, id: u64) -> Result<(), EmulatorError> {
        let removed = self.lock().repository(repository)?.comments.remove(id);
        removed.map(drop).ok_or(EmulatorError::UnknownComment(id))
    }

    fn known_comment(&self, repository: &str, id: u64) -> Result<Comment, EmulatorError> {
        let state = self.lock();
        let found = state.known(repository)?.comments.get(id);
        found.map(|comment| comment.as_ref().clone()).ok_or(EmulatorError::UnknownComment(id))
    }
}
