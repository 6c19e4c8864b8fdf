//! The certificate of the key that the tenant signs with, at addresses of its own and in four forms. Gateways that read
//! no key sets take it from there.
//!
//! The paths are documented ("Signing Keys"; a client id may follow, "Rate Limit Policy"), and so is that `cert=connection`
//! asks for another key, which is not modelled. Media types and the form of `/rawpem` are chosen (ASSUMPTIONS.md).

use http::header::CONTENT_TYPE;

use crate::api::call::Reply;
use crate::api::{Tenant, pairs};
use crate::token::SigningKey;

/// The form of a certificate.
struct Form {
    media_type: &'static str,
    write: fn(&SigningKey) -> Vec<u8>,
}

/// The paths, each with its form.
const FORMS: [(&str, Form); 4] = [
    ("/pem", Form { media_type: "application/x-pem-file", write: |key| key.certificate_pem().into_bytes() }),
    ("/cer", Form { media_type: "application/pkix-cert", write: |key| key.certificate_der().to_vec() }),
    ("/rawpem", Form { media_type: "text/plain; charset=utf-8", write: |key| key.certificate_base64().into_bytes() }),
    ("/pb7", Form { media_type: "application/x-pkcs7-certificates", write: |key| key.pkcs7_pem().into_bytes() }),
];

/// The paths without a client id.
pub(in crate::api) const PATHS: [&str; 4] = [FORMS[0].0, FORMS[1].0, FORMS[2].0, FORMS[3].0];

/// Whether a path is one of a certificate.
pub(super) fn is_at(path: &str) -> bool {
    form(path).is_some()
}

/// The certificate at this path; `None` for a client that is not there, and for the key of a connection.
pub(super) fn answer(tenant: &Tenant, path: &str, query: &str) -> Option<Reply> {
    let (form, client_id) = form(path)?;
    let wants_connection = pairs(query.as_bytes()).iter().any(|(name, value)| name == "cert" && value == "connection");
    // Every client of a tenant has the tenant's key.
    let knows_client = client_id.is_none_or(|id| tenant.state().clients.contains(id));
    let reply = Reply { body: (form.write)(tenant.keys().current()), ..Reply::default() };
    (knows_client && !wants_connection).then(|| reply.header(CONTENT_TYPE, form.media_type))
}

/// The form that a path asks for, and the client id behind it.
fn form(path: &str) -> Option<(&'static Form, Option<&str>)> {
    FORMS.iter().find_map(|(known, form)| match path.strip_prefix(known)? {
        "" => Some((form, None)),
        rest => rest.strip_prefix('/').filter(|id| !id.is_empty() && !id.contains('/')).map(|id| (form, Some(id))),
    })
}
