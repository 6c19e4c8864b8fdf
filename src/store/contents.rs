//! What a tenant holds as two lists: what there is, and what is related to what. For whoever shows or compares a whole
//! tenant, without a word about single resources. Jobs, which come and go with the clock, are not in them.

use super::relation::Relation;
use super::{Collection, Permissions, Seq, State};

/// Things that are related, by their ids: two of them, or three.
pub type Related<'s> = Vec<&'s str>;

impl State {
    /// The collections, by what the Management API calls what is in them.
    pub fn collections(&self) -> [(&'static str, &Collection); 17] {
        [
            ("resource_servers", &self.resource_servers),
            ("clients", &self.clients),
            ("client_credentials", &self.client_credentials),
            ("organizations", &self.organizations),
            ("client_grants", &self.client_grants),
            ("connections", &self.connections),
            ("connection_keys", &self.connection_keys),
            ("organization_connections", &self.organization_connections),
            ("scim_configurations", &self.scim_configurations),
            ("scim_tokens", &self.scim_tokens),
            ("directory_provisionings", &self.directory_provisionings),
            ("users", &self.users),
            ("authentication_methods", &self.authentication_methods),
            ("device_credentials", &self.device_credentials),
            ("roles", &self.roles),
            ("invitations", &self.invitations),
            ("discovery_domains", &self.discovery_domains),
        ]
    }

    /// The same, to be filled.
    pub(super) fn collections_mut(&mut self) -> [(&'static str, &mut Collection); 17] {
        [
            ("resource_servers", &mut self.resource_servers),
            ("clients", &mut self.clients),
            ("client_credentials", &mut self.client_credentials),
            ("organizations", &mut self.organizations),
            ("client_grants", &mut self.client_grants),
            ("connections", &mut self.connections),
            ("connection_keys", &mut self.connection_keys),
            ("organization_connections", &mut self.organization_connections),
            ("scim_configurations", &mut self.scim_configurations),
            ("scim_tokens", &mut self.scim_tokens),
            ("directory_provisionings", &mut self.directory_provisionings),
            ("users", &mut self.users),
            ("authentication_methods", &mut self.authentication_methods),
            ("device_credentials", &mut self.device_credentials),
            ("roles", &mut self.roles),
            ("invitations", &mut self.invitations),
            ("discovery_domains", &mut self.discovery_domains),
        ]
    }

    /// What is related to what: each relation in a fixed order, whatever the order in which it came to be.
    pub fn relations(&self) -> [(&'static str, Vec<Related<'_>>); 8] {
        let (organizations, clients, users, roles) = (&self.organizations, &self.clients, &self.users, &self.roles);
        let members = organizations.order().iter().flat_map(|organization| {
            let members = self.members.of_left(organization);
            members.iter().map(move |member| related([(organizations, organization), (users, member.user)]))
        });
        let member_roles = organizations.order().iter().flat_map(|organization| {
            self.members.of_left(organization).iter().flat_map(move |member| {
                let held = self.member_roles.of_member(organization, member.user);
                held.map(move |role| related([(organizations, organization), (users, member.user), (roles, role)]))
            })
        });
        [
            ("organization_client_grants", self.pairs(&self.associations, organizations, &self.client_grants)),
            ("organization_clients", self.pairs(&self.organization_clients, organizations, clients)),
            ("organization_member_access", self.pairs(&self.member_access, organizations, clients)),
            ("organization_members", members.collect()),
            ("organization_member_roles", member_roles.collect()),
            ("user_roles", self.pairs(&self.user_roles, users, roles)),
            ("role_permissions", self.permissions_of(roles, &self.role_permissions)),
            ("user_permissions", self.permissions_of(users, &self.user_permissions)),
        ]
    }

    fn pairs<'s>(&self, relation: &Relation, left: &'s Collection, right: &'s Collection) -> Vec<Related<'s>> {
        let partners = |seq: Seq| relation.of_left(seq).iter().map(move |partner| (seq, partner));
        let pairs = left.order().iter().flat_map(partners);
        pairs.map(|(one, other)| related([(left, one), (right, other)])).collect()
    }

    fn permissions_of<'s>(&'s self, owners: &'s Collection, permissions: &'s Permissions) -> Vec<Related<'s>> {
        let held = owners.order().iter().flat_map(|owner| {
            permissions.of(owner).map(move |(api, scope)| {
                let mut permission = related([(owners, owner), (&self.resource_servers, api)]);
                permission.push(scope);
                permission
            })
        });
        held.collect()
    }
}

fn related<'s, const COUNT: usize>(places: [(&'s Collection, Seq); COUNT]) -> Related<'s> {
    places.into_iter().filter_map(|(collection, seq)| collection.id_at(seq)).collect()
}
