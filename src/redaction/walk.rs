//! The secrets of a JSON value, at any depth and of any type.

use serde_json::{Map, Value};

use super::catalogue::{QUERIES, Shape};
use super::names::{Above, Around, folded, shape_of};
use super::text;

/// Replaces the secrets of a body that was sent to a path or answered at it; `path` is empty where it is not known.
///
/// Texts become the mask, numbers 0; truth values and `null` tell nothing and stay. Lists keep their length.
pub(crate) fn value(body: &mut Value, path: &str, mask: &str) {
    let around = Around { path, ..Around::NOWHERE };
    root(body, &around, &mut |text| mask.clone_into(text));
}

/// Calls a function with each secret text of a body.
pub(crate) fn secrets(body: &Value, path: &str, mut found: impl FnMut(&str)) {
    let around = Around { path, ..Around::NOWHERE };
    root(&mut body.clone(), &around, &mut |text| found(text));
}

/// The parameters of a query without their secrets. At a path whose query nothing reads, every value is one.
pub(crate) fn query(mut parameters: Map<String, Value>, path: &str, mask: &str) -> Map<String, Value> {
    let around = Around { path, is_query: true, ..Around::NOWHERE };
    let mut walk = Walk { around, hide: &mut |text| mask.clone_into(text) };
    if QUERIES.contains(&path) {
        parameters.values_mut().for_each(|value| walk.hide(value));
    }
    walk.members(&mut parameters, None);
    parameters
}

fn root(body: &mut Value, around: &Around<'_>, hide: &mut dyn FnMut(&mut String)) {
    let mut walk = Walk { around: *around, hide };
    match around.shown_of_body() {
        Some(shown) => walk.hide_but(body, shown, None),
        None => walk.value(body, None),
    }
}

struct Walk<'a, 'h> {
    around: Around<'a>,
    hide: &'h mut dyn FnMut(&mut String),
}

impl Walk<'_, '_> {
    /// Hides what is a secret by the names in a value, or by its looks.
    fn value(&mut self, value: &mut Value, above: Option<&Above<'_>>) {
        match value {
            Value::Object(members) => self.members(members, above),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, above)),
            Value::String(text) => self.text(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn members(&mut self, members: &mut Map<String, Value>, above: Option<&Above<'_>>) {
        let beside: Vec<String> = members.keys().map(|name| folded(name)).collect();
        for (name, value) in members {
            let here = Above { name, above };
            match shape_of(name, &Around { above, beside: &beside, ..self.around }) {
                Shape::Plain => self.value(value, Some(&here)),
                Shape::Text => self.hide(value),
                Shape::Members(shown) => self.hide_but(value, shown, Some(&here)),
                Shape::Container => self.contained(value, Some(&here)),
            }
        }
    }

    fn contained(&mut self, value: &mut Value, above: Option<&Above<'_>>) {
        match value {
            Value::Object(members) => self.members(members, above),
            Value::Array(items) => items.iter_mut().for_each(|item| self.contained(item, above)),
            _ => self.hide(value),
        }
    }

    fn hide_but(&mut self, value: &mut Value, shown: &[&str], above: Option<&Above<'_>>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let here = Above { name, above };
                    if shown.contains(&name.as_str()) {
                        self.value(value, Some(&here));
                    } else {
                        self.hide_but(value, shown, Some(&here));
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_but(item, shown, above)),
            _ => self.hide(value),
        }
    }

    /// Hides a whole value, the names in it as well.
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

    /// A text under a name that holds no secret. It may be JSON itself.
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
