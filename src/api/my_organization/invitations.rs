//! `/my-org/member-invitations`.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{configuration, list_page};
use crate::api::call::{Call, Caller, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::fields::Fields;
use crate::api::management::organizations::invitation::{check, store};
use crate::api::management::organizations::member_view::{members_of, role_view};
use crate::api::management::organizations::role_assignment::serves;
use crate::api::operation::{Family, Operation};
use crate::api::paging::checkpoint;
use crate::api::timestamp::timestamp;
use crate::schema::Schemas;
use crate::store::document::{text, texts};
use crate::store::{Document, Kind, Seq, page};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("invitations.schema.json")));

const READ: &[&str] = &["read:my_org:member_invitations"];
const DELETE: &[&str] = &["delete:my_org:member_invitations"];
const ALL: &str = "/my-org/member-invitations";
const BY_ID: &str = "/my-org/member-invitations/{invitation_id}";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(ALL, READ, list).query("List"),
        Operation::post(ALL, &["create:my_org:member_invitations"], create).body("Create"),
        Operation::get(BY_ID, READ, get).query("Get").parameters("Invitation"),
        Operation::delete(BY_ID, DELETE, delete).parameters("Invitation"),
        Operation::get("/my-org/member-invitations/{invitation_id}/roles", &["read:my_org:member_roles"], list_roles)
            .parameters("Invitation"),
        Operation::post("/my-org/delete-member-invitations", DELETE, delete_several).success(204).body("Invitations"),
    ],
};

/// An invitation that does not exist or has expired (a).
const INVITATION_NOT_FOUND: Refusal = Refusal::new(404, "A0E-404-0002", "The invitation does not exist.");

/// Lists the invitations, the newest first by default.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let page = checkpoint(call)?;
    let fields = Fields::of(call);
    let organization = organization(call);
    let invitations = &call.state[Kind::Invitation];
    let all = invitations.having("organization_id", &organization).as_slice();
    let on_page: Vec<Seq> = match (call.query_text("sort"), page.after) {
        (Some("created_at:1"), after) => {
            let begin = after.map_or(0, |after| all.partition_point(|seq| *seq <= after));
            all[begin..].iter().copied().take(page.take.saturating_add(1)).collect()
        }
        (_, after) => {
            let end = after.map_or(all.len(), |after| all.partition_point(|seq| *seq < after));
            all[..end].iter().rev().copied().take(page.take.saturating_add(1)).collect()
        }
    };
    let has_next = on_page.len() > page.take;
    let on_page = &on_page[..page.take.min(on_page.len())];
    let next = on_page.last().filter(|_| has_next).map(|last| page::encode(*last));
    let views = on_page.iter().filter_map(|seq| Some(view(fields.as_ref(), invitations.at(*seq)?)));
    Ok(list_page::reply(call, "invitations", views, next, all.len()))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let fields = Fields::of(call);
    let organization = organization(call);
    Ok(Reply::json(&view(fields.as_ref(), found(call, &organization)?)))
}

/// Creates an invitation for each invitee, or none. An older invitation of the same person is revoked (published).
fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = organization(call);
    let client = landing_client(call)?;
    let body = std::mem::take(&mut call.body);
    let mut checked = Vec::new();
    for invitee in body.get("invitees").and_then(Value::as_array).into_iter().flatten() {
        let mut invitation = Map::from_iter([("client_id".to_owned(), client.as_str().into())]);
        invitation.insert("invitee".to_owned(), json!({ "email": invitee.get("email") }));
        let of_body = [("inviter", "inviter"), ("identity_provider_id", "connection_id"), ("ttl_sec", "ttl_sec")];
        for (name, member) in of_body {
            invitation.extend(body.get(name).map(|value| (member.to_owned(), value.clone())));
        }
        invitation.extend(invitee.get("roles").map(|roles| ("roles".to_owned(), roles.clone())));
        let login_uri = check(call.state, &organization, &invitation)?;
        let roles = texts(&invitation, "roles").filter_map(|role| call.state[Kind::Role].get(role));
        let foreign: Vec<&str> =
            roles.filter(|role| !serves(role, &organization)).filter_map(|role| text(role, "id")).collect();
        if !foreign.is_empty() {
            return Err(ApiError::unknown_roles(&foreign));
        }
        checked.push((invitation, login_uri));
    }
    let mut created = Vec::new();
    for (invitation, login_uri) in checked {
        revoke_older(call, &organization, &invitation);
        created.push(view(None, &store(call, &organization, invitation, &login_uri)?));
    }
    Ok(Reply::json(&created))
}

/// The client of new invitations: that of the configuration (M27), else the calling client (assumed).
fn landing_client(call: &Call<'_>) -> Result<String, ApiError> {
    let configured = text(configuration::of_caller(call)?, "invitation_landing_client_id");
    let calling = match call.caller {
        Caller::Administrator(administrator) => administrator.client_id.as_str(),
        Caller::Bearer(_) | Caller::Owner => "",
    };
    Ok(configured.unwrap_or(calling).to_owned())
}

fn revoke_older(call: &mut Call<'_>, organization: &str, invitation: &Map<String, Value>) {
    let email = |invitation: &Map<String, Value>| {
        invitation.get("invitee").and_then(|invitee| invitee.get("email")?.as_str()).map(str::to_lowercase)
    };
    let invitations = &call.state[Kind::Invitation];
    let of_organization = invitations.having("organization_id", organization).iter();
    let of_person =
        of_organization.filter_map(|seq| invitations.at(seq)).filter(|other| email(other) == email(invitation));
    let ids: Vec<String> = of_person.filter_map(|other| text(other, "id").map(str::to_owned)).collect();
    for id in ids {
        call.state.remove(Kind::Invitation, &id);
    }
}

/// Deletes an invitation. A missing invitation is no error (assumed, as in the Management API).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.parameter("invitation_id").to_owned();
    delete_all(call, [id.as_str()].into_iter())
}

fn delete_several(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let body = std::mem::take(&mut call.body);
    delete_all(call, texts(&body, "invitations"))
}

fn delete_all<'a>(call: &mut Call<'_>, ids: impl Iterator<Item = &'a str>) -> Result<Reply, ApiError> {
    let organization = organization(call);
    for id in ids {
        let invitation = call.state[Kind::Invitation].get(id);
        if invitation.is_some_and(|invitation| text(invitation, "organization_id") == Some(&organization)) {
            call.state.remove(Kind::Invitation, id);
        }
    }
    Ok(Reply::empty())
}

fn list_roles(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = organization(call);
    let roles = texts(found(call, &organization)?, "roles").filter_map(|role| call.state[Kind::Role].get(role));
    let views: Vec<_> = roles.map(role_view).collect();
    Ok(Reply::json(&json!({ "roles": views })))
}

/// The view of an invitation. The query cannot name `ticket_id` (published).
fn view(fields: Option<&Fields>, invitation: &Document) -> Map<String, Value> {
    let members = [
        "id",
        "organization_id",
        "inviter",
        "invitee",
        "created_at",
        "expires_at",
        "roles",
        "invitation_url",
        "ticket_id",
    ];
    let mut view = members_of(invitation, &members);
    let identity_provider = invitation.get("connection_id").cloned();
    view.extend(identity_provider.map(|id| ("identity_provider_id".to_owned(), id)));
    match fields {
        Some(fields) => {
            view.remove("ticket_id");
            fields.choose(&view)
        }
        None => view,
    }
}

/// Deletes expired invitations, and returns the id of the organization.
fn organization(call: &mut Call<'_>) -> String {
    call.state.remove_expired_invitations(&timestamp(call.clock.now()));
    call.id()
}

/// The invitation in the path.
fn found<'a>(call: &'a Call<'_>, organization: &str) -> Result<&'a Document, ApiError> {
    let invitation = call.state[Kind::Invitation].get(call.parameter("invitation_id"));
    let own = invitation.filter(|invitation| text(invitation, "organization_id") == Some(organization));
    Ok(own.ok_or(INVITATION_NOT_FOUND)?)
}
