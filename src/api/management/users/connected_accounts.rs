//! Accounts and tokens of a user at other providers, and groups of a directory. They come from logins, and m2mock has
//! no logins, so these lists are empty.

use std::sync::LazyLock;

use serde_json::json;

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::users::INEXISTENT_USER;
use crate::api::operation::{Family, Operation};
use crate::api::paging::{Paging, checkpoint_reply};
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("connected_accounts.schema.json")));

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/users/{id}/connected-accounts", &["read:users"], list).query("List"),
        Operation::get("/users/{id}/groups", &["read:groups"], list_groups).query("ListGroups"),
        Operation::get(
            "/users/{id}/federated-connections-tokensets",
            &["read:federated_connections_tokens"],
            list_tokensets,
        )
        .parameters("Tokensets"),
        Operation::delete(
            "/users/{id}/federated-connections-tokensets/{tokenset_id}",
            &["delete:federated_connections_tokens"],
            delete_tokenset,
        )
        .parameters("Tokenset"),
    ],
};

/// Answers an empty list. An unknown user is no error, because no 404 is published.
fn list(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(checkpoint_reply("connected_accounts", std::iter::empty::<()>(), None))
}

/// Answers an empty list. An unknown user is no error, because no 404 is published.
fn list_groups(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(match Paging::of(call)? {
        Paging::Offset(offset) => offset.reply_with("groups", std::iter::empty::<()>()),
        Paging::Checkpoint(_) => checkpoint_reply("groups", std::iter::empty::<()>(), None),
    })
}

fn list_tokensets(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.entity(Kind::User, INEXISTENT_USER)?;
    Ok(Reply::json(&json!([])))
}

/// Deletes nothing. A missing tokenset is no error, as for other deletes.
fn delete_tokenset(_: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::empty())
}
