//! Fault injection: a request that matches a fault of the test gets another, a late or a broken answer.
//!
//! This module decides which fault a request gets, and answers in the tenant's place. The server does what concerns the
//! socket, as waiting or breaking off: a [`TransportFault`] on the answer tells it.

mod active;
mod fault;
mod json;
mod request_facts;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::Value;

use super::authentication;
use super::lock::lock;
use super::outcome::Outcome;
use super::rate_limits::Headers;
use super::target::Target;
use super::tenant::Tenant;
use crate::api::error::{ApiError, TokenError};
use active::InjectedFault;
pub(super) use active::{Faults, SavedFaults};
pub(crate) use fault::{Effect, Fault, OperationFilter};
pub(crate) use json::whole;
use request_facts::RequestFacts;

/// The effect of a fault on the transport of an answer, as an extension of the answer. A caller without a socket ignores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TransportFault {
    /// The delay of the answer.
    pub latency: Duration,
    /// The effect after the delay.
    pub cutoff: Option<Cutoff>,
}

/// The effect on the connection of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cutoff {
    /// The connection is reset, and nothing of the answer is sent.
    Reset,
    /// The connection closes in the middle of the body.
    Truncated,
    /// The body takes this long.
    Slow(Duration),
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

    /// Removes the fault with this id, and returns whether there was one.
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

/// The fault that applies to this request, if one does. It counts the request.
pub(super) fn inject(tenant: &Tenant, request: &Request<Bytes>, target: &Target<'_>) -> Option<InjectedFault> {
    let mind_who_asks = {
        let faults = lock(&tenant.faults);
        if faults.active.is_empty() {
            return None;
        }
        faults.mind_who_asks()
    };
    // The client is determined without the lock, because a signature may have to be verified.
    let facts = RequestFacts::of(tenant, request, target, mind_who_asks);
    let mut random = fastrand::Rng::new();
    lock(&tenant.faults).inject(|fault| facts.fits(fault), &mut random)
}

impl InjectedFault {
    /// The status that is answered in the tenant's place. The tenant does nothing then.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self.effect? {
            Effect::Status(status) => Some(status),
            // The answer for a caller without a connection.
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
            Target::Operation(surface, _) => Outcome::refused(surface, ApiError::fault(status)),
            target => authentication::replaced(tenant, target.token(), TokenError::fault(status), &[], self.sentence()),
        };
        let is_limit = status == StatusCode::TOO_MANY_REQUESTS;
        let limits = is_limit.then(|| Headers::reached(request.uri().path(), tenant.clock.now()));
        Outcome { operation, limits, ..outcome }
    }

    /// The sentence of the journal.
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

    /// Applies the effects that need no socket, and adds the others to the answer for the server.
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
