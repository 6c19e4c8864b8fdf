//! `/grants`: the consents of users. m2mock has no logins and so no consents: the list is empty, and a deletion has no
//! effect.

use std::sync::LazyLock;

use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Offset;
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("grants.schema.json")));

const ADDRESSED: &[Addressed] = &[Api("audience"), Api("grants.audience")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/grants", &["read:grants"], list).query("List").addressed(ADDRESSED),
        Operation::delete("/grants", &["delete:grants"], delete).query("OfUser"),
        Operation::delete("/grants/{id}", &["delete:grants"], delete),
    ],
};

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Offset::of(call)?.reply_with("grants", std::iter::empty::<()>()))
}

/// Deletes nothing. No 404 is published for either deletion.
fn delete(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::empty())
}
