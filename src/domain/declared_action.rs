//! An Action as a seed or a test declares it, without its code.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DenyCode, ScopeSet};

/// What an Action does, for the tokens of one client, for one API, or for the tokens of one client for one API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeclaredAction {
    /// The client that asks; any if absent.
    pub client_id: Option<String>,
    /// The identifier of the API that is asked for; any if absent.
    pub audience: Option<String>,
    /// Claims that it adds to the token.
    pub custom_claims: Map<String, Value>,
    /// Scopes that it adds, as far as the client grant holds them.
    pub add_target_scopes: ScopeSet,
    /// Scopes that it takes away.
    pub remove_target_scopes: ScopeSet,
    /// With which code and for which reason it denies the token, if it does.
    pub deny: Option<(DenyCode, String)>,
}
