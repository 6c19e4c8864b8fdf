//! Settings documents of a tenant that a run may change, since it can restore them: the state before a change, and the change
//! that restores it.

use http::Method;
use serde_json::{Map, Value, json};

/// A settings document.
pub(crate) struct Settings {
    /// Its path, parameters in braces.
    pub path: &'static str,
    change: Change,
}

/// How a request changes a document.
#[derive(Clone, Copy)]
enum Change {
    /// `PATCH` changes some members, and shows the whole document.
    Members,
    /// `PUT` replaces the document.
    Whole,
}

impl Settings {
    const fn changed(path: &'static str) -> Settings {
        Settings { path, change: Change::Members }
    }

    const fn replaced(path: &'static str) -> Settings {
        Settings { path, change: Change::Whole }
    }
}

/// A document with secrets is not among them: a read does not show its secrets, so nothing restores them.
pub(crate) const SETTINGS: [Settings; 18] = [
    Settings::changed("/attack-protection/bot-detection"),
    Settings::changed("/attack-protection/breached-password-detection"),
    Settings::changed("/attack-protection/brute-force-protection"),
    Settings::changed("/attack-protection/phone-provider-protection"),
    Settings::changed("/attack-protection/suspicious-ip-throttling"),
    Settings::changed("/branding"),
    Settings::replaced("/guardian/factors/phone/message-types"),
    Settings::replaced("/guardian/factors/phone/selected-provider"),
    Settings::replaced("/guardian/factors/phone/templates"),
    Settings::replaced("/guardian/factors/push-notification/selected-provider"),
    Settings::replaced("/guardian/policies"),
    Settings::changed("/prompts"),
    Settings::replaced("/prompts/{prompt}/custom-text/{language}"),
    Settings::replaced("/prompts/{prompt}/partials"),
    Settings::changed("/risk-assessments/settings"),
    Settings::changed("/risk-assessments/settings/new-device"),
    Settings::changed("/supplemental-signals"),
    Settings::changed("/tenants/settings"),
];

impl Settings {
    /// The document at a path.
    pub(super) fn at(path: &str) -> Option<&'static Settings> {
        SETTINGS.iter().find(|settings| {
            let mut parts = settings.path.split('/');
            let are_equal = path.split('/').all(|part| {
                parts.next().is_some_and(|expected| expected == part || expected.starts_with('{') && !part.is_empty())
            });
            are_equal && parts.next().is_none()
        })
    }

    /// The method of the request that changes the document.
    pub(crate) fn method(&self) -> Method {
        match self.change {
            Change::Members => Method::PATCH,
            Change::Whole => Method::PUT,
        }
    }

    /// The body of the request that takes a change of these settings back.
    pub(super) fn before(&self, settings: &Value, change: &Value) -> Value {
        match self.change {
            Change::Members => before(settings, change),
            Change::Whole => settings.clone(),
        }
    }

    /// What is not restored in the settings after that request.
    pub(super) fn not_restored(&self, settings: &Value, before: &Value) -> Option<String> {
        match self.change {
            Change::Members => not_restored(settings, before),
            Change::Whole => (settings != before).then(|| "the document".to_owned()),
        }
    }
}

/// The ending of members that a change takes in minutes, and that the settings show in hours under the name without it.
const IN_MINUTES: &str = "_in_minutes";

/// The change that takes `patch` back. The service merges a change member by member, at any depth. It has the members of the patch only, with their present values; null removes a member.
fn before(settings: &Value, patch: &Value) -> Value {
    let members = patch.as_object().into_iter().flatten();
    let former = members.map(|(name, change)| {
        let held = value_of(settings, name);
        let is_merged = held.is_object() && change.is_object();
        (name.clone(), if is_merged { before(&held, change) } else { held })
    });
    Value::Object(former.collect::<Map<String, Value>>())
}

/// The first member that has another value in the settings than in the change that should have restored it.
fn not_restored(settings: &Value, before: &Value) -> Option<String> {
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

    #[test]
    fn a_document_is_found_by_its_path() {
        let method = |path: &str| Settings::at(path).map(Settings::method);
        assert_eq!(method("/prompts"), Some(Method::PATCH));
        assert_eq!(method("/prompts/login/custom-text/en"), Some(Method::PUT));
        for other in ["/prompts/login", "/prompts/login/custom-text/", "/prompts/login/custom-text/en/more", "/clients"]
        {
            assert_eq!(method(other), None, "{other}");
        }
    }

    #[test]
    fn a_replaced_document_is_restored_as_a_whole() {
        let policies = Settings::at("/guardian/policies").unwrap();
        let before = policies.before(&json!(["all-applications"]), &json!([]));
        assert_eq!(before, json!(["all-applications"]));
        assert_eq!(policies.not_restored(&json!(["all-applications"]), &before), None);
        assert_eq!(policies.not_restored(&json!([]), &before).as_deref(), Some("the document"));
    }
}
