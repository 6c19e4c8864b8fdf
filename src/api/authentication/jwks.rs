//! `/.well-known/jwks.json`: the public keys of the tenant (token-endpoint, "Published documents").

use serde_json::Value;

use crate::api::call::{Members, Reply};
use crate::api::tenant::Tenant;

/// The members of a published key, in the order of a capture of July 2026.
const KEY_MEMBERS: [&str; 8] = ["kty", "use", "n", "e", "kid", "x5t", "x5c", "alg"];

/// The published keys, without `alg` where the tenant turns it off (`flags.remove_alg_from_jwks`).
pub(super) fn answer(tenant: &Tenant) -> Reply {
    let jwks = tenant.keys().jwks();
    let without_alg = {
        let state = tenant.state();
        let flag = state.settings.tenant().get("flags").and_then(|flags| flags.get("remove_alg_from_jwks"));
        flag == Some(&Value::Bool(true))
    };
    let shown = |member: &&str| !(without_alg && *member == "alg");
    let ordered = |key: &Value| {
        let members = KEY_MEMBERS.into_iter().filter(shown);
        Members(members.map(|member| (member, key[member].clone())).collect())
    };
    let keys: Vec<Members<Value>> = jwks["keys"].as_array().into_iter().flatten().map(ordered).collect();
    Reply::of(Members(vec![("keys", keys)]))
}
