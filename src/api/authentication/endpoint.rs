//! The endpoints of the Authentication API as one table, which routing, faults and rate limits read.

use super::paths::{KEYS, TOKEN};
use crate::api::bucket::Bucket;

/// Every endpoint that is modelled.
static ENDPOINTS: [Endpoint; 12] = [
    Endpoint { method: "POST", path: TOKEN, bucket: Some(Bucket::Token), content: Content::Token },
    Endpoint { method: "GET", path: KEYS, bucket: Some(Bucket::Keys), content: Content::Keys },
    // One document under two names (token-endpoint, "Published documents").
    Endpoint::discovery("/.well-known/openid-configuration"),
    Endpoint::discovery("/.well-known/oauth-authorization-server"),
    Endpoint::certificate("/pem", Form::Pem),
    Endpoint::certificate("/pem/{client_id}", Form::Pem),
    Endpoint::certificate("/cer", Form::Der),
    Endpoint::certificate("/cer/{client_id}", Form::Der),
    Endpoint::certificate("/rawpem", Form::Base64),
    Endpoint::certificate("/rawpem/{client_id}", Form::Base64),
    Endpoint::certificate("/pb7", Form::Pkcs7),
    Endpoint::certificate("/pb7/{client_id}", Form::Pkcs7),
];

/// One endpoint.
pub(in crate::api) struct Endpoint {
    /// HTTP method. What answers GET answers HEAD as well; the edge leaves the body out.
    pub(in crate::api) method: &'static str,
    /// The path; `{client_id}` at its end is one segment.
    pub(in crate::api) path: &'static str,
    /// The rate limit that it has beside that of the whole API.
    pub(in crate::api) bucket: Option<Bucket>,
    /// The content of its answers.
    pub(super) content: Content,
}

/// The content of the answers of an endpoint.
#[derive(Clone, Copy)]
pub(super) enum Content {
    Token,
    /// The published keys.
    Keys,
    /// The discovery document.
    Discovery,
    Certificate(Form),
}

/// The form of a certificate.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Pem,
    Der,
    /// The base64 of DER in one line, without the frame of PEM.
    Base64,
    Pkcs7,
}

/// The endpoint that answers this method at this path.
pub(in crate::api) fn find(method: &str, path: &str) -> Option<&'static Endpoint> {
    let method = if method == "HEAD" { "GET" } else { method };
    ENDPOINTS.iter().find(|endpoint| endpoint.method == method && endpoint.is_at(path))
}

/// An endpoint at this path, whatever its method.
pub(in crate::api) fn at(path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.is_at(path))
}

impl Endpoint {
    const fn discovery(path: &'static str) -> Self {
        Endpoint { method: "GET", path, bucket: None, content: Content::Discovery }
    }

    const fn certificate(path: &'static str, form: Form) -> Self {
        Endpoint { method: "GET", path, bucket: None, content: Content::Certificate(form) }
    }

    /// Whether it gives tokens.
    pub(in crate::api) fn is_token(&self) -> bool {
        matches!(self.content, Content::Token)
    }

    fn is_at(&self, path: &str) -> bool {
        self.path == path || self.client_id(path).is_some()
    }

    /// The client id at the end of a path of this endpoint.
    pub(super) fn client_id<'p>(&self, path: &'p str) -> Option<&'p str> {
        let id = path.strip_prefix(self.path.strip_suffix("{client_id}")?)?;
        Some(id).filter(|id| !id.is_empty() && !id.contains('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::{ENDPOINTS, KEYS, TOKEN, at, find};

    fn found(method: &str, path: &str) -> Option<&'static str> {
        find(method, path).map(|endpoint| endpoint.path)
    }

    #[test]
    fn every_endpoint_is_found_by_its_own_method_and_path() {
        for endpoint in &ENDPOINTS {
            let path = endpoint.path.replace("{client_id}", "4V6U");
            assert_eq!(found(endpoint.method, &path), Some(endpoint.path));
            assert_eq!(found("DELETE", &path), None);
            assert_eq!(at(&path).map(|endpoint| endpoint.path), Some(endpoint.path));
        }
    }

    /// `redaction` imports nothing of the tenant, so its list of such paths is compared here.
    #[test]
    fn no_value_in_the_query_of_a_token_endpoint_is_written_down() {
        for endpoint in &ENDPOINTS {
            let target = format!("{}?organization=org_1", endpoint.path);
            let is_hidden = !crate::redaction::target(&target, "…").contains("org_1");
            assert_eq!(is_hidden, endpoint.is_token(), "{target}");
        }
    }

    #[test]
    fn head_is_answered_as_get() {
        assert_eq!(found("HEAD", KEYS), Some(KEYS));
        assert_eq!(found("HEAD", TOKEN), None);
    }

    #[test]
    fn a_client_id_is_one_segment() {
        for path in ["/pem/", "/pem/a/b", "/pemx", "/oauth/token/", "/"] {
            assert_eq!(found("GET", path), None, "{path}");
            assert_eq!(found("POST", path), None, "{path}");
        }
    }
}
