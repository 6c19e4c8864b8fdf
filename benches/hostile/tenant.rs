//! A tenant as a client sees it.

use super::bodies::Ids;

/// A tenant as a client sees it.
pub struct Tenant {
    /// The name that it is reached at.
    pub host: String,
    pub bearer: String,
    pub ids: Ids,
}
