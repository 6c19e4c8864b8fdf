//! The used client assertions, until they expire, so that each is valid once.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::domain::client_assertion::{Cause, OneUse};

/// Every used assertion that has not expired.
#[derive(Clone, Debug, Default)]
pub(crate) struct UsedAssertions {
    /// By client, then `jti`: when it expires.
    clients: HashMap<String, HashMap<String, i64>>,
    /// The same in the order of expiry: expiry, client, `jti`.
    ends: BTreeSet<(i64, String, String)>,
}

/// The serialized form of a used assertion.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsedAssertion {
    /// The client that used it.
    pub client_id: String,
    /// Its `jti`.
    pub jti: String,
    /// When it expires, in seconds since the Unix epoch.
    pub expires: i64,
}

impl UsedAssertions {
    /// The maximum number. An assertion that is forgotten before its expiry could be used again, so further assertions
    /// are refused.
    pub(crate) const MOST: usize = 100_000;

    /// Uses an assertion.
    ///
    /// # Errors
    ///
    /// The client has used it before, or the maximum is reached.
    pub(crate) fn spend(&mut self, client_id: &str, one: OneUse<'_>, now: i64) -> Result<(), Cause> {
        self.forget_expired(now);
        if self.clients.get(client_id).is_some_and(|used| used.contains_key(one.id)) {
            return Err(Cause::Used(one.id.to_owned()));
        }
        if self.ends.len() >= Self::MOST {
            return Err(Cause::Full(Self::MOST));
        }
        self.clients.entry(client_id.to_owned()).or_default().insert(one.id.to_owned(), one.expires);
        self.ends.insert((one.expires, client_id.to_owned(), one.id.to_owned()));
        Ok(())
    }

    /// All used assertions, in the order of expiry.
    pub(crate) fn list(&self) -> Vec<UsedAssertion> {
        let used = |(expires, client_id, jti): &(i64, String, String)| UsedAssertion {
            client_id: client_id.clone(),
            jti: jti.clone(),
            expires: *expires,
        };
        self.ends.iter().map(used).collect()
    }

    /// Adds an imported assertion; `false` if it exists, or the maximum is reached.
    pub(crate) fn restore(&mut self, used: UsedAssertion) -> bool {
        let UsedAssertion { client_id, jti, expires } = used;
        self.ends.len() < Self::MOST
            && self.clients.entry(client_id.clone()).or_default().insert(jti.clone(), expires).is_none()
            && self.ends.insert((expires, client_id, jti))
    }

    /// Forgets the assertions of a client.
    pub(crate) fn forget(&mut self, client_id: &str) {
        for (id, expires) in self.clients.remove(client_id).unwrap_or_default() {
            self.ends.remove(&(expires, client_id.to_owned(), id));
        }
    }

    fn forget_expired(&mut self, now: i64) {
        while self.ends.first().is_some_and(|(expires, ..)| *expires <= now)
            && let Some((_, client_id, id)) = self.ends.pop_first()
        {
            let Some(used) = self.clients.get_mut(&client_id) else { continue };
            used.remove(&id);
            if used.is_empty() {
                self.clients.remove(&client_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: &str, expires: i64) -> OneUse<'_> {
        OneUse { id, expires }
    }

    #[test]
    fn an_assertion_is_used_once_by_each_client() {
        let mut used = UsedAssertions::default();
        assert_eq!(used.spend("bot", one("a", 100), 0), Ok(()));
        assert_eq!(used.spend("bot", one("a", 200), 99), Err(Cause::Used("a".to_owned())));
        assert_eq!(used.spend("other", one("a", 100), 99), Ok(()));
    }

    #[test]
    fn what_has_expired_is_forgotten() {
        let mut used = UsedAssertions::default();
        used.spend("bot", one("a", 100), 0).unwrap();
        used.spend("bot", one("b", 101), 0).unwrap();
        used.spend("other", one("c", 500), 100).unwrap();
        assert_eq!((used.ends.len(), used.clients["bot"].len()), (2, 1));
        used.spend("other", one("d", 500), 101).unwrap();
        assert_eq!((used.ends.len(), used.clients.len()), (2, 1));
    }

    #[test]
    fn a_new_client_with_the_id_of_a_forgotten_one_has_used_nothing() {
        let mut used = UsedAssertions::default();
        used.spend("bot", one("a", 100), 0).unwrap();
        used.forget("bot");
        assert!(used.ends.is_empty() && used.clients.is_empty());
        assert_eq!(used.spend("bot", one("a", 300), 50), Ok(()));
        // The expiry of the forgotten assertion has no effect on this one.
        assert_eq!(used.spend("bot", one("a", 300), 150), Err(Cause::Used("a".to_owned())));
    }

    #[test]
    fn at_the_maximum_nothing_is_forgotten_and_nothing_added() {
        let mut used = UsedAssertions::default();
        for number in 0..UsedAssertions::MOST {
            used.spend("bot", one(&number.to_string(), 300), 0).unwrap();
        }
        assert_eq!(used.spend("bot", one("a", 300), 0), Err(Cause::Full(UsedAssertions::MOST)));
        assert_eq!(used.spend("bot", one("0", 300), 299), Err(Cause::Used("0".to_owned())));
        assert_eq!(used.spend("bot", one("a", 600), 300), Ok(()));
        assert_eq!(used.ends.len(), 1);
    }
}
