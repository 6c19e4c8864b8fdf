//! A new invitation to an organization: its rules, its link and its expiry.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::connection_association;
use crate::api::call::Call;
use crate::api::error::organizations::{UNKNOWN_CLIENT, UNKNOWN_CONNECTION};
use crate::api::error::{ApiError, Refusal};
use crate::api::timestamp::timestamp;
use crate::domain::{IdShape, clock};
use crate::store::document::{text, texts};
use crate::store::{Document, Kind, State};

/// An application without organizations (p).
const CLIENT_WITHOUT_ORGANIZATIONS: Refusal =
    Refusal::invalid_body("The specified client_id ({}) does not allow organizations.");

/// A passwordless connection, which cannot accept an invitation (d).
const PASSWORDLESS_INVITATION: Refusal = Refusal::invalid_body("Passwordless connections are not supported.");

/// A connection that the organization does not have, or has disabled (d).
const CONNECTION_NOT_ENABLED: Refusal =
    Refusal::invalid_body("The specified connection ({}) is not enabled for the organization");

/// Neither the application nor the tenant has a login route for the link (d; the end of the sentence is assumed).
const NO_DEFAULT_LOGIN_ROUTE: Refusal = Refusal::invalid_body(
    "A default login route is required to generate the invitation url. Consult \
     https://auth0.com/docs/universal-login/configure-default-login-routes for more details",
);

/// The lifetime of an invitation if the request has none, or 0 (documented): seven days.
const DEFAULT_SECONDS: u64 = 604_800;

/// Stores an invitation that passed the [`check`], which gave the login URI.
pub(in crate::api) fn store(
    call: &mut Call<'_>,
    organization: &str,
    mut invitation: Map<String, Value>,
    login_uri: &str,
) -> Result<Document, ApiError> {
    invitation.remove("send_invitation_email");
    let seconds = invitation.remove("ttl_sec").and_then(|seconds| seconds.as_u64()).filter(|seconds| *seconds > 0);
    let now = call.clock.now();
    let expires_at = expiry(now, Duration::from_secs(seconds.unwrap_or(DEFAULT_SECONDS)));
    let id = call.new_id(Kind::Invitation, IdShape::INVITATION)?;
    let ticket = IdShape::TICKET.draw(&mut call.state.random);
    let name = call.state[Kind::Organization]
        .get(organization)
        .and_then(|organization| text(organization, "name"))
        .unwrap_or_default();
    let url = invitation_url(login_uri, &ticket, organization, name);
    for (member, value) in [
        ("id", id.as_str()),
        ("organization_id", organization),
        ("ticket_id", ticket.as_str()),
        ("invitation_url", url.as_str()),
        ("created_at", timestamp(now).as_str()),
        ("expires_at", timestamp(expires_at).as_str()),
    ] {
        invitation.insert(member.to_owned(), value.into());
    }
    Ok(call.state[Kind::Invitation].insert(&id, invitation))
}

/// Checks an invitation in the order of the published refusals, and returns the login URI for its link.
pub(in crate::api) fn check(
    state: &State,
    organization_id: &str,
    invitation: &Map<String, Value>,
) -> Result<String, ApiError> {
    let client_id = text(invitation, "client_id").unwrap_or_default();
    let client = state[Kind::Client].get(client_id).ok_or(UNKNOWN_CLIENT)?;
    if !matches!(text(client, "organization_usage"), Some("allow" | "require")) {
        return Err(CLIENT_WITHOUT_ORGANIZATIONS.with(&[&client_id]));
    }
    if let Some(connection_id) = text(invitation, "connection_id") {
        let connection = state[Kind::Connection].get(connection_id).ok_or(UNKNOWN_CONNECTION)?;
        if matches!(text(connection, "strategy"), Some("email" | "sms")) {
            return Err(PASSWORDLESS_INVITATION.into());
        }
        let association = connection_association::find(state, organization_id, connection_id);
        if !association.is_some_and(|association| association.get("is_enabled") == Some(&Value::Bool(true))) {
            return Err(CONNECTION_NOT_ENABLED.with(&[&connection_id]));
        }
    }
    let login_uri = text(client, "initiate_login_uri").filter(|uri| !uri.is_empty());
    let login_uri =
        login_uri.or_else(|| text(state.settings.tenant(), "default_redirection_uri")).filter(|uri| !uri.is_empty());
    let login_uri = login_uri.ok_or(NO_DEFAULT_LOGIN_ROUTE)?;
    let unknown: Vec<&str> = texts(invitation, "roles").filter(|role| !state[Kind::Role].contains(role)).collect();
    if unknown.is_empty() { Ok(login_uri.to_owned()) } else { Err(ApiError::unknown_roles(&unknown)) }
}

/// The link of an invitation. The values of its parameters need no encoding.
fn invitation_url(login_uri: &str, ticket: &str, organization_id: &str, organization_name: &str) -> String {
    let page = login_uri.replace("{organization_name}", organization_name);
    let mark = if page.contains('?') { '&' } else { '?' };
    format!("{page}{mark}invitation={ticket}&organization={organization_id}&organization_name={organization_name}")
}

/// The expiry, at most the last timestamp, the end of the year 9999.
fn expiry(now: SystemTime, lifetime: Duration) -> SystemTime {
    (now + lifetime).min(UNIX_EPOCH + clock::LATEST)
}
