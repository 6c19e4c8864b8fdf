//! The options of a connection that follow from the certificate or the metadata document of a SAML or WS-Federation
//! provider: the parts of the signing certificate, and the endpoints.
//!
//! A document at a URL (`metadataUrl`, `adfs_server`) is not fetched.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::api::timestamp::timestamp;
use crate::store::document::text;
use crate::token::pem::{self, Certificate, Pem};

/// The options that follow from a metadata document.
const DERIVED: [&str; 7] =
    ["bindingMethod", "cert", "expires", "signInEndpoint", "signOutEndpoint", "signingCert", "subject"];

/// Adds the options that follow from the certificate and the documents in the options. `stored` are the options before the change.
pub(super) fn derive(options: &mut Map<String, Value>, strategy: &str, stored: Option<&Value>) {
    match strategy {
        "samlp" => {
            if let Some(document) = text(options, "metadataXml").map(str::to_owned) {
                derive_from_saml(options, &document);
            } else if options.contains_key("metadataUrl") {
                keep_derived(options, stored);
            }
            derive_from_certificate(options);
        }
        "pingfederate" => {
            derive_from_certificate(options);
            // Answers have the certificate only as `cert` (recorded).
            options.remove("signingCert");
            let base = options.get("pingFederateBaseUrl").cloned();
            add(options, "signInEndpoint", base);
        }
        "adfs" => {
            let address = text(options, "fedMetadataXml").and_then(passive_endpoint);
            add(options, "signInEndpoint", address.map(Value::from));
        }
        _ => {}
    }
}

/// Reads a SAML document: the endpoints for login and logout, the binding, and the signing certificate. The document
/// itself is not stored (recorded).
fn derive_from_saml(options: &mut Map<String, Value>, document: &str) {
    options.remove("metadataXml");
    let endpoint = |element: &str| tags(document, element).find_map(|(tag, _)| attribute(tag, "Location"));
    let binding = tags(document, "SingleSignOnService").find_map(|(tag, _)| attribute(tag, "Binding"));
    let certificate = tags(document, "X509Certificate").next().and_then(|(_, rest)| rest.split('<').next());
    let certificate: Option<String> = certificate.map(|block| block.split_ascii_whitespace().collect());
    let certificate = certificate.and_then(|block| STANDARD.decode(block).ok());
    let certificate = certificate.map(|der| STANDARD.encode(pem::write("CERTIFICATE", &der)));
    for (option, derived) in [
        ("signInEndpoint", endpoint("SingleSignOnService")),
        ("signOutEndpoint", endpoint("SingleLogoutService")),
        ("bindingMethod", binding),
        ("signingCert", certificate),
    ] {
        add(options, option, derived.map(Value::from));
    }
}

/// Keeps the options of the previous document if a change has only the URL of a document.
fn keep_derived(options: &mut Map<String, Value>, stored: Option<&Value>) {
    for option in DERIVED {
        add(options, option, stored.and_then(|stored| stored.get(option)).cloned());
    }
    add(options, "bindingMethod", Some("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect".into()));
}

/// Adds the parts of `signingCert`, a PEM text or its base64 encoding.
fn derive_from_certificate(options: &mut Map<String, Value>) {
    let Some(certificate) = text(options, "signingCert") else { return };
    let decoded = || STANDARD.decode(certificate).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let pem = Some(certificate.to_owned()).filter(|text| text.contains("-----BEGIN ")).or_else(decoded);
    let Some(text) = pem else { return };
    let Some(Pem::Certificate(certificate)) = Pem::read(&text) else { return };
    for (option, part) in [
        ("thumbprints", json!([certificate.fingerprint])),
        ("expires", timestamp(certificate.expires).into()),
        ("subject", subject(&certificate)),
        ("cert", text.into()),
    ] {
        add(options, option, Some(part));
    }
}

/// The subject under the long names of its attributes.
fn subject(certificate: &Certificate) -> Value {
    let long =
        |name: &str| LONG_NAMES.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| long).to_owned();
    certificate.names.iter().map(|(name, value)| (long(name), Value::from(value.as_str()))).collect()
}

/// The long names of attributes. Three are recorded; the others are from OpenSSL.
const LONG_NAMES: &[(&str, &str)] = &[
    ("C", "countryName"),
    ("CN", "commonName"),
    ("DC", "domainComponent"),
    ("GN", "givenName"),
    ("L", "localityName"),
    ("O", "organizationName"),
    ("OU", "organizationalUnitName"),
    ("SN", "surname"),
    ("ST", "stateOrProvinceName"),
    ("UID", "userId"),
];

/// The login endpoint of a WS-Federation document.
fn passive_endpoint(document: &str) -> Option<String> {
    let (_, rest) = tags(document, "PassiveRequestorEndpoint").next()?;
    let (_, rest) = tags(rest, "Address").next()?;
    rest.split('<').next().map(|address| address.trim().to_owned()).filter(|address| !address.is_empty())
}

/// Adds an option if it does not exist.
fn add(options: &mut Map<String, Value>, option: &str, value: Option<Value>) {
    if let Some(value) = value.filter(|value| !value.is_null()) {
        options.entry(option).or_insert(value);
    }
}

/// The opening tags with this local name in a document: each without its brackets, and the text after it.
///
/// This is not an XML parser: it does not skip comments and CDATA sections. Metadata documents rarely have them, and the result is
/// not trusted.
fn tags<'a>(document: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let mut rest = document;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('<')?;
            let (tag, after) = after.split_once('>')?;
            rest = after;
            let full = tag.split(|next: char| next.is_ascii_whitespace() || next == '/').next().unwrap_or_default();
            if !tag.starts_with('/') && full.rsplit(':').next() == Some(name) {
                return Some((tag, after));
            }
        }
    })
}

/// The value of an attribute of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let quote = after.trim_start().chars().next().filter(|quote| ['"', '\''].contains(quote))?;
        let (value, next) = after.trim_start()[1..].split_once(quote)?;
        if before.split_ascii_whitespace().next_back() == Some(name) {
            return Some(value.replace("&amp;", "&"));
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::derive;

    const CERTIFICATE: &str = include_str!("../../../../fixtures/credentials/certificate.pem");

    fn derived(strategy: &str, options: Value, stored: Option<&Value>) -> Map<String, Value> {
        let Value::Object(mut options) = options else { unreachable!("written as an object") };
        derive(&mut options, strategy, stored);
        options
    }

    #[test]
    fn the_parts_of_a_certificate_become_options() {
        let options = derived("samlp", json!({ "signingCert": CERTIFICATE }), None);
        assert_eq!(options["cert"], CERTIFICATE);
        assert_eq!(options["signingCert"], CERTIFICATE);
        assert_eq!(options["thumbprints"][0].as_str().map(str::len), Some(40));
        assert!(options["expires"].as_str().is_some_and(|expires| expires.ends_with(".000Z")), "{options:?}");
        assert!(options["subject"]["countryName"].is_string(), "{options:?}");
    }

    #[test]
    fn a_pingfederate_connection_has_its_certificate_once() {
        let request = json!({ "signingCert": CERTIFICATE, "pingFederateBaseUrl": "https://ping.example.com" });
        let options = derived("pingfederate", request, None);
        assert_eq!((options.get("signingCert"), &options["cert"]), (None, &json!(CERTIFICATE)));
        assert_eq!(options["signInEndpoint"], "https://ping.example.com");
    }

    #[test]
    fn endpoints_and_certificate_come_from_a_saml_document() {
        let block: String = CERTIFICATE.lines().filter(|line| !line.starts_with("-----")).collect();
        let document = format!(
            r#"<?xml version="1.0"?><md:EntityDescriptor><md:SingleLogoutService Binding="b" Location='https://idp/out?a=1&amp;b=2'/>
            <md:SingleSignOnService  Location="https://idp/in" Binding = "urn:redirect" />
            <ds:X509Certificate> {block} </ds:X509Certificate></md:EntityDescriptor>"#
        );
        let options = derived("samlp", json!({ "metadataXml": document }), None);
        assert_eq!(options["signInEndpoint"], "https://idp/in");
        assert_eq!(options["signOutEndpoint"], "https://idp/out?a=1&b=2");
        assert_eq!(options["bindingMethod"], "urn:redirect");
        assert!(options["cert"].as_str().is_some_and(|cert| cert.starts_with("-----BEGIN CERTIFICATE-----\n")));
        assert_eq!(options.get("metadataXml"), None);

        let stored = Value::Object(options);
        let options = derived("samlp", json!({ "metadataUrl": "https://idp/metadata" }), Some(&stored));
        assert_eq!(options["signInEndpoint"], "https://idp/in");
        assert_eq!(options["cert"], stored["cert"]);
    }

    #[test]
    fn the_login_endpoint_comes_from_a_federation_document() {
        let document = "<f:PassiveRequestorEndpoint><a:EndpointReference><a:Address>\n https://adfs/in </a:Address>";
        assert_eq!(derived("adfs", json!({ "fedMetadataXml": document }), None)["signInEndpoint"], "https://adfs/in");
    }

    #[test]
    fn an_invalid_certificate_or_document_adds_no_option() {
        for request in [
            json!({ "signingCert": "a wish" }),
            json!({ "signingCert": "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----" }),
            json!({ "signingCert": 5 }),
            json!({}),
        ] {
            assert_eq!(Value::Object(derived("samlp", request.clone(), None)), request);
        }
        for document in
            ["", "<", "<a", "<SingleSignOnService Location=", "<SingleSignOnService Location=é>", "</X509Certificate>"]
        {
            assert_eq!(derived("samlp", json!({ "metadataXml": document }), None), Map::new(), "{document}");
        }
    }
}
