//! `/my-org/members/{user_id}/roles`, and the roles that members can have.

use std::sync::LazyLock;

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::management::organizations::member_view::role_view;
use crate::api::management::organizations::role_assignment::{assign, member, serves, unassign};
use crate::api::operation::{Family, Operation};
use crate::api::paging::Paging;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("member_roles.schema.json")));

const READ: &[&str] = &["read:my_org:member_roles"];
const DELETE: &[&str] = &["delete:my_org:member_roles"];
const ROLES: &str = "/my-org/members/{user_id}/roles";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(ROLES, READ, list).query("List").parameters("Member"),
        Operation::post(ROLES, &["create:my_org:member_roles"], |call| assign(call, "role_ids"))
            .success(204)
            .body("Roles")
            .parameters("Member"),
        Operation::delete(ROLES, DELETE, |call| unassign(call, "role_ids")).body("Roles").parameters("Member"),
        Operation::post("/my-org/members/{user_id}/unassign-roles", DELETE, |call| unassign(call, "role_ids"))
            .success(204)
            .body("Roles")
            .parameters("Member"),
        Operation::get("/my-org/roles", READ, list_available).query("ListAvailable"),
    ],
};

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::checkpoint(call)?;
    let (organization, user) = member(call)?;
    let roles: Vec<Seq> = call.state.member_roles.of_member(organization, user).collect();
    Ok(paging.reply("roles", &call.state[Kind::Role], &roles, role_view))
}

/// Lists the roles of the tenant and those of this organization (assumed), by a part of the name if the query has one.
fn list_available(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::checkpoint(call)?;
    let part = call.query_text("name").map(str::to_lowercase);
    let organization = call.parameter("id");
    let roles = &call.state[Kind::Role];
    let is_listed = |role: &Document| {
        let name = text(role, "name").unwrap_or_default().to_lowercase();
        serves(role, organization) && part.as_ref().is_none_or(|part| name.contains(part))
    };
    let positions = roles.matching(&[]);
    let listed = positions.iter().copied().filter(|seq| roles.at(*seq).is_some_and(is_listed));
    Ok(paging.reply("roles", roles, &listed.collect::<Vec<Seq>>(), role_view))
}
