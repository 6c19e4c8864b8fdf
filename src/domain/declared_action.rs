//! A credentials-exchange Action of a seed or a test: its effects, without code.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DenyCode, ScopeSet};

/// The effects of an Action on the tokens of a client, on the tokens for an API, or on the tokens of a client for an
/// API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeclaredAction {
    /// The requesting client; any if absent.
    pub client_id: Option<String>,
    /// The identifier of the requested API; any if absent.
    pub audience: Option<String>,
    /// Claims that it adds to the token.
    pub custom_claims: Map<String, Value>,
    /// Scopes that it adds if the client grant has them.
    pub add_target_scopes: ScopeSet,
    /// Scopes that it removes.
    pub remove_target_scopes: ScopeSet,
    /// The code and the reason of its denial, if it denies the token.
    pub deny: Option<(DenyCode, String)>,
}
