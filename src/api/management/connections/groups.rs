//! `/groups`: groups from the directories of enterprise connections and from SCIM. m2mock has neither, so the lists are empty
//! and every id is unknown.

use std::sync::LazyLock;

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Paging, checkpoint, checkpoint_reply};
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("groups.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/groups", &["read:groups"], list).query("List"),
        Operation::get("/groups/{id}", &["read:groups"], not_found).parameters("Group"),
        Operation::delete("/groups/{id}", &["delete:groups"], not_found).parameters("Group"),
        Operation::get("/groups/{id}/members", &["read:group_members"], members).query("Members").parameters("Group"),
    ],
};

/// Unknown group (status documented, sentence assumed).
const GROUP_NOT_FOUND: Refusal = Refusal::plain(404, "The group does not exist.");

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(match Paging::of(call)? {
        Paging::Offset(offset) => offset.reply_with("groups", std::iter::empty::<()>()),
        Paging::Checkpoint(_) => checkpoint_reply("groups", std::iter::empty::<()>(), None),
    })
}

fn not_found(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Err(GROUP_NOT_FOUND.into())
}

/// Answers an empty list of members. An unknown group is no error, because no 404 is published for this list.
fn members(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    checkpoint(call)?;
    Ok(checkpoint_reply("members", std::iter::empty::<()>(), None))
}
