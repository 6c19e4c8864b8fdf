//! Typed views of documents, with the members that the rules read.

use serde_json::{Map, Value};

use super::document::{text, texts};
use crate::domain::client_certificate::Method;
use crate::domain::quota::{Owner, Quota};
use crate::domain::rate_limit_policy::{Action, Consumer, Policy};
use crate::domain::sender_constraint::{Mechanism, RequiredFor};
use crate::domain::subject::{Agent, AgentSubjectClaims};
use crate::domain::{
    OrganizationUsage, ScopeSet, Signing, SigningSecret, TokenDialect, TokenEncryption, system_scopes,
};

/// A client, with the members that the token endpoint reads.
pub(crate) struct ClientView<'a>(pub &'a Map<String, Value>);

impl<'a> ClientView<'a> {
    /// `client_id`.
    pub(crate) fn id(&self) -> &'a str {
        text(self.0, "client_id").unwrap_or_default()
    }

    /// `name`.
    pub(crate) fn name(&self) -> &'a str {
        text(self.0, "name").unwrap_or_default()
    }

    /// `client_secret`, unless the client has none.
    pub(crate) fn secret(&self) -> Option<&'a str> {
        text(self.0, "client_secret")
    }

    /// Whether the client authenticates with keys or certificates instead of its secret.
    pub(crate) fn authenticates_with_keys(&self) -> bool {
        self.0.contains_key("client_authentication_methods")
    }

    /// Whether the client authenticates with signed assertions (`private_key_jwt`).
    pub(crate) fn authenticates_with_assertions(&self) -> bool {
        self.0.get("client_authentication_methods").is_some_and(|methods| methods.get("private_key_jwt").is_some())
    }

    /// The authentication method with certificates, if the client uses one.
    pub(crate) fn certificate_method(&self) -> Option<Method> {
        let methods = self.0.get("client_authentication_methods")?;
        Method::ALL.into_iter().find(|method| methods.get(method.as_str()).is_some())
    }

    /// The ids of the credentials of its method `private_key_jwt`.
    pub(crate) fn assertion_credentials(&self) -> impl Iterator<Item = &'a str> {
        self.credentials("private_key_jwt")
    }

    /// The ids of the credentials of a method with certificates.
    pub(crate) fn certificate_credentials(&self, method: Method) -> impl Iterator<Item = &'a str> {
        self.credentials(method.as_str())
    }

    fn credentials(&self, method: &str) -> impl Iterator<Item = &'a str> {
        let methods = self.0.get("client_authentication_methods");
        let named = methods.and_then(|methods| methods.get(method)?.get("credentials")?.as_array());
        named.into_iter().flatten().filter_map(|credential| credential.get("id")).filter_map(Value::as_str)
    }

    /// Whether the client is public: its `token_endpoint_auth_method` is `none`.
    pub(crate) fn is_public(&self) -> bool {
        text(self.0, "token_endpoint_auth_method") == Some("none")
    }

    /// Whether the client may use a grant type.
    pub(crate) fn allows_grant_type(&self, grant_type: &str) -> bool {
        texts(self.0, "grant_types").any(|allowed| allowed == grant_type)
    }

    /// Whether the client is a third-party client.
    pub(crate) fn is_third_party(&self) -> bool {
        self.0.get("is_first_party") == Some(&Value::Bool(false))
    }

    /// The client, as far as rate limit policies distinguish clients.
    pub(crate) fn consumer(&self) -> Consumer<'a> {
        Consumer {
            client_id: self.id(),
            external_client_id: text(self.0, "external_client_id"),
            is_third_party: self.is_third_party(),
        }
    }

    /// `require_proof_of_possession`.
    pub(crate) fn must_prove_possession(&self) -> bool {
        self.0.get("require_proof_of_possession") == Some(&Value::Bool(true))
    }

    /// Whether the client is a third-party client in strict mode.
    pub(crate) fn is_strict_third_party(&self) -> bool {
        self.is_third_party() && text(self.0, "third_party_security_mode") == Some("strict")
    }

    /// `token_quota`.
    pub(crate) fn token_quota(&self) -> Option<Quota> {
        quota(self.0.get("token_quota"))
    }

    /// `agent_id`.
    pub(crate) fn agent_id(&self) -> Option<&'a str> {
        text(self.0, "agent_id")
    }

    /// The default organization of the client credentials flow.
    pub(crate) fn default_organization(&self) -> Option<&'a str> {
        let default = self.0.get("default_organization")?.as_object()?;
        texts(default, "flows").any(|flow| flow == "client_credentials").then(|| text(default, "organization_id"))?
    }
}

/// An agent, with the members that the token endpoint reads.
pub(crate) struct AgentView<'a>(pub &'a Map<String, Value>);

impl<'a> AgentView<'a> {
    /// `name`.
    pub(crate) fn name(&self) -> &'a str {
        text(self.0, "name").unwrap_or_default()
    }

    /// `agent_id` and `external_agent_id`. An empty external id is none.
    pub(crate) fn ids(&self) -> Agent<'a> {
        let external_id = text(self.0, "external_agent_id").filter(|id| !id.is_empty());
        Agent { id: text(self.0, "agent_id").unwrap_or_default(), external_id }
    }
}

/// A rate limit policy.
pub(crate) struct RateLimitPolicyView<'a>(pub &'a Map<String, Value>);

impl<'a> RateLimitPolicyView<'a> {
    /// `id`.
    pub(crate) fn id(&self) -> &'a str {
        text(self.0, "id").unwrap_or_default()
    }

    /// `configuration`.
    pub(crate) fn policy(&self) -> Option<Policy> {
        let configuration = self.0.get("configuration")?.as_object()?;
        let limit = configuration.get("limit").and_then(Value::as_u64).unwrap_or_default();
        let action = Action::parse(text(configuration, "action")?)?;
        Some(Policy { action, limit: u32::try_from(limit).unwrap_or(u32::MAX) })
    }
}

/// A custom domain, with the members that decide whether the tenant answers there, and whether a proxy is in front of it.
pub(crate) struct CustomDomainView<'a>(pub &'a Map<String, Value>);

impl CustomDomainView<'_> {
    /// Whether the domain is verified.
    pub(crate) fn is_ready(&self) -> bool {
        text(self.0, "status") == Some("ready")
    }

    /// Whether a proxy of the tenant terminates TLS for the domain.
    pub(crate) fn is_self_managed(&self) -> bool {
        text(self.0, "type") == Some("self_managed_certs")
    }
}

/// An organization, with the members that the token endpoint reads.
pub(crate) struct OrganizationView<'a>(pub &'a Map<String, Value>);

impl<'a> OrganizationView<'a> {
    /// `id`.
    pub(crate) fn id(&self) -> &'a str {
        text(self.0, "id").unwrap_or_default()
    }

    /// `name`.
    pub(crate) fn name(&self) -> &'a str {
        text(self.0, "name").unwrap_or_default()
    }

    /// `token_quota`.
    pub(crate) fn token_quota(&self) -> Option<Quota> {
        quota(self.0.get("token_quota"))
    }
}

/// A client grant, with the members that the token endpoint reads.
pub(crate) struct ClientGrantView<'a>(pub &'a Map<String, Value>);

impl<'a> ClientGrantView<'a> {
    /// `id`.
    pub(crate) fn id(&self) -> &'a str {
        text(self.0, "id").unwrap_or_default()
    }

    /// `organization_usage`; absent means deny (R2).
    pub(crate) fn organization_usage(&self) -> OrganizationUsage {
        text(self.0, "organization_usage").and_then(OrganizationUsage::parse).unwrap_or_default()
    }

    /// `allow_any_organization`; absent means no (R4).
    pub(crate) fn allows_any_organization(&self) -> bool {
        self.0.get("allow_any_organization") == Some(&Value::Bool(true))
    }

    /// Whether the grant is for the client itself: a `user` grant never authorises client credentials (R60).
    pub(crate) fn is_for_client(&self) -> bool {
        text(self.0, "subject_type").is_none_or(|subject| subject == "client")
    }

    /// Whether the grant holds every scope of its API (R66).
    pub(crate) fn allows_all_scopes(&self) -> bool {
        self.0.get("allow_all_scopes") == Some(&Value::Bool(true))
    }

    /// `scope`.
    pub(crate) fn scopes(&self) -> ScopeSet {
        texts(self.0, "scope").collect()
    }
}

/// A resource server, with the members that the token endpoint reads.
pub(crate) struct ResourceServerView<'a>(pub &'a Map<String, Value>);

impl<'a> ResourceServerView<'a> {
    /// `name`.
    pub(crate) fn name(&self) -> &'a str {
        text(self.0, "name").unwrap_or_default()
    }

    /// `identifier`: the audience.
    pub(crate) fn identifier(&self) -> &'a str {
        text(self.0, "identifier").unwrap_or_default()
    }

    /// `is_system`.
    pub(crate) fn is_system(&self) -> bool {
        self.0.get("is_system") == Some(&Value::Bool(true))
    }

    /// The lifetime of a token in seconds.
    pub(crate) fn token_lifetime(&self) -> i64 {
        self.0.get("token_lifetime").and_then(Value::as_i64).unwrap_or(86_400)
    }

    /// `signing_alg`, with the `signing_secret` that every API with HS256 is given.
    pub(crate) fn signing(&self) -> Signing {
        match (text(self.0, "signing_alg"), text(self.0, "signing_secret")) {
            (Some("HS256"), Some(secret)) => Signing::Hs256(SigningSecret::new(secret)),
            (Some("PS256"), _) => Signing::Ps256,
            (Some("RS512"), _) => Signing::Rs512,
            _ => Signing::Rs256,
        }
    }

    /// `token_dialect`.
    pub(crate) fn token_dialect(&self) -> TokenDialect {
        text(self.0, "token_dialect").and_then(TokenDialect::parse).unwrap_or_default()
    }

    /// `enforce_policies`: whether the API uses role-based access control.
    pub(crate) fn enforces_policies(&self) -> bool {
        self.0.get("enforce_policies") == Some(&Value::Bool(true))
    }

    /// `agent_subject_claims`.
    pub(crate) fn agent_subject_claims(&self) -> Option<AgentSubjectClaims> {
        text(self.0, "agent_subject_claims").and_then(AgentSubjectClaims::parse)
    }

    /// `token_encryption`: how tokens are encrypted, if they are. A member that is missing is an empty text, which is no key.
    pub(crate) fn token_encryption(&self) -> Option<TokenEncryption<'a>> {
        let encryption = self.0.get("token_encryption").filter(|encryption| !encryption.is_null())?;
        let member = |name: &str| encryption.get("encryption_key")?.get(name)?.as_str();
        Some(TokenEncryption {
            algorithm: member("alg").unwrap_or_default(),
            key_id: member("kid"),
            pem: member("pem").unwrap_or_default(),
        })
    }

    /// `proof_of_possession`: how the API binds tokens, and for whom it requires it. `required_for` counts only if `required`
    /// is true, and absent it means every client.
    pub(crate) fn proof_of_possession(&self) -> Option<(Mechanism, RequiredFor)> {
        let proof = self.0.get("proof_of_possession")?.as_object()?;
        let mechanism = text(proof, "mechanism").and_then(Mechanism::parse)?;
        let required = proof.get("required") == Some(&Value::Bool(true));
        Some(match text(proof, "required_for") {
            _ if !required => (mechanism, RequiredFor::None),
            Some("public_clients") => (mechanism, RequiredFor::PublicClients),
            _ => (mechanism, RequiredFor::AllClients),
        })
    }

    /// Whether the API policy refuses every client-credentials token (R73).
    pub(crate) fn denies_clients(&self) -> bool {
        let policy = self.0.get("subject_type_authorization").and_then(|policies| policies.pointer("/client/policy"));
        policy.and_then(Value::as_str) == Some("deny_all")
    }

    /// Whether the scopes are those of the Management API, which no request can change. A tenant does not store them: they are
    /// half of the memory of a new one.
    pub(crate) fn has_management_scopes(&self) -> bool {
        self.is_system() && !self.0.contains_key("scopes")
    }

    /// Every scope that the API defines.
    pub(crate) fn scopes(&self) -> ScopeSet {
        if self.has_management_scopes() {
            return system_scopes::MANAGEMENT.iter().map(|(scope, _)| *scope).collect();
        }
        self.defined().filter_map(|scope| text(scope, "value")).collect()
    }

    /// The description of a scope, if it has one.
    pub(crate) fn description(&self, scope: &str) -> Option<&'a str> {
        if self.has_management_scopes() {
            return system_scopes::MANAGEMENT.iter().find(|(value, _)| *value == scope).map(|(_, text)| *text);
        }
        self.defined().find(|entry| text(entry, "value") == Some(scope)).and_then(|entry| text(entry, "description"))
    }

    fn defined(&self) -> impl Iterator<Item = &'a Map<String, Value>> {
        self.0.get("scopes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
    }
}

/// The tenant's settings, with the members that the token endpoint reads.
pub(crate) struct SettingsView<'a>(pub &'a Map<String, Value>);

impl<'a> SettingsView<'a> {
    /// Whether a request may name an organization by its name (R27).
    pub(crate) fn accepts_organization_names(&self) -> bool {
        self.0.get("allow_organization_name_in_authentication_api") == Some(&Value::Bool(true))
    }

    /// The quota of every client, or of every organization, without one of its own (R97).
    pub(crate) fn default_token_quota(&self, owner: Owner) -> Option<Quota> {
        let kind = match owner {
            Owner::Client => "clients",
            Owner::Organization => "organizations",
        };
        quota(self.0.get("default_token_quota")?.get(kind))
    }

    /// Whether the token endpoint reads the parameter `resource` (RFC 8707).
    pub(crate) fn reads_resource_parameter(&self) -> bool {
        text(self.0, "resource_parameter_profile") == Some("compatibility")
    }

    /// `default_audience`, unless it is empty.
    pub(crate) fn default_audience(&self) -> Option<&'a str> {
        text(self.0, "default_audience").filter(|audience| !audience.is_empty())
    }
}

/// Parses a `token_quota`. Its `enforce` got its default when it was stored (R96).
fn quota(token_quota: Option<&Value>) -> Option<Quota> {
    let quota = token_quota?.get("client_credentials")?.as_object()?;
    let limit = |name: &str| quota.get(name).and_then(Value::as_u64).and_then(|limit| u32::try_from(limit).ok());
    Some(Quota {
        per_hour: limit("per_hour"),
        per_day: limit("per_day"),
        enforce: quota.get("enforce") != Some(&Value::Bool(false)),
    })
}
