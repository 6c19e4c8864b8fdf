//! The names in the bodies of a seed, in whose place the Management API takes ids.

use super::kinds::Kind;
use super::location::Location;

/// A name in a body, in whose place the Management API wants an id.
pub(crate) struct Use {
    /// The JSON pointer to the value.
    pub pointer: String,
    pub place: Location,
    pub name: Name,
    /// Whether a name that nothing has stays as it is, for the Management API to judge.
    pub is_optional: bool,
}

pub(crate) enum Name {
    /// The name or the id of an entity of this kind.
    Entity(Kind, String),
    ClientGrant(NamedGrant),
    /// The version of a module of Actions that has this number.
    Version(String, u64),
    /// The identifier of an API. One of the service's own APIs may be that of the tenant from which the seed was exported.
    Audience(String),
}

/// A client grant as an organization names it.
#[derive(Clone)]
pub(crate) struct NamedGrant {
    pub place: Location,
    pub client: String,
    pub audience: Option<String>,
}

impl Use {
    pub(super) fn of(pointer: String, place: Location, name: Name) -> Use {
        Use { pointer, place, name, is_optional: false }
    }
}
