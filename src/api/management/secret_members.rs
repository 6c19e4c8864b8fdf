//! Which members of the modelled families are secrets: every name that sounds like one is one for the redaction, or is listed.

use serde_json::Value;

use super::families;
use crate::redaction;

/// Members of the modelled families whose names sound like secrets and that are shown: a new one has to be decided upon.
#[test]
fn a_member_that_sounds_like_a_secret_is_one_or_is_listed_here() {
    let sounds = ["secret", "password", "token", "key", "credential", "assertion", "ticket", "cert", "pem"];
    let mut shown: Vec<String> = Vec::new();
    for family in families() {
        names_of_texts(family.schemas.file(), &mut shown);
    }
    shown.retain(|name| {
        let folded = name.to_lowercase();
        sounds.iter().any(|sound| folded.contains(sound)) && !redaction::is_secret(name)
    });
    shown.sort();
    shown.dedup();
    insta::assert_snapshot!(shown.join("\n"));
}

/// Names of the members that may hold a text, a list or an object.
fn names_of_texts(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (member, schema) in members {
                if let (true, Some(properties)) = (member == "properties", schema.as_object()) {
                    let holds_more =
                        |schema: &Value| !matches!(schema["type"].as_str(), Some("boolean" | "integer" | "number"));
                    names.extend(
                        properties.iter().filter(|(_, schema)| holds_more(schema)).map(|(name, _)| name.clone()),
                    );
                }
                names_of_texts(schema, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names_of_texts(item, names)),
        _ => {}
    }
}
