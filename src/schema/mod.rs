//! Checks what clients send: bodies, query strings and path parameters against a family's schema file.
//!
//! Each family of the Management API has one file beside its Rust file, a JSON Schema in the
//! vendor's own vocabulary, and this module interprets it as it stands. There is no compile step,
//! because every test process would pay for it. The verdict is that of JSON Schema; which fault is
//! named first (`order.rs`) and in which words (`wording.rs`) follow the vendor's validator, since
//! programs and people read those sentences.
//!
//! Words: a *fault* is one broken keyword at one place; a *sentence* is the text that reports it;
//! the *label* of a property is its schema's `description`.

mod check;
mod formats;
mod instance_location;
#[cfg(test)]
mod oracle;
mod order;
mod part;
mod pattern;
mod sent;
mod unknown;
mod wording;

use serde_json::{Map, Value};

use check::{Check, follow};
use instance_location::InstanceLocation;
use part::Part;

use crate::domain::Sentence;
pub(crate) use formats::check as format_check;
pub(crate) use sent::Sent;
pub(crate) use unknown::UnknownMember;
pub(crate) use wording::type_name;

/// One family's schema file.
#[derive(Debug)]
pub(crate) struct Schemas {
    file: Value,
}

impl Schemas {
    /// Reads a family's file.
    ///
    /// # Panics
    ///
    /// When the text is not JSON: the file is part of this crate, so the mistake is ours.
    pub(crate) fn parse(text: &str) -> Schemas {
        match serde_json::from_str(text) {
            Ok(file) => Schemas { file },
            Err(error) => panic!("a schema file of m2mock is not JSON: {error}"),
        }
    }

    /// The whole file: `bodies`, `queries` and `paths` by name, and the schemas that they have in common under `shared`.
    pub(crate) fn file(&self) -> &Value {
        &self.file
    }

    /// Checks a request body; the error is the whole sentence for the answer's `message`. It may name several members, in
    /// the order in which they were sent.
    ///
    /// # Panics
    ///
    /// When the file has no body of that name: a row then names something nobody wrote.
    pub(crate) fn check_sent_body(&self, name: &str, body: &Value, sent: Sent<'_>) -> Result<(), Sentence> {
        self.check(Part::Payload, self.named("bodies", name), body, sent)
    }

    /// The same for a body that was not sent.
    ///
    /// # Panics
    ///
    /// When the file has no body of that name.
    #[cfg(test)]
    pub(crate) fn check_body(&self, name: &str, body: &Value) -> Result<(), Sentence> {
        self.check_sent_body(name, body, Sent::Value)
    }

    /// Reads decoded query pairs into an object of the types the schema names, then checks it.
    ///
    /// A parameter that may repeat becomes an array. One that may not, and was sent twice, becomes
    /// an array all the same, as in the vendor's HTTP stack, and so fails by its type. A value that
    /// is no integer or boolean stays the text it is and fails likewise.
    ///
    /// # Panics
    ///
    /// When the file has no query of that name: a row then names something nobody wrote.
    pub(crate) fn read_query(&self, name: &str, pairs: &[(String, String)]) -> Result<Map<String, Value>, Sentence> {
        let schema = self.named("queries", name);
        let query = self.gather(schema, pairs);
        self.check(Part::Query, schema, &query, Sent::Pairs(pairs))?;
        match query {
            Value::Object(query) => Ok(query),
            _ => unreachable!("the query was made as an object above"),
        }
    }

    /// Reads the pairs of a form likewise into the body that [`check_body`](Self::check_body) then checks.
    ///
    /// # Panics
    ///
    /// When the file has no body of that name: a row then names something nobody wrote.
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

    /// Checks one path parameter. One that the file does not mention may be anything.
    pub(crate) fn check_path(&self, name: &str, parameter: &str, value: &str) -> Result<(), Sentence> {
        let Some(schema) = self.file["paths"][name].get(parameter) else {
            return Ok(());
        };
        let mut check = Check::new(&self.file, Part::Path, Sent::Value);
        let place = InstanceLocation::Property(&InstanceLocation::Root, parameter);
        check.value(schema, &Value::String(value.to_owned()), &place);
        check.verdict()
    }

    /// The names in a section of the file.
    #[cfg(test)]
    pub(crate) fn names(&self, section: &str) -> Vec<&str> {
        self.file[section].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    /// Whether something in the file refers to this shared schema.
    #[cfg(test)]
    pub(crate) fn refers_to(&self, shared: &str) -> bool {
        self.file.to_string().contains(&format!("\"#/shared/{shared}\""))
    }

    fn check(&self, part: Part, schema: &Value, value: &Value, sent: Sent<'_>) -> Result<(), Sentence> {
        let mut check = Check::new(&self.file, part, sent);
        check.value(schema, value, &InstanceLocation::Root);
        check.verdict()
    }

    fn named(&self, section: &str, name: &str) -> &Value {
        match self.file[section].get(name) {
            Some(schema) => schema,
            None => panic!("a schema file of m2mock has no {name:?} among its {section}"),
        }
    }
}

/// What a query value means where the schema expects `kind`; the text itself where it means nothing.
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
