//! The addresses under `/__admin`, which the live service does not have: they go back to
//! the seed, show why requests were answered as they were, and move the clock.
//!
//! | request | answer |
//! |---|---|
//! | `POST /__admin/reset` | 204; state and clock are what the tenant started with, log and journal are empty |
//! | `GET /__admin/requests` | 200; the journal, oldest first |
//! | `DELETE /__admin/requests` | 204; the journal is empty |
//! | `GET /__admin/clock` | 200; how the clock goes |
//! | `PUT /__admin/clock` | 200; the clock is moved as the body says, and how it goes now |
//!
//! | `GET /__admin/faults` | 200; the faults, oldest first |
//! | `POST /__admin/faults` | 201; one more fault ([its members](crate::api::faults::Fault::read)), with its id |
//! | `DELETE /__admin/faults` | 204; there are none |
//! | `DELETE /__admin/faults/{id}` | 204; this one is gone |
//!
//! They ask for no token: whoever reaches the port is the test.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};

use super::clock;
use crate::api::faults::Fault;
use crate::api::{ApiError, Tenant};

pub(super) const PREFIX: &str = "/__admin/";

/// Answers a request below [`PREFIX`].
pub(super) fn answer(tenant: &Tenant, method: &Method, path: &str, body: &[u8]) -> Response<Bytes> {
    match (method, path) {
        (&Method::POST, "reset") => {
            tenant.reset();
            no_content()
        }
        (&Method::GET | &Method::HEAD, "requests") => ok(&json!(tenant.requests())),
        (&Method::DELETE, "requests") => {
            tenant.forget_requests();
            no_content()
        }
        (&Method::GET | &Method::HEAD, "clock") => ok(&clock::shown(tenant.clock().mode())),
        (&Method::PUT, "clock") => match clock::read(body) {
            Ok(step) => ok(&clock::shown(tenant.clock().apply(step))),
            Err(error) => error.into(),
        },
        (&Method::GET | &Method::HEAD, "faults") => ok(&json!(tenant.faults())),
        (&Method::POST, "faults") => add_fault(tenant, body).unwrap_or_else(Response::from),
        (&Method::DELETE, "faults") => {
            tenant.clear_faults();
            no_content()
        }
        (&Method::DELETE, _) if path.starts_with("faults/") => {
            let id = path.trim_start_matches("faults/");
            match id.parse().is_ok_and(|id| tenant.remove_fault(id)) {
                true => no_content(),
                false => ApiError::no_such_fault(id).into(),
            }
        }
        _ => ApiError::no_such_operation().into(),
    }
}

fn add_fault(tenant: &Tenant, body: &[u8]) -> Result<Response<Bytes>, ApiError> {
    let body = serde_json::from_slice(body).map_err(|_| ApiError::unreadable_json())?;
    let fault = Fault::read(body).map_err(|mistake| ApiError::invalid_body(mistake + "."))?;
    let id = tenant.add_fault(fault.clone())?;
    let mut response = ok(&fault.shown(id, 0));
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

fn ok(body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn no_content() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
