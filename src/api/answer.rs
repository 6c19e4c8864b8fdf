//! Answers a request: faults and rate limits, then the API that the target belongs to, then the log and the journal.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use serde_json::Value;

use super::authentication;
use super::authentication::endpoint::{self, Endpoint};
use super::calibration::Values;
use super::call::Pins;
use super::error::{ApiError, TokenError};
use super::journal::{JournalEntry, MASK, TokenDecision};
use super::lock::lock;
use super::outcome::{Outcome, response};
use super::target::Target;
use super::tenant::Tenant;
use super::timestamp::timestamp;
use super::{faults, gate, parsed_size, routes};
use crate::domain::action::TRIGGER;
use crate::redaction;
use crate::schema::UnknownMember;
use crate::store::Kind;

/// The header with the number of a refusal's journal entry, in tenants that number their refusals.
pub(crate) const ENTRY_NUMBER: &str = "m2mock-answer";

impl Tenant {
    /// Answers a request: `/oauth/token`, `/.well-known/*` and `/api/v2/*`.
    #[expect(clippy::needless_pass_by_value, reason = "a server hands its request over")]
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.answer_and_tell(&request).0
    }

    /// Answers a request, and returns its journal entry beside the answer.
    pub fn answer_and_tell(&self, request: &Request<Bytes>) -> (Response<Bytes>, JournalEntry) {
        let (response, entry, _) = self.answer_and_explain(request);
        (response, entry)
    }

    /// The same with what a refusal may speak of, which a tenant with a table of answers knows.
    pub(crate) fn answer_and_explain(&self, request: &Request<Bytes>) -> (Response<Bytes>, JournalEntry, Values) {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        if let Err(error) = parsed_size::check(request) {
            let outcome = authentication::refuse(self, request.uri().path(), error);
            let (response, entry) = self.tell(request.method().as_str(), path, outcome);
            return (response, entry, Values::default());
        }
        let target = Target::of(request);
        let fault = faults::inject(self, request, &target);
        let status = fault.as_ref().and_then(|fault| Some((fault, fault.status()?)));
        let mut outcome = match status {
            Some((fault, status)) => fault.replace(self, request, target, status),
            None => self.within_policies(request, target),
        };
        outcome.fault = fault.as_ref().map(|fault| fault.sentence().into());
        let events = std::mem::take(&mut outcome.events);
        let is_logged = !events.is_empty();
        self.log.add(request, self.clock.now(), self.names.domain(), events);
        if let Some(deliveries) = self.deliveries.get().filter(|_| is_logged) {
            deliveries.wake();
        }
        let values = std::mem::take(&mut outcome.values);
        let (mut response, entry) = self.tell(request.method().as_str(), path, outcome);
        if let Some(fault) = fault {
            fault.disturb(&mut response);
        }
        (response, entry, values)
    }

    /// Refuses a request that the edge could not hand over whole: it is answered and written down like any other.
    pub(crate) fn refuse(&self, method: &str, path: &str, error: ApiError) -> Response<Bytes> {
        self.tell(method, path, authentication::refuse(self, path, error)).0
    }

    fn tell(&self, method: &str, path: &str, outcome: Outcome) -> (Response<Bytes>, JournalEntry) {
        let status = outcome.reply.status.unwrap_or(200);
        let below = path.split('?').next().unwrap_or_default();
        let entry = lock(&self.journal).add(JournalEntry {
            number: 0,
            at: timestamp(self.clock.now()),
            method: method.into(),
            path: redaction::target(path, MASK).into(),
            status,
            operation: outcome.operation,
            client_id: outcome.client_id,
            unmodelled: outcome.unmodelled,
            refusal: outcome.refusal.as_deref().map(|sentence| redaction::sentence(sentence, below, MASK).into()),
            token: outcome.token.map(TokenDecision::redacted),
            calibrated: outcome.calibrated,
            fault: outcome.fault,
        });
        let observer = lock(&self.observer).clone();
        if let Some(observer) = observer {
            observer(&entry);
        }
        let mut response = response(outcome.reply, status);
        if let Some(limits) = outcome.limits {
            limits.add_to(response.headers_mut());
        }
        if status >= 400 && self.numbers_refusals.load(Ordering::Relaxed) {
            response.headers_mut().insert(ENTRY_NUMBER, HeaderValue::from(entry.number));
        }
        (response, entry)
    }

    /// Counts a token request for the rate limit policy of its client, and answers the request unless the policy refuses it.
    fn within_policies(&self, request: &Request<Bytes>, target: Target<'_>) -> Outcome {
        let policy = match &target {
            Target::Token(request) => authentication::apply_rate_limit_policy(self, request),
            Target::Operation(..) | Target::Endpoint(_) => None,
        };
        let Some(policy) = policy else { return self.within_limits(request, target) };
        let outcome = if policy.is_refused {
            let (error, reason) = (TokenError::rate_limit_exceeded(), policy.reason());
            let outcome = authentication::replaced(self, target.token(), error, &["T18", "RLP1"], reason);
            // Such a request does not count for the limits of the tenant, but its answer shows them.
            let limits = lock(&self.rate_limits).shown(request.uri().path(), self.clock.now());
            Outcome { limits, ..outcome }
        } else {
            self.within_limits(request, target)
        };
        policy.add_to(outcome)
    }

    /// Counts a request where rate limits apply, and answers it unless one is reached.
    fn within_limits(&self, request: &Request<Bytes>, target: Target<'_>) -> Outcome {
        let counted = lock(&self.rate_limits).count(request.uri().path(), self.clock.now());
        let Some(counted) = counted else { return self.route(request, target) };
        let outcome = match (counted.refusal, target) {
            (None, target) => self.route(request, target),
            (Some(_), Target::Operation(surface, _)) => Outcome::refused(surface, ApiError::too_many_requests()),
            (Some(why), target) => {
                authentication::replaced(self, target.token(), TokenError::too_many_requests(), &["T11"], why)
            }
        };
        Outcome { limits: Some(counted.headers), ..outcome }
    }

    fn route(&self, request: &Request<Bytes>, target: Target<'_>) -> Outcome {
        match target {
            Target::Operation(surface, route) => gate::answer(self, request, surface, route),
            Target::Token(request) => authentication::token(self, *request),
            Target::Endpoint(endpoint) => authentication::answer(self, request, endpoint),
        }
    }

    /// Performs an operation as the tenant's owner: checks and handler are those of a request, without a bearer token.
    ///
    /// `path` is the path below `/api/v2`, as `/client-grants`.
    ///
    /// # Errors
    /// The refusal of the Management API.
    #[expect(clippy::needless_pass_by_value, reason = "`Method::GET` is shorter to write than `&Method::GET`")]
    pub fn perform(&self, method: http::Method, path: &str, body: Value, pins: Pins) -> Result<Value, ApiError> {
        let reply = gate::perform(self, method.as_str(), path, body, pins)?;
        Ok(reply.body.into_value())
    }

    /// The members of a body that the operation does not know; none if there is no such operation.
    pub(crate) fn unknown_members(method: &http::Method, path: &str, body: &Value) -> Vec<UnknownMember> {
        gate::unknown_members(method.as_str(), path, body)
    }

    /// Whether something answers this method at this path, or is a row of the Management API in the words of its document
    /// (`GET /clients/{id}`, with `/api/v2` before it or without).
    pub(crate) fn models(method: &str, path: &str) -> bool {
        let below = path.strip_prefix("/api/v2").unwrap_or(path);
        endpoint::find(method, path).is_some() || routes::operation(method, below).is_some()
    }

    /// Whether an answer to this path may take its time: code of the test, which may wait for anything, the code of deployed
    /// Actions, or a search of the log.
    pub(crate) fn may_wait(&self, path: &str) -> bool {
        let searches_log = path.starts_with("/api/v2/") && path.ends_with("/logs");
        let is_token = endpoint::at(path).is_some_and(Endpoint::is_token);
        searches_log || is_token && (!self.actions.is_empty() || self.runs_bound_actions())
    }

    /// Whether deployed Actions run at the token endpoint.
    fn runs_bound_actions(&self) -> bool {
        cfg!(feature = "javascript") && !self.state()[Kind::ActionBinding].having("trigger_id", TRIGGER).is_empty()
    }

    /// A Management API token with these scopes for callers that reach the tenant by `host`.
    pub fn management_token(&self, host: &str, scopes: &[&str]) -> String {
        authentication::management_token(self, host, scopes)
    }
}

#[cfg(all(test, feature = "javascript"))]
mod tests {
    use http::Method;
    use serde_json::json;

    use crate::api::{Config, Pins, Tenant};

    /// A server runs the requests that may wait on a thread of their own.
    #[test]
    fn a_token_request_may_wait_if_an_action_is_bound_to_its_trigger() {
        let tenant = Tenant::new(Config::default());
        let perform = |method, path, body| tenant.perform(method, path, body, Pins::default()).expect("a right body");
        assert!(!tenant.may_wait("/oauth/token"));
        let triggers = json!([{ "id": "credentials-exchange" }]);
        perform(
            Method::POST,
            "/actions/actions",
            json!({ "name": "a", "supported_triggers": triggers, "deploy": true }),
        );
        let bindings = json!({ "bindings": [{ "ref": { "type": "action_name", "value": "a" } }] });
        perform(Method::PATCH, "/actions/triggers/credentials-exchange/bindings", bindings);
        assert!(tenant.may_wait("/oauth/token") && !tenant.may_wait("/.well-known/jwks.json"));
    }
}
