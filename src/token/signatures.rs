//! The last signatures that a key made, by message.
//!
//! PKCS#1 signatures are deterministic, and a signature takes longer than the rest of a request. So a key signs the same
//! claims once: tokens of one client within a second are equal, and the Management API recognizes a token of this process
//! without verifying it again.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The number of signatures that a key remembers.
const MOST: usize = 256;

/// The largest message that a key remembers, in bytes.
const LONGEST: usize = 4096;

#[derive(Default)]
pub(super) struct Signatures {
    by_message: HashMap<Arc<[u8]>, Box<[u8]>>,
    oldest_first: VecDeque<Arc<[u8]>>,
}

impl Signatures {
    pub(super) fn of(&self, message: &[u8]) -> Option<&[u8]> {
        self.by_message.get(message).map(AsRef::as_ref)
    }

    /// Adds the signature of a message, and forgets the oldest one if there are too many.
    pub(super) fn add(&mut self, message: &[u8], signature: &[u8]) {
        if message.len() > LONGEST || self.by_message.contains_key(message) {
            return;
        }
        if self.oldest_first.len() == MOST
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_message.remove(&oldest);
        }
        let message: Arc<[u8]> = message.into();
        self.oldest_first.push_back(Arc::clone(&message));
        self.by_message.insert(message, signature.into());
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, MOST, Signatures};

    #[test]
    fn a_signature_is_found_by_its_message() {
        let mut signatures = Signatures::default();
        signatures.add(b"one", b"signature of one");
        signatures.add(b"one", b"another");
        assert_eq!(signatures.of(b"one"), Some(&b"signature of one"[..]));
        assert_eq!(signatures.of(b"two"), None);
    }

    #[test]
    fn only_the_last_signatures_are_remembered() {
        let mut signatures = Signatures::default();
        let message = |number: usize| number.to_be_bytes();
        for number in 0..=MOST {
            signatures.add(&message(number), b"signature");
        }
        assert_eq!(signatures.of(&message(0)), None);
        assert!((1..=MOST).all(|number| signatures.of(&message(number)).is_some()));
        assert_eq!((signatures.by_message.len(), signatures.oldest_first.len()), (MOST, MOST));
    }

    #[test]
    fn the_signature_of_a_long_message_is_not_remembered() {
        let mut signatures = Signatures::default();
        signatures.add(&[0; LONGEST], b"signature");
        signatures.add(&[0; LONGEST + 1], b"signature");
        assert!(signatures.of(&[0; LONGEST]).is_some() && signatures.of(&[0; LONGEST + 1]).is_none());
    }
}
