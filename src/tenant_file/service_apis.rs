//! The APIs that the service creates in each tenant. Their identifiers contain the domain of the tenant.

/// The name of the Management API.
pub(crate) const MANAGEMENT_API: &str = "Auth0 Management API";

/// The identifier in this tenant of an API that the service created in the tenant of an export: the Management API, the My
/// Account API or the My Organization API. `None` for any other identifier.
pub(crate) fn localized(audience: &str, own_management_audience: &str, own_domain: &str) -> Option<String> {
    let (host, path) = audience.strip_prefix("https://")?.split_once('/')?;
    let is_of_the_service = host.ends_with(".auth0.com") && ["api/v2/", "me/", "my-org/"].contains(&path);
    let base = own_management_audience.strip_suffix("api/v2/")?;
    (is_of_the_service && own_domain != host).then(|| format!("{base}{path}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::localized;

    #[rstest]
    #[case::the_management_api("https://clinic.us.auth0.com/api/v2/", Some("https://mock.example/api/v2/"))]
    #[case::my_account("https://clinic.us.auth0.com/me/", Some("https://mock.example/me/"))]
    #[case::an_api_of_the_user("https://orders.example/api/v2/", None)]
    #[case::another_path("https://clinic.us.auth0.com/orders/", None)]
    fn an_api_of_another_tenant(#[case] audience: &str, #[case] expected: Option<&str>) {
        let own = localized(audience, "https://mock.example/api/v2/", "mock.example");
        assert_eq!(own.as_deref(), expected);
    }

    #[test]
    fn an_api_of_the_tenant_itself_stays() {
        let own = "https://clinic.us.auth0.com/api/v2/";
        assert_eq!(localized(own, own, "clinic.us.auth0.com"), None);
    }
}
