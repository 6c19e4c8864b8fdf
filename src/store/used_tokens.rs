//! The used client assertions and DPoP proofs, until they expire, so that each is valid once.

use std::collections::{BTreeSet, HashMap};

use crate::domain::OneUse;

/// The used tokens of one kind that have not expired. Each has an owner, whose `jti`s differ: the client of an assertion, or
/// the key of a proof.
#[derive(Clone, Debug, Default)]
pub(crate) struct UsedTokens {
    /// By owner, then `jti`: when it expires.
    owners: HashMap<String, HashMap<String, i64>>,
    /// The same in the order of expiry: expiry, owner, `jti`.
    ends: BTreeSet<(i64, String, String)>,
}

/// Why a token cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spent {
    /// It was used before.
    Used,
    /// There are too many: their number.
    Full(usize),
}

impl UsedTokens {
    /// The maximum number. A token that is forgotten before its expiry could be used again, so further tokens are refused.
    pub(crate) const MOST: usize = 100_000;

    /// Uses a token.
    ///
    /// # Errors
    ///
    /// The owner has used it before, or the maximum is reached.
    pub(crate) fn spend(&mut self, owner: &str, one: OneUse<'_>, now: i64) -> Result<(), Spent> {
        self.forget_expired(now);
        if self.owners.get(owner).is_some_and(|used| used.contains_key(one.id)) {
            return Err(Spent::Used);
        }
        if self.ends.len() >= Self::MOST {
            return Err(Spent::Full(Self::MOST));
        }
        self.owners.entry(owner.to_owned()).or_default().insert(one.id.to_owned(), one.expires);
        self.ends.insert((one.expires, owner.to_owned(), one.id.to_owned()));
        Ok(())
    }

    /// All used tokens, in the order of expiry: expiry, owner and `jti`.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(i64, String, String)> {
        self.ends.iter()
    }

    /// Adds an imported token; `false` if it exists, or the maximum is reached.
    pub(crate) fn restore(&mut self, owner: String, jti: String, expires: i64) -> bool {
        self.ends.len() < Self::MOST
            && self.owners.entry(owner.clone()).or_default().insert(jti.clone(), expires).is_none()
            && self.ends.insert((expires, owner, jti))
    }

    /// Forgets the tokens of an owner.
    pub(crate) fn forget(&mut self, owner: &str) {
        for (id, expires) in self.owners.remove(owner).unwrap_or_default() {
            self.ends.remove(&(expires, owner.to_owned(), id));
        }
    }

    fn forget_expired(&mut self, now: i64) {
        while self.ends.first().is_some_and(|(expires, ..)| *expires <= now)
            && let Some((_, owner, id)) = self.ends.pop_first()
        {
            let Some(used) = self.owners.get_mut(&owner) else { continue };
            used.remove(&id);
            if used.is_empty() {
                self.owners.remove(&owner);
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
    fn a_token_is_used_once_by_each_owner() {
        let mut used = UsedTokens::default();
        assert_eq!(used.spend("bot", one("a", 100), 0), Ok(()));
        assert_eq!(used.spend("bot", one("a", 200), 99), Err(Spent::Used));
        assert_eq!(used.spend("other", one("a", 100), 99), Ok(()));
    }

    #[test]
    fn what_has_expired_is_forgotten() {
        let mut used = UsedTokens::default();
        used.spend("bot", one("a", 100), 0).unwrap();
        used.spend("bot", one("b", 101), 0).unwrap();
        used.spend("other", one("c", 500), 100).unwrap();
        assert_eq!((used.ends.len(), used.owners["bot"].len()), (2, 1));
        used.spend("other", one("d", 500), 101).unwrap();
        assert_eq!((used.ends.len(), used.owners.len()), (2, 1));
    }

    #[test]
    fn a_new_owner_with_the_id_of_a_forgotten_one_has_used_nothing() {
        let mut used = UsedTokens::default();
        used.spend("bot", one("a", 100), 0).unwrap();
        used.forget("bot");
        assert!(used.ends.is_empty() && used.owners.is_empty());
        assert_eq!(used.spend("bot", one("a", 300), 50), Ok(()));
        // The expiry of the forgotten token has no effect on this one.
        assert_eq!(used.spend("bot", one("a", 300), 150), Err(Spent::Used));
    }

    #[test]
    fn at_the_maximum_nothing_is_forgotten_and_nothing_added() {
        let mut used = UsedTokens::default();
        for number in 0..UsedTokens::MOST {
            used.spend("bot", one(&number.to_string(), 300), 0).unwrap();
        }
        assert_eq!(used.spend("bot", one("a", 300), 0), Err(Spent::Full(UsedTokens::MOST)));
        assert_eq!(used.spend("bot", one("0", 300), 299), Err(Spent::Used));
        assert_eq!(used.spend("bot", one("a", 600), 300), Ok(()));
        assert_eq!(used.ends.len(), 1);
    }
}
