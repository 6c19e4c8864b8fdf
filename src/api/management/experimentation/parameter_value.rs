//! Values of the parameters of feature flags.

use serde_json::Value;

/// Whether a value has the type of a parameter.
pub(super) fn is_of_type(value: &Value, declared: Option<&str>) -> bool {
    match declared {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    }
}

/// Whether a value takes more than 1 KB as JSON.
pub(super) fn is_too_long(value: &Value) -> bool {
    value.to_string().len() > 1024
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{is_of_type, is_too_long};

    #[rstest]
    #[case::string("string", json!("a"))]
    #[case::boolean("boolean", json!(false))]
    #[case::number("number", json!(0.5))]
    #[case::array("array", json!([1]))]
    #[case::object("object", json!({ "a": 1 }))]
    fn a_value_is_of_one_type(#[case] declared: &str, #[case] value: Value) {
        for other in ["string", "boolean", "number", "array", "object", "null"] {
            assert_eq!(is_of_type(&value, Some(other)), other == declared, "{other}");
        }
        assert!(!is_of_type(&value, None));
    }

    #[test]
    fn a_value_has_at_most_a_kilobyte() {
        assert!(!is_too_long(&json!("x".repeat(1022))));
        assert!(is_too_long(&json!("x".repeat(1023))));
    }
}
