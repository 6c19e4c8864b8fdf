//! From a request on a connection to [`Tenant::answer`], with bounds on what a client may send.
//!
//! A request is read completely before the tenant sees it: the tenant answers at once
//! and never waits. What is too long or too slow is refused here, so a client that
//! stops in the middle costs a connection for a while and nothing else.

use std::future::{pending, poll_fn};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::request::Parts;
use tokio::time::timeout;

use super::admin;
use super::disturbed::{self, Line};
use crate::api::{ApiError, Tenant};

/// The longest body, in bytes: the default of the framework whose sentences the live service speaks (inferred).
const MAX_BODY: usize = 1_048_576;

/// How long a body may take. Loopback needs milliseconds.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How much of a refused body is still taken from the connection, and thrown away. Closing with bytes unread resets the
/// connection, and a client that is busy sending then sees the reset instead of the answer.
const MAX_DISCARDED: usize = 16 * MAX_BODY;

/// Everything that a connection may ask.
pub(super) fn router(tenant: Arc<Tenant>) -> Router {
    Router::new().fallback(answer).with_state(tenant)
}

/// The same for requests that something else answers than a tenant, in its own time.
#[cfg(all(feature = "cli", feature = "conformance"))]
pub(super) fn router_for<Answer, Answered>(answer: Answer) -> Router
where
    Answer: Fn(http::Request<Bytes>) -> Answered + Clone + Send + Sync + 'static,
    Answered: Future<Output = http::Response<Bytes>> + Send,
{
    Router::new().fallback(async move |request: Request| {
        let (head, mut body) = request.into_parts();
        match timeout(BODY_TIMEOUT, read(&mut body, 0)).await {
            Ok(Ok(body)) => answer(http::Request::from_parts(head, body)).await.map(Body::from),
            Ok(Err(unread)) => http::Response::from(unread.error()).map(Body::from),
            Err(_late) => http::Response::from(Unread::Late.error()).map(Body::from),
        }
    })
}

async fn answer(State(tenant): State<Arc<Tenant>>, request: Request) -> Response {
    let (head, mut body) = request.into_parts();
    let announced = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0);

    let body = match timeout(BODY_TIMEOUT, read(&mut body, announced)).await {
        Ok(Ok(body)) => body,
        Ok(Err(unread)) => {
            tokio::spawn(timeout(BODY_TIMEOUT, discard(body)));
            return refuse(&tenant, &head, unread);
        }
        Err(_late) => return refuse(&tenant, &head, Unread::Late),
    };
    let line = head.extensions.get::<Line>().cloned();
    let request = http::Request::from_parts(head, body);
    let response = match request.uri().path().strip_prefix(admin::PREFIX) {
        Some(path) => admin::answer(&tenant, request.method(), path, request.body()),
        None if tenant.may_wait(request.uri().path()) => answer_apart(tenant, request).await,
        None => tenant.answer(request),
    };
    disturbed::send(response, line).await
}

/// Answers on a thread of its own: an Action of the test may ask this very server something, and a search of the log holds
/// up nobody else.
async fn answer_apart(tenant: Arc<Tenant>, request: http::Request<Bytes>) -> http::Response<Bytes> {
    match tokio::task::spawn_blocking(move || tenant.answer(request)).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The server stops, and this with it.
            Err(_) => pending().await,
        },
    }
}

/// The answer to a request whose body was not read. The connection closes after it: what follows on it is the rest of
/// the body.
fn refuse(tenant: &Tenant, head: &Parts, unread: Unread) -> Response {
    let path = head.uri.path();
    let response = if path.starts_with(admin::PREFIX) {
        // Requests of the test itself are not what the journal is about.
        http::Response::from(unread.error())
    } else {
        tenant.refuse(head.method.as_str(), path, unread.error())
    };
    let mut response = response.map(Body::from);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Collects a body of at most [`MAX_BODY`] bytes.
async fn read(body: &mut Body, announced: usize) -> Result<Bytes, Unread> {
    if announced > MAX_BODY {
        return Err(Unread::TooLarge);
    }
    let mut collected = BytesMut::with_capacity(announced);
    while let Some(data) = next_data(body).await? {
        if collected.len() + data.len() > MAX_BODY {
            return Err(Unread::TooLarge);
        }
        collected.extend_from_slice(&data);
    }
    Ok(collected.freeze())
}

/// Reads on while the answer is on its way.
async fn discard(mut body: Body) {
    let mut discarded = 0;
    while let Ok(Some(data)) = next_data(&mut body).await {
        discarded += data.len();
        if discarded > MAX_DISCARDED {
            return;
        }
    }
}

/// The next piece of a body; empty for what is no data, as trailers.
async fn next_data(body: &mut Body) -> Result<Option<Bytes>, Unread> {
    match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
        Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
        Some(Err(_)) => Err(Unread::Broken),
        None => Ok(None),
    }
}

/// Why a body was not read.
enum Unread {
    TooLarge,
    Late,
    Broken,
}

impl Unread {
    fn error(self) -> ApiError {
        match self {
            Unread::TooLarge => ApiError::payload_too_large(MAX_BODY),
            Unread::Late => ApiError::body_too_late(),
            Unread::Broken => ApiError::unreadable_body(),
        }
    }
}
