//! What a recording must not hold: secrets and tokens are replaced before anything is written.

use serde_json::{Map, Value};

/// What stands in their place. A replay takes it for any text.
pub(crate) const REDACTED: &str = "[REDACTED]";

/// Members whose texts are secrets, whatever is around them.
const SECRETS: [&str; 18] = [
    "access_token",
    "api_key",
    "apiKey",
    "assertion",
    "authorization",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "id_token",
    "password",
    "password_hash",
    "pem",
    "private_key",
    "refresh_token",
    "signing_secret",
    "ticket",
    "token",
];

/// How names of further ones end.
const ENDINGS: [&str; 7] = ["secret", "Secret", "password", "Password", "_token", "_api_key", "private_key"];

pub(crate) fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Replaces the secrets of a body or a query.
pub(crate) fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => redact_members(members),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::String(text) => redact_text(text),
        _ => {}
    }
}

fn redact_members(members: &mut Map<String, Value>) {
    for (name, value) in members {
        match value {
            Value::String(text) if is_secret(name) && !text.is_empty() => *text = REDACTED.to_owned(),
            Value::Array(items) if is_secret(name) => {
                items.iter_mut().filter(|item| item.is_string()).for_each(|item| *item = REDACTED.into());
            }
            _ => redact(value),
        }
    }
}

/// A text under a name that tells nothing may be a secret all the same: a private key, a token, or an address with one.
pub(crate) fn redact_text(text: &mut String) {
    if text.contains("PRIVATE KEY") || is_token(text) {
        *text = REDACTED.to_owned();
    } else if let Some((before, query)) = text.split_once('?')
        && text.contains("://")
    {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) if is_secret(name) || name == "invitation" || is_token(value) => {
                format!("{name}={REDACTED}")
            }
            _ => pair.to_owned(),
        });
        *text = format!("{before}?{}", pairs.collect::<Vec<_>>().join("&"));
    }
}

/// Three or five parts of base64url, the first of which is an object.
fn is_token(text: &str) -> bool {
    let parts = text.split('.').count();
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte);
    text.starts_with("eyJ") && (parts == 3 || parts == 5) && text.bytes().all(base64url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::redact;

    #[test]
    fn secrets_and_tokens_are_replaced_at_any_depth() {
        let mut body = json!({
            "client_id": "abc",
            "client_secret": "s3cret",
            "options": { "app_secret": "s3cret", "scope": ["openid"], "kept": null },
            "list": [{ "token": "xyz" }, "eyJhbGciOiJub25lIn0.e30.c2ln"],
            "key": "-----BEGIN PRIVATE KEY-----\nMII",
            "invitation_url": "https://app.example/login?invitation=t1cket&organization=org_1",
        });
        redact(&mut body);
        assert_eq!(
            body,
            json!({
                "client_id": "abc",
                "client_secret": "[REDACTED]",
                "options": { "app_secret": "[REDACTED]", "scope": ["openid"], "kept": null },
                "list": [{ "token": "[REDACTED]" }, "[REDACTED]"],
                "key": "[REDACTED]",
                "invitation_url": "https://app.example/login?invitation=[REDACTED]&organization=org_1",
            })
        );
    }

    #[test]
    fn what_only_sounds_like_a_secret_is_kept() {
        let settings = json!({
            "token_lifetime": 86400,
            "token_dialect": "access_token",
            "token_endpoint_auth_method": "client_secret_post",
            "refresh_token": { "rotation_type": "rotating" },
            "require_client_secret": false,
            "scope": "read:client_keys",
        });
        let mut body = settings.clone();
        redact(&mut body);
        assert_eq!(body, settings);
    }
}
