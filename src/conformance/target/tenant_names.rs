//! The names of a tenant: its addresses, the identifiers of its Management API, and the name in its documents. A comparison of
//! two tenants ignores them.

/// The names of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TenantNames {
    /// Addresses without a slash at the end: that of the requests, the issuer, and the origins of the system APIs.
    uris: Vec<String>,
    /// Identifiers of its Management API.
    audiences: Vec<String>,
    /// The name that is the first part of its domain, as its documents have it.
    tenant: String,
}

impl TenantNames {
    /// The names that follow from how the tenant is addressed.
    pub(crate) fn of_address(base: &str, audience: &str) -> TenantNames {
        let mut names = TenantNames::default();
        names.add_uri(base);
        names.add_audience(audience);
        names.tenant = first_part(authority(audience)).to_owned();
        names
    }

    /// Adds the issuer of its discovery document, whose first part is the name of the tenant.
    pub(super) fn set_issuer(&mut self, issuer: &str) {
        self.add_uri(issuer);
        first_part(authority(issuer)).clone_into(&mut self.tenant);
    }

    /// Sets the name that its documents have.
    pub(super) fn set_tenant(&mut self, tenant: &str) {
        tenant.clone_into(&mut self.tenant);
    }

    fn add_uri(&mut self, uri: &str) {
        let uri = uri.trim_end_matches('/');
        if !authority(uri).is_empty() && self.uris.iter().all(|known| known != uri) {
            self.uris.push(uri.to_owned());
        }
    }

    /// Adds an identifier of its Management API.
    pub(super) fn add_audience(&mut self, audience: &str) {
        if self.audiences.iter().all(|known| known != audience) {
            self.audiences.push(audience.to_owned());
        }
        if let Some(origin) = audience.strip_suffix("/api/v2/") {
            self.add_uri(origin);
        }
    }

    /// The name in its documents.
    pub(crate) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Its hosts, without ports.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.uris.iter().map(|uri| without_port(authority(uri)))
    }

    /// Each text that names this tenant and no other, with its placeholder.
    pub(crate) fn placeholders(&self) -> Vec<(&'static str, String)> {
        let mut names: Vec<(&str, String)> =
            self.audiences.iter().map(|audience| ("management.audience", audience.clone())).collect();
        for uri in &self.uris {
            names.push(("tenant.uri", uri.clone()));
            let host = authority(uri);
            names.push(("tenant.domain", host.to_owned()));
            // The log and some links have the host alone. A name of the local machine is in other addresses, too.
            if !is_local(without_port(host)) {
                names.push(("tenant.domain", without_port(host).to_owned()));
                names.push(("tenant.uri", format!("https://{}", without_port(host))));
            }
        }
        names
    }

    /// Addresses that have the tenant's name as the first part of their path.
    pub(crate) fn named_uris(&self) -> impl Iterator<Item = String> {
        self.placeholders()
            .into_iter()
            .filter(|(placeholder, _)| *placeholder == "tenant.uri")
            .map(|(_, uri)| format!("{uri}/{}/", self.tenant))
    }
}

fn authority(uri: &str) -> &str {
    uri.split_once("://").map_or("", |(_, rest)| rest).split('/').next().unwrap_or_default()
}

fn without_port(authority: &str) -> &str {
    let port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    authority.rsplit_once(':').filter(|(_, end)| port(end)).map_or(authority, |(host, _)| host)
}

fn first_part(authority: &str) -> &str {
    without_port(authority).split('.').next().unwrap_or_default()
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::TenantNames;

    fn names(base: &str, audience: &str) -> Vec<(&'static str, String)> {
        TenantNames::of_address(base, audience).placeholders()
    }

    #[test]
    fn a_tenant_has_its_address_its_domain_and_its_audience() {
        let names = names("https://payroll.eu.auth0.example", "https://payroll.eu.auth0.example/api/v2/");
        for expected in [
            ("management.audience", "https://payroll.eu.auth0.example/api/v2/"),
            ("tenant.uri", "https://payroll.eu.auth0.example"),
            ("tenant.domain", "payroll.eu.auth0.example"),
        ] {
            assert!(names.iter().any(|(placeholder, text)| (*placeholder, text.as_str()) == expected), "{names:?}");
        }
        let own =
            TenantNames::of_address("https://payroll.eu.auth0.example", "https://payroll.eu.auth0.example/api/v2/");
        assert_eq!(own.tenant(), "payroll");
        assert!(own.named_uris().any(|uri| uri == "https://payroll.eu.auth0.example/payroll/"));
    }

    #[test]
    fn a_name_of_the_local_machine_alone_names_nobody() {
        let names = names("http://127.0.0.1:8080", "http://localhost:8080/api/v2/");
        assert!(
            names.iter().any(|(_, text)| text == "127.0.0.1:8080")
                && names.iter().any(|(_, text)| text == "localhost:8080")
        );
        assert!(!names.iter().any(|(_, text)| text == "127.0.0.1" || text == "localhost"), "{names:?}");
    }
}
