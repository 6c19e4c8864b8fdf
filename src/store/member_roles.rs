//! The roles of users in organizations.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::positions::Positions;
use super::seq::Seq;

/// Triples of organization, user and role, indexed by the member and by the role.
///
/// A member has few roles and a role many members. So one index is a sorted set, and the other has a list for each role
/// and organization: about sixty bytes a triple.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemberRoles {
    /// Organization, user, role.
    by_member: BTreeSet<[Seq; 3]>,
    /// The users by role and organization.
    by_role: BTreeMap<[Seq; 2], Positions>,
}

impl MemberRoles {
    /// Gives a member a role; `false` if the member had it.
    pub(crate) fn assign(&mut self, organization: Seq, user: Seq, role: Seq) -> bool {
        self.by_role.entry([role, organization]).or_default().insert(user);
        self.by_member.insert([organization, user, role])
    }

    /// Takes a role from a member; `false` if the member did not have it.
    pub(crate) fn unassign(&mut self, organization: Seq, user: Seq, role: Seq) -> bool {
        if let Some(holders) = self.by_role.get_mut(&[role, organization]) {
            holders.remove(user);
            if holders.is_empty() {
                self.by_role.remove(&[role, organization]);
            }
        }
        self.by_member.remove(&[organization, user, role])
    }

    /// Whether a member has a role.
    pub(crate) fn holds(&self, organization: Seq, user: Seq, role: Seq) -> bool {
        self.by_member.contains(&[organization, user, role])
    }

    /// The roles of a member, oldest first.
    pub(crate) fn of_member(&self, organization: Seq, user: Seq) -> impl Iterator<Item = Seq> + '_ {
        self.by_member.range(below(&[organization, user])).map(|triple| triple[2])
    }

    /// The members of an organization that have a role.
    pub(crate) fn holders(&self, role: Seq, organization: Seq) -> &Positions {
        static NONE: Positions = Positions::none();
        self.by_role.get(&[role, organization]).unwrap_or(&NONE)
    }

    /// Removes all roles of a member.
    pub(crate) fn forget_member(&mut self, organization: Seq, user: Seq) {
        self.forget_below(&[organization, user]);
    }

    /// Removes all roles of all members of an organization.
    pub(crate) fn forget_organization(&mut self, organization: Seq) {
        self.forget_below(&[organization]);
    }

    fn forget_below(&mut self, start: &[Seq]) {
        let triples: Vec<[Seq; 3]> = self.by_member.range(below(start)).copied().collect();
        // The newest first: the removal of the last item of a list moves nothing.
        for [organization, user, role] in triples.into_iter().rev() {
            self.unassign(organization, user, role);
        }
    }

    /// Removes a role from all members.
    pub(crate) fn forget_role(&mut self, role: Seq) {
        let lists: Vec<[Seq; 2]> = self.by_role.range([role, 0]..=[role, Seq::MAX]).map(|(key, _)| *key).collect();
        for key in lists {
            for user in self.by_role.remove(&key).unwrap_or_default().iter() {
                self.by_member.remove(&[key[1], user, role]);
            }
        }
    }
}

/// The range of the triples with this beginning.
fn below(start: &[Seq]) -> RangeInclusive<[Seq; 3]> {
    let filled = |rest: Seq| [0, 1, 2].map(|at| start.get(at).copied().unwrap_or(rest));
    filled(0)..=filled(Seq::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{MemberRoles, Seq};

    #[derive(Clone, Debug)]
    enum Step {
        Assign([Seq; 3]),
        Unassign([Seq; 3]),
        ForgetMember(Seq, Seq),
        ForgetOrganization(Seq),
        ForgetRole(Seq),
    }

    fn steps() -> impl Strategy<Value = Step> {
        let few = || 0..4u64;
        prop_oneof![
            4 => [few(), few(), few()].prop_map(Step::Assign),
            1 => [few(), few(), few()].prop_map(Step::Unassign),
            1 => (few(), few()).prop_map(|(organization, user)| Step::ForgetMember(organization, user)),
            1 => few().prop_map(Step::ForgetOrganization),
            1 => few().prop_map(Step::ForgetRole),
        ]
    }

    proptest! {
        /// Against a plain set of triples: organization, user, role.
        #[test]
        fn either_side_sees_the_same_triples(steps in proptest::collection::vec(steps(), 0..60)) {
            let mut roles = MemberRoles::default();
            let mut model: BTreeSet<[Seq; 3]> = BTreeSet::new();
            for step in steps {
                match step {
                    Step::Assign([o, u, r]) => prop_assert_eq!(roles.assign(o, u, r), model.insert([o, u, r])),
                    Step::Unassign([o, u, r]) => prop_assert_eq!(roles.unassign(o, u, r), model.remove(&[o, u, r])),
                    Step::ForgetMember(o, u) => {
                        roles.forget_member(o, u);
                        model.retain(|triple| (triple[0], triple[1]) != (o, u));
                    }
                    Step::ForgetOrganization(o) => {
                        roles.forget_organization(o);
                        model.retain(|triple| triple[0] != o);
                    }
                    Step::ForgetRole(r) => {
                        roles.forget_role(r);
                        model.retain(|triple| triple[2] != r);
                    }
                }
                for (o, x) in (0..4).flat_map(|o| (0..4).map(move |x| (o, x))) {
                    let of_member: Vec<Seq> = model.iter().filter(|t| (t[0], t[1]) == (o, x)).map(|t| t[2]).collect();
                    prop_assert_eq!(roles.of_member(o, x).collect::<Vec<_>>(), of_member);
                    let holders: Vec<Seq> = model.iter().filter(|t| (t[0], t[2]) == (o, x)).map(|t| t[1]).collect();
                    prop_assert_eq!(roles.holders(x, o).as_slice(), holders);
                }
            }
        }
    }
}
