//! GitHub's Deployments: one for each change of a preview, and the ledger of what is still to be told.

use serde_json::{Value, json};

use super::names::{Application, CommitId, PullRequestNumber};
use super::record::LAST_GENERATION;

/// The environment that all previews share by default, so that none is left behind.
pub const SHARED_ENVIRONMENT: &str = "preview";

/// The forge's number of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeploymentId(pub u64);

/// Which environments the deployments of previews are in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Environments {
    /// All in one.
    #[default]
    Shared,
    /// One for each pull request, deleted with its preview where the token may do that.
    PerPreview,
    /// No deployments are made.
    Off,
}

impl Environments {
    /// The environment of a pull request's preview, where deployments are made.
    #[must_use]
    pub fn of(self, number: PullRequestNumber) -> Option<String> {
        match self {
            Self::Shared => Some(SHARED_ENVIRONMENT.to_owned()),
            Self::PerPreview => Some(own_environment(number)),
            Self::Off => None,
        }
    }
}

/// The environment of one pull request alone.
#[must_use]
pub fn own_environment(number: PullRequestNumber) -> String {
    format!("{SHARED_ENVIRONMENT}/pr-{number}")
}

/// Which preview a deployment is of: what we put into its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The application.
    pub application: Application,
    /// The pull request.
    pub pull_request: PullRequestNumber,
    /// The generation of the preview.
    pub generation: u64,
}

impl Payload {
    /// Reads a payload; nothing when it is not one of ours.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        Some(Self {
            application: value.get("application")?.as_str()?.parse().ok()?,
            pull_request: value.get("pull-request")?.to_string().parse().ok()?,
            generation: value.get("generation")?.as_u64().filter(|generation| *generation <= LAST_GENERATION)?,
        })
    }

    /// The payload as it is sent.
    #[must_use]
    pub fn write(&self) -> Value {
        json!({
            "application": self.application,
            "pull-request": self.pull_request,
            "generation": self.generation,
        })
    }
}

/// A deployment as the forge has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// What it is told by, where that is known.
    pub id: Option<DeploymentId>,
    /// Its environment.
    pub environment: String,
    /// The commit that it is of.
    pub commit: Option<CommitId>,
    /// What it is of; nothing when it is not one of ours.
    pub payload: Option<Payload>,
    /// How it stands.
    pub standing: Standing,
}

/// How a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was made, and nothing was told of it.
    Begun,
    /// It is on its way, or something else was told of it.
    Up,
    /// It is there.
    Ready,
    /// It did not get there.
    Failed,
    /// It is over.
    Inactive,
}

impl Deployment {
    /// Whether it is of that application's preview of that pull request.
    #[must_use]
    pub fn is_of(&self, application: &Application, number: PullRequestNumber) -> bool {
        let payload = self.payload.as_ref();
        payload.is_some_and(|payload| payload.application == *application && payload.pull_request == number)
    }
}

/// A deployment that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeployment {
    /// The head commit.
    pub commit: CommitId,
    /// Its environment.
    pub environment: String,
    /// What it is of.
    pub payload: Payload,
    /// What people read of it, at most 140 characters.
    pub description: String,
}

/// What is told of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentStatus {
    /// The preview is committed, and reached there when it is rolled out.
    InProgress {
        /// The address of the preview.
        url: String,
    },
    /// The preview was seen to show its commit.
    Success {
        /// The address of the preview.
        url: String,
    },
    /// The preview was waited for, and was not seen to show its commit.
    Failure {
        /// The address of the preview.
        url: String,
    },
    /// The preview is gone, or another deployment has taken over.
    Inactive,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::number;
    use proptest::prelude::*;

    #[test]
    fn environments_are_shared_or_one_for_each_pull_request_or_none() {
        assert_eq!(Environments::default().of(number(7)).as_deref(), Some("preview"));
        assert_eq!(Environments::PerPreview.of(number(7)).as_deref(), Some("preview/pr-7"));
        assert_eq!(Environments::Off.of(number(7)), None);
    }

    #[test]
    fn a_payload_that_is_not_ours_is_none() {
        let whole = json!({"application": "wildside", "pull-request": 7, "generation": 3, "more": []});
        assert!(Payload::read(&whole).is_some());
        for odd in [json!(null), json!(""), json!("{\"application\": \"wildside\"}"), json!([]), json!({}), json!(7)] {
            assert_eq!(Payload::read(&odd), None, "{odd}");
        }
        for (key, odd) in [
            ("application", vec![json!(null), json!(7), json!(""), json!("Wild Side"), json!(["wildside"])]),
            ("pull-request", vec![json!(null), json!(0), json!(-7), json!(7.0), json!("7"), json!(4_294_967_296_u64)]),
            ("generation", vec![json!(null), json!(-1), json!(3.5), json!("3"), json!(u64::MAX), json!([3])]),
        ] {
            for odd in odd {
                let mut value = whole.clone();
                value[key] = odd;
                assert_eq!(Payload::read(&value), None, "{value}");
            }
            let mut value = whole.clone();
            value.as_object_mut().unwrap().remove(key);
            assert_eq!(Payload::read(&value), None, "{value}");
        }
    }

    #[test]
    fn a_deployment_is_of_one_preview() {
        let payload = Payload { application: "wildside".parse().unwrap(), pull_request: number(7), generation: 3 };
        let mut deployment = Deployment {
            id: Some(DeploymentId(1)),
            environment: "preview".to_owned(),
            commit: None,
            payload: Some(payload),
            standing: Standing::Up,
        };
        assert!(deployment.is_of(&"wildside".parse().unwrap(), number(7)));
        assert!(!deployment.is_of(&"wildside".parse().unwrap(), number(8)));
        assert!(!deployment.is_of(&"other".parse().unwrap(), number(7)));
        deployment.payload = None;
        assert!(!deployment.is_of(&"wildside".parse().unwrap(), number(7)));
    }

    proptest! {
        #[test]
        fn a_payload_reads_back_what_was_written(
            application in "[a-z]([a-z0-9-]{0,20}[a-z0-9])?", pull in 1..=2_147_483_647_u32, generation: u32,
        ) {
            let payload =
                Payload { application: application.parse().unwrap(), pull_request: number(pull), generation: generation.into() };
            prop_assert_eq!(Payload::read(&payload.write()), Some(payload.clone()));
            let sent: Value = serde_json::from_str(&payload.write().to_string()).unwrap();
            prop_assert_eq!(Payload::read(&sent), Some(payload));
        }
    }
}
