//! How a reason names an entity: its kind, its name and its id, as in `client "Partner bot" (4V6U…)`.
//!
//! A person who reads a refusal knows the name; a test compares the id. An entity without a name, or with its id for a
//! name, has its id alone.

use crate::store::State;
use crate::store::views::{ClientView, OrganizationView, ResourceServerView};

/// The longest name that a reason repeats, in characters.
const LONGEST_NAME: usize = 100;

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
    match state.organizations.get(id) {
        Some(found) => organization(&OrganizationView(found)),
        None => label("organization", "", id),
    }
}

fn label(kind: &str, name: &str, id: &str) -> String {
    if name.is_empty() || name == id {
        return format!("{kind} {id}");
    }
    let end = name.char_indices().nth(LONGEST_NAME);
    match end {
        Some((end, _)) => format!("{kind} \"{}…\" ({id})", &name[..end]),
        None => format!("{kind} \"{name}\" ({id})"),
    }
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
        let label = label("client", &"é".repeat(5000), "4V6U");
        assert_eq!(label.chars().count(), "client \"…\" (4V6U)".chars().count() + 100);
    }
}
