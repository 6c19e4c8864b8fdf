//! `/my-org/members`, and the end of memberships.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::list_page;
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::my_organization::ORGANIZATION_NOT_FOUND;
use crate::api::fields::{Fields, fields_of_view};
use crate::api::management::organizations::member_view::{members_of, role_view};
use crate::api::management::organizations::{membership, role_assignment};
use crate::api::operation::{Family, Operation};
use crate::api::paging::checkpoint;
use crate::schema::Schemas;
use crate::store::{Document, Kind, Seq, State, page};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("members.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/my-org/members", &["read:my_org:members"], list).query("List"),
        Operation::get("/my-org/members/{user_id}", &["read:my_org:members"], get).query("Get").parameters("Member"),
        Operation::post("/my-org/delete-memberships", &["delete:my_org:memberships"], membership::remove)
            .success(204)
            .body("Memberships"),
    ],
};

/// The members of a user that this API shows (published).
const MEMBERS: [&str; 10] = [
    "user_id",
    "email",
    "phone_number",
    "name",
    "nickname",
    "given_name",
    "family_name",
    "created_at",
    "updated_at",
    "last_login",
];

/// Lists the members in the order of joining, with their roles if the caller may read them.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let page = checkpoint(call)?;
    let fields = Fields::of(call);
    let organization = call.seq(Kind::Organization, ORGANIZATION_NOT_FOUND)?;
    let with_roles = call.caller.has_any(&["read:my_org:member_roles"]);
    let state = &*call.state;
    let members = state.members.of_left(organization);
    let rest = &members[members.partition_point(|membership| Some(membership.number) <= page.after)..];
    let on_page = &rest[..page.take.min(rest.len())];
    let next = on_page.last().filter(|_| rest.len() > on_page.len()).map(|last| page::encode(last.number));
    let views = on_page.iter().filter_map(|membership| {
        let mut view = view(state[Kind::User].at(membership.user)?);
        if with_roles {
            view.insert("roles".to_owned(), roles(state, organization, membership.user));
        }
        Some(fields_of_view(fields.as_ref(), view))
    });
    Ok(list_page::reply(call, "members", views, next, members.len()))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (_, user) = role_assignment::member(call)?;
    let view = call.state[Kind::User].at(user).map(view).unwrap_or_default();
    Ok(Reply::json(&fields_of_view(Fields::of(call).as_ref(), view)))
}

fn view(user: &Document) -> Map<String, Value> {
    members_of(user, &MEMBERS)
}

/// The roles of a member in the list, which has at most ten of them (published).
fn roles(state: &State, organization: Seq, user: Seq) -> Value {
    let roles = state.member_roles.of_member(organization, user).take(10);
    roles.filter_map(|role| Some(Value::Object(role_view(state[Kind::Role].at(role)?)))).collect()
}
