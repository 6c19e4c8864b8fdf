//! Checks the members whose names sound like secrets: the redaction treats each as a secret, or the snapshot lists it as public.

use serde_json::Value;

use super::families;
use crate::redaction;

/// The snapshot has the public members whose names sound like secrets. A new member of this kind needs a decision.
#[test]
fn a_member_that_sounds_like_a_secret_is_one_or_is_listed_here() {
    let sounds = ["secret", "password", "token", "key", "credential", "assertion", "ticket", "cert", "pem"];
    let mut public: Vec<String> = Vec::new();
    for family in families() {
        names_of_texts(family.schemas.file(), &mut public);
    }
    public.retain(|name| {
        let folded = name.to_lowercase();
        sounds.iter().any(|sound| folded.contains(sound)) && !redaction::is_secret(name)
    });
    public.sort();
    public.dedup();
    insta::assert_snapshot!(public.join("\n"));
}

/// Adds the names of the members whose value can be a text, a list or an object.
fn names_of_texts(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (member, schema) in members {
                if let (true, Some(properties)) = (member == "properties", schema.as_object()) {
                    let can_be_secret =
                        |schema: &Value| !matches!(schema["type"].as_str(), Some("boolean" | "integer" | "number"));
                    names.extend(
                        properties.iter().filter(|(_, schema)| can_be_secret(schema)).map(|(name, _)| name.clone()),
                    );
                }
                names_of_texts(schema, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names_of_texts(item, names)),
        _ => {}
    }
}
