//! What a test expects of the requests that its tenant gets, in the manner of `wiremock`: said beforehand, counted as
//! requests come, and checked when the tenant is dropped.
//!
//! What is counted here does not depend on the journal, which is bounded and can be emptied. Of the requests themselves only
//! the last few are kept, to tell what came instead.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Write as _};
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::requests::{OperationName, audience_of, client_of, is_granted, is_in, organization_of};
use super::{MockTenant, Times};
use crate::api::{JournalEntry, Operation, Tenant, failure_report, printable};

/// How many requests of a kind a message shows: the last ones.
const SHOWN: usize = 5;

/// How many operations that are not modelled are told apart.
const MOST_UNMODELLED: usize = 50;

impl MockTenant {
    /// Expects so many tokens to be given, from now on: a number or a range. Requests that are refused do not count.
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
    /// What is not met makes the test fail at its end, when the tenant is dropped; see [`verify`](Self::verify).
    #[track_caller]
    pub fn expect_tokens(&self, times: impl Into<Times>) -> Expectation<'_> {
        self.expect(Subject::Tokens, times.into())
    }

    /// Expects so many requests of one operation, from now on and whatever they are answered: method and path, as
    /// `POST /client-grants`, `GET /clients/{id}` for any client, or `GET /.well-known/jwks.json`. Below the Management API,
    /// `/api/v2` may be left out.
    ///
    /// ```
    /// let tenant = m2mock::MockTenant::start();
    /// tenant.expect_operation("POST /client-grants", 0).named("nothing is granted");
    /// ```
    ///
    /// # Panics
    ///
    /// When nothing of this name is modelled and the tenant does not
    /// [allow](super::MockTenantBuilder::allow_unmodelled_operations) that: it would never come.
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

    /// Checks now what is otherwise checked when the tenant is dropped: that what the test expects was met, and that nothing
    /// was asked that is not modelled. For a tenant that is never dropped, as one in a `static`, this is the only check.
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
    /// When an expectation is not met, with the requests that did arrive.
    ///
    /// A tenant that is dropped while its thread panics adds no panic. It prints to standard error, once, what may explain
    /// the failure: the requests that were refused, with rule and facts, those for operations that are not modelled, and
    /// those that hit a fault.
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

    /// What may explain a failure of the test, from the journal.
    fn failure_report(&self) -> Option<String> {
        let mut requests = self.tenant.requests();
        if self.verification.reported.load(Ordering::Relaxed) {
            requests.retain(|entry| !entry.unmodelled);
        }
        failure_report(&format!("m2mock at {}", self.uri()), &requests)
    }
}

/// What a test expects; made by [`MockTenant::expect_tokens`] and [`MockTenant::expect_operation`]. It counts from the
/// moment at which it is made.
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
    /// Of this client only: an application or its `client_id`.
    pub fn for_client(self, client: impl Into<String>) -> Self {
        let client = client.into();
        self.narrow(|expected| expected.wanted.client = Some(client))
    }

    /// For this audience only: an API or its identifier.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        let audience = audience.into();
        self.narrow(|expected| expected.wanted.audience = Some(audience))
    }

    /// For this organization only, asked for or used by default: an organization, its id, or what requests name.
    pub fn in_organization(self, organization: impl Into<String>) -> Self {
        let organization = organization.into();
        self.narrow(|expected| expected.wanted.organization = Some(organization))
    }

    /// Answered with this status only.
    pub fn answered_with(self, status: u16) -> Self {
        self.narrow(|expected| expected.wanted.status = Some(status))
    }

    /// What the message calls it.
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

/// What the test expects and what has been counted.
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
    /// How often each was asked for.
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

    /// What is not as expected, in lines.
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

    /// What was asked and is not modelled, in lines.
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

/// One expectation and what has been counted for it.
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

/// What the message says of one that is not met.
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
