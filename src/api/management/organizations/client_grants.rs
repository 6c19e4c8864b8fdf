//! `/organizations/{id}/client-grants`: the explicit associations of client grants (organization-rules D).

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::client_grants::INEXISTENT_CLIENT_GRANT;
use crate::api::error::organizations::OWNING_ORGANIZATION_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::management::applications::client_grant_view::grant_view;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Paging;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind, Link, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("client_grants.schema.json")));

const ADDRESSED: &[Addressed] = &[Api("audience"), Api("client_grants.audience")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{id}/client-grants", &["read:organization_client_grants"], list)
            .query("List")
            .parameters("List")
            .addressed(ADDRESSED),
        Operation::post("/organizations/{id}/client-grants", &["create:organization_client_grants"], add)
            .body("Create")
            .parameters("Create")
            .addressed(ADDRESSED),
        Operation::delete(
            "/organizations/{id}/client-grants/{grant_id}",
            &["delete:organization_client_grants"],
            remove,
        )
        .parameters("Delete"),
    ],
};

/// An unknown organization in the removal of a client grant (d).
const OWNING_ORGANIZATION_NOT_FOUND_ON_REMOVAL: Refusal = Refusal::plain(404, "No organization found by that id.");

/// An association that exists (R37, d).
const ASSOCIATION_EXISTS: Refusal =
    Refusal::plain(409, "The client grant has already been added to this organization.");

/// More than the maximum number of associations (R38, d).
const TOO_MANY_ASSOCIATIONS: Refusal =
    Refusal::plain(409, "Quota exceeded; cannot add more than {} client grants to a single organization");

/// "100 client grants to a single organization" (R38).
const MOST_ASSOCIATIONS: usize = 100;

/// The published members of a grant in both answers.
const MEMBERS: [&str; 5] = ["client_id", "audience", "scope", "organization_usage", "allow_any_organization"];

/// The view of a grant in the list, with its id and `subject_type` (recorded).
fn view(grant: &Document) -> Map<String, Value> {
    members_of(&grant_view(grant), MEMBERS.iter().chain(&["id", "subject_type"]))
}

fn members_of<'a>(grant: &Document, members: impl Iterator<Item = &'a &'static str>) -> Map<String, Value> {
    members.filter_map(|member| Some(((*member).to_owned(), grant.get(*member)?.clone()))).collect()
}

/// Lists the explicit associations. A grant for any organization is not in the list (R45).
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::offset(call)?;
    let organization = call.seq(Kind::Organization, OWNING_ORGANIZATION_NOT_FOUND)?;
    let grants = &call.state[Kind::ClientGrant];
    let ids: Option<Vec<&str>> =
        call.query.get("grant_ids").and_then(Value::as_array).map(|ids| ids.iter().filter_map(Value::as_str).collect());
    let client_id = call.query_text("client_id");
    let audience = call.query_text("audience");
    let matches = |seq: &Seq| {
        grants.at(*seq).is_some_and(|grant| {
            client_id.is_none_or(|id| text(grant, "client_id") == Some(id))
                && audience.is_none_or(|audience| text(grant, "audience") == Some(audience))
                && ids.as_ref().is_none_or(|ids| text(grant, "id").is_some_and(|id| ids.contains(&id)))
        })
    };
    // There are at most a hundred, so a filter is cheap.
    let associated = call.state[Link::OrganizationClientGrants].of_left(organization).as_slice();
    let positions: Vec<Seq> = associated.iter().copied().filter(matches).collect();
    Ok(paging.reply("client_grants", grants, &positions, view))
}

fn add(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.seq(Kind::Organization, OWNING_ORGANIZATION_NOT_FOUND)?;
    let grant_id = text(&call.body, "grant_id").unwrap_or_default();
    let grant = call.state[Kind::ClientGrant].seq(grant_id).ok_or(INEXISTENT_CLIENT_GRANT)?;
    if call.state[Link::OrganizationClientGrants].holds(organization, grant) {
        return Err(ASSOCIATION_EXISTS.into());
    }
    if call.state[Link::OrganizationClientGrants].of_left(organization).len() >= MOST_ASSOCIATIONS {
        return Err(TOO_MANY_ASSOCIATIONS.with(&[&MOST_ASSOCIATIONS]));
    }
    let grant_members = call.state[Kind::ClientGrant].get(grant_id).map(grant_view).unwrap_or_default();
    call.state[Link::OrganizationClientGrants].join(organization, grant);
    // The key is `grant_id`, and `subject_type` is missing (R34, recorded).
    let mut view = members_of(&grant_members, MEMBERS.iter());
    view.insert("grant_id".to_owned(), grant_id.into());
    Ok(Reply::json(&view))
}

/// Removes an association. A missing association is no error (R42, assumed from the sibling deletes).
fn remove(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = call.seq(Kind::Organization, OWNING_ORGANIZATION_NOT_FOUND_ON_REMOVAL)?;
    if let Some(grant) = call.state[Kind::ClientGrant].seq(call.parameter("grant_id")) {
        call.state.unlink(Link::OrganizationClientGrants, organization, grant);
    }
    Ok(Reply::empty())
}
