//! Fault injection: a request that matches a fault of the test gets another, a late or a broken answer.
//!
//! This module decides which fault a request gets, and answers in the tenant's place. The server does what concerns the
//! socket, as waiting or breaking off: a [`TransportFault`] on the answer tells it.

mod fault;
mod json;
mod request_facts;

use std::ops::RangeInclusive;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rate_limits::Headers;
use super::target::Target;
use super::{Outcome, Tenant, authentication, lock};
use crate::api::error::{ApiError, TokenError};
use crate::store::collection::GREATEST;
pub(crate) use fault::{Effect, Fault, OperationFilter};
pub(crate) use json::whole;
use request_facts::RequestFacts;

/// More are a mistake of the test: faults that nobody clears.
const MOST_FAULTS: usize = 100;

/// What the server does with an answer, as an extension of it. Whoever has no socket may pass it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TransportFault {
    /// How long the answer is held back.
    pub latency: Duration,
    /// What happens to it then.
    pub cutoff: Option<Cutoff>,
}

/// What happens to an answer on its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cutoff {
    /// The connection is reset, and nothing of the answer is sent.
    Reset,
    /// The connection closes in the middle of the body.
    Truncated,
    /// The body takes this long.
    Slow(Duration),
}

/// A fault that a test has added.
#[derive(Clone, Debug)]
struct ActiveFault {
    id: u64,
    fault: Fault,
    answered: u64,
}

/// Faults as an export has them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedFaults {
    last_id: u64,
    /// As `GET /__admin/faults` shows them.
    listed: Vec<Value>,
}

/// The faults of a tenant, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    active: Vec<ActiveFault>,
    last_id: u64,
}

impl Faults {
    fn add(&mut self, fault: Fault) -> Result<u64, ApiError> {
        if self.active.len() >= MOST_FAULTS {
            return Err(ApiError::too_many_faults(MOST_FAULTS));
        }
        self.last_id += 1;
        self.active.push(ActiveFault { id: self.last_id, fault, answered: 0 });
        Ok(self.last_id)
    }

    /// The faults for an export.
    pub(super) fn saved(&self) -> SavedFaults {
        let listed = self.active.iter().map(|active| active.fault.shown(active.id, active.answered)).collect();
        SavedFaults { last_id: self.last_id, listed }
    }

    /// The faults of an export.
    ///
    /// # Errors
    /// What is wrong with one of them, in one sentence without a full stop.
    pub(super) fn read(saved: SavedFaults) -> Result<Faults, String> {
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

    /// Whether it has to be known who asks.
    fn mind_who_asks(&self) -> bool {
        self.active.iter().any(|active| active.fault.minds_who_asks())
    }

    /// The first fault that fits. It is gone when it has answered as often as it was to.
    fn inject(&mut self, request: &RequestFacts, random: &mut fastrand::Rng) -> Option<InjectedFault> {
        let at = self.active.iter().position(|active| request.fits(&active.fault))?;
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
    pub(super) fn restore(&mut self, initial: &Faults) {
        self.active.clone_from(&initial.active);
    }
}

fn drawn(range: &RangeInclusive<Duration>, random: &mut fastrand::Rng) -> Duration {
    let spread = range.end().saturating_sub(*range.start());
    *range.start() + spread.mul_f64(random.f64())
}

impl Tenant {
    /// Adds a fault behind those that are there, and gives its id.
    ///
    /// # Errors
    /// There are a hundred already.
    pub(crate) fn add_fault(&self, fault: Fault) -> Result<u64, ApiError> {
        lock(&self.faults).add(fault)
    }

    /// The faults as `GET /__admin/faults` shows them: each with its id, how often it has answered, and how often it will.
    pub(crate) fn faults(&self) -> Vec<Value> {
        let faults = lock(&self.faults);
        faults.active.iter().map(|active| active.fault.shown(active.id, active.answered)).collect()
    }

    /// Removes the fault with this id, and says whether there was one.
    pub(crate) fn remove_fault(&self, id: u64) -> bool {
        let mut faults = lock(&self.faults);
        let before = faults.active.len();
        faults.active.retain(|active| active.id != id);
        faults.active.len() < before
    }

    /// Removes all faults.
    pub(crate) fn clear_faults(&self) {
        lock(&self.faults).active.clear();
    }
}

/// A fault that applies to one request.
pub(super) struct InjectedFault {
    id: u64,
    latency: Duration,
    effect: Option<Effect>,
}

/// The fault that applies to this request, if one does. It counts the request.
pub(super) fn inject(tenant: &Tenant, request: &Request<Bytes>, target: &Target<'_>) -> Option<InjectedFault> {
    let mind_who_asks = {
        let faults = lock(&tenant.faults);
        if faults.active.is_empty() {
            return None;
        }
        faults.mind_who_asks()
    };
    // Who asks is read without the lock: a signature may have to be checked for it.
    let facts = RequestFacts::of(tenant, request, target, mind_who_asks);
    let mut random = fastrand::Rng::new();
    lock(&tenant.faults).inject(&facts, &mut random)
}

impl InjectedFault {
    /// The status that is answered in the tenant's place. The tenant does nothing then.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self.effect? {
            Effect::Status(status) => Some(status),
            // For whoever has no connection that could be reset.
            Effect::Reset => Some(StatusCode::SERVICE_UNAVAILABLE),
            Effect::Truncated | Effect::Slow(_) | Effect::MalformedJson => None,
        }
    }

    /// The answer with this status.
    pub(super) fn replace(
        &self,
        tenant: &Tenant,
        request: &Request<Bytes>,
        target: Target<'_>,
        status: StatusCode,
    ) -> Outcome {
        let operation = target.operation();
        let outcome = match target {
            Target::Management(_) => Outcome::from(ApiError::fault(status)),
            target => authentication::replaced(tenant, target.token(), TokenError::fault(status), &[], self.sentence()),
        };
        let is_limit = status == StatusCode::TOO_MANY_REQUESTS;
        let limits = is_limit.then(|| Headers::reached(request.uri().path(), tenant.clock.now()));
        Outcome { operation, limits, ..outcome }
    }

    /// What the journal says.
    pub(super) fn sentence(&self) -> String {
        let effect = match self.effect {
            None => "keeps the answer waiting",
            Some(Effect::Status(status)) => return format!("fault {} answers {}", self.id, status.as_u16()),
            Some(Effect::Reset) => "resets the connection",
            Some(Effect::Truncated) => "cuts the answer short",
            Some(Effect::Slow(_)) => "slows the answer down",
            Some(Effect::MalformedJson) => "breaks the JSON of the answer",
        };
        format!("fault {} {effect}", self.id)
    }

    /// Does to an answer what needs no socket, and tells the server of the rest.
    pub(super) fn disturb(&self, response: &mut Response<Bytes>) {
        let cutoff = match self.effect {
            Some(Effect::MalformedJson) => {
                let body = response.body_mut();
                body.truncate(body.len() / 2);
                None
            }
            Some(Effect::Reset) => Some(Cutoff::Reset),
            Some(Effect::Truncated) => Some(Cutoff::Truncated),
            Some(Effect::Slow(time)) => Some(Cutoff::Slow(time)),
            Some(Effect::Status(_)) | None => None,
        };
        if cutoff.is_some() || !self.latency.is_zero() {
            response.extensions_mut().insert(TransportFault { latency: self.latency, cutoff });
        }
    }
}
