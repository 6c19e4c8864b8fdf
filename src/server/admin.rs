//! The addresses under `/__admin`, which the live service does not have: they go back to
//! the seed and show why requests were answered as they were.
//!
//! | request | answer |
//! |---|---|
//! | `POST /__admin/reset` | 204; the state is what the tenant started with, the journal is empty |
//! | `GET /__admin/requests` | 200; the journal, oldest first |
//! | `DELETE /__admin/requests` | 204; the journal is empty |
//!
//! They ask for no token: whoever reaches the port is the test.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::json;

use crate::api::{ApiError, Tenant};

pub(super) const PREFIX: &str = "/__admin/";

/// Answers a request below [`PREFIX`].
pub(super) fn answer(tenant: &Tenant, method: &Method, path: &str) -> Response<Bytes> {
    match (method, path) {
        (&Method::POST, "reset") => {
            tenant.reset();
            no_content()
        }
        (&Method::GET | &Method::HEAD, "requests") => {
            let mut response = Response::new(Bytes::from(json!(tenant.requests()).to_string()));
            let json = HeaderValue::from_static("application/json; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, json);
            response
        }
        (&Method::DELETE, "requests") => {
            tenant.forget_requests();
            no_content()
        }
        _ => ApiError::no_such_operation().into(),
    }
}

fn no_content() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
