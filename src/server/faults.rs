//! Adds faults to the tenant of a test: for which requests, with which effect, and how often.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::MockTenant;
use crate::api::faults::{Effect, Fault, OperationFilter};

impl MockTenant {
    /// What goes wrong in this tenant, and what is to go wrong.
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
    /// A request meets the first fault that fits it, in the order in which they were added. Requests below `/__admin`
    /// meet none, nor does what a test sets up with the functions of this type. A [`reset`](MockTenant::reset) goes back
    /// to the faults of the seed.
    ///
    /// # Limitations
    ///
    /// There are at most a hundred faults, and none holds an answer back for longer than five minutes.
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

    /// One operation, as `GET /clients`, `GET /clients/{id}` for any client, `GET /clients/some-id` for one, or
    /// `GET /.well-known/jwks.json`.
    ///
    /// # Panics
    ///
    /// When there is no such operation: the fault would never show.
    #[track_caller]
    pub fn on_operation(self, operation: &str) -> FaultBuilder<'t> {
        match OperationFilter::parse(operation) {
            Ok(operation) => self.on(operation),
            Err(mistake) => panic!("{mistake}"),
        }
    }

    /// Every request by this application: its token requests, and those with its tokens to the Management API.
    pub fn for_client(self, client: impl Into<String>) -> FaultBuilder<'t> {
        self.on_any_request().for_client(client)
    }

    /// The faults as `GET /__admin/faults` shows them. One that has answered as often as it was to is gone.
    pub fn list(self) -> Vec<Value> {
        self.tenant.tenant.faults()
    }

    /// Removes the fault with this id, and says whether there was one.
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

/// A fault before it says what goes wrong. The functions that say so add it, and give its id.
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

    /// Only token requests that name this organization, by its id or its name: an [`Organization`](super::Organization),
    /// or either of the two. A default organization is not named.
    pub fn for_organization(mut self, organization: impl Into<String>) -> Self {
        self.fault.organization = Some(organization.into());
        self
    }

    /// Only the next requests, as many as this; without it, until the faults are cleared.
    pub fn times(mut self, times: u32) -> Self {
        self.fault.times = Some(times);
        self
    }

    /// What goes wrong shows only after a time, drawn from this range.
    pub fn after(mut self, latency: impl Into<Latency>) -> Self {
        self.fault.latency = Some(latency.into().0);
        self
    }

    /// 429, in the vendor's words and with the headers of a rate limit.
    #[track_caller]
    pub fn too_many_requests(self) -> u64 {
        self.answers(429)
    }

    /// 503.
    #[track_caller]
    pub fn unavailable(self) -> u64 {
        self.answers(503)
    }

    /// A status from 400 to 599 instead of the answer, with a body as the vendor has it for that status. The tenant does
    /// nothing of what was asked.
    #[track_caller]
    pub fn answers(self, status: u16) -> u64 {
        match StatusCode::from_u16(status) {
            Ok(status) => self.with(Effect::Status(status)),
            Err(_) => panic!("{status} is no HTTP status"),
        }
    }

    /// The answer comes that much later. The tenant has done at once what was asked.
    #[track_caller]
    pub fn latency(self, latency: impl Into<Latency>) -> u64 {
        self.after(latency).add()
    }

    /// The connection is reset instead of an answer. The tenant does nothing of what was asked.
    #[track_caller]
    pub fn reset(self) -> u64 {
        self.with(Effect::Reset)
    }

    /// The connection closes in the middle of the body. The tenant has done what was asked.
    #[track_caller]
    pub fn truncated(self) -> u64 {
        self.with(Effect::Truncated)
    }

    /// The body takes this long, in pieces. The tenant has done what was asked.
    #[track_caller]
    pub fn slow(self, time: Duration) -> u64 {
        self.with(Effect::Slow(time))
    }

    /// The body ends in the middle, so that it is no JSON; length and status are right. The tenant has done what was
    /// asked.
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

/// How late an answer comes: a time, or a range of which a time is drawn.
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
