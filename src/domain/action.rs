//! The limits of a credentials-exchange Action: the codes with which it denies a token, and the claims that it can add
//! ("Credentials Exchange", "Create Custom Claims").

use serde::{Deserialize, Serialize};

/// The code with which an Action denies a token: the `error` of the answer (T12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DenyCode {
    /// `invalid_scope`
    InvalidScope,
    /// `invalid_request`
    InvalidRequest,
    /// `server_error`
    ServerError,
}

impl DenyCode {
    /// Every code, in the order of the documentation.
    pub(crate) const ALL: [DenyCode; 3] = [Self::InvalidScope, Self::InvalidRequest, Self::ServerError];

    /// Parses a code.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }

    /// The code in the documentation and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            DenyCode::InvalidScope => "invalid_scope",
            DenyCode::InvalidRequest => "invalid_request",
            DenyCode::ServerError => "server_error",
        }
    }
}

/// The reason why the service drops a custom claim (ACT1). The request still succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimFault {
    /// The name is reserved.
    Restricted,
    /// The namespace belongs to the vendor.
    VendorNamespace,
    /// In a token for one of the vendor's own APIs, the name of a claim must be a URL.
    NotNamespaced,
    /// The earlier claims and this one exceed the limit.
    TooLarge,
}

impl ClaimFault {
    /// The reason as a clause that follows "because".
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            ClaimFault::Restricted => "the service keeps this name for itself",
            ClaimFault::VendorNamespace => "the namespace is one of the service's own",
            ClaimFault::NotNamespaced => "tokens for a system API take claims below a URL only",
            ClaimFault::TooLarge => "custom claims take 100 KB at most",
        }
    }
}

/// The trigger that runs before the token endpoint issues a token to a client.
pub(crate) const TRIGGER: &str = "credentials-exchange";

/// The maximum size of the custom claims of one token, in bytes of JSON (100KB in the documentation).
pub(crate) const MOST_CLAIM_BYTES: usize = 100 * 1024;

/// Checks the name of a custom claim in a token for any API.
pub(crate) fn claim_fault(name: &str) -> Option<ClaimFault> {
    if RESTRICTED.contains(&name) {
        return Some(ClaimFault::Restricted);
    }
    let name = name.to_ascii_lowercase();
    let belongs_to_vendor = match below_url(&name) {
        Some(rest) => VENDOR_DOMAINS.iter().any(|domain| is_within(host(rest), domain)),
        None => name.strip_prefix("urn:auth0").is_some_and(|rest| rest.is_empty() || rest.starts_with(':')),
    };
    belongs_to_vendor.then_some(ClaimFault::VendorNamespace)
}

/// Checks the name of a custom claim in a token for one of the vendor's own APIs.
pub(crate) fn claim_fault_on_system_api(name: &str) -> Option<ClaimFault> {
    let is_namespaced = below_url(&name.to_ascii_lowercase()).is_some();
    claim_fault(name).or_else(|| (!is_namespaced).then_some(ClaimFault::NotNamespaced))
}

/// The rest of a URL after its scheme; `None` if the name is no URL.
fn below_url(name: &str) -> Option<&str> {
    name.strip_prefix("https://").or_else(|| name.strip_prefix("http://"))
}

fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

const VENDOR_DOMAINS: [&str; 3] = ["auth0.com", "webtask.io", "webtask.run"];

/// The published list, and `scope`: an Action changes scopes only as target scopes.
const RESTRICTED: &[&str] = &[
    "acr",
    "act",
    "active",
    "amr",
    "at_hash",
    "ath",
    "attest",
    "aud",
    "auth_time",
    "authorization_details",
    "azp",
    "c_hash",
    "client_id",
    "cnf",
    "cty",
    "dest",
    "entitlements",
    "events",
    "exp",
    "groups",
    "gty",
    "htm",
    "htu",
    "iat",
    "internalService",
    "iss",
    "jcard",
    "jku",
    "jti",
    "jwe",
    "jwk",
    "kid",
    "may_act",
    "mky",
    "nbf",
    "nonce",
    "object_id",
    "org_id",
    "org_name",
    "orig",
    "origid",
    "permissions",
    "roles",
    "rph",
    "s_hash",
    "scope",
    "sid",
    "sip_callid",
    "sip_cseq_num",
    "sip_date",
    "sip_from_tag",
    "sip_via_branch",
    "sub",
    "sub_jwk",
    "toe",
    "txn",
    "typ",
    "uuid",
    "vot",
    "vtm",
    "x5t#S256",
];

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::ClaimFault::{NotNamespaced, Restricted, VendorNamespace};
    use super::{ClaimFault, DenyCode, claim_fault, claim_fault_on_system_api};

    #[test]
    fn every_code_is_parsed_from_its_own_name() {
        for code in DenyCode::ALL {
            assert_eq!(DenyCode::parse(code.as_str()), Some(code));
        }
        assert_eq!(DenyCode::parse("access_denied"), None);
    }

    // proves ACT1
    #[rstest]
    #[case::below_a_url("https://travel0.example/plan", None, None)]
    #[case::below_a_urn("urn:travel0:plan", None, Some(NotNamespaced))]
    #[case::without_a_namespace("plan", None, Some(NotNamespaced))]
    #[case::of_a_user_profile("email", None, Some(NotNamespaced))]
    #[case::a_claim_of_every_token("aud", Some(Restricted), Some(Restricted))]
    #[case::the_scopes("scope", Some(Restricted), Some(Restricted))]
    #[case::the_vendors_domain("https://auth0.com/plan", Some(VendorNamespace), Some(VendorNamespace))]
    #[case::a_tenants_domain("HTTPS://travel0.eu.Auth0.com:443/plan", Some(VendorNamespace), Some(VendorNamespace))]
    #[case::behind_a_user("http://me@webtask.run", Some(VendorNamespace), Some(VendorNamespace))]
    #[case::a_domain_that_ends_alike("https://notauth0.com/plan", None, None)]
    #[case::a_domain_that_begins_alike("https://auth0.com.travel0.example/plan", None, None)]
    #[case::the_vendors_urn("urn:auth0:plan", Some(VendorNamespace), Some(VendorNamespace))]
    #[case::a_urn_that_begins_alike("urn:auth0ish:plan", None, Some(NotNamespaced))]
    fn the_name_of_a_claim(
        #[case] name: &str,
        #[case] fault: Option<ClaimFault>,
        #[case] on_system_api: Option<ClaimFault>,
    ) {
        assert_eq!((claim_fault(name), claim_fault_on_system_api(name)), (fault, on_system_api), "{name}");
    }
}
