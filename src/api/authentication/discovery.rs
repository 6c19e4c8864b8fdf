//! `/.well-known/openid-configuration` (token-endpoint, "Published documents").

use serde_json::json;

use crate::api::Tenant;
use crate::api::call::Reply;

/// The document of this issuer: the base URL by which the caller reaches the tenant, if there is no other.
///
/// It names the endpoints of the live service, of which this tenant serves the token endpoint and the keys.
pub(super) fn answer(tenant: &Tenant, base: &str) -> Reply {
    let mut document = json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}authorize"),
        "token_endpoint": format!("{base}oauth/token"),
        "device_authorization_endpoint": format!("{base}oauth/device/code"),
        "userinfo_endpoint": format!("{base}userinfo"),
        "mfa_challenge_endpoint": format!("{base}mfa/challenge"),
        "jwks_uri": format!("{base}.well-known/jwks.json"),
        "registration_endpoint": format!("{base}oidc/register"),
        "revocation_endpoint": format!("{base}oauth/revoke"),
        "scopes_supported": [
            "openid", "profile", "offline_access", "name", "given_name", "family_name", "nickname", "email",
            "email_verified", "picture", "created_at", "identities", "phone", "address"
        ],
        "response_types_supported": [
            "code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token"
        ],
        "code_challenge_methods_supported": ["S256", "plain"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "claims_supported": [
            "aud", "auth_time", "created_at", "email", "email_verified", "exp", "family_name", "given_name", "iat",
            "identities", "iss", "name", "nickname", "phone_number", "picture", "sub"
        ],
        "request_uri_parameter_supported": false,
        "request_parameter_supported": false,
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256", "PS384", "ES256", "ES384"],
    });
    let state = tenant.state();
    let logout = state.settings.get("oidc_logout").and_then(|settings| settings.as_object());
    let published = logout.and_then(|settings| settings.get("rp_logout_end_session_endpoint_discovery"));
    if published.and_then(|flag| flag.as_bool()) == Some(true) {
        document["end_session_endpoint"] = format!("{base}oidc/logout").into();
    }
    Reply::json(&document)
}
