//! Stand-ins: the values that a replay sends in the place of secrets that a recording does not hold.
//!
//! It passes the rules of its member: a password that is strong enough, a hash that is one. The answer has the recorder's
//! mark in its place, which fits any text.

use serde_json::Value;

use crate::conformance::http::REDACTED;

/// Members that take a text of a form only.
const FORMS: [(&str, &str); 2] = [
    ("password_hash", "$2b$10$abcdefghijklmnopqrstuuMa1oHFJqYV7TOwLYPGXxJ3yMQcmWNBC"),
    ("link_with", "eyJhbGciOiJub25lIn0.e30.AAAA"),
];

/// Any other text: 64 characters of the classes that the rules of passwords and secrets ask for.
const TEXT: &str = "Stand-in-0123456789-for-a-secret-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcd";

fn of(name: &str) -> &'static str {
    FORMS.iter().find(|(known, _)| *known == name).map_or(TEXT, |(_, form)| form)
}

/// Fills the places of secrets in a body that is to be sent. One that was dropped as a whole stays the mark.
pub(super) fn fill(body: &mut Value) {
    match body {
        Value::String(text) if text != REDACTED => {
            // The parts of a form with files hold JSON.
            for (name, form) in FORMS {
                *text = text.replace(&format!("\"{name}\":\"{REDACTED}\""), &format!("\"{name}\":\"{form}\""));
            }
            *text = text.replace(REDACTED, TEXT);
        }
        _ => within(body, ""),
    }
}

fn within(value: &mut Value, name: &str) {
    match value {
        Value::String(text) if text == REDACTED && !name.is_empty() => of(name).clone_into(text),
        Value::String(text) if !name.is_empty() => *text = text.replace(REDACTED, TEXT),
        Value::Array(items) => items.iter_mut().for_each(|item| within(item, name)),
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| within(value, name)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{TEXT, fill};

    #[test]
    fn a_place_is_filled_by_the_name_of_its_member() {
        let mut body = json!({ "password": "[REDACTED]", "list": [{ "password_hash": "[REDACTED]" }], "name": "a" });
        fill(&mut body);
        assert_eq!((&body["password"], &body["name"]), (&json!(TEXT), &json!("a")));
        assert_eq!(body["list"][0]["password_hash"].as_str().map(str::len), Some(60));
    }

    #[test]
    fn a_form_with_files_is_filled_and_a_body_that_was_dropped_is_not() {
        let mut form = json!("--b\r\n\r\n[{\"password_hash\":\"[REDACTED]\",\"otp\":\"[REDACTED]\"}]");
        fill(&mut form);
        let filled = form.as_str().unwrap();
        assert!(filled.contains("\"$2b$10$") && filled.contains(TEXT) && !filled.contains("REDACTED"), "{filled}");
        let mut dropped = json!("[REDACTED]");
        fill(&mut dropped);
        assert_eq!(dropped, "[REDACTED]");
    }
}
