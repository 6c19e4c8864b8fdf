//! `/tickets`: links for confirming an email address or choosing a password. m2mock has no pages for the links, so a ticket changes
//! nothing and is not stored.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::clients::INEXISTENT_CLIENT;
use crate::api::error::connections::INEXISTENT_CONNECTION;
use crate::api::error::organizations::ORGANIZATION_NOT_FOUND;
use crate::api::error::users::INEXISTENT_USER;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("tickets.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::post("/tickets/email-verification", &["create:user_tickets"], verify_email).body("VerifyEmail"),
        Operation::post("/tickets/password-change", &["create:user_tickets"], change_password).body("ChangePassword"),
    ],
};

/// A request must identify the user either by `user_id`, or by `connection_id` and `email`.
const TICKET_NAMES_NO_SINGLE_USER: Refusal =
    Refusal::invalid_body("Either user_id, or connection_id and email, must be provided");

/// Two targets for the user.
const RESULT_URL_WITH_CLIENT: Refusal =
    Refusal::invalid_body("result_url cannot be specified when using client_id or organization_id");

/// An identity that the user does not have.
const FOREIGN_IDENTITY: Refusal = Refusal::invalid_body("The identity does not belong to the user");

/// A password for a user of an external provider (the same sentence as for a PATCH of the user).
const NO_PASSWORD_TO_CHANGE: Refusal =
    Refusal::new(400, "operation_not_supported", "The user's main connection does not support this operation");

fn verify_email(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.state[Kind::User].get(text(&call.body, "user_id").unwrap_or_default());
    check_identity(call, user.ok_or(INEXISTENT_USER)?)?;
    check_context(call)?;
    Ok(ticket(call, "email-verification"))
}

/// Answers a ticket for a user, found by id or by an email address within a connection (documented).
fn change_password(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let member = |key| text(&call.body, key);
    let user = match (member("user_id"), member("connection_id"), member("email")) {
        (Some(id), None, None) => call.state[Kind::User].get(id),
        (None, Some(connection), Some(email)) => with_email(call, connection, email)?,
        _ => return Err(TICKET_NAMES_NO_SINGLE_USER.into()),
    };
    let user = user.ok_or(INEXISTENT_USER)?;
    check_identity(call, user)?;
    if call.body.get("identity").is_none() && identities(user).next().is_some_and(|main| !is_database(main)) {
        return Err(NO_PASSWORD_TO_CHANGE.into());
    }
    check_context(call)?;
    Ok(ticket(call, "reset-password"))
}

/// The user of a connection with this email address.
fn with_email<'a>(call: &'a Call<'_>, connection: &str, email: &str) -> Result<Option<&'a Document>, ApiError> {
    let connection = call.state[Kind::Connection].get(connection).ok_or(INEXISTENT_CONNECTION)?;
    let users = &call.state[Kind::User];
    let of_connection =
        |user: &&Document| identities(user).any(|identity| identity.get("connection") == connection.get("name"));
    // Addresses are stored in lower case.
    let mut with_address = users.having("email", &email.to_lowercase()).iter().filter_map(|seq| users.at(seq));
    Ok(with_address.find(of_connection))
}

/// Checks that the optional `identity` belongs to the user.
fn check_identity(call: &Call<'_>, user: &Document) -> Result<(), ApiError> {
    let Some(identity) = call.body.get("identity").and_then(Value::as_object) else { return Ok(()) };
    let same =
        |other: &Map<String, Value>| ["user_id", "provider"].into_iter().all(|key| other.get(key) == identity.get(key));
    if identities(user).any(same) { Ok(()) } else { Err(FOREIGN_IDENTITY.into()) }
}

fn identities(user: &Document) -> impl Iterator<Item = &Map<String, Value>> {
    user.get("identities").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn is_database(identity: &Map<String, Value>) -> bool {
    text(identity, "provider") == Some("auth0")
}

/// Checks the target after the ticket: a URL, or the route of a client or an organization (documented).
fn check_context(call: &Call<'_>) -> Result<(), ApiError> {
    let (client, organization) = (text(&call.body, "client_id"), text(&call.body, "organization_id"));
    if call.body.contains_key("result_url") && (client.is_some() || organization.is_some()) {
        return Err(RESULT_URL_WITH_CLIENT.into());
    }
    if client.is_some_and(|id| !call.state[Kind::Client].contains(id)) {
        return Err(INEXISTENT_CLIENT.into());
    }
    if organization.is_some_and(|id| !call.state[Kind::Organization].contains(id)) {
        return Err(ORGANIZATION_NOT_FOUND.into());
    }
    Ok(())
}

/// A link to a page of the tenant, with an empty fragment at its end (recorded).
fn ticket(call: &mut Call<'_>, page: &str) -> Reply {
    let ticket = IdShape::TICKET.draw(&mut call.state.random);
    Reply::json(&json!({ "ticket": format!("{}u/{page}?ticket={ticket}#", call.base_url) }))
}
