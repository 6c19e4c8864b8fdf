//! `/user-blocks`: blocks after too many failed logins. m2mock has no logins, so it blocks no user.

use std::sync::LazyLock;

use serde_json::json;

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::users::INEXISTENT_USER;
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("blocks.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/user-blocks", &["read:users"], list_of_identifier).query("OfIdentifier"),
        Operation::delete("/user-blocks", &["update:users"], lift_of_identifier).query("LiftOfIdentifier"),
        Operation::get("/user-blocks/{id}", &["read:users"], list).query("List"),
        Operation::delete("/user-blocks/{id}", &["update:users"], lift),
    ],
};

fn list_of_identifier(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(&json!({ "blocked_for": [] })))
}

fn lift_of_identifier(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::empty())
}

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::User, INEXISTENT_USER)?;
    list_of_identifier(call)
}

fn lift(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::User, INEXISTENT_USER)?;
    lift_of_identifier(call)
}
