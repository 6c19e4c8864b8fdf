//! Parses JSON and refuses duplicate keys.
//!
//! A second section of the same name would silently replace the first one. YAML forbids that, JSON does not.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::unread::Fault;

pub(crate) fn read(text: &str) -> Result<Value, Fault> {
    let fault = |error: serde_json::Error| Fault::new(&error.to_string(), Some((error.line(), error.column())));
    let value = serde_json::from_str(text).map_err(fault)?;
    serde_json::from_str::<KeysStandOnce>(text).map_err(fault)?;
    Ok(value)
}

/// Reads a value and drops it. `serde_json` itself parses the values that are kept, because its form of numbers depends on
/// features that other crates may enable.
struct KeysStandOnce;

impl<'de> Deserialize<'de> for KeysStandOnce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeysStandOnce)
    }
}

impl<'de> Visitor<'de> for KeysStandOnce {
    type Value = KeysStandOnce;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            if keys.contains(&key) {
                return Err(A::Error::custom(format_args!("the key {key:?} stands here twice")));
            }
            keys.insert(key);
            members.next_value::<KeysStandOnce>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<KeysStandOnce>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::read;

    #[rstest]
    #[case::at_the_root(r#"{"a": 1, "a": 2}"#, (1, 12))]
    #[case::inside("{\"a\":\n[{\"b\": null, \"b\": 0.5}]}", (2, 16))]
    fn a_key_that_stands_twice_is_refused_where_it_stands(#[case] text: &str, #[case] position: (usize, usize)) {
        let fault = read(text).err().unwrap();
        assert_eq!(fault.position, Some(position));
        assert!(fault.reason.ends_with("stands here twice"), "{}", fault.reason);
    }

    #[test]
    fn values_of_every_kind_are_read() {
        let text = r#"{"a": [1, -1, 0.5, "b", true, null, {"a": {}}]}"#;
        assert_eq!(read(text).ok(), Some(json!({ "a": [1, -1, 0.5, "b", true, null, { "a": {} }] })));
    }

    #[test]
    fn what_is_nested_too_deeply_is_refused() {
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
