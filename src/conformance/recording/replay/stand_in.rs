//! Stand-ins: the values that a replay sends in place of the secrets that a recording lacks.
//!
//! A stand-in passes the checks of its member, such as the strength of a password or the form of a hash. The recorded answer has the
//! recorder's mark at this place, which matches any text.

use serde_json::Value;

use crate::conformance::http::REDACTED;

/// Members that accept only texts of a certain form.
const FORMS: [(&str, &str); 2] = [
    ("password_hash", "$2b$10$abcdefghijklmnopqrstuuMa1oHFJqYV7TOwLYPGXxJ3yMQcmWNBC"),
    ("link_with", "eyJhbGciOiJub25lIn0.e30.AAAA"),
];

/// The stand-in for any other text: 64 characters, with every class that the rules of passwords and secrets require.
const TEXT: &str = "Stand-in-0123456789-for-a-secret-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcd";

fn of(name: &str) -> &'static str {
    FORMS.iter().find(|(known, _)| *known == name).map_or(TEXT, |(_, form)| form)
}

/// Replaces the marks of secrets in a request body. A body that the recorder dropped stays the mark.
pub(super) fn fill(body: &mut Value) {
    match body {
        Value::String(text) if text != REDACTED => {
            // A multipart form can contain JSON.
            for (name, form) in FORMS {
                *text = text.replace(&format!("\"{name}\":\"{REDACTED}\""), &format!("\"{name}\":\"{form}\""));
            }
            *text = text.replace(REDACTED, TEXT);
        }
        _ => fill_members(body, ""),
    }
}

fn fill_members(value: &mut Value, name: &str) {
    match value {
        Value::String(text) if text == REDACTED && !name.is_empty() => of(name).clone_into(text),
        Value::String(text) if !name.is_empty() => *text = text.replace(REDACTED, TEXT),
        Value::Array(items) => items.iter_mut().for_each(|item| fill_members(item, name)),
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| fill_members(value, name)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{TEXT, fill};

    #[test]
    fn the_name_of_a_member_selects_its_stand_in() {
        let mut body = json!({ "password": "[REDACTED]", "list": [{ "password_hash": "[REDACTED]" }], "name": "a" });
        fill(&mut body);
        assert_eq!((&body["password"], &body["name"]), (&json!(TEXT), &json!("a")));
        assert_eq!(body["list"][0]["password_hash"].as_str().map(str::len), Some(60));
    }

    #[test]
    fn a_multipart_form_is_filled_and_a_dropped_body_is_not() {
        let mut form = json!("--b\r\n\r\n[{\"password_hash\":\"[REDACTED]\",\"otp\":\"[REDACTED]\"}]");
        fill(&mut form);
        let filled = form.as_str().unwrap();
        assert!(filled.contains("\"$2b$10$") && filled.contains(TEXT) && !filled.contains("REDACTED"), "{filled}");
        let mut dropped = json!("[REDACTED]");
        fill(&mut dropped);
        assert_eq!(dropped, "[REDACTED]");
    }
}
