//! The values of a seed that must be a list or an object: anything else is a problem at its place.

use serde_json::{Map, Value};

use super::error::SeedProblem;
use super::location::Location;

/// A list; a key without anything after it is an empty one.
pub(crate) fn list(value: Option<Value>, place: &Location) -> Result<Vec<Value>, SeedProblem> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(values)) => Ok(values),
        Some(_) => Err(SeedProblem::wrong_shape(place, "a list")),
    }
}

pub(crate) fn object(value: Value, place: &Location) -> Result<Map<String, Value>, SeedProblem> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(SeedProblem::wrong_shape(place, "an object")),
    }
}
