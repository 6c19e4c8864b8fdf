//! The members of organizations.

use std::collections::HashMap;

use super::Seq;
use super::positions::Positions;

/// The members of organizations: organization on the left, user on the right.
///
/// Unlike a [`Relation`](super::relation::Relation) it has the order in which users became members, which is the order
/// of the lists (recorded). A membership takes about seventy bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    by_organization: HashMap<Seq, Vec<Membership>>,
    /// The organizations of each user.
    by_user: HashMap<Seq, Positions>,
    /// The numbers of the memberships, by organization and user.
    numbers: HashMap<(Seq, Seq), Seq>,
    last: Seq,
}

/// One user in one organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    /// Its position among all memberships. A user who leaves and returns gets a new one.
    pub number: Seq,
    /// The user.
    pub user: Seq,
}

impl Members {
    /// Makes a user a member; `false` if it was one.
    pub(crate) fn join(&mut self, organization: Seq, user: Seq) -> bool {
        if self.holds(organization, user) {
            return false;
        }
        self.last += 1;
        self.numbers.insert((organization, user), self.last);
        self.by_organization.entry(organization).or_default().push(Membership { number: self.last, user });
        self.by_user.entry(user).or_default().insert(organization)
    }

    /// The number of the last membership that began.
    pub(crate) fn last(&self) -> Seq {
        self.last
    }

    /// Adds an imported membership, whose number must be greater than the others; `false` if the user is a member.
    pub(crate) fn restore(&mut self, organization: Seq, Membership { number, user }: Membership) -> bool {
        self.last = number.saturating_sub(1);
        self.join(organization, user)
    }

    /// Continues the numbers of memberships after this one.
    pub(crate) fn continue_after(&mut self, last: Seq) {
        self.last = last;
    }

    /// Ends a membership; `false` if there was none.
    pub(crate) fn part(&mut self, organization: Seq, user: Seq) -> bool {
        let Some(number) = self.numbers.remove(&(organization, user)) else { return false };
        if let Some(members) = self.by_organization.get_mut(&organization) {
            if let Ok(at) = members.binary_search_by_key(&number, |membership| membership.number) {
                members.remove(at);
            }
            if members.is_empty() {
                self.by_organization.remove(&organization);
            }
        }
        self.leave(user, organization);
        true
    }

    fn leave(&mut self, user: Seq, organization: Seq) {
        if let Some(organizations) = self.by_user.get_mut(&user) {
            organizations.remove(organization);
            if organizations.is_empty() {
                self.by_user.remove(&user);
            }
        }
    }

    /// Whether a user is a member of an organization.
    pub(crate) fn holds(&self, organization: Seq, user: Seq) -> bool {
        self.numbers.contains_key(&(organization, user))
    }

    /// The members of an organization, in the order in which they joined.
    pub(crate) fn of_left(&self, organization: Seq) -> &[Membership] {
        self.by_organization.get(&organization).map(Vec::as_slice).unwrap_or_default()
    }

    /// The organizations of a user, in the order of their creation.
    pub(crate) fn of_right(&self, user: Seq) -> &Positions {
        static NONE: Positions = Positions::none();
        self.by_user.get(&user).unwrap_or(&NONE)
    }

    /// Ends all memberships of an organization.
    pub(crate) fn forget_left(&mut self, organization: Seq) {
        for membership in self.by_organization.remove(&organization).unwrap_or_default() {
            self.numbers.remove(&(organization, membership.user));
            self.leave(membership.user, organization);
        }
    }

    /// Ends all memberships of a user.
    pub(crate) fn forget_right(&mut self, user: Seq) {
        for organization in self.of_right(user).clone().iter() {
            self.part(organization, user);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Members, Seq};

    #[derive(Clone, Debug)]
    enum Step {
        Join(Seq, Seq),
        Part(Seq, Seq),
        ForgetLeft(Seq),
        ForgetRight(Seq),
    }

    fn steps() -> impl Strategy<Value = Step> {
        let few = || 0..4u64;
        prop_oneof![
            4 => (few(), few()).prop_map(|(organization, user)| Step::Join(organization, user)),
            2 => (few(), few()).prop_map(|(organization, user)| Step::Part(organization, user)),
            1 => few().prop_map(Step::ForgetLeft),
            1 => few().prop_map(Step::ForgetRight),
        ]
    }

    proptest! {
        /// A comparison with a plain list of pairs in the order of their addition.
        #[test]
        fn members_are_in_the_order_in_which_they_joined(steps in proptest::collection::vec(steps(), 0..60)) {
            let mut members = Members::default();
            let mut model: Vec<(Seq, Seq)> = Vec::new();
            for step in steps {
                let before = model.len();
                match step {
                    Step::Join(o, u) => {
                        let new = !model.contains(&(o, u));
                        prop_assert_eq!(members.join(o, u), new);
                        model.extend(new.then_some((o, u)));
                    }
                    Step::Part(o, u) => {
                        model.retain(|pair| *pair != (o, u));
                        prop_assert_eq!(members.part(o, u), model.len() < before);
                    }
                    Step::ForgetLeft(o) => {
                        model.retain(|pair| pair.0 != o);
                        members.forget_left(o);
                    }
                    Step::ForgetRight(u) => {
                        model.retain(|pair| pair.1 != u);
                        members.forget_right(u);
                    }
                }
                for side in 0..4 {
                    let users: Vec<Seq> = members.of_left(side).iter().map(|membership| membership.user).collect();
                    let expected: Vec<Seq> = model.iter().filter(|pair| pair.0 == side).map(|pair| pair.1).collect();
                    prop_assert_eq!(users, expected);
                    prop_assert!(members.of_left(side).is_sorted_by_key(|membership| membership.number));
                    let mut expected: Vec<Seq> = model.iter().filter(|pair| pair.1 == side).map(|pair| pair.0).collect();
                    expected.sort_unstable();
                    prop_assert_eq!(members.of_right(side).as_slice(), expected);
                }
            }
        }
    }
}
