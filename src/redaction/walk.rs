//! The secrets of a JSON value, at any depth and of any type.

use serde_json::{Map, Value};

use super::catalogue::{QUERIES, Shape};
use super::names::{Ancestor, Surroundings, folded, shape_of};
use super::text;

/// Replaces the secrets in the body of a request or an answer at a path. `path` is empty if it is not known.
///
/// Texts become the mask and numbers 0. Truth values and `null` stay, and lists keep their length.
pub(crate) fn value(body: &mut Value, path: &str, mask: &str) {
    let surroundings = Surroundings { path, ..Surroundings::NONE };
    root(body, &surroundings, &mut |text| mask.clone_into(text));
}

/// Calls a function with each secret text of a body.
pub(crate) fn secrets(body: &Value, path: &str, mut found: impl FnMut(&str)) {
    let surroundings = Surroundings { path, ..Surroundings::NONE };
    root(&mut body.clone(), &surroundings, &mut |text| found(text));
}

/// The parameters of a query without their secrets. At a path whose query is ignored, every value is a secret.
pub(crate) fn query(mut parameters: Map<String, Value>, path: &str, mask: &str) -> Map<String, Value> {
    let surroundings = Surroundings { path, is_query: true, ..Surroundings::NONE };
    let mut walk = Walk { surroundings, hide: &mut |text| mask.clone_into(text) };
    if QUERIES.contains(&path) {
        parameters.values_mut().for_each(|value| walk.hide(value));
    }
    walk.members(&mut parameters, None);
    parameters
}

fn root(body: &mut Value, surroundings: &Surroundings<'_>, hide: &mut dyn FnMut(&mut String)) {
    let mut walk = Walk { surroundings: *surroundings, hide };
    match surroundings.visible_members_of_body() {
        Some(visible) => walk.hide_but(body, visible, None),
        None => walk.value(body, None),
    }
}

struct Walk<'a, 'h> {
    surroundings: Surroundings<'a>,
    hide: &'h mut dyn FnMut(&mut String),
}

impl Walk<'_, '_> {
    /// Hides the secrets in a value, by their names or their form.
    fn value(&mut self, value: &mut Value, parent: Option<&Ancestor<'_>>) {
        match value {
            Value::Object(members) => self.members(members, parent),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, parent)),
            Value::String(text) => self.text(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn members(&mut self, members: &mut Map<String, Value>, parent: Option<&Ancestor<'_>>) {
        let beside: Vec<String> = members.keys().map(|name| folded(name)).collect();
        for (name, value) in members {
            let here = Ancestor { name, parent };
            match shape_of(name, &Surroundings { parent, beside: &beside, ..self.surroundings }) {
                Shape::Plain => self.value(value, Some(&here)),
                Shape::Text => self.hide(value),
                Shape::Members(visible) => self.hide_but(value, visible, Some(&here)),
                Shape::Container => self.contained(value, Some(&here)),
            }
        }
    }

    fn contained(&mut self, value: &mut Value, parent: Option<&Ancestor<'_>>) {
        match value {
            Value::Object(members) => self.members(members, parent),
            Value::Array(items) => items.iter_mut().for_each(|item| self.contained(item, parent)),
            _ => self.hide(value),
        }
    }

    fn hide_but(&mut self, value: &mut Value, visible: &[&str], parent: Option<&Ancestor<'_>>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let here = Ancestor { name, parent };
                    if visible.contains(&name.as_str()) {
                        self.value(value, Some(&here));
                    } else {
                        self.hide_but(value, visible, Some(&here));
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_but(item, visible, parent)),
            _ => self.hide(value),
        }
    }

    /// Hides a whole value, including the names in it.
    fn hide(&mut self, value: &mut Value) {
        match value {
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => (self.hide)(text),
            Value::Number(number) => {
                (self.hide)(&mut number.to_string());
                *value = 0.into();
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(members) => {
                let hidden = std::mem::take(members).into_iter().map(|(mut name, mut value)| {
                    (self.hide)(&mut name);
                    self.hide(&mut value);
                    (name, value)
                });
                *members = hidden.collect();
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Hides the secrets in a text whose name is no secret. The text may be JSON.
    fn text(&mut self, text: &mut String) {
        if text.starts_with(['{', '['])
            && let Ok(mut inner) = serde_json::from_str::<Value>(text)
        {
            let before = inner.clone();
            self.value(&mut inner, None);
            if inner != before {
                *text = inner.to_string();
            }
            return;
        }
        text::replace(text, self.hide);
    }
}
