//! Expectations of a test about the requests to its tenant, as in `wiremock`: set in advance, counted as requests arrive, and
//! checked when the tenant is dropped.
//!
//! Counts do not depend on the journal, which is bounded and can be cleared. Only the last few requests are kept, to list them
//! if an expectation is not met.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Write as _};
use std::panic::Location;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::call_count::Times;
use super::requests::{OperationName, audience_of, client_of, is_granted, is_in, organization_of};
use crate::api::{JournalEntry, Operation, printable};

/// The number of requests of a kind in a message: the last ones.
const SHOWN: usize = 5;

/// The most operations that are not modelled and counted separately.
const MOST_UNMODELLED: usize = 50;

/// An expectation; made by [`MockTenant::expect_tokens`](super::MockTenant::expect_tokens) and [`MockTenant::expect_operation`](super::MockTenant::expect_operation). It counts from then on.
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
    pub(super) allows_unmodelled: bool,
    /// Whether a panic has listed the requests that are not modelled.
    pub(super) reported: AtomicBool,
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

    /// Adds an expectation, at the place of the caller.
    #[track_caller]
    pub(super) fn expect(&self, what: Subject, times: Times) -> Expectation<'_> {
        let mut counts = self.lock();
        counts.expectations.push(Expected {
            wanted: RequestFilter { what, client: None, audience: None, organization: None, status: None },
            times,
            name: None,
            place: Location::caller(),
            count: 0,
            matching: Last::default(),
            near: Last::default(),
        });
        Expectation { verification: self, index: counts.expectations.len() - 1 }
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

    /// The unmet expectations of the tenant at this address, one per line; `journal` are the requests to it.
    pub(super) fn report(&self, uri: &str, journal: &[JournalEntry]) -> Option<String> {
        let unmodelled = self.unmodelled();
        let counts = self.lock();
        let unmet: Vec<&Expected> =
            counts.expectations.iter().filter(|expected| !expected.times.allow(expected.count)).collect();
        if unmet.is_empty() {
            return unmodelled;
        }
        let mut report = format!("the tenant at {uri} was not asked what the test expects\n");
        for expected in unmet {
            let _ = write!(report, "\n{expected}");
            if expected.matching.0.is_empty() && expected.near.0.is_empty() {
                let _ = match journal {
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
pub(super) enum Subject {
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
