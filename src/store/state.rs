//! The state of one tenant: the collections and links of the data model, and everything else.

use std::collections::BTreeMap;
use std::ops::{Bound, Index, IndexMut};
use std::sync::{Arc, LazyLock};
use std::time::UNIX_EPOCH;

use serde_json::{Map, Value};

use super::collection::Collection;
use super::declared_actions::DeclaredActions;
use super::document::{Document, text};
use super::jobs::Jobs;
use super::member_roles::MemberRoles;
use super::members::Members;
use super::model::{KINDS, Kind, LINKS, Link};
use super::permissions::Permissions;
use super::policy_usage::PolicyUsage;
use super::relation::Relation;
use super::settings::Settings;
use super::token_usage::TokenUsage;
use super::used_tokens::UsedTokens;
use super::views::{ClientView, OrganizationView, SettingsView};
use crate::domain::quota::Owner;
use crate::domain::{Entitlements, IdShape, SigningKeys};

/// The collections of an empty tenant.
static NO_ENTITIES: LazyLock<[Arc<Collection>; KINDS.len()]> =
    LazyLock::new(|| std::array::from_fn(|at| Arc::new(Collection::indexed(KINDS[at].indexes))));

/// The links of an empty tenant.
static NO_LINKS: LazyLock<[Arc<Relation>; LINKS.len()]> =
    LazyLock::new(|| std::array::from_fn(|_| Arc::new(Relation::default())));

/// Everything that a tenant holds.
///
/// Clones share their collections until one of them changes a collection. So the copy for `reset` costs little, and the empty
/// collections of all tenants are the same ones.
#[derive(Clone, Debug)]
pub(crate) struct State {
    collections: [Arc<Collection>; KINDS.len()],
    links: [Arc<Relation>; LINKS.len()],
    /// The groups that a directory provisioning synchronizes, by the ids of connection and group.
    pub synchronized_groups: BTreeMap<(String, String), Document>,
    /// The permissions of users, besides those of their roles.
    pub user_permissions: Permissions,
    /// The permissions of roles.
    pub role_permissions: Permissions,
    /// The members of organizations: organization on the left, user on the right.
    pub members: Members,
    /// The roles of members in their organizations.
    pub member_roles: MemberRoles,
    /// Jobs, until they expire.
    pub jobs: Jobs,
    /// The features of the tenant's plan.
    pub entitlements: Entitlements,
    /// Settings documents.
    pub settings: Settings,
    /// The use of token quotas.
    pub token_usage: TokenUsage,
    /// The use of rate limit policies.
    pub policy_usage: PolicyUsage,
    /// Client assertions that were used and have not expired.
    pub used_assertions: UsedTokens,
    /// DPoP proofs that were used and have not expired, by the thumbprint of their key.
    pub used_proofs: UsedTokens,
    /// The order in which the tenant uses its signing keys.
    pub signing_keys: Arc<SigningKeys>,
    /// The Actions that a seed declares.
    pub declared_actions: DeclaredActions,
    /// The application of a new tenant, which may call every operation of the Management API.
    pub management_client_id: String,
    /// The source of ids and secrets.
    pub random: fastrand::Rng,
}

impl Index<Kind> for State {
    type Output = Collection;

    fn index(&self, kind: Kind) -> &Collection {
        &self.collections[kind as usize]
    }
}

impl IndexMut<Kind> for State {
    fn index_mut(&mut self, kind: Kind) -> &mut Collection {
        Arc::make_mut(&mut self.collections[kind as usize])
    }
}

impl Index<Link> for State {
    type Output = Relation;

    fn index(&self, link: Link) -> &Relation {
        &self.links[link as usize]
    }
}

impl IndexMut<Link> for State {
    fn index_mut(&mut self, link: Link) -> &mut Relation {
        Arc::make_mut(&mut self.links[link as usize])
    }
}

impl State {
    /// An empty tenant.
    pub(crate) fn new(random: fastrand::Rng) -> Self {
        State {
            collections: NO_ENTITIES.clone(),
            links: NO_LINKS.clone(),
            synchronized_groups: BTreeMap::new(),
            user_permissions: Permissions::default(),
            role_permissions: Permissions::default(),
            members: Members::default(),
            member_roles: MemberRoles::default(),
            jobs: Jobs::default(),
            entitlements: Entitlements::default(),
            settings: Settings::default(),
            token_usage: TokenUsage::default(),
            policy_usage: PolicyUsage::default(),
            used_assertions: UsedTokens::default(),
            used_proofs: UsedTokens::default(),
            // The caller knows the time of the tenant's clock and replaces the keys.
            signing_keys: Arc::new(SigningKeys::since(UNIX_EPOCH)),
            declared_actions: DeclaredActions::default(),
            management_client_id: String::new(),
            random,
        }
    }

    /// An id of this shape that no entity of the kind has.
    pub(crate) fn draw_id(&mut self, kind: Kind, shape: IdShape) -> String {
        loop {
            let id = shape.draw(&mut self.random);
            if !self[kind].contains(&id) {
                return id;
            }
        }
    }

    /// The grant of this subject for an API, if there is one: at most one for each subject type (R57). The subject is a
    /// client (`client_id`) or a kind of clients (`default_for`).
    pub(crate) fn client_grant(&self, subject: (&str, &str), audience: &str, subject_type: &str) -> Option<&Document> {
        let wanted = [subject, ("audience", audience), ("subject_type", subject_type)];
        let grants = &self[Kind::ClientGrant];
        grants.matching(&wanted).first().and_then(|seq| grants.at(*seq))
    }

    /// Gives a client a grant of the service itself, which no request can change (R71).
    pub(crate) fn grant_by_system(&mut self, client_id: &str, audience: &str, scopes: &[&str]) {
        let id = self.draw_id(Kind::ClientGrant, IdShape::CLIENT_GRANT);
        let grant = Map::from_iter([
            ("id".to_owned(), id.clone().into()),
            ("client_id".to_owned(), client_id.into()),
            ("audience".to_owned(), audience.into()),
            ("scope".to_owned(), scopes.iter().copied().collect()),
            ("subject_type".to_owned(), "client".into()),
            ("is_system".to_owned(), true.into()),
        ]);
        self[Kind::ClientGrant].insert(&id, grant);
    }

    /// The deployed version of an Action.
    pub(crate) fn deployed_version(&self, action_id: &str) -> Option<&Document> {
        let versions = &self[Kind::ActionVersion];
        let deployed = versions.matching(&[("action_id", action_id), ("deployed", "true")]);
        deployed.first().and_then(|seq| versions.at(*seq))
    }

    /// Whether an organization is associated with a client grant.
    pub(crate) fn are_associated(&self, organization_id: &str, grant_id: &str) -> bool {
        match (self[Kind::Organization].seq(organization_id), self[Kind::ClientGrant].seq(grant_id)) {
            (Some(organization), Some(grant)) => self[Link::OrganizationClientGrants].holds(organization, grant),
            _ => false,
        }
    }

    /// Links an API to the client that represents it: the API shows its id (recorded).
    pub(crate) fn link_resource_server(&mut self, identifier: &str, client_id: &str) {
        let apis = &mut self[Kind::ResourceServer];
        let id = apis.find("identifier", identifier).and_then(|api| text(api, "id")).map(str::to_owned);
        if let Some(id) = id {
            apis.change(&id, |api| api.insert("client_id".to_owned(), client_id.into()));
        }
    }

    /// Forgets the token usage of clients and organizations without a token quota, their own or a default one.
    pub(crate) fn forget_usage_without_quota(&mut self) {
        let settings = SettingsView(self.settings.tenant());
        let (clients, organizations) =
            (&self.collections[Kind::Client as usize], &self.collections[Kind::Organization as usize]);
        if settings.default_token_quota(Owner::Client).is_none() {
            let own = |id: &str| clients.get(id).and_then(|client| ClientView(client).token_quota());
            self.token_usage.retain(Owner::Client, |id| own(id).is_some());
        }
        if settings.default_token_quota(Owner::Organization).is_none() {
            let own =
                |id: &str| organizations.get(id).and_then(|organization| OrganizationView(organization).token_quota());
            self.token_usage.retain(Owner::Organization, |id| own(id).is_some());
        }
    }

    /// Makes every client show these `signing_keys`: the keys are the tenant's, and each client shows them.
    pub(crate) fn show_signing_keys(&mut self, signing_keys: &Value) {
        let clients = &mut self[Kind::Client];
        let ids: Vec<String> =
            clients.iter().filter_map(|client| text(client, "client_id")).map(str::to_owned).collect();
        for id in ids {
            clients.change(&id, |client| client.insert("signing_keys".to_owned(), signing_keys.clone()));
        }
    }

    /// The synchronized groups of a connection, by id, after one of them.
    pub(crate) fn synchronized_groups_of<'a>(
        &'a self,
        connection: &'a str,
        after: Option<&str>,
    ) -> impl Iterator<Item = &'a Document> {
        let begin = match after {
            Some(group) => Bound::Excluded((connection.to_owned(), group.to_owned())),
            None => Bound::Included((connection.to_owned(), String::new())),
        };
        let rest = self.synchronized_groups.range((begin, Bound::Unbounded));
        rest.take_while(move |((owner, _), _)| owner == connection).map(|(_, group)| group)
    }
}
