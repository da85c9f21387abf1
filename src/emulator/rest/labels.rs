//! The labels of pull requests.

use serde_json::Value;

use super::super::answer::Answer;
use super::super::forge::is_same_label;
use super::super::percent;
use super::Call;
use super::refusal::Refusal;

/// The most characters that the name of a label may have.
const LONGEST_LABEL: usize = 50;

impl Call<'_> {
    /// A label that the repository does not have comes into being.
    pub(super) fn add_labels(&self, number: u64) -> Result<Answer, Refusal> {
        self.know_pull_request(number)?;
        let fields = self.fields()?;
        let wanted = fields.list("labels")?.map_or(&[][..], Vec::as_slice);
        let names = wanted.iter().map(name).collect::<Result<Vec<_>, _>>()?;
        for name in names {
            self.context.forge.label(&self.repository, number, name).map_err(|_| Refusal::not_found())?;
        }
        self.labels(number)
    }

    /// The name is percent-encoded, as it may hold anything.
    pub(super) fn remove_label(&self, number: u64, name: &str) -> Result<Answer, Refusal> {
        self.know_pull_request(number)?;
        let name = percent::decoded(name);
        let repository = self.repository()?;
        let pull_request = repository.pull_requests.get(&number).ok_or_else(Refusal::not_found)?;
        if !pull_request.labels.iter().any(|known| is_same_label(known, &name)) {
            return Err(Refusal::new(404, "Label does not exist"));
        }
        drop(repository);
        self.context.forge.unlabel(&self.repository, number, &name).map_err(|_| Refusal::not_found())?;
        self.labels(number)
    }

    fn labels(&self, number: u64) -> Result<Answer, Refusal> {
        let repository = self.repository()?;
        let pull_request = repository.pull_requests.get(&number).ok_or_else(Refusal::not_found)?;
        let objects = self.objects();
        let shown = pull_request.labels.iter().map(|label| objects.label(&self.repository, label));
        Ok(Answer::json(200, &shown.collect()))
    }
}

/// The name of a label, which is given by itself or in an object.
fn name(label: &Value) -> Result<&str, Refusal> {
    let name = label.as_str().or_else(|| label.get("name")?.as_str());
    let name = name.ok_or_else(|| Refusal::invalid(format_args!("For 'items', {label} is not a string.")))?;
    let wrong = |why| Refusal::validation("Label", "custom", "name", why);
    if name.trim().is_empty() {
        Err(wrong("name can't be blank"))
    } else if name.chars().count() > LONGEST_LABEL {
        Err(wrong("name is too long (maximum is 50 characters)"))
    } else {
        Ok(name)
    }
}
