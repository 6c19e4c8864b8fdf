//! Values for the generator: texts of a form, texts and numbers on limits, and values of each type.

use proptest::strategy::{Strategy, ValueTree};
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::api::management::published::facts::Branch;
use crate::schema::well_formed;

/// Texts that few formats and patterns accept.
pub(super) const ODD_TEXTS: [&str; 4] = ["", " ", "<é😀>", "not this one!"];

/// A value of each type.
pub(super) fn of_each_type() -> Vec<(&'static str, Value)> {
    vec![
        ("null", json!(null)),
        ("a truth value", json!(true)),
        ("an integer", json!(7)),
        ("a number", json!(7.5)),
        ("a text", json!("text")),
        ("an empty list", json!([])),
        ("a list of null", json!([null])),
        ("an empty object", json!({})),
    ]
}

/// A whole number as an integer.
pub(super) fn number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { json!(number as i64) } else { json!(number) }
}

/// Texts of the branch's form: those of its format, or of its pattern.
pub(super) fn texts(branch: &Branch) -> Vec<String> {
    if let Some(format) = branch.get("format").and_then(Value::as_str) {
        return well_formed(format).iter().map(|text| (*text).to_owned()).collect();
    }
    let least = branch.get("minLength").and_then(Value::as_u64).unwrap_or_default() as usize;
    if let Some(pattern) = branch.get("pattern").and_then(Value::as_str) {
        return of_pattern(pattern, least);
    }
    vec!["a".repeat(least.max(1))]
}

/// Two texts that match a pattern. Of one that looks ahead, texts that may match.
fn of_pattern(pattern: &str, least: usize) -> Vec<String> {
    let whole = pattern.trim_start_matches('^').trim_end_matches('$');
    let whole = whole.replace("(.)", "[a-z]").replace("(.*", "([a-z]*").replace(r"\S", "[a-z]").replace(r"\d", "[0-9]");
    let Ok(strategy) = string_regex(&whole) else {
        return ["a", "abc", "https://a.test", "{org_id}-a", "+4915112345678"].map(str::to_owned).to_vec();
    };
    let mut runner = TestRunner::deterministic();
    let draw = |_| Some(strategy.new_tree(&mut runner).ok()?.current());
    (0..40).filter_map(draw).filter(|text| text.chars().count() >= least.max(1)).take(2).collect()
}

/// Texts of this length, some of which may have the branch's form.
pub(super) fn texts_of_length(branch: &Branch, length: usize) -> Vec<String> {
    let first = texts(branch).into_iter().next().unwrap_or_default();
    let shown = first.chars().count();
    let mut found = vec!["a".repeat(length)];
    if branch.contains_key("format") || branch.contains_key("pattern") {
        found.push("1".repeat(length));
        if let Some(more) = length.checked_sub(shown) {
            found.push(format!("{first}{}", "a".repeat(more)));
            found.push(format!("{first}{}", "1".repeat(more)));
            found.push(format!("{}{first}", "a".repeat(more)));
        }
    }
    found
}
