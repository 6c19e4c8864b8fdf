//! The result of a rule: a decision, and the ids of the rules that lead to it.

/// A decision with its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ruling<Decision> {
    /// The decision.
    pub decision: Decision,
    /// The ids of the rules applied, the deciding one first.
    pub rules: &'static [&'static str],
}

impl<Decision> Ruling<Decision> {
    pub(super) const fn new(decision: Decision, rules: &'static [&'static str]) -> Self {
        Ruling { decision, rules }
    }
}
