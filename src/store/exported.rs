//! A state as it is written down and read again: what there is, each at its place in creation order, what is related, and
//! everything else that later answers depend on.
//!
//! It is a format that others keep in files, so it says what is meant, and nothing of how a collection finds it again.
//! Relations name both sides by id.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::collection::{GREATEST, Listed};
use super::used_assertions::UsedAssertion;
use super::{Collection, DeclaredAction, Document, Jobs, Membership, Seq, State, TokenUsage};
use crate::domain::SigningKeys;

/// A state that is written down.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exported {
    management_client_id: String,
    machine_to_machine_for_organizations: bool,
    settings: Document,
    /// Which of its keys the tenant signs with.
    pub signing_keys: Arc<SigningKeys>,
    collections: BTreeMap<String, Listed>,
    relations: BTreeMap<String, Vec<Vec<String>>>,
    organization_members: Members,
    synchronized_groups: Vec<SynchronizedGroup>,
    /// What is reported later.
    pub jobs: Jobs,
    token_usage: TokenUsage,
    used_assertions: Vec<UsedAssertion>,
    declared_actions: Vec<DeclaredAction>,
    /// Sixteen digits to the base of sixteen: other languages round great numbers.
    random: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    /// The number that was given out last.
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

/// Members have numbers, which a pair of ids does not tell.
const MEMBERS: &str = "organization_members";

impl State {
    /// Everything in it.
    pub fn export(&self) -> Exported {
        let owned = |related: Vec<&str>| related.into_iter().map(str::to_owned).collect();
        let relations = self.relations().into_iter().filter(|(name, _)| *name != MEMBERS);
        let group = |((connection, id), document): (&(String, String), &Document)| SynchronizedGroup {
            connection: connection.clone(),
            id: id.clone(),
            document: Document::clone(document),
        };
        Exported {
            management_client_id: self.management_client_id.clone(),
            machine_to_machine_for_organizations: self.machine_to_machine_for_organizations,
            settings: Document::clone(&self.settings),
            signing_keys: Arc::clone(&self.signing_keys),
            collections: self.collections().map(|(name, held)| (name.to_owned(), held.listed())).into(),
            relations: relations.map(|(name, all)| (name.to_owned(), all.into_iter().map(owned).collect())).collect(),
            organization_members: self.export_members(),
            synchronized_groups: self.synchronized_groups.iter().map(group).collect(),
            jobs: self.jobs.clone(),
            token_usage: self.token_usage.clone(),
            used_assertions: self.used_assertions.list(),
            declared_actions: self.declared_actions.iter().cloned().collect(),
            random: format!("{:016x}", self.random.get_seed()),
        }
    }

    fn export_members(&self) -> Members {
        let of = |organization: Seq| {
            self.members.of_left(organization).iter().filter_map(move |held| {
                let (organization, user) = (self.organizations.id_at(organization)?, self.users.id_at(held.user)?);
                Some(Member { number: held.number, organization: organization.to_owned(), user: user.to_owned() })
            })
        };
        let mut members: Vec<Member> = self.organizations.order().iter().flat_map(of).collect();
        members.sort_by_key(|member| member.number);
        Members { last: self.members.last(), members }
    }

    /// The state that was written down.
    ///
    /// # Errors
    ///
    /// What is wrong with it and where, in one sentence without a full stop.
    pub fn import(exported: Exported) -> Result<State, String> {
        let random = u64::from_str_radix(&exported.random, 16).ok().filter(|_| exported.random.len() == 16);
        let random = random.ok_or("state.random: it is sixteen digits to the base of sixteen")?;
        let mut state = State::new(fastrand::Rng::with_seed(random));
        state.management_client_id = exported.management_client_id;
        state.machine_to_machine_for_organizations = exported.machine_to_machine_for_organizations;
        state.settings = exported.settings;
        state.signing_keys = exported.signing_keys;
        state.jobs = exported.jobs;
        state.token_usage = exported.token_usage;
        state.import_collections(exported.collections)?;
        state.import_members(exported.organization_members)?;
        state.import_relations(exported.relations)?;
        for SynchronizedGroup { connection, id, document } in exported.synchronized_groups {
            state.synchronized_groups.insert((connection, id), document);
        }
        for (place, action) in exported.declared_actions.into_iter().enumerate() {
            if action.client_id.is_none() && action.audience.is_none() {
                return Err(format!("state.declared_actions, entry {}: it is for nobody", place + 1));
            }
            state.declared_actions.add(action);
        }
        for (place, used) in exported.used_assertions.into_iter().enumerate() {
            if !state.used_assertions.restore(used) {
                return Err(format!("state.used_assertions, entry {}: it is there already, or too many", place + 1));
            }
        }
        state.names_only_what_is_there()?;
        Ok(state)
    }

    fn import_collections(&mut self, mut listed: BTreeMap<String, Listed>) -> Result<(), String> {
        for (name, collection) in self.collections_mut() {
            let listed = listed.remove(name).ok_or_else(|| format!("state.collections: {name} is missing"))?;
            collection.restore(listed).map_err(|mistake| format!("state.collections.{name}, {mistake}"))?;
        }
        match listed.keys().next() {
            Some(unknown) => Err(format!("state.collections: there is no collection {unknown:?}")),
            None => Ok(()),
        }
    }

    fn import_members(&mut self, written: Members) -> Result<(), String> {
        let place = |at: usize, mistake: &str| format!("state.{MEMBERS}, entry {}: {mistake}", at + 1);
        for (at, Member { number, organization, user }) in written.members.into_iter().enumerate() {
            if number <= self.members.last() || number > GREATEST {
                return Err(place(at, "its number does not follow the one before"));
            }
            let organization = seq(&self.organizations, &organization).map_err(|mistake| place(at, &mistake))?;
            let user = seq(&self.users, &user).map_err(|mistake| place(at, &mistake))?;
            if !self.members.restore(organization, Membership { number, user }) {
                return Err(place(at, "the user is a member already"));
            }
        }
        if written.last < self.members.last() || written.last > GREATEST {
            return Err(format!("state.{MEMBERS}: `last` is not the number that was given out last"));
        }
        self.members.continue_after(written.last);
        Ok(())
    }

    fn import_relations(&mut self, mut written: BTreeMap<String, Vec<Vec<String>>>) -> Result<(), String> {
        let names = self.relations().map(|(name, _)| name);
        for name in names.into_iter().filter(|name| *name != MEMBERS) {
            let all = written.remove(name).ok_or_else(|| format!("state.relations: {name} is missing"))?;
            for (at, related) in all.iter().enumerate() {
                let related: Vec<&str> = related.iter().map(String::as_str).collect();
                let new = self.relate(name, &related);
                let new = new.and_then(|new| if new { Ok(()) } else { Err("it is there already".to_owned()) });
                new.map_err(|mistake| format!("state.relations.{name}, entry {}: {mistake}", at + 1))?;
            }
        }
        match written.keys().next() {
            Some(unknown) => Err(format!("state.relations: there is no relation {unknown:?}")),
            None => Ok(()),
        }
    }

    /// Relates things of these ids; `false` if they are.
    fn relate(&mut self, relation: &str, ids: &[&str]) -> Result<bool, String> {
        match (relation, ids) {
            ("organization_client_grants", [organization, grant]) => {
                Ok(self.associations.join(seq(&self.organizations, organization)?, seq(&self.client_grants, grant)?))
            }
            ("organization_clients", [organization, client]) => {
                Ok(self.organization_clients.join(seq(&self.organizations, organization)?, seq(&self.clients, client)?))
            }
            ("organization_member_access", [organization, client]) => {
                Ok(self.member_access.join(seq(&self.organizations, organization)?, seq(&self.clients, client)?))
            }
            ("organization_member_roles", [organization, user, role]) => {
                let (organization, user) = (seq(&self.organizations, organization)?, seq(&self.users, user)?);
                if !self.members.holds(organization, user) {
                    return Err("the user is no member".to_owned());
                }
                Ok(self.member_roles.assign(organization, user, seq(&self.roles, role)?))
            }
            ("user_roles", [user, role]) => Ok(self.user_roles.join(seq(&self.users, user)?, seq(&self.roles, role)?)),
            ("role_permissions", [role, api, scope]) => {
                Ok(self.role_permissions.give(seq(&self.roles, role)?, seq(&self.resource_servers, api)?, scope))
            }
            ("user_permissions", [user, api, scope]) => {
                Ok(self.user_permissions.give(seq(&self.users, user)?, seq(&self.resource_servers, api)?, scope))
            }
            _ => Err("it has not as many ids as the relation wants".to_owned()),
        }
    }
}

fn seq(collection: &Collection, id: &str) -> Result<Seq, String> {
    collection.seq(id).ok_or_else(|| format!("{id:?} is not there"))
}
