//! The HTTP client for tenants: straight to them, over TLS where they speak it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

/// The longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that trusts what the machine trusts, and these further authorities. Proxies of the environment and redirections
/// would change what is asked.
pub(crate) fn client(authorities: Vec<CertificateDer<'static>>) -> Result<Client, String> {
    let told = |error: &dyn std::fmt::Display| format!("no HTTP client: {error}");
    // Called explicitly: a process has one default provider, and it belongs to the user.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(authorities, Arc::clone(&provider)).map_err(|error| told(&error))?;
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| told(&error))?
        .dangerous() // its name for any verifier that is not its own
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    let client = Client::builder().no_proxy().timeout(PATIENCE).redirect(Policy::none()).tls_backend_preconfigured(tls);
    client.build().map_err(|error| told(&error))
}

/// The certificates of a PEM file.
pub(crate) fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let told = |error: &dyn std::fmt::Display| format!("{} holds no certificates in PEM: {error}", file.display());
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| told(&error))?;
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(|error| told(&error))?;
    if certificates.is_empty() { Err(told(&"it is empty")) } else { Ok(certificates) }
}
