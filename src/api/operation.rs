//! A row of the Management API: method, path, scopes, schemas and the function that answers.

use std::cmp::Ordering;
use std::fmt;
use std::sync::LazyLock;

use serde::{Serialize, Serializer};

use super::addressed::Addressed;
use super::call::{Call, Reply};
use super::error::ApiError;
use super::resource::Resource;
use super::setting::Setting;
use crate::domain::Names;
use crate::schema::Schemas;
use crate::store::State;

/// The operations of one resource: one Rust file with its rows, one schema file beside it.
pub(super) struct Family {
    /// The bodies, queries and paths that the rows name, read from the file on first use.
    pub schemas: &'static LazyLock<Schemas>,
    /// The rows.
    pub operations: &'static [Operation],
}

/// A function that answers an operation once the request has passed the gate.
pub(super) type Handler = fn(&mut Call<'_>) -> Result<Reply, ApiError>;

/// The implementation of an operation: an action of a declared resource or setting, or a function of its family.
#[derive(Clone, Copy)]
pub(super) enum Run {
    List(&'static Resource),
    Create(&'static Resource),
    Read(&'static Resource),
    Update(&'static Resource),
    Replace(&'static Resource),
    Remove(&'static Resource),
    ReadSetting(&'static Setting),
    UpdateSetting(&'static Setting),
    ReplaceSetting(&'static Setting),
    RemoveSetting(&'static Setting),
    Handler(Handler),
}

impl Run {
    /// Answers a request that has passed the gate.
    pub(super) fn perform(self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        match self {
            Run::List(resource) => resource.list(call),
            Run::Create(resource) => resource.create(call),
            Run::Read(resource) => resource.read(call),
            Run::Update(resource) => resource.update(call),
            Run::Replace(resource) => resource.replace(call),
            Run::Remove(resource) => resource.remove(call),
            Run::ReadSetting(setting) => setting.read(call),
            Run::UpdateSetting(setting) => setting.update(call),
            Run::ReplaceSetting(setting) => setting.replace(call),
            Run::RemoveSetting(setting) => setting.remove(call),
            Run::Handler(handler) => handler(call),
        }
    }

    /// The state of the operation, if the row declares it.
    pub(super) fn state(self) -> Option<&'static str> {
        match self {
            Run::List(_) | Run::Create(_) | Run::Read(_) | Run::Update(_) | Run::Replace(_) | Run::Remove(_) => {
                Some("collection")
            }
            Run::ReadSetting(_) | Run::UpdateSetting(_) | Run::ReplaceSetting(_) | Run::RemoveSetting(_) => {
                Some("setting")
            }
            Run::Handler(_) => None,
        }
    }
}

/// Whether the entity that a path names accepts fewer members than others.
pub(super) type TakesFewer = fn(&State, &Names, &[(&'static str, String)]) -> bool;

/// One method and path of the published API. The journal, faults and answers refer to it.
pub struct Operation {
    /// HTTP method.
    pub(crate) method: &'static str,
    /// Path below `/api/v2`, parameters in braces.
    pub(crate) path: &'static str,
    /// Accepted scopes; one of them is enough.
    pub(crate) scopes: &'static [&'static str],
    /// Status of success.
    pub(crate) success: u16,
    /// Name of the query schema; without one no parameter is accepted.
    pub(crate) query: Option<&'static str>,
    /// Name of the body schema; without one a body is ignored.
    pub(crate) body: Option<&'static str>,
    /// Name of the body schema for entities that accept fewer members, and the test for such entities.
    pub(crate) smaller_body: Option<(&'static str, TakesFewer)>,
    /// Whether the body is a form with a file in it rather than JSON.
    pub(crate) multipart: bool,
    /// Name of the path schema.
    pub(crate) parameters: Option<&'static str>,
    /// The members of path, query, body and answer that contain the tenant's address.
    pub(crate) addressed: &'static [Addressed],
    /// The implementation.
    pub(super) run: Run,
}

impl Operation {
    const fn new(
        method: &'static str,
        success: u16,
        path: &'static str,
        scopes: &'static [&'static str],
        run: Run,
    ) -> Self {
        Operation {
            method,
            path,
            scopes,
            success,
            query: None,
            body: None,
            smaller_body: None,
            multipart: false,
            parameters: None,
            addressed: &[],
            run,
        }
    }

    /// A row that answers 200.
    pub(crate) const fn get(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("GET", 200, path, scopes, Run::Handler(run))
    }

    /// A row that answers 201.
    pub(crate) const fn post(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("POST", 201, path, scopes, Run::Handler(run))
    }

    /// A row that answers 200.
    pub(crate) const fn patch(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("PATCH", 200, path, scopes, Run::Handler(run))
    }

    /// A row that answers 200.
    pub(crate) const fn put(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("PUT", 200, path, scopes, Run::Handler(run))
    }

    /// A row that answers 204.
    pub(crate) const fn delete(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("DELETE", 204, path, scopes, Run::Handler(run))
    }

    /// Lists the entities of a resource; answers 200.
    pub(super) const fn list(path: &'static str, scopes: &'static [&'static str], resource: &'static Resource) -> Self {
        Self::new("GET", 200, path, scopes, Run::List(resource))
    }

    /// Creates an entity of a resource; answers 201.
    pub(super) const fn create(
        path: &'static str,
        scopes: &'static [&'static str],
        resource: &'static Resource,
    ) -> Self {
        Self::new("POST", 201, path, scopes, Run::Create(resource))
    }

    /// Reads an entity of a resource; answers 200.
    pub(super) const fn read(path: &'static str, scopes: &'static [&'static str], resource: &'static Resource) -> Self {
        Self::new("GET", 200, path, scopes, Run::Read(resource))
    }

    /// Updates an entity of a resource; answers 200.
    pub(super) const fn update(
        path: &'static str,
        scopes: &'static [&'static str],
        resource: &'static Resource,
    ) -> Self {
        Self::new("PATCH", 200, path, scopes, Run::Update(resource))
    }

    /// Replaces an entity of a resource; answers 200.
    pub(super) const fn replace(
        path: &'static str,
        scopes: &'static [&'static str],
        resource: &'static Resource,
    ) -> Self {
        Self::new("PUT", 200, path, scopes, Run::Replace(resource))
    }

    /// Deletes an entity of a resource; answers 204.
    pub(super) const fn remove(
        path: &'static str,
        scopes: &'static [&'static str],
        resource: &'static Resource,
    ) -> Self {
        Self::new("DELETE", 204, path, scopes, Run::Remove(resource))
    }

    /// Reads a settings document; answers 200.
    pub(super) const fn read_setting(
        path: &'static str,
        scopes: &'static [&'static str],
        setting: &'static Setting,
    ) -> Self {
        Self::new("GET", 200, path, scopes, Run::ReadSetting(setting))
    }

    /// Updates a settings document; answers 200.
    pub(super) const fn update_setting(
        path: &'static str,
        scopes: &'static [&'static str],
        setting: &'static Setting,
    ) -> Self {
        Self::new("PATCH", 200, path, scopes, Run::UpdateSetting(setting))
    }

    /// Replaces a settings document; answers 200.
    pub(super) const fn replace_setting(
        path: &'static str,
        scopes: &'static [&'static str],
        setting: &'static Setting,
    ) -> Self {
        Self::new("PUT", 200, path, scopes, Run::ReplaceSetting(setting))
    }

    /// Deletes a settings document; answers 204.
    pub(super) const fn remove_setting(
        path: &'static str,
        scopes: &'static [&'static str],
        setting: &'static Setting,
    ) -> Self {
        Self::new("DELETE", 204, path, scopes, Run::RemoveSetting(setting))
    }

    /// Answers with another status.
    pub(crate) const fn success(mut self, status: u16) -> Self {
        self.success = status;
        self
    }

    /// Reads its query by this schema.
    pub(crate) const fn query(mut self, name: &'static str) -> Self {
        self.query = Some(name);
        self
    }

    /// Checks its body by this schema.
    pub(crate) const fn body(mut self, name: &'static str) -> Self {
        self.body = Some(name);
        self
    }

    /// Checks its body by this schema if the entity accepts fewer members than others.
    pub(crate) const fn smaller_body(mut self, name: &'static str, applies: TakesFewer) -> Self {
        self.smaller_body = Some((name, applies));
        self
    }

    /// Reads a form with a file in it, and checks it by this schema.
    pub(crate) const fn form(mut self, name: &'static str) -> Self {
        self.body = Some(name);
        self.multipart = true;
        self
    }

    /// Checks its path parameters by this schema.
    pub(crate) const fn parameters(mut self, name: &'static str) -> Self {
        self.parameters = Some(name);
        self
    }

    /// Translates these members, which contain the tenant's address, to the name that the caller used.
    pub(crate) const fn addressed(mut self, members: &'static [Addressed]) -> Self {
        self.addressed = members;
        self
    }

    /// The segments of its path.
    pub(super) fn segments(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').skip(1)
    }
}

/// Method and path identify an operation.
impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Operation {}

impl PartialOrd for Operation {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Operation {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.method, self.path).cmp(&(other.method, other.path))
    }
}

/// The name in the journal: `GET /clients/{id}`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
