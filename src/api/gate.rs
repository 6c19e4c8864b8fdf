//! The checks before every operation of an API of the service, in the order of the live Management API: row, bearer token, scopes, path,
//! query, body. Then the operation runs, with the tenant's state locked.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::{Request, header};
use serde_json::{Map, Value, json};

use super::addressed::Translation;
use super::calibration::{Override, Values};
use super::call::{Administrator, Call, Caller, Pins, Reply};
use super::error::ApiError;
use super::management::entitlements;
use super::my_organization;
use super::operation::Operation;
use super::outcome::Outcome;
use super::request::{media_type, pairs};
use super::routes::{self, Route};
use super::surface::Surface;
use super::target::method;
use super::tenant::{Tenant, base_url};
use super::tenant_log::{self, EventKind};
use crate::domain::bearer::{self, BearerToken};
use crate::domain::{ScopeSet, Sentence};
use crate::multipart;
use crate::redaction;
use crate::schema::{Schemas, Sent, UnknownMember};
use crate::store::document::is_too_deep;
use crate::token::{members, verify};

/// Answers a request to an API of the service.
pub(super) fn answer(tenant: &Tenant, request: &Request<Bytes>, surface: Surface, route: Option<Route>) -> Outcome {
    let Some(route) = route else {
        let path = request.uri().path();
        let path = Surface::at(path).map_or_else(|| path.into(), |(_, path)| path);
        return Outcome::unmodelled(method(request), &path, Outcome::refused(surface, ApiError::no_such_operation()));
    };
    let row = route.operation;
    let operation = Some(row);
    let bearer = match bearer(tenant, request, surface) {
        Ok(bearer) => bearer,
        Err(BearerRefusal { error, reason }) => {
            let outcome = refused(tenant, request, row, error);
            let refusal = outcome.refusal.clone().map(|sentence| match reason {
                Some(reason) => Sentence::of(format_args!("{sentence}: {reason}")),
                None => sentence,
            });
            return Outcome { operation, refusal, ..outcome };
        }
    };
    let client_id = Some(bearer.client_id.as_str().into());
    let mut outcome = match admit(tenant, request, route, &bearer.caller) {
        Ok(reply) => Outcome { reply, operation, client_id, ..Outcome::default() },
        Err(error) => Outcome { operation, client_id, ..refused(tenant, request, row, error) },
    };
    // A read changes nothing, so the tenant's log has no event of it.
    let has_type = surface == Surface::Management || my_organization::log_types::of(row.path).is_some();
    let is_logged = row.method != "GET" && has_type;
    let events = if is_logged { vec![event(request, row, bearer, &mut outcome)] } else { Vec::new() };
    Outcome { events, ..outcome }
}

/// The answer of a refusal. A calibrated answer of the tenant replaces status, body and sentence.
fn refused(tenant: &Tenant, request: &Request<Bytes>, row: &Operation, error: ApiError) -> Outcome {
    let surface = Surface::of(row);
    let Some(answers) = tenant.answers.as_ref().filter(|_| surface == Surface::Management) else {
        return Outcome::refused(surface, error);
    };
    let values = Values::of_management(row.path, request);
    let instead = answers.of_management(row, &error, &values);
    let outcome = Outcome { values, ..error.into() };
    match instead {
        Some(Override { status, body, sentence }) => {
            Outcome { refusal: Some(sentence), ..outcome.answered(status, &body) }
        }
        None => outcome,
    }
}

/// The event of a change in the tenant's log.
fn event(request: &Request<Bytes>, row: &Operation, bearer: Bearer, outcome: &mut Outcome) -> EventKind {
    EventKind::Operation(Box::new(tenant_log::OperationEvent {
        method: row.method,
        row: row.path,
        path: request.uri().path().into(),
        query: request.uri().query().map(Into::into),
        client_id: bearer.client_id.into(),
        scope: bearer.scope,
        request_body: tenant_log::OperationEvent::copy_of(request.body()),
        response_body: tenant_log::OperationEvent::copy_of(outcome.reply.body.write()),
        status: outcome.reply.status.unwrap_or(row.success),
        refusal: outcome
            .refusal
            .as_deref()
            .map(|sentence| redaction::sentence(sentence, request.uri().path(), tenant_log::MASK).into()),
    }))
}

/// Performs an operation for the tenant's owner, with all checks but that of the bearer token.
pub(super) fn perform(tenant: &Tenant, method: &str, path: &str, body: Value, pins: Pins) -> Result<Reply, ApiError> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let route = routes::find(method, path).filter(|route| Surface::of(route.operation) == Surface::Management);
    let route = route.ok_or_else(ApiError::no_such_operation)?;
    let base_url = tenant.names.base_url(None, true);
    run(tenant, route, Admitted { caller: &Caller::Owner, base_url, query, pins, sent: Sent::Value }, || Ok(body))
}

/// The members of a body that the operation at this path does not know.
pub(super) fn unknown_members(method: &str, path: &str, body: &Value) -> Vec<UnknownMember> {
    let path = path.split('?').next().unwrap_or_default();
    let Some(Route { family, operation, .. }) = routes::find(method, path) else { return Vec::new() };
    operation.body.map_or_else(Vec::new, |name| family.schemas.unknown_members(name, body))
}

/// The client of the bearer token of a request, if the token is valid.
pub(super) fn caller(tenant: &Tenant, request: &Request<Bytes>, surface: Surface) -> Option<String> {
    bearer(tenant, request, surface).ok().map(|bearer| bearer.client_id)
}

fn admit(tenant: &Tenant, request: &Request<Bytes>, route: Route, caller: &Caller) -> Result<Reply, ApiError> {
    if !caller.has_any(route.operation.scopes) {
        return Err(ApiError::insufficient_scope(route.operation.scopes));
    }
    let query = request.uri().query().unwrap_or_default();
    let form: Vec<(String, String)>;
    let sent = match media_type(request).as_deref() {
        None | Some("application/json") => Sent::Json(request.body()),
        Some("application/x-www-form-urlencoded") => {
            form = pairs(request.body());
            Sent::Pairs(&form)
        }
        Some(_) => Sent::Value,
    };
    let admitted = Admitted { caller, base_url: base_url(tenant, request), query, pins: Pins::default(), sent };
    let Route { family, operation, .. } = route;
    let read = || match operation.body {
        Some(name) if operation.multipart => read_form(request, family.schemas, name),
        _ => read_body(request),
    };
    run(tenant, route, admitted, read)
}

/// A caller that may perform the operation, with the request except its body.
struct Admitted<'a> {
    caller: &'a Caller,
    base_url: String,
    query: &'a str,
    pins: Pins,
    sent: Sent<'a>,
}

fn run(
    tenant: &Tenant,
    route: Route,
    admitted: Admitted<'_>,
    body: impl FnOnce() -> Result<Value, ApiError>,
) -> Result<Reply, ApiError> {
    let base_url = admitted.base_url.clone();
    let translation = Translation { members: route.operation.addressed, names: &tenant.names, base_url };
    match run_canonical(tenant, route, admitted, &translation, body) {
        Ok(reply) => Ok(translation.answer(reply)),
        Err(error) => Err(translation.refusal(error)),
    }
}

/// Runs the operation with canonical identifiers: the answer has the tenant's domain.
fn run_canonical(
    tenant: &Tenant,
    route: Route,
    admitted: Admitted<'_>,
    translation: &Translation<'_>,
    body: impl FnOnce() -> Result<Value, ApiError>,
) -> Result<Reply, ApiError> {
    let Route { family, operation, mut parameters } = route;
    let Admitted { caller, base_url, query, pins, sent } = admitted;
    if let Some(name) = operation.parameters {
        for (parameter, value) in &parameters {
            family.schemas.check_path(name, parameter, value).map_err(ApiError::invalid_uri)?;
        }
    }
    translation.read_path(&mut parameters);
    let query = pairs(query.as_bytes());
    let mut query = match operation.query {
        Some(name) => family.schemas.read_query(name, &query).map_err(ApiError::invalid_query_string)?,
        None => NO_QUERY.read_query("None", &query).map_err(ApiError::invalid_query_string)?,
    };
    translation.read(&mut query);
    let (mut body, items) = match body_schema(tenant, operation, &parameters) {
        Some(name) => {
            let body = body()?;
            if is_too_deep(&body) {
                return Err(ApiError::unreadable_json());
            }
            family.schemas.check_sent_body(name, &body, sent).map_err(ApiError::invalid_body)?;
            match body {
                Value::Object(mut body) => {
                    if operation.method == "POST" {
                        // `null` is an absent member (recorded); in a PATCH it removes the member.
                        body.retain(|_, value| !value.is_null());
                    }
                    (body, Vec::new())
                }
                Value::Array(items) => (Map::new(), items),
                Value::String(text) => (Map::new(), vec![text.into()]),
                _ => Default::default(), // no schema accepts anything else
            }
        }
        None => Default::default(),
    };
    translation.read(&mut body);
    let mut state = tenant.state();
    entitlements::check(&state.entitlements, operation.path)?;
    if let Caller::Administrator(administrator) = caller {
        parameters.push(my_organization::organization(&state, administrator)?);
    }
    let (names, clock, log, deliveries) = (&tenant.names, &tenant.clock, &tenant.log, tenant.deliveries.get());
    let mut call = Call {
        state: &mut state,
        names,
        clock,
        log,
        deliveries,
        base_url,
        caller,
        template: operation.path,
        parameters,
        query,
        sent,
        body,
        items,
        pins,
        rest: None,
    };
    let reply = operation.run.perform(&mut call)?;
    let rest = call.rest.take();
    drop(state);
    // A change may have raised an event or changed a stream.
    if let Some(deliveries) = deliveries.filter(|_| operation.method != "GET") {
        deliveries.wake();
    }
    let mut reply = rest.map_or(reply, |rest| rest());
    reply.status.get_or_insert(operation.success);
    Ok(reply)
}

/// The query schema of an operation without parameters.
static NO_QUERY: LazyLock<Schemas> = LazyLock::new(|| {
    Schemas::of("{\n  \"queries\": {\n    \"None\": {\"type\": \"object\", \"additionalProperties\": false}\n  }\n}")
});

/// The caller with a valid bearer token.
struct Bearer {
    caller: Caller,
    client_id: String,
    /// The `scope` of the token, unchanged.
    scope: Arc<str>,
}

/// Verifies the bearer token (management-conventions, "Bearer token").
fn bearer(tenant: &Tenant, request: &Request<Bytes>, surface: Surface) -> Result<Bearer, BearerRefusal> {
    let header = request.headers().get(header::AUTHORIZATION).ok_or_else(ApiError::missing_authentication)?;
    let header = header.to_str().map_err(|_| ApiError::bad_authentication_header())?;
    let mut words = header.split_ascii_whitespace();
    let scheme = words.next().ok_or_else(ApiError::missing_authentication)?;
    let (Some(token), None) = (words.next(), words.next()) else {
        return Err(ApiError::bad_authentication_header().into());
    };
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(ApiError::missing_authentication().into());
    }
    if token.split('.').count() != 3 {
        return Err(ApiError::bad_authentication_header().into());
    }
    let token = verify(token, &tenant.keys())
        .map_err(|error| BearerRefusal { error: ApiError::bad_token_signature(), reason: Some(error.to_string()) })?;
    let (header, claims) = (token.header(), token.claims());
    let claims_and_header = BearerToken {
        kind: members::text(header, "typ"),
        has_extensions: members::has_extensions(header),
        issuer: members::text(claims, "iss"),
        audiences: members::texts(claims, "aud"),
        expires: members::seconds(claims, "exp"),
        issued_at: members::seconds(claims, "iat"),
        not_before: members::beginning(claims, "nbf"),
        scope: members::text(claims, "scope"),
        authorized_party: members::text(claims, "azp"),
        client_id: members::text(claims, "client_id"),
        organization: members::text(claims, "org_id"),
    };
    let base_url = base_url(tenant, request);
    let context = bearer::BearerContext {
        names: &tenant.names,
        base_url: &base_url,
        audience: surface.audience(),
        now: tenant.clock.unix(),
    };
    let bearer::Bearer { client_id, scope, organization } = bearer::check(&claims_and_header, context)?;
    let scopes = ScopeSet::parse(scope);
    let caller = match surface {
        Surface::Management => Caller::Bearer(scopes),
        Surface::MyOrganization => Caller::Administrator(Administrator {
            scopes,
            client_id: client_id.to_owned(),
            organization: organization.map(str::to_owned),
        }),
    };
    Ok(Bearer { caller, client_id: client_id.to_owned(), scope: scope.into() })
}

/// The refusal of a bearer token: the answer, and a reason for the journal.
struct BearerRefusal {
    error: ApiError,
    reason: Option<String>,
}

impl From<ApiError> for BearerRefusal {
    fn from(error: ApiError) -> Self {
        BearerRefusal { error, reason: None }
    }
}

impl From<bearer::Refusal> for BearerRefusal {
    fn from(refusal: bearer::Refusal) -> Self {
        match refusal {
            bearer::Refusal::Expired(reason) => {
                BearerRefusal { error: ApiError::token_expired(), reason: Some(reason.to_string()) }
            }
            bearer::Refusal::Invalid(reason) => {
                BearerRefusal { error: ApiError::invalid_token(), reason: Some(reason.to_string()) }
            }
            bearer::Refusal::Audience(named) => ApiError::bad_audience(&named).into(),
        }
    }
}

/// The name of the body's schema, which may depend on the entity that the path names.
fn body_schema(tenant: &Tenant, operation: &Operation, parameters: &[(&'static str, String)]) -> Option<&'static str> {
    match operation.smaller_body {
        Some((name, applies)) if applies(&tenant.state(), &tenant.names, parameters) => Some(name),
        _ => operation.body,
    }
}

/// Parses a body as JSON, or as a form, which the published document lists for every body, too.
fn read_body(request: &Request<Bytes>) -> Result<Value, ApiError> {
    let body = request.body();
    match media_type(request).as_deref() {
        Some("application/x-www-form-urlencoded") => Ok(form_body(body)),
        None | Some("application/json") if body.is_empty() => Ok(Value::Null),
        None | Some("application/json") => serde_json::from_slice(body).map_err(|_| ApiError::unreadable_json()),
        Some(_) if body.is_empty() => Ok(Value::Null),
        Some(_) => Err(ApiError::unsupported_media_type()),
    }
}

/// Parses the body of an operation with a form and a file. The values get the types of the schema.
fn read_form(request: &Request<Bytes>, schemas: &Schemas, name: &str) -> Result<Value, ApiError> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match (media_type(request).as_deref(), content_type) {
        _ if request.body().is_empty() => Ok(Value::Null),
        (Some("multipart/form-data"), Some(content_type)) => {
            let parts = multipart::texts(content_type, request.body()).ok_or_else(ApiError::unreadable_form)?;
            Ok(schemas.read_form(name, &parts))
        }
        _ => Err(ApiError::unsupported_media_type()),
    }
}

/// A form as an object: every value is a text, and a repeated name has a list.
fn form_body(body: &[u8]) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs(body) {
        match object.get_mut(&name) {
            None => {
                object.insert(name, value.into());
            }
            Some(Value::Array(values)) => values.push(value.into()),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Value::Object(object)
}
