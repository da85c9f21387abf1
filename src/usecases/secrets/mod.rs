//! The secrets that previews have for themselves: put, copied, listed and removed in a Vault.

mod copy;
mod engine;
mod leftovers;
mod list;
mod put;
mod remove;
mod session;
mod target;

pub use copy::{Copy, copy};
pub use leftovers::{Found, Left, Looked, clear, look_through};
pub use list::{ListRequest, Listed, list};
pub use put::{Done, Put, put};
pub use remove::{Cleared, Removal, Removed, removal, remove, without_preview};
pub use session::{Entrance, Entry};
pub use target::{Request, Target, configured_repository, target};

pub(super) use put::foreign;

use engine::Engine;

use crate::domain::preview_secrets::Values;
use crate::domain::vault::wanted::MountPath;
use crate::error::{Error, SecretsError};
use crate::ports::Keyring;
use crate::ports::vault::Vault;
use crate::secret::Secret;

/// What is shorter than this is not hidden: hidden, it would be hidden from everything else, too.
const SHORTEST: usize = 8;

/// A Vault, who opens it, and where its secrets are.
pub struct Safe<'a, V, K> {
    /// Its nodes.
    pub vault: &'a V,
    /// The machine.
    pub keyring: &'a K,
    /// Which nodes, and as whom.
    pub entrance: &'a Entrance,
    /// Where KV version 2 is mounted.
    pub mount: &'a MountPath,
}

/// A Vault, where one is named and there is a way in; nothing where none is named.
pub type Opened<'a, V, K> = Result<Option<Safe<'a, V, K>>, Error>;

/// How something with a preview's own secrets ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There were none before.
    Created,
    /// There were others, or fewer.
    Updated,
    /// They were there already, just so.
    Unchanged,
    /// They are gone.
    Removed,
    /// There were none to remove.
    Absent,
}

impl Verdict {
    /// The word in the outputs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Removed => "removed",
            Self::Absent => "absent",
        }
    }
}

impl<V: Vault, K: Keyring> Safe<'_, V, K> {
    /// Works on the secrets in one session.
    async fn open<T>(
        &self,
        work: impl AsyncFnOnce(&Engine<'_, V>) -> Result<T, SecretsError>,
    ) -> Result<T, SecretsError> {
        session::with((self.vault, self.keyring), self.entrance, async |access| {
            let engine = Engine::open(self.vault, access, self.mount).await?;
            work(&engine).await
        })
        .await
    }

    /// Has values hidden that were read.
    fn mask(&self, values: &Values) {
        let texts = values.secrets().flat_map(|text| text.expose().lines().map(str::to_owned).collect::<Vec<_>>());
        let long = texts.filter(|line| line.trim().len() >= SHORTEST);
        long.for_each(|line| self.keyring.mask(&Secret::of(line)));
    }
}
