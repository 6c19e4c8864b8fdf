//! Adds faults to the tenant of a test: for which requests, with which effect, and how often.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::MockTenant;
use crate::api::faults::{Effect, Fault, OperationFilter};

impl MockTenant {
    /// The faults of this tenant: adds, lists and removes them.
    ///
    /// ```
    /// # let tenant = m2mock::MockTenant::start();
    /// # let api = tenant.api("https://travel0.example/api").create();
    /// # let bot = tenant.application("Partner bot").create();
    /// # tenant.client_grant(&bot, &api).create();
    /// tenant.faults().on_token().times(2).too_many_requests();
    ///
    /// let ask = || tenant.token(&bot).audience(&api).request();
    /// assert_eq!(ask().unwrap_err().status, 429);
    /// assert_eq!(ask().unwrap_err().status, 429);
    /// assert!(ask().is_ok());
    /// ```
    ///
    /// The first fault that matches a request applies, in the order in which they were added. No fault applies to requests below
    /// `/__admin` and to the functions of this type. A [`reset`](MockTenant::reset) restores the faults of the seed.
    ///
    /// # Limitations
    ///
    /// There are at most a hundred faults, and none delays an answer for longer than five minutes.
    pub fn faults(&self) -> Faults<'_> {
        Faults { tenant: self }
    }
}

/// The faults of a tenant; made by [`MockTenant::faults`].
#[derive(Clone, Copy, Debug)]
pub struct Faults<'t> {
    tenant: &'t MockTenant,
}

impl<'t> Faults<'t> {
    /// Token requests.
    pub fn on_token(self) -> FaultBuilder<'t> {
        self.on(OperationFilter::Token)
    }

    /// Every operation of the Management API.
    pub fn on_management_api(self) -> FaultBuilder<'t> {
        self.on(OperationFilter::Management)
    }

    /// Every request.
    pub fn on_any_request(self) -> FaultBuilder<'t> {
        self.on(OperationFilter::Any)
    }

    /// One operation, such as `GET /clients`, `GET /clients/{id}` for any client, `GET /clients/some-id` for one, or
    /// `GET /.well-known/jwks.json`.
    ///
    /// # Panics
    ///
    /// If there is no such operation: the fault would never apply.
    #[track_caller]
    pub fn on_operation(self, operation: &str) -> FaultBuilder<'t> {
        match OperationFilter::parse(operation) {
            Ok(operation) => self.on(operation),
            Err(mistake) => panic!("{mistake}"),
        }
    }

    /// Every request by this application: its token requests, and calls of the Management API with its tokens.
    pub fn for_client(self, client: impl Into<String>) -> FaultBuilder<'t> {
        self.on_any_request().for_client(client)
    }

    /// The faults as `GET /__admin/faults` lists them, without those that have reached their number of times.
    pub fn list(self) -> Vec<Value> {
        self.tenant.tenant.faults()
    }

    /// Removes the fault with this id; returns whether there was one.
    pub fn remove(self, id: u64) -> bool {
        self.tenant.tenant.remove_fault(id)
    }

    /// Removes all faults.
    pub fn clear(self) {
        self.tenant.tenant.clear_faults();
    }

    fn on(self, operation: OperationFilter) -> FaultBuilder<'t> {
        FaultBuilder { tenant: self.tenant, fault: Fault { operation, ..Fault::default() } }
    }
}

/// Builds a fault. The functions that set its effect add it to the tenant and return its id.
#[must_use = "nothing goes wrong until the fault says what: too_many_requests(), latency(..), reset() and the like"]
#[derive(Debug)]
pub struct FaultBuilder<'t> {
    tenant: &'t MockTenant,
    fault: Fault,
}

impl FaultBuilder<'_> {
    /// Only requests by this application: an [`Application`](super::Application), or a client id.
    pub fn for_client(mut self, client: impl Into<String>) -> Self {
        self.fault.client_id = Some(client.into());
        self
    }

    /// Only token requests for this API: an [`Api`](super::Api), or its identifier.
    pub fn for_audience(mut self, audience: impl Into<String>) -> Self {
        self.fault.audience = Some(audience.into());
        self
    }

    /// Only token requests that contain this organization: an [`Organization`](super::Organization), its id or its name. A default
    /// organization does not match.
    pub fn for_organization(mut self, organization: impl Into<String>) -> Self {
        self.fault.organization = Some(organization.into());
        self
    }

    /// Only this number of requests; by default until the faults are cleared.
    pub fn times(mut self, times: u32) -> Self {
        self.fault.times = Some(times);
        self
    }

    /// Delays the effect by a random time of this range.
    pub fn after(mut self, latency: impl Into<Latency>) -> Self {
        self.fault.latency = Some(latency.into().0);
        self
    }

    /// 429, with the vendor's text and the headers of a rate limit.
    #[track_caller]
    pub fn too_many_requests(self) -> u64 {
        self.answers(429)
    }

    /// 503.
    #[track_caller]
    pub fn unavailable(self) -> u64 {
        self.answers(503)
    }

    /// A status from 400 to 599 instead of the answer, with the vendor's body for that status. The request has no effect.
    #[track_caller]
    pub fn answers(self, status: u16) -> u64 {
        match StatusCode::from_u16(status) {
            Ok(status) => self.with(Effect::Status(status)),
            Err(_) => panic!("{status} is no HTTP status"),
        }
    }

    /// The answer is late by this time. The request takes effect at once.
    #[track_caller]
    pub fn latency(self, latency: impl Into<Latency>) -> u64 {
        self.after(latency).add()
    }

    /// The connection is reset instead of an answer. The request has no effect.
    #[track_caller]
    pub fn reset(self) -> u64 {
        self.with(Effect::Reset)
    }

    /// The connection closes in the middle of the body. The request takes effect.
    #[track_caller]
    pub fn truncated(self) -> u64 {
        self.with(Effect::Truncated)
    }

    /// The body takes this long, in pieces. The request takes effect.
    #[track_caller]
    pub fn slow(self, time: Duration) -> u64 {
        self.with(Effect::Slow(time))
    }

    /// The body ends in the middle, so that it is not valid JSON; length and status are correct. The request takes effect.
    #[track_caller]
    pub fn malformed_json(self) -> u64 {
        self.with(Effect::MalformedJson)
    }

    #[track_caller]
    fn with(mut self, effect: Effect) -> u64 {
        self.fault.effect = Some(effect);
        self.add()
    }

    #[track_caller]
    fn add(self) -> u64 {
        if let Err(mistake) = self.fault.check() {
            panic!("{mistake}");
        }
        match self.tenant.tenant.add_fault(self.fault) {
            Ok(id) => id,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A latency: a time, or a range for a random time.
#[derive(Clone, Debug)]
pub struct Latency(RangeInclusive<Duration>);

impl From<Duration> for Latency {
    fn from(time: Duration) -> Latency {
        Latency(time..=time)
    }
}

impl From<RangeInclusive<Duration>> for Latency {
    fn from(range: RangeInclusive<Duration>) -> Latency {
        Latency(range)
    }
}
