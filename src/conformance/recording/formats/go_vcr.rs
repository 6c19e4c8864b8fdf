//! go-vcr cassettes, versions 1 and 2.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::conformance::recording::exchange::{WireExchange, body, header};

#[derive(Deserialize)]
pub(super) struct File {
    interactions: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    headers: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Response {
    code: u16,
    #[serde(default)]
    body: String,
    #[serde(default)]
    duration: Option<String>,
}

pub(super) fn read(file: File) -> Vec<WireExchange> {
    file.interactions.into_iter().map(exchange).collect()
}

fn exchange(Recorded { request, response }: Recorded) -> WireExchange {
    let first = |(name, values): (&'_ String, &'_ Vec<String>)| Some((name.clone(), values.first()?.clone()));
    let headers: Vec<(String, String)> = request.headers.iter().filter_map(first).collect();
    let request_type = header(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())), "content-type");
    WireExchange {
        request: body(&request.body, request_type.as_deref()),
        method: request.method,
        url: request.url,
        request_type,
        status: response.code,
        response: body(&response.body, None),
        duration_ms: response.duration.as_deref().and_then(milliseconds),
    }
}

/// A duration in Go's notation, `1.2s` or `93.285ms`. No answer takes long enough for a longer unit.
fn milliseconds(text: &str) -> Option<f64> {
    let number_ends = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number: f64 = text[..number_ends].parse().ok()?;
    match &text[number_ends..] {
        "s" => Some(number * 1000.0),
        "ms" => Some(number),
        "µs" | "us" => Some(number / 1000.0),
        _ => None,
    }
}
