//! The control API below `/__admin`, which the live service does not have: a test in any language resets a tenant, exports and
//! imports it, reads the journal, moves the clock, adds faults and adds tenants.
//!
//! Routing and the published document (`openapi`) both come from the table in [`operations`]. The paths below `/__admin/v1/`
//! stay; `/__admin/` is the newest version, and there is only one so far. An operation acts on the tenant at the host name of
//! its request. It needs no token: `access` decides which clients may use the control API.

mod access;
mod clock;
mod openapi;
mod operation;
mod operations;
mod page;
mod prefix;
mod requests;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, LOCATION};
use http::{HeaderValue, Method, Response, StatusCode};

#[cfg(all(feature = "cli", feature = "conformance"))]
pub(crate) use access::is_known;
pub(super) use access::refusal;
pub(crate) use access::{Admin, Reach};
use operation::{AdminOperation, AdminReply, AdminRequest};
use prefix::{PREFIX, VERSION};

use super::app_state::{AppState, ServeOwnPorts};
use crate::api::{ApiError, Tenant};
use crate::redaction;

/// The path after the prefix and the version, without its first slash; `None` for a path that is not below the prefix.
pub(super) fn below(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(PREFIX)?;
    match rest.strip_prefix('/') {
        // The page has relative links, so its address ends in a slash.
        None => rest.is_empty().then_some(WITHOUT_SLASH),
        Some(rest) if rest == VERSION => Some(WITHOUT_SLASH),
        Some(rest) => Some(rest.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('/')).unwrap_or(rest)),
    }
}

/// The path of the page at an address without the final slash. No path below the prefix is equal to it.
const WITHOUT_SLASH: &str = "/";

/// Whether a request imports a state, which may be larger than other bodies.
pub(super) fn brings_state(method: &Method, below: &str) -> bool {
    operations::find(method, below).is_some_and(|(operation, _)| operation.brings_state)
}

/// Answers a request whose path is [below] the prefix, for this tenant.
pub(super) fn answer(
    tenant: &Tenant,
    app: &AppState,
    serve_own_ports: ServeOwnPorts,
    request: &http::Request<Bytes>,
    below: &str,
) -> Response<Bytes> {
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = match below {
        WITHOUT_SLASH if is_get => with_a_slash(request.uri().path()),
        "" if is_get => page::response(),
        _ => match operations::find(request.method(), below) {
            Some((operation, id)) => {
                let (query, body) = (request.uri().query().unwrap_or_default(), &request.body()[..]);
                perform(operation, &AdminRequest { tenant, app, serve_own_ports, id, query, body })
                    .unwrap_or_else(Response::from)
            }
            None => ApiError::no_such_admin_operation().into(),
        },
    };
    // No other page may embed a part of the answer, and no browser guesses its type.
    for (name, value) in [("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "same-origin")] {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

fn perform(operation: &AdminOperation, request: &AdminRequest<'_>) -> Result<Response<Bytes>, ApiError> {
    // A refusal may repeat a part of the request.
    let refused = |mut error: ApiError| {
        error.message = redaction::sentence(&error.message, "", "…").into();
        error
    };
    Ok(match (operation.run)(request).map_err(refused)? {
        AdminReply::NoContent => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        AdminReply::Ok(body) => json(StatusCode::OK, body),
        AdminReply::Created(body) => json(StatusCode::CREATED, body),
    })
}

fn json(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

fn with_a_slash(path: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    // A path that ends in the prefix or in the version, and that a request line could hold.
    if let Ok(there) = HeaderValue::from_str(&format!("{path}/")) {
        response.headers_mut().insert(LOCATION, there);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_the_version_is_the_one_without() {
        for (path, expected) in [
            ("/__admin/", Some("")),
            ("/__admin/v1/", Some("")),
            ("/__admin", Some(WITHOUT_SLASH)),
            ("/__admin/v1", Some(WITHOUT_SLASH)),
            ("/__admin/clock", Some("clock")),
            ("/__admin/v1/faults/3", Some("faults/3")),
            ("/__admin/v2/clock", Some("v2/clock")),
            ("/__admin/v1clock", Some("v1clock")),
            ("/__administration", None),
            ("/api/v2/__admin/", None),
        ] {
            assert_eq!(below(path), expected, "{path}");
        }
    }
}
