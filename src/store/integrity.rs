//! Referential integrity: checks that every reference in an imported state has its entity.

use super::collection::values;
use super::model::{ForeignKey, KINDS, Kind, KindSpec};
use super::state::State;

impl State {
    /// Checks the foreign keys of the data model, and the references outside collections.
    ///
    /// # Errors
    ///
    /// The first reference without an entity, in one sentence without a full stop.
    pub(super) fn check_integrity(&self) -> Result<(), String> {
        for spec in KINDS {
            for key in spec.foreign_keys.iter().filter(|key| key.is_checked) {
                self.check_key(spec, key)?;
            }
        }
        self.check_rest()
    }

    fn check_key(&self, spec: &KindSpec, key: &ForeignKey) -> Result<(), String> {
        for (at, document) in self[spec.kind].iter().enumerate() {
            let names = values(document, key.member).into_iter().flatten();
            let mut names = names.filter_map(|name| name.strip_prefix(key.prefix).map(str::to_owned));
            if let Some(name) = names.find(|name| !self.has(key.to, key.by, name)) {
                let entity = format!("state.collections.{}, entity {}", spec.name, at + 1);
                return Err(format!("{entity}: its {} {name:?} is not in {}", key.member, key.to.spec().name));
            }
        }
        Ok(())
    }

    fn has(&self, kind: Kind, by: Option<&str>, name: &str) -> bool {
        match by {
            Some(member) => self[kind].find(member, name).is_some(),
            None => self[kind].contains(name),
        }
    }

    fn check_rest(&self) -> Result<(), String> {
        let missing = |part: &str, id: &str| Err(format!("state.{part}: {id:?} does not exist"));
        for (connection, _) in self.synchronized_groups.keys() {
            if !self[Kind::DirectoryProvisioning].contains(connection) {
                return missing("synchronized_groups", connection);
            }
        }
        for (owner, mut ids) in self.token_usage.owners() {
            if let Some(id) = ids.find(|id| !self[owner].contains(id)) {
                return missing("token_usage", id);
            }
        }
        for (kind, id) in self
            .policy_usage
            .policies()
            .map(|policy| (Kind::RateLimitPolicy, policy))
            .chain(self.policy_usage.clients().map(|client| (Kind::Client, client)))
        {
            if !self[kind].contains(id) {
                return missing("policy_usage", id);
            }
        }
        for action in self.declared_actions.iter() {
            let client = action.client_id.iter().find(|id| !self[Kind::Client].contains(id));
            let api = action.audience.iter().find(|api| !self.has(Kind::ResourceServer, Some("identifier"), api));
            if let Some(id) = client.or(api) {
                return missing("declared_actions", id);
            }
        }
        for (_, client_id, _) in self.used_assertions.iter() {
            if !self[Kind::Client].contains(client_id) {
                return missing("used_assertions", client_id);
            }
        }
        Ok(())
    }
}
