//! The state of one tenant, and what one change means for the rest of it.
//!
//! An effect across resources has a name here, so that no family needs to know another.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use serde_json::{Map, Value};

use super::collection::{Collection, Seq};
use super::declared_actions::DeclaredActions;
use super::document::{Document, text};
use super::jobs::Jobs;
use super::member_roles::MemberRoles;
use super::members::Members;
use super::permissions::Permissions;
use super::relation::Relation;
use super::token_usage::TokenUsage;
use super::used_assertions::UsedAssertions;
use super::views::{ClientView, OrganizationView, ResourceServerView, SettingsView};
use crate::domain::quota::Owner;
use crate::domain::{IdShape, SigningKeys};

/// Everything that a tenant holds. Cloning is cheap enough to keep a copy for `reset`: documents are shared.
#[derive(Clone, Debug)]
pub struct State {
    /// Applications, by `client_id`.
    pub clients: Collection,
    /// Keys with which clients prove themselves.
    pub client_credentials: Collection,
    /// What a client may ask of an API.
    pub client_grants: Collection,
    /// APIs.
    pub resource_servers: Collection,
    /// Organizations.
    pub organizations: Collection,
    /// The explicit associations: organization on the left, client grant on the right.
    pub associations: Relation,
    /// Connections.
    pub connections: Collection,
    /// Connections of organizations, by the ids of both.
    pub organization_connections: Collection,
    /// What a connection is provisioned with over SCIM, by the id of the connection.
    pub scim_configurations: Collection,
    /// The tokens for it.
    pub scim_tokens: Collection,
    /// How a connection takes its users from a directory, by the id of the connection.
    pub directory_provisionings: Collection,
    /// The groups that it takes, by the ids of connection and group.
    pub synchronized_groups: BTreeMap<(String, String), Document>,
    /// Keys with which connections prove themselves to identity providers, by `kid`.
    pub connection_keys: Collection,
    /// Applications of organizations: organization on the left, client on the right.
    pub organization_clients: Relation,
    /// Those of the same pairs whose client is used for member access.
    pub member_access: Relation,
    /// Users, by `user_id`.
    pub users: Collection,
    /// With what users prove themselves, beside a password.
    pub authentication_methods: Collection,
    /// What users may do besides what their roles let them.
    pub user_permissions: Permissions,
    /// Roles.
    pub roles: Collection,
    /// The roles of users: user on the left, role on the right.
    pub user_roles: Relation,
    /// The permissions of roles.
    pub role_permissions: Permissions,
    /// The members of organizations: organization on the left, user on the right.
    pub members: Members,
    /// The roles that members have in their organizations.
    pub member_roles: MemberRoles,
    /// Invitations to organizations.
    pub invitations: Collection,
    /// The domains by which organizations are found.
    pub discovery_domains: Collection,
    /// Public keys of devices.
    pub device_credentials: Collection,
    /// What was asked for and is reported later.
    pub jobs: Jobs,
    /// Whether the tenant's plan has machine-to-machine access for organizations (R9, R10).
    pub machine_to_machine_for_organizations: bool,
    /// `/tenants/settings`.
    pub settings: Document,
    /// What was taken of token quotas.
    pub token_usage: TokenUsage,
    /// The assertions that were used.
    pub used_assertions: UsedAssertions,
    /// Which of its keys the tenant signs with.
    pub signing_keys: Arc<SigningKeys>,
    /// What a seed says that Actions do.
    pub declared_actions: DeclaredActions,
    /// The application that the tenant began with, which may do everything in the Management API.
    pub management_client_id: String,
    /// Source of ids and secrets.
    pub random: fastrand::Rng,
}

impl State {
    /// A tenant without anything in it.
    pub fn new(random: fastrand::Rng) -> Self {
        State {
            clients: Collection::indexed(&[
                "app_type",
                "external_client_id",
                "global",
                "is_first_party",
                "resource_server_identifier",
            ]),
            client_credentials: Collection::indexed(&["client_id"]),
            client_grants: Collection::indexed(&[
                "client_id",
                "audience",
                "subject_type",
                "default_for",
                "allow_any_organization",
            ]),
            resource_servers: Collection::indexed(&["identifier"]),
            organizations: Collection::indexed(&["name", "display_name"]),
            associations: Relation::default(),
            connections: Collection::indexed(&["name", "strategy", "enabled_clients"]),
            organization_connections: Collection::indexed(&["organization_id", "connection_id"]),
            scim_configurations: Collection::default(),
            scim_tokens: Collection::indexed(&["connection_id"]),
            directory_provisionings: Collection::default(),
            synchronized_groups: BTreeMap::new(),
            connection_keys: Collection::indexed(&["connection_id"]),
            organization_clients: Relation::default(),
            member_access: Relation::default(),
            users: Collection::indexed(&[
                "email",
                "username",
                "phone_number",
                "identities.connection",
                "identities.profileData.email",
            ]),
            authentication_methods: Collection::indexed(&["user_id"]),
            user_permissions: Permissions::default(),
            roles: Collection::indexed(&["name", "owner_id", "type"]),
            user_roles: Relation::default(),
            role_permissions: Permissions::default(),
            members: Members::default(),
            member_roles: MemberRoles::default(),
            invitations: Collection::indexed(&["organization_id", "expires_at", "client_id", "connection_id", "roles"]),
            discovery_domains: Collection::indexed(&["organization_id"]),
            device_credentials: Collection::indexed(&["user_id", "client_id", "device_id", "type"]),
            jobs: Jobs::default(),
            machine_to_machine_for_organizations: true,
            settings: Document::default(),
            token_usage: TokenUsage::default(),
            used_assertions: UsedAssertions::default(),
            // Whoever founds the tenant knows what time it is.
            signing_keys: Arc::new(SigningKeys::since(UNIX_EPOCH)),
            declared_actions: DeclaredActions::default(),
            management_client_id: String::new(),
            random,
        }
    }

    /// The grant of this subject for an API, if there is one: at most one for each subject type (R57). The subject is a
    /// client (`client_id`) or a kind of clients (`default_for`).
    pub fn client_grant(&self, subject: (&str, &str), audience: &str, subject_type: &str) -> Option<&Document> {
        let wanted = [subject, ("audience", audience), ("subject_type", subject_type)];
        self.client_grants.matching(&wanted).first().and_then(|seq| self.client_grants.at(*seq))
    }

    /// Gives a client a grant that the service itself makes, and that nobody changes (R71).
    pub fn grant_by_system(&mut self, client_id: &str, audience: &str, scopes: &[&str]) {
        let id = loop {
            let id = IdShape::CLIENT_GRANT.draw(&mut self.random);
            if !self.client_grants.contains(&id) {
                break id;
            }
        };
        let grant = Map::from_iter([
            ("id".to_owned(), id.clone().into()),
            ("client_id".to_owned(), client_id.into()),
            ("audience".to_owned(), audience.into()),
            ("scope".to_owned(), scopes.iter().copied().collect()),
            ("subject_type".to_owned(), "client".into()),
            ("is_system".to_owned(), true.into()),
        ]);
        self.client_grants.insert(&id, grant);
    }

    /// Whether an organization is associated with a client grant.
    pub fn are_associated(&self, organization_id: &str, grant_id: &str) -> bool {
        match (self.organizations.seq(organization_id), self.client_grants.seq(grant_id)) {
            (Some(organization), Some(grant)) => self.associations.holds(organization, grant),
            _ => false,
        }
    }

    /// Makes a client the one that stands for an API: the API shows its id (recorded).
    pub fn link_resource_server(&mut self, identifier: &str, client_id: &str) {
        self.set_linked_client(identifier, Some(client_id));
    }

    fn set_linked_client(&mut self, identifier: &str, client_id: Option<&str>) {
        let Some(held) = self.resource_servers.find("identifier", identifier) else { return };
        let mut api = Map::clone(held);
        match client_id {
            Some(client_id) => api.insert("client_id".to_owned(), client_id.into()),
            None => api.remove("client_id"),
        };
        let id = text(&api, "id").unwrap_or_default().to_owned();
        self.resource_servers.replace(&id, api);
    }

    /// Deletes a client and what only makes sense with it: its grants with their associations, its credentials, those
    /// of devices for it, its places in organizations, the invitations that lead to it, its link to an API and what is
    /// declared for it (R92, R93).
    pub fn forget_client(&mut self, client_id: &str) -> Option<Document> {
        let linked = self.clients.get(client_id).and_then(|client| text(client, "resource_server_identifier"));
        if let Some(identifier) = linked.map(str::to_owned) {
            self.set_linked_client(&identifier, None);
        }
        for grant in ids(&self.client_grants, "client_id", client_id) {
            self.forget_client_grant(&grant);
        }
        for credential in ids(&self.client_credentials, "client_id", client_id) {
            self.client_credentials.remove(&credential);
        }
        for device in ids(&self.device_credentials, "client_id", client_id) {
            self.device_credentials.remove(&device);
        }
        if let Some(seq) = self.clients.seq(client_id) {
            self.organization_clients.forget_right(seq);
            self.member_access.forget_right(seq);
        }
        self.disable_client(client_id);
        self.forget_invitations("client_id", client_id);
        self.token_usage.forget(Owner::Client, client_id);
        self.used_assertions.forget(client_id);
        self.declared_actions.forget_client(client_id);
        self.clients.remove(client_id)
    }

    /// Disables a client for every connection.
    fn disable_client(&mut self, client_id: &str) {
        for id in ids(&self.connections, "enabled_clients", client_id) {
            change(&mut self.connections, &id, |connection| without(connection, "enabled_clients", client_id));
        }
    }

    /// Deletes a client grant and its associations (R91).
    pub fn forget_client_grant(&mut self, grant_id: &str) -> Option<Document> {
        if let Some(seq) = self.client_grants.seq(grant_id) {
            self.associations.forget_right(seq);
        }
        self.client_grants.remove(grant_id)
    }

    /// Puts a new version in the place of an API. A scope that it no longer has is no permission of anyone (assumed).
    pub fn replace_resource_server(&mut self, id: &str, api: Map<String, Value>) -> Document {
        let api = self.resource_servers.replace(id, api);
        if let Some(seq) = self.resource_servers.seq(id) {
            let scopes = ResourceServerView(&api).scopes();
            for permissions in [&mut self.role_permissions, &mut self.user_permissions] {
                permissions.forget_scopes(seq, |scope| scopes.contains(scope));
            }
        }
        api
    }

    /// Deletes an API, the grants for it and the permissions on it (R94; that these go is an assumption). The client that
    /// stood for it does so no more (assumed).
    pub fn forget_resource_server(&mut self, id: &str) -> Option<Document> {
        if let Some(seq) = self.resource_servers.seq(id) {
            for permissions in [&mut self.role_permissions, &mut self.user_permissions] {
                permissions.forget_scopes(seq, |_| false);
            }
        }
        let api = self.resource_servers.remove(id)?;
        let identifier = text(&api, "identifier").unwrap_or_default();
        for grant in ids(&self.client_grants, "audience", identifier) {
            self.forget_client_grant(&grant);
        }
        for client_id in ids(&self.clients, "resource_server_identifier", identifier) {
            change(&mut self.clients, &client_id, |client| client.remove("resource_server_identifier"));
        }
        self.declared_actions.forget_audience(identifier);
        Some(api)
    }

    /// Deletes an organization with its associations, connections, clients, members, invitations and domains (R88, R89),
    /// and the roles that it owns (assumed). A client that has it as its default keeps the id (R54, R55).
    pub fn forget_organization(&mut self, id: &str) -> Option<Document> {
        if let Some(seq) = self.organizations.seq(id) {
            self.associations.forget_left(seq);
            self.organization_clients.forget_left(seq);
            self.member_access.forget_left(seq);
            self.members.forget_left(seq);
            self.member_roles.forget_organization(seq);
        }
        for connection in ids(&self.organization_connections, "organization_id", id) {
            self.organization_connections.remove(&connection);
        }
        self.forget_invitations("organization_id", id);
        for domain in ids(&self.discovery_domains, "organization_id", id) {
            self.discovery_domains.remove(&domain);
        }
        for role in ids(&self.roles, "owner_id", id) {
            self.forget_role(&role);
        }
        self.token_usage.forget(Owner::Organization, id);
        self.organizations.remove(id)
    }

    /// Takes a member out of an organization, with the roles that the member had there.
    pub fn remove_member(&mut self, organization: Seq, user: Seq) {
        self.members.part(organization, user);
        self.member_roles.forget_member(organization, user);
    }

    /// Deletes the invitations that say this.
    fn forget_invitations(&mut self, member: &str, value: &str) {
        for invitation in ids(&self.invitations, member, value) {
            self.invitations.remove(&invitation);
        }
    }

    /// Deletes the invitations whose time is over (documented). `now` is a timestamp as they carry it: in this form the
    /// order of texts is that of time.
    pub fn forget_expired_invitations(&mut self, now: &str) {
        let over = |seq: &Seq| {
            let expires_at = self.invitations.at(*seq).and_then(|invitation| text(invitation, "expires_at"));
            expires_at.is_some_and(|expires_at| expires_at <= now)
        };
        let over: Vec<Seq> = self.invitations.sorted("expires_at", false).take_while(over).collect();
        for seq in over {
            if let Some(id) = self.invitations.id_at(seq).map(str::to_owned) {
                self.invitations.remove(&id);
            }
        }
    }

    /// Forgets what was taken by clients and organizations that have no token quota any more, their own or a default.
    pub fn forget_usage_without_quota(&mut self) {
        let settings = SettingsView(&self.settings);
        if settings.default_token_quota(Owner::Client).is_none() {
            let own = |id: &str| self.clients.get(id).and_then(|client| ClientView(client).token_quota());
            self.token_usage.retain(Owner::Client, |id| own(id).is_some());
        }
        if settings.default_token_quota(Owner::Organization).is_none() {
            let own = |id: &str| self.organizations.get(id).and_then(|held| OrganizationView(held).token_quota());
            self.token_usage.retain(Owner::Organization, |id| own(id).is_some());
        }
    }

    /// Makes every client show this as its `signing_keys`: they are the tenant's, whatever client shows them.
    pub fn show_signing_keys(&mut self, signing_keys: &Value) {
        let ids: Vec<String> =
            self.clients.iter().filter_map(|held| text(held, "client_id")).map(str::to_owned).collect();
        for id in ids {
            change(&mut self.clients, &id, |client| client.insert("signing_keys".to_owned(), signing_keys.clone()));
        }
    }

    /// Deletes a user with its roles, permissions, memberships and authentication methods.
    pub fn forget_user(&mut self, user_id: &str) -> Option<Document> {
        for method in ids(&self.authentication_methods, "user_id", user_id) {
            self.authentication_methods.remove(&method);
        }
        if let Some(seq) = self.users.seq(user_id) {
            self.user_roles.forget_left(seq);
            for organization in self.members.of_right(seq).as_slice() {
                self.member_roles.forget_member(*organization, seq);
            }
            self.user_permissions.forget_owner(seq);
            self.members.forget_right(seq);
        }
        self.users.remove(user_id)
    }

    /// Deletes a role with its permissions; its users and the members of organizations no longer have it, nor will those
    /// who are invited.
    pub fn forget_role(&mut self, id: &str) -> Option<Document> {
        if let Some(seq) = self.roles.seq(id) {
            self.role_permissions.forget_owner(seq);
            self.user_roles.forget_right(seq);
            self.member_roles.forget_role(seq);
        }
        for invitation in ids(&self.invitations, "roles", id) {
            change(&mut self.invitations, &invitation, |invitation| without(invitation, "roles", id));
        }
        self.roles.remove(id)
    }

    /// Deletes a connection with its users (documented), the accounts from it that are linked to others (assumed), its
    /// places in organizations, the invitations to it, its keys and what it is provisioned with.
    pub fn forget_connection(&mut self, id: &str) -> Option<Document> {
        for place in ids(&self.organization_connections, "connection_id", id) {
            self.organization_connections.remove(&place);
        }
        for kid in ids(&self.connection_keys, "connection_id", id) {
            self.connection_keys.remove(&kid);
        }
        self.forget_scim_configuration(id);
        self.forget_directory_provisioning(id);
        self.forget_invitations("connection_id", id);
        let connection = self.connections.remove(id)?;
        if let Some(name) = text(&connection, "name") {
            self.forget_users_of_connection(name, None);
            for user in ids(&self.users, "identities.connection", name) {
                change(&mut self.users, &user, |user| {
                    if let Some(Value::Array(identities)) = user.get_mut("identities") {
                        identities.retain(|identity| identity["connection"] != name);
                    }
                });
            }
        }
        Some(connection)
    }

    /// Deletes the users of a connection: all of them, or those with this email.
    pub fn forget_users_of_connection(&mut self, connection: &str, email: Option<&str>) {
        let places = match email {
            Some(email) => self.users.having("email", email),
            None => self.users.having("identities.connection", connection),
        };
        let users = places.iter().filter_map(|seq| Some((self.users.id_at(seq)?, self.users.at(seq)?)));
        let of_connection = users.filter(|(_, user)| is_of_connection(user, connection));
        let of_connection: Vec<String> = of_connection.map(|(id, _)| id.to_owned()).collect();
        // The newest first: taking the last of a list moves nothing, and there may be a hundred thousand.
        for id in of_connection.into_iter().rev() {
            self.forget_user(&id);
        }
    }

    /// Ends the provisioning of a connection over SCIM: its tokens go, too.
    pub fn forget_scim_configuration(&mut self, connection: &str) {
        for token in ids(&self.scim_tokens, "connection_id", connection) {
            self.scim_tokens.remove(&token);
        }
        self.scim_configurations.remove(connection);
    }

    /// Ends the provisioning of a connection from a directory: the selected groups go, too.
    pub fn forget_directory_provisioning(&mut self, connection: &str) {
        self.forget_synchronized_groups(connection);
        self.directory_provisionings.remove(connection);
    }

    /// The groups that a connection takes from its directory, by id, beginning after one of them.
    pub fn synchronized_groups_of<'a>(
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

    /// Takes no group from the directory any more.
    pub fn forget_synchronized_groups(&mut self, connection: &str) {
        let groups = self.synchronized_groups_of(connection, None).filter_map(|group| text(group, "id"));
        for group in groups.map(str::to_owned).collect::<Vec<_>>() {
            self.synchronized_groups.remove(&(connection.to_owned(), group));
        }
    }
}

/// Whether a user first came from this connection: the first of its identities.
fn is_of_connection(user: &Document, connection: &str) -> bool {
    user.get("identities").and_then(|identities| identities.pointer("/0/connection")) == Some(&connection.into())
}

/// Puts a changed version in the place of an entity, if there is one with this id.
fn change<T>(collection: &mut Collection, id: &str, change: impl FnOnce(&mut Map<String, Value>) -> T) {
    let Some(held) = collection.get(id) else { return };
    let mut changed = Map::clone(held);
    change(&mut changed);
    collection.replace(id, changed);
}

/// Takes a text out of a list.
fn without(document: &mut Map<String, Value>, list: &str, text: &str) {
    if let Some(Value::Array(items)) = document.get_mut(list) {
        items.retain(|item| item != text);
    }
}

/// The ids of the entities whose declared member has this text, or a list with it. The newest come first: they mostly go,
/// and taking the last of a list moves nothing.
fn ids(collection: &Collection, key: &str, value: &str) -> Vec<String> {
    let places = collection.having(key, value).iter().rev();
    places.filter_map(|seq| collection.id_at(seq)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::State;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { unreachable!("written as an object") };
        map
    }

    /// Two databases, each with one user of each of two emails, one of whom came to the other later as well.
    fn databases() -> State {
        let mut state = State::new(fastrand::Rng::with_seed(7));
        for name in ["one", "two"] {
            state.connections.insert(name, object(json!({ "id": name, "name": name, "strategy": "auth0" })));
            for email in ["a", "b"] {
                let identities = json!([{ "connection": name }, { "connection": "one" }]);
                state
                    .users
                    .insert(&format!("{name}|{email}"), object(json!({ "email": email, "identities": identities })));
            }
        }
        state
    }

    fn users(state: &State) -> Vec<&str> {
        state.users.order().iter().filter_map(|seq| state.users.id_at(seq)).collect()
    }

    #[test]
    fn users_are_deleted_by_email_from_their_own_connection() {
        let mut state = databases();
        state.forget_users_of_connection("one", Some("a"));
        assert_eq!(users(&state), ["one|b", "two|a", "two|b"]);
    }

    #[test]
    fn the_users_of_a_connection_go_with_it() {
        let mut state = databases();
        assert!(state.forget_connection("one").is_some());
        assert_eq!(users(&state), ["two|a", "two|b"]);
        // Nor is an account from it linked to them any more.
        assert_eq!(state.users.get("two|a").unwrap()["identities"], json!([{ "connection": "two" }]));
        assert!(state.forget_connection("one").is_none());
    }

    #[test]
    fn groups_of_a_directory_stand_apart_by_connection() {
        let mut state = databases();
        for (connection, group) in [("one", "z"), ("two", "a"), ("one", "b")] {
            let key = (connection.to_owned(), group.to_owned());
            state.synchronized_groups.insert(key, object(json!({ "id": group })).into());
        }
        let ids = |state: &State, after| {
            let groups = state.synchronized_groups_of("one", after);
            groups.map(|group| group["id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&state, None), ["b", "z"]);
        assert_eq!(ids(&state, Some("b")), ["z"]);
        state.forget_connection("one");
        assert_eq!((ids(&state, None).len(), state.synchronized_groups.len()), (0, 1));
    }
}
