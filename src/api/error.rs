//! Every refusal by its name: status, code and sentence stand here and nowhere else.
//!
//! Two kinds, as with the live service: the Management API's envelope ([`ApiError`]) and the token endpoint's
//! `error` / `error_description` ([`TokenError`]). Marks: (r) recorded, (d) documented, (p) reported, (a) assumed; what
//! is assumed is listed in ASSUMPTIONS.md.

use std::fmt;

use serde_json::{Value, json};

use crate::domain::ScopeSet;
use crate::domain::quota::Owner;

/// A refusal of the Management API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// The sentence.
    pub message: String,
    /// `errorCode`, which many answers leave out.
    pub code: Option<&'static str>,
    /// Whether the sentence also stands in `attributes` and in `WWW-Authenticate`.
    challenge: Challenge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Challenge {
    None,
    Bearer,
    BearerWithError,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl ApiError {
    fn new(status: u16, code: impl Into<Option<&'static str>>, message: impl Into<String>) -> Self {
        ApiError { status, message: message.into(), code: code.into(), challenge: Challenge::None }
    }

    fn challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = challenge;
        self
    }

    /// The body on the wire.
    pub fn body(&self) -> Value {
        let mut body = json!({ "statusCode": self.status, "error": reason(self.status), "message": self.message });
        if let Some(code) = self.code {
            body["errorCode"] = code.into();
        }
        if self.challenge == Challenge::BearerWithError {
            body["attributes"] = json!({ "error": self.message });
        }
        body
    }

    /// The value of `WWW-Authenticate`, where there is one.
    pub fn www_authenticate(&self) -> Option<String> {
        match self.challenge {
            Challenge::None => None,
            Challenge::Bearer => Some("Bearer".to_owned()),
            Challenge::BearerWithError => Some(format!("Bearer error=\"{}\"", self.message)),
        }
    }

    // The request as such.

    /// Nothing is served at this path, or not by this method (r).
    pub fn no_such_operation() -> Self {
        Self::new(404, None, "Not Found")
    }

    /// The body is longer than one megabyte (a).
    pub fn payload_too_large(limit: usize) -> Self {
        Self::new(413, None, format!("Payload content length greater than maximum allowed: {limit}"))
    }

    /// The body does not arrive in time (a).
    pub fn body_too_late() -> Self {
        Self::new(408, None, "The request body did not arrive in time")
    }

    /// The body breaks off (a).
    pub fn unreadable_body() -> Self {
        Self::new(400, None, "The request body could not be read")
    }

    /// The body has a type that is not read (a).
    pub fn unsupported_media_type() -> Self {
        Self::new(415, None, "Unsupported Media Type")
    }

    /// The body is not JSON (a).
    pub fn unreadable_json() -> Self {
        Self::new(400, "invalid_body", "Invalid request payload JSON format")
    }

    /// The body breaks its schema, or a rule that the live service checks by hand (r).
    pub fn invalid_body(sentence: impl Into<String>) -> Self {
        Self::new(400, "invalid_body", sentence)
    }

    /// A path parameter has the wrong form (r).
    pub fn invalid_uri(sentence: impl Into<String>) -> Self {
        Self::new(400, "invalid_uri", sentence)
    }

    /// The query string breaks its schema (d).
    pub fn invalid_query_string(sentence: impl Into<String>) -> Self {
        Self::new(400, "invalid_query_string", sentence)
    }

    /// An offset page lies beyond what offset paging reaches (d).
    pub fn invalid_paging() -> Self {
        Self::new(400, "invalid_paging", "Requesting page exceeds the allowed maximum of 1000 records")
    }

    /// `from` is not a cursor of this tenant (a).
    pub fn invalid_cursor() -> Self {
        Self::new(400, "invalid_paging", "The 'from' parameter is not a valid checkpoint")
    }

    /// `q` with a term that is not permitted (R110; sentence assumed).
    pub fn query_not_permitted(q: &str) -> Self {
        Self::new(
            400,
            "invalid_query_string",
            format!("Query validation error: 'Invalid value \"{q}\"' on property q."),
        )
    }

    /// `q` beside another filter or an offset page (R110; sentence assumed).
    pub fn query_with_other_filters() -> Self {
        Self::new(
            400,
            "invalid_query_string",
            "The q parameter cannot be combined with other filters or with offset paging",
        )
    }

    // The bearer token.

    /// No bearer token (inferred from the stack's wording).
    pub fn missing_authentication() -> Self {
        Self::new(401, None, "Missing authentication").challenge(Challenge::Bearer)
    }

    /// The header is not `Bearer a.b.c` (p).
    pub fn bad_authentication_header() -> Self {
        Self::new(400, "Bearer", "Bad HTTP authentication header format")
    }

    /// The token's time is over (p).
    pub fn token_expired() -> Self {
        Self::new(401, None, "Expired token received for JSON Web Token validation")
            .challenge(Challenge::BearerWithError)
    }

    /// The token is not signed by this tenant (d).
    pub fn bad_token_signature() -> Self {
        Self::new(401, None, "Invalid signature received for JSON Web Token validation")
            .challenge(Challenge::BearerWithError)
    }

    /// The token is signed by this tenant and still refused (d).
    pub fn invalid_token() -> Self {
        Self::new(401, None, "Invalid token").challenge(Challenge::BearerWithError)
    }

    /// The token is for another API (p).
    pub fn bad_audience(audience: &str) -> Self {
        Self::new(401, None, format!("Bad audience: {audience}")).challenge(Challenge::Bearer)
    }

    /// The token lacks every scope that would do (r; the separator of several scopes is assumed).
    pub fn insufficient_scope(accepted: &[&str]) -> Self {
        let accepted = accepted.join(",");
        Self::new(403, "insufficient_scope", format!("Insufficient scope, expected any of: {accepted}"))
    }

    /// The token opens other members of the entity (d; code assumed).
    pub fn fields_beyond_the_scopes() -> Self {
        let sentence = "Some fields cannot be updated with the permissions granted by the bearer token scopes.";
        Self::new(403, "insufficient_scope", sentence)
    }

    // Things that are not there.

    /// GET of an unknown client (r).
    pub fn inexistent_client() -> Self {
        Self::new(404, "inexistent_client", "The client does not exist")
    }

    /// Change of an unknown client (d; code assumed).
    pub fn client_not_found() -> Self {
        Self::new(404, "inexistent_client", "Client not found.")
    }

    /// Unknown credential of a client (d).
    pub fn credential_not_found() -> Self {
        Self::new(404, None, "Credential does not exist")
    }

    /// GET of an unknown client grant, or its association (r).
    pub fn inexistent_client_grant() -> Self {
        Self::new(404, "inexistent_client_grant", "The grant does not exist.")
    }

    /// PATCH of an unknown client grant (d; code assumed).
    pub fn client_grant_not_found() -> Self {
        Self::new(404, "inexistent_client_grant", "The client grant does not exist.")
    }

    /// Unknown resource server (r).
    pub fn inexistent_resource_server() -> Self {
        Self::new(404, "inexistent_resource_server", "The resource server does not exist")
    }

    /// Unknown connection (r).
    pub fn inexistent_connection() -> Self {
        Self::new(404, "inexistent_connection", "The connection does not exist")
    }

    // An unknown organization has four sentences: its own, and three above what belongs to it.

    /// The organization itself (r).
    pub fn organization_not_found() -> Self {
        Self::new(404, None, "No organization found by that id or name")
    }

    /// Above its client grants or clients (d).
    pub fn owning_organization_not_found() -> Self {
        Self::new(404, None, "No organization found by that id")
    }

    /// Above a client grant that is to be removed (d).
    pub fn owning_organization_not_found_on_removal() -> Self {
        Self::new(404, None, "No organization found by that id.")
    }

    /// Above its connections (d).
    pub fn organization_of_connections_not_found() -> Self {
        Self::new(404, None, "The organization does not exist.")
    }

    /// A connection that the organization does not have (r).
    pub fn organization_connection_not_found() -> Self {
        Self::new(404, None, "No connection found by that id")
    }

    /// An application that the organization does not have (a).
    pub fn organization_client_not_found() -> Self {
        Self::new(404, None, "No client found by that id")
    }

    // Rules across resources.

    /// A new client grant for an unknown client (R63, d).
    pub fn grant_for_unknown_client() -> Self {
        Self::new(404, "inexistent_client", "Client not found")
    }

    /// A new client grant for an unknown API (R62, d).
    pub fn grant_for_unknown_resource_server() -> Self {
        Self::new(404, "inexistent_resource_server", "Resource server not found")
    }

    /// Organizations on a client grant of a tenant whose plan lacks them (R9, p; code assumed).
    pub fn plan_without_organizations() -> Self {
        Self::new(403, "insufficient_entitlement", PLAN_WITHOUT_ORGANIZATIONS)
    }

    /// `client_id` and `default_for` both given, or neither (R79; sentence assumed).
    pub fn grant_without_one_subject() -> Self {
        Self::new(400, "invalid_body", "Exactly one of client_id and default_for must be provided")
    }

    /// `allow_all_scopes` with a system API (R67, p).
    pub fn all_scopes_of_a_system_api() -> Self {
        Self::new(400, "invalid_body", "`allow_all_scopes` cannot be provided when `audience` is a system API")
    }

    /// `authorization_details_types` on a grant that is not for users (R68; sentence assumed).
    pub fn authorization_details_for_a_client() -> Self {
        Self::new(400, "invalid_body", "authorization_details_types can only be set when subject_type is user")
    }

    /// A client grant for an application that other means configure (R69, r).
    pub fn express_configuration_client() -> Self {
        Self::new(400, "validation_error", "Client of type express_configuration cannot be used")
    }

    /// A third-party client and what such clients cannot have (R77, R83; the sentence's end is assumed).
    pub fn grant_for_third_party_client() -> Self {
        Self::new(400, "invalid_body", "Client grants for this API cannot be created for third-party clients")
    }

    /// `allow_any_organization` for a third-party client (R77; sentence assumed).
    pub fn any_organization_for_third_party_client() -> Self {
        Self::new(400, "invalid_body", "allow_any_organization cannot be set for third-party clients")
    }

    /// A second client grant for one client, API and subject type (R58, p).
    pub fn client_grant_exists(subject: &str, audience: &str) -> Self {
        Self::new(409, None, format!("A client grant already exists between {subject} and {audience}"))
    }

    /// A change of a client grant that the service itself made (R71; sentence assumed).
    pub fn system_client_grant() -> Self {
        Self::new(400, "invalid_body", "System client grants cannot be modified.")
    }

    /// An association that is there already (R37, d).
    pub fn association_exists() -> Self {
        Self::new(409, None, "The client grant has already been added to this organization.")
    }

    /// One association more than an organization may have (R38, d).
    pub fn too_many_associations(limit: usize) -> Self {
        let message = format!("Quota exceeded; cannot add more than {limit} client grants to a single organization");
        Self::new(409, None, message)
    }

    /// A resource server with an identifier that is taken (d).
    pub fn resource_server_exists() -> Self {
        Self::new(409, "resource_conflict", "A resource server with the same identifier already exists.")
    }

    /// A resource server with an identifier that the service keeps for itself (d).
    pub fn reserved_identifier() -> Self {
        Self::new(400, "invalid_body", "The selected identifier is reserved.")
    }

    /// More entries than metadata may have (limit documented; the validator's words).
    pub fn too_many_properties(property: &str, found: usize, most: usize) -> Self {
        let fault = format!("Too many properties defined ({found}), maximum {most}");
        Self::invalid_body(format!("Payload validation error: '{fault}' on property {property}."))
    }

    /// A key of metadata that is too long (limit documented; the validator's words for a text).
    pub fn metadata_key_too_long(property: &str, found: usize, most: usize) -> Self {
        let fault = format!("String is too long ({found} chars), maximum {most}");
        Self::invalid_body(format!("Payload validation error: '{fault}' on property {property}."))
    }

    /// A lifetime for the web beyond the API's own (documented; sentence assumed).
    pub fn web_lifetime_beyond_lifetime() -> Self {
        Self::invalid_body("token_lifetime_for_web must not be greater than token_lifetime")
    }

    /// A change of what a third-party client is (documented; sentence assumed).
    pub fn immutable_client_member(member: &str) -> Self {
        Self::invalid_body(format!("{member} of a third-party client cannot be changed"))
    }

    /// Change of a system API's definition (d).
    pub fn system_resource_server_patch() -> Self {
        Self::new(400, "invalid_body", "System resource servers cannot be patched.")
    }

    /// Deletion of a system API (R95, d).
    pub fn system_resource_server_delete() -> Self {
        Self::new(400, "invalid_body", "System resource servers cannot be deleted.")
    }

    /// An organization with a name that is taken (d).
    pub fn organization_exists() -> Self {
        Self::new(409, "organization_conflict", "An organization with this name already exists.")
    }

    /// The options of a database connection contradict each other (r).
    pub fn attributes_beside(option: &str) -> Self {
        Self::new(400, "invalid_body", format!("Cannot set both options.attributes and options.{option}"))
    }

    /// No attribute of a database connection identifies a user (r).
    pub fn no_active_identifier() -> Self {
        Self::new(400, "invalid_body", "attributes must contain one active identifier")
    }

    /// A required attribute that a sign-up does not ask for (r).
    pub fn attribute_not_asked_on_signup(attribute: &str) -> Self {
        Self::new(400, "invalid_body", format!("attribute {attribute} must also be required on signup"))
    }

    /// An existing database connection told to let several users share an email (r).
    pub fn email_made_non_unique() -> Self {
        Self::new(400, "invalid_body", "cannot add non-unique email attribute")
    }

    /// A connection told to be a requesting app that its strategy cannot be (r).
    pub fn requesting_app_not_supported() -> Self {
        Self::new(
            400,
            "operation_not_supported",
            "Cross App Access Requesting App is not supported for this connection.",
        )
    }

    /// A connection with a name that is taken (d).
    pub fn connection_exists() -> Self {
        Self::new(409, None, "A connection with the same name already exists")
    }

    /// A connection that an organization has already (a).
    pub fn organization_connection_exists() -> Self {
        Self::new(409, None, "The connection has already been added to this organization.")
    }

    /// A connection that an organization is to have and that does not exist (a; the sentence is that of invitations).
    pub fn unknown_connection() -> Self {
        Self::new(400, "invalid_body", "The specified connection does not exist.")
    }

    /// One connection more than an organization may have (limit documented, sentence assumed).
    pub fn too_many_organization_connections(limit: usize) -> Self {
        let message = format!("Quota exceeded; cannot add more than {limit} connections to a single organization");
        Self::new(409, None, message)
    }

    /// An application that an organization is to have and that does not exist (a; the sentence is that of invitations).
    pub fn unknown_client() -> Self {
        Self::new(400, "invalid_body", "The specified client_id does not exist.")
    }

    /// An application that an organization has already (a).
    pub fn organization_client_exists() -> Self {
        Self::new(409, None, "The client has already been added to this organization.")
    }

    /// One application more than an organization may have (limit documented, sentence assumed).
    pub fn too_many_organization_clients(limit: usize) -> Self {
        let message = format!("Quota exceeded; cannot add more than {limit} clients to a single organization");
        Self::new(409, None, message)
    }

    /// A pinned id that is taken: only a seed can ask for one.
    pub fn id_taken(id: &str) -> Self {
        Self::new(409, None, format!("The id {id} is already in use."))
    }

    /// A public client with the client-credentials grant type (p).
    pub fn invalid_grant_types(refused: &str) -> Self {
        Self::new(400, "invalid_body", format!("Invalid grant types: {refused}"))
    }

    /// Organization settings of user flows on a third-party client (R87, d).
    pub fn organizations_for_third_party_client() -> Self {
        Self::new(
            403,
            "operation_not_supported",
            "Organizations are only available to first party clients on user-based flows. Properties \
             organization_usage and organization_require_behavior must be unset for third party clients.",
        )
    }

    /// A client with both ways to prove itself (r: the one excludes the other; sentence assumed).
    pub fn two_authentication_methods() -> Self {
        Self::new(
            400,
            "invalid_body",
            "client_authentication_methods and token_endpoint_auth_method cannot both be set",
        )
    }

    /// More organizations than a tenant may hold (limit documented, sentence assumed).
    pub fn too_many_organizations(limit: usize) -> Self {
        Self::new(403, "too_many_entities", format!("You reached the limit of {limit} organizations for this tenant."))
    }

    /// A signup setting that the connection does not support (r).
    pub fn signup_needs_membership() -> Self {
        Self::new(
            400,
            "invalid_body",
            "Only database connections with assign_membership_on_login = true support is_signup_enabled = true.",
        )
    }

    /// A PEM text that holds not what the credential's type asks for (a).
    pub fn unreadable_pem() -> Self {
        Self::new(400, "invalid_body", "The provided PEM is not a valid public key or certificate.")
    }

    /// A key or certificate credential without a PEM text (a).
    pub fn missing_pem() -> Self {
        Self::new(400, "invalid_body", "Payload validation error: 'Missing required property: pem'.")
    }

    /// A subject credential that tells its subject twice, or not at all (a).
    pub fn subject_not_told_once() -> Self {
        Self::new(400, "invalid_body", "Exactly one of pem and subject_dn must be provided")
    }

    /// A client told to use a credential that it does not have (a).
    pub fn unknown_credential(id: &str) -> Self {
        Self::new(400, "invalid_body", format!("The credential {id} does not exist"))
    }

    /// A moment that no timestamp of the service can write (a).
    pub fn moment_out_of_range() -> Self {
        Self::new(400, "invalid_body", "expires_at must be a valid date")
    }
}

/// The sentence of R9, which serves R10 as well.
const PLAN_WITHOUT_ORGANIZATIONS: &str =
    "Please upgrade your subscription to use Machine to Machine access to Organizations.";

fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        _ => "Internal Server Error",
    }
}

/// A refusal of the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenError {
    /// HTTP status.
    pub status: u16,
    /// `error`.
    pub error: &'static str,
    /// `error_description`.
    pub description: String,
    /// `error_uri`, where there is one.
    pub uri: Option<&'static str>,
}

impl TokenError {
    fn new(status: u16, error: &'static str, description: impl Into<String>) -> Self {
        TokenError { status, error, description: description.into(), uri: None }
    }

    /// The body on the wire.
    pub fn body(&self) -> Value {
        let mut body = json!({ "error": self.error, "error_description": self.description });
        if let Some(uri) = self.uri {
            body["error_uri"] = uri.into();
        }
        body
    }

    /// The edge could not read the request: too long, too slow, broken off (a).
    pub fn unread(status: u16, description: String) -> Self {
        Self::new(status, "invalid_request", description)
    }

    /// The body cannot be read (a).
    pub fn unreadable_body() -> Self {
        Self::new(400, "invalid_request", "The request body could not be parsed")
    }

    /// A parameter is sent twice (R25, a).
    pub fn repeated_parameter(name: &str) -> Self {
        Self::new(400, "invalid_request", format!("parameter {name} must not be sent more than once"))
    }

    /// A parameter is not a text (R25, a).
    pub fn not_a_string(name: &str) -> Self {
        Self::new(400, "invalid_request", format!("parameter {name} must be a string"))
    }

    /// T8.
    pub fn missing_grant_type() -> Self {
        Self::new(400, "invalid_request", "Missing required parameter: grant_type")
    }

    /// T9 (d).
    pub fn unsupported_grant_type() -> Self {
        Self::new(400, "unsupported_grant_type", "Grant type not supported")
    }

    /// T10 (a).
    pub fn missing_client_id() -> Self {
        Self::new(401, "invalid_client", "Missing client_id")
    }

    /// T1 (p).
    pub fn unauthorized() -> Self {
        Self::new(401, "access_denied", "Unauthorized")
    }

    /// T2 (the text is that of T1', d).
    pub fn invalid_client() -> Self {
        Self::new(401, "invalid_client", "Client authentication failed")
    }

    /// T3 (p).
    pub fn grant_type_not_allowed(grant_type: &str) -> Self {
        TokenError {
            uri: Some("https://auth0.com/docs/clients/client-grant-types"),
            ..Self::new(403, "unauthorized_client", format!("Grant type '{grant_type}' not allowed for the client."))
        }
    }

    /// T7 (p).
    pub fn no_audience() -> Self {
        Self::new(403, "access_denied", "Non-global clients are not allowed access to APIv1")
    }

    /// T6 (p).
    pub fn unknown_audience(audience: &str) -> Self {
        Self::new(403, "access_denied", format!("Service not enabled within domain: {audience}"))
    }

    /// T4 (p); also T14, whose own text nobody knows (a).
    pub fn no_client_grant(audience: &str) -> Self {
        let description = format!(
            "Client is not authorized to access \"{audience}\". You need to create a \"client-grant\" associated to \
             this API. See: https://auth0.com/docs/api/management/v2/client-grants/post-client-grants"
        );
        Self::new(403, "access_denied", description)
    }

    /// T13: the error is documented, the text assumed.
    pub fn no_client_grant_for_third_party(audience: &str) -> Self {
        TokenError { error: "unauthorized_client", ..Self::no_client_grant(audience) }
    }

    /// An organization sent to a tenant whose plan lacks them (R10; status and text assumed).
    pub fn plan_without_organizations() -> Self {
        Self::new(403, "access_denied", PLAN_WITHOUT_ORGANIZATIONS)
    }

    /// E1 (text reported for /authorize).
    pub fn organization_not_allowed() -> Self {
        Self::new(400, "invalid_request", "parameter organization is not allowed for this client")
    }

    /// E2 (a).
    pub fn organization_not_associated(organization: &str) -> Self {
        let description = format!("Client is not authorized to access organization \"{organization}\"");
        Self::new(403, "access_denied", description)
    }

    /// E3 (text reported for /authorize).
    pub fn organization_required() -> Self {
        Self::new(400, "invalid_request", "parameter organization is required for this client")
    }

    /// E4 (text documented for /authorize).
    pub fn organization_unknown(organization: &str) -> Self {
        Self::new(400, "invalid_request", format!("parameter organization is invalid: {organization}"))
    }

    /// E5 (text reported for /authorize).
    pub fn organization_name_not_accepted() -> Self {
        Self::new(400, "invalid_request", "authorization request parameter organization must be an organization id")
    }

    /// T5 (p; the separator of several scopes is assumed).
    pub fn scopes_not_granted(scopes: &ScopeSet) -> Self {
        Self::new(403, "access_denied", format!("Client has not been granted scopes: {scopes}"))
    }

    /// R100 (d for a client; a for an organization, by analogy).
    pub fn quota_exceeded(owner: Owner) -> Self {
        let description = match owner {
            Owner::Client => "Client quota exceeded",
            Owner::Organization => "Organization quota exceeded",
        };
        Self::new(429, "too_many_requests", description)
    }

    /// The API asks for tokens of a kind that m2mock does not make. Not an answer of the live service: a token of
    /// another kind would pass where the real one would not.
    pub fn not_modelled(what: &str) -> Self {
        Self::new(400, "invalid_request", format!("m2mock does not issue tokens with {what}"))
    }
}
