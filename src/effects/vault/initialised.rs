//! The keys in the answer to an initialisation. Nobody else has them, and so whatever looks like a key is taken.

use serde_json::Value;

use crate::ports::vault::Initialised;
use crate::secret::Secret;

/// What can be read of an answer; nothing when there is no key and no token in it. `vaultrs` reads no `recovery_keys`, which
/// would be lost.
pub(super) fn initialised(body: &[u8]) -> Option<Initialised> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let initialised = Initialised {
        unseal_shares: shares(&answer, "keys_base64", "keys"),
        recovery_shares: shares(&answer, "recovery_keys_base64", "recovery_keys"),
        root_token: answer.get("root_token").and_then(secret),
    };
    let is_empty = initialised.unseal_shares.is_empty()
        && initialised.recovery_shares.is_empty()
        && initialised.root_token.is_none();
    (!is_empty).then_some(initialised)
}

/// The shares as Base64, or in hexadecimal where there are more of those: a server takes either.
fn shares(answer: &Value, base64: &str, hexadecimal: &str) -> Vec<Secret> {
    let [base64, hexadecimal] = [base64, hexadecimal].map(|name| match answer.get(name) {
        Some(Value::Array(values)) => values.iter().filter_map(secret).collect(),
        Some(value) => secret(value).into_iter().collect::<Vec<_>>(),
        None => Vec::new(),
    });
    if hexadecimal.len() > base64.len() { hexadecimal } else { base64 }
}

/// A text, or the JSON of whatever is there instead.
fn secret(value: &Value) -> Option<Secret> {
    match value {
        Value::Null => None,
        Value::String(text) => Secret::new(text),
        value => Secret::new(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The unseal shares, the recovery shares and the root token that are read of an answer.
    fn read(body: &str) -> Option<(String, String, String)> {
        let texts = |secrets: &[Secret]| secrets.iter().map(Secret::expose).collect::<Vec<_>>().join(" ");
        let initialised = initialised(body.as_bytes())?;
        let token = initialised.root_token.map(|token| token.expose().to_owned()).unwrap_or_default();
        Some((texts(&initialised.unseal_shares), texts(&initialised.recovery_shares), token))
    }

    #[test]
    fn whatever_looks_like_a_key_is_taken_from_the_answer_however_odd_it_is() {
        for (body, unseal, recovery, token) in [
            (r#"{"keys":["0a","0b"],"keys_base64":["Cg==","Cw=="],"root_token":"t"}"#, "Cg== Cw==", "", "t"),
            (r#"{"keys":["0a","0b"],"root_token":"t"}"#, "0a 0b", "", "t"),
            (r#"{"keys":["0a","0b"],"keys_base64":["Cg=="],"root_token":"t"}"#, "0a 0b", "", "t"),
            (r#"{"keys":[],"keys_base64":null,"recovery_keys":["0a"],"root_token":"t"}"#, "", "0a", "t"),
            (r#"{"keys_base64":[],"recovery_keys_base64":["Cg=="],"root_token":"t"}"#, "", "Cg==", "t"),
            (r#"{"keys_base64":["Cg=="]}"#, "Cg==", "", ""),
            (r#"{"keys_base64":["Cg=="],"root_token":7}"#, "Cg==", "", "7"),
            (r#"{"keys_base64":["Cg==",null,{"a":1},"Cg=="],"root_token":null}"#, r#"Cg== {"a":1} Cg=="#, "", ""),
            (r#"{"keys_base64":"Cg==","root_token":"t"}"#, "Cg==", "", "t"),
            (r#"{"root_token":"t"}"#, "", "", "t"),
        ] {
            let wanted = (unseal.to_owned(), recovery.to_owned(), token.to_owned());
            assert_eq!(read(body), Some(wanted), "{body}");
        }
        for body in ["", "[]", "7", "{}", r#"{"keys":[],"root_token":""}"#, r#"{"keys_base64":["Cg=="#] {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
