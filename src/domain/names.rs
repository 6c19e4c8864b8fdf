//! The host names of a tenant, and the issuer and audiences that depend on the host name of a request.
//!
//! The issuer of a token follows the name that the caller used, and so do the identifiers of the service's own APIs. The
//! tenant's own names are its domain and the names of the local machine. The state knows one form of each identifier, the
//! canonical one with the domain.
//!
//! A custom domain is an issuer, but no name of the service's own APIs: their identifiers stay canonical there (T15, SYS8).

use std::borrow::Cow;
use std::net::IpAddr;

/// The names of a tenant.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    domain: String,
    ports: Vec<u16>,
    local_names: LocalNames,
    issuer: Option<String>,
}

/// Which names of the local machine (`localhost`, `127.0.0.1`, `[::1]`) are the tenant's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LocalNames {
    /// All of them, at every port: a container may be reached by a port that it does not know.
    #[default]
    All,
    /// All of them, at the tenant's own ports: at other ports they are another tenant's.
    AtOwnPorts,
    /// None of them.
    None,
}

/// The service's own APIs whose identifiers contain the tenant's domain, by the path of the identifier: the Management
/// API, the My Account API and the My Organization API.
const SYSTEM_APIS: [&str; 3] = [MANAGEMENT, "me/", MY_ORGANIZATION];

/// The path of the identifier of the Management API.
pub(crate) const MANAGEMENT: &str = "api/v2/";

/// The path of the identifier of the My Organization API (M2).
pub(crate) const MY_ORGANIZATION: &str = "my-org/";

/// The label before a host name in the endpoint aliases for mutual TLS.
const MTLS: &str = "mtls.";

impl Names {
    /// The names of the tenant with this domain.
    pub(crate) fn new(domain: impl Into<String>) -> Self {
        let domain = domain.into().to_ascii_lowercase();
        Names { domain, ports: Vec::new(), local_names: LocalNames::All, issuer: None }
    }

    /// The ports of the local machine at which the tenant answers.
    pub(crate) fn at_ports(self, ports: Vec<u16>) -> Self {
        Names { ports, ..self }
    }

    /// The names of the local machine that are the tenant's.
    pub(crate) fn with_local_names(self, local_names: LocalNames) -> Self {
        Names { local_names, ..self }
    }

    /// Sets one issuer for all names. A text that is no issuer ([`normalized_issuer`](Names::normalized_issuer)) has no
    /// effect.
    pub(crate) fn with_issuer(self, issuer: Option<&str>) -> Self {
        Names { issuer: issuer.and_then(Names::normalized_issuer), ..self }
    }

    /// The tenant's own domain.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// The tenant's name: the first label of its domain.
    pub(crate) fn tenant(&self) -> &str {
        self.domain.split('.').next().unwrap_or(&self.domain)
    }

    /// The base URL, with a final slash, for a request that came with this `Host`.
    ///
    /// One of the tenant's own names stays as it is, with its port, because a verifier finds the keys only there. The
    /// bare domain and any foreign name give the tenant's canonical `https://{domain}/`.
    pub(crate) fn base_url(&self, host: Option<&str>, tls: bool) -> String {
        let host = host.map(str::to_ascii_lowercase);
        match host.filter(|host| self.is_own(host) && *host != self.domain) {
            Some(host) => match self.issuer.as_deref().filter(|issuer| authority(issuer) == Some(&host)) {
                // A proxy in front of the tenant may terminate TLS.
                Some(issuer) => issuer.to_owned(),
                None => format!("{}://{host}/", if tls { "https" } else { "http" }),
            },
            None => self.canonical_base_url(),
        }
    }

    /// The base URL for a request that came with this `Host`, a verified custom domain of the tenant: with its port, if the
    /// request has one, because a verifier finds the keys only there.
    pub(crate) fn base_url_of_custom_domain(host: &str, tls: bool) -> String {
        let host = host.to_ascii_lowercase();
        let has_port = Names::name_of(&host) != host;
        format!("{}://{host}/", if has_port && !tls { "http" } else { "https" })
    }

    /// The host name of the endpoint aliases for mutual TLS of a host name. The names of the local machine have none.
    pub(crate) fn mtls_alias(authority: &str) -> Option<String> {
        let name = Names::name_of(authority);
        let is_address = name.starts_with('[') || name.parse::<IpAddr>().is_ok();
        (!is_address && !Names::is_local(name)).then(|| format!("{MTLS}{authority}"))
    }

    /// The host name that an endpoint alias is for.
    pub(crate) fn without_mtls(authority: &str) -> Option<&str> {
        let (label, rest) = authority.split_at_checked(MTLS.len())?;
        (label.eq_ignore_ascii_case(MTLS) && !rest.is_empty()).then_some(rest)
    }

    /// The base URL that an endpoint alias is for: the inverse of [`mtls_base_url`](Self::mtls_base_url).
    fn of_mtls_alias(url: &str) -> Option<String> {
        let (scheme, rest) = url.split_once("://")?;
        let of_alias = format!("{scheme}://{}", Names::without_mtls(rest)?);
        (Names::mtls_base_url(&of_alias) == url).then_some(of_alias)
    }

    /// The base URL of the endpoint aliases of an issuer.
    pub(crate) fn mtls_base_url(issuer: &str) -> Cow<'_, str> {
        match issuer
            .split_once("://")
            .and_then(|(scheme, rest)| Some((scheme, Names::mtls_alias(rest.strip_suffix('/')?)?)))
        {
            Some((scheme, alias)) => Cow::Owned(format!("{scheme}://{alias}/")),
            None => Cow::Borrowed(issuer),
        }
    }

    /// The issuer of tokens for a caller that reaches the tenant at this base URL.
    pub(crate) fn issuer<'a>(&'a self, base_url: &'a str) -> &'a str {
        self.issuer.as_deref().unwrap_or(base_url)
    }

    /// The canonical identifier of the Management API.
    pub(crate) fn management_audience(&self) -> String {
        self.canonical_base_url() + MANAGEMENT
    }

    /// The identifier in the state for an identifier in a request: a system API has as many names as the tenant, and one
    /// canonical identifier.
    pub(crate) fn canonical_identifier<'a>(&self, identifier: &'a str) -> Cow<'a, str> {
        match self.own_url_path(identifier).filter(|path| SYSTEM_APIS.contains(path)) {
            Some(path) => Cow::Owned(self.canonical_base_url() + path),
            None => Cow::Borrowed(identifier),
        }
    }

    /// The identifier in an answer for an identifier in the state: a system API has the own name that the caller used.
    pub(crate) fn identifier_at<'a>(&self, base_url: &str, identifier: &'a str) -> Cow<'a, str> {
        match identifier.strip_prefix(&*self.canonical_base_url()).filter(|path| SYSTEM_APIS.contains(path)) {
            Some(path) if self.is_at_own_name(base_url) => Cow::Owned(base_url.to_owned() + path),
            Some(_) | None => Cow::Borrowed(identifier),
        }
    }

    /// A link to a page of the tenant in an answer, for one in the state.
    pub(crate) fn link_at<'a>(&self, base_url: &str, link: &'a str) -> Cow<'a, str> {
        match link.strip_prefix(&*self.canonical_base_url()) {
            Some(path) => Cow::Owned(base_url.to_owned() + path),
            None => Cow::Borrowed(link),
        }
    }

    /// A sentence with the identifiers of system APIs as the caller knows them.
    pub(crate) fn sentence_at<'a>(&self, base_url: &str, sentence: &'a str) -> Cow<'a, str> {
        let canonical = self.canonical_base_url();
        if base_url == canonical || !sentence.contains(&canonical) || !self.is_at_own_name(base_url) {
            return Cow::Borrowed(sentence);
        }
        Cow::Owned(SYSTEM_APIS.iter().fold(sentence.to_owned(), |sentence, path| {
            sentence.replace(&format!("{canonical}{path}"), &format!("{base_url}{path}"))
        }))
    }

    /// Whether a text names the Management API: under any own name and port, with http or https.
    pub(crate) fn is_management_audience(&self, audience: &str) -> bool {
        self.is_audience(audience, MANAGEMENT)
    }

    /// Whether a text is the identifier of the API of the service with this path: under any own name and port, with http or https.
    pub(crate) fn is_audience(&self, audience: &str, path: &str) -> bool {
        self.own_url_path(audience) == Some(path)
    }

    /// Whether a token's issuer is this tenant, for a caller that reaches it at this base URL. A custom domain is an issuer
    /// for requests to it, and for no others (SYS9).
    pub(crate) fn is_own_issuer(&self, issuer: &str, base_url: &str) -> bool {
        match &self.issuer {
            Some(only) => issuer == only,
            None => self.is_own_base_url(issuer, base_url) || self.is_same_custom_domain(issuer, base_url),
        }
    }

    /// Whether this is the audience of an assertion for this tenant, which was sent to this base URL: the tenant or its token
    /// endpoint (a path such as `/oauth/token`), in exactly the form of an issuer.
    pub(crate) fn is_own_audience(&self, audience: &str, base_url: &str, token_endpoint: &str) -> bool {
        let tenant = audience.strip_suffix(token_endpoint.trim_start_matches('/')).unwrap_or(audience);
        self.is_own_address(tenant, base_url)
    }

    /// Whether this is the URL of a path of this tenant (such as `/oauth/token`), for a request to this base URL. Its query
    /// and its fragment do not count, nor do the case of its host name and a default port (RFC 9449, 4.3).
    pub(crate) fn is_own_endpoint(&self, url: &str, base_url: &str, path: &str) -> bool {
        let url = url.split(['?', '#']).next().unwrap_or(url);
        let Some(tenant) = url.strip_suffix(path.trim_start_matches('/')) else { return false };
        let tenant = tenant.to_ascii_lowercase();
        let default_port = if tenant.starts_with("https://") { ":443/" } else { ":80/" };
        match tenant.strip_suffix(default_port) {
            Some(bare) => self.is_own_address(&format!("{bare}/"), base_url),
            None => self.is_own_address(&tenant, base_url),
        }
    }

    /// Whether a URL is an address of this tenant in exactly the form of an issuer, or the alias of one for mutual TLS, for a request
    /// to this base URL.
    fn is_own_address(&self, url: &str, base_url: &str) -> bool {
        self.is_in_form_of_issuer(url, base_url)
            || Names::of_mtls_alias(url).is_some_and(|url| self.is_in_form_of_issuer(&url, base_url))
    }

    fn is_in_form_of_issuer(&self, tenant: &str, base_url: &str) -> bool {
        let (host, tls) = (authority(tenant), tenant.starts_with("https://"));
        self.issuer.as_deref() == Some(tenant)
            || self.is_own_base_url(tenant, base_url) && self.base_url(host, tls) == tenant
            || self.is_same_custom_domain(tenant, base_url)
                && host.is_some_and(|host| Names::base_url_of_custom_domain(host, tls) == tenant)
    }

    /// Whether a URL is one of the tenant's base URLs, for a caller that reaches it at another of them.
    ///
    /// The domain is the tenant's at every port. Another tenant of the local machine has the same local names, and the
    /// port tells the two apart: it must be the port of the request, or a port of the tenant.
    fn is_own_base_url(&self, url: &str, base_url: &str) -> bool {
        self.own_url_path(url) == Some("")
            && self.local_port(url).is_none_or(|port| {
                self.local_port(base_url) == Some(port) || port.parse().is_ok_and(|port| self.has_port(port))
            })
    }

    /// Whether a URL is at the custom domain of a request. As the tenant's own domain, it is the tenant's at every port.
    fn is_same_custom_domain(&self, url: &str, base_url: &str) -> bool {
        let (Some(name), Some(here)) = (authority(url), authority(base_url)) else { return false };
        !self.is_own(here) && Names::name_of(name).eq_ignore_ascii_case(Names::name_of(here))
    }

    /// Whether a base URL has one of the tenant's own names, and not a custom domain.
    fn is_at_own_name(&self, base_url: &str) -> bool {
        authority(base_url).is_some_and(|authority| self.is_own(authority))
    }

    /// Whether the tenant answers at this port. The port of a domain such as `localhost:8443` counts.
    fn has_port(&self, port: u16) -> bool {
        self.ports.contains(&port) || self.domain.rsplit_once(':').is_some_and(|(_, own)| own.parse() == Ok(port))
    }

    /// The port of a URL with a name of the local machine.
    fn local_port<'a>(&self, url: &'a str) -> Option<&'a str> {
        let authority = authority(url)?;
        let name = Names::name_of(authority);
        authority.strip_prefix(name).filter(|_| Names::is_local(name))?.strip_prefix(':')
    }

    fn canonical_base_url(&self) -> String {
        format!("https://{}/", self.domain)
    }

    /// The path after the first slash of a URL whose authority is one of the tenant's names.
    fn own_url_path<'a>(&self, url: &'a str) -> Option<&'a str> {
        let (authority, path) = without_scheme(url)?.split_once('/')?;
        self.is_own(authority).then_some(path)
    }

    /// Whether the name of an authority is one of the tenant's own.
    pub(crate) fn is_own(&self, authority: &str) -> bool {
        let name = Names::name_of(authority);
        let is_of_issuer = || self.issuer.as_deref().is_some_and(|issuer| is_at(issuer, authority));
        let is_local = || match self.local_names {
            LocalNames::All => Names::is_local(name),
            LocalNames::AtOwnPorts => {
                let port = authority.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')?.parse().ok());
                Names::is_local(name) && port.is_some_and(|port| self.ports.contains(&port))
            }
            LocalNames::None => false,
        };
        name.eq_ignore_ascii_case(Names::name_of(&self.domain)) || is_local() || is_of_issuer()
    }

    /// The normal form of an issuer: a URL of scheme and host name, with a final slash. `None` for any other text. An
    /// issuer of the live service has neither a path nor a query.
    pub(crate) fn normalized_issuer(text: &str) -> Option<String> {
        let issuer = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let authority = without_scheme(&issuer)?;
        let is_host = Names::is_domain(authority) || Names::is_local(Names::name_of(authority));
        is_host.then(|| issuer + "/")
    }

    /// Whether a name without a port is one of the local machine.
    pub(crate) fn is_local(name: &str) -> bool {
        matches!(name, "127.0.0.1" | "[::1]") || name.eq_ignore_ascii_case("localhost")
    }

    /// The host name of an authority, without its port.
    pub(crate) fn name_of(authority: &str) -> &str {
        match authority.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => name,
            _ => authority,
        }
    }

    /// Whether a text can be the domain of a tenant: a host name, optionally with a port.
    pub(crate) fn is_domain(text: &str) -> bool {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        };
        // The standard excludes underscores, but names of container networks have them.
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

/// The rest of an HTTP URL after its scheme.
fn without_scheme(url: &str) -> Option<&str> {
    url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))
}

/// The authority of a URL that ends with it and a slash.
fn authority(url: &str) -> Option<&str> {
    without_scheme(url)?.strip_suffix('/').filter(|authority| !authority.contains('/'))
}

fn is_at(url: &str, name: &str) -> bool {
    authority(url).is_some_and(|authority| authority.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::{LocalNames, Names};

    #[test]
    fn a_token_of_a_tenant_on_another_port_is_a_foreign_one() {
        let names = Names::new("travel0.localhost");
        let base_url = "http://127.0.0.1:4000/";
        for issuer in ["http://127.0.0.1:4000/", "https://localhost:4000/", "https://travel0.localhost/"] {
            assert!(names.is_own_issuer(issuer, base_url), "{issuer}");
        }
        for issuer in ["http://127.0.0.1:4001/", "https://other.localhost/", "http://127.0.0.1:4000", "http://[::1]/x"]
        {
            assert!(!names.is_own_issuer(issuer, base_url), "{issuer}");
        }
        assert!(names.is_own_issuer("http://[::1]/", base_url));
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
        let added = Names::new("granite.localhost").with_local_names(LocalNames::None);
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
    fn a_tenant_with_ports_of_its_own_has_the_local_names_there() {
        let first = Names::new("travel0.localhost").at_ports(vec![4000]);
        let added = Names::new("granite.localhost").at_ports(vec![5000, 5443]).with_local_names(LocalNames::AtOwnPorts);
        assert_eq!(added.base_url(Some("127.0.0.1:5000"), false), "http://127.0.0.1:5000/");
        assert_eq!(added.base_url(Some("localhost:4000"), false), "https://granite.localhost/");
        assert!(added.is_own_issuer("http://localhost:5000/", "https://127.0.0.1:5443/"));
        assert!(added.is_management_audience("http://localhost:5000/api/v2/"));
        for foreign in ["http://localhost:4000/", "https://localhost/"] {
            assert!(!added.is_own_issuer(foreign, "http://127.0.0.1:5000/"), "{foreign}");
        }
        for here in ["http://127.0.0.1:4000/", "http://travel0.localhost:4000/", "https://travel0.localhost/"] {
            assert!(!first.is_own_issuer("http://localhost:5000/", here), "{here}");
        }
    }

    #[test]
    fn which_tokens_are_good_does_not_depend_on_a_port_in_the_domain() {
        let of = |domain: &str| Names::new(domain).at_ports(vec![4000, 4443]);
        let with_and_without = [of("mock.example"), of("mock.example:9443")];
        let hosts =
            ["mock.example", "mock.example:4000", "mock.example:9443", "alias.example", "localhost:4000", "[::1]:4443"];
        for names in with_and_without {
            let urls = hosts.map(|host| names.base_url(Some(host), false));
            for issuer in &urls {
                for here in &urls {
                    assert!(names.is_own_issuer(issuer, here), "{issuer} at {here}");
                    assert!(!names.is_own_issuer("http://localhost:4001/", here), "at {here}");
                }
            }
        }
        // The port of such a domain is that of the machine, which a container does not know otherwise.
        assert!(of("localhost:9443").is_own_issuer("https://localhost:9443/", "http://127.0.0.1:4000/"));
        assert!(!of("localhost:9443").is_own_issuer("https://localhost:9444/", "http://127.0.0.1:4000/"));
    }

    #[test]
    fn endpoint_aliases_have_a_label_before_the_host_name() {
        for (issuer, alias) in [
            ("https://login.travel0.example/", "https://mtls.login.travel0.example/"),
            ("https://travel0.localhost:8443/", "https://mtls.travel0.localhost:8443/"),
            ("https://localhost:8443/", "https://localhost:8443/"),
            ("https://127.0.0.1:8443/", "https://127.0.0.1:8443/"),
            ("http://[::1]:8080/", "http://[::1]:8080/"),
        ] {
            assert_eq!(Names::mtls_base_url(issuer), alias);
        }
        assert_eq!(Names::without_mtls("MTLS.Travel0.localhost:1"), Some("Travel0.localhost:1"));
        for other in ["mtls.", "mtls", "mtlsx.example", "é.example", ""] {
            assert_eq!(Names::without_mtls(other), None, "{other}");
        }
    }

    #[test]
    fn an_assertion_and_a_proof_may_name_the_alias_of_an_endpoint() {
        let names = Names::new("travel0.example").at_ports(vec![4000]);
        let custom = Names::base_url_of_custom_domain("login.example", true);
        let own = "https://travel0.example/".to_owned();
        for (url, base_url, is_own) in [
            ("https://mtls.travel0.example/oauth/token", &own, true),
            ("https://mtls.login.example/oauth/token", &custom, true),
            ("https://mtls.login.example/oauth/token", &own, false),
            ("https://mtls.mtls.travel0.example/oauth/token", &own, false),
            ("https://mtls.other.example/oauth/token", &own, false),
            ("http://mtls.localhost:4000/oauth/token", &own, false),
        ] {
            assert_eq!(names.is_own_endpoint(url, base_url, "/oauth/token"), is_own, "{url}");
            assert_eq!(names.is_own_audience(url, base_url, "/oauth/token"), is_own, "{url}");
        }
        let with_issuer = Names::new("travel0.example").with_issuer(Some("https://login.example"));
        assert!(with_issuer.is_own_endpoint("https://mtls.login.example/oauth/token", &own, "/oauth/token"));
    }

    #[test]
    fn a_fixed_issuer_applies_to_every_host_name() {
        let names = Names::new("travel0.localhost").with_issuer(Some("https://Login.example"));
        for host in ["localhost:4000", "travel0.localhost", "alias.example", "login.example"] {
            let base_url = names.base_url(Some(host), false);
            assert_eq!(names.issuer(&base_url), "https://login.example/");
            assert!(names.is_own_issuer("https://login.example/", &base_url));
            assert!(!names.is_own_issuer(&format!("http://{host}/"), &base_url));
            // A client signs its assertions for the name that it uses.
            for audience in ["https://login.example/", "https://login.example/oauth/token", &base_url] {
                assert!(names.is_own_audience(audience, &base_url, "/oauth/token"), "{audience}");
            }
        }
        assert_eq!(names.base_url(Some("localhost:4000"), true), "https://localhost:4000/");
        assert_eq!(names.base_url(Some("LOGIN.example"), false), "https://login.example/");
        assert!(names.is_management_audience("https://login.example/api/v2/"));
    }

    #[test]
    fn an_issuer_is_a_url_of_scheme_and_host() {
        for (text, issuer) in [
            ("https://login.example", "https://login.example/"),
            ("https://login.example/", "https://login.example/"),
            ("http://[::1]:8080", "http://[::1]:8080/"),
            ("https://mock_tenant:8443/", "https://mock_tenant:8443/"),
        ] {
            assert_eq!(Names::normalized_issuer(text).as_deref(), Some(issuer));
        }
        for text in [
            "",
            "login.example",
            "ftp://login.example",
            "https://",
            "https://a/b",
            "https://a//",
            "https://a?b",
            "https://u@a",
            "https://a b",
        ] {
            assert_eq!(Names::normalized_issuer(text), None, "{text}");
        }
    }

    #[test]
    fn the_identifiers_of_system_apis_follow_the_name_and_no_others() {
        let names = Names::new("travel0.localhost");
        let here = "https://localhost:8443/";
        for path in ["api/v2/", "me/", "my-org/"] {
            let (own, canonical) = (format!("{here}{path}"), format!("https://travel0.localhost/{path}"));
            assert_eq!(names.canonical_identifier(&own), canonical);
            assert_eq!(names.canonical_identifier(&canonical), canonical);
            assert_eq!(names.identifier_at(here, &canonical), own);
            let sentence = format!("There is {canonical} already");
            assert_eq!(names.sentence_at(here, &sentence), format!("There is {own} already"));
        }
        for other in
            ["https://localhost:8443/orders", "https://travel0.localhost/orders", "https://other.example/me/", "urn:x"]
        {
            assert_eq!(names.canonical_identifier(other), other);
            assert_eq!(names.identifier_at(here, other), other);
        }
    }

    #[test]
    fn an_assertion_names_the_tenant_or_its_token_endpoint() {
        let names = Names::new("travel0.localhost");
        let base_url = "http://127.0.0.1:4000/";
        for audience in
            ["http://127.0.0.1:4000/", "https://travel0.localhost/", "https://travel0.localhost/oauth/token"]
        {
            assert!(names.is_own_audience(audience, base_url, "/oauth/token"), "{audience}");
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
            assert!(!names.is_own_audience(audience, base_url, "/oauth/token"), "{audience}");
        }
    }

    #[test]
    fn a_proof_names_the_token_endpoint_at_an_address_of_the_tenant() {
        let names = Names::new("travel0.localhost");
        let base_url = "http://127.0.0.1:4000/";
        let is_own = |names: &Names, url: &str, base_url| names.is_own_endpoint(url, base_url, "/oauth/token");
        for url in [
            "http://127.0.0.1:4000/oauth/token",
            "HTTP://LOCALHOST:4000/oauth/token?a=/b#c",
            "http://[::1]:4000/oauth/token",
            "https://travel0.localhost/oauth/token",
            "https://Travel0.Localhost:443/oauth/token",
        ] {
            assert!(is_own(&names, url, base_url), "{url}");
        }
        for url in [
            "http://127.0.0.1:4000/",
            "http://127.0.0.1:4000/oauth/token/",
            "http://127.0.0.1:4000/OAuth/token",
            "http://127.0.0.1:4001/oauth/token",
            "http://127.0.0.1:4000//oauth/token",
            "http://127.0.0.1:4000/api/oauth/token",
            "http://user@127.0.0.1:4000/oauth/token",
            "https://other.localhost/oauth/token",
            "https://travel0.localhost.example/oauth/token",
            "https://travel0.localhost?/oauth/token",
            "http://travel0.localhost/oauth/token",
            "/oauth/token",
            "oauth/token",
            "",
        ] {
            assert!(!is_own(&names, url, base_url), "{url}");
        }
        let custom = "https://login.travel0.example/";
        assert!(is_own(&names, "https://login.travel0.example/oauth/token", custom));
        assert!(!is_own(&names, "https://login.travel0.example/oauth/token", base_url));
        assert!(!is_own(&names, "https://mail.travel0.example/oauth/token", custom));
        let issuer = names.with_issuer(Some("https://login.example"));
        assert!(is_own(&issuer, "https://login.example/oauth/token", base_url));
    }

    #[test]
    fn a_custom_domain_is_an_issuer_for_requests_to_it() {
        let names = Names::new("travel0.localhost");
        for (host, tls, base_url) in [
            ("login.travel0.example", false, "https://login.travel0.example/"),
            ("LOGIN.travel0.example", true, "https://login.travel0.example/"),
            ("login.travel0.example:4000", false, "http://login.travel0.example:4000/"),
            ("login.travel0.example:4443", true, "https://login.travel0.example:4443/"),
        ] {
            assert_eq!(Names::base_url_of_custom_domain(host, tls), base_url);
            for issuer in ["https://login.travel0.example/", "http://login.travel0.example:4000/", base_url] {
                assert!(names.is_own_issuer(issuer, base_url), "{issuer}");
                assert!(names.is_own_audience(issuer, base_url, "/oauth/token"), "{issuer}");
                assert!(!names.is_own_issuer(issuer, "https://travel0.localhost/"), "{issuer}");
            }
            for foreign in ["https://travel0.example/", "https://login.travel0.example", "https://other.example/"] {
                assert!(!names.is_own_issuer(foreign, base_url), "{foreign}");
            }
            for audience in
                ["http://login.travel0.example/", "https://LOGIN.travel0.example/", "https://login.travel0.example/x/"]
            {
                assert!(!names.is_own_audience(audience, base_url, "/oauth/token"), "{audience}");
            }
            assert!(names.is_own_audience("https://travel0.localhost/", base_url, "/oauth/token"));
        }
    }

    #[test]
    fn the_identifiers_of_system_apis_are_canonical_at_a_custom_domain() {
        let names = Names::new("travel0.localhost");
        let here = "https://login.travel0.example/";
        let canonical = "https://travel0.localhost/api/v2/";
        assert_eq!(names.identifier_at(here, canonical), canonical);
        assert_eq!(names.sentence_at(here, canonical), canonical);
        assert_eq!(
            names.canonical_identifier("https://login.travel0.example/api/v2/"),
            "https://login.travel0.example/api/v2/"
        );
        assert!(!names.is_management_audience("https://login.travel0.example/api/v2/"));
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
