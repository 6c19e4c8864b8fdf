//! A recorded body beside a live one: identifiers by reference, volatile values by shape, everything else exactly.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::identifiers::{Identifiers, is_identifier, same_form};

/// Members whose values differ from recording to recording: the same type, and something in it.
const VOLATILE: [&str; 41] = [
    "access_token",
    "action_duration_ms",
    "auth_req_id",
    "awsPartnerEventSource",
    "aws_partner_event_source",
    "azure_partner_topic",
    "barcode_uri",
    "boot_duration_ms",
    "cert",
    "client_secret",
    "fingerprint",
    "id_token",
    "invitation_url",
    "ip",
    "kid",
    "last_ip",
    "location",
    "network_duration_ms",
    "next",
    "oob_code",
    "origin_domain_name",
    "pkcs7",
    "provisioning_ticket_url",
    "public_key",
    "public_wrapping_key",
    "record",
    "recovery_code",
    "refresh_token",
    "request_uri",
    "runtime_external_call_duration_ms",
    "runtime_processing_duration_ms",
    "signing_secret",
    "thumbprint",
    "thumbprint_sha256",
    "ticket",
    "token",
    "total_request_duration_ms",
    "total_runtime_execution_duration_ms",
    "user_agent",
    "verification_host",
    "verification_txt",
];
/// Members of which only the type counts: the live service has them from elsewhere.
const OPAQUE: [&str; 5] = ["certs", "oidc_metadata", "recovery_codes", "signing_keys", "thumbprints"];
/// Members that the live service no longer has under this name.
const RETIRED: [&str; 1] = ["cross_origin_auth"];
const ENVELOPE: [&str; 7] = ["length", "limit", "next", "page", "per_page", "start", "total"];
/// By which an item of a list is found again.
pub(super) const IDENTITY: [&str; 11] = [
    "id",
    "client_id",
    "user_id",
    "connection_id",
    "custom_domain_id",
    "token_id",
    "template",
    "key",
    "identifier",
    "permission_name",
    "name",
];
const NATURAL: [&str; 7] = ["identifier", "name", "email", "display_name", "value", "key", "domain"];
/// Members that hold the identifier of a thing.
const IDS: [&str; 5] = ["id", "client_id", "user_id", "connection_id", "custom_domain_id"];
/// What recorders write in the place of a secret.
const REDACTED: [&str; 5] =
    ["[REDACTED]", "[ROTATED-REDACTED]", "test-access-token", "test-other-access-token", "test-refresh-token"];

fn is_volatile(key: &str) -> bool {
    VOLATILE.contains(&key)
}

/// One place where two bodies differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// JSON pointer into the recorded body; `*` for an item that has no partner.
    pub pointer: String,
    /// In which way.
    pub kind: String,
    /// What was recorded there.
    pub recorded: Option<Value>,
    /// What the live answer has there.
    pub live: Option<Value>,
}

/// How much of a recorded body the cassette itself established.
#[derive(Clone, Copy)]
pub(super) enum Proven<'a> {
    /// All of it.
    All,
    /// Nothing: only its shape counts.
    Nothing,
    /// The members that it wrote.
    Written(&'a Map<String, Value>),
}

impl<'a> Proven<'a> {
    fn within(self, key: &str) -> Proven<'a> {
        match self {
            Proven::Written(members) => Proven::of(members.get(key)),
            other => other,
        }
    }

    /// By what was written of a value: `true`, or the members of an object.
    pub fn of(written: Option<&'a Value>) -> Proven<'a> {
        match written {
            Some(Value::Object(members)) => Proven::Written(members),
            Some(Value::Bool(true)) => Proven::All,
            _ => Proven::Nothing,
        }
    }
}

/// What a comparison goes by.
pub(super) struct Basis<'a> {
    /// Texts that the cassette has sent so far: an echo must be exact.
    pub sent: &'a HashSet<String>,
    /// The recorder printed the body from a structure of its own, so members may be lost.
    pub lenient: bool,
    /// Members that the recorder put in.
    pub injected: &'a [String],
    /// Whether the cassette made an item.
    pub known: &'a dyn Fn(&Value) -> bool,
    /// Whether the live service itself adds this value at this pointer in other recordings.
    pub may_add: &'a dyn Fn(&str, &Value) -> bool,
}

/// One recorded body against one live body.
pub(super) struct Comparison<'a> {
    ids: &'a mut Identifiers,
    basis: &'a Basis<'a>,
    /// Where the items of a list stand, so that pointers within them are told from there.
    item_root: Option<String>,
    pub differences: Vec<Difference>,
    pub notes: BTreeSet<&'static str>,
}

/// Pairs of items, recorded ones without a partner, and live ones (with their places) without.
struct Paired<'b> {
    pairs: Vec<(&'b Value, (usize, &'b Value))>,
    lost: Vec<&'b Value>,
    rest: Vec<(usize, &'b Value)>,
}

impl<'a> Comparison<'a> {
    pub fn new(ids: &'a mut Identifiers, basis: &'a Basis<'a>) -> Self {
        Comparison { ids, basis, item_root: None, differences: Vec::new(), notes: BTreeSet::new() }
    }

    pub fn differ(&mut self, pointer: &str, kind: impl Into<String>, recorded: Option<&Value>, live: Option<&Value>) {
        self.differences.push(Difference {
            pointer: pointer.to_owned(),
            kind: kind.into(),
            recorded: recorded.cloned(),
            live: live.cloned(),
        });
    }

    /// Two values at one place. `key` is the name of the nearest member around them.
    pub fn value(&mut self, recorded: &Value, live: &Value, pointer: &str, key: &str, proven: Proven<'_>) {
        if OPAQUE.contains(&key) && type_of(recorded) == type_of(live) {
            return;
        }
        let full = match proven {
            Proven::All => true,
            Proven::Nothing => false,
            Proven::Written(_) => !recorded.is_object(),
        };
        match (recorded, live) {
            (Value::Object(recorded), Value::Object(live)) => self.object(recorded, live, pointer, proven),
            (Value::Array(recorded), Value::Array(live)) => self.array(recorded, live, pointer, key, proven),
            // Where only the shape counts, nothing is as good as something.
            _ if type_of(recorded) != type_of(live) && (full || !recorded.is_null() && !live.is_null()) => {
                let kind = format!("type {} -> {}", type_of(recorded), type_of(live));
                self.differ(pointer, kind, Some(recorded), Some(live));
            }
            (Value::String(recorded), Value::String(live)) => self.text(recorded, live, pointer, key, full),
            (Value::Bool(then), Value::Bool(now)) if full && then != now && !is_volatile(key) => {
                self.differ(pointer, format!("value {then} -> {now}"), Some(recorded), Some(live));
            }
            (Value::Number(then), Value::Number(now)) if full && then.as_f64() != now.as_f64() && !is_volatile(key) => {
                self.differ(pointer, "value", Some(recorded), Some(live));
            }
            _ => {}
        }
    }

    fn object(&mut self, recorded: &Map<String, Value>, live: &Map<String, Value>, pointer: &str, proven: Proven<'_>) {
        let keys: BTreeSet<&String> = recorded.keys().chain(live.keys()).collect();
        for key in keys {
            let here = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            let part = proven.within(key);
            match (recorded.get(key), live.get(key)) {
                (Some(expected), Some(actual)) => self.value(expected, actual, &here, key, part),
                _ if matches!(part, Proven::Nothing) => {}
                (Some(expected), None) => {
                    if !self.basis.injected.contains(key) && !RETIRED.contains(&key.as_str()) {
                        self.differ(&here, "missing", Some(expected), None);
                    }
                }
                (None, Some(actual)) => {
                    if !self.basis.lenient && !(self.basis.may_add)(&self.general(&here), actual) {
                        self.differ(&here, "extra", None, Some(actual));
                    }
                }
                (None, None) => {}
            }
        }
    }

    /// A pointer within one object, also for an item of a list, with `*` for indexes.
    fn general(&self, pointer: &str) -> String {
        let mut pointer = pointer;
        if let Some(within) = self.item_root.as_deref().and_then(|root| pointer.strip_prefix(root)) {
            let item = within.strip_prefix('/').unwrap_or_default();
            let end = item.find('/').unwrap_or(item.len());
            if is_index(&item[..end]) {
                pointer = &item[end..];
            }
        }
        starred(pointer)
    }

    fn array(&mut self, recorded: &[Value], live: &[Value], pointer: &str, key: &str, proven: Proven<'_>) {
        if matches!(proven, Proven::Nothing) {
            let here = format!("{pointer}/*");
            for (expected, actual) in recorded.iter().zip(live) {
                self.value(expected, actual, &here, key, Proven::Nothing);
            }
            return;
        }
        if recorded.iter().chain(live).any(Value::is_object) {
            let Paired { pairs, lost, rest } =
                self.pair(recorded.iter().collect(), live.iter().enumerate().collect(), true);
            for (index, (expected, (_, actual))) in pairs.into_iter().enumerate() {
                self.value(expected, actual, &format!("{pointer}/{index}"), key, Proven::All);
            }
            self.unpaired(&format!("{pointer}/*"), &lost, &rest);
            return;
        }
        if recorded.len() == live.len() {
            let basis = Basis { injected: &[], known: &|_| true, may_add: &|_, _| false, ..*self.basis };
            let mut attempt = Comparison::new(self.ids, &basis);
            for (expected, actual) in recorded.iter().zip(live) {
                attempt.value(expected, actual, pointer, key, Proven::All);
            }
            if attempt.differences.is_empty() {
                return;
            }
            let sorted = |values: Vec<Value>| {
                let mut texts: Vec<String> = values.iter().map(Value::to_string).collect();
                texts.sort();
                texts
            };
            let mapped = recorded.iter().map(|value| self.ids.value_to_live(value)).collect();
            if sorted(mapped) == sorted(live.to_vec()) {
                let by_ids = recorded.iter().filter_map(Value::as_str).any(|text| self.ids.live_for(text).is_some());
                if !by_ids {
                    // An order by ids that were drawn cannot be had again.
                    self.differ(pointer, "order", Some(&recorded.into()), Some(&live.into()));
                }
                return;
            }
        }
        self.differ(pointer, "value (array)", Some(&recorded.into()), Some(&live.into()));
    }

    fn unpaired(&mut self, pointer: &str, lost: &[&Value], rest: &[(usize, &Value)]) {
        for item in lost {
            self.differ(pointer, "missing item", Some(item), None);
        }
        for (_, item) in rest {
            self.differ(pointer, "extra item", None, Some(item));
        }
    }

    /// Pairs items: by mapped identity, then by natural key, then, if asked, by place.
    fn pair<'b>(&self, recorded: Vec<&'b Value>, live: Vec<(usize, &'b Value)>, by_place: bool) -> Paired<'b> {
        let (mut pairs, mut lost, mut rest) = (Vec::new(), Vec::new(), live);
        for item in recorded {
            match self.find(item, &rest) {
                Some(found) => pairs.push((item, rest.remove(found))),
                None => lost.push(item),
            }
        }
        if by_place && lost.len() == rest.len() {
            pairs.extend(lost.drain(..).zip(rest.drain(..)));
        }
        Paired { pairs, lost, rest }
    }

    fn find(&self, item: &Value, candidates: &[(usize, &Value)]) -> Option<usize> {
        let Value::Object(members) = item else {
            let expected = self.ids.value_to_live(item);
            return candidates.iter().position(|(_, other)| **other == expected);
        };
        let text = |key: &str| members.get(key).and_then(Value::as_str);
        let same = |other: &Value, key: &str, expected: &str| {
            other.get(key).and_then(Value::as_str) == Some(expected)
                && other.get("permission_name") == members.get("permission_name")
        };
        for key in IDENTITY {
            let Some(value) = text(key) else { continue };
            let not_yet_learnt = is_identifier(value) && self.ids.live_for(value).is_none();
            if not_yet_learnt || key == "permission_name" {
                continue;
            }
            let expected = self.ids.to_live(value);
            if let Some(found) = candidates.iter().position(|(_, other)| same(other, key, &expected)) {
                return Some(found);
            }
            if is_identifier(value) {
                return None;
            }
        }
        NATURAL.iter().find_map(|key| {
            let expected = self.ids.to_live(text(key).filter(|text| !text.is_empty())?);
            candidates.iter().position(|(_, other)| same(other, key, &expected) && !self.was_made_here(other))
        })
    }

    fn was_made_here(&self, item: &Value) -> bool {
        IDS.iter().any(|key| item.get(key).and_then(Value::as_str).is_some_and(|id| self.ids.is_learnt(id)))
    }

    /// A whole list. Items that the cassette did not make are no concern of it, unless the list is its own.
    ///
    /// `written` tells what the cassette wrote of an item that belongs to the tenant as a whole.
    pub fn list(
        &mut self,
        recorded: &Value,
        live: &Value,
        own: bool,
        written: &dyn Fn(&Value) -> Option<Map<String, Value>>,
    ) {
        let Some(expected) = List::of(recorded) else { return };
        let actual = match List::of(live) {
            Some(actual) if actual.key == expected.key => actual,
            _ => {
                let kind = format!("envelope {} -> {}", envelope_kind(recorded), envelope_kind(live));
                self.differ("", kind, Some(&keys_of(recorded)), Some(&keys_of(live)));
                return;
            }
        };
        let root = expected.key.map(|key| format!("/{key}")).unwrap_or_default();
        self.item_root = Some(root.clone());
        let (known, foreign): (Vec<&Value>, Vec<&Value>) =
            expected.items.iter().partition(|item| own || (self.basis.known)(item));
        let among_foreigners = !foreign.is_empty();
        let Paired { pairs, lost, rest } = self.pair(known, actual.items.iter().enumerate().collect(), own);
        let Paired { pairs: foreign_pairs, rest: surplus, .. } = self.pair(foreign, rest, false);
        let (surplus, strangers): (Vec<_>, Vec<_>) =
            surplus.into_iter().partition(|(_, item)| own || self.was_made_here(item));
        let limit =
            actual.envelope.get("limit").and_then(|limit| limit.as_u64()).and_then(|limit| usize::try_from(limit).ok());
        let page_is_full = !strangers.is_empty() && actual.items.len() >= limit.unwrap_or(50);

        let order: Vec<usize> = pairs.iter().map(|(_, (place, _))| *place).collect();
        for (index, (expected, (_, actual))) in pairs.into_iter().enumerate() {
            self.value(expected, actual, &format!("{root}/{index}"), "", Proven::All);
        }
        let here = format!("{root}/*");
        for (expected, (_, actual)) in foreign_pairs {
            match written(expected).filter(|written| !written.is_empty()) {
                Some(written) => self.value(expected, actual, &here, "", Proven::Written(&written)),
                None => {
                    // Learns its identifiers, scores nothing.
                    let basis = Basis { lenient: true, injected: &[], ..*self.basis };
                    Comparison::new(self.ids, &basis).value(expected, actual, "", "", Proven::Nothing);
                }
            }
        }
        self.unpaired(&here, if page_is_full { &[] } else { &lost }, if among_foreigners { &[] } else { &surplus });
        if !order.is_sorted() {
            self.notes.insert("order of items");
        }
        self.envelope(&expected, &actual, !among_foreigners && strangers.is_empty());
    }

    fn envelope(&mut self, recorded: &List<'_>, live: &List<'_>, countable: bool) {
        let keys: BTreeSet<&str> = recorded.envelope.keys().chain(live.envelope.keys()).copied().collect();
        for key in keys {
            let here = format!("/{key}");
            let (expected, actual) = (recorded.envelope.get(key).copied(), live.envelope.get(key).copied());
            if ["total", "length", "next"].contains(&key) && !countable {
                if key != "next" && !self.basis.lenient && (expected.is_none() || actual.is_none()) {
                    self.differ(&here, if actual.is_none() { "missing" } else { "extra" }, expected, actual);
                }
                continue;
            }
            match (expected, actual) {
                (Some(expected), Some(actual)) => self.value(expected, actual, &here, key, Proven::All),
                (Some(expected), None) if !(self.basis.lenient && is_nothing(expected)) => {
                    self.differ(&here, "missing", Some(expected), None);
                }
                (None, Some(actual)) if !self.basis.lenient => self.differ(&here, "extra", None, Some(actual)),
                _ => {}
            }
        }
    }

    fn text(&mut self, recorded: &str, live: &str, pointer: &str, key: &str, full: bool) {
        let told = |text: &str| Value::from(text);
        let sent = |text: &str| self.basis.sent.contains(text);
        if let Some(mapped) = self.ids.live_for(recorded) {
            if full && live != mapped {
                self.differ(pointer, "value (another id)", Some(&told(recorded)), Some(&told(live)));
            }
        } else if is_identifier(recorded) && !sent(recorded) && !sent(recorded.rsplit('|').next().unwrap_or_default()) {
            if same_form(recorded, live) && self.ids.learn(recorded, live) {
                return;
            }
            if full && !is_volatile(key) {
                self.differ(pointer, "format of id", Some(&told(recorded)), Some(&told(live)));
            }
        } else if !full || self.ids.to_live(recorded) == live {
            // Nothing to say.
        } else if REDACTED.iter().any(|mark| recorded.contains(mark)) || is_volatile(key) && !sent(recorded) {
            if live.is_empty() {
                self.differ(pointer, "empty", Some(&told(recorded)), Some(&told(live)));
            } else if key == "next" {
                // A page token: later requests send it back.
                self.ids.learn(recorded, live);
            }
        } else if let Some(form) = Moment::of(recorded).filter(|_| !sent(recorded)) {
            if Moment::of(live).is_none_or(|live| !form.is_like(live, self.basis.lenient)) {
                self.differ(pointer, "format of timestamp", Some(&told(recorded)), Some(&told(live)));
            }
        } else {
            let expected = told(&self.ids.to_live(recorded));
            self.differ(pointer, "value", Some(&expected), Some(&told(live)));
        }
    }
}

/// A list answer: its items, the member that holds them, and what stands beside.
pub(super) struct List<'a> {
    pub envelope: BTreeMap<&'a str, &'a Value>,
    pub items: &'a [Value],
    pub key: Option<&'a str>,
}

impl<'a> List<'a> {
    /// A bare array, or an object with one list and members of an envelope only.
    pub fn of(body: &'a Value) -> Option<List<'a>> {
        match body {
            Value::Array(items) => Some(List { envelope: BTreeMap::new(), items, key: None }),
            Value::Object(members) => {
                let mut lists = members.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_array()?)));
                let (key, items) = lists.next()?;
                if lists.next().is_some() {
                    return None;
                }
                let beside = members.iter().filter(|(other, _)| *other != key);
                let envelope: BTreeMap<&str, &Value> = beside.map(|(key, value)| (key.as_str(), value)).collect();
                envelope.keys().all(|key| ENVELOPE.contains(key)).then_some(List { envelope, items, key: Some(key) })
            }
            _ => None,
        }
    }
}

/// How finely and in which zone a moment is written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moment {
    digits: usize,
    utc: bool,
}

impl Moment {
    fn of(text: &str) -> Option<Moment> {
        let (seconds, rest) = text.split_at_checked("2026-01-01T00:00:00".len())?;
        let fits = seconds.bytes().zip("0000-00-00T00:00:00".bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        });
        let digits =
            rest.strip_prefix('.').map_or(0, |fraction| fraction.bytes().take_while(u8::is_ascii_digit).count());
        let zone = if digits > 0 { &rest[1 + digits..] } else { rest };
        let hours = zone.strip_prefix(['+', '-']).unwrap_or_default();
        let offset = match hours.len() {
            4 => hours.bytes().all(|byte| byte.is_ascii_digit()),
            5 => hours.bytes().enumerate().all(|(at, byte)| if at == 2 { byte == b':' } else { byte.is_ascii_digit() }),
            _ => false,
        };
        (fits && (zone == "Z" || offset)).then_some(Moment { digits, utc: zone == "Z" })
    }

    /// A recorder that printed the body again took trailing zeros away.
    fn is_like(self, other: Moment, lenient: bool) -> bool {
        let precision = |digits| match digits {
            0..=3 if lenient => 1,
            0 => 0,
            1..=3 => 1,
            _ => 2,
        };
        self.utc == other.utc && precision(self.digits) == precision(other.digits)
    }
}

/// A value with everything that differs from recording to recording replaced, for looking it up.
pub(super) fn kind_of(value: &Value, key: &str) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), kind_of(value, key))).collect(),
        Value::Array(items) => items.iter().map(|item| kind_of(item, key)).collect(),
        Value::String(text) if is_volatile(key) || is_identifier(text) || Moment::of(text).is_some() => {
            "(volatile)".into()
        }
        other => other.clone(),
    }
}

/// A pointer with `*` for each index.
pub(super) fn starred(pointer: &str) -> String {
    pointer.split('/').map(|part| if is_index(part) { "*" } else { part }).collect::<Vec<_>>().join("/")
}

fn is_index(part: &str) -> bool {
    part == "*" || !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn envelope_kind(body: &Value) -> String {
    match List::of(body) {
        None => type_of(body).to_owned(),
        Some(List { key: None, .. }) => "array".to_owned(),
        Some(List { key: Some(key), .. }) => format!("{{{key}}}"),
    }
}

fn keys_of(body: &Value) -> Value {
    match body {
        Value::Object(members) => members.keys().cloned().collect(),
        other => type_of(other).into(),
    }
}
