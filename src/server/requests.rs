//! The filters of the journal: [`Requests`], and the conditions under which a request belongs to a client, an API, an
//! organization or an operation.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::Serialize;

use crate::api::{JournalEntry, Operation};

/// The requests to a tenant, oldest first: a list of [`JournalEntry`], with filters that can be chained.
///
/// ```
/// # let tenant = m2mock::MockTenant::start();
/// # let api = tenant.api("https://travel0.example/api").create();
/// # let (bot, stranger) = (tenant.application("Partner bot").create(), tenant.application("Stranger").create());
/// # tenant.client_grant(&bot, &api).create();
/// # let _ = tenant.token(&bot).audience(&api).request();
/// # let _ = tenant.token(&stranger).audience(&api).request();
/// let tokens = tenant.requests().tokens();
/// assert_eq!(tokens.count(), 2);
/// assert_eq!(tenant.requests().tokens().for_client(&bot).granted().count(), 1);
///
/// let refused = tenant.requests().tokens().refused();
/// let decision = refused[0].token.as_ref().unwrap();
/// assert_eq!(decision.client_id.as_deref(), Some(stranger.client_id.as_str()));
/// assert_eq!(decision.rules, ["R70", "T4"]);
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Requests(Vec<JournalEntry>);

impl Requests {
    /// Token requests.
    pub fn tokens(self) -> Requests {
        self.keep(|entry| entry.token.is_some())
    }

    /// Requests that got a token.
    pub fn granted(self) -> Requests {
        self.keep(is_granted)
    }

    /// Requests that were refused, by the token endpoint or the Management API.
    pub fn refused(self) -> Requests {
        self.keep(|entry| entry.status >= 400)
    }

    /// Requests with this status.
    pub fn answered_with(self, status: u16) -> Requests {
        self.keep(|entry| entry.status == status)
    }

    /// Requests of a client, an application or its `client_id`: its token requests, and calls of the Management API with its
    /// tokens.
    pub fn for_client(self, client: impl Into<String>) -> Requests {
        let client = client.into();
        self.keep(|entry| client_of(entry) == Some(&client))
    }

    /// Token requests for this audience: an API or its identifier.
    pub fn audience(self, audience: impl Into<String>) -> Requests {
        let audience = audience.into();
        self.keep(|entry| audience_of(entry) == Some(&audience))
    }

    /// Token requests for this organization, named or by default: an organization, its id, or the value in the request.
    pub fn in_organization(self, organization: impl Into<String>) -> Requests {
        let organization = organization.into();
        self.keep(|entry| is_in(entry, &organization))
    }

    /// Requests for one operation, whatever the answer: method and path, such as `POST /client-grants`, `GET /clients/{id}` for any
    /// client, or `GET /.well-known/jwks.json`. The prefix `/api/v2` is optional.
    pub fn operation(self, operation: &str) -> Requests {
        let operation = OperationName::parse(operation);
        self.keep(|entry| operation.as_ref().is_some_and(|operation| operation.names(entry)))
    }

    /// Requests to this path, whatever their query.
    pub fn to_path(self, path: &str) -> Requests {
        self.keep(|entry| entry.path.split('?').next() == Some(path))
    }

    /// Requests after the one with this number.
    pub fn after(self, number: u64) -> Requests {
        self.keep(|entry| entry.number > number)
    }

    /// Requests for operations that are not modelled.
    pub fn unmodelled(self) -> Requests {
        self.keep(|entry| entry.unmodelled)
    }

    /// The number of requests.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Requests for which the condition has this value.
    pub(super) fn that_are(self, so: bool, wanted: fn(&JournalEntry) -> bool) -> Requests {
        self.keep(|entry| wanted(entry) == so)
    }

    fn keep(mut self, wanted: impl Fn(&JournalEntry) -> bool) -> Requests {
        self.0.retain(wanted);
        self
    }
}

/// One line per request.
impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|entry| writeln!(f, "{} {entry}", entry.number))
    }
}

impl From<Vec<JournalEntry>> for Requests {
    fn from(entries: Vec<JournalEntry>) -> Self {
        Requests(entries)
    }
}

impl Deref for Requests {
    type Target = Vec<JournalEntry>;

    fn deref(&self) -> &Vec<JournalEntry> {
        &self.0
    }
}

impl DerefMut for Requests {
    fn deref_mut(&mut self) -> &mut Vec<JournalEntry> {
        &mut self.0
    }
}

impl IntoIterator for Requests {
    type Item = JournalEntry;
    type IntoIter = std::vec::IntoIter<JournalEntry>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'r> IntoIterator for &'r Requests {
    type Item = &'r JournalEntry;
    type IntoIter = std::slice::Iter<'r, JournalEntry>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// Whether a token was issued.
pub(super) fn is_granted(entry: &JournalEntry) -> bool {
    entry.token.as_ref().is_some_and(|decision| decision.granted)
}

/// The client of the request.
pub(super) fn client_of(entry: &JournalEntry) -> Option<&str> {
    let of_token = entry.token.as_ref().and_then(|decision| decision.client_id.as_deref());
    of_token.or(entry.client_id.as_deref())
}

/// The API of a token request.
pub(super) fn audience_of(entry: &JournalEntry) -> Option<&str> {
    entry.token.as_ref().and_then(|decision| decision.audience.as_deref())
}

/// The organization of a token request: the id of the one that applied, else the value in the request.
pub(super) fn organization_of(entry: &JournalEntry) -> Option<&str> {
    let decision = entry.token.as_ref()?;
    decision.organization_id.as_deref().or(decision.organization.as_deref())
}

/// Whether a token request names this organization.
pub(super) fn is_in(entry: &JournalEntry, organization: &str) -> bool {
    let named = entry.token.as_ref().and_then(|decision| decision.organization.as_deref());
    organization_of(entry) == Some(organization) || named == Some(organization)
}

/// Method and path of an operation, the path without `/api/v2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OperationName {
    pub(super) method: String,
    pub(super) path: String,
}

impl OperationName {
    /// Reads `POST /client-grants`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (method, path) = text.split_once(' ')?;
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        (is_method && path.starts_with('/'))
            .then(|| OperationName { method: method.to_owned(), path: below(path).to_owned() })
    }

    /// Whether a request is for this operation.
    pub(super) fn names(&self, entry: &JournalEntry) -> bool {
        let is_row = |row: &Operation| row.method == self.method && row.path == self.path;
        entry.operation.is_some_and(is_row) || entry.method == self.method && path_of(entry) == self.path
    }

    /// Whether a request goes to the same collection.
    pub(super) fn is_near(&self, entry: &JournalEntry) -> bool {
        let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
        first(&self.path) == first(path_of(entry))
    }
}

impl fmt::Display for OperationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The path of a request without its query.
fn path_of(entry: &JournalEntry) -> &str {
    below(entry.path.split('?').next().unwrap_or_default())
}

fn below(path: &str) -> &str {
    path.strip_prefix("/api/v2").filter(|below| below.starts_with('/')).unwrap_or(path)
}
