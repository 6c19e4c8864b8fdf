//! `/users/{id}/logs`: what the tenant's log tells of a user. Nobody logs in here, so that is nothing yet.

use std::sync::LazyLock;

use super::crud::HasCheckpoints;
use super::log_entry::{list as list_entries, of_user};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("user_logs.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[Operation::get("/users/{id}/logs", &["read:logs", "read:logs_users"], list).query("List")],
};

/// The published answers know no 404 here.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    list_entries(call, HasCheckpoints::No, of_user(id))
}
