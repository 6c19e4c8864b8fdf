//! `/anomaly/blocks/ips`: blocked addresses after failed logins. m2mock has no logins, so it blocks no address.

use std::sync::LazyLock;

use crate::api::call::Reply;
use crate::api::error::Refusal;
use crate::api::operation::{Family, Operation};
use crate::schema::Schemas;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("anomaly.schema.json")));

const BY_ADDRESS: &str = "/anomaly/blocks/ips/{id}";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(BY_ADDRESS, &["read:anomaly_blocks"], |_| Err(NOT_BLOCKED.into())).parameters("ByAddress"),
        Operation::delete(BY_ADDRESS, &["delete:anomaly_blocks"], |_| Ok(Reply::empty())).parameters("ByAddress"),
    ],
};

/// An address that is not blocked (recorded).
const NOT_BLOCKED: Refusal = Refusal::plain(404, "Not Found");
