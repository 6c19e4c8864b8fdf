//! Parses YAML within bounds. No other file uses the YAML library.
//!
//! The library takes time that grows with the square of the depth, and follows aliases as often as a text wants. The
//! [`shape`] of a text says beforehand whether it is worth reading.

mod error;
mod shape;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use serde_yaml_ng::Value as Yaml;

pub(crate) use error::Error;

/// Reads a text of one document. If a mapping in JSON has a key twice, the last value counts.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    shape::check(text)?;
    Ok(serde_yaml_ng::from_str(text)?)
}

/// Reads a text as JSON. Anchors, aliases and merge keys (`<<`) are resolved; a duplicate key is refused.
pub(crate) fn read(text: &str) -> Result<Json, Error> {
    let mut yaml: Yaml = parse(text)?;
    yaml.apply_merge()?;
    // What YAML has beyond JSON: a key that is a list, for instance.
    serde_json::to_value(yaml).map_err(|error| Error { reason: error.to_string(), position: None })
}

/// A value as YAML.
#[cfg(feature = "cli")]
pub(crate) fn write(value: &impl serde::Serialize) -> Result<String, Error> {
    Ok(serde_yaml_ng::to_string(value)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn entries_may_share_what_they_have_in_common() {
        let text = "a: &shared { x: 1 }\nb: { <<: *shared, y: 2 }\n";
        assert_eq!(read(text).unwrap()["b"], json!({ "x": 1, "y": 2 }));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        let error = read("clients: []\nclients: []\n").unwrap_err();
        assert!(error.reason.contains("clients"), "{error}");
    }

    #[test]
    fn a_key_that_json_does_not_have_is_refused() {
        assert!(read("? [a, list]\n: 1\n").is_err());
    }
}
