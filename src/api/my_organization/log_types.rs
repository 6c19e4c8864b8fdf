//! The types of log entries about the My Organization API.

/// The types of entries about an operation: of a success, and of a refusal. The vendor documents none about members, invitations and
/// roles, nor about the deletion of an organization.
pub(in crate::api) fn of(row: &str) -> Option<(&'static str, &'static str)> {
    match row.strip_prefix("/my-org/")?.split('/').next()? {
        "details" => Some(("my_organization_api_org_details_succeeded", "my_organization_api_org_details_failed")),
        "domains" => Some(("my_organization_api_domain_succeeded", "my_organization_api_domain_failed")),
        "identity-providers" => Some(("my_organization_api_idp_succeeded", "my_organization_api_idp_failed")),
        _ => None,
    }
}
