//! Enrollments: the authentication methods of users as multi-factor authentication shows them, by the id of the device alone.

use serde_json::{Map, Value, json};

use crate::api::call::Call;
use crate::store::document::text;
use crate::store::{Document, Kind};

/// The types of authentication methods that are enrollments, each with its name in the list of a user if one is published.
const TYPES: [(&str, Option<&str>); 6] = [
    ("totp", Some("authenticator")),
    ("phone", Some("sms")),
    ("email", None),
    ("push", Some("guardian")),
    ("webauthn-roaming", Some("webauthn-roaming")),
    ("webauthn-platform", Some("webauthn-platform")),
];

/// The authentication method that an enrollment is, with its id. An enrollment is named by the device alone, or with a type
/// before it.
pub(in crate::api::management) fn find<'c>(call: &'c Call<'_>, enrollment: &str) -> Option<(&'c str, &'c Document)> {
    let (kind, device) = enrollment.split_once('|').map_or((None, enrollment), |(kind, device)| (Some(kind), device));
    let fits = |method: &&str| match kind {
        Some("sms" | "voice") => *method == "phone",
        Some(kind) => *method == kind,
        None => true,
    };
    let methods = &call.state[Kind::AuthenticationMethod];
    let mut types = TYPES.into_iter().map(|(method, _)| method).filter(fits);
    let place = types.find_map(|method| methods.seq(&format!("{method}|{device}")))?;
    Some((methods.id_at(place)?, methods.at(place)?))
}

/// The enrollments of a user, in the order of their creation: the authentication methods with their ids.
pub(super) fn of_user<'c>(call: &'c Call<'_>, user: &str) -> impl Iterator<Item = (&'c str, &'c Document)> {
    let methods = &call.state[Kind::AuthenticationMethod];
    let all = methods.having("user_id", user).iter();
    let all = all.filter_map(|seq| Some((methods.id_at(seq)?, methods.at(seq)?)));
    all.filter(|(_, method)| TYPES.iter().any(|(kind, _)| text(method, "type") == Some(kind)))
}

/// The members that every answer about an enrollment has. m2mock confirms each one at once.
pub(in crate::api::management) fn shown(id: &str, method: &Document) -> Map<String, Value> {
    let mut enrollment = Map::new();
    enrollment.insert("id".to_owned(), json!(id.split_once('|').map(|(_, device)| device)));
    enrollment.insert("status".to_owned(), "confirmed".into());
    for (member, source) in [("name", "name"), ("phone_number", "phone_number"), ("enrolled_at", "created_at")] {
        enrollment.extend(method.get(source).map(|value| (member.to_owned(), value.clone())));
    }
    enrollment
}

/// The name of the method in the list of a user.
pub(super) fn auth_method(method: &Document) -> Option<&'static str> {
    TYPES.iter().find(|(kind, _)| text(method, "type") == Some(kind))?.1
}
