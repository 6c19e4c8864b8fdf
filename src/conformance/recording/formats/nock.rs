//! nock recordings: an array of interceptors.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::conformance::recording::exchange::{WireExchange, body, header};

#[derive(Deserialize)]
pub(super) struct Interceptor {
    /// `https://tenant:443`
    scope: String,
    method: String,
    path: String,
    #[serde(default)]
    body: Value,
    status: u16,
    #[serde(default)]
    response: Value,
    #[serde(default, rename = "reqheaders")]
    headers: BTreeMap<String, Value>,
}

pub(super) fn read(interceptors: Vec<Interceptor>) -> Vec<WireExchange> {
    interceptors.into_iter().map(exchange).collect()
}

fn exchange(interceptor: Interceptor) -> WireExchange {
    let headers = interceptor.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    let request_type = header(headers, "content-type");
    // nock writes a body that it cannot parse as a text.
    let read = |value: Value| match value {
        Value::String(text) => body(&text, request_type.as_deref()),
        other => other,
    };
    WireExchange {
        request: read(interceptor.body),
        response: match interceptor.response {
            Value::String(text) => body(&text, None),
            other => other,
        },
        method: interceptor.method,
        url: format!("{}{}", interceptor.scope, interceptor.path),
        status: interceptor.status,
        request_type,
        duration_ms: None,
    }
}
