//! The faults of a tenant.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::{Effect, Fault};
use crate::api::error::ApiError;
use crate::store::collection::GREATEST;

/// More faults are a mistake of the test, which never clears them.
const MOST_FAULTS: usize = 100;

/// A fault that a test has added.
#[derive(Clone, Debug)]
pub(super) struct ActiveFault {
    pub(super) id: u64,
    pub(super) fault: Fault,
    pub(super) answered: u64,
}

/// Faults as an export has them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct SavedFaults {
    last_id: u64,
    /// As `GET /__admin/faults` shows them.
    listed: Vec<Value>,
}

/// The faults of a tenant, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(in crate::api) struct Faults {
    pub(super) active: Vec<ActiveFault>,
    last_id: u64,
}

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) -> Result<u64, ApiError> {
        if self.active.len() >= MOST_FAULTS {
            return Err(ApiError::too_many_faults(MOST_FAULTS));
        }
        self.last_id += 1;
        self.active.push(ActiveFault { id: self.last_id, fault, answered: 0 });
        Ok(self.last_id)
    }

    /// The faults for an export.
    pub(in crate::api) fn saved(&self) -> SavedFaults {
        let listed = self.active.iter().map(|active| active.fault.shown(active.id, active.answered)).collect();
        SavedFaults { last_id: self.last_id, listed }
    }

    /// The faults of an export.
    ///
    /// # Errors
    /// The mistake in one of them, in one sentence without a full stop.
    pub(in crate::api) fn read(saved: SavedFaults) -> Result<Faults, String> {
        if saved.listed.len() > MOST_FAULTS {
            return Err(format!("there are more than {MOST_FAULTS}"));
        }
        if saved.last_id > GREATEST {
            return Err("`last_id` is not the id that was given out last".to_owned());
        }
        let mut faults = Faults::default();
        for (place, mut value) in saved.listed.into_iter().enumerate() {
            let mut number = |name: &str| value.as_object_mut().and_then(|members| members.remove(name)?.as_u64());
            let (Some(id), Some(answered)) = (number("id"), number("answered")) else {
                return Err(format!("entry {}: a fault has an id and says how often it has answered", place + 1));
            };
            if id <= faults.last_id || id > saved.last_id || answered > GREATEST {
                return Err(format!("entry {}: its id does not follow the one before", place + 1));
            }
            let fault = Fault::read(value).map_err(|mistake| format!("entry {}: {mistake}", place + 1))?;
            faults.last_id = id;
            faults.active.push(ActiveFault { id, fault, answered });
        }
        faults.last_id = saved.last_id;
        Ok(faults)
    }

    /// Whether a fault depends on the client of a request.
    pub(super) fn mind_who_asks(&self) -> bool {
        self.active.iter().any(|active| active.fault.minds_who_asks())
    }

    /// The first fault that fits a request. It is gone when it has answered as often as it was to.
    pub(super) fn inject(
        &mut self,
        fits: impl Fn(&Fault) -> bool,
        random: &mut fastrand::Rng,
    ) -> Option<InjectedFault> {
        let at = self.active.iter().position(|active| fits(&active.fault))?;
        let active = &mut self.active[at];
        active.answered += 1;
        let injected = InjectedFault {
            id: active.id,
            latency: active.fault.latency.as_ref().map_or(Duration::ZERO, |range| drawn(range, random)),
            effect: active.fault.effect,
        };
        if let Some(times) = &mut active.fault.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.active.remove(at);
            }
        }
        Some(injected)
    }

    /// After a reset: these faults, and ids that were not there before.
    pub(in crate::api) fn restore(&mut self, initial: &Faults) {
        self.active.clone_from(&initial.active);
    }
}

fn drawn(range: &RangeInclusive<Duration>, random: &mut fastrand::Rng) -> Duration {
    let spread = range.end().saturating_sub(*range.start());
    *range.start() + spread.mul_f64(random.f64())
}

/// A fault that applies to one request.
pub(in crate::api) struct InjectedFault {
    pub(super) id: u64,
    pub(super) latency: Duration,
    pub(super) effect: Option<Effect>,
}
