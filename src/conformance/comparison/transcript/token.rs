//! Tokens in a transcript: their content in the place of their text.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The content of a token, with moments by their distance from its issue, and random texts by their length.
pub(super) fn content(token: &str) -> Value {
    let part = |index| {
        let bytes = token.split('.').nth(index).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    };
    let (Some(mut header), Some(mut claims)) = (part(0), part(1)) else { return "(no JWT)".into() };
    if header["kid"].is_string() {
        header["kid"] = "(a key)".into();
    }
    let issued_at = claims["iat"].as_i64();
    if let Some(members) = claims.as_object_mut() {
        for (claim, value) in members {
            *value = match (claim.as_str(), &*value, issued_at) {
                ("iat", Value::Number(_), _) => "(a moment)".into(),
                ("exp" | "nbf", Value::Number(moment), Some(iat)) => {
                    // A token says what its tenant likes.
                    format!("iat + {}", moment.as_i64().unwrap_or_default().saturating_sub(iat)).into()
                }
                ("jti", Value::String(text), _) => format!("({} characters)", text.len()).into(),
                _ => continue,
            };
        }
    }
    json!({ "header": header, "claims": claims })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_shown_by_content() {
        let token = "eyJhbGciOiJub25lIn0.eyJpYXQiOjEwMCwiZXhwIjoxNjAsIm9yZ19pZCI6Im8iLCJqdGkiOiJhYmMifQ.c2lnbmF0dXJl";
        let claims = json!({ "iat": "(a moment)", "exp": "iat + 60", "org_id": "o", "jti": "(3 characters)" });
        assert_eq!(content(token), json!({ "header": { "alg": "none" }, "claims": claims }));
        assert_eq!(content("opaque"), json!("(no JWT)"));
    }

    #[test]
    fn a_token_with_moments_out_of_range_is_shown_as_well() {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(json!({ "iat": -1, "exp": i64::MAX }).to_string());
        let said = content(&format!("e30.{claims}.c2ln"));
        assert_eq!(said["claims"]["exp"], format!("iat + {}", i64::MAX));
    }
}
