//! From a request on a connection to [`Tenant::answer`] or to [`admin`], with bounds on what a client may send.
//!
//! A request is read completely before the tenant gets it, because the tenant answers at once and never waits. A request that is
//! too long or too slow is refused here, so a client that stops in the middle takes up a connection for a while and no more.

use std::future::pending;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use super::admin::{self, Admin};
use super::app_state::{AppState, ServeOwnPorts};
#[cfg(all(feature = "cli", feature = "conformance"))]
use super::bodies::Room;
use super::bodies::{MAX_BODY, MAX_STATE, Unread, discard};
use super::fault_transport::{self, ConnectionReset, ReplyBody};
use super::tasks::Tasks;
use super::tenants::Found;
use crate::api::{ApiError, Tenant};

/// The time limit of a body. Loopback needs milliseconds.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit of an imported state.
const STATE_TIMEOUT: Duration = Duration::from_secs(120);

/// The most bytes of a refused body that are read and dropped.
const MAX_DISCARDED: usize = 16 * MAX_BODY;

/// The answer of a function instead of a tenant.
#[cfg(all(feature = "cli", feature = "conformance"))]
pub(super) async fn answer_with<Answered>(
    bodies: Room,
    request: Request<Incoming>,
    answer: impl FnOnce(Request<Bytes>) -> Answered,
) -> Response<ReplyBody>
where
    Answered: Future<Output = Response<Bytes>>,
{
    let (head, mut body) = request.into_parts();
    if has_wrong_host(&head) {
        return refuse_unread(ApiError::bad_host(), body);
    }
    match bodies.read(&head, &mut body, MAX_BODY, BODY_TIMEOUT).await {
        Ok(held) => {
            let (body, _room) = held.split();
            answer(Request::from_parts(head, body)).await.map(ReplyBody::from)
        }
        Err(unread) => refuse_unread(unread.error(MAX_BODY), body),
    }
}

/// The answer of a tenant of the app, or of the control API.
pub(super) async fn answer(
    app: AppState,
    serve_own_ports: ServeOwnPorts,
    request: Request<Incoming>,
) -> Response<ReplyBody> {
    let (head, body) = request.into_parts();
    if has_wrong_host(&head) {
        return refuse_unread(ApiError::bad_host(), body);
    }
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| head.uri.authority().map(|authority| authority.as_str()));
    let Found::Tenant(tenant) = app.tenant_at(host) else {
        return refuse_unread(ApiError::tenant_is_removed(), body);
    };
    let below = admin::below(head.uri.path()).map(str::to_owned);
    match (app.admin, below) {
        (Admin::Beside(reach) | Admin::Alone(reach), Some(below)) => match admin::refusal(&head, reach, &app.tenants) {
            Some(refusal) => refuse_unread(refusal, body),
            None => answer_admin(app, serve_own_ports, tenant, head, body, below).await,
        },
        (Admin::Alone(_), None) => refuse_unread(ApiError::only_admin_here(), body),
        (Admin::Off | Admin::Beside(_), _) => answer_tenant(app, tenant, head, body).await,
    }
}

/// Whether the request has no `Host` or an invalid one. Such a request is refused (RFC 9112, section 3.2).
fn has_wrong_host(head: &Parts) -> bool {
    match head.headers.get_all(HOST).iter().count() {
        0 => head.version == Version::HTTP_11,
        hosts => hosts > 1,
    }
}

async fn answer_tenant(app: AppState, tenant: Arc<Tenant>, head: Parts, mut body: Incoming) -> Response<ReplyBody> {
    let (bytes, room) = match app.bodies.read(&head, &mut body, MAX_BODY, BODY_TIMEOUT).await {
        Ok(held) => held.split(),
        Err(unread) => {
            discard_unless_late(&unread, body);
            return closing(tenant.refuse(head.method.as_str(), head.uri.path(), unread.error(MAX_BODY)));
        }
    };
    let reset = head.extensions.get::<ConnectionReset>().cloned();
    let request = Request::from_parts(head, bytes);
    let may_wait = tenant.may_wait(request.uri().path());
    let answer = move || {
        let answer = tenant.answer(request);
        drop(room);
        answer
    };
    let response = if may_wait { run_blocking(&app.tasks, answer).await } else { answer() };
    fault_transport::send(response, reset).await
}

/// Requests of the test to the control API, which are not in the journal.
async fn answer_admin(
    app: AppState,
    serve_own_ports: ServeOwnPorts,
    tenant: Arc<Tenant>,
    head: Parts,
    mut body: Incoming,
    below: String,
) -> Response<ReplyBody> {
    let brings_state = admin::brings_state(&head.method, &below);
    let AppState { bodies, states, turn, .. } = app.clone();
    let (room, most, patience) =
        if brings_state { (states, MAX_STATE, STATE_TIMEOUT) } else { (bodies, MAX_BODY, BODY_TIMEOUT) };
    let (bytes, room) = match room.read(&head, &mut body, most, patience).await {
        Ok(held) => held.split(),
        Err(unread) => {
            discard_unless_late(&unread, body);
            return closing(unread.error(most).into());
        }
    };
    // The semaphore is never closed.
    let turn = if brings_state { turn.acquire_owned().await.ok() } else { None };
    let request = Request::from_parts(head, bytes);
    let tasks = app.tasks.clone();
    let answer = run_blocking(&tasks, move || {
        let answer = admin::answer(&tenant, &app, serve_own_ports, &request, &below);
        drop((request, room, turn));
        answer
    });
    answer.await.map(ReplyBody::from)
}

/// Answers on a thread of its own: an Action of the test may send a request to this server, and a search of the log or an import
/// must not delay other requests.
async fn run_blocking(tasks: &Tasks, answer: impl FnOnce() -> Response<Bytes> + Send + 'static) -> Response<Bytes> {
    let running = tasks.running();
    let answer = move || {
        let response = answer();
        drop(running);
        response
    };
    match tokio::task::spawn_blocking(answer).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The server stops, and so does this request.
            Err(_) => pending().await,
        },
    }
}

/// The answer to a request whose body is not used. The task that drops the body ends with the connection.
fn refuse_unread(error: ApiError, body: Incoming) -> Response<ReplyBody> {
    if body.is_end_stream() {
        return Response::from(error).map(ReplyBody::from);
    }
    tokio::spawn(timeout(BODY_TIMEOUT, discard(body, MAX_DISCARDED)));
    closing(error.into())
}

/// Reads the rest of the body while the answer is sent, unless the time limit of the body has passed.
fn discard_unless_late(unread: &Unread, body: Incoming) {
    if *unread != Unread::Late {
        tokio::spawn(timeout(BODY_TIMEOUT, discard(body, MAX_DISCARDED)));
    }
}

/// The connection closes after this answer, because the rest of a body follows on it.
fn closing(response: Response<Bytes>) -> Response<ReplyBody> {
    let mut response = response.map(ReplyBody::from);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
