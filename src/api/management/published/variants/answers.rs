//! Compares answers with their published schemas.

use std::collections::BTreeSet;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

/// The members of an answer that its schema does not allow, or that it requires and the answer lacks; each with the keyword
/// of the schema.
pub(super) fn faults(schema: &Validator, answer: &Value) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for error in schema.iter_errors(answer) {
        gather(&error, &mut found);
    }
    found
}

fn gather(error: &ValidationError<'_>, found: &mut BTreeSet<(String, String)>) {
    let place = member(&error.instance_path().to_string());
    let keyword = error.kind().keyword();
    let mut add = |name: &str| {
        found.insert((format!("{place}{name}"), keyword.to_owned()));
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.iter().for_each(|name| add(&format!("/{name}")));
        }
        ValidationErrorKind::Required { property } => {
            add(&format!("/{}", property.as_str().unwrap_or_default()));
        }
        // The branch that comes closest says what is wrong.
        ValidationErrorKind::AnyOf { context } => {
            let here = error.instance_path();
            let distance = |errors: &&Vec<ValidationError<'static>>| {
                let is_here = |error: &ValidationError<'_>| error.instance_path() == here;
                let of_other_type =
                    errors.iter().any(|error| is_here(error) && matches!(error.kind().keyword(), "type" | "enum"));
                (of_other_type, errors.len())
            };
            match context.iter().min_by_key(distance) {
                Some(closest) => closest.iter().for_each(|error| gather(error, found)),
                None => add(""),
            }
        }
        _ => add(""),
    }
}

/// `/a[]/b` for `/a/0/b`.
fn member(pointer: &str) -> String {
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let part = |part: &str| if is_index(part) { "[]".to_owned() } else { format!("/{part}") };
    pointer.split('/').skip(1).map(part).collect()
}
