//! The states of a tenant's signing keys: current, next, previous, revoked ("Signing Keys").
//!
//! The keys have an order. One is *current* and signs, the key after it is *next*, the keys before it are *previous*:
//! their tokens stay valid until the key is *revoked*. This module has the numbers of the keys; `token` has the keys.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The most revoked keys in the list: the last three (documented for the dashboard).
const LISTED_REVOKED: usize = 3;

/// The states of a tenant's keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SigningKeys {
    /// The keys that are or were current, by number: when each began to sign.
    since: Vec<SystemTime>,
    /// The revoked keys, in the order of their revocation.
    revoked: Vec<(usize, SystemTime)>,
}

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// It signs.
    Current {
        /// From this moment on.
        since: SystemTime,
    },
    /// It is published, and signs after the next rotation.
    Next,
    /// It no longer signs. Its tokens are valid.
    Previous {
        /// When it began to sign.
        since: SystemTime,
        /// When it stopped signing.
        until: SystemTime,
    },
    /// Its tokens are no longer valid.
    Revoked {
        /// When it began to sign.
        since: SystemTime,
        /// When it stopped signing.
        until: SystemTime,
        /// When it was revoked.
        at: SystemTime,
    },
}

/// No key is left that could become the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoFurtherKey;

/// Only a previous key can be revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotPrevious;

impl SigningKeys {
    /// The keys of a new tenant: the first key signs from this moment on.
    pub(crate) fn since(start: SystemTime) -> Self {
        SigningKeys { since: vec![start], revoked: Vec::new() }
    }

    /// The problem of imported states, for this number of keys and a clock that ends at this moment.
    pub(crate) fn problem(&self, keys: usize, end: SystemTime) -> Option<&'static str> {
        let mut revoked: Vec<usize> = self.revoked.iter().map(|(number, _)| *number).collect();
        revoked.sort_unstable();
        let moments = self.since.iter().chain(self.revoked.iter().map(|(_, at)| at));
        if self.since.is_empty() {
            Some("no key signs")
        } else if self.since.len() >= keys {
            Some("there are not as many keys")
        } else if revoked.last().is_some_and(|last| *last >= self.current()) {
            Some("a key is revoked that is not a previous one")
        } else if revoked.windows(2).any(|pair| pair[0] == pair[1]) {
            Some("a key is revoked twice")
        } else if moments.clone().any(|at| *at < UNIX_EPOCH || *at > end) {
            Some("a moment is before 1970 or after the year 9999")
        } else {
            None
        }
    }

    /// The number of the key that signs.
    pub(crate) fn current(&self) -> usize {
        self.since.len() - 1
    }

    /// The number of the key that signs after the next rotation.
    pub(crate) fn next(&self) -> usize {
        self.since.len()
    }

    /// The state of a key; `None` for a key after the next one.
    pub(crate) fn state(&self, number: usize) -> Option<KeyState> {
        if number == self.next() {
            return Some(KeyState::Next);
        }
        let since = *self.since.get(number)?;
        let Some(until) = self.since.get(number + 1).copied() else { return Some(KeyState::Current { since }) };
        Some(match self.revoked.iter().find(|(revoked, _)| *revoked == number) {
            Some((_, at)) => KeyState::Revoked { since, until, at: *at },
            None => KeyState::Previous { since, until },
        })
    }

    /// The keys whose tokens are valid: the current one, the next one, and the previous ones, the latest first.
    pub(crate) fn valid(&self) -> impl Iterator<Item = usize> {
        let previous = (0..self.current()).rev().filter(|number| self.revoked.iter().all(|(other, _)| other != number));
        [self.current(), self.next()].into_iter().chain(previous)
    }

    /// The listed keys: the valid ones, and the latest revoked ones.
    pub(crate) fn listed(&self) -> impl Iterator<Item = usize> {
        let revoked = self.revoked.iter().rev().take(LISTED_REVOKED).map(|(number, _)| *number);
        self.valid().chain(revoked)
    }

    /// The next key becomes the current one, which becomes a previous one.
    ///
    /// # Errors
    ///
    /// None of this number of keys is left to become the next one.
    pub(crate) fn rotate(&mut self, at: SystemTime, keys: usize) -> Result<(), NoFurtherKey> {
        if self.next() + 1 >= keys {
            return Err(NoFurtherKey);
        }
        self.since.push(at);
        Ok(())
    }

    /// Revokes a previous key.
    ///
    /// # Errors
    ///
    /// The key is not a previous one.
    pub(crate) fn revoke(&mut self, number: usize, at: SystemTime) -> Result<(), NotPrevious> {
        match self.state(number) {
            Some(KeyState::Previous { .. }) => {
                self.revoked.push((number, at));
                Ok(())
            }
            Some(KeyState::Current { .. } | KeyState::Next | KeyState::Revoked { .. }) | None => Err(NotPrevious),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const KEYS: usize = 7;

    fn hour(number: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(3600 * number)
    }

    fn rotated(times: u64) -> SigningKeys {
        let mut keys = SigningKeys::since(hour(0));
        (1..=times).for_each(|number| keys.rotate(hour(number), KEYS).expect("a further key"));
        keys
    }

    fn valid(keys: &SigningKeys) -> Vec<usize> {
        keys.valid().collect()
    }

    #[test]
    fn the_next_key_becomes_the_current_one_and_that_a_previous_one() {
        let keys = rotated(1);
        assert_eq!(valid(&keys), [1, 2, 0]);
        assert_eq!(keys.state(0), Some(KeyState::Previous { since: hour(0), until: hour(1) }));
        assert_eq!(keys.state(1), Some(KeyState::Current { since: hour(1) }));
        assert_eq!(keys.state(2), Some(KeyState::Next));
        assert_eq!(keys.state(3), None);
    }

    #[test]
    fn a_revoked_key_is_listed_and_no_longer_good() {
        let mut keys = rotated(2);
        assert_eq!(keys.revoke(0, hour(5)), Ok(()));
        assert_eq!(valid(&keys), [2, 3, 1]);
        assert_eq!(keys.listed().collect::<Vec<_>>(), [2, 3, 1, 0]);
        assert_eq!(keys.state(0), Some(KeyState::Revoked { since: hour(0), until: hour(1), at: hour(5) }));
    }

    #[test]
    fn only_a_previous_key_can_be_revoked() {
        let mut keys = rotated(1);
        for number in [1, 2, 3, usize::MAX - 1] {
            assert_eq!(keys.revoke(number, hour(2)), Err(NotPrevious), "{number}");
        }
        assert_eq!((keys.revoke(0, hour(2)), keys.revoke(0, hour(3))), (Ok(()), Err(NotPrevious)));
    }

    #[test]
    fn three_revoked_keys_are_listed_the_last_one_first() {
        let mut keys = rotated(5);
        [3, 0, 1, 2].into_iter().for_each(|number| keys.revoke(number, hour(9)).expect("a previous key"));
        assert_eq!(keys.listed().collect::<Vec<_>>(), [5, 6, 4, 2, 1, 0]);
    }

    #[test]
    fn a_key_is_never_used_again() {
        let mut keys = rotated(5);
        let before = keys.clone();
        assert_eq!(keys.rotate(hour(9), KEYS), Err(NoFurtherKey));
        assert_eq!(keys, before);
    }
}
