//! Access control of the control API `/__admin`.
//!
//! A client of the control API may do anything, so the API answers this machine only, unless its owner allows more. A browser on
//! this machine is a danger: a web page of another site must not use the API. Such a page can use a name of its own that resolves
//! to this machine (DNS rebinding), which is visible in `Host`, or send a cross-site request, which is visible in `Origin` and
//! `Sec-Fetch-Site`. The browser keeps the answers of cross-site reads from the page, and changes are refused here. Other
//! programs send neither header.

use std::net::IpAddr;

use http::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method};

use crate::api::{ApiError, Peer};
use crate::domain::Names;
use crate::server::tenants::Tenants;

/// What a listener does with requests below `/__admin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only the command asks for some of it"))]
pub(crate) enum Admin {
    /// They are requests to the tenant, which answers 404.
    Off,
    /// It answers them, beside the requests to the tenant.
    Beside(Reach),
    /// It answers them and no other requests.
    Alone(Reach),
}

/// The machines whose requests below `/__admin` are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only the command asks for more"))]
pub(crate) enum Reach {
    /// From this machine.
    Loopback,
    /// From everywhere, at any name.
    Anywhere,
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The refusal of a request before its body is read.
pub(in crate::server) fn refusal(head: &Parts, reach: Reach, tenants: &Tenants) -> Option<ApiError> {
    let peer = head.extensions.get::<Peer>().map(|peer| peer.0);
    // A header that is no text is no name.
    let host = match head.headers.get(HOST) {
        Some(host) => Some(host.to_str().unwrap_or_default()),
        None => head.uri.authority().map(|authority| authority.as_str()),
    };
    let is_known = |name: &str| is_known(name) || tenants.has_name(name);
    if reach == Reach::Loopback && !peer.is_some_and(is_this_machine) {
        Some(ApiError::admin_is_for_this_machine())
    } else if reach == Reach::Loopback && host.is_some_and(|host| !is_known(Names::name_of(host))) {
        Some(ApiError::admin_at_unknown_name())
    } else if changes(&head.method) && is_from_elsewhere(&head.headers, host) {
        Some(ApiError::admin_is_not_for_web_pages())
    } else if changes(&head.method) && !is_json(&head.headers) {
        Some(ApiError::admin_wants_json())
    } else {
        None
    }
}

/// The address of the connection decides, because any client can write a header.
fn is_this_machine(peer: IpAddr) -> bool {
    peer.to_canonical().is_loopback()
}

/// Whether a host name cannot be registered in public: an address, `localhost` or a name below it, or a name without a dot. DNS
/// rebinding needs a name that is public.
pub(crate) fn is_known(name: &str) -> bool {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let name = name.to_ascii_lowercase();
    let is_private = || name.ends_with(".localhost") || !name.contains('.');
    bare.parse::<IpAddr>().is_ok() || Names::is_domain(&name) && is_private()
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

/// Whether the request comes from a page of another origin, according to the headers of a browser.
fn is_from_elsewhere(headers: &HeaderMap, host: Option<&str>) -> bool {
    let origin = headers.get(ORIGIN).map(|_| text(headers, ORIGIN).unwrap_or_default());
    let is_own = |origin: &str| {
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
    };
    let site = headers.get(SEC_FETCH_SITE).map(|_| text(headers, SEC_FETCH_SITE).unwrap_or_default());
    origin.is_some_and(|origin| !is_own(origin)) || site.is_some_and(|site| !["same-origin", "none"].contains(&site))
}

/// Whether the content type is JSON or absent: pages can send forms and plain text to other origins without a preflight request.
fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|_| {
        let media_type = text(headers, CONTENT_TYPE).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        media_type.eq_ignore_ascii_case("application/json")
    })
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use http::Request;
    use rstest::rstest;

    use super::*;
    use crate::api::{Config, Tenant};
    use crate::server::addresses::Addresses;

    const OWN: &str = "localhost:8080";

    fn status(reach: Reach, method: &str, peer: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let first = Tenant::new(Config { domain: "granite.example".to_owned(), ..Config::default() });
        let tenants =
            Tenants::new(Arc::new(first), Addresses { ip: Ipv4Addr::LOCALHOST.into(), http: 8080, https: None });
        let request = Request::builder().method(method).uri("/__admin/reset").extension(Peer(peer.parse().unwrap()));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let (head, ()) = request.body(()).unwrap().into_parts();
        refusal(&head, reach, &tenants).map(|refusal| refusal.status)
    }

    #[rstest]
    #[case::loopback("127.0.0.1", None)]
    #[case::another_loopback("127.9.9.9", None)]
    #[case::loopback_6("::1", None)]
    #[case::loopback_in_6("::ffff:127.0.0.1", None)]
    #[case::a_neighbour("192.168.0.7", Some(403))]
    #[case::a_neighbour_in_6("::ffff:192.168.0.7", Some(403))]
    #[case::the_world("2001:db8::1", Some(403))]
    #[case::nobody("0.0.0.0", Some(403))]
    fn only_this_machine_may(#[case] peer: &str, #[case] refused: Option<u16>) {
        // A header about the peer has no effect.
        let headers = [("host", OWN), ("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=127.0.0.1")];
        for method in ["GET", "POST"] {
            assert_eq!(status(Reach::Loopback, method, peer, &headers), refused, "{method}");
            assert_eq!(status(Reach::Anywhere, method, peer, &headers), None, "{method}");
        }
    }

    #[rstest]
    #[case::an_address("127.0.0.1:8080", None)]
    #[case::an_address_6("[::1]:8080", None)]
    #[case::this_machine("localhost", None)]
    #[case::below_this_machine("acme.LOCALHOST:8080", None)]
    #[case::a_container("m2mock:8080", None)]
    #[case::the_tenant("granite.example:8080", None)]
    #[case::a_name_that_leads_here("rebound.example:8080", Some(403))]
    #[case::a_name_that_ends_alike("notlocalhost.example", Some(403))]
    #[case::a_name_that_begins_alike("localhost.example", Some(403))]
    #[case::a_name_with_the_dot_of_the_root("localhost.", Some(403))]
    #[case::an_address_with_a_dot_too_many("127.0.0.1.", Some(403))]
    #[case::a_name_that_cannot_be_read("\u{e9}.localhost", Some(403))]
    #[case::something_before_the_name("localhost@rebound.example", Some(403))]
    #[case::no_name_at_all("rebound.example#.localhost", Some(403))]
    fn a_name_that_somebody_made_up_is_refused(#[case] host: &str, #[case] refused: Option<u16>) {
        assert_eq!(status(Reach::Loopback, "GET", "127.0.0.1", &[("host", host)]), refused);
        assert_eq!(status(Reach::Anywhere, "GET", "127.0.0.1", &[("host", host)]), None);
    }

    #[rstest]
    #[case::a_program(&[], None)]
    #[case::the_own_page(&[("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")], None)]
    #[case::the_own_page_over_tls(&[("origin", "https://localhost:8080")], None)]
    #[case::typed_in(&[("sec-fetch-site", "none")], None)]
    #[case::another_page(&[("origin", "https://evil.example")], Some(403))]
    #[case::another_port(&[("origin", "http://localhost:3000"), ("sec-fetch-site", "same-site")], Some(403))]
    #[case::a_hidden_origin(&[("origin", "null")], Some(403))]
    #[case::an_unreadable_origin(&[("origin", "\u{e9}")], Some(403))]
    #[case::without_an_origin(&[("sec-fetch-site", "cross-site")], Some(403))]
    #[case::a_form(&[("content-type", "application/x-www-form-urlencoded")], Some(415))]
    #[case::plain_text(&[("content-type", "text/plain; charset=utf-8")], Some(415))]
    #[case::json(&[("content-type", "Application/JSON; charset=utf-8")], None)]
    fn a_page_from_elsewhere_changes_nothing(#[case] headers: &[(&str, &str)], #[case] refused: Option<u16>) {
        let headers = [&[("host", OWN)], headers].concat();
        for reach in [Reach::Loopback, Reach::Anywhere] {
            assert_eq!(status(reach, "POST", "127.0.0.1", &headers), refused);
            assert_eq!(status(reach, "GET", "127.0.0.1", &headers), None);
        }
    }
}
