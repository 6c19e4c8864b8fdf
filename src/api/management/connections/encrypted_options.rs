//! `options.configuration` of a database connection: values for its scripts at run time. The live service encrypts the
//! values and answers only the encrypted text (recorded). m2mock runs no scripts, so it stores a random text of the
//! same form instead of the value.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// Replaces each value by a new random text (recorded). A value that equals the stored text stays.
pub(super) fn conceal(options: &mut Map<String, Value>, held: Option<&Value>, random: &mut fastrand::Rng) {
    let shown = held.and_then(|held| held.get("configuration"));
    let values = options.get_mut("configuration").and_then(Value::as_object_mut).into_iter().flatten();
    for (name, value) in values {
        if shown.and_then(|shown| shown.get(name)) != Some(value)
            && let Value::String(secret) = value
        {
            *secret = stand_in(secret.len(), random);
        }
    }
}

/// Base64 of a message with the beginning of every recording; a longer secret has a longer message.
fn stand_in(length: usize, random: &mut fastrand::Rng) -> String {
    let mut message = vec![0x0a, 0x42, 0x0a, 0x20];
    message.extend(std::iter::repeat_with(|| random.u8(..)).take(127 + length));
    STANDARD.encode(message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::conceal;

    fn concealed(options: Value, held: Option<&Value>) -> Value {
        let Value::Object(mut options) = options else { unreachable!("written as an object") };
        conceal(&mut options, held, &mut fastrand::Rng::with_seed(7));
        Value::Object(options)
    }

    #[test]
    fn a_value_is_shown_as_another_text_that_can_be_sent_back() {
        let held = concealed(json!({ "configuration": { "foo": "secret", "n": 5 } }), None);
        let shown = held["configuration"]["foo"].as_str().expect("a text");
        assert!(shown.starts_with("CkIKI") && !shown.contains("secret"), "{shown}");
        assert_eq!(held["configuration"]["n"], 5);

        let sent_back = json!({ "configuration": { "foo": shown, "bar": "secret" } });
        let changed = concealed(sent_back, Some(&held));
        assert_eq!(changed["configuration"]["foo"], shown);
        assert_ne!(changed["configuration"]["bar"], "secret");
    }

    #[test]
    fn options_without_a_configuration_stay_as_they_are() {
        for options in [json!({}), json!({ "configuration": null }), json!({ "configuration": "text" })] {
            let Value::Object(mut given) = options.clone() else { unreachable!("written as an object") };
            conceal(&mut given, None, &mut fastrand::Rng::with_seed(7));
            assert_eq!(Value::Object(given), options);
        }
        assert_eq!(concealed(json!({}), None), Value::Object(Map::new()));
    }
}
