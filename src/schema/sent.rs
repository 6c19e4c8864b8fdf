//! The order in which the members of an object were sent, for sentences that name several of them.
//!
//! The vendor's validator names unknown members in the order of sending, the last one first. `serde_json` sorts the keys of
//! an object, and its feature that does not would change the builds of everyone who depends on this crate. So the text is
//! read a second time, and only for such a sentence.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::instance_location::{InstanceLocation, Step};

/// What was sent, in the form in which it still has its order.
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
    /// These members of the outermost object, the one that was sent last before the others.
    pub(crate) fn last_first(self, names: Vec<&str>) -> Vec<&str> {
        self.last_first_at(&InstanceLocation::Root, names)
    }

    /// The same for the object at this place. The names come in one order, which is kept where nothing tells another.
    pub(super) fn last_first_at<'n>(self, place: &InstanceLocation<'_>, mut names: Vec<&'n str>) -> Vec<&'n str> {
        if names.len() > 1 {
            let sent = self.members_at(place);
            let order: HashMap<&str, usize> = sent.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
            names.sort_by_key(|name| order.get(name));
            names.reverse();
        }
        names
    }

    /// The names of an object's members as they were sent, each where it came first.
    fn members_at(self, place: &InstanceLocation<'_>) -> Vec<String> {
        match self {
            Sent::Json(text) => {
                let steps = place.steps();
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

/// Reads the names of the members of the object to which the steps lead, and nothing else. Of a member that is there twice
/// the last one counts, as in the value that was checked.
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

    fn at(text: &str, place: &InstanceLocation<'_>, names: &[&'static str]) -> Vec<&'static str> {
        Sent::Json(text.as_bytes()).last_first_at(place, names.to_vec())
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
    fn a_name_that_was_sent_twice_has_its_first_place() {
        assert_eq!(at(r#"{ "b": 1, "a": 1, "b": 2 }"#, &InstanceLocation::Root, &["a", "b"]), ["a", "b"]);
        let pairs = ["b", "a", "b"].map(|name| (name.to_owned(), String::new()));
        assert_eq!(Sent::Pairs(&pairs).last_first(vec!["a", "b"]), ["a", "b"]);
    }

    #[test]
    fn without_a_text_the_order_of_the_names_is_turned_round() {
        assert_eq!(Sent::Value.last_first(vec!["a", "b"]), ["b", "a"]);
    }

    /// A JSON text without regard to order, and its value.
    fn object() -> impl Strategy<Value = Vec<(String, u8)>> {
        prop::collection::vec(("[a-d\"é]{0,2}", any::<u8>()), 0..8)
    }

    proptest! {
        /// As an obvious reader sees it: the first places of the names, from the end.
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
