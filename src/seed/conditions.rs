//! What a seed says of the tenant as a whole, beside its sections: its faults, and whether rate limits apply.

use serde_json::Value;

use super::error::{Place, SeedError};
use super::layout::{list, object};
use crate::api::faults::Fault;

/// What stands under `x-m2mock` beside the sections.
#[derive(Clone, Default)]
pub(super) struct Conditions {
    pub faults: Vec<Planned>,
    /// As the tenant is made, if absent.
    pub rate_limits: Option<bool>,
}

/// A fault and where it stands. Its client is named as the seed names it, until it is planted.
#[derive(Clone)]
pub(super) struct Planned {
    pub place: Place,
    pub fault: Fault,
}

impl Conditions {
    pub fn read(value: Option<Value>, place: &Place) -> Result<Conditions, SeedError> {
        let mut members = match value {
            None | Some(Value::Null) => return Ok(Conditions::default()),
            Some(value) => object(value, place)?,
        };
        let rate_limits = match members.remove("rate_limits") {
            None => None,
            Some(Value::Bool(are_on)) => Some(are_on),
            Some(_) => return Err(SeedError::wrong_shape(&place.at("rate_limits"), "true or false")),
        };
        let faults = place.at("faults");
        let values = list(members.remove("faults"), &faults)?.into_iter().enumerate();
        let faults = values.map(|(index, value)| Planned::read(value, faults.at(format_args!("entry {}", index + 1))));
        let conditions = Conditions { faults: faults.collect::<Result<_, _>>()?, rate_limits };
        match members.keys().next() {
            Some(key) => Err(SeedError::unknown_key(place, key)),
            None => Ok(conditions),
        }
    }
}

impl Planned {
    fn read(value: Value, place: Place) -> Result<Planned, SeedError> {
        match Fault::read(value) {
            Ok(fault) => Ok(Planned { place, fault }),
            Err(mistake) => Err(SeedError::no_fault(&place, &mistake)),
        }
    }
}
