//! The deployments of all previews, page by page.

use serde_json::{Value, json};

use super::GitHub;
use super::operations::{OBSERVE_DEPLOYMENTS, OBSERVE_ENVIRONMENTS, Operation};
use super::reading::{self, Page, Unnumbered};
use crate::domain::deployment::{Environments, SHARED_ENVIRONMENT, own_environment};
use crate::ports::{ForgeError, Ledger};

/// The most pages that are read in all.
const PAGES: usize = 30;

/// A list of the repository's.
struct List<T> {
    operation: Operation,
    key: &'static str,
    what: &'static str,
    read: fn(&Value) -> Result<Page<T>, String>,
}

const DEPLOYMENTS: List<Unnumbered> = List {
    operation: OBSERVE_DEPLOYMENTS,
    key: "deployments",
    what: "read the deployments",
    read: reading::deployments,
};

const ENVIRONMENTS: List<String> = List {
    operation: OBSERVE_ENVIRONMENTS,
    key: "environments",
    what: "read the environments",
    read: reading::environments,
};

impl GitHub {
    /// The deployments to the environments of previews, the latest first, as many as there is patience for.
    pub(super) async fn read_ledger(&self) -> Result<Ledger, ForgeError> {
        let mut pages = PAGES;
        let (mut environments, are_all) = match self.environments {
            Environments::Off => return Ok(Ledger { is_whole: true, ..Ledger::default() }),
            Environments::Shared => (Vec::new(), true),
            Environments::PerPreview => self.read_list(&ENVIRONMENTS, json!({}), &mut pages).await?,
        };
        environments.retain(is_own);
        // Without a filter, all the deployments to production would come along. The shared one is of previews that were put
        // up before each had its own.
        let asked: Vec<_> = environments.iter().map(String::as_str).chain([SHARED_ENVIRONMENT]).collect();
        let (deployments, is_whole) = self.read_list(&DEPLOYMENTS, json!({"environments": asked}), &mut pages).await?;
        let deployments = self.all_numbered(deployments).await?;
        Ok(Ledger { deployments, environments, is_whole: is_whole && are_all })
    }

    /// Reads a list until it ends or no page is left, and tells whether it has ended.
    async fn read_list<T>(
        &self,
        list: &List<T>,
        mut variables: Value,
        pages: &mut usize,
    ) -> Result<(Vec<T>, bool), ForgeError> {
        let List { operation, key, what, read } = list;
        let mut entries = Vec::new();
        while *pages > 0 {
            *pages -= 1;
            let mut reply = self.ask(operation, operation.text, variables.clone(), what).await?;
            let told = reply.take(key).map_err(|trouble| trouble.error(what))?;
            let told = told.ok_or_else(|| ForgeError::NotFound { what, message: String::new() })?;
            let page = read(&told).map_err(|message| ForgeError::Senseless { what, message })?;
            entries.extend(page.entries);
            let Some(next) = page.next else { return Ok((entries, true)) };
            variables["after"] = next.into();
        }
        Ok((entries, false))
    }
}

/// Whether an environment is a preview's own.
fn is_own(name: &String) -> bool {
    let number = name.rsplit_once('-').and_then(|(_, number)| number.parse().ok());
    number.is_some_and(|number| own_environment(number) == *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_environments_of_previews_are_looked_into() {
        let all = [
            "production",
            "preview",
            "preview/pr-7",
            "preview/pr-x",
            "preview/pr-07",
            "preview/other",
            "x-8",
            "preview/pr-123",
        ];
        let found: Vec<_> = all.map(str::to_owned).into_iter().filter(is_own).collect();
        assert_eq!(found, ["preview/pr-7", "preview/pr-123"]);
    }
}
