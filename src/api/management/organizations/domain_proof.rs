//! The parts of a discovery domain that do not depend on the API: its defaults, and the record that proves its ownership.

use std::sync::LazyLock;

use serde_json::json;

use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::json::object;
use crate::api::resource::{Defaults, Draft};
use crate::domain::IdShape;

/// The member with the organization.
pub(in crate::api) const OWNER: &str = "organization_id";

/// The maximum number of domains of an organization (entity limits, documented).
pub(in crate::api) const MOST_DOMAINS: usize = 100;

/// The defaults of a new domain (recorded).
pub(in crate::api) static DEFAULTS: Defaults =
    LazyLock::new(|| object(json!({ "status": "pending", "use_for_organization_discovery": true })));

/// Adds the TXT record that proves the ownership of a new domain.
pub(in crate::api) fn add_proof(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    if draft.is_new() {
        let host = format!("_ss-verification.{}.{}", draft.text(OWNER), draft.text("domain"));
        let proof = IdShape::DOMAIN_PROOF.draw(&mut call.state.random);
        draft.entity.insert("verification_host".to_owned(), host.into());
        draft.entity.insert("verification_txt".to_owned(), proof.into());
    }
    Ok(())
}
