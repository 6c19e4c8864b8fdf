//! The views of a member and of a member's role, for several lists.

use serde_json::{Map, Value};

use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::fields::{Fields, fields_of_view};
use crate::store::document::text;
use crate::store::{Document, Kind, Seq, State};

/// The members of a user in a list of organization members.
pub(super) struct MemberFields {
    fields: Option<Fields>,
    roles: bool,
}

impl MemberFields {
    /// Reads `fields` and `include_fields`. A request gets `roles` only if it names them, and needs the scope for them (documented).
    pub(super) fn of(call: &Call<'_>) -> Result<MemberFields, ApiError> {
        let names_roles =
            call.query_text("fields").is_some_and(|names| names.split(',').any(|name| name.trim() == "roles"));
        let roles = names_roles && call.query_flag("include_fields") != Some(false);
        if roles {
            call.require_any(&["read:organization_member_roles"])?;
        }
        Ok(MemberFields { fields: Fields::of(call), roles })
    }

    /// The view of a user as a member of an organization.
    pub(super) fn view(&self, state: &State, organization: Seq, user: &Document) -> Map<String, Value> {
        let mut member = members_of(user, &["user_id", "email", "picture", "name"]);
        if self.roles {
            let user = text(user, "user_id").and_then(|id| state[Kind::User].seq(id));
            let roles = user.into_iter().flat_map(|user| state.member_roles.of_member(organization, user));
            let roles =
                roles.filter_map(|role| Some(Value::Object(members_of(state[Kind::Role].at(role)?, &["id", "name"]))));
            member.insert("roles".to_owned(), roles.collect());
        }
        fields_of_view(self.fields.as_ref(), member)
    }
}

/// The view of a member's role: without `type` and owner (recorded).
pub(in crate::api) fn role_view(role: &Document) -> Map<String, Value> {
    members_of(role, &["id", "name", "description"])
}

pub(in crate::api) fn members_of(document: &Document, members: &[&str]) -> Map<String, Value> {
    members.iter().filter_map(|key| Some(((*key).to_owned(), document.get(*key)?.clone()))).collect()
}
