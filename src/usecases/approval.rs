//! Who may let a commit of a fork have a preview, asked of the forge.

use crate::domain::approval::{Approval, Login, Means};
use crate::domain::decision::Given;
use crate::domain::names::CommitId;
use crate::ports::{Discussion, ForgeError};

/// Whether an account may push now. A name that is another account's by now may not.
///
/// # Errors
///
/// When the forge can not be asked.
pub async fn may_write(login: &Login, account: u64, forge: &impl Discussion) -> Result<bool, ForgeError> {
    let permission = forge.permission(login).await?;
    Ok(permission.is_some_and(|permission| permission.may_write && permission.account == account))
}

/// The approval that a label is, which an account put on a pull request when its head was `commit`. It is none if that account
/// may not push.
///
/// # Errors
///
/// When the forge can not be asked.
pub async fn by_label(
    label: String,
    by: Login,
    account: u64,
    commit: CommitId,
    forge: &impl Discussion,
) -> Result<Option<Given>, ForgeError> {
    if may_write(&by, account, forge).await? {
        return Ok(Some(Given { approval: Approval { commit, by }, means: Means::Label(label) }));
    }
    tracing::info!(login = %by, "the label approves nothing: who put it there may not push");
    Ok(None)
}
