//! Settings before a change: the change that restores them. The service merges a change member by member, at any depth.

use serde_json::{Map, Value, json};

/// The ending of members that a change takes in minutes, and that the settings show in hours under the name without it.
const IN_MINUTES: &str = "_in_minutes";

/// The change that takes `patch` back. It has the members of the patch only, with their present values; null removes a member.
pub(super) fn before(settings: &Value, patch: &Value) -> Value {
    let members = patch.as_object().into_iter().flatten();
    let former = members.map(|(name, change)| {
        let held = value_of(settings, name);
        let is_merged = held.is_object() && change.is_object();
        (name.clone(), if is_merged { before(&held, change) } else { held })
    });
    Value::Object(former.collect::<Map<String, Value>>())
}

/// The first member that has another value in the settings than in the change that should have restored it.
pub(super) fn not_restored(settings: &Value, before: &Value) -> Option<String> {
    let mut members = before.as_object().into_iter().flatten();
    members.find_map(|(name, former)| {
        let held = value_of(settings, name);
        let is_restored = match former {
            // An object has the members of others beside those of the change.
            Value::Object(_) if held.is_object() => not_restored(&held, former).is_none(),
            _ => held == *former,
        };
        (!is_restored).then(|| name.clone())
    })
}

/// A member of the settings, as a change has it.
fn value_of(settings: &Value, name: &str) -> Value {
    let in_hours = name.strip_suffix(IN_MINUTES).and_then(|name| settings.get(name)?.as_f64());
    match (settings.get(name), in_hours) {
        (Some(value), _) => value.clone(),
        (None, Some(hours)) => json!((hours * 60.0).round() as u64),
        (None, None) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::a_value(json!({ "a": 1, "b": 2 }), json!({ "a": 3 }), json!({ "a": 1 }))]
    #[case::a_new_member(json!({}), json!({ "a": 3 }), json!({ "a": null }))]
    #[case::a_member_within(json!({ "flags": { "x": true, "y": true } }), json!({ "flags": { "x": false } }), json!({ "flags": { "x": true } }))]
    #[case::an_object_that_goes(json!({ "a": { "b": 1 } }), json!({ "a": null }), json!({ "a": { "b": 1 } }))]
    #[case::hours(json!({ "lifetime": 168 }), json!({ "lifetime_in_minutes": 5 }), json!({ "lifetime_in_minutes": 10_080 }))]
    #[case::a_part_of_an_hour(json!({ "lifetime": 0.25 }), json!({ "lifetime_in_minutes": 5 }), json!({ "lifetime_in_minutes": 15 }))]
    fn the_change_that_takes_another_back(#[case] settings: Value, #[case] patch: Value, #[case] expected: Value) {
        assert_eq!(before(&settings, &patch), expected);
        assert_eq!(not_restored(&settings, &expected), None);
    }

    #[test]
    fn a_member_that_keeps_its_new_value_is_named() {
        let before = json!({ "a": null, "flags": { "x": true } });
        assert_eq!(not_restored(&json!({ "a": 1, "flags": { "x": true } }), &before).as_deref(), Some("a"));
        assert_eq!(not_restored(&json!({ "flags": { "x": false } }), &before).as_deref(), Some("flags"));
    }
}
