//! Expectations of a test about the requests to its tenant, as in `wiremock`: set in advance, counted as requests arrive, and
//! checked when the tenant is dropped.
//!
//! Counts do not depend on the journal, which is bounded and can be cleared. Only the last few requests are kept, to list them
//! if an expectation is not met.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Write as _};
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::requests::{OperationName, audience_of, client_of, is_granted, is_in, organization_of};
use super::{MockTenant, Times};
use crate::api::{JournalEntry, Operation, Tenant, failure_report, printable};

/// The number of requests of a kind in a message: the last ones.
const SHOWN: usize = 5;

/// The most operations that are not modelled and counted separately.
const MOST_UNMODELLED: usize = 50;

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
        self.expect(Subject::Tokens, times.into())
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
        self.expect(Subject::Operation(name), times.into())
    }

    #[track_caller]
    fn expect(&self, what: Subject, times: Times) -> Expectation<'_> {
        let mut counts = self.verification.lock();
        counts.expectations.push(Expected {
            wanted: RequestFilter { what, client: None, audience: None, organization: None, status: None },
            times,
            name: None,
            place: Location::caller(),
            count: 0,
            matching: Last::default(),
            near: Last::default(),
        });
        Expectation { verification: &self.verification, index: counts.expectations.len() - 1 }
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
        if let Some(report) = self.verification.report(self) {
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

/// An expectation; made by [`MockTenant::expect_tokens`] and [`MockTenant::expect_operation`]. It counts from then on.
pub struct Expectation<'t> {
    verification: &'t Verification,
    index: usize,
}

impl fmt::Debug for Expectation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expectation").field("index", &self.index).finish_non_exhaustive()
    }
}

impl Expectation<'_> {
    /// Counts only requests of this client: an application or its `client_id`.
    pub fn for_client(self, client: impl Into<String>) -> Self {
        let client = client.into();
        self.narrow(|expected| expected.wanted.client = Some(client))
    }

    /// Counts only requests for this audience: an API or its identifier.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        let audience = audience.into();
        self.narrow(|expected| expected.wanted.audience = Some(audience))
    }

    /// Counts only requests for this organization, named or by default: an organization, its id, or the value in requests.
    pub fn in_organization(self, organization: impl Into<String>) -> Self {
        let organization = organization.into();
        self.narrow(|expected| expected.wanted.organization = Some(organization))
    }

    /// Counts only requests with this status.
    pub fn answered_with(self, status: u16) -> Self {
        self.narrow(|expected| expected.wanted.status = Some(status))
    }

    /// The name of the expectation in messages.
    pub fn named(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.narrow(|expected| expected.name = Some(name))
    }

    fn narrow(self, change: impl FnOnce(&mut Expected)) -> Self {
        if let Some(expected) = self.verification.lock().expectations.get_mut(self.index) {
            change(expected);
        }
        self
    }
}

/// The expectations and their counts.
#[derive(Debug)]
pub(super) struct Verification {
    allows_unmodelled: bool,
    /// Whether a panic has listed the requests that are not modelled.
    reported: AtomicBool,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    expectations: Vec<Expected>,
    /// The number of requests for each operation that is not modelled.
    unmodelled: BTreeMap<String, u64>,
}

impl Verification {
    pub(super) fn new(allows_unmodelled: bool) -> Self {
        Verification { allows_unmodelled, reported: AtomicBool::default(), counts: Mutex::default() }
    }

    /// Counts a request.
    pub(super) fn note(&self, entry: &JournalEntry) {
        let mut counts = self.lock();
        counts.expectations.iter_mut().for_each(|expected| expected.note(entry));
        if entry.unmodelled && !self.allows_unmodelled {
            let path = entry.path.split('?').next().unwrap_or_default();
            let mut what = format!("{} {path}", entry.method);
            if counts.unmodelled.len() >= MOST_UNMODELLED && !counts.unmodelled.contains_key(&what) {
                what = "others".to_owned();
            }
            *counts.unmodelled.entry(what).or_default() += 1;
        }
    }

    /// The unmet expectations, one per line.
    fn report(&self, tenant: &MockTenant) -> Option<String> {
        let unmodelled = self.unmodelled();
        let counts = self.lock();
        let unmet: Vec<&Expected> =
            counts.expectations.iter().filter(|expected| !expected.times.allow(expected.count)).collect();
        if unmet.is_empty() {
            return unmodelled;
        }
        let mut report = format!("the tenant at {} was not asked what the test expects\n", tenant.uri());
        let journal = tenant.requests();
        for expected in unmet {
            let _ = write!(report, "\n{expected}");
            if expected.matching.0.is_empty() && expected.near.0.is_empty() {
                let _ = match journal.as_slice() {
                    [] => writeln!(report, "  nothing else came"),
                    came => write!(report, "  instead came:\n{}", Lines(&came[came.len().saturating_sub(SHOWN)..])),
                };
            }
        }
        if let Some(unmodelled) = unmodelled {
            let _ = write!(report, "\n{unmodelled}");
        }
        Some(report)
    }

    /// The requests for operations that are not modelled, one per line.
    fn unmodelled(&self) -> Option<String> {
        let counts = self.lock();
        if counts.unmodelled.is_empty() {
            return None;
        }
        let mut report = "m2mock answered 404 to what it does not model; the live service may answer otherwise \
                          (MockTenant::builder().allow_unmodelled_operations() lets it pass):\n"
            .to_owned();
        for (what, count) in &counts.unmodelled {
            let times = if *count > 1 { format!(", {count} times") } else { String::new() };
            let _ = writeln!(report, "    {}{times}", printable(what));
        }
        Some(report)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An expectation and its count.
#[derive(Debug)]
struct Expected {
    wanted: RequestFilter,
    times: Times,
    name: Option<String>,
    place: &'static Location<'static>,
    count: u64,
    matching: Last,
    near: Last,
}

impl Expected {
    fn note(&mut self, entry: &JournalEntry) {
        if !self.wanted.is_about(entry) {
            return;
        }
        if self.wanted.differences(entry).is_empty() {
            self.count += 1;
            self.matching.add(entry);
        } else {
            self.near.add(entry);
        }
    }
}

/// The message about an unmet expectation.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Expected { wanted, times, count, .. } = self;
        if let Some(name) = &self.name {
            write!(f, "\"{name}\": ")?;
        }
        let plural = if times.end_in_one() { "" } else { "s" };
        write!(f, "expected {times} ")?;
        match &wanted.what {
            Subject::Tokens => write!(f, "token{plural}")?,
            Subject::Operation(name) => write!(f, "request{plural} {name}")?,
        }
        for (what, value) in wanted.narrowed() {
            write!(f, ", {what} {value}")?;
        }
        writeln!(f, ", came {count} ({}:{})", self.place.file(), self.place.line())?;
        if !self.matching.0.is_empty() {
            write!(f, "  counted:\n{}", Lines(self.matching.0.iter()))?;
        }
        if !self.near.0.is_empty() {
            writeln!(f, "  nearly counted:")?;
        }
        for entry in &self.near.0 {
            write!(f, "{}", Lines([entry]))?;
            for difference in wanted.differences(entry) {
                writeln!(f, "      - {} {}", difference.what, difference.expected)?;
                writeln!(f, "      + {} {}", difference.what, difference.came)?;
            }
        }
        Ok(())
    }
}

/// The requests that an expectation counts.
#[derive(Debug)]
struct RequestFilter {
    what: Subject,
    client: Option<String>,
    audience: Option<String>,
    organization: Option<String>,
    status: Option<u16>,
}

#[derive(Debug)]
enum Subject {
    /// Tokens that are issued.
    Tokens,
    /// Requests of one operation.
    Operation(OperationName),
}

/// A difference between a request and an expectation that it nearly meets.
struct Difference {
    what: &'static str,
    expected: String,
    came: String,
}

impl RequestFilter {
    /// Whether a failure should list a request that does not count.
    fn is_about(&self, entry: &JournalEntry) -> bool {
        match &self.what {
            Subject::Tokens => entry.token.is_some(),
            Subject::Operation(name) => name.names(entry) || name.is_near(entry),
        }
    }

    /// The differences of a request; none if it counts.
    fn differences(&self, entry: &JournalEntry) -> Vec<Difference> {
        let mut differences = Vec::new();
        let mut compare = |what, expected: &str, came: Option<&str>, same: bool| {
            if !same {
                let came = came.unwrap_or("(none)").to_owned();
                differences.push(Difference { what, expected: expected.to_owned(), came });
            }
        };
        match &self.what {
            Subject::Tokens => compare("token", "granted", Some("refused"), is_granted(entry)),
            Subject::Operation(name) => {
                let came = format!("{} {}", entry.method, entry.path);
                let came = entry.operation.map_or(came, Operation::to_string);
                compare("operation", &name.to_string(), Some(&came), name.names(entry));
            }
        }
        if let Some(client) = &self.client {
            let came = client_of(entry);
            compare("client", client, came, came == Some(client));
        }
        if let Some(audience) = &self.audience {
            let came = audience_of(entry);
            compare("audience", audience, came, came == Some(audience));
        }
        if let Some(organization) = &self.organization {
            compare("organization", organization, organization_of(entry), is_in(entry, organization));
        }
        if let Some(status) = self.status {
            compare("status", &status.to_string(), Some(&entry.status.to_string()), entry.status == status);
        }
        differences
    }

    fn narrowed(&self) -> impl Iterator<Item = (&'static str, String)> {
        let RequestFilter { client, audience, organization, status, .. } = self;
        let texts =
            [("client", client.clone()), ("audience", audience.clone()), ("organization", organization.clone())];
        let status = ("status", status.map(|status| status.to_string()));
        texts.into_iter().chain([status]).filter_map(|(what, value)| Some((what, value?)))
    }
}

/// The last few requests of a kind.
#[derive(Debug, Default)]
struct Last(VecDeque<JournalEntry>);

impl Last {
    fn add(&mut self, entry: &JournalEntry) {
        if self.0.len() == SHOWN {
            self.0.pop_front();
        }
        self.0.push_back(entry.clone());
    }
}

/// Requests, a line for each.
struct Lines<Entries>(Entries);

impl<'e, Entries: IntoIterator<Item = &'e JournalEntry> + Clone> fmt::Display for Lines<Entries> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.clone().into_iter().try_for_each(|entry| writeln!(f, "    {} {entry}", entry.number))
    }
}
