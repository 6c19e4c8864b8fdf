//! The mapping of user attributes: what the profile of the calling client asks for, and what a connection has.
//!
//! A user attribute profile says for each attribute from which field of an identity provider it comes. The mapping of a connection
//! is a copy of it, which `update-attributes` renews: the connection may lack attributes of the profile, and have others.

use serde_json::{Map, Value, json};

use crate::store::Document;

/// A mapping of a connection: its member of the profile, and its form in the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mapping {
    /// The claims of an ID token, in the option `attribute_map`.
    Claims,
    /// The attributes of an assertion, in the option `fieldsMap`.
    Assertion,
    /// The attributes of SCIM, in the `mapping` of the SCIM configuration.
    Scim,
}

/// The form of a claim in `attribute_map` (documented for connections of the strategy `oidc`).
const CLAIM: (&str, &str) = ("${context.tokenset.", "}");

impl Mapping {
    /// The mapping of the connections of a strategy, if they have one in this API (published).
    pub(super) fn of_strategy(strategy: &str) -> Option<Mapping> {
        match strategy {
            "oidc" | "okta" => Some(Mapping::Claims),
            "samlp" => Some(Mapping::Assertion),
            _ => None,
        }
    }

    /// The fields of an attribute of a profile. An override for the strategy replaces those for all strategies.
    fn fields(self, attribute: &Value, strategy: &str) -> Option<Vec<String>> {
        let member = match self {
            Mapping::Claims => "oidc_mapping",
            Mapping::Assertion => "saml_mapping",
            Mapping::Scim => "scim_mapping",
        };
        let own = attribute.get("strategy_overrides").and_then(|all| all.get(strategy)).and_then(|own| own.get(member));
        let field = own.or_else(|| attribute.get(member))?;
        match field {
            Value::Object(claim) => Some(vec![claim.get("mapping")?.as_str()?.to_owned()]),
            field => Some(texts(field)),
        }
    }

    /// The fields by attribute in the options of a connection, or in a SCIM configuration.
    fn stored(self, document: Option<&Map<String, Value>>) -> Vec<(String, Vec<String>)> {
        let member = |name: &str| document.and_then(|document| document.get(name));
        let by_attribute = |map: Option<&Value>, field: fn(&Value) -> Vec<String>| {
            let attributes = map.and_then(Value::as_object).into_iter().flatten();
            attributes.map(|(attribute, value)| (attribute.clone(), field(value))).collect()
        };
        match self {
            Mapping::Claims => by_attribute(member("attribute_map").and_then(|map| map.get("attributes")), claims),
            Mapping::Assertion => by_attribute(member("fieldsMap"), texts),
            Mapping::Scim => {
                let pairs = member("mapping").and_then(Value::as_array).into_iter().flatten();
                let pair = |pair: &Value| {
                    Some((pair.get("auth0")?.as_str()?.to_owned(), vec![pair.get("scim")?.as_str()?.to_owned()]))
                };
                pairs.filter_map(pair).collect()
            }
        }
    }

    /// The fields of an attribute in answers.
    fn shown(self, fields: Vec<String>) -> (&'static str, Value) {
        match self {
            Mapping::Claims | Mapping::Assertion => ("sso_field", fields.into()),
            Mapping::Scim => ("provisioning_field", fields.into_iter().next().into()),
        }
    }
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The claim of an entry of `attribute_map`.
fn claims(value: &Value) -> Vec<String> {
    let text = value.as_str().unwrap_or_default();
    let claim = text.strip_prefix(CLAIM.0).and_then(|rest| rest.strip_suffix(CLAIM.1)).unwrap_or(text);
    vec![claim.to_owned()]
}

/// The attributes of a profile with a field for this mapping: the attribute of users, its fields, and its description.
fn required<'p>(
    profile: Option<&'p Document>,
    strategy: &'p str,
    mapping: Mapping,
) -> impl Iterator<Item = (&'p str, Vec<String>, &'p Value)> {
    let attributes = profile.and_then(|profile| profile.get("user_attributes")).and_then(Value::as_object);
    attributes.into_iter().flatten().filter_map(move |(_, attribute)| {
        Some((attribute.get("auth0_mapping")?.as_str()?, mapping.fields(attribute, strategy)?, attribute))
    })
}

/// Compares the mapping of a connection with the profile. An attribute is missing if the connection does not map it as the
/// profile does, and extra if the profile does not have it.
pub(super) fn compare(
    profile: Option<&Document>,
    strategy: &str,
    mapping: Mapping,
    document: Option<&Map<String, Value>>,
) -> Vec<Value> {
    let stored = mapping.stored(document);
    let mut attributes = Vec::new();
    let mut known = Vec::new();
    for (name, fields, attribute) in required(profile, strategy, mapping) {
        let is_missing = !stored.iter().any(|(stored, of_stored)| stored == name && *of_stored == fields);
        let (member, fields) = mapping.shown(fields);
        attributes.push(json!({
            "user_attribute": name,
            "description": attribute.get("description"),
            "label": attribute.get("label"),
            "is_required": attribute.get("profile_required"),
            "is_extra": false,
            "is_missing": is_missing,
            member: fields,
        }));
        known.push(name);
    }
    for (name, fields) in stored.into_iter().filter(|(name, _)| !known.contains(&name.as_str())) {
        let (member, fields) = mapping.shown(fields);
        attributes.push(json!({
            "user_attribute": name, "is_required": false, "is_extra": true, "is_missing": false, member: fields,
        }));
    }
    attributes
}

/// The mapping of the profile in the form of the connection: the member that has it, and its value.
pub(super) fn of_profile(profile: &Document, strategy: &str, mapping: Mapping) -> (&'static str, Value) {
    let attributes = required(Some(profile), strategy, mapping);
    match mapping {
        Mapping::Claims => {
            let claim = |fields: Vec<String>| format!("{}{}{}", CLAIM.0, fields.concat(), CLAIM.1);
            let map: Map<String, Value> =
                attributes.map(|(name, fields, _)| (name.to_owned(), claim(fields).into())).collect();
            ("attribute_map", json!({ "mapping_mode": "use_map", "attributes": map }))
        }
        Mapping::Assertion => {
            let map: Map<String, Value> =
                attributes.map(|(name, fields, _)| (name.to_owned(), fields.into())).collect();
            ("fieldsMap", map.into())
        }
        Mapping::Scim => {
            let pairs = attributes.map(|(name, fields, _)| json!({ "scim": fields.concat(), "auth0": name }));
            ("mapping", pairs.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn profile() -> Document {
        let profile = json!({ "user_attributes": {
            "email": {
                "label": "Email", "description": "The address", "profile_required": true, "auth0_mapping": "email",
                "oidc_mapping": { "mapping": "mail" }, "saml_mapping": ["urn:mail", "mail"], "scim_mapping": "userName",
                "strategy_overrides": { "okta": { "oidc_mapping": { "mapping": "email" } } }
            },
            "phone": {
                "label": "Phone", "description": "The number", "profile_required": false, "auth0_mapping": "phone_number"
            }
        } });
        Document::new(crate::api::json::object(profile))
    }

    fn email(member: &str, fields: &Value, is_missing: bool) -> Value {
        let mut attribute = json!({
            "user_attribute": "email", "description": "The address", "label": "Email", "is_required": true,
            "is_extra": false, "is_missing": is_missing,
        });
        attribute[member] = fields.clone();
        attribute
    }

    #[rstest]
    #[case::a_claim("oidc", Mapping::Claims, "sso_field", json!(["mail"]))]
    #[case::a_claim_of_the_strategy("okta", Mapping::Claims, "sso_field", json!(["email"]))]
    #[case::attributes_of_an_assertion("samlp", Mapping::Assertion, "sso_field", json!(["urn:mail", "mail"]))]
    #[case::an_attribute_of_scim("okta", Mapping::Scim, "provisioning_field", json!("userName"))]
    fn an_attribute_is_missing_until_the_mapping_of_the_profile_is_copied(
        #[case] strategy: &str,
        #[case] mapping: Mapping,
        #[case] member: &str,
        #[case] fields: Value,
    ) {
        let profile = profile();
        let before = compare(Some(&profile), strategy, mapping, None);
        assert_eq!(before, [email(member, &fields, true)]);
        let (name, value) = of_profile(&profile, strategy, mapping);
        let document = Map::from_iter([(name.to_owned(), value)]);
        let after = compare(Some(&profile), strategy, mapping, Some(&document));
        assert_eq!(after, [email(member, &fields, false)]);
        // Without the profile, the same mapping is extra.
        let extra = compare(None, strategy, mapping, Some(&document));
        assert_eq!((extra.len(), &extra[0]["is_extra"], &extra[0][member]), (1, &json!(true), &fields));
    }
}
