//! The token endpoint: parameters, who asks, what for, for which organization, with which scopes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::answer::Headers;
use super::{
    Api, CLIENT_CREDENTIALS, Client, DOMAIN, Grant, Holder, Model, Organization, Party, Refusal, TokenAnswer, Usage,
};
use crate::forge::{PROOF_KEY, ec_jwk, thumbprint};
use crate::token_model::step::{Body, Certificate, Proof, Sent, TokenRequest};

/// Parameters that are read; others may be anything (R25).
const READ: [&str; 6] = ["grant_type", "client_id", "client_secret", "audience", "scope", "organization"];

impl Model {
    /// Answers a request, and counts the request and its token. A policy comes before all checks.
    pub fn ask(&mut self, request: &TokenRequest) -> TokenAnswer {
        match self.count_for_policy(request) {
            Ok(headers) => {
                let mut answer = self.decide(request).unwrap_or_else(TokenAnswer::from);
                answer.headers.extend(headers);
                answer
            }
            Err(refusal) => refusal.into(),
        }
    }

    /// The checks have the order of the reference.
    fn decide(&mut self, request: &TokenRequest) -> Result<TokenAnswer, Refusal> {
        parameters_can_be_read(request)?;
        grant_type_is_known(request)?;
        let client = self.authenticated(request)?.clone();
        client_may_use_grant_type(&client)?;
        let api = self.api_asked_for(request)?.clone();
        let grant = self.grant_that_counts(&client, &api, request)?.clone();
        let organization = self.organization_that_applies(&client, &grant, request)?.cloned();
        let scopes = scopes_given(&grant, &api, request)?;
        let confirmation = self.confirmation(&client, &api, request)?;
        let headers = self.take_from_quotas(&client, organization.as_ref())?;
        let mut answer = self.token(request, &client, &api, organization.as_ref(), &scopes, headers);
        if let (Some(confirmation), Some((_, claims))) = (confirmation, &mut answer.token) {
            answer.body["token_type"] = json!("DPoP");
            claims["cnf"] = confirmation;
        }
        Ok(answer)
    }

    /// T1, T10. A public client's secret is not looked at.
    fn authenticated(&self, request: &TokenRequest) -> Result<&Client, Refusal> {
        let (id, secret) = credentials(request)?;
        let Some(id) = id else {
            return Err(Refusal::new(401, "invalid_client", "Missing client_id"));
        };
        let client = self.client(id).ok_or_else(unauthorized)?;
        if client.method == Some("none") || secret == Some(&client.secret) { Ok(client) } else { Err(unauthorized()) }
    }

    /// T6, T7, AUD1 to AUD4, and the tenant's default audience.
    fn api_asked_for(&self, request: &TokenRequest) -> Result<&Api, Refusal> {
        let audience = value(request, "audience");
        if let Some(resource) = self.resource_read(request)? {
            let unknown = || Refusal::new(403, "access_denied", format!("Service not found: {resource}"));
            return self.api(resource).ok_or_else(unknown);
        }
        let default = Some(self.settings.default_audience.as_str()).filter(|audience| !audience.is_empty());
        let Some(audience) = audience.or(default) else {
            return Err(Refusal::new(403, "access_denied", "Non-global clients are not allowed access to APIv1"));
        };
        let unknown = || Refusal::new(403, "access_denied", format!("Service not enabled within domain: {audience}"));
        self.api(audience).ok_or_else(unknown)
    }

    /// AUD1 to AUD3, and R25 where the parameter is read.
    fn resource_read<'r>(&self, request: &'r TokenRequest) -> Result<Option<&'r str>, Refusal> {
        if !self.settings.reads_resource || value(request, "audience").is_some() || !body_is_read(request) {
            return Ok(None);
        }
        let sent: Vec<&Sent> =
            request.parameters.iter().filter(|(name, _)| *name == "resource").map(|(_, sent)| sent).collect();
        match sent.as_slice() {
            [Sent::Number(_)] => Err(Refusal::new(400, "invalid_request", "parameter resource must be a string")),
            [] | [_] => Ok(value(request, "resource")),
            _ => {
                let sentence = "parameter resource must not be sent more than once";
                Err(Refusal::new(400, "invalid_request", sentence))
            }
        }
    }

    /// As the request names the API. A default audience has the host name of the request if the API is the service's own.
    fn audience_in(&self, request: &TokenRequest, api: &Api) -> String {
        let resource = self.resource_read(request).ok().flatten();
        match (value(request, "audience").or(resource), &request.host) {
            (Some(named), _) => named.to_owned(),
            (None, Some(host)) if api.is_system => format!("http://{host}/api/v2/"),
            (None, _) => api.identifier.clone(),
        }
    }

    /// R60, R70, R73, R79, R82, R83, R128.
    fn grant_that_counts(&self, client: &Client, api: &Api, request: &TokenRequest) -> Result<&Grant, Refusal> {
        let audience = self.audience_in(request, api);
        let none = |error| {
            let description = format!(
                "Client \"{}\" is not authorized to access resource server \"{audience}\". You need to create a \
                 \"client-grant\" associated to this API.",
                client.id
            );
            Refusal::new(403, error, description)
        };
        // T14: as T4, for every client.
        if api.deny_all {
            return Err(none("access_denied"));
        }
        let held_by = |holder: &Holder| {
            let mut grants = self.grants.iter();
            grants.find(|grant| {
                grant.holder == *holder && grant.audience == api.identifier && grant.subject_type == "client"
            })
        };
        let own = held_by(&Holder::Client(client.id.clone()));
        match client.party {
            Party::First => own.ok_or_else(|| none("access_denied")),
            // R79 is for every third party, T13 for those in strict mode.
            Party::Permissive => own.or(held_by(&Holder::ThirdPartyClients)).ok_or_else(|| none("access_denied")),
            Party::Strict if api.is_system => Err(none("unauthorized_client")),
            Party::Strict => own.or(held_by(&Holder::ThirdPartyClients)).ok_or_else(|| none("unauthorized_client")),
        }
    }

    /// The table of section B.
    fn organization_that_applies(
        &self,
        client: &Client,
        grant: &Grant,
        request: &TokenRequest,
    ) -> Result<Option<&Organization>, Refusal> {
        let sent = value(request, "organization");
        let default = client.default_organization.as_ref().filter(|default| default.applies);
        if sent.is_some() && !self.plan_has_organizations {
            // R10.
            let upgrade = "Please upgrade your subscription to use Machine to Machine access to Organizations.";
            return Err(Refusal::new(403, "access_denied", upgrade));
        }
        match (grant.usage.unwrap_or(Usage::Deny), sent) {
            // R11, R13: the default organization is not applied.
            (Usage::Deny | Usage::Allow, None) => Ok(None),
            // R12, E1.
            (Usage::Deny, Some(_)) => {
                Err(Refusal::new(400, "invalid_request", "parameter organization is not allowed for this client"))
            }
            // R14, R15, R18, R19, R24.
            (Usage::Allow | Usage::Require, Some(sent)) => {
                self.linked(self.requested_organization(sent)?, sent, client, grant).map(Some)
            }
            (Usage::Require, None) => match default {
                // R16, E3.
                None => Err(Refusal::new(400, "invalid_request", "parameter organization is required for this client")),
                // R17, R55.
                Some(default) => {
                    let found = self.organization(&default.id).ok_or_else(|| unknown_organization(&default.id))?;
                    self.linked(found, &default.id, client, grant).map(Some)
                }
            },
        }
    }

    /// R21, R22, R26 to R32: by id, or by name where the tenant takes names.
    fn requested_organization(&self, sent: &str) -> Result<&Organization, Refusal> {
        if let Some(found) = self.organization(sent) {
            return Ok(found);
        }
        if self.settings.names_accepted {
            return self
                .organizations
                .iter()
                .find(|found| found.name == sent)
                .ok_or_else(|| unknown_organization(sent));
        }
        // E5: a value counts as a name when it has not the form of an id.
        if has_form_of_an_id(sent) {
            return Err(unknown_organization(sent));
        }
        let sentence = "authorization request parameter organization must be an organization id";
        Err(Refusal::new(400, "invalid_request", sentence))
    }

    /// R15, R19, R20, R77, E2.
    fn linked<'m>(
        &self,
        organization: &'m Organization,
        named: &str,
        client: &Client,
        grant: &Grant,
    ) -> Result<&'m Organization, Refusal> {
        let any = grant.any_organization == Some(true) && client.party != Party::Strict;
        if any || self.is_associated(&organization.id, &grant.id) {
            return Ok(organization);
        }
        let sentence = format!("Client is not authorized to access organization \"{named}\"");
        Err(Refusal::new(403, "access_denied", sentence))
    }

    /// The table "Who gets what" of section 10. A client here is confidential: `public_clients` does not concern it (POP7).
    fn confirmation(&mut self, client: &Client, api: &Api, request: &TokenRequest) -> Result<Option<Value>, Refusal> {
        let refused = || Refusal::new(400, "invalid_request", "Proof of possession is required");
        let mechanism = api.possession.map(|possession| possession.mechanism);
        let required = api.possession.is_some_and(|possession| {
            possession.required && possession.required_for.unwrap_or("all_clients") == "all_clients"
        });
        match (mechanism, &request.proof, request.certificate) {
            // POP6, POP1.
            (None, _, _) if client.requires_possession => Err(refused()),
            (None, _, _) => Ok(None),
            // POP3, DPOP5, MTLS7.
            (Some("dpop"), Some(proof), _) => {
                self.take_proof(proof, request)?;
                Ok(Some(json!({ "jkt": thumbprint(&ec_jwk(PROOF_KEY)) })))
            }
            (Some("mtls"), _, Some(Certificate::Valid)) => {
                let digest = digest(&SHA256, &Certificate::Valid.der());
                Ok(Some(json!({ "x5t#S256": URL_SAFE_NO_PAD.encode(digest) })))
            }
            // MTLS4.
            (Some("mtls"), _, Some(Certificate::NotYetValid)) => {
                Err(Refusal::new(401, "invalid_client", "Client authentication failed"))
            }
            // POP4, POP5, POP2. A DPoP proof is no certificate, and no certificate is a DPoP proof.
            (Some(_), _, _) if required || client.requires_possession => Err(refused()),
            (Some(_), _, _) => Ok(None),
        }
    }

    /// DPOP1 to DPOP4.
    fn take_proof(&mut self, proof: &Proof, request: &TokenRequest) -> Result<(), Refusal> {
        let at_domain = proof.htu == format!("https://{DOMAIN}/oauth/token");
        let at_host = request.host.is_some_and(|host| proof.htu == format!("http://{host}/oauth/token"));
        let is_new = proof.iat + 300 >= self.now && proof.iat <= self.now + 30;
        let is_used = self.used_proofs.iter().any(|(jti, end)| *jti == proof.jti && *end >= self.now);
        if proof.is_forged || !(at_domain || at_host) || !is_new || is_used {
            return Err(Refusal::new(400, "invalid_dpop_proof", "DPoP proof is invalid"));
        }
        self.used_proofs.push((proof.jti, proof.iat + 300));
        Ok(())
    }

    /// R114 to R116.
    fn subject(&self, client: &Client, api: &Api) -> String {
        if !api.agent_claims {
            return format!("{}@clients", client.id);
        }
        match client.agent.as_ref().and_then(|id| self.agent(id)) {
            Some(agent) => agent.external_id.as_ref().unwrap_or(&agent.id).clone(),
            None => client.id.clone(),
        }
    }

    /// Sections 4 and 6 of the page about the token endpoint.
    fn token(
        &self,
        request: &TokenRequest,
        client: &Client,
        api: &Api,
        organization: Option<&Organization>,
        scopes: &[String],
        mut headers: Headers,
    ) -> TokenAnswer {
        let rfc9068 = api.dialect.starts_with("rfc9068_profile");
        let mut header = json!({ "alg": api.signing_alg, "typ": if rfc9068 { "at+jwt" } else { "JWT" } });
        if api.signing_alg != "HS256" {
            header["kid"] = json!("some");
        }
        let mut claims = json!({
            "iss": match &request.host {
                Some(host) => format!("http://{host}/"),
                None => format!("https://{DOMAIN}/"),
            },
            "sub": self.subject(client, api),
            "aud": self.audience_in(request, api),
            "iat": self.now,
            "exp": self.now + api.lifetime,
        });
        // R115, R117.
        if api.agent_claims {
            let has_agent = client.agent.is_some();
            claims["sub_profile"] = json!(if has_agent { "ai_agent" } else { "service" });
            claims["client_profile"] = json!(if has_agent { "service ai_agent" } else { "service" });
        }
        let mut body = json!({ "token_type": "Bearer", "expires_in": api.lifetime });
        if rfc9068 {
            claims["client_id"] = json!(client.id);
            claims["jti"] = json!("some");
        } else {
            claims["azp"] = json!(client.id);
            claims["gty"] = json!("client-credentials");
        }
        if !scopes.is_empty() {
            claims["scope"] = json!(scopes.join(" "));
            body["scope"] = json!(scopes.join(" "));
        }
        if api.dialect.ends_with("_authz") && api.enforce_policies {
            claims["permissions"] = json!(scopes);
        }
        // R26 to R29.
        if let Some(organization) = organization {
            claims["org_id"] = json!(organization.id);
            if self.settings.names_accepted {
                claims["org_name"] = json!(organization.name);
            }
        }
        headers.insert("cache-control", "no-store".to_owned());
        headers.insert("pragma", "no-cache".to_owned());
        TokenAnswer { status: 200, headers, body, token: Some((header, claims)) }
    }
}

/// R25: unreadable bodies, a parameter that is read and sent twice, or not a text.
fn parameters_can_be_read(request: &TokenRequest) -> Result<(), Refusal> {
    if request.body == Body::BrokenJson {
        return Err(Refusal::new(400, "invalid_request", "The request body could not be parsed"));
    }
    if !body_is_read(request) {
        return Ok(());
    }
    let mut seen = Vec::new();
    for (name, sent) in request.parameters.iter().filter(|(name, _)| READ.contains(name)) {
        if seen.contains(name) {
            let sentence = format!("parameter {name} must not be sent more than once");
            return Err(Refusal::new(400, "invalid_request", sentence));
        }
        if matches!(sent, Sent::Number(_)) {
            return Err(Refusal::new(400, "invalid_request", format!("parameter {name} must be a string")));
        }
        seen.push(name);
    }
    Ok(())
}

/// Id and secret. Values in both places must agree.
fn credentials(request: &TokenRequest) -> Result<(Option<&str>, Option<&str>), Refusal> {
    let in_body = (value(request, "client_id"), value(request, "client_secret"));
    let in_header = request.basic.as_ref().map(|(id, secret)| (id.as_str(), secret.as_str()));
    if let Some((id, secret)) = in_header
        && (in_body.0.is_some_and(|other| other != id) || in_body.1.is_some_and(|other| other != secret))
    {
        return Err(unauthorized());
    }
    let id = in_header.map(|(id, _)| id).or(in_body.0);
    let secret = in_header.map(|(_, secret)| secret).or(in_body.1);
    Ok((id, secret))
}

/// The client for rate limit policies: the one in the body if header and body contradict each other, none if nothing can be read.
pub fn client_named(request: &TokenRequest) -> Option<&str> {
    parameters_can_be_read(request).ok()?;
    credentials(request).map_or_else(|_| value(request, "client_id"), |(id, _)| id)
}

fn unauthorized() -> Refusal {
    Refusal::new(401, "access_denied", "Unauthorized")
}

/// Another content type counts as no body.
fn body_is_read(request: &TokenRequest) -> bool {
    !matches!(request.body, Body::OtherType | Body::BrokenJson)
}

/// R23: an empty or null value counts as absent.
fn value<'r>(request: &'r TokenRequest, name: &str) -> Option<&'r str> {
    if !body_is_read(request) {
        return None;
    }
    let (_, sent) = request.parameters.iter().find(|(other, _)| *other == name)?;
    match sent {
        Sent::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// T8, T9.
fn grant_type_is_known(request: &TokenRequest) -> Result<(), Refusal> {
    match value(request, "grant_type") {
        None => Err(Refusal::new(400, "invalid_request", "Missing required parameter: grant_type")),
        Some(CLIENT_CREDENTIALS) => Ok(()),
        Some(_) => Err(Refusal::new(400, "unsupported_grant_type", "Grant type not supported")),
    }
}

/// T3.
fn client_may_use_grant_type(client: &Client) -> Result<(), Refusal> {
    if client.grant_types.iter().any(|grant_type| grant_type == CLIENT_CREDENTIALS) {
        return Ok(());
    }
    let sentence = "Grant type 'client_credentials' not allowed for the client.";
    let uri = Some("https://auth0.com/docs/clients/client-grant-types");
    Err(Refusal { uri, ..Refusal::new(403, "unauthorized_client", sentence) })
}

/// R64, R66, R74 to R76.
fn scopes_given(grant: &Grant, api: &Api, request: &TokenRequest) -> Result<Vec<String>, Refusal> {
    let granted = if grant.all_scopes == Some(true) { &api.scopes } else { &grant.scope };
    let mut asked: Vec<&str> = Vec::new();
    for scope in value(request, "scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()) {
        if !asked.contains(&scope) {
            asked.push(scope);
        }
    }
    if asked.is_empty() {
        return Ok(granted.clone());
    }
    let refusal: Vec<&str> =
        asked.iter().filter(|scope| !granted.iter().any(|other| other == **scope)).copied().collect();
    if refusal.is_empty() {
        return Ok(asked.into_iter().map(str::to_owned).collect());
    }
    let sentence = format!("Client has not been granted scopes: {}", refusal.join(", "));
    Err(Refusal::new(403, "access_denied", sentence))
}

/// E4.
fn unknown_organization(named: &str) -> Refusal {
    Refusal::new(400, "invalid_request", format!("parameter organization is invalid: {named}"))
}

/// `org_` and 16 letters or digits.
fn has_form_of_an_id(text: &str) -> bool {
    text.strip_prefix("org_")
        .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
