//! What events are about: their `data.object`, with the members of the published schemas.

use serde_json::{Map, Value, json};

use crate::store::document::text;
use crate::store::{Document, Kind, Seq, State};

/// A user, as the Management API shows it.
pub(in crate::api) fn user(user: &Document) -> Value {
    Map::clone(user).into()
}

/// A deleted user.
pub(in crate::api) fn deleted_user(user: &Document, moment: &str) -> Value {
    let mut user = Map::clone(user);
    user.insert("deleted_at".to_owned(), moment.into());
    user.into()
}

/// An organization.
pub(in crate::api) fn organization(organization: &Document) -> Value {
    only(organization, &["branding", "display_name", "id", "metadata", "name"])
}

/// A deleted organization.
pub(in crate::api) fn deleted_organization(organization: &Document) -> Value {
    only(organization, &["display_name", "id", "metadata", "name"])
}

/// A member of an organization.
pub(in crate::api) fn member(state: &State, organization: Seq, user: Seq) -> Value {
    json!({ "organization": organization_of(state, organization), "user": { "user_id": state[Kind::User].id_at(user) } })
}

/// A role of a member of an organization.
pub(in crate::api) fn member_role(state: &State, organization: Seq, user: Seq, role: Seq) -> Value {
    let name = state[Kind::Role].at(role).and_then(|role| text(role, "name"));
    json!({
        "organization": { "id": state[Kind::Organization].id_at(organization) },
        "role": { "id": state[Kind::Role].id_at(role), "name": name },
        "user": { "user_id": state[Kind::User].id_at(user) },
    })
}

/// A connection of an organization.
pub(in crate::api) fn connection(state: &State, organization: &str, association: &Document) -> Value {
    let mut object = removed_connection(state, organization, text(association, "connection_id").unwrap_or_default());
    if let (Value::Object(object), Value::Object(settings)) =
        (&mut object, only(association, &["assign_membership_on_login", "is_signup_enabled", "show_as_button"]))
    {
        object.extend(settings);
    }
    object
}

/// A connection that an organization had.
pub(in crate::api) fn removed_connection(state: &State, organization: &str, connection: &str) -> Value {
    let organization = state[Kind::Organization].seq(organization).map(|seq| organization_of(state, seq));
    json!({ "organization": organization, "connection": { "id": connection } })
}

fn organization_of(state: &State, organization: Seq) -> Value {
    state[Kind::Organization].at(organization).map_or(Value::Null, |organization| only(organization, &["id", "name"]))
}

fn only(document: &Document, members: &[&str]) -> Value {
    let found = members.iter().filter_map(|member| Some(((*member).to_owned(), document.get(*member)?.clone())));
    Value::Object(found.collect())
}
