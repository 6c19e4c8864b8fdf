//! `/.well-known/openid-configuration` (token-endpoint, "Published documents").
//!
//! Members, values and order are those of real tenants' documents of 2024 to July 2026. What the vendor shows only with a
//! feature that m2mock does not model (CIBA, pushed authorization requests, Highly Regulated Identity) is left out.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::paths::{KEYS, TOKEN};
use crate::api::call::Reply;
use crate::api::request::OverTls;
use crate::api::tenant::{Tenant, base_url};
use crate::domain::Names;
use crate::domain::client_certificate::Method;
use crate::store::Kind;

/// The document of the tenant's issuer, or else of the base URL by which the caller reaches the tenant.
///
/// It names the endpoints of the live service, of which this tenant serves the token endpoint and the keys.
pub(super) fn answer(tenant: &Tenant, request: &Request<Bytes>) -> Reply {
    let base_url = base_url(tenant, request);
    let issuer = tenant.names.issuer(&base_url);
    let at = |path: &str| Value::from(format!("{issuer}{}", path.trim_start_matches('/')));
    let has_aliases = has_flag(tenant, "mtls", "enable_endpoint_aliases");
    // The setting is documented; a port that requests certificates needs none.
    let has_mtls = has_aliases || request.extensions().get::<OverTls>().is_some_and(|tls| tls.requests_certificates);
    let mut methods = vec!["client_secret_basic", "client_secret_post", "private_key_jwt"];
    if has_mtls {
        methods.extend(Method::ALL.map(Method::as_str));
    }
    methods.push("none");
    let mut document = vec![
        ("issuer", at("")),
        ("authorization_endpoint", at("authorize")),
        ("token_endpoint", at(TOKEN)),
        ("device_authorization_endpoint", at("oauth/device/code")),
        ("userinfo_endpoint", at("userinfo")),
        ("mfa_challenge_endpoint", at("mfa/challenge")),
        ("jwks_uri", at(KEYS)),
        ("registration_endpoint", at("oidc/register")),
        ("revocation_endpoint", at("oauth/revoke")),
        (
            "scopes_supported",
            json!([
                "openid",
                "profile",
                "offline_access",
                "name",
                "given_name",
                "family_name",
                "nickname",
                "email",
                "email_verified",
                "picture",
                "created_at",
                "identities",
                "phone",
                "address"
            ]),
        ),
        (
            "response_types_supported",
            json!([
                "code",
                "token",
                "id_token",
                "code token",
                "code id_token",
                "token id_token",
                "code token id_token"
            ]),
        ),
        ("code_challenge_methods_supported", json!(["S256", "plain"])),
        ("response_modes_supported", json!(["query", "fragment", "form_post"])),
        ("subject_types_supported", json!(["public"])),
        ("token_endpoint_auth_methods_supported", json!(methods)),
        // All that a client's credential may use as well.
        ("token_endpoint_auth_signing_alg_values_supported", json!(["RS256", "RS384", "PS256"])),
        (
            "claims_supported",
            json!([
                "aud",
                "auth_time",
                "created_at",
                "email",
                "email_verified",
                "exp",
                "family_name",
                "given_name",
                "iat",
                "identities",
                "iss",
                "name",
                "nickname",
                "phone_number",
                "picture",
                "sub"
            ]),
        ),
    ];
    if has_agents(tenant) {
        // The place is that of the page's sample.
        document.push((
            "entity_profiles_supported",
            json!({
                "client": ["native_app", "web_app", "browser_app", "service", "ai_agent"],
                "subject": ["user", "service", "ai_agent"],
            }),
        ));
    }
    document.extend([
        ("grant_types_supported", json!(GRANT_TYPES)),
        ("request_uri_parameter_supported", false.into()),
        ("request_parameter_supported", false.into()),
        ("id_token_signing_alg_values_supported", json!(["HS256", "RS256", "PS256"])),
    ]);
    if has_mtls {
        document.push(("tls_client_certificate_bound_access_tokens", true.into()));
    }
    if has_aliases {
        let base_url = Names::mtls_base_url(issuer);
        let at = |path: &str| format!("{base_url}{}", path.trim_start_matches('/'));
        let aliases = json!({
            "token_endpoint": at(TOKEN), "userinfo_endpoint": at("userinfo"), "revocation_endpoint": at("oauth/revoke"),
        });
        document.push(("mtls_endpoint_aliases", aliases));
    }
    if has_flag(tenant, "oidc_logout", "rp_logout_end_session_endpoint_discovery") {
        document.push(("end_session_endpoint", at("oidc/logout")));
    }
    document.extend([
        // The braces are part of the published text.
        ("global_token_revocation_endpoint", at("oauth/global-token-revocation/connection/{connectionName}")),
        ("global_token_revocation_endpoint_auth_methods_supported", json!(["global-token-revocation+jwt"])),
        ("dpop_signing_alg_values_supported", json!(["ES256"])),
    ]);
    Reply::object(document)
}

/// The first five begin the list in the document of July 2026. The order of the others is not known.
const GRANT_TYPES: [&str; 13] = [
    "client_credentials",
    "authorization_code",
    "refresh_token",
    "password",
    "implicit",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "http://auth0.com/oauth/grant-type/password-realm",
    "http://auth0.com/oauth/grant-type/passwordless/otp",
    "http://auth0.com/oauth/grant-type/mfa-oob",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-recovery-code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
];

/// Whether the tenant uses agents, an early access feature (assumed to be on with the first agent).
fn has_agents(tenant: &Tenant) -> bool {
    tenant.state()[Kind::Agent].len() > 0
}

/// Whether a member of an object in the tenant's settings is true.
fn has_flag(tenant: &Tenant, object: &str, member: &str) -> bool {
    let state = tenant.state();
    let flag = state.settings.tenant().get(object).and_then(|settings| settings.get(member));
    flag == Some(&Value::Bool(true))
}
