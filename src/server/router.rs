//! From a connection to [`Tenant::answer`], with bounds on what a client may send.
//!
//! A request is read completely before the tenant sees it: the tenant answers at once
//! and never waits. What is too long or too slow is refused here, so a client that
//! stops in the middle costs a connection for a while and nothing else.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::ListenerExt;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::{CONNECTION, CONTENT_LENGTH};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::admin;
use crate::api::{ApiError, Tenant};

/// The longest body, in bytes: the default of the framework whose sentences the live service speaks (inferred).
const MAX_BODY: usize = 1_048_576;

/// How long a body may take. Loopback needs milliseconds.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How much of a refused body is still taken from the connection, and thrown away. Closing with bytes unread resets the
/// connection, and a client that is busy sending then sees the reset instead of the answer.
const MAX_DISCARDED: usize = 16 * MAX_BODY;

/// Serves the tenant on this listener for as long as the future is polled.
pub(crate) async fn serve(listener: TcpListener, tenant: Arc<Tenant>) {
    // Answers are small and written at once: waiting for more to send only delays them.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    // A failing accept is retried inside; this ends only when the future is dropped.
    let _ = axum::serve(listener, router(tenant)).await;
}

fn router(tenant: Arc<Tenant>) -> Router {
    Router::new().fallback(answer).with_state(tenant)
}

async fn answer(State(tenant): State<Arc<Tenant>>, request: Request) -> Response {
    let (head, mut body) = request.into_parts();
    let announced = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0);

    let body = match timeout(BODY_TIMEOUT, read(&mut body, announced)).await {
        Ok(Ok(body)) => body,
        Ok(Err(unread)) => {
            tokio::spawn(timeout(BODY_TIMEOUT, discard(body)));
            return unread.response();
        }
        Err(_late) => return Unread::Late.response(),
    };
    let request = http::Request::from_parts(head, body);
    let response = match request.uri().path().strip_prefix(admin::PREFIX) {
        Some(path) => admin::answer(&tenant, request.method(), path),
        None => tenant.answer(request),
    };
    response.map(Body::from)
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
    /// The answer, after which the connection closes: what follows on it is the rest of the body.
    fn response(self) -> Response {
        let error = match self {
            Unread::TooLarge => ApiError::payload_too_large(MAX_BODY),
            Unread::Late => ApiError::body_too_late(),
            Unread::Broken => ApiError::unreadable_body(),
        };
        let mut response = http::Response::from(error).map(Body::from);
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }
}
