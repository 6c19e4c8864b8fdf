//! The common parts of the two kinds of provisioning of a connection: over SCIM and from a directory.

use serde_json::{Map, Value, json};

use crate::api::error::connections::INEXISTENT_CONNECTION;
use crate::api::json::object;
use crate::api::resource::Parent;
use crate::store::document::text;
use crate::store::{Document, Kind};

/// The connection of a configuration.
pub(super) const CONNECTION: Parent =
    Parent { kind: Kind::Connection, parameter: "id", member: "connection_id", missing: INEXISTENT_CONNECTION };

/// The members of a configuration that come from its connection.
pub(super) fn connection_members(connection: &Document) -> Map<String, Value> {
    object(json!({ "connection_name": text(connection, "name"), "strategy": text(connection, "strategy") }))
}
