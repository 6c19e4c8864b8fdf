//! YAML. The only file that knows the library behind it.

use serde_json::Value;
use serde_yaml_ng::{Error, Value as Yaml};

use super::error::Fault;

/// Anchors, aliases and merge keys (`<<`) are resolved; a key that stands twice is refused.
pub(super) fn read(text: &str) -> Result<Value, Fault> {
    let mut yaml: Yaml = serde_yaml_ng::from_str(text).map_err(|error| fault(&error))?;
    yaml.apply_merge().map_err(|error| fault(&error))?;
    // What YAML has beyond JSON: a key that is a list, for instance.
    serde_json::to_value(yaml).map_err(|error| Fault::new(&error.to_string(), None))
}

/// A value as YAML.
#[cfg(all(feature = "cli", feature = "conformance"))]
pub(super) fn write(value: &impl serde::Serialize) -> Result<String, String> {
    serde_yaml_ng::to_string(value).map_err(|error| error.to_string())
}

fn fault(error: &Error) -> Fault {
    let position = error.location().map(|location| (location.line(), location.column()));
    Fault::new(&error.to_string(), position)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn entries_may_share_what_they_have_in_common() {
        let text = "a: &shared { x: 1 }\nb: { <<: *shared, y: 2 }\n";
        assert_eq!(read(text).ok().unwrap()["b"], json!({ "x": 1, "y": 2 }));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        let fault = read("clients: []\nclients: []\n").err().unwrap();
        assert!(fault.reason.contains("clients"), "{}", fault.reason);
    }

    #[test]
    fn a_key_that_json_does_not_have_is_refused() {
        assert!(read("? [a, list]\n: 1\n").is_err());
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let above = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", vec![above; 10].join(", "));
        }
        assert!(read(&text).is_err());
    }
}
