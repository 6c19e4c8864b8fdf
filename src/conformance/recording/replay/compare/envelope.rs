//! The envelope of a list answer.

use std::collections::BTreeMap;

use serde_json::Value;

/// The members of an envelope beside the items.
const ENVELOPE: [&str; 7] = ["length", "limit", "next", "page", "per_page", "start", "total"];

/// A list answer: its items, the member with the items, and the envelope.
pub(crate) struct List<'a> {
    pub envelope: BTreeMap<&'a str, &'a Value>,
    pub items: &'a [Value],
    pub key: Option<&'a str>,
}

impl<'a> List<'a> {
    /// A bare array, or an object whose members are one list and an envelope.
    pub(crate) fn of(body: &'a Value) -> Option<List<'a>> {
        match body {
            Value::Array(items) => Some(List { envelope: BTreeMap::new(), items, key: None }),
            Value::Object(members) => {
                let mut lists = members.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_array()?)));
                let (key, items) = lists.next()?;
                if lists.next().is_some() {
                    return None;
                }
                let others = members.iter().filter(|(other, _)| *other != key);
                let envelope: BTreeMap<&str, &Value> = others.map(|(key, value)| (key.as_str(), value)).collect();
                envelope.keys().all(|key| ENVELOPE.contains(key)).then_some(List { envelope, items, key: Some(key) })
            }
            _ => None,
        }
    }
}
