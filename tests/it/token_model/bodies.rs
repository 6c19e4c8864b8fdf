//! The JSON bodies of changes.

use serde_json::{Map, Value, json};

use super::model::{Agent, Api, Client, DefaultOrganization, Grant, Holder, Limit, Party, Possession, Quota, Usage};
use super::step::{ApiChange, ClientChange, GrantChange, GrantFault, SettingsChange};

pub fn api_body(api: &Api) -> Value {
    let scopes: Vec<Value> = api.scopes.iter().map(|scope| json!({ "value": scope })).collect();
    let mut body = json!({
        "identifier": api.identifier,
        "scopes": scopes,
        "signing_alg": api.signing_alg,
        "token_lifetime": api.lifetime,
        "token_dialect": api.dialect,
        "enforce_policies": api.enforce_policies,
    });
    if api.deny_all {
        body["subject_type_authorization"] = json!({ "client": { "policy": "deny_all" } });
    }
    if api.agent_claims {
        body["agent_subject_claims"] = json!("auth0-v1");
    }
    if let Some(possession) = api.possession {
        body["proof_of_possession"] = possession_body(possession);
    }
    body
}

fn possession_body(possession: Possession) -> Value {
    let mut body = json!({ "mechanism": possession.mechanism, "required": possession.required });
    if let Some(required_for) = possession.required_for {
        body["required_for"] = json!(required_for);
    }
    body
}

impl ApiChange {
    pub fn body(&self) -> Value {
        match self {
            ApiChange::Scopes(scopes) => {
                let scopes: Vec<Value> = scopes.iter().map(|scope| json!({ "value": scope })).collect();
                json!({ "scopes": scopes })
            }
            ApiChange::DenyAll(deny) => {
                let policy = if *deny { "deny_all" } else { "require_client_grant" };
                json!({ "subject_type_authorization": { "client": { "policy": policy } } })
            }
            ApiChange::Possession(possession) => json!({ "proof_of_possession": possession.map(possession_body) }),
            ApiChange::AgentClaims => json!({ "agent_subject_claims": "auth0-v1" }),
            ApiChange::Lifetime(seconds) => json!({ "token_lifetime": seconds }),
            ApiChange::Permissions { dialect, enforce_policies } => {
                json!({ "token_dialect": dialect, "enforce_policies": enforce_policies })
            }
        }
    }
}

pub fn agent_body(agent: &Agent, client: Option<&str>) -> Value {
    let mut body = Map::from_iter([("name".to_owned(), json!("An agent"))]);
    insert(&mut body, "external_agent_id", agent.external_id.as_ref());
    insert(&mut body, "client_id", client);
    Value::Object(body)
}

pub fn client_body(client: &Client) -> Value {
    let mut body = json!({ "name": "A bot", "grant_types": client.grant_types });
    if let Some(method) = client.method {
        body["token_endpoint_auth_method"] = json!(method);
    }
    match client.party {
        Party::First => {}
        Party::Permissive => body["is_first_party"] = json!(false),
        Party::Strict => {
            body["is_first_party"] = json!(false);
            body["third_party_security_mode"] = json!("strict");
        }
    }
    if let Some(default) = &client.default_organization {
        body["default_organization"] = default_organization_body(default);
    }
    if let Some(quota) = client.quota {
        body["token_quota"] = quota_body(quota);
    }
    if let Some(usage) = client.organization_usage {
        body["organization_usage"] = json!(usage.word());
    }
    if let Some(agent) = &client.agent {
        body["agent_id"] = json!(agent);
    }
    if client.requires_possession {
        body["require_proof_of_possession"] = json!(true);
    }
    body
}

fn default_organization_body(default: &DefaultOrganization) -> Value {
    let flows: &[&str] = if default.applies { &["client_credentials"] } else { &[] };
    json!({ "organization_id": default.id, "flows": flows })
}

impl ClientChange {
    pub fn body(&self) -> Value {
        match self {
            ClientChange::DefaultOrganization(default) => {
                json!({ "default_organization": default.as_ref().map(default_organization_body) })
            }
            ClientChange::HalfADefaultOrganization(id) => json!({ "default_organization": { "organization_id": id } }),
            ClientChange::Quota(quota) => json!({ "token_quota": quota.map(quota_body) }),
            ClientChange::GrantTypes(grant_types) => json!({ "grant_types": grant_types }),
            ClientChange::Method(method) => json!({ "token_endpoint_auth_method": method }),
            ClientChange::OrganizationUsage(usage) => json!({ "organization_usage": usage.map(Usage::word) }),
            ClientChange::RequirePossession(required) => json!({ "require_proof_of_possession": required }),
            ClientChange::Agent(agent) => json!({ "agent_id": agent }),
            ClientChange::BecomeStrict => json!({ "is_first_party": false, "third_party_security_mode": "strict" }),
            ClientChange::BecomeFirstParty => json!({ "is_first_party": true }),
        }
    }
}

pub fn grant_body(grant: &Grant, fault: GrantFault) -> Value {
    let mut body = json!({ "audience": grant.audience, "scope": grant.scope });
    match &grant.holder {
        Holder::Client(id) => body["client_id"] = json!(id),
        Holder::ThirdPartyClients => body["default_for"] = json!("third_party_clients"),
    }
    let members = body.as_object_mut().expect("an object");
    insert(members, "organization_usage", grant.usage.map(Usage::word));
    insert(members, "allow_any_organization", grant.any_organization);
    insert(members, "allow_all_scopes", grant.all_scopes);
    insert(members, "subject_type", Some(grant.subject_type).filter(|kind| *kind != "client"));
    match fault {
        GrantFault::None => {}
        GrantFault::UsageRequired => body["organization_usage"] = json!("required"),
        GrantFault::UsageNull => body["organization_usage"] = Value::Null,
        GrantFault::BothHolders => {
            body["client_id"] = json!("SomeBot0000000000000000000000000");
            body["default_for"] = json!("third_party_clients");
        }
        GrantFault::NoHolder => {
            members.remove("client_id");
            members.remove("default_for");
        }
    }
    body
}

impl GrantChange {
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        insert(&mut body, "scope", self.scope.as_ref());
        insert(&mut body, "allow_all_scopes", self.all_scopes);
        insert(&mut body, "organization_usage", self.usage.map(|usage| usage.map(Usage::word)));
        insert(&mut body, "allow_any_organization", self.any_organization);
        if let Some((name, value)) = self.immutable {
            body.insert(name.to_owned(), json!(value));
        }
        Value::Object(body)
    }
}

impl SettingsChange {
    pub fn body(&self) -> Value {
        match self {
            SettingsChange::NamesAccepted(accepted) => {
                json!({ "allow_organization_name_in_authentication_api": accepted })
            }
            SettingsChange::DefaultAudience(audience) => json!({ "default_audience": audience }),
            SettingsChange::ReadsResource(reads) => {
                json!({ "resource_parameter_profile": if *reads { "compatibility" } else { "audience" } })
            }
            SettingsChange::DefaultQuotas { clients, organizations } => {
                let mut quotas = Map::new();
                insert(&mut quotas, "clients", clients.map(quota_body));
                insert(&mut quotas, "organizations", organizations.map(quota_body));
                json!({ "default_token_quota": quotas })
            }
            SettingsChange::NoDefaultQuotas => json!({ "default_token_quota": null }),
        }
    }
}

pub fn quota_body(quota: Quota) -> Value {
    let mut body = Map::new();
    insert(&mut body, "per_hour", quota.per_hour);
    insert(&mut body, "per_day", quota.per_day);
    insert(&mut body, "enforce", quota.enforce);
    json!({ "client_credentials": body })
}

/// The configuration of a rate limit policy.
pub fn limit_body(limit: Limit) -> Value {
    match limit.action {
        "allow" => json!({ "action": "allow" }),
        "redirect" => {
            json!({ "action": "redirect", "limit": limit.requests, "redirect_uri": "https://travel0.example/busy" })
        }
        action => json!({ "action": action, "limit": limit.requests }),
    }
}

fn insert(body: &mut Map<String, Value>, name: &str, value: Option<impl serde::Serialize>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), json!(value));
    }
}
