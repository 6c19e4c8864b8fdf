//! The settings of a seed for the whole tenant: faults, whether rate limits apply, and the features that its plan lacks.

use serde_json::Value;

use crate::api::faults::Fault;
use crate::domain::Entitlement;
use crate::tenant_file::{Location, Raw, Report, SeedProblem, list, object};

/// The value of `x-m2mock` beside the sections.
#[derive(Clone, Default)]
pub(super) struct Conditions {
    pub faults: Vec<Planned>,
    /// If absent, those of the configuration.
    pub rate_limits: Option<bool>,
    /// The features that the tenant's plan lacks.
    pub without: Vec<Entitlement>,
}

/// A fault and its location. Its client has the name of the seed until the fault is added.
#[derive(Clone)]
pub(super) struct Planned {
    pub place: Location,
    pub fault: Fault,
}

impl Conditions {
    /// Reads the conditions of a source, beside its sections.
    pub(super) fn of(ours: Option<Raw>, report: &mut Report) -> Conditions {
        match ours {
            Some(raw) if !raw.report_keywords(&raw.section, report) => {
                Conditions::read(raw.value, &raw.section, report)
            }
            _ => Conditions::default(),
        }
    }

    fn read(value: Value, place: &Location, report: &mut Report) -> Conditions {
        const KEYS: [&str; 3] = ["faults", "rate_limits", "without"];
        if value.is_null() {
            return Conditions::default();
        }
        let mut members = report.accept(object(value, place)).unwrap_or_default();
        let [faults, rate_limits, without] = KEYS.map(|key| members.remove(key));
        for key in members.keys() {
            report.error(SeedProblem::unknown_key(place, key, KEYS));
        }
        let rate_limits = match rate_limits {
            Some(Value::Bool(are_on)) => Some(are_on),
            Some(_) => {
                report.error(SeedProblem::wrong_shape(&place.at("rate_limits"), "true or false"));
                None
            }
            None => None,
        };
        let faults = read_list(faults, &place.at("faults"), report, Planned::read);
        let without = read_list(without, &place.at("without"), report, entitlement);
        Conditions { faults, rate_limits, without }
    }
}

/// The readable values of a list. The others become problems of the report.
fn read_list<T>(
    value: Option<Value>,
    place: &Location,
    report: &mut Report,
    read: fn(Value, &Location) -> Result<T, SeedProblem>,
) -> Vec<T> {
    let values = report.accept(list(value, place)).unwrap_or_default().into_iter().enumerate();
    values.filter_map(|(index, value)| report.accept(read(value, &place.entry(index + 1, None)))).collect()
}

fn entitlement(value: Value, place: &Location) -> Result<Entitlement, SeedProblem> {
    let Value::String(name) = value else { return Err(SeedProblem::wrong_shape(place, "the name of a feature")) };
    Entitlement::parse(&name).ok_or_else(|| SeedProblem::no_feature(place, &name))
}

impl Planned {
    fn read(value: Value, place: &Location) -> Result<Planned, SeedProblem> {
        match Fault::read(value) {
            Ok(fault) => Ok(Planned { place: place.clone(), fault }),
            Err(mistake) => Err(SeedProblem::no_fault(place, &mistake)),
        }
    }
}
