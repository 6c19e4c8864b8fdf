//! Client grants and their associations with organizations (sections A, D, F and G).

use serde_json::{Value, json};

use super::{Association, Grant, Holder, Managed, Model, Party, Reason, Usage};
use crate::token_model::step::{GrantChange, GrantFault};

const LIMIT_OF_ASSOCIATIONS: usize = 100;

impl Model {
    pub fn create_grant(&mut self, grant: &Grant, fault: GrantFault) -> Result<Managed, Vec<Reason>> {
        // R1, R5: these break the schema, which comes before the plan.
        if let GrantFault::UsageRequired | GrantFault::UsageNull = fault {
            return Err(vec![Reason::invalid_body()]);
        }
        self.plan_covers(grant.usage.is_some() || grant.any_organization.is_some())?;
        // R79.
        if let GrantFault::BothHolders | GrantFault::NoHolder = fault {
            return Err(vec![Reason::invalid_body()]);
        }
        let missing = self.client_and_api_exist(grant);
        if !missing.is_empty() {
            return Err(missing);
        }
        self.grant_is_allowed(grant)?;
        // R57, R58, R129.
        let same = |other: &&Grant| {
            other.holder == grant.holder && other.audience == grant.audience && other.subject_type == grant.subject_type
        };
        if self.grants.iter().find(same).is_some() {
            let holder = match &grant.holder {
                Holder::Client(id) => id,
                Holder::ThirdPartyClients => "third_party_clients",
            };
            let sentence = format!("A client grant already exists between {holder} and {}", grant.audience);
            return Err(vec![Reason::new(409, None, sentence)]);
        }
        let answer = grant_answer(grant);
        self.grants.push(grant.clone());
        Ok(Managed::Done(Some(answer)))
    }

    pub fn patch_grant(&mut self, id: &str, change: &GrantChange) -> Result<Managed, Vec<Reason>> {
        // R61, and at least one member.
        let is_empty = change.scope.is_none()
            && change.all_scopes.is_none()
            && change.usage.is_none()
            && change.any_organization.is_none();
        if let Some((name, _)) = change.immutable {
            let sentence = format!("Payload validation error: 'Additional properties not allowed: {name}'.");
            return Err(vec![Reason::new(400, "invalid_body", sentence)]);
        }
        if is_empty {
            let sentence = "Payload validation error: 'Too few properties defined (0), minimum 1'.";
            return Err(vec![Reason::new(400, "invalid_body", sentence)]);
        }
        // Null takes away, and mentions nothing.
        let mentions_organizations = change.usage.flatten().is_some() || change.any_organization.flatten().is_some();
        self.plan_covers(mentions_organizations)?;
        let Some(old) = self.grant(id) else {
            return Err(vec![Reason::new(404, "inexistent_client_grant", "The client grant does not exist.")]);
        };
        let mut grant = old.clone();
        if let Some(scope) = &change.scope {
            grant.scope = scope.clone();
        }
        if change.all_scopes.is_some() {
            grant.all_scopes = change.all_scopes;
        }
        // R5.
        if let Some(usage) = change.usage {
            grant.usage = usage;
        }
        if let Some(any) = change.any_organization {
            grant.any_organization = any;
        }
        self.grant_is_allowed(&grant)?;
        let answer = grant_answer(&grant);
        for place in self.grants.iter_mut().filter(|other| other.id == id) {
            *place = grant.clone();
        }
        Ok(Managed::Done(Some(answer)))
    }

    /// R9.
    fn plan_covers(&self, mentions_organizations: bool) -> Result<(), Vec<Reason>> {
        if self.plan_has_organizations || !mentions_organizations {
            return Ok(());
        }
        let sentence = "Please upgrade your subscription to use Machine to Machine access to Organizations.";
        Err(vec![Reason::new(403, "insufficient_entitlement", sentence)])
    }

    /// R62, R63: the order is unknown if both are missing.
    fn client_and_api_exist(&self, grant: &Grant) -> Vec<Reason> {
        let mut missing = Vec::new();
        if let Holder::Client(id) = &grant.holder
            && self.client(id).is_none()
        {
            missing.push(Reason::new(404, "inexistent_client", "Client not found"));
        }
        if self.api(&grant.audience).is_none() {
            missing.push(Reason::new(404, "inexistent_resource_server", "Resource server not found"));
        }
        missing
    }

    /// R65, R67, R77, R83, R127: the checks of the new version of a grant.
    fn grant_is_allowed(&self, grant: &Grant) -> Result<(), Vec<Reason>> {
        let mut reasons = Vec::new();
        let system = self.api(&grant.audience).is_some_and(|api| api.is_system);
        if grant.subject_type == "anonymous_user" {
            let members = [
                ("organization_usage", grant.usage.is_some()),
                ("allow_any_organization", grant.any_organization.is_some()),
                ("default_for", grant.holder == Holder::ThirdPartyClients),
            ];
            reasons.extend(members.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| not_for_anonymous(name)));
        }
        if system && grant.all_scopes.is_some() {
            reasons.push(all_scopes_of_a_system_api());
        }
        if self.holder_is_strict(grant) && grant.any_organization == Some(true) {
            reasons.push(any_organization_for_third_party());
        }
        if self.holder_is_strict(grant) && system {
            let sentence = "Client grants for this API cannot be created for third-party clients";
            reasons.push(Reason::new(400, "invalid_body", sentence));
        }
        if self.has_scopes_beyond_a_system_api(grant) {
            let sentence = "Payload validation error: scope must be a subset of resource server scopes";
            reasons.push(Reason::new(400, "invalid_body", sentence));
        }
        if reasons.is_empty() { Ok(()) } else { Err(reasons) }
    }

    fn holder_is_strict(&self, grant: &Grant) -> bool {
        match &grant.holder {
            Holder::Client(id) => self.client(id).is_some_and(|client| client.party == Party::Strict),
            Holder::ThirdPartyClients => true,
        }
    }

    /// R64, R65: only on a system API, a grant must keep to the scopes that the API defines.
    fn has_scopes_beyond_a_system_api(&self, grant: &Grant) -> bool {
        let api = self.api(&grant.audience).filter(|api| api.is_system);
        api.is_some_and(|api| grant.scope.iter().any(|scope| !api.scopes.contains(scope)))
    }

    /// R90, R91.
    pub fn delete_grant(&mut self, id: &str) {
        self.grants.retain(|grant| grant.id != id);
        self.associations.retain(|pair| pair.grant != id);
    }

    /// R34 to R41.
    pub fn associate(&mut self, organization: &str, grant: &str) -> Result<Managed, Vec<Reason>> {
        if !grant.starts_with("cgr_") || grant.len() != 20 {
            return Err(vec![Reason::invalid_body()]);
        }
        let mut missing = Vec::new();
        if self.organization(organization).is_none() {
            missing.push(Reason::new(404, None, "No organization found by that id"));
        }
        if self.grant(grant).is_none() {
            missing.push(Reason::new(404, "inexistent_client_grant", "The grant does not exist."));
        }
        let Some(found) = self.grant(grant).filter(|_| missing.is_empty()) else { return Err(missing) };
        if self.is_associated(organization, grant) {
            let sentence = "The client grant has already been added to this organization.";
            return Err(vec![Reason::new(409, None, sentence)]);
        }
        if self.associations.iter().filter(|pair| pair.organization == organization).count() >= LIMIT_OF_ASSOCIATIONS {
            let sentence = "Quota exceeded; cannot add more than 100 client grants to a single organization";
            return Err(vec![Reason::new(409, None, sentence)]);
        }
        let answer = association_answer(found);
        self.associations.push(Association { organization: organization.to_owned(), grant: grant.to_owned() });
        Ok(Managed::Done(answer))
    }

    /// R42, R43.
    pub fn dissociate(&mut self, organization: &str, grant: &str) -> Result<(), Vec<Reason>> {
        if self.organization(organization).is_none() {
            return Err(vec![Reason::new(404, None, "No organization found by that id.")]);
        }
        self.associations.retain(|pair| pair.organization != organization || pair.grant != grant);
        Ok(())
    }
}

/// R3, R4, R59, R66, R80.
pub fn grant_answer(grant: &Grant) -> Value {
    let mut answer = json!({ "id": grant.id, "audience": grant.audience, "subject_type": grant.subject_type });
    if let Holder::Client(id) = &grant.holder {
        answer["client_id"] = json!(id);
    } else {
        answer["default_for"] = json!("third_party_clients");
    }
    if grant.all_scopes != Some(true) {
        answer["scope"] = json!(grant.scope);
    }
    if let Some(all_scopes) = grant.all_scopes {
        answer["allow_all_scopes"] = json!(all_scopes);
    }
    add_organization_settings(&mut answer, grant);
    answer
}

/// R34, which is not recorded for grants with all scopes and for every third party.
fn association_answer(grant: &Grant) -> Option<Value> {
    let Holder::Client(client) = &grant.holder else { return None };
    if grant.all_scopes.is_some() {
        return None;
    }
    let mut answer =
        json!({ "grant_id": grant.id, "client_id": client, "audience": grant.audience, "scope": grant.scope });
    add_organization_settings(&mut answer, grant);
    Some(answer)
}

fn add_organization_settings(answer: &mut Value, grant: &Grant) {
    if let Some(usage) = grant.usage.map(Usage::word) {
        answer["organization_usage"] = json!(usage);
    }
    if let Some(any) = grant.any_organization {
        answer["allow_any_organization"] = json!(any);
    }
}

fn all_scopes_of_a_system_api() -> Reason {
    let sentence = "`allow_all_scopes` cannot be provided when `audience` is a system API";
    Reason::new(400, "invalid_body", sentence)
}

fn not_for_anonymous(member: &str) -> Reason {
    let sentence = format!("`{member}` cannot be set for client grants with `subject_type`: anonymous_user");
    Reason::new(400, "invalid_body", sentence)
}

fn any_organization_for_third_party() -> Reason {
    Reason::new(400, "invalid_body", "allow_any_organization cannot be set for third-party clients")
}
