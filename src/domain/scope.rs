//! Sets of scopes, and the scopes of a token.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Scopes in the order in which they were named, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub(crate) struct ScopeSet(Vec<String>);

impl ScopeSet {
    /// Reads the wire form: one text with spaces between the scopes.
    pub(crate) fn parse(text: &str) -> Self {
        text.split(' ').filter(|scope| !scope.is_empty()).collect()
    }

    /// Whether there is no scope at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the set has this scope.
    pub(crate) fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|other| other == scope)
    }

    /// Adds a scope at the end, unless the set has it.
    pub(crate) fn add(&mut self, scope: impl Into<String>) {
        let scope = scope.into();
        if !self.contains(&scope) {
            self.0.push(scope);
        }
    }

    /// Removes a scope.
    pub(crate) fn remove(&mut self, scope: &str) {
        self.0.retain(|other| other != scope);
    }

    /// The scopes that both sets have, in the order of this one.
    pub(crate) fn within(&self, other: &ScopeSet) -> ScopeSet {
        let other: HashSet<&str> = other.iter().collect();
        self.iter().filter(|scope| other.contains(scope)).collect()
    }

    /// The scopes in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        let mut seen = HashSet::new();
        ScopeSet(scopes.into_iter().map(Into::into).filter(|scope: &String| seen.insert(scope.clone())).collect())
    }
}

impl From<Vec<String>> for ScopeSet {
    fn from(scopes: Vec<String>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<ScopeSet> for Vec<String> {
    fn from(scopes: ScopeSet) -> Self {
        scopes.0
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// The scopes of a token: all scopes of the grant if the request names none (R74), else the named ones (R75).
///
/// # Errors
/// The scopes that the grant does not have (R76), in the order of the request.
pub(crate) fn grant(requested: &ScopeSet, granted: &ScopeSet) -> Result<ScopeSet, ScopeSet> {
    if requested.is_empty() {
        return Ok(granted.clone());
    }
    // A set, not a list: a request may name as many scopes as fit into its body.
    let granted: HashSet<&str> = granted.iter().collect();
    let missing: ScopeSet = requested.iter().filter(|scope| !granted.contains(scope)).collect();
    if missing.is_empty() { Ok(requested.clone()) } else { Err(missing) }
}

#[cfg(test)]
mod tests {
    use super::{ScopeSet, grant};

    fn scopes(text: &str) -> ScopeSet {
        ScopeSet::parse(text)
    }

    // proves R74
    #[test]
    fn without_a_scope_in_the_request_every_scope_of_the_grant_is_given() {
        assert_eq!(grant(&scopes(""), &scopes("read:trips write:trips")), Ok(scopes("read:trips write:trips")));
    }

    // proves R75
    #[test]
    fn some_scopes_of_the_grant_can_be_asked_for() {
        assert_eq!(grant(&scopes("write:trips"), &scopes("read:trips write:trips")), Ok(scopes("write:trips")));
    }

    // proves R76
    #[test]
    fn a_scope_outside_the_grant_is_refused_and_named() {
        assert_eq!(grant(&scopes("read:trips openid admin"), &scopes("read:trips")), Err(scopes("openid admin")));
    }

    #[test]
    fn scopes_come_and_go() {
        let mut set = scopes("a b c");
        set.remove("a");
        set.add("d");
        set.add("b");
        assert_eq!(set, scopes("b c d"));
        assert_eq!(set.within(&scopes("d a c")), scopes("c d"));
    }

    #[test]
    fn a_scope_named_twice_counts_once() {
        assert_eq!(scopes(" a  b a ").to_string(), "a b");
    }
}
