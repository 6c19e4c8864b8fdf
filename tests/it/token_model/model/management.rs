//! The Management API as far as the rules speak of it: what token requests go by, what deletions take along (section H),
//! and what is answered of it.

use serde_json::json;

use super::grants::grant_answer;
use super::{Agent, CLIENT_CREDENTIALS, Client, Holder, Managed, Model, Party, Policy, Reason, Settings};
use crate::token_model::step::{ApiChange, Change, ClientChange, OrganizationChange, Read, SettingsChange};

impl Model {
    /// Does it, or says why not; a refusal changes nothing.
    pub fn change(&mut self, change: &Change) -> Managed {
        self.try_change(change).unwrap_or_else(Managed::Refused)
    }

    fn try_change(&mut self, change: &Change) -> Result<Managed, Vec<Reason>> {
        match change {
            Change::CreateApi(api) => {
                if self.api(&api.identifier).is_some() {
                    let taken = "A resource server with the same identifier already exists.";
                    return Err(vec![Reason::new(409, "resource_conflict", taken)]);
                }
                self.apis.push(api.clone());
            }
            Change::PatchApi { id, change } => self.patch_api(id, change)?,
            Change::DeleteApi { identifier } => self.delete_api(identifier)?,
            Change::CreateAgent { agent, client } => self.create_agent(agent, client.as_deref())?,
            Change::DeleteAgent { id } => self.delete_agent(id),
            Change::CreateClient(client) => {
                self.client_is_allowed(client)?;
                self.clients.push(client.clone());
            }
            Change::PatchClient { id, change } => self.patch_client(id, change)?,
            // The new secret is in the answer, and the reader of the answer sets it in the model.
            Change::RotateSecret { client } => {
                self.client(client).ok_or_else(client_not_found)?;
            }
            Change::DeleteClient { id } => self.delete_client(id),
            Change::CreatePolicy(policy) => self.create_policy(policy)?,
            Change::PatchPolicy { id, limit } => {
                let mut policies = self.policies.iter_mut();
                policies.find(|policy| policy.id == *id).ok_or_else(policy_not_found)?.limit = *limit;
            }
            Change::DeletePolicy { id } => {
                self.policies.iter().find(|policy| policy.id == *id).ok_or_else(policy_not_found)?;
                self.delete_policy(id);
            }
            Change::CreateOrganization(organization) => {
                self.name_is_free(&organization.name, "")?;
                self.organizations.push(organization.clone());
            }
            Change::PatchOrganization { id, change } => self.patch_organization(id, change)?,
            Change::DeleteOrganization { id } => self.delete_organization(id)?,
            Change::CreateGrant(grant, fault) => return self.create_grant(grant, *fault),
            Change::PatchGrant { id, change } => return self.patch_grant(id, change),
            Change::DeleteGrant { id } => self.delete_grant(id),
            Change::Associate { organization, grant } => return self.associate(organization, grant),
            Change::Dissociate { organization, grant } => self.dissociate(organization, grant)?,
            Change::PatchSettings(change) => self.patch_settings(change)?,
        }
        Ok(Managed::done())
    }

    /// The secret that a rotation answered.
    pub fn secret_was_rotated(&mut self, client: &str, secret: &str) {
        for client in self.clients.iter_mut().filter(|other| other.id == client) {
            client.old_secrets.push(std::mem::replace(&mut client.secret, secret.to_owned()));
        }
    }

    fn create_agent(&mut self, agent: &Agent, client: Option<&str>) -> Result<(), Vec<Reason>> {
        let mut reasons = Vec::new();
        if agent.external_id.is_some() && self.agents.iter().any(|other| other.external_id == agent.external_id) {
            reasons.push(Reason::new(409, None, "An agent with the same external_agent_id already exists."));
        }
        if client.is_some_and(|client| self.client(client).is_none()) {
            reasons.extend(client_not_found());
        }
        if !reasons.is_empty() {
            return Err(reasons);
        }
        self.agents.push(agent.clone());
        for client in self.clients.iter_mut().filter(|other| Some(other.id.as_str()) == client) {
            client.agent = Some(agent.id.clone());
        }
        Ok(())
    }

    /// R125: its clients lose the link.
    fn delete_agent(&mut self, id: &str) {
        self.agents.retain(|agent| agent.id != id);
        for client in self.clients.iter_mut().filter(|client| client.agent.as_deref() == Some(id)) {
            client.agent = None;
        }
    }

    /// Public clients have no client credentials; R87; R125.
    fn client_is_allowed(&self, client: &Client) -> Result<(), Vec<Reason>> {
        let mut reasons = Vec::new();
        let is_machine = client.grant_types.iter().any(|grant_type| grant_type == CLIENT_CREDENTIALS);
        if client.method == Some("none") && is_machine {
            let sentence = "Application must not have Token Endpoint Authentication Method set to \"none\" when \
                            client_credentials grant type is enabled";
            reasons.push(Reason::new(400, "invalid_body", sentence));
        }
        if client.party != Party::First && client.organization_usage.is_some() {
            let sentence = "Organizations are only available to first party clients on user-based flows. Properties \
                            organization_usage and organization_require_behavior must be unset for third party \
                            clients.";
            reasons.push(Reason::new(403, "operation_not_supported", sentence));
        }
        if client.agent.as_ref().is_some_and(|agent| self.agent(agent).is_none()) {
            reasons.push(Reason::new(404, None, "The agent does not exist."));
        }
        if reasons.is_empty() { Ok(()) } else { Err(reasons) }
    }

    fn name_is_free(&self, name: &str, but_for: &str) -> Result<(), Vec<Reason>> {
        if self.organizations.iter().any(|other| other.name == name && other.id != but_for) {
            let sentence = "An organization with this name already exists.";
            return Err(vec![Reason::new(409, "organization_conflict", sentence)]);
        }
        Ok(())
    }

    fn patch_organization(&mut self, id: &str, change: &OrganizationChange) -> Result<(), Vec<Reason>> {
        self.organization(id).ok_or_else(organization_not_found)?;
        if let OrganizationChange::Name(name) = change {
            self.name_is_free(name, id)?;
        }
        for organization in self.organizations.iter_mut().filter(|other| other.id == id) {
            match change {
                OrganizationChange::Name(name) => organization.name = name.clone(),
                OrganizationChange::DisplayName(name) => organization.display_name = name.clone(),
                OrganizationChange::Quota(quota) => organization.quota = *quota,
            }
        }
        self.forget_what_no_quota_counts();
        Ok(())
    }

    /// R88, R89; R54: also if it is some client's default, which then dangles (R55).
    fn delete_organization(&mut self, id: &str) -> Result<(), Vec<Reason>> {
        self.organization(id).ok_or_else(organization_not_found)?;
        self.organizations.retain(|organization| organization.id != id);
        self.associations.retain(|pair| pair.organization != id);
        self.forget_what_no_quota_counts();
        Ok(())
    }

    fn patch_client(&mut self, id: &str, change: &ClientChange) -> Result<(), Vec<Reason>> {
        if let ClientChange::HalfADefaultOrganization(_) = change {
            // R48.
            return Err(vec![Reason { status: 400, code: Some("invalid_body"), sentence: None }]);
        }
        let mut client = self.client(id).ok_or_else(client_not_found)?.clone();
        match change {
            ClientChange::DefaultOrganization(default) => client.default_organization = default.clone(),
            ClientChange::HalfADefaultOrganization(_) => {}
            // The quota of a client is merged; the quota of an organization is replaced.
            ClientChange::Quota(quota) => client.quota = quota.map(|quota| quota.over(client.quota)),
            ClientChange::GrantTypes(grant_types) => client.grant_types = grant_types.clone(),
            ClientChange::Method(method) => client.method = Some(method),
            ClientChange::OrganizationUsage(usage) => client.organization_usage = *usage,
            ClientChange::RequirePossession(required) => client.requires_possession = *required,
            ClientChange::Agent(agent) => client.agent = agent.clone(),
            // Whose a client is does not change, nor the mode of a third party.
            ClientChange::BecomeStrict => match client.party {
                Party::First => return Err(vec![cannot_change("is_first_party")]),
                Party::Permissive => return Err(vec![cannot_change("third_party_security_mode")]),
                Party::Strict => {}
            },
            ClientChange::BecomeFirstParty => {
                if client.party != Party::First {
                    return Err(vec![cannot_change("is_first_party")]);
                }
            }
        }
        self.client_is_allowed(&client)?;
        for place in self.clients.iter_mut().filter(|other| other.id == id) {
            *place = client.clone();
        }
        self.forget_what_no_quota_counts();
        Ok(())
    }

    /// R92, R93.
    fn delete_client(&mut self, id: &str) {
        self.clients.retain(|client| client.id != id);
        let held = Holder::Client(id.to_owned());
        let grants: Vec<String> =
            self.grants.iter().filter(|grant| grant.holder == held).map(|grant| grant.id.clone()).collect();
        grants.iter().for_each(|grant| self.delete_grant(grant));
        self.forget_client_in_policies(id);
        self.forget_what_no_quota_counts();
    }

    fn create_policy(&mut self, policy: &Policy) -> Result<(), Vec<Reason>> {
        if self.policies.iter().any(|other| other.selector == policy.selector) {
            let sentence =
                "A rate limit policy with the same resource, consumer, and consumer_selector already exists.";
            return Err(vec![Reason::new(409, None, sentence)]);
        }
        self.policies.push(policy.clone());
        Ok(())
    }

    fn patch_api(&mut self, id: &str, change: &ApiChange) -> Result<(), Vec<Reason>> {
        let Some(api) = self.apis.iter_mut().find(|api| api.id == id) else {
            let sentence = "The resource server does not exist";
            return Err(vec![Reason::new(404, "inexistent_resource_server", sentence)]);
        };
        match change {
            ApiChange::Scopes(scopes) => api.scopes = scopes.clone(),
            ApiChange::DenyAll(deny) => api.deny_all = *deny,
            ApiChange::Possession(possession) => api.possession = *possession,
            ApiChange::AgentClaims => api.agent_claims = true,
            ApiChange::Lifetime(seconds) => api.lifetime = *seconds,
            ApiChange::Permissions { dialect, enforce_policies } => {
                api.dialect = dialect;
                api.enforce_policies = *enforce_policies;
            }
        }
        Ok(())
    }

    /// R94, R95.
    fn delete_api(&mut self, identifier: &str) -> Result<(), Vec<Reason>> {
        if self.api(identifier).is_some_and(|api| api.is_system) {
            let sentence = "System resource servers cannot be deleted.";
            return Err(vec![Reason::new(400, "invalid_body", sentence)]);
        }
        self.apis.retain(|api| api.identifier != identifier);
        let grants: Vec<String> =
            self.grants.iter().filter(|grant| grant.audience == identifier).map(|grant| grant.id.clone()).collect();
        grants.iter().for_each(|grant| self.delete_grant(grant));
        Ok(())
    }

    fn patch_settings(&mut self, change: &SettingsChange) -> Result<(), Vec<Reason>> {
        match change {
            SettingsChange::NamesAccepted(accepted) => self.settings.names_accepted = accepted.unwrap_or(false),
            SettingsChange::DefaultAudience(audience) => self.settings.default_audience = audience.clone(),
            SettingsChange::ReadsResource(reads) => self.settings.reads_resource = *reads,
            SettingsChange::DefaultQuotas { clients: None, organizations: None } => {
                return Err(vec![Reason::invalid_body()]);
            }
            // Merged; absent members stay.
            SettingsChange::DefaultQuotas { clients, organizations } => {
                let Settings { client_quota, organization_quota, .. } = &mut self.settings;
                *client_quota = clients.map(|quota| quota.over(*client_quota)).or(*client_quota);
                *organization_quota =
                    organizations.map(|quota| quota.over(*organization_quota)).or(*organization_quota);
            }
            SettingsChange::NoDefaultQuotas => {
                self.settings.client_quota = None;
                self.settings.organization_quota = None;
            }
        }
        self.forget_what_no_quota_counts();
        Ok(())
    }

    /// What a question is answered, with the parts of the entities that the rules speak of.
    pub fn read(&self, read: &Read) -> Managed {
        let no_grant = || Reason::new(404, "inexistent_client_grant", "The grant does not exist.").into();
        match read {
            Read::Grants => Managed::Done(Some(self.grants.iter().map(grant_answer).collect())),
            Read::Grant(id) => self.grant(id).map_or_else(no_grant, |grant| Managed::Done(Some(grant_answer(grant)))),
            // R45.
            Read::GrantsOf(organization) => {
                if self.organization(organization).is_none() {
                    return Reason::new(404, None, "No organization found by that id").into();
                }
                let mut ids: Vec<&str> = Vec::new();
                for pair in self.associations.iter().filter(|pair| pair.organization == *organization) {
                    ids.push(&pair.grant);
                }
                ids.sort_unstable();
                Managed::Done(Some(json!({ "total": ids.len(), "ids": ids })))
            }
            // R46.
            Read::OrganizationsOf(grant) => {
                if self.grant(grant).is_none() {
                    return no_grant();
                }
                let mut ids: Vec<&str> = Vec::new();
                for pair in self.associations.iter().filter(|pair| pair.grant == *grant) {
                    ids.push(&pair.organization);
                }
                ids.sort_unstable();
                Managed::Done(Some(json!({ "total": ids.len(), "ids": ids })))
            }
            // R47, R50, R55.
            Read::DefaultOrganizationOf(client) => {
                let Some(client) = self.client(client) else {
                    return Reason::new(404, "inexistent_client", "The client does not exist").into();
                };
                let id = client.default_organization.as_ref().map(|default| default.id.as_str());
                Managed::Done(Some(json!(id)))
            }
        }
    }
}

fn organization_not_found() -> Vec<Reason> {
    vec![Reason::new(404, None, "No organization found by that id or name")]
}

fn cannot_change(member: &str) -> Reason {
    Reason::new(400, "invalid_body", format!("{member} of a client cannot be changed"))
}

fn policy_not_found() -> Vec<Reason> {
    vec![Reason::new(404, None, "The rate limit policy does not exist.")]
}

fn client_not_found() -> Vec<Reason> {
    vec![Reason::new(404, "inexistent_client", "Client not found.")]
}
