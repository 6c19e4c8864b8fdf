//! The functions with which a test sets its expectations and checks them.

use std::sync::atomic::Ordering;
use std::thread;

use super::call_count::Times;
use super::mock::MockTenant;
use super::requests::OperationName;
use super::verification::{Expectation, Subject};
use crate::api::{Tenant, failure_report};

impl MockTenant {
    /// Expects this number of issued tokens from now on: a number or a range. Refused requests do not count.
    ///
    /// ```
    /// let tenant = m2mock::MockTenant::start();
    /// let api = tenant.api("https://travel0.example/api").create();
    /// let bot = tenant.application("Partner bot").create();
    /// tenant.client_grant(&bot, &api).create();
    ///
    /// tenant.expect_tokens(1..=2).for_client(&bot).named("the bot keeps its token");
    /// # let service_under_test = || tenant.token(&bot).audience(&api).request();
    /// service_under_test()?;
    /// # Ok::<(), m2mock::TokenRefused>(())
    /// ```
    ///
    /// An unmet expectation fails the test when the tenant is dropped; see [`verify`](Self::verify).
    #[track_caller]
    pub fn expect_tokens(&self, times: impl Into<Times>) -> Expectation<'_> {
        self.verification.expect(Subject::Tokens, times.into())
    }

    /// Expects this number of requests for one operation from now on, whatever their answers. An operation is method and path, such
    /// as `POST /client-grants`, `GET /clients/{id}` for any client, or `GET /.well-known/jwks.json`. The prefix `/api/v2` is
    /// optional.
    ///
    /// ```
    /// let tenant = m2mock::MockTenant::start();
    /// tenant.expect_operation("POST /client-grants", 0).named("nothing is granted");
    /// ```
    ///
    /// # Panics
    ///
    /// If the operation is not modelled and the tenant does not
    /// [allow](super::MockTenantBuilder::allow_unmodelled_operations) such operations.
    #[track_caller]
    pub fn expect_operation(&self, operation: &str, times: impl Into<Times>) -> Expectation<'_> {
        let Some(name) = OperationName::parse(operation) else {
            panic!("{operation:?} is no operation; write method and path, like \"POST /client-grants\"");
        };
        if !self.verification.allows_unmodelled && !Tenant::models(&name.method, &name.path) {
            panic!("{operation:?} is not modelled, so that no request for it can pass");
        }
        self.verification.expect(Subject::Operation(name), times.into())
    }

    /// Checks now what dropping the tenant checks: that every expectation is met, and that no request was for an operation that is
    /// not modelled. A tenant that is never dropped, such as one in a `static`, has no other check.
    ///
    /// ```
    /// # use std::panic::{AssertUnwindSafe, catch_unwind};
    /// let tenant = m2mock::MockTenant::start();
    /// tenant.expect_tokens(1..);
    /// # let failure = catch_unwind(AssertUnwindSafe(|| {
    /// tenant.verify(); // panics: "expected at least 1 token, came 0"
    /// # }));
    /// # assert!(failure.unwrap_err().downcast::<String>().unwrap().contains("expected at least 1 token, came 0"));
    /// # std::mem::forget(tenant);
    /// ```
    ///
    /// # Panics
    ///
    /// If an expectation is not met, with the requests that did arrive.
    ///
    /// A tenant that is dropped while its thread panics adds no panic. It prints once, to standard error, the requests that may
    /// explain the failure: those that were refused, with rule and facts, those for operations that are not modelled, and those
    /// that a fault answered.
    #[track_caller]
    pub fn verify(&self) {
        if let Some(report) = self.verification.report(&self.uri(), &self.requests()) {
            self.verification.reported.store(true, Ordering::Relaxed);
            panic!("{report}");
        }
    }

    /// Verifies the expectations of a tenant that is dropped, or explains the failure of its test.
    pub(super) fn end(&self) {
        if thread::panicking() {
            self.failure_report().inspect(|report| eprint!("{report}"));
        } else {
            self.verify();
        }
    }

    /// The requests in the journal that may explain a failure of the test.
    fn failure_report(&self) -> Option<String> {
        let mut requests = self.tenant.requests();
        if self.verification.reported.load(Ordering::Relaxed) {
            requests.retain(|entry| !entry.unmodelled);
        }
        failure_report(&format!("m2mock at {}", self.uri()), &requests)
    }
}
