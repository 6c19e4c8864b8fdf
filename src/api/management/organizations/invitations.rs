//! `/organizations/{id}/invitations` (resources 5). m2mock sends no email; the answer has the link.
//!
//! An invitation that has expired on the tenant's clock is deleted.

use std::sync::LazyLock;

use super::invitation::{check, store};
use crate::api::call::{Call, Reply};
use crate::api::error::organizations::OWNING_ORGANIZATION_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::fields::{Fields, fields_of};
use crate::api::operation::{Family, Operation};
use crate::api::paging::Offset;
use crate::api::timestamp::timestamp;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("invitations.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{id}/invitations", &["read:organization_invitations"], list)
            .query("List")
            .parameters("Organization"),
        Operation::post("/organizations/{id}/invitations", &["create:organization_invitations"], create)
            .body("Create")
            .parameters("Organization"),
        Operation::get("/organizations/{id}/invitations/{invitation_id}", &["read:organization_invitations"], get)
            .query("Get")
            .parameters("Organization"),
        Operation::delete(
            "/organizations/{id}/invitations/{invitation_id}",
            &["delete:organization_invitations"],
            delete,
        )
        .parameters("Organization"),
    ],
};

/// Unknown or expired invitation (r).
const INEXISTENT_INVITATION: Refusal = Refusal::new(404, "inexistent_invitation", "The invitation does not exist.");

/// Lists invitations, the newest first by default. Only this list has an envelope without a total (recorded).
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Offset::of(call)?.without_total();
    let fields = Fields::of(call);
    let organization = organization(call)?;
    let invitations = &call.state[Kind::Invitation];
    let oldest_first = invitations.having("organization_id", &organization);
    let total = oldest_first.len();
    let positions: Box<dyn Iterator<Item = Seq>> = match call.query_text("sort") {
        Some("created_at:1") => Box::new(oldest_first.iter()),
        _ => Box::new(oldest_first.iter().rev()),
    };
    let show = |invitation: &Document| fields_of(fields.as_ref(), invitation);
    Ok(paging.reply("invitations", invitations, positions, total, show))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let fields = Fields::of(call);
    let organization = organization(call)?;
    let invitation = find(call, &organization).ok_or(INEXISTENT_INVITATION)?;
    Ok(Reply::json(&fields_of(fields.as_ref(), invitation)))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    let invitation = std::mem::take(&mut call.body);
    let login_uri = check(call.state, &organization, &invitation)?;
    Ok(Reply::json(&store(call, &organization, invitation, &login_uri)?))
}

/// Deletes an invitation. A missing invitation is no error (assumed from the sibling deletes).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    if find(call, &organization).is_some() {
        let id = call.parameter("invitation_id").to_owned();
        call.state.remove(Kind::Invitation, &id);
    }
    Ok(Reply::empty())
}

/// Deletes expired invitations, and returns the id of the organization in the path.
fn organization(call: &mut Call<'_>) -> Result<String, ApiError> {
    call.state.remove_expired_invitations(&timestamp(call.clock.now()));
    let id = call.id();
    if call.state[Kind::Organization].contains(&id) { Ok(id) } else { Err(OWNING_ORGANIZATION_NOT_FOUND.into()) }
}

/// The invitation in the path, if it belongs to this organization.
fn find<'a>(call: &'a Call<'_>, organization_id: &str) -> Option<&'a Document> {
    let invitation = call.state[Kind::Invitation].get(call.parameter("invitation_id"));
    invitation.filter(|invitation| text(invitation, "organization_id") == Some(organization_id))
}
