//! Refusals of the token endpoint.

use serde_json::{Value, json};

use super::{PLAN_WITHOUT_ORGANIZATIONS, Sentence, repeated};
use crate::domain::quota::Owner;
use crate::domain::{BoundedText, DenyCode, ScopeSet};

/// A refusal of the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenError {
    /// HTTP status.
    pub status: u16,
    /// `error`.
    pub error: &'static str,
    /// `error_description`.
    pub description: Sentence,
    /// `error_uri`, if the refusal has one.
    pub uri: Option<&'static str>,
    /// A value in the description that is no parameter of the request: name and value.
    pub names: Option<(&'static str, BoundedText)>,
}

impl TokenError {
    pub(super) fn new(status: u16, error: &'static str, description: impl Into<Sentence>) -> Self {
        TokenError { status, error, description: description.into(), uri: None, names: None }
    }

    /// Adds a value of the description.
    fn naming(self, name: &'static str, value: impl Into<BoundedText>) -> Self {
        TokenError { names: Some((name, value.into())), ..self }
    }

    /// The body on the wire.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "error": self.error, "error_description": self.description });
        if let Some(uri) = self.uri {
            body["error_uri"] = uri.into();
        }
        body
    }

    /// The request could not be read: it is too long, too slow or incomplete (a).
    pub(crate) fn unread(status: u16, description: Sentence) -> Self {
        Self::new(status, "invalid_request", description)
    }

    /// The body cannot be read (a).
    pub(crate) fn unreadable_body() -> Self {
        Self::new(400, "invalid_request", "The request body could not be parsed")
    }

    /// A parameter is sent twice (R25, a).
    pub(crate) fn repeated_parameter(name: &str) -> Self {
        Self::new(400, "invalid_request", format!("parameter {name} must not be sent more than once"))
            .naming("parameter", name)
    }

    /// A parameter is not a text (R25, a).
    pub(crate) fn not_a_string(name: &str) -> Self {
        Self::new(400, "invalid_request", format!("parameter {name} must be a string")).naming("parameter", name)
    }

    /// T8.
    pub(crate) fn missing_grant_type() -> Self {
        Self::new(400, "invalid_request", "Missing required parameter: grant_type")
    }

    /// T9 (d).
    pub(crate) fn unsupported_grant_type() -> Self {
        Self::new(400, "unsupported_grant_type", "Grant type not supported")
    }

    /// T10 (a).
    pub(crate) fn missing_client_id() -> Self {
        Self::new(401, "invalid_client", "Missing client_id")
    }

    /// T1 (p).
    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "access_denied", "Unauthorized")
    }

    /// T2 (the text is that of T1', d).
    pub(crate) fn invalid_client() -> Self {
        Self::new(401, "invalid_client", "Client authentication failed")
    }

    /// T3 (p).
    pub(crate) fn grant_type_not_allowed(grant_type: &str) -> Self {
        TokenError {
            uri: Some("https://auth0.com/docs/clients/client-grant-types"),
            ..Self::new(
                403,
                "unauthorized_client",
                format!("Grant type '{}' not allowed for the client.", repeated(grant_type)),
            )
        }
    }

    /// T7 (p).
    pub(crate) fn no_audience() -> Self {
        Self::new(403, "access_denied", "Non-global clients are not allowed access to APIv1")
    }

    /// T6 (p).
    pub(crate) fn unknown_audience(audience: &str) -> Self {
        Self::new(403, "access_denied", format!("Service not enabled within domain: {}", repeated(audience)))
    }

    /// T6 where the request names the API by `resource` (p, one source of 2026).
    pub(crate) fn unknown_resource(resource: &str) -> Self {
        Self::new(403, "access_denied", format!("Service not found: {resource}")).naming("resource", resource)
    }

    /// T4 (p, five sources of March to September 2026); also T14, whose text is not known (a).
    pub(crate) fn no_client_grant(client_id: &str, audience: &str) -> Self {
        let audience = repeated(audience);
        let description = format!(
            "Client \"{client_id}\" is not authorized to access resource server \"{audience}\". You need to create a \
             \"client-grant\" associated to this API."
        );
        Self::new(403, "access_denied", description)
    }

    /// T13: the error is documented, the text assumed.
    pub(crate) fn no_client_grant_for_third_party(client_id: &str, audience: &str) -> Self {
        TokenError { error: "unauthorized_client", ..Self::no_client_grant(client_id, audience) }
    }

    /// An organization sent to a tenant whose plan lacks them (R10; status and text assumed).
    pub(crate) fn plan_without_organizations() -> Self {
        Self::new(403, "access_denied", PLAN_WITHOUT_ORGANIZATIONS)
    }

    /// E1 (text reported for /authorize).
    pub(crate) fn organization_not_allowed() -> Self {
        Self::new(400, "invalid_request", "parameter organization is not allowed for this client")
    }

    /// E2 (a).
    pub(crate) fn organization_not_associated(organization: &str) -> Self {
        let organization = repeated(organization);
        let description = format!("Client is not authorized to access organization \"{organization}\"");
        Self::new(403, "access_denied", description).naming("organization", organization)
    }

    /// E3 (text reported for /authorize).
    pub(crate) fn organization_required() -> Self {
        Self::new(400, "invalid_request", "parameter organization is required for this client")
    }

    /// E4 (text documented for /authorize).
    pub(crate) fn organization_unknown(organization: &str) -> Self {
        let organization = repeated(organization);
        Self::new(400, "invalid_request", format!("parameter organization is invalid: {organization}"))
            .naming("organization", organization)
    }

    /// E5 (text reported for /authorize).
    pub(crate) fn organization_name_not_accepted() -> Self {
        Self::new(400, "invalid_request", "authorization request parameter organization must be an organization id")
    }

    /// T5 (p): the refused scopes alone, in the order of the request.
    pub(crate) fn scopes_not_granted(scopes: &ScopeSet) -> Self {
        let scopes = scopes.iter().collect::<Vec<_>>().join(", ");
        Self::new(403, "access_denied", Sentence::of(format_args!("Client has not been granted scopes: {scopes}")))
            .naming("missing_scopes", BoundedText::of(&scopes))
    }

    /// T16 (the code is documented, the text assumed).
    pub(crate) fn invalid_dpop_proof() -> Self {
        Self::new(400, "invalid_dpop_proof", "DPoP proof is invalid")
    }

    /// T17 (a).
    pub(crate) fn no_proof() -> Self {
        Self::new(400, "invalid_request", "Proof of possession is required")
    }

    /// T19 (by analogy with T2; the text is that of T1').
    pub(crate) fn certificate_refused() -> Self {
        Self::invalid_client()
    }

    /// R100 (d for a client; a for an organization, by analogy).
    pub(crate) fn quota_exceeded(owner: Owner) -> Self {
        let description = match owner {
            Owner::Client => "Client quota exceeded",
            Owner::Organization => "Organization quota exceeded",
        };
        Self::new(429, "too_many_requests", description)
    }

    /// T12: code and reason are the Action's; the statuses are those documented for Hooks of the same trigger (a).
    pub(crate) fn denied_by_action(code: DenyCode, reason: &str) -> Self {
        let status = match code {
            DenyCode::InvalidScope | DenyCode::InvalidRequest => 400,
            DenyCode::ServerError => 500,
        };
        Self::new(status, code.as_str(), reason).naming("reason", reason)
    }

    /// An Action failed (a; status and code are those documented for Hooks).
    pub(crate) fn action_failed() -> Self {
        Self::new(500, DenyCode::ServerError.as_str(), "An Action failed")
    }

    /// A token could not be signed. The live service has no such answer.
    pub(crate) fn not_signed() -> Self {
        Self::new(400, "invalid_request", "m2mock could not sign the token")
    }

    /// The API encrypts its tokens, and m2mock cannot. The live service has no such answer. A token that is not encrypted
    /// would hide the difference.
    pub(crate) fn not_encrypted(reason: &str) -> Self {
        Self::new(400, "invalid_request", format!("The API encrypts its tokens, and {reason}"))
    }
}
