//! Checks bodies, query strings and path parameters of requests against the schema file of a family.
//!
//! Each family of the Management API has a JSON Schema in the vendor's vocabulary beside its Rust file, and this module
//! interprets it. There is no compile step, because every test process would pay for it. The verdict is that of JSON
//! Schema. The first reported fault (`order.rs`) and its sentence (`wording.rs`) are those of the vendor's validator,
//! because programs and people read the sentences.
//!
//! Words: a *fault* is one broken keyword at one location; a *sentence* is the text that reports it; the *label* of a
//! property is its schema's `description`.

mod check;
mod formats;
mod instance_location;
mod json_sections;
#[cfg(test)]
mod oracle;
mod order;
mod part;
mod pattern;
mod sent;
mod unknown;
mod wording;

use std::borrow::Cow;

use serde_json::{Map, Value};

use check::{Check, follow};
use instance_location::InstanceLocation;
use part::Part;

use crate::domain::Sentence;
pub(crate) use formats::check as format_check;
pub(crate) use json_sections::JsonSections;
#[cfg(test)]
pub(crate) use oracle::well_formed;
pub(crate) use sent::Sent;
pub(crate) use unknown::UnknownMember;
pub(crate) use wording::type_name;

/// The schema file of a family.
#[derive(Debug)]
pub(crate) struct Schemas {
    /// The sections are `bodies`, `queries`, `paths`, and `shared` for their common schemas.
    file: JsonSections,
}

impl Schemas {
    /// Reads the schema file of a family. A schema is parsed on its first use.
    ///
    /// # Panics
    ///
    /// The text is no object of objects: a schema file of this crate is wrong.
    pub(crate) fn of(text: impl Into<Cow<'static, str>>) -> Schemas {
        Schemas { file: JsonSections::of(text) }
    }

    /// The whole file: `bodies`, `queries` and `paths` by name, and their common schemas under `shared`.
    pub(crate) fn file(&self) -> &Value {
        self.file.whole()
    }

    /// Checks a request body. The error is the whole `message` of the answer; it may name several members, in the order
    /// of the request.
    ///
    /// # Panics
    ///
    /// The file has no body with this name: a row is wrong.
    pub(crate) fn check_sent_body(&self, name: &str, body: &Value, sent: Sent<'_>) -> Result<(), Sentence> {
        self.check(Part::Payload, self.named("bodies", name), body, sent)
    }

    /// Checks a body that is not from a request.
    ///
    /// # Panics
    ///
    /// The file has no body with this name.
    #[cfg(test)]
    pub(crate) fn check_body(&self, name: &str, body: &Value) -> Result<(), Sentence> {
        self.check_sent_body(name, body, Sent::Value)
    }

    /// Converts decoded query pairs into an object with the types of the schema, then checks it.
    ///
    /// A parameter that may repeat becomes an array. Any other parameter that occurs twice also becomes an array, as in
    /// the vendor's HTTP stack, and fails by its type. A text that is no integer or boolean stays a text and fails by
    /// its type, too.
    ///
    /// # Panics
    ///
    /// The file has no query with this name: a row is wrong.
    pub(crate) fn read_query(&self, name: &str, pairs: &[(String, String)]) -> Result<Map<String, Value>, Sentence> {
        let schema = self.named("queries", name);
        let query = self.gather(schema, pairs);
        self.check(Part::Query, schema, &query, Sent::Pairs(pairs))?;
        match query {
            Value::Object(query) => Ok(query),
            _ => unreachable!("the query was made as an object above"),
        }
    }

    /// Converts the pairs of a form in the same way into a body for [`check_sent_body`](Self::check_sent_body).
    ///
    /// # Panics
    ///
    /// The file has no body with this name: a row is wrong.
    pub(crate) fn read_form(&self, name: &str, pairs: &[(String, String)]) -> Value {
        self.gather(self.named("bodies", name), pairs)
    }

    fn gather(&self, schema: &Value, pairs: &[(String, String)]) -> Value {
        let mut object = Value::Object(Map::new());
        for (key, text) in pairs {
            let property = follow(&self.file, &schema["properties"][key]);
            let repeats = property["type"] == "array";
            let item = if repeats { follow(&self.file, &property["items"]) } else { property };
            let value = typed(text, item["type"].as_str());
            match &mut object[key] {
                Value::Array(values) => values.push(value),
                missing @ Value::Null if repeats => *missing = Value::Array(vec![value]),
                missing @ Value::Null => *missing = value,
                first => *first = Value::Array(vec![first.take(), value]),
            }
        }
        object
    }

    /// Checks one path parameter. A parameter without a schema may have any value.
    pub(crate) fn check_path(&self, name: &str, parameter: &str, value: &str) -> Result<(), Sentence> {
        let Some(schema) = self.file.get("paths", name).and_then(|parameters| parameters.get(parameter)) else {
            return Ok(());
        };
        let mut check = Check::new(&self.file, Part::Path, Sent::Value);
        let location = InstanceLocation::Property(&InstanceLocation::Root, parameter);
        check.value(schema, &Value::String(value.to_owned()), &location);
        check.verdict()
    }

    /// The names in a section of the file.
    #[cfg(test)]
    pub(crate) fn names(&self, section: &str) -> Vec<&str> {
        self.file()[section].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    /// Whether something in the file refers to this shared schema.
    #[cfg(test)]
    pub(crate) fn refers_to(&self, shared: &str) -> bool {
        self.file().to_string().contains(&format!("\"#/shared/{shared}\""))
    }

    fn check(&self, part: Part, schema: &Value, value: &Value, sent: Sent<'_>) -> Result<(), Sentence> {
        let mut check = Check::new(&self.file, part, sent);
        check.value(schema, value, &InstanceLocation::Root);
        check.verdict()
    }

    fn named(&self, section: &str, name: &str) -> &Value {
        match self.file.get(section, name) {
            Some(schema) => schema,
            None => panic!("a schema file of m2mock has no {name:?} among its {section}"),
        }
    }
}

/// A query value as a value of this type. It stays a text if it is no such value.
fn typed(text: &str, kind: Option<&str>) -> Value {
    let read = match (kind, text) {
        (Some("integer"), digits) => digits.parse::<i64>().ok().map(Value::from),
        (Some("boolean"), "true") => Some(Value::Bool(true)),
        (Some("boolean"), "false") => Some(Value::Bool(false)),
        _ => None,
    };
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests;
