//! A condition on one field of a query.

use serde_json::{Map, Number, Value};

use super::error::QueryError;
use super::fields::FieldKind;
use super::pattern::Pattern;
use super::range::Range;

/// A field and the condition on its value.
#[derive(Clone, Debug)]
pub(super) struct Term {
    /// The path of the field: the names of members with dots between them.
    pub(super) path: String,
    pub(super) kind: FieldKind,
    pub(super) condition: Condition,
}

#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// Any value except `null`, an empty list and an empty object (documented).
    Anything,
    Like(Pattern),
    Within(Range),
}

impl Condition {
    pub(super) fn like(pattern: Pattern, kind: FieldKind) -> Result<Condition, QueryError> {
        match (kind, pattern) {
            (FieldKind::Date, Pattern::Exactly(text)) => Ok(Condition::Within(Range::moment(&text)?)),
            (FieldKind::Plain, Pattern::Parts(_)) => Err(QueryError::PlainField),
            (FieldKind::AnyCase, pattern) => Ok(Condition::Like(pattern.in_lower_case())),
            (_, pattern) => Ok(Condition::Like(pattern)),
        }
    }
}

impl Term {
    /// Whether a document satisfies the term. One element of a list is enough, also on the path.
    pub(super) fn matches(&self, document: &Map<String, Value>) -> bool {
        self.below(document, &self.path)
    }

    pub(super) fn exact(&self, field: &str) -> Option<&str> {
        match &self.condition {
            Condition::Like(pattern) if self.path == field => pattern.as_exact(),
            _ => None,
        }
    }

    fn below(&self, object: &Map<String, Value>, path: &str) -> bool {
        // The name of a member may contain dots.
        if object.get(path).is_some_and(|value| self.at(value, "")) {
            return true;
        }
        let Some((name, rest)) = path.split_once('.') else { return false };
        object.get(name).is_some_and(|value| self.at(value, rest))
    }

    fn at(&self, value: &Value, path: &str) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.at(item, path)),
            Value::Object(object) if !path.is_empty() => self.below(object, path),
            _ => path.is_empty() && self.fits(value),
        }
    }

    fn fits(&self, value: &Value) -> bool {
        match &self.condition {
            Condition::Anything => match value {
                Value::Null => false,
                Value::Object(object) => !object.is_empty(),
                _ => true,
            },
            Condition::Within(range) => range.holds(value, self.kind),
            Condition::Like(pattern) => match value {
                Value::String(text) if self.kind == FieldKind::AnyCase => pattern.fits(&text.to_lowercase()),
                Value::String(text) => pattern.fits(text),
                Value::Number(number) => is_number(pattern, number) || pattern.fits(&number.to_string()),
                Value::Bool(flag) => pattern.fits(if *flag { "true" } else { "false" }),
                _ => false,
            },
        }
    }
}

/// Compares by value: `13` is also `13.0`.
fn is_number(pattern: &Pattern, number: &Number) -> bool {
    let condition = pattern.as_exact().and_then(|text| text.parse::<f64>().ok());
    condition.is_some() && condition == number.as_f64()
}
