//! A request to a tenant.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// A request to a tenant, with its whole body.
#[derive(Clone)]
pub(crate) struct Request {
    pub method: Method,
    /// With scheme, host and path.
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether the client may send the request again after it got no answer. The tenant may have carried out the first one.
    pub is_repeatable: bool,
}

/// The characters that an address cannot hold. All others stay as the scenario has them.
const NOT_IN_ADDRESSES: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^');

impl Request {
    pub(crate) fn new(method: Method, url: &str) -> Request {
        let mut headers = HeaderMap::new();
        let url = utf8_percent_encode(url, NOT_IN_ADDRESSES).to_string();
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("m2mock/", env!("CARGO_PKG_VERSION"))));
        let is_repeatable = method != Method::POST;
        Request { method, url, headers, body: Bytes::new(), is_repeatable }
    }

    /// The address from the path on.
    pub(crate) fn path(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.find('/').map_or("/", |at| &rest[at..])
    }

    /// The media type of the body.
    pub(crate) fn media_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
    }

    /// Adds a header; a value that no header can have is left out.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Request {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Request {
        self.header(AUTHORIZATION, &format!("Bearer {token}"))
    }

    pub(crate) fn basic(self, id: &str, secret: &str) -> Request {
        self.header(AUTHORIZATION, &format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}"))))
    }

    pub(crate) fn json(self, value: &impl Serialize) -> Request {
        // Every value here is made of maps with text keys, which always serialise.
        self.body("application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    pub(crate) fn form<'a>(self, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Request {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.body("application/x-www-form-urlencoded", form)
    }

    pub(crate) fn body(self, media_type: &str, body: impl Into<Bytes>) -> Request {
        let mut request = self.header(CONTENT_TYPE, media_type);
        request.body = body.into();
        request
    }
}
