//! The variables of one scenario, which its texts refer to in braces: `{acme.id}` is the id of the entity called "acme",
//! `{answer.next}` a member of the last answer, `{unique.acme}` a name that no other scenario has.

use std::collections::BTreeMap;

use serde_json::Value;

/// The variables of one scenario.
#[derive(Default)]
pub(super) struct Variables {
    /// The beginning of each name that the scenario gives to an entity.
    label: String,
    values: BTreeMap<String, Value>,
}

impl Variables {
    /// The variables of a new scenario.
    pub(super) fn new(label: String, facts: impl IntoIterator<Item = (&'static str, Value)>) -> Variables {
        Variables { label, values: facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() }
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.values.keys()
    }

    /// The name in the tenant of the entity that the scenario calls `name`.
    pub(super) fn unique(&self, name: &str) -> String {
        format!("{}-{}", self.label, name.replace(' ', "-"))
    }

    /// The identifier in the tenant of the API that the scenario calls `name`, which may be an address itself.
    pub(super) fn unique_identifier(&self, name: &str) -> String {
        match name.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}.{rest}", self.label),
            None => format!("https://{}.example/", self.unique(name)),
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The text at `path` ("acme.id").
    ///
    /// # Panics
    /// There is no such variable.
    pub(super) fn text(&self, path: &str) -> String {
        if let Some(name) = path.strip_prefix("unique.") {
            return self.unique(name);
        }
        match self.find(path) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => panic!("there is no variable {{{path}}}; the variables are {:?}", self.values.keys()),
        }
    }

    /// The value at `path`. The name of a variable may contain dots, as an address does: the longest matching name counts.
    fn find(&self, path: &str) -> Option<&Value> {
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        let mut matches = ends.filter_map(|end| Some((end, self.values.get(&path[..end])?)));
        let (end, value) = matches.next_back()?;
        member(value, path[end..].trim_start_matches('.'))
    }

    /// Replaces each reference in `text` with the value of its variable.
    pub(super) fn fill(&self, text: &str) -> String {
        self.fill_with(text, |value| value)
    }

    /// The same for a path with a query string, where a value is one segment or one parameter.
    pub(super) fn fill_path(&self, text: &str) -> String {
        self.fill_with(text, |value| {
            percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).to_string()
        })
    }

    fn fill_with(&self, text: &str, write: impl Fn(String) -> String) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            match rest.find('}').map(|close| (&rest[1..close], &rest[close + 1..])) {
                Some((path, after)) if is_reference(path) || self.find(path).is_some() => {
                    filled.push_str(&write(self.text(path)));
                    rest = after;
                }
                _ => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled + rest
    }

    /// A cell of a table: the value of a variable, or JSON, or else a text.
    pub(super) fn cell(&self, text: &str) -> Value {
        // An id of digits stays a text.
        if let Some(value) = text.strip_prefix('{').and_then(|text| self.find(text.strip_suffix('}')?)) {
            return value.clone();
        }
        let filled = self.fill(text);
        serde_json::from_str(&filled).unwrap_or(Value::String(filled))
    }
}

/// The member of `value` at `path`, names joined by dots; the empty path is the value itself.
pub(super) fn member<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return Some(value);
    }
    path.split('.').try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

/// Whether a text in braces is a reference, and not the inside of a JSON object.
fn is_reference(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.'))
}
