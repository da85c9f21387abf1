//! Why a roster cannot be read or edited.

use std::fmt;

use serde_saphyr::granit_parser::{Marker, ScanError};

/// A place in the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// Where the file starts.
    pub(super) const START: Self = Self { line: 1, column: 1 };
}

impl From<&Marker> for Place {
    fn from(marker: &Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// Why a roster cannot be read or edited. Whatever it is, the file has not been changed.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// The text is not YAML.
    #[error("the roster is not YAML at {at}: correct it there")]
    NotYaml {
        /// Where reading stopped.
        at: Place,
        /// What the YAML parser says.
        source: Box<ScanError>,
    },
    /// There is more than one document.
    #[error("the roster has a second document at {at}, which kustomize would leave out: keep only one document")]
    SeveralDocuments {
        /// Where the second document starts.
        at: Place,
    },
    /// The top level is a list or a scalar.
    #[error("the roster is not a mapping at {at}: write a kustomization with a list of `resources`")]
    NotAMapping {
        /// Where the value starts.
        at: Place,
    },
    /// `resources` is a mapping or a scalar.
    #[error("`resources` is not a list at {at}: write one entry a line, such as `- \"pr-1\"`, or `[]` for none")]
    NotAList {
        /// Where the value starts.
        at: Place,
    },
    /// An entry is a number, a null, a list or the like.
    #[error("an entry of `resources` is not a string at {at}: put double quotes around it, or remove it")]
    NotAString {
        /// Where the entry starts.
        at: Place,
    },
    /// The key is there twice.
    #[error("`resources` is there a second time at {at}, and only one of them would count: merge the two lists")]
    Repeated {
        /// Where the second key starts.
        at: Place,
    },
    /// A key differs from `resources` only in upper and lower case, and kustomize does not tell them apart.
    #[error(
        "`{key}` at {at} means `resources` to kustomize, so that a list beside it would hide it: write `resources`"
    )]
    Misspelt {
        /// The key as it is written.
        key: String,
        /// Where the key starts.
        at: Place,
    },
    /// There is no `resources`, but keys are merged in from another mapping, which may have it.
    #[error(
        "`<<` at {at} may bring `resources` from another place: write `resources: []`, or its list, in the roster itself"
    )]
    Merged {
        /// Where the merge key starts.
        at: Place,
    },
    /// `resources` is an alias, so that an edit would change another place too.
    #[error("`resources` is an alias at {at}, and an edit would change the other place too: write the list itself")]
    Aliased {
        /// Where the alias starts.
        at: Place,
    },
    /// The list has an anchor that is used elsewhere, so that an edit would change that place too.
    #[error("the list at {at} is used in another place, which an edit would change too: remove its anchor")]
    Shared {
        /// Where the list starts.
        at: Place,
    },
    /// There is no `resources`, and the mapping is written in braces.
    #[error("`resources` is missing from the mapping in braces at {at}: add `resources: []` to it")]
    InBraces {
        /// Where the mapping starts.
        at: Place,
    },
    /// The edit would change more than the list.
    #[error(
        "the entry `{entry}` cannot be edited at {at} without a change of meaning elsewhere in the roster: edit it by hand"
    )]
    NotEditable {
        /// The entry to add or to remove.
        entry: String,
        /// Where the entry, or the file's content, starts.
        at: Place,
    },
}

impl RosterError {
    /// Where in the file the trouble is.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::NotYaml { at, .. }
            | Self::SeveralDocuments { at }
            | Self::NotAMapping { at }
            | Self::NotAList { at }
            | Self::NotAString { at }
            | Self::Repeated { at }
            | Self::Misspelt { at, .. }
            | Self::Merged { at }
            | Self::Aliased { at }
            | Self::Shared { at }
            | Self::InBraces { at }
            | Self::NotEditable { at, .. } => *at,
        }
    }
}
