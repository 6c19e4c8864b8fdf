//! Every relation of a tenant as lists of ids, for exports and snapshots: the links of the data model, members and their
//! roles, and permissions.

use super::collection::Collection;
use super::model::{Kind, LINKS, LinkSpec};
use super::permissions::Permissions;
use super::seq::Seq;
use super::state::State;

/// The ids of one relation's sides, and the scope if it is a permission.
pub(super) type Related<'s> = Vec<&'s str>;

/// The relation that exports write with numbers, because the order of members is not in the ids.
pub(super) const MEMBERS: &str = "organization_members";

impl State {
    /// Every relation by its name, in the order of the entities on the left.
    pub(crate) fn relations(&self) -> Vec<(&'static str, Vec<Related<'_>>)> {
        let links = LINKS.iter().map(|spec| (spec.name, self.pairs(spec)));
        let others = [
            (MEMBERS, self.member_ids()),
            ("organization_member_roles", self.member_role_ids()),
            ("role_permissions", self.permissions_of(Kind::Role, &self.role_permissions)),
            ("user_permissions", self.permissions_of(Kind::User, &self.user_permissions)),
        ];
        links.chain(others).collect()
    }

    fn pairs(&self, spec: &LinkSpec) -> Vec<Related<'_>> {
        let (left, right, relation) = (&self[spec.left], &self[spec.right], &self[spec.link]);
        let partners = |seq: Seq| relation.of_left(seq).iter().map(move |partner| (seq, partner));
        let pairs = left.order().iter().flat_map(partners);
        pairs.map(|(one, other)| related([(left, one), (right, other)])).collect()
    }

    fn member_ids(&self) -> Vec<Related<'_>> {
        let (organizations, users) = (&self[Kind::Organization], &self[Kind::User]);
        let of = |organization: Seq| {
            let members = self.members.of_left(organization).iter();
            members.map(move |member| related([(organizations, organization), (users, member.user)]))
        };
        organizations.order().iter().flat_map(of).collect()
    }

    fn member_role_ids(&self) -> Vec<Related<'_>> {
        let (organizations, users, roles) = (&self[Kind::Organization], &self[Kind::User], &self[Kind::Role]);
        let of = |organization: Seq| {
            self.members.of_left(organization).iter().flat_map(move |member| {
                let member_roles = self.member_roles.of_member(organization, member.user);
                member_roles
                    .map(move |role| related([(organizations, organization), (users, member.user), (roles, role)]))
            })
        };
        organizations.order().iter().flat_map(of).collect()
    }

    fn permissions_of<'s>(&'s self, owner: Kind, permissions: &'s Permissions) -> Vec<Related<'s>> {
        let (owners, apis) = (&self[owner], &self[Kind::ResourceServer]);
        let of = |owner: Seq| {
            permissions.of(owner).map(move |(api, scope)| {
                let mut permission = related([(owners, owner), (apis, api)]);
                permission.push(scope);
                permission
            })
        };
        owners.order().iter().flat_map(of).collect()
    }

    /// Adds one entry of a relation; `false` if it exists.
    ///
    /// # Errors
    ///
    /// The mistake in the entry, as a clause.
    pub(super) fn relate(&mut self, relation: &str, ids: &[&str]) -> Result<bool, String> {
        if let Some(spec) = LINKS.iter().find(|spec| spec.name == relation) {
            return self.join(spec, ids);
        }
        match (relation, ids) {
            ("organization_member_roles", [organization, user, role]) => {
                let (organization, user) = (self.seq(Kind::Organization, organization)?, self.seq(Kind::User, user)?);
                if !self.members.holds(organization, user) {
                    return Err("the user is no member".to_owned());
                }
                let role = self.seq(Kind::Role, role)?;
                Ok(self.member_roles.assign(organization, user, role))
            }
            ("role_permissions", [role, api, scope]) => {
                let (role, api) = (self.seq(Kind::Role, role)?, self.seq(Kind::ResourceServer, api)?);
                Ok(self.role_permissions.give(role, api, scope))
            }
            ("user_permissions", [user, api, scope]) => {
                let (user, api) = (self.seq(Kind::User, user)?, self.seq(Kind::ResourceServer, api)?);
                Ok(self.user_permissions.give(user, api, scope))
            }
            _ => Err(WRONG_NUMBER.to_owned()),
        }
    }

    fn join(&mut self, spec: &LinkSpec, ids: &[&str]) -> Result<bool, String> {
        let [left, right] = ids else { return Err(WRONG_NUMBER.to_owned()) };
        let (left, right) = (self.seq(spec.left, left)?, self.seq(spec.right, right)?);
        match spec.within {
            Some(outer) if !self[outer].holds(left, right) => Err(format!("the pair is not in {}", outer.spec().name)),
            _ => Ok(self[spec.link].join(left, right)),
        }
    }

    /// The sequence number of an entity that a relation names.
    pub(super) fn seq(&self, kind: Kind, id: &str) -> Result<Seq, String> {
        self[kind].seq(id).ok_or_else(|| format!("{id:?} is not in {}", kind.spec().name))
    }
}

const WRONG_NUMBER: &str = "the relation takes another number of ids";

fn related<'s, const COUNT: usize>(entities: [(&'s Collection, Seq); COUNT]) -> Related<'s> {
    entities.into_iter().filter_map(|(collection, seq)| collection.id_at(seq)).collect()
}
