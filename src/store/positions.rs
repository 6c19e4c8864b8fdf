//! A sorted list of creation numbers, from which a page is read without walking the pages before it.

use super::seq::Seq;

/// Ascending sequence numbers.
///
/// Entities get their number when they are made and keep it, so adding is nearly always a push, and removing a binary
/// search with a move of what follows (some microseconds at a hundred thousand).
#[derive(Clone, Debug, Default)]
pub(crate) struct Positions(Vec<Seq>);

impl Positions {
    /// An empty list.
    pub(crate) const fn none() -> Self {
        Positions(Vec::new())
    }

    /// Adds a number; `false` if it was there.
    pub(crate) fn insert(&mut self, seq: Seq) -> bool {
        match self.0.last() {
            Some(last) if *last >= seq => match self.0.binary_search(&seq) {
                Ok(_) => false,
                Err(at) => {
                    self.0.insert(at, seq);
                    true
                }
            },
            _ => {
                self.0.push(seq);
                true
            }
        }
    }

    /// Takes a number out; `false` if it was not there.
    pub(crate) fn remove(&mut self, seq: Seq) -> bool {
        self.0.binary_search(&seq).is_ok_and(|at| {
            self.0.remove(at);
            true
        })
    }

    /// Whether a number is there.
    pub(crate) fn contains(&self, seq: Seq) -> bool {
        self.0.binary_search(&seq).is_ok()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, oldest first.
    pub(crate) fn as_slice(&self) -> &[Seq] {
        &self.0
    }

    /// All of them, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = Seq> + '_ {
        self.0.iter().copied()
    }
}
