//! Pairs of entities of two collections, indexed by both sides.

use std::collections::HashMap;

use super::Seq;
use super::positions::Positions;

/// A set of pairs. The partners of an entity are in the order of their creation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relation {
    forward: HashMap<Seq, Positions>,
    backward: HashMap<Seq, Positions>,
}

impl Relation {
    /// Joins two entities; `false` if they were joined before.
    pub(crate) fn join(&mut self, left: Seq, right: Seq) -> bool {
        self.backward.entry(right).or_default().insert(left);
        self.forward.entry(left).or_default().insert(right)
    }

    /// Separates two entities; `false` if they were not joined.
    pub(super) fn part(&mut self, left: Seq, right: Seq) -> bool {
        remove(&mut self.backward, right, left);
        remove(&mut self.forward, left, right)
    }

    /// Whether two entities are joined.
    pub(crate) fn holds(&self, left: Seq, right: Seq) -> bool {
        self.of_left(left).contains(right)
    }

    /// The partners of an entity on the left.
    pub(crate) fn of_left(&self, left: Seq) -> &Positions {
        static NONE: Positions = Positions::none();
        self.forward.get(&left).unwrap_or(&NONE)
    }

    /// The partners of an entity on the right.
    pub(crate) fn of_right(&self, right: Seq) -> &Positions {
        static NONE: Positions = Positions::none();
        self.backward.get(&right).unwrap_or(&NONE)
    }

    /// Separates an entity on the left from all its partners.
    pub(crate) fn forget_left(&mut self, left: Seq) {
        for right in self.forward.remove(&left).unwrap_or_default().as_slice() {
            remove(&mut self.backward, *right, left);
        }
    }

    /// Separates an entity on the right from all its partners.
    pub(crate) fn forget_right(&mut self, right: Seq) {
        for left in self.backward.remove(&right).unwrap_or_default().as_slice() {
            remove(&mut self.forward, *left, right);
        }
    }
}

fn remove(side: &mut HashMap<Seq, Positions>, from: Seq, partner: Seq) -> bool {
    let Some(partners) = side.get_mut(&from) else { return false };
    let removed = partners.remove(partner);
    if partners.is_empty() {
        side.remove(&from);
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::Relation;

    #[test]
    fn both_sides_see_the_same_pairs() {
        let mut relation = Relation::default();
        assert!(relation.join(1, 10));
        assert!(relation.join(1, 11));
        assert!(relation.join(2, 10));
        assert!(!relation.join(2, 10));
        assert_eq!(relation.of_right(10).as_slice(), [1, 2]);
        relation.forget_left(1);
        assert_eq!(relation.of_right(10).as_slice(), [2]);
        assert!(relation.of_right(11).is_empty());
        relation.forget_right(10);
        assert!(!relation.holds(2, 10));
        assert!(!relation.part(2, 10));
    }
}
