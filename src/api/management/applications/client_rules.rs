//! The rules that span several members of a client, for POST and PATCH. Pure functions over documents.

use serde_json::{Map, Value};

use crate::api::error::{ApiError, Refusal};
use crate::store::document::{text, texts};
use crate::store::views::ClientView;

/// A change of `is_first_party`, or of the mode of a third-party client (documented; sentence assumed).
const IMMUTABLE_CLIENT_MEMBER: Refusal = Refusal::invalid_body("{} of a client cannot be changed");

/// The grant type client credentials for a client without a secret (V2, p).
const CLIENT_CREDENTIALS_OF_A_PUBLIC_CLIENT: Refusal = Refusal::invalid_body(
    "Application must not have Token Endpoint Authentication Method set to \"none\" when client_credentials \
     grant type is enabled",
);

/// An idle lifetime of refresh tokens that is not less than their lifetime (V3, p).
const IDLE_LIFETIME_NOT_BELOW_LIFETIME: Refusal =
    Refusal::invalid_body("idle_token_lifetime must have a value less than token_lifetime");

/// Organization settings of user flows on a third-party client (R87, d).
const ORGANIZATIONS_FOR_THIRD_PARTY_CLIENT: Refusal = Refusal::new(
    403,
    "operation_not_supported",
    "Organizations are only available to first party clients on user-based flows. Properties \
     organization_usage and organization_require_behavior must be unset for third party clients.",
);

/// A client with both kinds of authentication methods (r: one excludes the other; sentence assumed).
const TWO_AUTHENTICATION_METHODS: Refusal =
    Refusal::invalid_body("client_authentication_methods and token_endpoint_auth_method cannot both be set");

/// Every grant type of a client. Sources: the page "Application Grant Types" and, for newer types, the pages of their features
/// (CIBA, token exchange, Token Vault, passkeys, Cross App Access).
const GRANT_TYPES: [&str; 21] = [
    "authorization_code",
    "client_credentials",
    "http://auth0.com/oauth/grant-type/mfa-oob",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-recovery-code",
    "http://auth0.com/oauth/grant-type/password-realm",
    "http://auth0.com/oauth/grant-type/passwordless/otp",
    "http://auth0.com/oauth/legacy/grant-type/access_token",
    "http://auth0.com/oauth/legacy/grant-type/delegation/id_token",
    "http://auth0.com/oauth/legacy/grant-type/delegation/refresh_token",
    "http://auth0.com/oauth/legacy/grant-type/ro",
    "http://auth0.com/oauth/legacy/grant-type/ro/jwt-bearer",
    "implicit",
    "password",
    "refresh_token",
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:okta:params:oauth:grant-type:webauthn",
    "urn:openid:params:grant-type:ciba",
];

/// The grant types of third-party clients in strict mode (documented).
const STRICT_GRANT_TYPES: [&str; 3] = ["authorization_code", "refresh_token", "client_credentials"];

/// The maximum number of entries of `client_metadata` (documented).
const MOST_METADATA: usize = 10;

/// Checks a client before it is stored. `request` has the members of the request.
pub(super) fn check(client: &Map<String, Value>, request: &Map<String, Value>) -> Result<(), ApiError> {
    check_grant_types(client, request)?;
    check_lifetimes(client, request)?;
    if ClientView(client).authenticates_with_keys() && text(client, "token_endpoint_auth_method").is_some() {
        return Err(TWO_AUTHENTICATION_METHODS.into());
    }
    crate::api::metadata::check_metadata(client, "client_metadata", MOST_METADATA)?;
    let of_user_flows = ["organization_usage", "organization_require_behavior"];
    if ClientView(client).is_third_party() && of_user_flows.iter().any(|key| text(client, key).is_some()) {
        return Err(ORGANIZATIONS_FOR_THIRD_PARTY_CLIENT.into());
    }
    Ok(())
}

/// Checks that a change keeps `is_first_party`, and the mode of a third-party client (documented).
pub(super) fn check_immutable(client: &Map<String, Value>, changes: &Map<String, Value>) -> Result<(), ApiError> {
    let is_unchanged = |member: &str| changes.get(member).is_none_or(|value| client.get(member) == Some(value));
    if !is_unchanged("is_first_party") {
        return Err(IMMUTABLE_CLIENT_MEMBER.with(&[&"is_first_party"]));
    }
    if ClientView(client).is_third_party() && !is_unchanged("third_party_security_mode") {
        return Err(IMMUTABLE_CLIENT_MEMBER.with(&[&"third_party_security_mode"]));
    }
    Ok(())
}

/// Checks that grant types exist (V1, R86), and that a client without a secret does not have client credentials (V2).
fn check_grant_types(client: &Map<String, Value>, request: &Map<String, Value>) -> Result<(), ApiError> {
    let is_strict = ClientView(client).is_strict_third_party();
    let exists = |grant_type: &&str| match is_strict {
        true => STRICT_GRANT_TYPES.contains(grant_type),
        false => GRANT_TYPES.contains(grant_type),
    };
    let invalid: Vec<&str> = texts(request, "grant_types").filter(|grant_type| !exists(grant_type)).collect();
    if !invalid.is_empty() {
        return Err(ApiError::invalid_grant_types(&invalid));
    }
    if ClientView(client).is_public() && ClientView(client).allows_grant_type("client_credentials") {
        return Err(CLIENT_CREDENTIALS_OF_A_PUBLIC_CLIENT.into());
    }
    Ok(())
}

/// Checks that the idle lifetime of refresh tokens is less than their lifetime (V3). It compares the lifetimes of the
/// request and of the client, not the defaults that are added later.
fn check_lifetimes(client: &Map<String, Value>, request: &Map<String, Value>) -> Result<(), ApiError> {
    let lifetime = |of: &Map<String, Value>, name: &str| of.get("refresh_token")?.get(name)?.as_u64();
    let [token, idle] = ["token_lifetime", "idle_token_lifetime"];
    if lifetime(request, token).or(lifetime(request, idle)).is_none() {
        return Ok(());
    }
    match (lifetime(client, token), lifetime(client, idle)) {
        (Some(token), Some(idle)) if idle >= token => Err(IDLE_LIFETIME_NOT_BELOW_LIFETIME.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Map, Value, json};

    use super::{GRANT_TYPES, check};

    fn refusal(client: Value, request: Value) -> Option<String> {
        let object = |value: Value| match value {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        check(&object(client), &object(request)).err().map(|error| error.message.to_string())
    }

    fn creation_refusal(client: Value) -> Option<String> {
        refusal(client.clone(), client)
    }

    #[test]
    fn every_existing_grant_type_is_accepted() {
        assert_eq!(creation_refusal(json!({ "grant_types": GRANT_TYPES })), None);
    }

    #[test]
    fn the_refusal_names_all_unknown_grant_types_in_the_order_of_the_request() {
        let types = ["passwordless", "client_credentials", "device_code", "Implicit"];
        let sentence = "Invalid grant types: passwordless, device_code, Implicit";
        assert_eq!(creation_refusal(json!({ "grant_types": types })).as_deref(), Some(sentence));
    }

    #[rstest]
    #[case::idle_below(json!({ "token_lifetime": 43, "idle_token_lifetime": 42 }), true)]
    #[case::equal(json!({ "token_lifetime": 42, "idle_token_lifetime": 42 }), false)]
    #[case::idle_above(json!({ "token_lifetime": 42, "idle_token_lifetime": 43 }), false)]
    #[case::no_idle_lifetime(json!({ "token_lifetime": 42 }), true)]
    fn an_idle_lifetime_is_below_the_lifetime(#[case] refresh_token: Value, #[case] accepted: bool) {
        assert_eq!(creation_refusal(json!({ "refresh_token": refresh_token })).is_none(), accepted);
    }

    #[test]
    fn a_new_lifetime_is_compared_with_the_other_lifetime_of_the_client() {
        let client = json!({ "refresh_token": { "token_lifetime": 42, "idle_token_lifetime": 100 } });
        assert!(refusal(client.clone(), json!({ "refresh_token": { "token_lifetime": 42 } })).is_some());
        assert!(refusal(client.clone(), json!({ "refresh_token": { "idle_token_lifetime": 100 } })).is_some());
        // Another change passes.
        assert_eq!(refusal(client.clone(), json!({ "refresh_token": { "leeway": 3 } })), None);
        assert_eq!(refusal(client, json!({ "name": "bot" })), None);
    }
}
