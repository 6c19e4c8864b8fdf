//! Sessions and refresh tokens, by user and by id. They come from logins, which m2mock does not have, so the lists are empty and
//! every id is unknown.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::users::INEXISTENT_USER;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::checkpoint;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("sessions.schema.json")));

const ALL_TOKENS: &str = "/users/{user_id}/refresh-tokens";
const ALL_SESSIONS: &str = "/users/{user_id}/sessions";
const REVOKE: &[&str] = &["delete:sessions", "delete:refresh_tokens"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(ALL_SESSIONS, &["read:sessions"], list_sessions).query("OfUser"),
        Operation::delete(ALL_SESSIONS, &["delete:sessions"], end_all).success(202),
        Operation::get(ALL_TOKENS, &["read:refresh_tokens"], list_tokens).query("OfUser"),
        Operation::delete(ALL_TOKENS, &["delete:refresh_tokens"], end_all).success(202),
        Operation::post("/users/{id}/revoke-access", REVOKE, end).body("RevokeAccess").success(202),
        Operation::get("/sessions/{id}", &["read:sessions"], no_session),
        Operation::patch("/sessions/{id}", &["update:sessions"], no_session).body("PatchSession"),
        Operation::delete("/sessions/{id}", &["delete:sessions"], end).success(202),
        Operation::post("/sessions/{id}/revoke", REVOKE, no_session).parameters("Revoke").success(202),
        Operation::get("/refresh-tokens", &["read:refresh_tokens"], list_tokens_of_query).query("ListTokens"),
        Operation::post("/refresh-tokens/revoke", &["delete:refresh_tokens"], end).body("RevokeTokens").success(202),
        Operation::get("/refresh-tokens/{id}", &["read:refresh_tokens"], no_token),
        Operation::patch("/refresh-tokens/{id}", &["update:refresh_tokens"], no_token).body("PatchToken"),
        // 204, although the published document says 202 (recorded).
        Operation::delete("/refresh-tokens/{id}", &["delete:refresh_tokens"], end_token),
    ],
};

/// Unknown session (a).
const SESSION_NOT_FOUND: Refusal = Refusal::new(404, "inexistent_session", "The session does not exist.");

/// Unknown refresh token (a).
const REFRESH_TOKEN_NOT_FOUND: Refusal =
    Refusal::new(404, "inexistent_refresh_token", "The refresh token does not exist.");

fn list_sessions(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_user(call, call.parameter("user_id"))?;
    empty_page(call, "sessions")
}

fn list_tokens(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_user(call, call.parameter("user_id"))?;
    empty_page(call, "tokens")
}

fn list_tokens_of_query(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_user(call, call.query_text("user_id").unwrap_or_default())?;
    empty_page(call, "refresh_tokens")
}

/// Answers an empty page, with a total if the query requests it (recorded for refresh tokens).
fn empty_page(call: &Call<'_>, key: &str) -> Result<Reply, ApiError> {
    checkpoint(call)?;
    let mut envelope = Map::from_iter([(key.to_owned(), json!([]))]);
    if call.query_flag("include_totals") == Some(true) {
        envelope.insert("total".to_owned(), json!(0));
    }
    Ok(Reply::json(&Value::Object(envelope)))
}

fn end_all(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    check_user(call, call.parameter("user_id"))?;
    end(call)
}

/// Ends nothing and answers an empty object (recorded for all sessions and tokens of a user).
fn end(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(&json!({})))
}

fn end_token(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::empty())
}

fn no_session(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Err(SESSION_NOT_FOUND.into())
}

fn no_token(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Err(REFRESH_TOKEN_NOT_FOUND.into())
}

/// Checks that a user exists.
fn check_user(call: &Call<'_>, id: &str) -> Result<(), ApiError> {
    call.entity_named(Kind::User, Some(id), INEXISTENT_USER).map(drop)
}
