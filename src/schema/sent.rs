//! The order of an object's members in the request, for sentences that name several of them.
//!
//! The vendor's validator names unknown members in the reverse order of the request. `serde_json` sorts the keys of an
//! object, and its feature `preserve_order` would change the builds of all dependants. So the text is parsed a second
//! time, only for such a sentence.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::instance_location::{InstanceLocation, Step};

/// The text of a request, which has the order of its members.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Sent<'a> {
    /// JSON.
    Json(&'a [u8]),
    /// A form or a query.
    Pairs(&'a [(String, String)]),
    /// A value from within the process, whose members have the order of their names.
    #[default]
    Value,
}

impl Sent<'_> {
    /// These members of the outermost object, in the reverse order of the request.
    pub(crate) fn last_first(self, names: Vec<&str>) -> Vec<&str> {
        self.last_first_at(&InstanceLocation::Root, names)
    }

    /// The same for the object at a location. Without a text, the names keep their order, reversed.
    pub(super) fn last_first_at<'n>(self, location: &InstanceLocation<'_>, mut names: Vec<&'n str>) -> Vec<&'n str> {
        if names.len() > 1 {
            let sent = self.members_at(location);
            let order: HashMap<&str, usize> = sent.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
            names.sort_by_key(|name| order.get(name));
            names.reverse();
        }
        names
    }

    /// The names of an object's members in the order of their first occurrence.
    fn members_at(self, location: &InstanceLocation<'_>) -> Vec<String> {
        match self {
            Sent::Json(text) => {
                let steps = location.steps();
                let mut reader = serde_json::Deserializer::from_slice(text);
                MembersAt(&steps).deserialize(&mut reader).unwrap_or_default()
            }
            Sent::Pairs(pairs) => {
                let mut seen = HashSet::new();
                pairs.iter().filter(|(name, _)| seen.insert(name)).map(|(name, _)| name.clone()).collect()
            }
            Sent::Value => Vec::new(),
        }
    }
}

/// Reads only the names of the members of the object at the end of these steps. Of a duplicate member the last one
/// counts, as in the checked value.
#[derive(Clone, Copy)]
struct MembersAt<'a>(&'a [Step<'a>]);

impl<'de> DeserializeSeed<'de> for MembersAt<'_> {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
        match self.0.first() {
            Some(Step::Item(_)) => deserializer.deserialize_seq(self),
            Some(Step::Member(_)) | None => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for MembersAt<'_> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was checked")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Vec<String>, A::Error> {
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        while let Some(name) = members.next_key::<String>()? {
            match self.0.split_first() {
                Some((Step::Member(wanted), rest)) if name == *wanted => {
                    found = members.next_value_seed(MembersAt(rest))?;
                }
                Some(_) => {
                    members.next_value::<IgnoredAny>()?;
                }
                None => {
                    members.next_value::<IgnoredAny>()?;
                    if seen.insert(name.clone()) {
                        found.push(name);
                    }
                }
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
        let Some((Step::Item(wanted), rest)) = self.0.split_first() else { return Ok(Vec::new()) };
        for _ in 0..*wanted {
            items.next_element::<IgnoredAny>()?;
        }
        let found = items.next_element_seed(MembersAt(rest))?.unwrap_or_default();
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    fn at(text: &str, location: &InstanceLocation<'_>, names: &[&'static str]) -> Vec<&'static str> {
        Sent::Json(text.as_bytes()).last_first_at(location, names.to_vec())
    }

    #[test]
    fn the_last_member_of_an_object_comes_first_wherever_the_object_is() {
        let text = r#"{ "b": { "z": 1 }, "a": [ [], [ { "y": [], "x": {}, "z": null } ] ], "b": { "y": 1, "x": 2 } }"#;
        assert_eq!(at(text, &InstanceLocation::Root, &["a", "b"]), ["a", "b"]);
        // Of the two members `b`, the last one was checked.
        assert_eq!(at(text, &InstanceLocation::Property(&InstanceLocation::Root, "b"), &["x", "y"]), ["x", "y"]);
        let list = InstanceLocation::Property(&InstanceLocation::Root, "a");
        let item = InstanceLocation::Item(&list, 1);
        assert_eq!(at(text, &InstanceLocation::Item(&item, 0), &["x", "y", "z"]), ["z", "x", "y"]);
    }

    #[test]
    fn a_duplicate_name_has_its_first_position() {
        assert_eq!(at(r#"{ "b": 1, "a": 1, "b": 2 }"#, &InstanceLocation::Root, &["a", "b"]), ["a", "b"]);
        let pairs = ["b", "a", "b"].map(|name| (name.to_owned(), String::new()));
        assert_eq!(Sent::Pairs(&pairs).last_first(vec!["a", "b"]), ["a", "b"]);
    }

    #[test]
    fn without_a_text_the_order_of_the_names_is_reversed() {
        assert_eq!(Sent::Value.last_first(vec!["a", "b"]), ["b", "a"]);
    }

    /// The members of an object, some of them twice.
    fn object() -> impl Strategy<Value = Vec<(String, u8)>> {
        prop::collection::vec(("[a-d\"é]{0,2}", any::<u8>()), 0..8)
    }

    proptest! {
        /// The model: the first occurrences of the names, reversed.
        #[test]
        fn members_come_in_the_order_of_the_text(members in object()) {
            let written: Vec<String> =
                members.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
            let text = format!("{{{}}}", written.join(","));
            let value: Map<String, Value> = serde_json::from_str(&text).unwrap();
            let mut expected: Vec<&str> = Vec::new();
            for (name, _) in &members {
                if !expected.contains(&name.as_str()) {
                    expected.push(name);
                }
            }
            expected.reverse();
            let names = value.keys().map(String::as_str).collect();
            prop_assert_eq!(Sent::Json(text.as_bytes()).last_first(names), expected);
        }
    }
}
