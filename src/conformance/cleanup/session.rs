//! The requests of one scenario, and the way back to the tenant as it was before them.

use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::collection::Collection;
use super::settings::Settings;
use super::shared_run::SharedRun;
use super::sweeper;
use crate::conformance::http::{Answer, Request};
use crate::conformance::target::Target;

/// The tenant that a run tests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TenantUnderTest {
    /// A tenant that nobody else uses, as a mock.
    Private(Arc<Target>),
    /// A tenant that others use too, which is left as it was.
    Shared(Arc<SharedRun>),
}

impl TenantUnderTest {
    /// The tenant's address and credentials.
    pub(crate) fn target(&self) -> &Arc<Target> {
        match self {
            TenantUnderTest::Private(target) => target,
            TenantUnderTest::Shared(run) => run.target(),
        }
    }

    fn shared(&self) -> Option<&SharedRun> {
        match self {
            TenantUnderTest::Private(_) => None,
            TenantUnderTest::Shared(run) => Some(run),
        }
    }
}

impl From<Target> for TenantUnderTest {
    fn from(target: Target) -> TenantUnderTest {
        TenantUnderTest::Private(Arc::new(target))
    }
}

impl From<Arc<Target>> for TenantUnderTest {
    fn from(target: Arc<Target>) -> TenantUnderTest {
        TenantUnderTest::Private(target)
    }
}

impl From<Arc<SharedRun>> for TenantUnderTest {
    fn from(run: Arc<SharedRun>) -> TenantUnderTest {
        TenantUnderTest::Shared(run)
    }
}

/// The requests of one scenario to a tenant. It remembers how to undo each one.
pub(crate) struct Session {
    tenant: TenantUnderTest,
    undo: Vec<Undo>,
    repeats_writes: bool,
}

/// One step back to the tenant as it was before the scenario.
enum Undo {
    Delete(String),
    Restore { path: String, before: Value },
}

/// A call to the Management API.
pub(crate) struct Call<'c> {
    /// The `Authorization` header.
    pub authorization: Option<&'c str>,
    pub method: Method,
    pub path: &'c str,
    pub body: Option<&'c Value>,
}

/// The change that a call makes if the tenant does not refuse it.
enum Change {
    /// None, or one within an entity that the run created.
    Other,
    Creation,
    Settings {
        before: Value,
    },
}

/// A request and its answer, or the reason why there is none.
pub(crate) struct HttpExchange {
    pub request: Request,
    pub answer: Result<Answer, String>,
}

impl Session {
    pub(crate) fn new(tenant: TenantUnderTest) -> Session {
        Session { tenant, undo: Vec::new(), repeats_writes: true }
    }

    /// A session that sends a request once only, unless it is a read.
    #[cfg(feature = "cli")]
    pub(crate) fn without_repeated_writes(mut self) -> Session {
        self.repeats_writes = false;
        self
    }

    pub(crate) fn target(&self) -> &Target {
        self.tenant.target()
    }

    /// Sends a request that changes nothing.
    pub(crate) async fn send(&self, mut request: Request) -> HttpExchange {
        request.is_repeatable &= self.repeats_writes || request.method == Method::GET;
        let answer = self.target().send(request.clone()).await;
        HttpExchange { request, answer }
    }

    /// Calls the Management API, and remembers how to undo the change.
    ///
    /// # Errors
    /// The call would change something of a shared tenant that the run did not create or could not remove, or the change
    /// cannot be journaled.
    pub(crate) async fn call(&mut self, call: Call<'_>) -> Result<HttpExchange, String> {
        let Call { authorization, method, path, body } = call;
        let change = self.change(&method, path, body).await?;
        let mut name = None;
        if let Some(run) = self.tenant.shared().filter(|_| method != Method::GET) {
            match &change {
                Change::Settings { before } => run.log_change(path, before)?,
                Change::Creation => name = Some(run.log_creation(path, body).await?),
                Change::Other => run.check_path(path)?,
            }
        }
        if let Change::Settings { before } = &change {
            // The tenant may make the change and give no answer.
            self.undo.push(Undo::Restore { path: path.to_owned(), before: before.clone() });
        }
        let mut request = self.target().request(method, &whole_path(path));
        if let Some(authorization) = authorization {
            request = request.header(http::header::AUTHORIZATION, authorization);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let exchange = self.send(request).await;
        if let Ok(answer) = &exchange.answer {
            self.note(&change, path, name, answer)?;
        }
        Ok(exchange)
    }

    async fn change(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Change, String> {
        match (body, Settings::at(path)) {
            (Some(body), Some(settings)) if *method == settings.method() => {
                Ok(Change::Settings { before: settings.before(&self.present(path).await?, body) })
            }
            _ if method == Method::POST && (path.rfind('/') == Some(0) || Collection::at(path).is_some()) => {
                Ok(Change::Creation)
            }
            _ => Ok(Change::Other),
        }
    }

    /// The present settings at a path, which a request is about to change.
    async fn present(&self, path: &str) -> Result<Value, String> {
        let target = self.target();
        let answer = sweeper::read(target, path).await?;
        if answer.status != 200 {
            // A guess would be restored as their values.
            return Err(format!("{path} could not be read before a change: {answer}"));
        }
        Ok(answer.body)
    }

    /// Notes what came of a change.
    fn note(&mut self, change: &Change, path: &str, name: Option<String>, answer: &Answer) -> Result<(), String> {
        match change {
            Change::Creation => {
                let is_created = matches!(answer.status, 200 | 201);
                let created = is_created.then(|| Collection::at(path)?.path_of(&answer.body)).flatten();
                self.undo.extend(created.clone().map(Undo::Delete));
                match (self.tenant.shared(), name) {
                    (Some(run), Some(name)) => run.log_outcome(path, name, created.as_deref()),
                    _ => Ok(()),
                }
            }
            Change::Settings { .. } if answer.status != 200 => {
                self.undo.pop();
                self.tenant.shared().map_or(Ok(()), |run| run.log_restoration(path))
            }
            Change::Other if path == IDENTITY_PROVIDERS && answer.status == 201 => {
                let connection =
                    Collection::at("/connections").and_then(|connections| connections.path_of(&answer.body));
                self.undo.extend(connection.map(Undo::Delete));
                Ok(())
            }
            Change::Settings { .. } | Change::Other => Ok(()),
        }
    }

    /// Undoes every change, the last one first.
    ///
    /// # Errors
    /// Something could not be undone. Everything else was.
    pub(crate) async fn undo(&mut self) -> Result<(), String> {
        let target = Arc::clone(self.tenant.target());
        let mut mistakes = Vec::new();
        while let Some(undo) = self.undo.pop() {
            // The scenario may have deleted the entity itself.
            let undone = match &undo {
                Undo::Delete(path) => sweeper::delete(&target, path).await.map(drop),
                Undo::Restore { path, before } => sweeper::restore(&target, path, before).await,
            };
            let logged = undone.and_then(|()| match (self.tenant.shared(), &undo) {
                (None, _) => Ok(()),
                (Some(run), Undo::Delete(path)) => run.log_deletion(path),
                (Some(run), Undo::Restore { path, .. }) => run.log_restoration(path),
            });
            mistakes.extend(logged.err());
        }
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes.join("; ")) }
    }

    /// Checks that a request outside of the Management API may go to the tenant.
    ///
    /// # Errors
    /// The tenant is shared, and the answer would not tell what the request created there.
    pub(crate) fn check_raw(&self, method: &Method, path: &str) -> Result<(), String> {
        let reads = method == Method::GET || method == Method::HEAD;
        if self.tenant.shared().is_some() && !reads && path != "/oauth/token" {
            return Err(format!(
                "a run on a shared tenant sends {method} by the steps for the Management API only; tag the scenario @mock-only"
            ));
        }
        Ok(())
    }
}

/// The creation of an identity provider also creates a connection, which is not deleted with the organization. A run on a shared
/// tenant does not send it.
const IDENTITY_PROVIDERS: &str = "/my-org/identity-providers";

/// The path of a request: a scenario leaves `/api/v2` out, and writes the path of the My Organization API in full.
pub(crate) fn whole_path(path: &str) -> String {
    if path == "/my-org" || path.starts_with("/my-org/") { path.to_owned() } else { format!("/api/v2{path}") }
}
