//! The secrets of environments: written, never read.

use http::Method;
use serde_json::{Value, json};

use super::GitHub;
use super::writes::encoded;
use crate::domain::names::SecretName;
use crate::effects::sealed_box;
use crate::ports::{EnvironmentSecrets, ForgeError};
use crate::secret::Secret;

impl EnvironmentSecrets for GitHub {
    async fn put(&self, environment: &str, name: &SecretName, value: &Secret) -> Result<(), ForgeError> {
        let what = "put a secret into an environment";
        let place = format!("environments/{}/secrets", encoded(environment));
        let key = self.done(self.write(Method::GET, &format!("{place}/public-key"), what, true)).await?;
        let senseless = |message: String| ForgeError::Senseless { what, message };
        let field = |name: &str| key.get(name).and_then(Value::as_str).ok_or(format!("it holds no `{name}`"));
        let (key_id, key) = (field("key_id").map_err(senseless)?, field("key").map_err(senseless)?);
        let sealed = sealed_box::seal(key, value).map_err(|why| senseless(why.to_string()))?;
        // Put twice, it is the same secret.
        let request = self.write(Method::PUT, &format!("{place}/{name}"), what, true);
        self.done(request.with(json!({"encrypted_value": sealed, "key_id": key_id}))).await.map(|_| ())
    }
}
