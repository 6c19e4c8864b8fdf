//! A reverse proxy that records the traffic of a tenant.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;

use super::exchange::WireExchange;
use super::recorder::{Recorder, body};
use crate::conformance::http::{HttpClient, REDACTED, Request as Forwarded};

/// Forwards requests to one tenant and records them.
pub struct Proxy {
    base: String,
    client: HttpClient,
    recorder: Mutex<Recorder>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Proxy {
    /// A proxy for the tenant at an address, which records into a cassette.
    ///
    /// # Errors
    /// The file of certificate authorities cannot be read, or the HTTP client cannot be created.
    pub fn new(base: &str, recorder: Recorder, ca_file: Option<&Path>) -> Result<Proxy, String> {
        let client = HttpClient::new(ca_file)?;
        Ok(Proxy { base: base.trim_end_matches('/').to_owned(), client, recorder: Mutex::new(recorder) })
    }

    /// Forwards a request and records it with its answer. If the tenant cannot be reached, the answer is a 502 that is not recorded.
    ///
    /// Requests to the control API of a mock (`/__admin`) and requests without a path (`OPTIONS *`) are refused, and neither forwarded
    /// nor recorded.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        if !path.starts_with('/') || request.method() == Method::CONNECT {
            return plain(StatusCode::BAD_REQUEST, "the recorder forwards requests to a path only\n".to_owned());
        }
        if is_control_path(path) {
            let message = "the recorder does not forward requests to the control API: send them to the mock itself\n";
            return plain(StatusCode::FORBIDDEN, message.to_owned());
        }
        let start = Instant::now();
        let answer = match self.forward(&request).await {
            Ok(answer) => answer,
            Err(error) => return plain(StatusCode::BAD_GATEWAY, format!("the tenant gave {error}\n")),
        };
        let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
        match self.record(&request, &answer, milliseconds) {
            Ok(()) => answer,
            Err(error) => {
                plain(StatusCode::INTERNAL_SERVER_ERROR, format!("the recording cannot be written: {error}\n"))
            }
        }
    }

    async fn forward(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, String> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let mut forwarded = Forwarded::new(request.method().clone(), &format!("{}{path}", self.base));
        forwarded.headers = end_to_end(request.headers());
        forwarded.body = request.body().clone();
        let mut answer = self.client.send(&forwarded).await?;
        *answer.headers_mut() = end_to_end(answer.headers());
        Ok(answer)
    }

    fn record(&self, request: &Request<Bytes>, answer: &Response<Bytes>, milliseconds: f64) -> std::io::Result<()> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let media_type = header(CONTENT_TYPE).map(str::to_owned);
        let mut request_body = body(request.body(), media_type.as_deref(), path);
        if path == "/oauth/token"
            && header(AUTHORIZATION).is_some_and(|value| value.starts_with("Basic"))
            && request_body.is_object()
        {
            // A replay sends its credentials in the body.
            request_body["client_id"] = "{{client_id}}".into();
            request_body["client_secret"] = REDACTED.into();
        }
        let exchange = WireExchange {
            method: request.method().to_string(),
            url: path.to_owned(),
            request_type: media_type,
            request: request_body,
            status: answer.status().as_u16(),
            response: body(answer.body(), None, path),
            duration_ms: Some((milliseconds * 1000.0).round() / 1000.0),
        };
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner).add(exchange)
    }
}

/// Whether some server may read a path as below `/__admin`: decoded, and without empty and dotted segments.
fn is_control_path(path: &str) -> bool {
    let mut path = path.to_owned();
    loop {
        let decoded = percent_decode_str(&path).decode_utf8_lossy().into_owned();
        if decoded == path {
            break;
        }
        path = decoded;
    }
    let mut segments = Vec::new();
    for segment in path.split(['/', '\\']) {
        match segment.split(';').next().unwrap_or_default() {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    segments.first().is_some_and(|first| first.eq_ignore_ascii_case("__admin"))
}

/// The end-to-end headers. The client sets the host of the tenant, and bodies are forwarded complete and uncompressed.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut forwarded = headers.clone();
    for name in [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, http::header::ACCEPT_ENCODING] {
        forwarded.remove(name);
    }
    forwarded
}

fn plain(status: StatusCode, text: String) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(text));
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::is_control_path;

    #[rstest]
    #[case("/__admin", true)]
    #[case("/__admin/state", true)]
    #[case("/__ADMIN/v1/state", true)]
    #[case("//__admin/state", true)]
    #[case("/./__admin/", true)]
    #[case("/api/..//__admin/state", true)]
    #[case("/%5f%5Fadmin/state", true)]
    #[case("/%255f_admin/state", true)]
    #[case("/a/%2e%2e/__admin", true)]
    #[case("/a\\..\\__admin", true)]
    #[case("/__admin;a=b/state", true)]
    #[case("/__administration", false)]
    #[case("/api/v2/clients/__admin", false)]
    #[case("/", false)]
    fn every_spelling_of_a_control_path_is_recognized(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(is_control_path(path), expected);
    }
}
