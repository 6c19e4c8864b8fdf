//! `/users/{id}/logs`: the log entries about a user. The list is empty, because m2mock has no logins.

use std::sync::LazyLock;

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::management::tenant::log_entry::{list as list_entries, of_user};
use crate::api::operation::{Family, Operation};
use crate::api::paging::HasCheckpoints;
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("logs.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[Operation::get("/users/{id}/logs", &["read:logs", "read:logs_users"], list).query("List")],
};

/// Answers the entries. An unknown user is no error, because no 404 is published.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    list_entries(call, HasCheckpoints::No, of_user(id))
}
