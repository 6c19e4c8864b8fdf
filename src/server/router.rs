//! From a request on a connection to [`Tenant::answer`] or to [`admin`], with bounds on what a client may send.
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
use http::header::{CONNECTION, CONTENT_LENGTH, HOST};
use http::request::Parts;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::admin::{self, Admin};
use super::disturbed::{self, Line};
use super::tenants::{Found, Tenants};
use crate::api::{ApiError, Tenant};

/// The longest body, in bytes: the default of the framework whose sentences the live service speaks (inferred).
const MAX_BODY: usize = 1_048_576;

/// How long a body may take. Loopback needs milliseconds.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a whole state may take.
const STATE_TIMEOUT: Duration = Duration::from_secs(120);

/// How much of a refused body is still taken from the connection, and thrown away. Closing with bytes unread resets the
/// connection, and a client that is busy sending then sees the reset instead of the answer.
const MAX_DISCARDED: usize = 16 * MAX_BODY;

/// What a listener leads to.
#[derive(Clone)]
pub(crate) struct Door {
    tenants: Arc<Tenants>,
    admin: Admin,
    /// One state is taken in at a time: they may be large.
    states: Arc<Semaphore>,
}

impl Door {
    pub(crate) fn new(tenants: Arc<Tenants>, admin: Admin) -> Self {
        Door { tenants, admin, states: Arc::new(Semaphore::new(1)) }
    }

    /// To one tenant on plain HTTP, with what is below `/__admin` for this machine.
    #[cfg(all(feature = "cli", feature = "conformance"))]
    pub(crate) fn to_one(tenant: Arc<Tenant>, http: u16) -> Self {
        let tenants = Tenants::new(tenant, super::tenants::Addresses { http, https: None });
        Door::new(Arc::new(tenants), Admin::Beside(admin::Reach::Loopback))
    }

    #[cfg(feature = "tls")]
    pub(super) fn tenants(&self) -> &Arc<Tenants> {
        &self.tenants
    }

    /// The same tenants behind another listener.
    #[cfg(feature = "cli")]
    pub(crate) fn with(&self, admin: Admin) -> Self {
        Door { admin, ..self.clone() }
    }
}

/// Everything that a connection may ask.
pub(super) fn router(door: Door) -> Router {
    Router::new().fallback(answer).with_state(door)
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
        match timeout(BODY_TIMEOUT, read(&mut body, 0, MAX_BODY)).await {
            Ok(Ok(body)) => answer(http::Request::from_parts(head, body)).await.map(Body::from),
            Ok(Err(unread)) => http::Response::from(unread.error(MAX_BODY)).map(Body::from),
            Err(_late) => http::Response::from(Unread::Late.error(MAX_BODY)).map(Body::from),
        }
    })
}

async fn answer(State(door): State<Door>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| head.uri.authority().map(|authority| authority.as_str()));
    let Found::Tenant(tenant) = door.tenants.at(host) else {
        return refuse_unread(ApiError::tenant_is_removed(), body);
    };
    let below = admin::below(head.uri.path()).map(str::to_owned);
    match (door.admin, below) {
        (Admin::Beside(reach) | Admin::Alone(reach), Some(below)) => {
            match admin::refusal(&head, reach, &door.tenants) {
                Some(refusal) => refuse_unread(refusal, body),
                None => answer_admin(door, tenant, head, body, below).await,
            }
        }
        (Admin::Alone(_), None) => refuse_unread(ApiError::only_admin_here(), body),
        (Admin::Off | Admin::Beside(_), _) => answer_tenant(tenant, head, body).await,
    }
}

async fn answer_tenant(tenant: Arc<Tenant>, head: Parts, mut body: Body) -> Response {
    let body = match timeout(BODY_TIMEOUT, read(&mut body, announced(&head), MAX_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(unread)) => {
            tokio::spawn(timeout(BODY_TIMEOUT, discard(body)));
            let error = unread.error(MAX_BODY);
            return closing(tenant.refuse(head.method.as_str(), head.uri.path(), error));
        }
        Err(_late) => {
            return closing(tenant.refuse(head.method.as_str(), head.uri.path(), Unread::Late.error(MAX_BODY)));
        }
    };
    let line = head.extensions.get::<Line>().cloned();
    let request = http::Request::from_parts(head, body);
    let response = if tenant.may_wait(request.uri().path()) {
        apart(move || tenant.answer(request)).await
    } else {
        tenant.answer(request)
    };
    disturbed::send(response, line).await
}

/// Requests of the test itself, which are not what the journal is about.
async fn answer_admin(door: Door, tenant: Arc<Tenant>, head: Parts, mut body: Body, below: String) -> Response {
    let brings_state = admin::brings_state(&head.method, &below);
    let (most, patience) = if brings_state { (admin::MAX_STATE, STATE_TIMEOUT) } else { (MAX_BODY, BODY_TIMEOUT) };
    let Door { tenants, states, .. } = door;
    let reading = async {
        let turn = if brings_state { states.acquire_owned().await.ok() } else { None };
        read(&mut body, announced(&head), most).await.map(|body| (body, turn))
    };
    match timeout(patience, reading).await {
        Ok(Ok((body, turn))) => {
            let request = http::Request::from_parts(head, body);
            let answer = apart(move || {
                let answer = admin::answer(&tenant, &tenants, &request, &below);
                drop((request, turn));
                answer
            });
            answer.await.map(Body::from)
        }
        Ok(Err(unread)) => refuse_unread(unread.error(most), body),
        Err(_late) => closing(Unread::Late.error(most).into()),
    }
}

fn announced(head: &Parts) -> usize {
    head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}

/// Answers on a thread of its own: an Action of the test may ask this very server something, and a search of the log or a
/// whole state holds up nobody else.
async fn apart(answer: impl FnOnce() -> http::Response<Bytes> + Send + 'static) -> http::Response<Bytes> {
    match tokio::task::spawn_blocking(answer).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The server stops, and this with it.
            Err(_) => pending().await,
        },
    }
}

/// The answer to a request whose body nobody wants.
fn refuse_unread(error: ApiError, body: Body) -> Response {
    if body.is_end_stream() {
        return http::Response::from(error).map(Body::from);
    }
    tokio::spawn(timeout(BODY_TIMEOUT, discard(body)));
    closing(error.into())
}

/// The connection closes after this answer: what follows on it is the rest of a body.
fn closing(response: http::Response<Bytes>) -> Response {
    let mut response = response.map(Body::from);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Collects a body of at most so many bytes.
async fn read(body: &mut Body, announced: usize, most: usize) -> Result<Bytes, Unread> {
    if announced > most {
        return Err(Unread::TooLarge);
    }
    // What is announced beyond the usual has to come before there is room for it.
    let mut collected = BytesMut::with_capacity(announced.min(MAX_BODY));
    while let Some(data) = next_data(body).await? {
        if collected.len() + data.len() > most {
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
    fn error(self, most: usize) -> ApiError {
        match self {
            Unread::TooLarge => ApiError::payload_too_large(most),
            Unread::Late => ApiError::body_too_late(),
            Unread::Broken => ApiError::unreadable_body(),
        }
    }
}
