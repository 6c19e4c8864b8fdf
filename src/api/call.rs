//! A request that passed the gate, and its reply.

use std::fmt;

use http::{HeaderName, HeaderValue};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::delivery::{Deliveries, raise};
use super::error::{ApiError, Refusal};
use super::tenant_log::TenantLog;
pub use crate::domain::Pins;
use crate::domain::{Clock, IdShape, Names, ScopeSet};
use crate::schema::Sent;
use crate::store::{Document, Kind, Seq, State};

/// The input of a handler, and the state that it changes. Body and query satisfy the operation's schemas.
pub(crate) struct Call<'a> {
    /// The tenant's state, locked for this call.
    pub state: &'a mut State,
    /// The tenant's names.
    pub names: &'a Names,
    /// The tenant's clock.
    pub clock: &'a Clock,
    /// The tenant's log, which has its own lock.
    pub(super) log: &'a TenantLog,
    /// The progress of streams, if the tenant delivers.
    pub(super) deliveries: Option<&'a Deliveries>,
    /// The tenant's address for the caller, with a final slash.
    pub base_url: String,
    /// The caller.
    pub caller: &'a Caller,
    /// The path of the operation below `/api/v2`, with its parameters in braces.
    pub(super) template: &'static str,
    /// Path parameters, decoded.
    pub parameters: Vec<(&'static str, String)>,
    /// Query parameters, typed.
    pub query: Map<String, Value>,
    /// The text of the body, for a sentence that names several of its members.
    pub sent: Sent<'a>,
    /// The body.
    pub body: Map<String, Value>,
    /// The body of the few operations that take a list; one that takes a text has it as the only item.
    pub items: Vec<Value>,
    /// Ids and secrets that a seed fixes.
    pub pins: Pins,
    /// The work for the reply after the state is unlocked.
    pub(super) rest: Option<Box<dyn FnOnce() -> Reply>>,
}

/// The caller of an operation.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// The bearer of a token with these scopes.
    Bearer(ScopeSet),
    /// The bearer of a token of the My Organization API.
    Administrator(Administrator),
    /// The tenant's owner, from within the process: a seed or a typed helper.
    Owner,
}

/// The client that manages an organization through the My Organization API.
#[derive(Clone, Debug)]
pub(crate) struct Administrator {
    /// The scopes of the token.
    pub scopes: ScopeSet,
    /// The client of the token.
    pub client_id: String,
    /// The organization of the token.
    pub organization: Option<String>,
}

impl Caller {
    /// Whether the caller has one of these scopes.
    pub(crate) fn has_any(&self, accepted: &[&str]) -> bool {
        match self {
            Caller::Owner => true,
            Caller::Bearer(scopes) | Caller::Administrator(Administrator { scopes, .. }) => {
                accepted.iter().any(|scope| scopes.contains(scope))
            }
        }
    }
}

impl Call<'_> {
    /// Checks that the caller has one of these scopes, in addition to those of the operation.
    ///
    /// # Errors
    /// The caller has none of them.
    pub(crate) fn require_any(&self, accepted: &[&str]) -> Result<(), ApiError> {
        if self.caller.has_any(accepted) { Ok(()) } else { Err(ApiError::insufficient_scope(accepted)) }
    }

    /// The path parameter with this name; empty if the row has none, which its tests would find.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// Whether the path has a parameter with this name.
    pub(super) fn has_parameter(&self, name: &str) -> bool {
        self.parameters.iter().any(|(known, _)| *known == name)
    }

    /// The path parameter `id`.
    pub(crate) fn id(&self) -> String {
        self.parameter("id").to_owned()
    }

    /// The entity of a kind with the path parameter `id` as its id.
    ///
    /// # Errors
    /// It does not exist.
    pub(super) fn entity(&self, kind: Kind, missing: Refusal) -> Result<&Document, ApiError> {
        Ok(self.state[kind].get(self.parameter("id")).ok_or(missing)?)
    }

    /// The entity of a kind with this id.
    ///
    /// # Errors
    /// It does not exist, or there is no id.
    pub(super) fn entity_named(&self, kind: Kind, id: Option<&str>, missing: Refusal) -> Result<&Document, ApiError> {
        Ok(id.and_then(|id| self.state[kind].get(id)).ok_or(missing)?)
    }

    /// The sequence number of the entity of a kind with the path parameter `id` as its id.
    ///
    /// # Errors
    /// It does not exist.
    pub(super) fn seq(&self, kind: Kind, missing: Refusal) -> Result<Seq, ApiError> {
        Ok(self.state[kind].seq(self.parameter("id")).ok_or(missing)?)
    }

    /// The path of the request below `/api/v2`, with decoded parameters.
    pub(crate) fn path(&self) -> String {
        let mut path = self.template.to_owned();
        for (name, value) in &self.parameters {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        path
    }

    /// A new id for an entity of a kind: the pinned one, or one of this shape that no other entity has.
    ///
    /// # Errors
    /// Another entity has the pinned id.
    pub(crate) fn new_id(&mut self, kind: Kind, shape: IdShape) -> Result<String, ApiError> {
        match self.pins.id.take() {
            Some(id) if self.state[kind].contains(&id) => Err(ApiError::id_taken(&id)),
            Some(id) => Ok(id),
            None => Ok(self.state.draw_id(kind, shape)),
        }
    }

    /// Raises an event of the tenant about this object. Event streams that subscribe to it deliver it, if the tenant
    /// delivers at all.
    pub(super) fn raise(&mut self, event_type: &str, object: impl FnOnce(&State) -> Value) {
        if self.deliveries.is_some() {
            let object = object(self.state);
            raise(self.state, self.names, self.clock.now(), event_type, &object);
        }
    }

    /// Delays long work that does not need the state until the lock is released. Its result is the reply.
    pub(crate) fn unlocked(&mut self, rest: impl FnOnce() -> Reply + 'static) -> Reply {
        self.rest = Some(Box::new(rest));
        Reply::empty()
    }

    /// The text of a query parameter.
    pub(crate) fn query_text(&self, name: &str) -> Option<&str> {
        self.query.get(name).and_then(Value::as_str)
    }

    /// The truth value of a query parameter.
    pub(crate) fn query_flag(&self, name: &str) -> Option<bool> {
        self.query.get(name).and_then(Value::as_bool)
    }

    /// The number of a query parameter.
    pub(crate) fn query_number(&self, name: &str) -> Option<usize> {
        self.query.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
    }
}

/// An answer: status, body, and headers beyond the content type.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// The status, if it is not that of the operation's row.
    pub status: Option<u16>,
    /// The body.
    pub body: Body,
    /// Further headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// The body of an answer.
#[derive(Default)]
pub(crate) enum Body {
    /// No body.
    #[default]
    Empty,
    /// A value that is serialized after the state is unlocked: sharing its documents is cheap, serializing them is not.
    Json(Box<dyn Json>),
    /// Serialized.
    Bytes(Vec<u8>),
}

/// A value that can be serialized as JSON.
pub(crate) trait Json {
    /// The JSON text.
    fn bytes(&self) -> Vec<u8>;

    /// The JSON value.
    fn value(&self) -> Value;
}

// All values consist of maps with text keys, which always serialize.
impl<T: Serialize> Json for T {
    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Body {
    /// The text.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Body::Empty => Vec::new(),
            Body::Json(json) => json.bytes(),
            Body::Bytes(bytes) => bytes,
        }
    }

    /// The value; `null` if there is no body.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Body::Empty => Value::Null,
            Body::Json(json) => json.value(),
            Body::Bytes(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    /// Serializes the body and returns its text.
    pub(crate) fn write(&mut self) -> &[u8] {
        if let Body::Json(json) = self {
            *self = Body::Bytes(json.bytes());
        }
        match self {
            Body::Bytes(bytes) => bytes,
            Body::Empty | Body::Json(_) => &[],
        }
    }
}

/// The debug output hides the content, which may contain a secret.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Body::Empty => "Empty",
            Body::Json(_) => "Json",
            Body::Bytes(_) => "Bytes",
        })
    }
}

impl Reply {
    /// A reply without a body.
    pub(crate) fn empty() -> Self {
        Reply::default()
    }

    /// A reply with a copy of this value as its body. Documents are shared.
    pub(crate) fn json(value: &(impl Serialize + Clone + 'static)) -> Self {
        Reply::of(value.clone())
    }

    /// A reply with this value as its body.
    pub(crate) fn of(value: impl Serialize + 'static) -> Self {
        Reply { body: Body::Json(Box::new(value)), ..Reply::default() }
    }

    /// A reply with an object whose members keep this order, as in recordings.
    pub(crate) fn object(members: Vec<(&'static str, Value)>) -> Self {
        Reply::of(Members(members))
    }

    /// Sets another status.
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a header, unless its value is invalid.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

/// The members of an object in this order. A [`Map`] sorts its keys, and the feature `preserve_order` of `serde_json`
/// would change the builds of all dependants.
pub(super) struct Members<V>(pub(super) Vec<(&'static str, V)>);

impl<V: Serialize> Serialize for Members<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        let reply = Reply::of(error.body()).status(error.status);
        match error.www_authenticate() {
            Some(challenge) => reply.header(http::header::WWW_AUTHENTICATE, &challenge),
            None => reply,
        }
    }
}
