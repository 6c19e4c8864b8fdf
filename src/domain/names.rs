//! The names by which a tenant is reached, and what follows from the one a request came by.
//!
//! As with a custom domain of the live service, the issuer of a token follows the name that the caller used, and so
//! does the Management API's audience. The tenant's own names are its domain and the names of the local machine.

/// What a tenant is called.
#[derive(Clone, Debug)]
pub struct Names {
    domain: String,
    ports: Vec<u16>,
    has_local_names: bool,
}

impl Names {
    /// The names of the tenant with this domain.
    pub fn new(domain: impl Into<String>) -> Self {
        Names { domain: domain.into().to_ascii_lowercase(), ports: Vec::new(), has_local_names: true }
    }

    /// The same names at several ports of the local machine, which are one tenant.
    pub fn at_ports(self, ports: Vec<u16>) -> Self {
        Names { ports, ..self }
    }

    /// The domain alone: the names of the local machine are another tenant's.
    pub fn without_local_names(self) -> Self {
        Names { has_local_names: false, ..self }
    }

    /// The tenant's own domain.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The tenant's name: the first label of its domain.
    pub fn tenant(&self) -> &str {
        self.domain.split('.').next().unwrap_or(&self.domain)
    }

    /// The base URL, with a final slash, for a request that came with this `Host`.
    ///
    /// One of the own names is taken as it is, with its port, since only there does a verifier find the keys again. The
    /// bare domain, and any foreign name, give the tenant's canonical `https://{domain}/`.
    pub fn base_url(&self, host: Option<&str>, tls: bool) -> String {
        let host = host.map(str::to_ascii_lowercase);
        match host.filter(|host| self.is_own(host) && *host != self.domain) {
            Some(host) => format!("{}://{host}/", if tls { "https" } else { "http" }),
            None => format!("https://{}/", self.domain),
        }
    }

    /// The identifier of the Management API.
    pub fn management_audience(&self) -> String {
        format!("https://{}/api/v2/", self.domain)
    }

    /// The identifier by which an audience is known: the Management API has many names and one identifier.
    pub fn canonical_audience(&self, audience: &str) -> String {
        if self.is_management_audience(audience) { self.management_audience() } else { audience.to_owned() }
    }

    /// Whether a text names the Management API: under any own name and port, with http or https.
    pub fn is_management_audience(&self, audience: &str) -> bool {
        self.own_url_path(audience) == Some("api/v2/")
    }

    /// Whether a token's issuer is this tenant, for a caller that reaches it at this base URL.
    ///
    /// Any own name will do, but where both name a port it must be the same one, or both the tenant's: on the local
    /// machine, the port is what tells tenants apart.
    pub fn is_own_issuer(&self, issuer: &str, base_url: &str) -> bool {
        self.own_url_path(issuer) == Some("")
            && match (port(issuer), port(base_url)) {
                (Some(issued), Some(asked)) => issued == asked || self.has_port(issued) && self.has_port(asked),
                _ => true,
            }
    }

    /// Whether an assertion that was sent to this base URL is for this tenant: it names the tenant, or its token endpoint,
    /// letter by letter as an issuer would.
    pub fn is_own_audience(&self, audience: &str, base_url: &str) -> bool {
        let tenant = audience.strip_suffix("oauth/token").unwrap_or(audience);
        let host = tenant.split_once("://").and_then(|(_, rest)| rest.strip_suffix('/'));
        self.is_own_issuer(tenant, base_url) && self.base_url(host, tenant.starts_with("https://")) == tenant
    }

    fn has_port(&self, port: &str) -> bool {
        port.parse().is_ok_and(|port| self.ports.contains(&port))
    }

    /// What follows the first slash of a URL whose authority is one of the own names.
    fn own_url_path<'a>(&self, url: &'a str) -> Option<&'a str> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let (authority, path) = rest.split_once('/')?;
        self.is_own(authority).then_some(path)
    }

    fn is_own(&self, authority: &str) -> bool {
        if authority == self.domain {
            return true; // a domain may itself carry a port
        }
        let name = Names::name_of(authority);
        name.eq_ignore_ascii_case(&self.domain) || self.has_local_names && Names::is_local(name)
    }

    /// Whether a name without a port is one of the local machine.
    pub fn is_local(name: &str) -> bool {
        matches!(name, "127.0.0.1" | "[::1]") || name.eq_ignore_ascii_case("localhost")
    }

    /// The name in an authority: what stands before the port.
    pub fn name_of(authority: &str) -> &str {
        match authority.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => name,
            _ => authority,
        }
    }

    /// Whether a text can be the domain of a tenant: a host name, optionally with a port.
    pub fn is_domain(text: &str) -> bool {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        };
        // Underscores are not in the standard, but in the names that container networks give.
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_port = |port: &str| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
        };
        name.len() <= 253 && name.split('.').all(is_label) && port.is_none_or(is_port)
    }
}

/// The port of a URL that ends with its authority and a slash.
fn port(url: &str) -> Option<&str> {
    let (_, port) = url.strip_suffix('/')?.rsplit_once(':')?;
    (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(port)
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_token_of_a_tenant_on_another_port_is_a_foreign_one() {
        let names = Names::new("travel0.localhost");
        let asked_at = "http://127.0.0.1:4000/";
        for issuer in ["http://127.0.0.1:4000/", "https://localhost:4000/", "https://travel0.localhost/"] {
            assert!(names.is_own_issuer(issuer, asked_at), "{issuer}");
        }
        for issuer in ["http://127.0.0.1:4001/", "https://other.localhost/", "http://127.0.0.1:4000", "http://[::1]/x"]
        {
            assert!(!names.is_own_issuer(issuer, asked_at), "{issuer}");
        }
        assert!(names.is_own_issuer("http://[::1]/", asked_at));
    }

    #[test]
    fn a_token_of_the_tenants_other_port_is_its_own() {
        let names = Names::new("travel0.localhost").at_ports(vec![4000, 4443]);
        assert!(names.is_own_issuer("http://127.0.0.1:4000/", "https://127.0.0.1:4443/"));
        assert!(!names.is_own_issuer("http://127.0.0.1:4001/", "https://127.0.0.1:4443/"));
    }

    #[test]
    fn tenants_on_one_port_are_told_apart_by_their_names() {
        let first = Names::new("travel0.localhost").at_ports(vec![4000]);
        let added = Names::new("granite.localhost").at_ports(vec![4000]).without_local_names();
        let of_first = ["http://localhost:4000/", "http://127.0.0.1:4000/", "https://travel0.localhost/"];
        for (names, foreign, own) in [
            (&added, &of_first[..], "http://granite.localhost:4000/"),
            (&first, &["http://granite.localhost:4000/", "https://granite.localhost/"], "http://localhost:4000/"),
        ] {
            for issuer in foreign {
                assert!(!names.is_own_issuer(issuer, own), "{issuer}");
                assert!(!names.is_management_audience(&format!("{issuer}api/v2/")), "{issuer}");
            }
            assert!(names.is_own_issuer(own, own));
        }
        assert_eq!(added.base_url(Some("localhost:4000"), false), "https://granite.localhost/");
    }

    #[test]
    fn an_assertion_names_the_tenant_or_its_token_endpoint() {
        let names = Names::new("travel0.localhost");
        let asked_at = "http://127.0.0.1:4000/";
        for audience in
            ["http://127.0.0.1:4000/", "https://travel0.localhost/", "https://travel0.localhost/oauth/token"]
        {
            assert!(names.is_own_audience(audience, asked_at), "{audience}");
        }
        for audience in [
            "http://127.0.0.1:4000",
            "http://127.0.0.1:4001/",
            "https://travel0.localhost/oauth/token/",
            "https://travel0.localhost/api/v2/",
            "https://travel0.localhostoauth/token",
            "oauth/token",
            "",
        ] {
            assert!(!names.is_own_audience(audience, asked_at), "{audience}");
        }
    }

    #[test]
    fn the_issuer_follows_the_name_the_request_came_by() {
        let names = Names::new("travel0.localhost");
        assert_eq!(names.base_url(Some("127.0.0.1:4000"), false), "http://127.0.0.1:4000/");
        assert_eq!(names.base_url(Some("localhost:4000"), true), "https://localhost:4000/");
        assert_eq!(names.base_url(Some("[::1]:4000"), false), "http://[::1]:4000/");
        assert_eq!(names.base_url(Some("localhost"), false), "http://localhost/");
        assert_eq!(names.base_url(Some("travel0.localhost"), false), "https://travel0.localhost/");
        assert_eq!(names.base_url(Some("TRAVEL0.Localhost"), false), "https://travel0.localhost/");
        assert_eq!(names.base_url(Some("localhost:99999999"), false), "https://travel0.localhost/");
        assert_eq!(names.base_url(Some("travel0.localhost:4000"), false), "http://travel0.localhost:4000/");
        assert_eq!(names.base_url(Some("somewhere.example"), false), "https://travel0.localhost/");
        assert_eq!(names.base_url(None, false), "https://travel0.localhost/");
    }

    #[test]
    fn the_management_api_is_named_by_any_own_name() {
        let names = Names::new("travel0.localhost");
        for audience in [
            "https://travel0.localhost/api/v2/",
            "http://127.0.0.1:4000/api/v2/",
            "https://localhost:8443/api/v2/",
            "http://[::1]:1/api/v2/",
        ] {
            assert!(names.is_management_audience(audience), "{audience}");
        }
        for audience in [
            "https://travel0.localhost/api/v2",
            "https://other.localhost/api/v2/",
            "https://localhost.evil.example/api/v2/",
            "travel0.localhost/api/v2/",
            "https://localhost:port/api/v2/",
        ] {
            assert!(!names.is_management_audience(audience), "{audience}");
        }
    }
}
