//! How a reason names an entity: its kind, its name and its id, as in `client "Partner bot" (4V6U…)`.
//!
//! A person who reads a refusal knows the name; a test compares the id. An entity without a name, or with its id for a
//! name, has its id alone.

use crate::domain::BoundedText;
use crate::store::views::{ClientView, OrganizationView, ResourceServerView};
use crate::store::{Kind, State};

/// A name that a reason repeats, in at most 100 bytes.
type Name = BoundedText<100>;

pub(super) fn client(client: &ClientView<'_>) -> String {
    label("client", client.name(), client.id())
}

pub(super) fn api(api: &ResourceServerView<'_>) -> String {
    label("API", api.name(), api.identifier())
}

pub(super) fn organization(organization: &OrganizationView<'_>) -> String {
    label("organization", organization.name(), organization.id())
}

/// The organization with this id, or only the id if there is none.
pub(super) fn organization_with_id(state: &State, id: &str) -> String {
    match state[Kind::Organization].get(id) {
        Some(found) => organization(&OrganizationView(found)),
        None => label("organization", "", id),
    }
}

fn label(kind: &str, name: &str, id: &str) -> String {
    if name.is_empty() || name == id {
        return format!("{kind} {id}");
    }
    format!("{kind} \"{}\" ({id})", Name::from(name))
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn an_entity_has_its_name_before_its_id() {
        assert_eq!(label("client", "Partner bot", "4V6U"), r#"client "Partner bot" (4V6U)"#);
    }

    #[test]
    fn an_entity_without_a_name_of_its_own_has_its_id_alone() {
        assert_eq!(label("client", "", "4V6U"), "client 4V6U");
        assert_eq!(label("API", "urn:trips", "urn:trips"), "API urn:trips");
    }

    #[test]
    fn a_long_name_is_cut() {
        let label = label("client", &"e".repeat(5000), "4V6U");
        assert!(label.ends_with("e…\" (4V6U)"), "{label}");
        assert_eq!(label.len(), "client \"\" (4V6U)".len() + 100);
    }
}
