//! A sorted list of sequence numbers, from which a page is read without reading the pages before it.

use super::seq::Seq;

/// Ascending sequence numbers.
///
/// Entities get their number when they are created and keep it. So an insertion is nearly always a push, and a removal
/// is a binary search and a move of the later numbers (some microseconds at a hundred thousand).
#[derive(Clone, Debug, Default)]
pub(crate) struct Positions(Vec<Seq>);

impl Positions {
    /// An empty list.
    pub(crate) const fn none() -> Self {
        Positions(Vec::new())
    }

    /// Adds a number; `false` if the list had it.
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

    /// Removes a number; `false` if the list did not have it.
    pub(crate) fn remove(&mut self, seq: Seq) -> bool {
        self.0.binary_search(&seq).is_ok_and(|at| {
            self.0.remove(at);
            true
        })
    }

    /// Whether the list has a number.
    pub(crate) fn contains(&self, seq: Seq) -> bool {
        self.0.binary_search(&seq).is_ok()
    }

    /// The length of the list.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the list is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers in ascending order.
    pub(crate) fn as_slice(&self) -> &[Seq] {
        &self.0
    }

    /// The numbers in ascending order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = Seq> + '_ {
        self.0.iter().copied()
    }
}
