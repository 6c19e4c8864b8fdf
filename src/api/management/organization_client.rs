//! How an organization shows one of its applications in the list of `/organizations`.

use serde_json::{Map, json};

use crate::store::{Document, State};

/// An organization with `client`, if the query asks for a client that it has (`include_client_association_for`,
/// recorded).
pub(super) fn beside(state: &State, organization: &Document, client: Option<&str>) -> Document {
    let of_organization = |id: &str| {
        let clients = state.organization_clients.get(organization.get("id")?.as_str()?)?;
        clients.get(id)?.get("use_for_member_access").cloned()
    };
    match client.and_then(of_organization) {
        None => Document::clone(organization),
        Some(used) => {
            let mut shown = Map::clone(organization);
            shown.insert("client".to_owned(), json!({ "use_for_member_access": used }));
            Document::new(shown)
        }
    }
}
