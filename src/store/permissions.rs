//! Permissions: scopes of APIs that a role or a user has.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Seq;
use super::positions::Positions;

/// Triples of owner, API and scope. The permissions of an owner are in the order of the APIs, then by the name of the
/// scope (recorded).
#[derive(Clone, Debug, Default)]
pub(crate) struct Permissions {
    of_owner: HashMap<Seq, BTreeSet<(Seq, Box<str>)>>,
    of_api: HashMap<Seq, BTreeMap<Box<str>, Positions>>,
}

impl Permissions {
    /// Gives an owner a scope of an API; `false` if the owner had it.
    pub(crate) fn give(&mut self, owner: Seq, api: Seq, scope: &str) -> bool {
        self.of_api.entry(api).or_default().entry(scope.into()).or_default().insert(owner);
        self.of_owner.entry(owner).or_default().insert((api, scope.into()))
    }

    /// Removes a scope of an API from an owner; `false` if the owner did not have it.
    pub(crate) fn take(&mut self, owner: Seq, api: Seq, scope: &str) -> bool {
        self.leave_api(owner, api, scope);
        self.leave_owner(owner, api, scope)
    }

    /// The permissions of an owner: the sequence number of the API, and the scope.
    pub(crate) fn of(&self, owner: Seq) -> impl ExactSizeIterator<Item = (Seq, &str)> {
        static NOTHING: BTreeSet<(Seq, Box<str>)> = BTreeSet::new();
        self.of_owner.get(&owner).unwrap_or(&NOTHING).iter().map(|(api, scope)| (*api, &**scope))
    }

    /// Whether an owner has a scope of an API.
    pub(crate) fn holds(&self, owner: Seq, api: Seq, scope: &str) -> bool {
        let holders = self.of_api.get(&api).and_then(|scopes| scopes.get(scope));
        holders.is_some_and(|holders| holders.contains(owner))
    }

    /// Removes all permissions of an owner.
    pub(crate) fn forget_owner(&mut self, owner: Seq) {
        for (api, scope) in self.of_owner.remove(&owner).unwrap_or_default() {
            self.leave_api(owner, api, &scope);
        }
    }

    /// Removes the scopes of an API from all owners, except those for which `keep` returns true.
    pub(crate) fn forget_scopes(&mut self, api: Seq, keep: impl Fn(&str) -> bool) {
        let Some(scopes) = self.of_api.remove(&api) else { return };
        let (kept, lost): (BTreeMap<_, _>, BTreeMap<_, _>) = scopes.into_iter().partition(|(scope, _)| keep(scope));
        for (scope, owners) in lost {
            for owner in owners.iter() {
                self.leave_owner(owner, api, &scope);
            }
        }
        if !kept.is_empty() {
            self.of_api.insert(api, kept);
        }
    }

    fn leave_api(&mut self, owner: Seq, api: Seq, scope: &str) {
        let Some(scopes) = self.of_api.get_mut(&api) else { return };
        if let Some(owners) = scopes.get_mut(scope) {
            owners.remove(owner);
            if owners.is_empty() {
                scopes.remove(scope);
            }
        }
        if scopes.is_empty() {
            self.of_api.remove(&api);
        }
    }

    fn leave_owner(&mut self, owner: Seq, api: Seq, scope: &str) -> bool {
        let Some(permissions) = self.of_owner.get_mut(&owner) else { return false };
        let removed = permissions.remove(&(api, scope.into()));
        if permissions.is_empty() {
            self.of_owner.remove(&owner);
        }
        removed
    }
}

#[cfg(test)]
mod tests {
    use super::Permissions;

    const ROLE: u64 = 1;
    const OTHER: u64 = 2;
    const API: u64 = 10;

    fn permissions_of(permissions: &Permissions, owner: u64) -> Vec<(u64, String)> {
        permissions.of(owner).map(|(api, scope)| (api, scope.to_owned())).collect()
    }

    fn some() -> Permissions {
        let mut permissions = Permissions::default();
        for (owner, api, scope) in [(ROLE, 11, "read"), (ROLE, API, "write"), (ROLE, API, "read"), (OTHER, API, "read")]
        {
            assert!(permissions.give(owner, api, scope));
        }
        permissions
    }

    #[test]
    fn permissions_are_ordered_by_api_and_by_name() {
        let mut permissions = some();
        assert!(!permissions.give(ROLE, API, "read"));
        let all = [(API, "read".to_owned()), (API, "write".to_owned()), (11, "read".to_owned())];
        assert_eq!(permissions_of(&permissions, ROLE), all);
        assert!(permissions.take(ROLE, API, "read"));
        assert!(!permissions.take(ROLE, API, "read"));
        assert!(!permissions.holds(ROLE, API, "read"));
        assert!(permissions.holds(OTHER, API, "read"));
    }

    #[test]
    fn what_is_forgotten_leaves_nothing_behind() {
        let mut permissions = some();
        permissions.forget_scopes(API, |scope| scope == "write");
        assert_eq!(permissions_of(&permissions, ROLE), [(API, "write".to_owned()), (11, "read".to_owned())]);
        assert_eq!(permissions.of(OTHER).len(), 0);
        permissions.forget_owner(ROLE);
        assert!(permissions.of_owner.is_empty() && permissions.of_api.is_empty(), "{permissions:?}");
    }
}
