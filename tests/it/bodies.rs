//! Request bodies and the published schemas: members that the newest SDKs send, and their values.

use rstest::rstest;
use serde_json::{Value, json};

use crate::caller::{Caller, message};

/// A body with this member beside what each body of its kind needs.
fn body(path: &str, member: &str, value: Value) -> Value {
    let mut body = match path {
        "/clients" => json!({ "name": "bot" }),
        "/connections" => json!({ "name": "staff", "strategy": "oidc" }),
        _ => json!({ "identifier": "urn:travel" }),
    };
    body[member] = value;
    body
}

#[rstest]
#[case::fedcm("/clients", "fedcm_login", json!({ "google": { "is_enabled": true } }))]
#[case::vault("/clients", "token_vault_privileged_access", json!({ "credentials": [], "grants": [{ "connection": "github", "scopes": ["repo"] }], "ip_allowlist": ["10.0.0.1", "192.168.0.0/24", "::1", "2001:db8::/32"] }))]
#[case::identity_assertion("/clients", "identity_assertion_authorization_grant", json!({ "active": true }))]
#[case::connected_accounts("/connections", "connected_accounts", json!({ "active": true, "allow_missing_user_id": true }))]
#[case::anonymous_access("/resource-servers", "allow_anonymous_access", json!(true))]
#[case::anonymous_lifetime("/resource-servers", "token_lifetime_for_anonymous_access_tokens", json!(600))]
#[case::proof_by_certificates("/resource-servers", "proof_of_possession", json!({ "mechanism": "mtls", "required": true, "required_for": "all_clients" }))]
fn a_member_is_stored_and_returned(#[case] path: &str, #[case] member: &str, #[case] value: Value) {
    let (status, made) = Caller::start().post(path, body(path, member, value.clone()));
    assert_eq!((status, &made[member]), (201, &value), "{made}");
}

#[test]
fn a_policy_for_anonymous_users_is_stored_with_the_others() {
    let policies = json!({ "anonymous_user": { "policy": "require_client_grant" } });
    let (_, made) =
        Caller::start().post("/resource-servers", body("/resource-servers", "subject_type_authorization", policies));
    assert_eq!(
        made["subject_type_authorization"],
        json!({
            "anonymous_user": { "policy": "require_client_grant" },
            "client": { "policy": "require_client_grant" },
            "user": { "policy": "allow_all" },
        })
    );
}

#[rstest]
#[case::fedcm_of_nothing("/clients", "fedcm_login", json!({}), "'Too few properties defined (0), minimum 1' on property fedcm_login.")]
#[case::fedcm_of_others("/clients", "fedcm_login", json!({ "apple": {} }), "'Additional properties not allowed: apple' on property fedcm_login.")]
#[case::vault_without_credentials("/clients", "token_vault_privileged_access", json!({ "grants": [] }), "'Missing required property: credentials' on property token_vault_privileged_access.")]
#[case::vault_grant_without_scopes("/clients", "token_vault_privileged_access", json!({ "credentials": [], "grants": [{ "connection": "github" }] }), "'Missing required property: scopes' on property token_vault_privileged_access.grants[0].")]
#[case::identity_assertion_of_nothing("/clients", "identity_assertion_authorization_grant", json!({}), "'Missing required property: active' on property identity_assertion_authorization_grant.")]
#[case::requesting_app_of_nothing("/connections", "cross_app_access_requesting_app", json!({}), "'Missing required property: active' on property cross_app_access_requesting_app.")]
#[case::resource_app_of_nothing("/connections", "cross_app_access_resource_app", json!({}), "'Missing required property: status' on property cross_app_access_resource_app.")]
#[case::unknown_algorithm("/connections", "options", json!({ "dpop_signing_alg": "RS256" }), "'Invalid value \"RS256\"' on property options.dpop_signing_alg.")]
#[case::metadata_of_another_type("/connections", "options", json!({ "oidc_metadata": { "scopes_supported": "openid" } }), "'Expected type array,null but found type string' on property options.oidc_metadata.scopes_supported.")]
#[case::phone_by_email("/connections", "options", json!({ "attributes": { "phone_number": { "identifier": { "active": true, "default_method": "email_otp" } } } }), "'Invalid value \"email_otp\"' on property options.attributes.phone_number.identifier.default_method.")]
fn a_member_is_refused(#[case] path: &str, #[case] member: &str, #[case] value: Value, #[case] fault: &str) {
    let refusal = Caller::start().post(path, body(path, member, value));
    assert_eq!((refusal.0, message(&refusal)), (400, &*format!("Payload validation error: {fault}")));
}

#[test]
fn a_vault_address_has_one_of_four_forms() {
    let vault = json!({ "credentials": [], "ip_allowlist": ["travel0.example"] });
    let refusal = Caller::start().post("/clients", body("/clients", "token_vault_privileged_access", vault));
    assert_eq!(refusal.0, 400);
    assert!(message(&refusal).contains("None of the valid schemas were met"), "{refusal:?}");
}

#[test]
fn countries_have_two_capital_letters() {
    let caller = Caller::start();
    let change = |countries: Value| caller.patch("/tenants/settings", json!({ "country_codes": countries })).0;
    assert_eq!(change(json!({ "mode": "allow", "list": ["CA", "US"] })), 200);
    for wrong in [json!({ "list": ["ca"] }), json!({ "list": ["CAN"] }), json!({ "lists": [] })] {
        assert_eq!(change(wrong), 400);
    }
}

// Recorded by the vendor's Terraform provider: a change may take members of these away.
#[test]
fn a_change_may_take_a_native_login_away() {
    let caller = Caller::start();
    let logins = json!({ "apple": { "enabled": true }, "google": { "enabled": true } });
    let id = caller.create("/clients", body("/clients", "native_social_login", logins), "client_id");
    let (status, changed) =
        caller.patch(&format!("/clients/{id}"), json!({ "native_social_login": { "apple": null } }));
    assert_eq!((status, &changed["native_social_login"]), (200, &json!({ "google": { "enabled": true } })));
    let (status, changed) = caller.patch(&format!("/clients/{id}"), json!({ "native_social_login": null }));
    assert_eq!((status, changed.get("native_social_login")), (200, None));
}

#[test]
fn refresh_tokens_can_be_revoked_by_audience() {
    let caller = Caller::start();
    assert_eq!(caller.post("/refresh-tokens/revoke", json!({ "user_id": "auth0|1", "audience": "urn:travel" })).0, 202);
    assert_eq!(caller.post("/refresh-tokens/revoke", json!({ "user_id": "auth0|1", "audience": "" })).0, 400);
}

/// Documented: 409 of `POST /clients`.
#[test]
fn an_alias_belongs_to_one_client() {
    let caller = Caller::start();
    let make = |aliases: Value| caller.post("/clients", body("/clients", "client_aliases", aliases));
    assert_eq!(make(json!(["shop", "kiosk"])).0, 201);
    let refusal = make(json!(["website", "kiosk"]));
    assert_eq!((refusal.0, message(&refusal)), (409, "Another client exists with the same alias."));
    assert_eq!(make(json!(["website"])).0, 201, "a refused request changes nothing");
    assert_eq!(caller.post("/clients", json!({ "name": "bot" })).0, 201, "names may be alike");
}
