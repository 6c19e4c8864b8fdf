//! The settings of a seed for the whole tenant: faults, and whether rate limits apply.

use serde_json::Value;

use crate::api::faults::Fault;
use crate::tenant_file::{Location, Raw, Report, SeedProblem, list, object};

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
    pub place: Location,
    pub fault: Fault,
}

impl Conditions {
    /// The conditions that a source holds beside its sections.
    pub(super) fn of(ours: Option<Raw>, report: &mut Report) -> Conditions {
        match ours {
            Some(raw) if !raw.report_keywords(&raw.section, report) => {
                Conditions::read(raw.value, &raw.section, report)
            }
            _ => Conditions::default(),
        }
    }

    fn read(value: Value, place: &Location, report: &mut Report) -> Conditions {
        const KEYS: [&str; 2] = ["faults", "rate_limits"];
        if value.is_null() {
            return Conditions::default();
        }
        let mut members = report.accept(object(value, place)).unwrap_or_default();
        let [faults, rate_limits] = KEYS.map(|key| members.remove(key));
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
        let place = place.at("faults");
        let values = report.accept(list(faults, &place)).unwrap_or_default().into_iter().enumerate();
        let read = |(index, value)| report.accept(Planned::read(value, place.entry(index + 1, None)));
        Conditions { faults: values.filter_map(read).collect(), rate_limits }
    }
}

impl Planned {
    fn read(value: Value, place: Location) -> Result<Planned, SeedProblem> {
        match Fault::read(value) {
            Ok(fault) => Ok(Planned { place, fault }),
            Err(mistake) => Err(SeedProblem::no_fault(&place, &mistake)),
        }
    }
}
