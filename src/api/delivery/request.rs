//! The requests that are due, and the results of attempts to send them.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};
use serde_json::{Map, Value};

use crate::store::document::text;

/// The requests that are due at one moment: at most one for each stream.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// The requests.
    pub requests: Vec<DueRequest>,
    /// If there are none: the time of the machine until the next one. Without it, the tenant says when.
    pub wait: Option<Duration>,
}

/// A request to a service outside.
#[derive(Debug)]
pub(crate) struct DueRequest {
    /// The content of the request.
    pub attempt: Attempt,
    /// The request with an absolute address, or why there is none.
    pub request: Result<Request<Bytes>, Failure>,
}

/// The content of a request.
#[derive(Clone, Debug)]
pub(crate) enum Attempt {
    /// The entries of the log before this number, to a log stream.
    Logs {
        /// The id of the stream.
        stream: String,
        /// The number of the first entry after them.
        end: u64,
    },
    /// An event.
    Event {
        /// The id of the event.
        id: String,
    },
}

/// Why a delivery failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// A sentence without a secret.
    pub sentence: String,
    /// Whether another attempt can succeed.
    pub outlook: Outlook,
}

/// Whether another attempt can succeed after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It may succeed.
    Passing,
    /// The receiver refused the request.
    Refused,
    /// Nothing: the stream names no receiver that m2mock sends to.
    Lasting,
}

impl Failure {
    /// One that another attempt may not meet.
    pub(crate) fn passing(sentence: impl Into<String>) -> Failure {
        Failure { sentence: sentence.into(), outlook: Outlook::Passing }
    }

    /// The receiver refused the request.
    pub(crate) fn refused(sentence: impl Into<String>) -> Failure {
        Failure { sentence: sentence.into(), outlook: Outlook::Refused }
    }

    /// One that every attempt would meet.
    pub(crate) fn lasting(sentence: impl Into<String>) -> Failure {
        Failure { sentence: sentence.into(), outlook: Outlook::Lasting }
    }
}

/// The headers that the connection needs. A stream cannot set them.
const OF_CONNECTION: [HeaderName; 4] =
    [header::CONNECTION, header::CONTENT_LENGTH, header::HOST, header::TRANSFER_ENCODING];

/// The request of a log stream with this sink.
pub(super) fn of_log_stream(sink: &Map<String, Value>, body: Vec<u8>) -> Result<Request<Bytes>, Failure> {
    let mut headers = vec![("content-type".to_owned(), text(sink, "httpContentType").unwrap_or(JSON).to_owned())];
    headers.extend(text(sink, "httpAuthorization").map(|value| ("authorization".to_owned(), value.to_owned())));
    let custom = sink.get("httpCustomHeaders").and_then(Value::as_array).into_iter().flatten();
    headers.extend(custom.filter_map(|custom| {
        Some((custom.get("header")?.as_str()?.to_owned(), custom.get("value")?.as_str()?.to_owned()))
    }));
    post(text(sink, "httpEndpoint"), headers, body)
}

/// The request of an event stream with this configuration of its webhook.
pub(super) fn of_webhook(configuration: &Map<String, Value>, body: Vec<u8>) -> Result<Request<Bytes>, Failure> {
    let mut headers = vec![("content-type".to_owned(), JSON.to_owned())];
    if let Some(Value::Object(authorization)) = configuration.get("webhook_authorization") {
        let member = |name: &str| text(authorization, name).unwrap_or_default();
        headers.push(match member("method") {
            "basic" => {
                let pair = format!("{}:{}", member("username"), member("password"));
                ("authorization".to_owned(), format!("Basic {}", STANDARD.encode(pair)))
            }
            "custom_header" => (member("header_key").to_owned(), member("header_value").to_owned()),
            _ => ("authorization".to_owned(), format!("Bearer {}", member("token"))),
        });
    }
    post(text(configuration, "webhook_endpoint"), headers, body)
}

const JSON: &str = "application/json";

fn post(endpoint: Option<&str>, headers: Vec<(String, String)>, body: Vec<u8>) -> Result<Request<Bytes>, Failure> {
    let request = Request::post(endpoint.unwrap_or_default()).body(Bytes::from(body));
    let mut request = request.map_err(|_| Failure::lasting("the endpoint of the stream is not a URL"))?;
    for (name, value) in headers {
        let name =
            HeaderName::try_from(name).map_err(|_| Failure::lasting("a header of the stream has no valid name"))?;
        let mut value = HeaderValue::try_from(value)
            .map_err(|_| Failure::lasting(format!("the value of the header {name} cannot be sent")))?;
        if !OF_CONNECTION.contains(&name) {
            value.set_sensitive(name != header::CONTENT_TYPE);
            request.headers_mut().insert(name, value);
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::json;

    use super::*;
    use crate::api::json::object;

    fn webhook(authorization: Value) -> Request<Bytes> {
        let configuration =
            json!({ "webhook_endpoint": "https://hook.example/in", "webhook_authorization": authorization });
        of_webhook(&object(configuration), b"{}".to_vec()).unwrap()
    }

    #[test]
    fn a_webhook_has_one_of_three_authorizations() {
        let bearer = webhook(json!({ "method": "bearer", "token": "sesame" }));
        assert_eq!(bearer.headers()["authorization"], "Bearer sesame");
        let basic = webhook(json!({ "method": "basic", "username": "bot", "password": "sesame" }));
        assert_eq!(basic.headers()["authorization"], "Basic Ym90OnNlc2FtZQ==");
        let custom = webhook(json!({ "method": "custom_header", "header_key": "X-Key", "header_value": "sesame" }));
        assert_eq!(custom.headers()["x-key"], "sesame");
        assert!(!format!("{bearer:?}{basic:?}{custom:?}").contains("sesame"));
    }

    #[test]
    fn what_cannot_be_sent_fails_for_good_and_its_sentence_has_no_secret() {
        let sink = |member: &str, value: Value| {
            let mut sink = object(json!({ "httpEndpoint": "https://hook.example" }));
            sink.insert(member.to_owned(), value);
            of_log_stream(&sink, Vec::new()).unwrap_err()
        };
        for failure in [
            sink("httpEndpoint", json!("https://sesame sesame")),
            sink("httpAuthorization", json!("sesame\n")),
            sink("httpCustomHeaders", json!([{ "header": "X-Key", "value": "sesame\r\n" }])),
            sink("httpCustomHeaders", json!([{ "header": "a b", "value": "sesame" }])),
        ] {
            assert!(failure.outlook == Outlook::Lasting && !failure.sentence.contains("sesame"), "{failure:?}");
        }
    }

    #[test]
    fn a_stream_cannot_set_the_headers_of_the_connection() {
        let custom = json!([
            { "header": "Host", "value": "other.example" }, { "header": "Content-Length", "value": "1" },
            { "header": "X-Team", "value": "blue" },
        ]);
        let sink = object(json!({ "httpEndpoint": "https://hook.example", "httpCustomHeaders": custom }));
        let request = of_log_stream(&sink, Vec::new()).unwrap();
        assert_eq!(request.headers()["x-team"], "blue");
        assert!(!request.headers().contains_key("host") && !request.headers().contains_key("content-length"));
    }
}
