//! A member of an organization and a role of members as several lists show them.

use serde_json::{Map, Value};

use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::fields::Fields;
use crate::store::document::text;
use crate::store::{Document, Kind, Seq, State};

/// What a list shows of each member.
pub(super) struct MemberFields {
    fields: Option<Fields>,
    roles: bool,
}

impl MemberFields {
    /// Reads `fields` and `include_fields`. Roles are shown only when they are asked for by name, to a token that may
    /// read them (documented).
    pub(super) fn of(call: &Call<'_>) -> Result<MemberFields, ApiError> {
        let named = call.query_text("fields").is_some_and(|names| names.split(',').any(|name| name.trim() == "roles"));
        let roles = named && call.query_flag("include_fields") != Some(false);
        if roles {
            call.require_any(&["read:organization_member_roles"])?;
        }
        Ok(MemberFields { fields: Fields::of(call), roles })
    }

    /// A user as a member of an organization.
    pub(super) fn shown(&self, state: &State, organization: Seq, user: &Document) -> Map<String, Value> {
        let mut member = chosen(user, &["user_id", "email", "picture", "name"]);
        if self.roles {
            let user = text(user, "user_id").and_then(|id| state[Kind::User].seq(id));
            let roles = user.into_iter().flat_map(|user| state.member_roles.of_member(organization, user));
            let roles =
                roles.filter_map(|role| Some(Value::Object(chosen(state[Kind::Role].at(role)?, &["id", "name"]))));
            member.insert("roles".to_owned(), roles.collect());
        }
        match &self.fields {
            Some(fields) => fields.choose(&member),
            None => member,
        }
    }
}

/// A role of a member: without its kind and its owner (recorded).
pub(super) fn shown_role(role: &Document) -> Map<String, Value> {
    chosen(role, &["id", "name", "description"])
}

fn chosen(document: &Document, members: &[&str]) -> Map<String, Value> {
    members.iter().filter_map(|key| Some(((*key).to_owned(), document.get(*key)?.clone()))).collect()
}
