//! What the sentences say: one table keyed by keyword, and the frame around each message.
//!
//! The texts are those of the validator z-schema 3, which the service was seen to use, with the two
//! overrides it was seen to make: `enum`, and `anyOf`/`oneOf` when no branch fits.

use std::collections::HashSet;

use serde_json::Value;

use super::Part;

/// `{0}` and `{1}` stand for the parameters of the fault.
const MESSAGES: &[(&str, &str)] = &[
    ("type", "Expected type {0} but found type {1}"),
    ("enum", "Invalid value \"{0}\""),
    // The vendor's draft of JSON Schema has no `const`; it is an `enum` of one.
    ("const", "Invalid value \"{0}\""),
    ("format", "Object didn't pass validation for format {0}: {1}"),
    ("pattern", "String does not match pattern {0}: {1}"),
    ("minLength", "String is too short ({0} chars), minimum {1}"),
    ("maxLength", "String is too long ({0} chars), maximum {1}"),
    ("minimum", "Value {0} is less than minimum {1}"),
    ("maximum", "Value {0} is greater than maximum {1}"),
    ("multipleOf", "Value {0} is not a multiple of {1}"),
    ("minItems", "Array is too short ({0}), minimum {1}"),
    ("maxItems", "Array is too long ({0}), maximum {1}"),
    ("uniqueItems", "Array items are not unique (indexes {0} and {1})"),
    ("required", "Missing required property: {0}"),
    ("additionalProperties", "Additional properties not allowed: {0}"),
    ("minProperties", "Too few properties defined ({0}), minimum {1}"),
    ("maxProperties", "Too many properties defined ({0}), maximum {1}"),
    ("anyOf", "None of the valid schemas were met"),
    ("oneOf", "None of the valid schemas were met"),
    (SEVERAL, "Data is valid against more than one schema from 'oneOf'"),
];

/// The second way to break `oneOf`.
pub(super) const SEVERAL: &str = "oneOf (several)";

/// The message for a broken keyword.
pub(super) fn message(keyword: &str, parameters: &[&str]) -> String {
    let (_, text) = MESSAGES.iter().find(|(name, _)| *name == keyword).unwrap_or(&("", "Invalid value"));
    // One pass from left to right: a parameter that itself contains "{1}" stays as it is.
    let mut message = String::with_capacity(text.len() + 32);
    let mut rest = *text;
    while let Some(open) = rest.find('{') {
        let position = usize::from(rest.as_bytes()[open + 1] == b'1');
        message.push_str(&rest[..open]);
        message.push_str(parameters.get(position).copied().unwrap_or_default());
        rest = &rest[open + "{0}".len()..];
    }
    message + rest
}

/// The whole sentence. `path` is empty at the root, where the place and the label are left out.
pub(super) fn sentence(part: Part, message: &str, path: &str, label: Option<&str>, inner: &[String]) -> String {
    let mut sentence = format!("{part:?} validation error: '{message}'");
    if !path.is_empty() {
        sentence += " on property ";
        sentence += path;
        if let Some(label) = label {
            sentence += " (";
            sentence += label.strip_suffix('.').unwrap_or(label);
            sentence += ")";
        }
    }
    sentence += ".";
    if !inner.is_empty() {
        // How the vendor separates the inner errors is not known; one recording shows one.
        sentence += " Inner errors: [ ";
        sentence += &inner.join(", ");
        sentence += " ]";
    }
    sentence
}

/// Several sentences as one, each said once.
pub(super) fn together(sentences: Vec<String>) -> String {
    let mut said = HashSet::new();
    let once: Vec<&str> = sentences.iter().map(String::as_str).filter(|sentence| said.insert(*sentence)).collect();
    once.join(" (also) ")
}

/// The vendor's name for the type of a value.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() && !is_whole(value) => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A value as JavaScript prints it inside a text: `3.0` is 3, an array is its items with commas.
pub(super) fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(_) if is_whole(value) => format!("{:.0}", value.as_f64().unwrap_or_default()),
        Value::Array(values) => values.iter().map(printed).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// A float without a fraction, which JSON Schema and JavaScript both call an integer.
fn is_whole(value: &Value) -> bool {
    value.is_f64() && value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("minItems", &["0", "1"], "Array is too short (0), minimum 1")]
    #[case("uniqueItems", &["0", "1"], "Array items are not unique (indexes 0 and 1)")]
    #[case("enum", &["passkeys"], "Invalid value \"passkeys\"")]
    #[case("minProperties", &["0", "1"], "Too few properties defined (0), minimum 1")]
    #[case("format", &["email", "{0}{1}"], "Object didn't pass validation for format email: {0}{1}")]
    fn a_message_is_the_text_of_its_keyword(
        #[case] keyword: &str,
        #[case] parameters: &[&str],
        #[case] expected: &str,
    ) {
        assert_eq!(message(keyword, parameters), expected);
    }

    #[test]
    fn every_keyword_that_is_checked_has_a_text() {
        let values = [json!(""), json!(1), json!([]), json!({})];
        let checked = values.iter().flat_map(crate::schema::order::keywords);
        // `allOf` adds nothing of its own: its branches report.
        for keyword in checked.chain(["type"]).filter(|keyword| *keyword != "allOf") {
            assert!(MESSAGES.iter().any(|(name, _)| *name == keyword), "{keyword}");
        }
    }

    #[test]
    fn the_label_loses_its_final_full_stop() {
        assert_eq!(
            sentence(Part::Path, "No", "id", Some("Unique identifier for the event stream."), &[]),
            "Path validation error: 'No' on property id (Unique identifier for the event stream).",
        );
    }

    #[test]
    fn without_a_label_the_property_ends_the_sentence() {
        assert_eq!(
            sentence(Part::Payload, "No", "rule.match[0]", None, &[]),
            "Payload validation error: 'No' on property rule.match[0].",
        );
    }

    #[test]
    fn at_the_root_neither_property_nor_label_is_named() {
        assert_eq!(sentence(Part::Query, "No", "", Some("A label"), &[]), "Query validation error: 'No'.",);
    }

    #[test]
    fn inner_errors_follow_in_brackets() {
        assert_eq!(
            sentence(Part::Payload, "None", "", None, &["A.".into(), "B.".into()]),
            "Payload validation error: 'None'. Inner errors: [ A., B. ]",
        );
    }

    #[test]
    fn a_repeated_sentence_is_said_once() {
        let sentences = ["A.", "B.", "A."].map(String::from).to_vec();
        assert_eq!(together(sentences), "A. (also) B.");
    }

    #[rstest]
    #[case(json!(null), "null", "null")]
    #[case(json!(3), "integer", "3")]
    #[case(json!(3.0), "integer", "3")]
    #[case(json!(3.5), "number", "3.5")]
    #[case(json!(["a", 1]), "array", "a,1")]
    #[case(json!({"a": 1}), "object", r#"{"a":1}"#)]
    fn values_are_named_and_printed_as_javascript_does(#[case] value: Value, #[case] kind: &str, #[case] text: &str) {
        assert_eq!(type_name(&value), kind);
        assert_eq!(printed(&value), text);
    }
}
