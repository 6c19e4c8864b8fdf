//! Cassettes of Ruby's VCR.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use super::{Exchange, body, header};

#[derive(Deserialize)]
pub(super) struct File {
    http_interactions: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    uri: String,
    #[serde(default)]
    body: Body,
    #[serde(default)]
    headers: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Response {
    status: Status,
    #[serde(default)]
    body: Body,
}

#[derive(Deserialize)]
struct Status {
    code: u16,
}

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    string: Option<String>,
    #[serde(default)]
    base64_string: Option<String>,
}

impl Body {
    fn text(self) -> String {
        let decoded = self.base64_string.map(|text| {
            let text: String = text.split_ascii_whitespace().collect();
            String::from_utf8_lossy(&BASE64_STANDARD.decode(text).unwrap_or_default()).into_owned()
        });
        self.string.or(decoded).unwrap_or_default()
    }
}

pub(super) fn read(file: File) -> Vec<Exchange> {
    file.http_interactions.into_iter().map(exchange).collect()
}

fn exchange(Recorded { request, response }: Recorded) -> Exchange {
    let headers = request.headers.iter().filter_map(|(name, values)| Some((name.as_str(), values.first()?.as_str())));
    let request_type = header(headers, "content-type");
    Exchange {
        request: body(&request.body.text(), request_type.as_deref()),
        method: request.method,
        url: request.uri,
        request_type,
        status: response.status.code,
        response: body(&response.body.text(), None),
        duration_ms: None,
    }
}
