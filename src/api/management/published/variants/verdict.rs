//! The verdict of a published schema, from a validator that is not ours.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value};

use crate::api::management::published::schemas::PublishedSchemas;
use crate::schema::format_check;

/// What is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Documents {
    /// Bodies and queries. The rules of the vendor's formats are not published, so the validators have those of this crate.
    Requests,
    /// Answers. Formats are left out, and of a choice at least one branch is satisfied: the branches of published answers
    /// overlap (`{"users": []}` is the first page of every kind).
    Answers,
}

/// Validators of published schemas, made on first use.
pub(super) struct Verdicts {
    schemas: &'static PublishedSchemas,
    of: Documents,
    /// By the text of the schema.
    made: RefCell<HashMap<String, Rc<Validator>>>,
    /// By the address of the schema, for those of the table: their texts are long.
    of_table: RefCell<HashMap<*const Value, Rc<Validator>>>,
}

impl Verdicts {
    pub(super) fn of(of: Documents, schemas: &'static PublishedSchemas) -> Verdicts {
        Verdicts { schemas, of, made: RefCell::default(), of_table: RefCell::default() }
    }

    /// Whether a value satisfies a schema.
    pub(super) fn is_valid(&self, schema: &Value, value: &Value) -> bool {
        self.validator(schema).is_valid(value)
    }

    /// The validator of a schema of the table.
    pub(super) fn of_table(&self, schema: &'static Value) -> Rc<Validator> {
        let mut made = self.of_table.borrow_mut();
        Rc::clone(made.entry(std::ptr::from_ref(schema)).or_insert_with(|| self.validator(schema)))
    }

    fn validator(&self, schema: &Value) -> Rc<Validator> {
        let text = schema.to_string();
        if let Some(made) = self.made.borrow().get(&text) {
            return Rc::clone(made);
        }
        let mut definitions = Map::new();
        let mut formats = Vec::new();
        self.gather(schema, &mut definitions, &mut formats);
        let mut options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(self.of == Documents::Requests);
        for format in formats {
            let well_formed = format_check(&format).unwrap_or(|_| true);
            options = options.with_format(format, well_formed);
        }
        let mut document = schema.as_object().cloned().unwrap_or_default();
        document.insert("$defs".to_owned(), definitions.into());
        let mut document = Value::Object(document);
        if self.of == Documents::Answers {
            widen(&mut document);
        }
        let made = Rc::new(options.build(&document).expect("a published schema is a schema"));
        self.made.borrow_mut().insert(text, Rc::clone(&made));
        made
    }

    /// The definitions that a schema leads to, and all formats.
    fn gather(&self, schema: &Value, definitions: &mut Map<String, Value>, formats: &mut Vec<String>) {
        match schema {
            Value::Object(rules) => {
                formats.extend(rules.get("format").and_then(Value::as_str).map(str::to_owned));
                let reference = rules.get("$ref").and_then(Value::as_str);
                if let Some(name) = reference.and_then(|reference| reference.strip_prefix("#/$defs/"))
                    && !definitions.contains_key(name)
                {
                    let definition = self.schemas.definition(name);
                    definitions.insert(name.to_owned(), definition.clone());
                    self.gather(definition, definitions, formats);
                }
                rules.values().for_each(|rule| self.gather(rule, definitions, formats));
            }
            Value::Array(items) => items.iter().for_each(|item| self.gather(item, definitions, formats)),
            _ => {}
        }
    }
}

/// Every `oneOf` becomes an `anyOf`. No schema has both.
fn widen(schema: &mut Value) {
    match schema {
        Value::Object(rules) => {
            if let Some(choice) = rules.remove("oneOf") {
                rules.insert("anyOf".to_owned(), choice);
            }
            rules.values_mut().for_each(widen);
        }
        Value::Array(items) => items.iter_mut().for_each(widen),
        _ => {}
    }
}
