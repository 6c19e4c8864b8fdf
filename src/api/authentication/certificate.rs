//! The certificate of the key that the tenant signs with, at addresses of its own and in four forms. Gateways that read
//! no key sets take it from there.
//!
//! The paths are documented ("Signing Keys"; a client id may follow, "Rate Limit Policy"), and so is that `cert=connection`
//! asks for another key, which is not modelled. Media types and the form of `/rawpem` are chosen (ASSUMPTIONS.md).

use http::header::CONTENT_TYPE;

use super::endpoint::Form;
use super::parameters::Parameters;
use crate::api::call::{Body, Reply};
use crate::api::tenant::Tenant;
use crate::store::Kind;
use crate::token::SigningKey;

/// The certificate in this form; `None` for a client that does not exist, and for the key of a connection.
pub(super) fn answer(tenant: &Tenant, form: Form, client_id: Option<&str>, query: Option<&str>) -> Option<Reply> {
    let wants_connection = Parameters::of_query(query).has("cert", "connection");
    // Every client of a tenant has the tenant's key.
    let knows_client = client_id.is_none_or(|id| tenant.state()[Kind::Client].contains(id));
    let (media_type, body) = write(form, tenant.keys().current());
    let reply = Reply { body: Body::Bytes(body), ..Reply::default() };
    (knows_client && !wants_connection).then(|| reply.header(CONTENT_TYPE, media_type))
}

/// Media type and content of a certificate in this form.
fn write(form: Form, key: &SigningKey) -> (&'static str, Vec<u8>) {
    match form {
        Form::Pem => ("application/x-pem-file", key.certificate_pem().as_bytes().to_vec()),
        Form::Der => ("application/pkix-cert", key.certificate_der().to_vec()),
        Form::Base64 => ("text/plain; charset=utf-8", key.certificate_base64().into_bytes()),
        Form::Pkcs7 => ("application/x-pkcs7-certificates", key.pkcs7_pem().as_bytes().to_vec()),
    }
}
