//! HTTP Archive 1.2, as browsers and proxies write it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::conformance::recording::exchange::{WireExchange, body, header};

#[derive(Deserialize)]
pub(super) struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
    response: Response,
    #[serde(default)]
    time: Option<f64>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(default, rename = "postData")]
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default, rename = "mimeType")]
    media_type: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    params: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    #[serde(default)]
    content: Content,
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default)]
    text: String,
    #[serde(default)]
    encoding: Option<String>,
}

pub(super) fn read(har: Har) -> Vec<WireExchange> {
    har.log.entries.into_iter().map(exchange).collect()
}

fn exchange(entry: Entry) -> WireExchange {
    let Entry { request, response, time } = entry;
    let media_type =
        header(request.headers.iter().map(|pair| (pair.name.as_str(), pair.value.as_str())), "content-type");
    let request_type = media_type.or_else(|| request.post_data.as_ref().and_then(|data| data.media_type.clone()));
    let request_body = match request.post_data {
        None => Value::Null,
        Some(PostData { text: Some(text), .. }) => body(&text, request_type.as_deref()),
        Some(data) => Value::Object(data.params.into_iter().map(|pair| (pair.name, pair.value.into())).collect()),
    };
    let text = match response.content {
        Content { text, encoding: Some(encoding) } if encoding == "base64" => {
            let bytes = BASE64_STANDARD.decode(&text).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Content { text, .. } => text,
    };
    WireExchange {
        method: request.method,
        url: request.url,
        request_type,
        request: request_body,
        status: response.status,
        response: body(&text, None),
        duration_ms: time,
    }
}
