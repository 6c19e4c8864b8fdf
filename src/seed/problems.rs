//! The sentences of problems that appear only when a seed is planted.

use crate::api::{ApiError, UnknownMember};
use crate::tenant_file::{Location, SeedProblem, SeedProblemKind as Kind, nearest, quoted};

impl SeedProblem {
    pub(crate) fn unknown_member(place: &Location, unknown: &UnknownMember) -> SeedProblem {
        let owner = unknown.owner();
        let path = if owner.is_empty() { unknown.key.clone() } else { format!("{owner}.{}", unknown.key) };
        let hint = match nearest(&unknown.key, unknown.known.iter().map(String::as_str)) {
            Some(nearest) => format!("; did you mean {}?", quoted(nearest)),
            None => String::new(),
        };
        SeedProblem::new(Kind::UnknownKey, place, format_args!("there is no key {}{hint}", quoted(&path)))
    }

    /// The reason why a fault of the tenant cannot be planted.
    pub(crate) fn no_fault(place: &Location, mistake: &str) -> SeedProblem {
        SeedProblem::new(Kind::Shape, place, mistake)
    }

    pub(crate) fn refused(place: &Location, error: &ApiError) -> SeedProblem {
        SeedProblem::new(Kind::Refused, place, format_args!("the Management API refuses it: {error}"))
    }
}
