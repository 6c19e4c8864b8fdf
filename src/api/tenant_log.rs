//! The tenant's log, which `/logs` shows: token requests, warnings of quotas, and changes through the Management API.
//!
//! It has its own lock, beside that of the state, which is held only while an entry is added or a search reads. An [`Event`] is
//! compact and becomes JSON when it is read (`management/tenant/log_entry.rs`). Calls of the owner in the process are not
//! requests and add no event.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use bytes::Bytes;
use http::uri::Authority;
use http::{Request, header};

use super::lock::lock;
use super::timestamp::timestamp;
use crate::domain::BoundedText;
use crate::domain::quota::{Owner, Reached};
use crate::domain::rate_limit_policy::Action;
use crate::redaction;

/// The address that a request came from, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub IpAddr);

impl Peer {
    /// The address of a request; the local machine for a call within the process.
    pub(super) fn of(request: &Request<Bytes>) -> Peer {
        request.extensions().get().copied().unwrap_or(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }
}

/// An entry of the log.
#[derive(Debug)]
pub(super) struct Event {
    number: u64,
    /// Its size in bytes.
    size: usize,
    pub(super) at: SystemTime,
    pub(super) ip: IpAddr,
    pub(super) user_agent: Option<BoundedText>,
    pub(super) hostname: BoundedText,
    pub(super) what: EventKind,
}

/// The kind of an event, with its data.
#[derive(Debug)]
pub(super) enum EventKind {
    /// A token request.
    Token(Box<TokenEvent>),
    /// A quota reached a threshold.
    QuotaReached(Box<QuotaReached>),
    /// A request beyond the limit of a rate limit policy.
    LimitReached(Box<LimitReached>),
    /// A change through the Management API.
    Operation(Box<OperationEvent>),
}

/// A token request, as far as it could be parsed.
#[derive(Clone, Debug, Default)]
pub(super) struct TokenEvent {
    /// The reason of the refusal; `None` for a granted token.
    pub(super) refusal: Option<BoundedText>,
    pub(super) client_authentication_error: Option<BoundedText>,
    pub(super) client_id: Option<BoundedText>,
    pub(super) client_name: Option<BoundedText>,
    pub(super) agent: Option<AgentRef>,
    pub(super) audience: Option<BoundedText>,
    pub(super) scope: Option<BoundedText>,
    pub(super) organization: Option<OrganizationRef>,
    /// The thumbprint of the certificate that authenticated the client of a granted token.
    pub(super) certificate: Option<BoundedText>,
}

/// The ids of an agent.
#[derive(Clone, Debug)]
pub(super) struct AgentRef {
    pub(super) id: BoundedText,
    pub(super) external_id: Option<BoundedText>,
}

/// Id and name of an organization.
#[derive(Clone, Debug)]
pub(super) struct OrganizationRef {
    pub(super) id: BoundedText,
    pub(super) name: BoundedText,
}

#[derive(Debug)]
pub(super) struct QuotaReached {
    pub(super) owner: Owner,
    pub(super) id: BoundedText,
    pub(super) name: BoundedText,
    pub(super) reached: Reached,
}

#[derive(Debug)]
pub(super) struct LimitReached {
    /// `consumer_selector` of the policy.
    pub(super) policy: BoundedText,
    pub(super) action: Action,
    /// Requests in a second.
    pub(super) limit: u32,
    pub(super) client_id: BoundedText,
    pub(super) client_name: BoundedText,
    /// Whether the policy refused the request.
    pub(super) is_refused: bool,
}

/// A change over HTTP and its outcome.
#[derive(Debug)]
pub(super) struct OperationEvent {
    pub(super) method: &'static str,
    /// The row's path, with its parameters in braces.
    pub(super) row: &'static str,
    /// The path of the request.
    pub(super) path: BoundedText,
    pub(super) query: Option<BoundedText>,
    pub(super) client_id: BoundedText,
    /// The scopes of its token, as one text: entries of one token share it.
    pub(super) scope: Arc<str>,
    /// Absent if it is empty or longer than [`LONGEST_BODY`].
    pub(super) request_body: Option<Box<[u8]>>,
    pub(super) response_body: Option<Box<[u8]>>,
    pub(super) status: u16,
    /// The sentence of the refusal.
    pub(super) refusal: Option<BoundedText>,
}

/// The text that replaces a secret, as in the live service.
pub(super) const MASK: &str = "*****";
/// Longer bodies are omitted.
const LONGEST_BODY: usize = 4096;
/// The most bytes of all entries. An entry has at most 14 kB, and usually 1 or 2 kB, so the log usually keeps ten
/// thousand.
const MOST_BYTES: usize = 32 * 1024 * 1024;

impl OperationEvent {
    /// A copy of a body that is not too long. The buffer that it was read into may be much larger.
    pub(super) fn copy_of(body: &[u8]) -> Option<Box<[u8]>> {
        (1..=LONGEST_BODY).contains(&body.len()).then(|| body.into())
    }
}

/// The last entries, within a number of entries and a number of bytes.
#[derive(Debug)]
pub(super) struct TenantLog {
    entries: Mutex<Entries>,
    capacity: usize,
    most_bytes: usize,
}

#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Their numbers follow one another.
    events: VecDeque<Arc<Event>>,
    /// The size of all entries.
    bytes: usize,
    /// The scopes of the last token that requested a change; the next entry of this token shares them.
    scope: Arc<str>,
    /// The number of the next one.
    next: u64,
}

impl TenantLog {
    /// An empty log that keeps this many entries.
    pub(super) fn new(capacity: usize) -> Self {
        TenantLog { entries: Mutex::default(), capacity: capacity.max(1), most_bytes: MOST_BYTES }
    }

    /// Adds the events of a request, and drops the oldest entries if the log is full.
    pub(super) fn add(&self, request: &Request<Bytes>, at: SystemTime, domain: &str, what: Vec<EventKind>) {
        if what.is_empty() {
            return;
        }
        let Peer(ip) = Peer::of(request);
        let user_agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let user_agent: Option<BoundedText> = user_agent.map(|agent| redaction::text(agent, MASK).into());
        let hostname = hostname(request).unwrap_or_else(|| domain.into());
        let mut entries = self.entries();
        for mut what in what {
            let is_shared = match &mut what {
                EventKind::Operation(operation) => entries.share_scope(operation),
                EventKind::Token(_) | EventKind::QuotaReached(_) | EventKind::LimitReached(_) => true,
            };
            let (user_agent, hostname) = (user_agent.clone(), hostname.clone());
            let size = what.size(is_shared) + hostname.len() + length(&user_agent) + size_of::<Event>();
            entries.make_room(self.capacity - 1, self.most_bytes.saturating_sub(size));
            let number = entries.next;
            entries.next += 1;
            entries.bytes += size;
            entries.events.push_back(Arc::new(Event { number, size, at, ip, user_agent, hostname, what }));
        }
    }

    /// Forgets every entry. Numbers go on, so that the id of a forgotten one stays unknown.
    pub(super) fn clear(&self) {
        let forgotten = {
            let mut entries = self.entries();
            entries.bytes = 0;
            std::mem::take(&mut entries.events)
        };
        drop(forgotten); // with nobody waiting for it
    }

    pub(super) fn entries(&self) -> MutexGuard<'_, Entries> {
        lock(&self.entries)
    }
}

impl Entries {
    /// Gives the oldest entries up until there are at most so many, which take at most so many bytes.
    fn make_room(&mut self, entries: usize, bytes: usize) {
        while self.events.len() > entries || self.bytes > bytes {
            let Some(oldest) = self.events.pop_front() else { return };
            self.bytes -= oldest.size;
        }
    }

    /// A token may have some hundred scopes, and most changes come with the same token. Gives whether another entry has the
    /// scopes already.
    fn share_scope(&mut self, operation: &mut OperationEvent) -> bool {
        let is_shared = self.scope == operation.scope;
        if is_shared {
            operation.scope = Arc::clone(&self.scope);
        } else {
            self.scope = Arc::clone(&operation.scope);
        }
        is_shared
    }

    /// The entries, oldest first.
    pub(super) fn oldest_first(&self) -> impl DoubleEndedIterator<Item = &Arc<Event>> {
        self.events.iter()
    }

    /// The entries that were written after the one with this id, also if that one is gone; `None` if the text is no id
    /// of an entry.
    pub(super) fn after(&self, id: &str) -> Option<impl Iterator<Item = &Arc<Event>>> {
        let number = number_of(id)?;
        Some(self.events.range(self.events.partition_point(|event| event.number <= number)..))
    }

    /// The entries from this number on.
    pub(super) fn since(&self, number: u64) -> impl Iterator<Item = &Arc<Event>> {
        self.events.range(self.events.partition_point(|event| event.number < number)..)
    }

    /// The number of the first entry from this moment on.
    pub(super) fn first_since(&self, moment: SystemTime) -> u64 {
        self.events.iter().find(|event| event.at >= moment).map_or(self.next, |event| event.number)
    }

    /// The number of the next entry.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The entry with this id.
    pub(super) fn find(&self, id: &str) -> Option<&Arc<Event>> {
        let number = number_of(id)?;
        let place = self.events.binary_search_by_key(&number, |event| event.number).ok()?;
        self.events.get(place).filter(|event| event.id() == id)
    }
}

impl EventKind {
    /// The bytes that it takes, with the scopes of its token unless another entry has them.
    fn size(&self, shares_scope: bool) -> usize {
        match self {
            EventKind::Token(exchange) => exchange.size(),
            EventKind::QuotaReached(reached) => size_of::<QuotaReached>() + reached.id.len() + reached.name.len(),
            EventKind::LimitReached(reached) => {
                size_of::<LimitReached>() + reached.policy.len() + reached.client_id.len() + reached.client_name.len()
            }
            EventKind::Operation(operation) => operation.size() + if shares_scope { 0 } else { operation.scope.len() },
        }
    }
}

impl TokenEvent {
    fn size(&self) -> usize {
        let texts = [
            &self.refusal,
            &self.client_authentication_error,
            &self.client_id,
            &self.client_name,
            &self.audience,
            &self.scope,
            &self.certificate,
        ];
        let organization =
            self.organization.as_ref().map_or(0, |organization| organization.id.len() + organization.name.len());
        let agent = self.agent.as_ref().map_or(0, |agent| agent.id.len() + length(&agent.external_id));
        size_of::<Self>() + texts.into_iter().map(length).sum::<usize>() + organization + agent
    }
}

impl OperationEvent {
    fn size(&self) -> usize {
        let bodies = [&self.request_body, &self.response_body];
        let bodies: usize = bodies.into_iter().flatten().map(|body| body.len()).sum();
        let texts = self.path.len() + length(&self.query) + self.client_id.len() + length(&self.refusal);
        size_of::<Self>() + bodies + texts
    }
}

fn length(text: &Option<BoundedText>) -> usize {
    text.as_ref().map_or(0, |text| text.len())
}

impl Event {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// `log_id`, in the form of recorded ones: 56 digits, of which the first say when, so that ids stand in order.
    pub(super) fn id(&self) -> String {
        let moment: String = timestamp(self.at).chars().filter(char::is_ascii_digit).collect();
        format!("900{moment}{MIDDLE}{:012}", self.number)
    }
}

/// The digits of recorded ids between the moment and the number.
const MIDDLE: &str = "000000000000001223372037";

fn number_of(id: &str) -> Option<u64> {
    let digits = id.len() == 56 && id.starts_with("900") && id.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| id[44..].parse().ok()).flatten()
}

/// The name under which the tenant was reached, without the port.
fn hostname(request: &Request<Bytes>) -> Option<BoundedText> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    Some(host.parse::<Authority>().ok()?.host().into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// One second past the beginning of 2026.
    const AT: Duration = Duration::from_secs(1_767_225_601);

    fn log_of(count: usize) -> TenantLog {
        let log = TenantLog::new(3);
        for _ in 0..count {
            log.add(
                &Request::default(),
                SystemTime::UNIX_EPOCH + AT,
                "travel0.localhost",
                vec![EventKind::Token(Box::default())],
            );
        }
        log
    }

    fn numbers<'a>(events: impl Iterator<Item = &'a Arc<Event>>) -> Vec<u64> {
        events.map(|event| event.number).collect()
    }

    #[test]
    fn the_log_keeps_the_last_entries_only() {
        assert_eq!(numbers(log_of(5).entries().oldest_first()), [2, 3, 4]);
    }

    /// A change with bodies of this length, asked for with a token that has this scope.
    fn operation(body: usize, scope: &str) -> EventKind {
        EventKind::Operation(Box::new(OperationEvent {
            method: "PATCH",
            row: "/clients/{id}",
            path: "/api/v2/clients/bot".into(),
            query: None,
            client_id: "bot".into(),
            scope: scope.into(),
            request_body: OperationEvent::copy_of(&vec![b'x'; body]),
            response_body: None,
            status: 200,
            refusal: None,
        }))
    }

    #[test]
    fn large_entries_leave_room_for_fewer_of_them() {
        let log = TenantLog { most_bytes: 20_000, ..TenantLog::new(10_000) };
        let add = |what: EventKind| {
            log.add(&Request::default(), SystemTime::UNIX_EPOCH + AT, "travel0.localhost", vec![what])
        };
        for _ in 0..100 {
            add(operation(LONGEST_BODY, "update:clients"));
        }
        assert_eq!(numbers(log.entries().oldest_first()), [96, 97, 98, 99]);
        for number in 0..100 {
            add(operation(1, &format!("{number}{}", "s".repeat(9_000))));
        }
        assert_eq!(numbers(log.entries().oldest_first()), [198, 199], "each token has scopes of its own");
        for _ in 0..100 {
            add(operation(1, "update:clients"));
        }
        let kept = log.entries().events.len();
        assert!((20..80).contains(&kept), "{kept} small entries");
        log.clear();
        assert_eq!(log.entries().bytes, 0);
    }

    #[test]
    fn an_entry_larger_than_the_log_is_the_only_one() {
        let log = TenantLog { most_bytes: 100, ..TenantLog::new(10) };
        for _ in 0..3 {
            log.add(&Request::default(), SystemTime::UNIX_EPOCH + AT, "travel0.localhost", vec![operation(10, "")]);
        }
        assert_eq!(numbers(log.entries().oldest_first()), [2]);
    }

    #[test]
    fn an_entry_is_found_by_its_id_and_so_is_what_came_after_it() {
        let log = log_of(5);
        let entries = log.entries();
        let ids: Vec<String> = entries.oldest_first().map(|event| event.id()).collect();
        assert_eq!(ids[0], "90020260101000001000000000000000001223372037000000000002");
        assert_eq!(entries.find(&ids[1]).map(|event| event.number), Some(3));
        assert_eq!(entries.after(&ids[1]).map(numbers), Some(vec![4]));
        assert_eq!(entries.after(&ids[2]).map(numbers), Some(vec![]));
    }

    #[test]
    fn what_came_after_an_entry_that_is_gone_is_all_there_is() {
        let log = log_of(5);
        let gone = "90020260101000001000000000000000001223372037000000000000";
        assert!(log.entries().find(gone).is_none());
        assert_eq!(log.entries().after(gone).map(numbers), Some(vec![2, 3, 4]));
    }

    #[test]
    fn the_id_of_a_forgotten_entry_stays_unknown() {
        let log = log_of(1);
        let id = log.entries().oldest_first().map(|event| event.id()).next().expect("an entry");
        log.clear();
        log.add(
            &Request::default(),
            SystemTime::UNIX_EPOCH + AT,
            "travel0.localhost",
            vec![EventKind::Token(Box::default())],
        );
        assert!(log.entries().find(&id).is_none());
    }

    #[test]
    fn another_text_is_no_id() {
        let log = log_of(1);
        let entries = log.entries();
        let id = entries.oldest_first().map(|event| event.id()).next().expect("an entry");
        for text in ["", "90", &id[1..], &id.replace('0', "é"), &format!("{id}0"), &id.replacen('9', "8", 1)] {
            assert!(entries.after(text).is_none() && entries.find(text).is_none(), "{text}");
        }
        assert!(entries.find(&id.replacen("2026", "2027", 1)).is_none(), "the moment belongs to the id");
    }
}
