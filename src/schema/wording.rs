//! The sentences of schema errors: a table of messages by keyword, and the text around each message.
//!
//! The texts are those of the validator z-schema 3, with two overrides of the service: `enum`, and `anyOf`/`oneOf`
//! without a match (observed).

use std::fmt;

use serde_json::Value;

use super::part::Part;
use crate::domain::{BoundedText, Sentence};

/// The messages. `{0}` and `{1}` are replaced by the parameters of the fault.
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

/// The fault of a `oneOf` with several matches.
pub(super) const SEVERAL: &str = "oneOf (several)";

/// The message of a broken keyword. A long parameter is cut.
pub(super) fn message(keyword: &str, parameters: &[&str]) -> String {
    let (_, text) = MESSAGES.iter().find(|(name, _)| *name == keyword).unwrap_or(&("", "Invalid value"));
    // One pass from left to right, so that a parameter with the text "{1}" stays unchanged.
    let mut message = String::with_capacity(text.len() + 32);
    let mut rest = *text;
    while let Some(open) = rest.find('{') {
        let position = usize::from(rest.as_bytes()[open + 1] == b'1');
        message.push_str(&rest[..open]);
        let parameter = parameters.get(position).copied().unwrap_or_default();
        message.push_str(&BoundedText::<1024>::from(parameter));
        rest = &rest[open + "{0}".len()..];
    }
    message + rest
}

/// The whole sentence. At the root `path` is empty, and the sentence has neither property nor label.
pub(super) fn sentence(part: Part, message: &str, path: &str, label: Option<&str>, inner: &Sentences) -> Sentence {
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
        // The vendor's separator of inner errors is not known: the only recording has one error.
        sentence += " Inner errors: [ ";
        sentence += &inner.joined(", ");
        sentence += " ]";
    }
    sentence.into()
}

/// The sentences of one refusal, each of them once. The vendor has no limit; here an ellipsis replaces the sentences
/// beyond the limit.
#[derive(Default)]
pub(super) struct Sentences {
    sentences: Vec<Sentence>,
    bytes: usize,
    is_full: bool,
}

impl Sentences {
    /// The maximum number of sentences, more than a request has by mistake.
    const MOST: usize = 50;

    pub(super) fn add(&mut self, sentence: Sentence) {
        if self.is_full || self.sentences.contains(&sentence) {
            return;
        }
        self.bytes += sentence.len();
        self.is_full = self.sentences.len() == Self::MOST || self.bytes > Sentence::LONGEST;
        self.sentences.push(if self.is_full { "…".into() } else { sentence });
    }

    pub(super) fn append(&mut self, others: Sentences) {
        others.sentences.into_iter().for_each(|sentence| self.add(sentence));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sentences.is_empty()
    }

    /// Whether the limit is reached, so that a search for more faults has no effect.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// All sentences as one.
    pub(super) fn together(&self) -> Sentence {
        self.joined(" (also) ")
    }

    fn joined(&self, separator: &str) -> Sentence {
        Sentence::joined(&self.sentences, separator)
    }
}

/// The vendor's name for the type of a value.
pub(crate) fn type_name(value: &Value) -> &'static str {
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

/// A value in the text form of JavaScript: `3.0` is 3, an array is its items with commas.
pub(super) fn printed(value: &Value) -> BoundedText {
    BoundedText::of(Printed(value))
}

struct Printed<'a>(&'a Value);

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::String(text) => f.write_str(text),
            Value::Number(_) if is_whole(self.0) => write!(f, "{:.0}", self.0.as_f64().unwrap_or_default()),
            Value::Array(values) => values.iter().enumerate().try_for_each(|(index, value)| {
                let separator = if index == 0 { "" } else { "," };
                write!(f, "{separator}{}", Printed(value))
            }),
            other => write!(f, "{other}"),
        }
    }
}

/// Whether a number is a float without a fraction, which is an integer in JSON Schema and JavaScript.
fn is_whole(value: &Value) -> bool {
    value.is_f64() && value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn all(sentences: &[&str]) -> Sentences {
        let mut all = Sentences::default();
        sentences.iter().for_each(|sentence| all.add((*sentence).into()));
        all
    }

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
        // `allOf` has no message of its own: its branches report.
        for keyword in checked.chain(["type"]).filter(|keyword| *keyword != "allOf") {
            assert!(MESSAGES.iter().any(|(name, _)| *name == keyword), "{keyword}");
        }
    }

    #[test]
    fn the_label_loses_its_final_full_stop() {
        assert_eq!(
            sentence(Part::Path, "No", "id", Some("Unique identifier for the event stream."), &all(&[])),
            "Path validation error: 'No' on property id (Unique identifier for the event stream).",
        );
    }

    #[test]
    fn without_a_label_the_property_ends_the_sentence() {
        assert_eq!(
            sentence(Part::Payload, "No", "rule.match[0]", None, &all(&[])),
            "Payload validation error: 'No' on property rule.match[0].",
        );
    }

    #[test]
    fn at_the_root_neither_property_nor_label_is_named() {
        let sentence = sentence(Part::Query, "No", "", Some("A label"), &all(&[]));
        assert_eq!(sentence, "Query validation error: 'No'.");
    }

    #[test]
    fn inner_errors_follow_in_brackets() {
        assert_eq!(
            sentence(Part::Payload, "None", "", None, &all(&["A.", "B."])),
            "Payload validation error: 'None'. Inner errors: [ A., B. ]",
        );
    }

    #[test]
    fn a_repeated_sentence_appears_once() {
        assert_eq!(all(&["A.", "B.", "A."]).together(), "A. (also) B.");
    }

    #[test]
    fn a_refusal_has_no_more_sentences_than_the_limit() {
        let numbered = |count: usize| (0..count).map(|number| format!("{number}.")).collect::<Vec<_>>();
        let fitting = numbered(Sentences::MOST);
        let texts: Vec<&str> = fitting.iter().map(String::as_str).collect();
        assert_eq!(all(&texts).together(), texts.join(" (also) "));
        assert!(!all(&texts).is_full());

        let beyond = numbered(Sentences::MOST + 2);
        let sentences = all(&beyond.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(sentences.is_full());
        assert_eq!(sentences.together(), texts.join(" (also) ") + " (also) …");
    }

    #[test]
    fn long_sentences_fill_a_refusal_as_many_do() {
        let long: Vec<String> = (0..5).map(|number| number.to_string().repeat(4096)).collect();
        let sentences = all(&long.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(sentences.is_full() && sentences.together().ends_with('…'));
    }

    #[test]
    fn a_long_parameter_is_cut_and_the_message_goes_on() {
        let expected = format!("Invalid value \"{}…\"", "x".repeat(1021));
        assert_eq!(message("enum", &[&"x".repeat(1_000_000)]), expected);
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
