//! Deletion: an entity, and everything that only makes sense with it.
//!
//! The foreign keys and links of the data model have the effects of a deletion. The effects that no row of the table
//! can describe are in `State::after_removal`.

use serde_json::{Map, Value};

use super::collection::Collection;
use super::document::{Document, text};
use super::model::{ForeignKey, KINDS, Kind, LINKS, Link, OnDelete};
use super::seq::Seq;
use super::state::State;
use super::views::ResourceServerView;
use crate::domain::quota::Owner;

impl State {
    /// Deletes an entity and applies the effects in the data model. `None` if it does not exist.
    pub(crate) fn remove(&mut self, kind: Kind, id: &str) -> Option<Document> {
        let seq = self[kind].seq(id)?;
        let document = self[kind].remove(id)?;
        for spec in LINKS {
            if spec.left == kind {
                self[spec.link].forget_left(seq);
            }
            if spec.right == kind {
                self[spec.link].forget_right(seq);
            }
        }
        for spec in KINDS {
            for key in spec.foreign_keys.iter().filter(|key| key.to == kind) {
                if let Some(name) = key.by.map_or(Some(id), |by| text(&document, by)) {
                    self.release(spec.kind, key.member, &key.text(name), key.on_delete);
                }
            }
        }
        self.after_removal(kind, id, seq, &document);
        Some(document)
    }

    /// Whether an entity is named by another one that keeps it from being deleted ([`OnDelete::Restrict`]).
    pub(crate) fn is_in_use(&self, kind: Kind, id: &str) -> bool {
        let is_named = |(from, key): (Kind, &ForeignKey)| {
            let name = key.by.map_or(Some(id), |by| self[kind].get(id).and_then(|entity| text(entity, by)));
            name.is_some_and(|name| !self[from].having(key.member, &key.text(name)).is_empty())
        };
        let keys = KINDS.iter().flat_map(|spec| spec.foreign_keys.iter().map(|key| (spec.kind, key)));
        keys.filter(|(_, key)| key.to == kind && key.on_delete == OnDelete::Restrict).any(is_named)
    }

    /// Applies the effect of a deletion to the entities whose member has the name of the deleted one.
    fn release(&mut self, kind: Kind, member: &str, name: &str, effect: OnDelete) {
        if matches!(effect, OnDelete::Restrict | OnDelete::Keep | OnDelete::AfterRemoval) {
            return;
        }
        for id in ids(&self[kind], member, name) {
            match effect {
                OnDelete::Cascade => drop(self.remove(kind, &id)),
                OnDelete::RemoveMember => self[kind].change(&id, |entity| entity.remove(member)),
                OnDelete::RemoveItem => self[kind].change(&id, |entity| remove_item(entity, member, name)),
                OnDelete::RemoveEntry => self[kind].change(&id, |entity| remove_entry(entity, member, name)),
                OnDelete::Restrict | OnDelete::Keep | OnDelete::AfterRemoval => {}
            }
        }
    }

    /// The effects of a deletion beyond collections and links.
    fn after_removal(&mut self, kind: Kind, id: &str, seq: Seq, document: &Document) {
        match kind {
            Kind::Client => {
                self.token_usage.forget(Owner::Client, id);
                self.policy_usage.forget_client(id);
                self.used_assertions.forget(id);
                self.declared_actions.forget_client(id);
            }
            Kind::ResourceServer => {
                for permissions in [&mut self.role_permissions, &mut self.user_permissions] {
                    permissions.forget_scopes(seq, |_| false);
                }
                self.declared_actions.forget_audience(text(document, "identifier").unwrap_or_default());
            }
            Kind::Organization => {
                self.members.forget_left(seq);
                self.member_roles.forget_organization(seq);
                self.token_usage.forget(Owner::Organization, id);
            }
            Kind::User => {
                self.user_permissions.forget_owner(seq);
                for organization in self.members.of_right(seq).as_slice() {
                    self.member_roles.forget_member(*organization, seq);
                }
                self.members.forget_right(seq);
            }
            Kind::Role => {
                self.role_permissions.forget_owner(seq);
                self.member_roles.forget_role(seq);
            }
            Kind::Connection => {
                if let Some(name) = text(document, "name") {
                    self.remove_users_of_connection(name, None);
                    self.remove_identities(name);
                }
            }
            Kind::RateLimitPolicy => self.policy_usage.forget_policy(id),
            Kind::DirectoryProvisioning => self.remove_synchronized_groups(id),
            Kind::EventStream => self.remove_action_of_stream(document),
            Kind::SelfServiceProfile => self.settings.remove_below(&format!("/self-service-profiles/{id}/")),
            _ => {}
        }
    }

    /// Deletes the Action of a deleted event stream, as the service does (recorded), unless something else names it (assumed).
    fn remove_action_of_stream(&mut self, stream: &Document) {
        fn action(stream: &Document) -> Option<&str> {
            stream.get("destination")?.pointer("/configuration/action_id")?.as_str()
        }
        let Some(id) = action(stream) else { return };
        let is_named = self[Kind::EventStream].iter().any(|other| action(other) == Some(id))
            || !self[Kind::ActionBinding].having("action_id", id).is_empty()
            || self.is_in_use(Kind::Action, id);
        if !is_named {
            self.remove(Kind::Action, id);
        }
    }

    /// Separates the two sides of a link, and of each link within it; `false` if they were not linked.
    pub(crate) fn unlink(&mut self, link: Link, left: Seq, right: Seq) -> bool {
        for spec in LINKS.iter().filter(|spec| spec.within == Some(link)) {
            self.unlink(spec.link, left, right);
        }
        self[link].part(left, right)
    }

    /// Removes the permissions on scopes that an API does not define, as after a change of its scopes (assumed).
    pub(crate) fn remove_undefined_permissions(&mut self, api_id: &str) {
        let apis = &self[Kind::ResourceServer];
        let Some((seq, api)) = apis.seq(api_id).zip(apis.get(api_id)) else { return };
        let scopes = ResourceServerView(api).scopes();
        for permissions in [&mut self.role_permissions, &mut self.user_permissions] {
            permissions.forget_scopes(seq, |scope| scopes.contains(scope));
        }
    }

    /// Ends a membership, with the roles of the member in the organization.
    pub(crate) fn remove_member(&mut self, organization: Seq, user: Seq) {
        self.members.part(organization, user);
        self.member_roles.forget_member(organization, user);
    }

    /// Deletes the expired invitations (documented). `now` is a timestamp in the form of their `expires_at`, whose order
    /// as text is the order of time.
    pub(crate) fn remove_expired_invitations(&mut self, now: &str) {
        let invitations = &self[Kind::Invitation];
        let is_expired = |seq: &Seq| {
            let expires_at = invitations.at(*seq).and_then(|invitation| text(invitation, "expires_at"));
            expires_at.is_some_and(|expires_at| expires_at <= now)
        };
        let expired = invitations.sorted("expires_at", false).take_while(is_expired);
        let expired: Vec<String> = expired.filter_map(|seq| invitations.id_at(seq)).map(str::to_owned).collect();
        for id in expired {
            self.remove(Kind::Invitation, &id);
        }
    }

    /// Deletes the users of a connection: all of them, or those with this email.
    pub(crate) fn remove_users_of_connection(&mut self, connection: &str, email: Option<&str>) {
        let users = &self[Kind::User];
        let candidates = match email {
            Some(email) => users.having("email", email),
            None => users.having("identities.connection", connection),
        };
        let belongs = |seq: &Seq| users.at(*seq).is_some_and(|user| is_of_connection(user, connection));
        let matching = candidates.iter().filter(belongs);
        let user_ids: Vec<String> = matching.filter_map(|seq| users.id_at(seq)).map(str::to_owned).collect();
        // The newest first: the removal of the last number of a list moves nothing, and there may be a hundred
        // thousand.
        for id in user_ids.into_iter().rev() {
            self.remove(Kind::User, &id);
        }
    }

    /// Removes the identities of a connection from the users to whom they are linked (assumed).
    fn remove_identities(&mut self, connection: &str) {
        let users = &mut self[Kind::User];
        for id in ids(users, "identities.connection", connection) {
            users.change(&id, |user| {
                if let Some(Value::Array(identities)) = user.get_mut("identities") {
                    identities.retain(|identity| identity["connection"] != connection);
                }
            });
        }
    }

    /// Removes the synchronized groups of a connection.
    pub(crate) fn remove_synchronized_groups(&mut self, connection: &str) {
        let groups = self.synchronized_groups_of(connection, None).filter_map(|group| text(group, "id"));
        for group in groups.map(str::to_owned).collect::<Vec<_>>() {
            self.synchronized_groups.remove(&(connection.to_owned(), group));
        }
    }
}

/// Whether the first identity of a user is of this connection.
fn is_of_connection(user: &Document, connection: &str) -> bool {
    user.get("identities").and_then(|identities| identities.pointer("/0/connection")) == Some(&connection.into())
}

fn remove_item(document: &mut Map<String, Value>, list: &str, text: &str) {
    if let Some(Value::Array(items)) = document.get_mut(list) {
        items.retain(|item| item != text);
    }
}

/// Removes the objects of a list whose member has this text.
fn remove_entry(document: &mut Map<String, Value>, path: &str, text: &str) {
    let (list, member) = path.split_once('.').unwrap_or((path, ""));
    if let Some(Value::Array(entries)) = document.get_mut(list) {
        entries.retain(|entry| entry.get(member).is_none_or(|name| name != text));
    }
}

/// The ids of the entities whose indexed member has this text, or a list with it. The newest come first: most of them
/// are deleted, and the removal of the last number of a list moves nothing.
fn ids(collection: &Collection, member: &str, text: &str) -> Vec<String> {
    let newest_first = collection.having(member, text).iter().rev();
    newest_first.filter_map(|seq| collection.id_at(seq)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use crate::store::{Kind, State};

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { unreachable!("written as an object") };
        map
    }

    /// Two databases with the same two emails. Each user also has an identity of the first database.
    fn databases() -> State {
        let mut state = State::new(fastrand::Rng::with_seed(7));
        for name in ["one", "two"] {
            state[Kind::Connection].insert(name, object(json!({ "id": name, "name": name, "strategy": "auth0" })));
            for email in ["a", "b"] {
                let identities = json!([{ "connection": name }, { "connection": "one" }]);
                state[Kind::User]
                    .insert(&format!("{name}|{email}"), object(json!({ "email": email, "identities": identities })));
            }
        }
        state
    }

    fn users(state: &State) -> Vec<&str> {
        state[Kind::User].order().iter().filter_map(|seq| state[Kind::User].id_at(seq)).collect()
    }

    #[test]
    fn users_are_deleted_by_email_from_their_own_connection() {
        let mut state = databases();
        state.remove_users_of_connection("one", Some("a"));
        assert_eq!(users(&state), ["one|b", "two|a", "two|b"]);
    }

    #[test]
    fn the_users_of_a_connection_are_deleted_with_it() {
        let mut state = databases();
        assert!(state.remove(Kind::Connection, "one").is_some());
        assert_eq!(users(&state), ["two|a", "two|b"]);
        // The identities of the connection are removed from other users.
        assert_eq!(state[Kind::User].get("two|a").unwrap()["identities"], json!([{ "connection": "two" }]));
        assert!(state.remove(Kind::Connection, "one").is_none());
    }

    #[test]
    fn groups_of_a_directory_are_separate_for_each_connection() {
        let mut state = databases();
        for connection in ["one", "two"] {
            let provisioning = object(json!({ "connection_id": connection }));
            state[Kind::DirectoryProvisioning].insert(connection, provisioning);
        }
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
        state.remove(Kind::Connection, "one");
        assert_eq!((ids(&state, None).len(), state.synchronized_groups.len()), (0, 1));
    }
}
