//! The view of an entry of the tenant's log in the Management API, and lists of entries.
//!
//! The logs of the tenant (`/logs`) and of a user (`/users/{id}/logs`) share it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::log_titles::title;
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::fields::{Fields, fields_of_view};
use crate::api::json::object;
use crate::api::my_organization::log_types;
use crate::api::paging::{self, HasCheckpoints};
use crate::api::tenant_log::{Event, EventKind, LimitReached, MASK, OperationEvent, QuotaReached, TokenEvent};
use crate::api::timestamp::timestamp;
use crate::domain::quota::Owner;
use crate::redaction;
use crate::search::{self, FieldKind, Query, Unknown};

/// The searchable fields ("Log Search Query Syntax"). Case matters, and `details` is not searchable.
const SEARCHABLE: search::Fields = search::Fields {
    bare: &["client_name", "connection", "description", "ip", "log_id", "type", "user_name"],
    named: &[
        ("agent_id", FieldKind::Text),
        ("client_id", FieldKind::Text),
        ("client_name", FieldKind::Text),
        ("connection", FieldKind::Text),
        ("connection_id", FieldKind::Text),
        ("description", FieldKind::Text),
        ("date", FieldKind::Date),
        ("hostname", FieldKind::Text),
        ("ip", FieldKind::Text),
        ("log_id", FieldKind::Text),
        ("organization_id", FieldKind::Text),
        ("user_id", FieldKind::Text),
        ("user_name", FieldKind::Text),
        ("user_agent", FieldKind::Text),
        ("strategy", FieldKind::Text),
        ("strategy_type", FieldKind::Text),
        ("type", FieldKind::Text),
    ],
    unknown: Unknown::Refused,
};

/// Every member that follows from the event alone, except `details`. An absent member is left out, because the published schemas
/// have the type text for most members and do not allow `null`. (Recordings of 2023 have `null`.)
const MEMBERS: [&str; 25] = [
    "_id",
    "agent_id",
    "audience",
    "client_id",
    "client_name",
    "connection",
    "connection_id",
    "date",
    "description",
    "external_agent_id",
    "hostname",
    "ip",
    "isMobile",
    "location_info",
    "log_id",
    "mtls_thumbprint_sha256",
    "organization_id",
    "organization_name",
    "scope",
    "strategy",
    "strategy_type",
    "type",
    "user_agent",
    "user_id",
    "user_name",
];

/// `environment_name`. In published samples it names the tenant's part of the cloud.
const ENVIRONMENT: &str = "local-1";

/// Lists a page of the entries that match the query, the newest first by default. `filter` narrows the entries.
///
/// A search may be slow. It reads a snapshot of the entries, so neither the log nor the state waits for it.
pub(in crate::api) fn list(
    call: &mut Call<'_>,
    has_checkpoints: HasCheckpoints,
    filter: impl Fn(&Event) -> bool + 'static,
) -> Result<Reply, ApiError> {
    let page = paging::offset_page(has_checkpoints, call)?;
    // `search` is the name in the published document; all other pages call it `q`.
    let text = call.query_text("q").or_else(|| call.query_text("search"));
    let query = text.map(|text| Query::parse(text, &SEARCHABLE)).transpose();
    let query = query.map_err(|error| ApiError::unreadable_query(&error))?;
    let sort = call.query_text("sort").map(str::to_owned);
    let fields = Fields::of(call);
    let with_totals = call.query_flag("include_totals") == Some(true);
    let entries: Vec<Arc<Event>> = call.log.entries().oldest_first().cloned().collect();
    let tenant = call.names.tenant().to_owned();
    Ok(call.unlocked(move || {
        let matches =
            |event: &&Arc<Event>| filter(event) && query.as_ref().is_none_or(|query| query_matches(query, event));
        let view = |event: &Arc<Event>| fields_of_view(fields.as_ref(), entry(event, &tenant));
        let (start, size) = (page.start(), page.per_page);
        let items: Vec<Map<String, Value>> = match sort.as_deref().and_then(|sort| sort.split_once(':')) {
            None | Some(("date", "-1")) => {
                entries.iter().rev().filter(matches).skip(start).take(size).map(view).collect()
            }
            Some(("date", _)) => entries.iter().filter(matches).skip(start).take(size).map(view).collect(),
            Some((member, direction)) => {
                let mut sorted: Vec<&Arc<Event>> = entries.iter().rev().filter(matches).collect();
                sorted.sort_by_cached_key(|event| member_of(event, member).as_str().map(str::to_owned));
                if direction == "-1" {
                    sorted.reverse();
                }
                sorted.into_iter().skip(start).take(size).map(view).collect()
            }
        };
        if !with_totals {
            return Reply::of(items);
        }
        // The total counts the items of the page (documented).
        let count = items.len();
        Reply::json(&json!({ "start": start, "limit": size, "length": count, "total": count, "logs": items }))
    }))
}

/// Whether an entry belongs to the user with this id.
pub(in crate::api) fn of_user(user_id: String) -> impl Fn(&Event) -> bool {
    move |event| member_of(event, "user_id") == *user_id
}

/// An entry of this tenant with all its members.
pub(in crate::api) fn entry(event: &Event, tenant: &str) -> Map<String, Value> {
    let of_event = MEMBERS.iter().map(|name| (*name, member_of(event, name)));
    let others =
        [("details", details(event)), ("environment_name", ENVIRONMENT.into()), ("tenant_name", tenant.into())];
    let members = of_event.chain(others).filter(|(_, value)| !value.is_null());
    members.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An entry of the tenant's log, for a test that reads it without a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogEntry {
    /// `log_id`.
    pub id: String,
    /// `type`: `seccft`, `feccft`, `token_quota_consumption_warning`, `api_limit`, `sapi` or `fapi`.
    pub kind: String,
    /// `description`.
    pub description: String,
    /// `client_id`.
    pub client_id: Option<String>,
    /// `organization_id`.
    pub organization_id: Option<String>,
    /// The whole entry in the form of `GET /api/v2/logs`.
    pub document: Map<String, Value>,
}

impl LogEntry {
    pub(in crate::api) fn of(event: &Event, tenant: &str) -> Self {
        let document = entry(event, tenant);
        let text = |name| document.get(name).and_then(Value::as_str).map(str::to_owned);
        LogEntry {
            id: text("log_id").unwrap_or_default(),
            kind: text("type").unwrap_or_default(),
            description: text("description").unwrap_or_default(),
            client_id: text("client_id"),
            organization_id: text("organization_id"),
            document,
        }
    }
}

/// `type`.
pub(in crate::api) fn kind(event: &Event) -> &'static str {
    match &event.what {
        EventKind::Token(exchange) if exchange.refusal.is_some() => "feccft",
        EventKind::Token(_) => "seccft",
        EventKind::QuotaReached(_) => "token_quota_consumption_warning",
        EventKind::LimitReached(_) => "api_limit",
        EventKind::Operation(operation) => {
            let (success, failure) = log_types::of(operation.row).unwrap_or(("sapi", "fapi"));
            if operation.refusal.is_some() { failure } else { success }
        }
    }
}

/// Whether a query matches an entry. Only the members in the query are built.
fn query_matches(query: &Query, event: &Event) -> bool {
    let members = SEARCHABLE.named.iter().map(|(name, _)| *name).filter(|name| query.names(name));
    query.matches(&members.map(|name| (name.to_owned(), member_of(event, name))).collect())
}

fn member_of(event: &Event, name: &str) -> Value {
    match name {
        "_id" | "log_id" => event.id().into(),
        "date" => timestamp(event.at).into(),
        // The published form of `api_limit` has no address.
        "ip" if matches!(event.what, EventKind::LimitReached(_)) => Value::Null,
        "ip" => event.ip.to_string().into(),
        "user_agent" => event.user_agent.as_deref().into(),
        "isMobile" => false.into(),
        "type" => kind(event).into(),
        _ => match &event.what {
            EventKind::Token(exchange) => of_exchange(exchange, &event.hostname, name),
            EventKind::QuotaReached(warning) => of_warning(warning, name),
            EventKind::LimitReached(reached) => of_limit(reached, &event.hostname, name),
            EventKind::Operation(operation) => of_operation(operation, name),
        },
    }
}

/// `seccft` and `feccft` (R106 to R109, R122).
fn of_exchange(exchange: &TokenEvent, hostname: &str, name: &str) -> Value {
    let organization = exchange.organization.as_ref();
    match name {
        "description" => match (&exchange.refusal, &exchange.client_authentication_error) {
            (None, _) => "Client Credentials for Access Token".into(),
            (Some(_), Some(_)) => "Failed client authentication".into(),
            (Some(sentence), None) => sentence.as_str().into(),
        },
        "client_id" => exchange.client_id.as_deref().into(),
        // The published schemas require both members, even if the request has neither.
        "client_name" => exchange.client_name.as_deref().unwrap_or_default().into(),
        "audience" => exchange.audience.as_deref().unwrap_or_default().into(),
        "scope" => exchange.scope.as_deref().into(),
        "agent_id" => exchange.agent.as_ref().map(|agent| agent.id.as_str()).into(),
        "external_agent_id" => exchange.agent.as_ref().and_then(|agent| agent.external_id.as_deref()).into(),
        "organization_id" => organization.map(|organization| organization.id.as_str()).into(),
        "organization_name" => organization.map(|organization| organization.name.as_str()).into(),
        "hostname" => hostname.into(),
        "mtls_thumbprint_sha256" => exchange.certificate.as_deref().into(),
        // There is no user.
        "user_id" | "user_name" | "connection_id" => "".into(),
        _ => Value::Null,
    }
}

/// `token_quota_consumption_warning` (R105).
fn of_warning(warning: &QuotaReached, name: &str) -> Value {
    match (name, warning.owner) {
        ("description", owner) => {
            let (percent, window) = (warning.reached.percent, warning.reached.window.as_str());
            format!("{percent}% of {} {window} quota consumed", kind_of(owner)).into()
        }
        ("client_id", Owner::Client) | ("organization_id", Owner::Organization) => warning.id.as_str().into(),
        ("client_name", Owner::Client) | ("organization_name", Owner::Organization) => warning.name.as_str().into(),
        _ => Value::Null,
    }
}

/// `api_limit` of a rate limit policy (RLP4). The sentence is assumed.
fn of_limit(reached: &LimitReached, hostname: &str, name: &str) -> Value {
    match name {
        "description" => {
            format!("Rate limit policy {}: more than {} requests in a second", reached.policy, reached.limit).into()
        }
        "client_id" => reached.client_id.as_str().into(),
        "client_name" => reached.client_name.as_str().into(),
        "hostname" => hostname.into(),
        _ => Value::Null,
    }
}

/// `sapi` and `fapi`, and the entries of the My Organization API.
fn of_operation(operation: &OperationEvent, name: &str) -> Value {
    match name {
        "description" => match &operation.refusal {
            None => title(operation.method, operation.row).into(),
            Some(sentence) => sentence.as_str().into(),
        },
        "client_id" => operation.client_id.as_str().into(),
        "client_name" => "".into(),
        _ => Value::Null,
    }
}

fn kind_of(owner: Owner) -> &'static str {
    match owner {
        Owner::Client => "client",
        Owner::Organization => "organization",
    }
}

fn details(event: &Event) -> Value {
    match &event.what {
        EventKind::Token(exchange) => match &exchange.client_authentication_error {
            Some(error) => json!({ "client_authentication_error": error }),
            None => Value::Null,
        },
        EventKind::QuotaReached(warning) => json!({
            "bucket": warning.reached.window.as_str(),
            "entity_type": kind_of(warning.owner),
            "entity_id": warning.id,
            "quota": warning.reached.quota,
            "quota_consumption": warning.reached.taken,
            "quota_consumption_percentage": warning.reached.percent,
        }),
        EventKind::LimitReached(reached) => json!({
            // Where the published form has no place for the policy and its action, these are assumed.
            "action": reached.action.as_str(),
            "limit": { "bucket": reached.policy, "global": false, "size": reached.limit },
            "request": { "method": "POST", "path": "/oauth/token" },
            "response": if reached.is_refused { "429" } else { "" },
        }),
        EventKind::Operation(operation) => operation_details(operation, event),
    }
}

fn operation_details(operation: &OperationEvent, event: &Event) -> Value {
    let target = format!("{}?{}", operation.path, operation.query.as_deref().unwrap_or_default());
    let target = redaction::target(&target, MASK);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = form_urlencoded::parse(query.as_bytes()).into_owned();
    let query = Value::Object(query.map(|(name, value)| (name, value.into())).collect());
    // An unreadable body is left out.
    let body = |bytes: Option<&[u8]>| {
        let body = redaction::body(bytes?, None, &operation.path, MASK);
        (body.is_object() || body.is_array()).then_some(body)
    };
    let scopes: Vec<&str> = operation.scope.split_ascii_whitespace().collect();
    let mut request = object(json!({
        "method": operation.method.to_ascii_lowercase(),
        "path": path,
        "query": query,
        "channel": "api",
        "ip": event.ip.to_string(),
        "auth": { "user": {}, "strategy": "jwt", "credentials": { "scopes": scopes } },
    }));
    request.extend(event.user_agent.as_deref().map(|agent| ("userAgent".to_owned(), agent.into())));
    let mut response = object(json!({ "statusCode": operation.status }));
    request.extend(body(operation.request_body.as_deref()).map(|body| ("body".to_owned(), body)));
    response.extend(body(operation.response_body.as_deref()).map(|mut body| {
        // The sentence may quote a secret; the stored sentence is redacted.
        for place in ["/message", "/detail", "/validation_errors/0/detail"] {
            if let (Some(sentence), Some(message)) = (&operation.refusal, body.pointer_mut(place)) {
                *message = sentence.as_str().into();
            }
        }
        ("body".to_owned(), body)
    }));
    json!({ "request": request, "response": response })
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::{Map, Value, json};

    use super::{entry, list};
    use crate::api::Pins;
    use crate::api::call::{Call, Caller};
    use crate::api::tenant_log::{EventKind, TenantLog, TokenEvent};
    use crate::domain::{Clock, Names};
    use crate::store::State;

    fn entry_of(exchange: TokenEvent) -> Map<String, Value> {
        let log = TenantLog::new(1);
        log.add(
            &Request::default(),
            std::time::UNIX_EPOCH,
            "travel0.localhost",
            vec![EventKind::Token(exchange.into())],
        );
        let entries = log.entries();
        entries.oldest_first().map(|event| entry(event, "travel0")).next().expect("an entry")
    }

    // proves R109
    #[test]
    fn a_failed_client_authentication_has_its_reason_in_the_details() {
        let entry = entry_of(TokenEvent {
            refusal: Some("Client authentication failed".into()),
            client_authentication_error: Some("jwt expired".into()),
            client_id: Some("bot".into()),
            ..TokenEvent::default()
        });
        assert_eq!(entry["type"], "feccft");
        assert_eq!(entry["description"], "Failed client authentication");
        assert_eq!(entry["details"], json!({ "client_authentication_error": "jwt expired" }));
        assert_eq!(entry["hostname"], "travel0.localhost");
    }
    #[test]
    fn a_search_needs_neither_the_log_nor_the_state() {
        let log = TenantLog::new(1);
        let what = EventKind::Token(Box::default());
        log.add(&Request::default(), std::time::UNIX_EPOCH, "travel0.localhost", vec![what]);
        let mut state = State::new(fastrand::Rng::new());
        let mut call = Call {
            state: &mut state,
            names: &Names::new("travel0.localhost"),
            clock: &Clock::system(),
            log: &log,
            deliveries: None,
            base_url: String::new(),
            caller: &Caller::Owner,
            template: "/logs",
            parameters: Vec::new(),
            query: Map::new(),
            sent: Default::default(),
            body: Map::new(),
            items: Vec::new(),
            pins: Pins::default(),
            rest: None,
        };
        list(&mut call, super::HasCheckpoints::No, |_| true).expect("a valid query");
        let search = call.rest.take().expect("the search itself");
        drop(state);
        log.clear();
        let entries: Vec<Value> = serde_json::from_value(search().body.into_value()).expect("a list");
        assert_eq!(entries.len(), 1);
    }
}
