//! The page at `/__admin/`: a form for each operation, which the browser makes from the OpenAPI document.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderValue, Response};

/// One file, with style and script in it.
const PAGE: &str = include_str!("page.html");

/// Stands in the page where the style and the script say by which word they may run.
const NONCE: &str = "NONCE";

pub(super) fn response() -> Response<Bytes> {
    // Nothing that anybody sent is in the page; the word keeps what an extension or a proxy adds from running.
    let nonce = format!("{:032x}", fastrand::u128(..));
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = Response::new(Bytes::from(PAGE.replace(NONCE, &nonce)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}
