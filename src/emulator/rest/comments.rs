//! Comments on pull requests.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::model::{Comment, Reaction, moment};
use super::super::state::Repository;
use super::Call;
use super::refusal::Refusal;

/// What a reaction can be.
const REACTIONS: [&str; 8] = ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"];
/// The most characters that a comment may have.
const LONGEST_COMMENT: usize = 65_536;

impl Call<'_> {
    pub(super) fn show_comment(&self, id: u64) -> Result<Answer, Refusal> {
        let repository = self.repository()?;
        let comment = repository.comments.get(id).ok_or_else(Refusal::not_found)?;
        Ok(Answer::json(200, &self.comment(&repository, comment)))
    }

    pub(super) fn list_comments(&self, number: u64) -> Result<Answer, Refusal> {
        self.know_pull_request(number)?;
        let repository = self.repository()?;
        Ok(self.page(repository.comments.on(number), |comment| self.comment(&repository, comment)))
    }

    pub(super) fn create_comment(&self, number: u64) -> Result<Answer, Refusal> {
        self.know_pull_request(number)?;
        let body = self.comment_body()?;
        let written = self.context.forge.comment(&self.repository, number, self.account.actor(), &body);
        let comment = self.comment(&*self.repository()?, &written.map_err(|_| Refusal::not_found())?);
        let location = comment["url"].as_str().unwrap_or_default().to_owned();
        Ok(Answer::json(201, &comment).with_header("location", location))
    }

    pub(super) fn edit_comment(&self, id: u64) -> Result<Answer, Refusal> {
        if self.repository()?.comments.get(id).is_none() {
            return Err(Refusal::not_found());
        }
        let body = self.comment_body()?;
        let edited = self.context.forge.edit_comment_as(&self.repository, id, self.account.actor(), &body);
        let comment = edited.map_err(|_| Refusal::not_found())?;
        Ok(Answer::json(200, &self.comment(&*self.repository()?, &comment)))
    }

    pub(super) fn delete_comment(&self, id: u64) -> Result<Answer, Refusal> {
        self.context.forge.delete_comment(&self.repository, id).map_err(|_| Refusal::not_found())?;
        Ok(Answer::empty(204))
    }

    /// A reaction that is there already stays as it is.
    pub(super) fn react(&self, id: u64) -> Result<Answer, Refusal> {
        if self.repository()?.comments.get(id).is_none() {
            return Err(Refusal::not_found());
        }
        let fields = self.fields()?;
        let content = fields.required_text("content")?;
        if !REACTIONS.contains(&content) {
            let known = json!(REACTIONS);
            let content = json!(content);
            let why = format_args!("For 'properties/content', {content} is not a member of {known}.");
            return Err(Refusal::invalid(why));
        }
        let reacted = self.context.forge.react(&self.repository, id, self.account.actor(), content);
        let (reaction, is_new) = reacted.map_err(|_| Refusal::not_found())?;
        Ok(Answer::json(if is_new { 201 } else { 200 }, &self.reaction(&reaction)))
    }

    fn comment(&self, repository: &Repository, comment: &Comment) -> Value {
        let association = self.association(repository, &comment.author);
        self.objects().comment(&self.repository, comment, association)
    }

    fn reaction(&self, reaction: &Reaction) -> Value {
        json!({
            "id": reaction.id,
            "node_id": format!("REA_{:x}", reaction.id),
            "user": self.objects().user(&reaction.author),
            "content": reaction.content,
            "created_at": moment(reaction.created_at),
        })
    }

    pub(super) fn know_pull_request(&self, number: u64) -> Result<(), Refusal> {
        let is_known = self.repository()?.pull_requests.contains_key(&number);
        if is_known { Ok(()) } else { Err(Refusal::not_found()) }
    }

    /// The text of the comment in the request, as far as GitHub would take it.
    fn comment_body(&self) -> Result<String, Refusal> {
        let fields = self.fields()?;
        let body = fields.required_text("body")?;
        let wrong = |reason| Refusal::validation("IssueComment", "unprocessable", "data", reason);
        if body.trim().is_empty() {
            Err(wrong("Body can't be blank"))
        } else if body.chars().count() > LONGEST_COMMENT {
            Err(wrong("Body is too long (maximum is 65536 characters)"))
        } else {
            Ok(body.to_owned())
        }
    }
}
