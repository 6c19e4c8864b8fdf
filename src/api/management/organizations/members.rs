//! `/organizations/{id}/members` (resources 5).
//!
//! Members are listed in the order of joining, and a cursor identifies a membership (recorded).

use std::collections::HashSet;
use std::sync::LazyLock;

use super::member_view::MemberFields;
use super::membership::remove;
use crate::api::call::{Call, Reply};
use crate::api::delivery::objects;
use crate::api::error::organization_members::ORGANIZATION_OF_MEMBERS_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Paging, checkpoint_reply};
use crate::schema::Schemas;
use crate::store::document::texts;
use crate::store::{Document, Kind, Seq, page};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("members.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{id}/members", &["read:organization_members"], list)
            .query("List")
            .parameters("Organization"),
        Operation::post("/organizations/{id}/members", &["create:organization_members"], add)
            .success(204)
            .body("Members")
            .parameters("Organization"),
        Operation::delete("/organizations/{id}/members", &["delete:organization_members"], remove)
            .body("Members")
            .parameters("Organization"),
    ],
};

/// More than the maximum number of members (limit documented, answer assumed).
const TOO_MANY_MEMBERS: Refusal =
    Refusal::new(403, "too_many_entities", "You reached the limit of {} members for this organization.");

/// The maximum number of members of an organization (entity limits, documented).
const MOST_MEMBERS: usize = 100_000;

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::of(call)?;
    let fields = MemberFields::of(call)?;
    let organization = call.seq(Kind::Organization, ORGANIZATION_OF_MEMBERS_NOT_FOUND)?;
    let state = &*call.state;
    let members = state.members.of_left(organization);
    let show = |user: &Document| fields.view(state, organization, user);
    let page = match paging {
        Paging::Checkpoint(page) => page,
        Paging::Offset(offset) => {
            let users = members.iter().map(|membership| membership.user);
            return Ok(offset.reply("members", &state[Kind::User], users, members.len(), show));
        }
    };
    // Without a cursor the page begins with the first member, because `None` is less than every number.
    let rest = &members[members.partition_point(|membership| Some(membership.number) <= page.after)..];
    let on_page = &rest[..page.take.min(rest.len())];
    // Every page with members has a `next`. An empty page ends the list (recorded).
    let next = on_page.last().map(|last| page::encode(last.number));
    let users = on_page.iter().filter_map(|membership| state[Kind::User].at(membership.user));
    Ok(checkpoint_reply("members", users.map(show), next))
}

/// Adds all users or none. A user who is already a member is no error.
fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.seq(Kind::Organization, ORGANIZATION_OF_MEMBERS_NOT_FOUND)?;
    let state = &*call.state;
    let (mut added, mut unknown): (Vec<Seq>, Vec<&str>) = (Vec::new(), Vec::new());
    for id in texts(&call.body, "members") {
        match state[Kind::User].seq(id) {
            Some(user) if state.members.holds(organization, user) => {}
            Some(user) => added.push(user),
            None => unknown.push(id),
        }
    }
    if !unknown.is_empty() {
        return Err(ApiError::unknown_members(&unknown));
    }
    let mut distinct = HashSet::new();
    added.retain(|user| distinct.insert(*user));
    if state.members.of_left(organization).len() + added.len() > MOST_MEMBERS {
        return Err(TOO_MANY_MEMBERS.with(&[&MOST_MEMBERS]));
    }
    for user in added {
        call.state.members.join(organization, user);
        call.raise("organization.member.added", |state| objects::member(state, organization, user));
    }
    Ok(Reply::empty())
}
