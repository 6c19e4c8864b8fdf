//! The serialized form of a state: every entity with its position in creation order, every relation by ids, and
//! everything else that later answers depend on.
//!
//! Users keep exports in files. The form has the data of a tenant, without the indexes of collections. A collection or
//! a relation that a file lacks is empty, so that a file stays valid when kinds are added.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::collection::{CollectionDump, GREATEST};
use super::links::MEMBERS;
use super::model::{KINDS, Kind};
use super::policy_usage::PolicyUsage;
use super::{DeclaredAction, Document, Jobs, Membership, Seq, Settings, State, TokenUsage};
use crate::domain::{Entitlement, SigningKeys};

/// The one feature that has a member of its own in exports, which is older than the others.
const ORGANIZATIONS: Entitlement = Entitlement::MachineToMachineForOrganizations;

/// The serialized form of a [`State`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dump {
    management_client_id: String,
    machine_to_machine_for_organizations: bool,
    /// Further features that the tenant's plan lacks, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missing_entitlements: Vec<String>,
    /// The settings of the tenant.
    settings: Document,
    /// Other settings documents, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    documents: BTreeMap<String, Document>,
    /// The states of the tenant's signing keys.
    pub signing_keys: Arc<SigningKeys>,
    collections: BTreeMap<String, CollectionDump>,
    relations: BTreeMap<String, Vec<Vec<String>>>,
    organization_members: Members,
    synchronized_groups: Vec<SynchronizedGroup>,
    /// Jobs, whose reports come later.
    pub jobs: Jobs,
    token_usage: TokenUsage,
    #[serde(default, skip_serializing_if = "PolicyUsage::is_empty")]
    policy_usage: PolicyUsage,
    used_assertions: Vec<UsedAssertion>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    used_proofs: Vec<UsedProof>,
    declared_actions: Vec<DeclaredAction>,
    /// Sixteen hexadecimal digits, because other languages round great numbers.
    random: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    /// The number of the latest membership, which may have ended.
    last: Seq,
    /// In the order in which they became members.
    members: Vec<Member>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    number: Seq,
    organization: String,
    user: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SynchronizedGroup {
    connection: String,
    id: String,
    document: Document,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsedAssertion {
    client_id: String,
    jti: String,
    /// In seconds since the Unix epoch.
    expires: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsedProof {
    /// The thumbprint of its key.
    thumbprint: String,
    jti: String,
    /// In seconds since the Unix epoch.
    expires: i64,
}

impl State {
    /// The serialized form.
    pub(crate) fn export(&self) -> Dump {
        let owned = |related: Vec<&str>| related.into_iter().map(str::to_owned).collect();
        let relations = self.relations().into_iter().filter(|(name, _)| *name != MEMBERS);
        let group = |((connection, id), document): (&(String, String), &Document)| SynchronizedGroup {
            connection: connection.clone(),
            id: id.clone(),
            document: Document::clone(document),
        };
        let assertion = |(expires, owner, jti): &(i64, String, String)| UsedAssertion {
            client_id: owner.clone(),
            jti: jti.clone(),
            expires: *expires,
        };
        let proof = |(expires, owner, jti): &(i64, String, String)| UsedProof {
            thumbprint: owner.clone(),
            jti: jti.clone(),
            expires: *expires,
        };
        let missing = self.entitlements.missing().iter().filter(|missing| **missing != ORGANIZATIONS);
        let others = self.settings.iter().filter(|(path, _)| *path != Settings::TENANT);
        Dump {
            management_client_id: self.management_client_id.clone(),
            machine_to_machine_for_organizations: self.entitlements.has(ORGANIZATIONS),
            missing_entitlements: missing.map(ToString::to_string).collect(),
            settings: Document::clone(self.settings.tenant()),
            documents: others.map(|(path, document)| (path.to_owned(), Document::clone(document))).collect(),
            signing_keys: Arc::clone(&self.signing_keys),
            collections: KINDS.iter().map(|spec| (spec.name.to_owned(), self[spec.kind].dump())).collect(),
            relations: relations.map(|(name, all)| (name.to_owned(), all.into_iter().map(owned).collect())).collect(),
            organization_members: self.export_members(),
            synchronized_groups: self.synchronized_groups.iter().map(group).collect(),
            jobs: self.jobs.clone(),
            token_usage: self.token_usage.clone(),
            policy_usage: self.policy_usage.clone(),
            used_assertions: self.used_assertions.iter().map(assertion).collect(),
            used_proofs: self.used_proofs.iter().map(proof).collect(),
            declared_actions: self.declared_actions.iter().cloned().collect(),
            random: format!("{:016x}", self.random.get_seed()),
        }
    }

    fn export_members(&self) -> Members {
        let (organizations, users) = (&self[Kind::Organization], &self[Kind::User]);
        let of = |organization: Seq| {
            self.members.of_left(organization).iter().filter_map(move |membership| {
                let (organization, user) = (organizations.id_at(organization)?, users.id_at(membership.user)?);
                Some(Member { number: membership.number, organization: organization.to_owned(), user: user.to_owned() })
            })
        };
        let mut members: Vec<Member> = organizations.order().iter().flat_map(of).collect();
        members.sort_by_key(|member| member.number);
        Members { last: self.members.last(), members }
    }

    /// The state of a serialized form.
    ///
    /// # Errors
    ///
    /// The problem and its position in the form, in one sentence without a full stop.
    pub(crate) fn import(dump: Dump) -> Result<State, String> {
        let random = u64::from_str_radix(&dump.random, 16).ok().filter(|_| dump.random.len() == 16);
        let random = random.ok_or("state.random: it is sixteen digits to the base of sixteen")?;
        let mut state = State::new(fastrand::Rng::with_seed(random));
        state.management_client_id = dump.management_client_id;
        if !dump.machine_to_machine_for_organizations {
            state.entitlements.remove(ORGANIZATIONS);
        }
        for name in dump.missing_entitlements {
            let entitlement = Entitlement::parse(&name);
            let unknown = || format!("state.missing_entitlements: no feature is called {name:?}");
            state.entitlements.remove(entitlement.ok_or_else(unknown)?);
        }
        for (path, document) in dump.documents {
            state.settings.set(&path, document);
        }
        state.settings.set(Settings::TENANT, dump.settings);
        state.signing_keys = dump.signing_keys;
        state.jobs = dump.jobs;
        state.token_usage = dump.token_usage;
        state.policy_usage = dump.policy_usage;
        state.import_collections(dump.collections)?;
        state.import_members(dump.organization_members)?;
        state.import_relations(dump.relations)?;
        for SynchronizedGroup { connection, id, document } in dump.synchronized_groups {
            state.synchronized_groups.insert((connection, id), document);
        }
        for (index, action) in dump.declared_actions.into_iter().enumerate() {
            if action.client_id.is_none() && action.audience.is_none() {
                return Err(format!("state.declared_actions, entry {}: it is for nobody", index + 1));
            }
            state.declared_actions.add(action);
        }
        let twice =
            |what: &str, index: usize| format!("state.{what}, entry {}: it is there already, or too many", index + 1);
        for (index, UsedAssertion { client_id, jti, expires }) in dump.used_assertions.into_iter().enumerate() {
            if !state.used_assertions.restore(client_id, jti, expires) {
                return Err(twice("used_assertions", index));
            }
        }
        for (index, UsedProof { thumbprint, jti, expires }) in dump.used_proofs.into_iter().enumerate() {
            if !state.used_proofs.restore(thumbprint, jti, expires) {
                return Err(twice("used_proofs", index));
            }
        }
        state.check_integrity()?;
        Ok(state)
    }

    fn import_collections(&mut self, mut dump: BTreeMap<String, CollectionDump>) -> Result<(), String> {
        for spec in KINDS {
            let Some(dump) = dump.remove(spec.name) else { continue };
            let restored = self[spec.kind].restore(dump);
            restored.map_err(|mistake| format!("state.collections.{}, {mistake}", spec.name))?;
        }
        match dump.keys().next() {
            Some(unknown) => Err(format!("state.collections: there is no collection {unknown:?}")),
            None => Ok(()),
        }
    }

    fn import_members(&mut self, dump: Members) -> Result<(), String> {
        let error = |at: usize, mistake: &str| format!("state.{MEMBERS}, entry {}: {mistake}", at + 1);
        for (at, Member { number, organization, user }) in dump.members.into_iter().enumerate() {
            if number <= self.members.last() || number > GREATEST {
                return Err(error(at, "its number does not follow the one before"));
            }
            let organization = self.seq(Kind::Organization, &organization).map_err(|mistake| error(at, &mistake))?;
            let user = self.seq(Kind::User, &user).map_err(|mistake| error(at, &mistake))?;
            if !self.members.restore(organization, Membership { number, user }) {
                return Err(error(at, "the user is a member already"));
            }
        }
        if dump.last < self.members.last() || dump.last > GREATEST {
            return Err(format!("state.{MEMBERS}: `last` is not the number that was given out last"));
        }
        self.members.continue_after(dump.last);
        Ok(())
    }

    fn import_relations(&mut self, mut dump: BTreeMap<String, Vec<Vec<String>>>) -> Result<(), String> {
        let names: Vec<&str> = self.relations().into_iter().map(|(name, _)| name).collect();
        for name in names.into_iter().filter(|name| *name != MEMBERS) {
            let all = dump.remove(name).unwrap_or_default();
            for (at, related) in all.iter().enumerate() {
                let related: Vec<&str> = related.iter().map(String::as_str).collect();
                let new = self.relate(name, &related);
                let new = new.and_then(|new| if new { Ok(()) } else { Err("it is there already".to_owned()) });
                new.map_err(|mistake| format!("state.relations.{name}, entry {}: {mistake}", at + 1))?;
            }
        }
        match dump.keys().next() {
            Some(unknown) => Err(format!("state.relations: there is no relation {unknown:?}")),
            None => Ok(()),
        }
    }
}
