//! `/users/{id}/organizations`: the organizations that a user is a member of.

use std::sync::LazyLock;

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Offset;
use crate::schema::Schemas;
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("organizations.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[Operation::get("/users/{id}/organizations", &["read:organizations"], list).query("List")],
};

/// Lists the organizations of a user. The total in the envelope is always 0 (recorded). The list of an unknown user is empty,
/// because no 404 is published.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let offset = Offset::of(call)?;
    let state = &*call.state;
    let positions: &[Seq] = match state[Kind::User].seq(call.parameter("id")) {
        Some(user) => state.members.of_right(user).as_slice(),
        None => &[],
    };
    Ok(offset.reply("organizations", &state[Kind::Organization], positions.iter().copied(), 0, Document::clone))
}
