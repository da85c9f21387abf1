//! The secrets of environments.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::super::answer::Answer;
use super::super::percent;
use super::Call;
use super::refusal::Refusal;

impl Call<'_> {
    pub(super) fn show_public_key(&self, environment: &str) -> Result<Answer, Refusal> {
        let repository = self.repository()?;
        let found = repository.environments.get(&percent::decoded(environment)).ok_or_else(Refusal::not_found)?;
        let key = STANDARD.encode(found.key.public_key().as_bytes());
        Ok(Answer::json(200, &json!({"key_id": found.key_id(), "key": key})))
    }

    /// What was not encrypted to the environment's key is refused.
    pub(super) fn put_secret(&self, environment: &str, name: &str) -> Result<Answer, Refusal> {
        let (environment, name) = (percent::decoded(environment), percent::decoded(name));
        let repository = self.repository()?;
        let found = repository.environments.get(&environment).ok_or_else(Refusal::not_found)?;
        check_name(&name)?;
        let fields = self.fields()?;
        let sealed = STANDARD.decode(fields.required_text("encrypted_value")?).unwrap_or_default();
        let is_own_key = fields.required_text("key_id")? == found.key_id();
        if !is_own_key || found.key.unseal(&sealed).is_err() {
            return Err(Refusal::new(422, "Bad Request - improperly encrypted secret"));
        }
        // Whoever changes the repository has to be the only one who looks at it.
        drop(repository);
        let is_new = self.context.forge.put_environment_secret(&self.repository, &environment, &name, sealed);
        let is_new = is_new.map_err(|_| Refusal::not_found())?;
        Ok(if is_new { Answer::json(201, &json!({})) } else { Answer::empty(204) })
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let is_allowed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_allowed || name.starts_with(|first: char| first.is_ascii_digit()) {
        let message = "Secret names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). \
                       Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).";
        return Err(Refusal::new(422, message));
    }
    if name.to_ascii_uppercase().starts_with("GITHUB_") {
        return Err(Refusal::new(422, "Secret names must not start with GITHUB_."));
    }
    Ok(())
}
